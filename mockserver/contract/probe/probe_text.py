"""Texts of probes with references in braces: to earlier answers, and to values that differ on each run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import quote

from mockserver.json_text import Json

_REFERENCE: Final = re.compile(
    r"\{(?P<name>[a-z][a-z0-9-]*)"
    r"(?: (?:(?P<pointer>/[^{}|]*?)|header (?P<header>[A-Za-z0-9-]+)|(?P<shift>[+-][0-9]+[smhd])))?"
    r"(?: ?\| ?(?P<filter>[a-z-]+))?\}"
)
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}

GIVEN: Final = ("unique", "uuid", "credential", "receiver", "now", "today", "hour", "number")
"""References to values that are no answers: a text that no earlier run has used, a random UUID, the credential of the
caller without its scheme, the address of the receiver of webhooks; the time, the day and the hour of the day in UTC,
which take a shift: `now +1h`; the number of an item of a list that is made of one,
or of a request that is sent several times, in 12 digits.
"""

TIMES, OF = "$times", "$of"
"""The members of an object that stands for a list: so many items like this one, whose texts may have `{number}`."""
MOST_ITEMS: Final = 5000
"""Items of such a list."""


class ProbeReference(NamedTuple):
    """One reference of a text.

    `name` is that of a step, of which it takes the value at the JSON pointer in the body or a header; or one of GIVEN,
    for `now` and `today` with a shift in seconds. `filter` is the name of a change of the text.
    """

    name: str
    pointer: str = ""
    header: str = ""
    shift: int = 0
    filter: str = ""

    @property
    def is_given(self) -> bool:
        """Whether it refers to no answer."""
        return self.name in GIVEN and not self.pointer and not self.header

    def __str__(self) -> str:
        return f"{f'the header {self.header}' if self.header else self.pointer or 'the body'} of `{self.name}`"


FILTERS: Final[Mapping[str, Callable[[str], str]]] = {
    "upper": str.upper,
    "lower": str.lower,
    "swapcase": str.swapcase,
    "last": lambda text: text.rstrip("/").rpartition("/")[2],
    "short": lambda text: text[:5],
    "date": lambda text: text[:10],
    "month": lambda text: text[:7],
    "spaced": lambda text: text[:19].replace("T", " "),
}
"""`last` is the last segment of a path, `short` the first five characters, `date` the day of a time, `month` its month,
`spaced` a time as `2026-03-21 14:30:00`.
"""


def references_of(text: str) -> Iterator[ProbeReference]:
    """Every reference in the text. Raises ValueError for a filter that is not known."""
    for found in _REFERENCE.finditer(text):
        yield _reference(found)


def all_references(value: Json) -> Iterator[ProbeReference]:
    """Every reference in the texts of a JSON value."""
    if isinstance(value, str):
        yield from references_of(value)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from references_of(name)
            yield from all_references(member)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from all_references(item)


def filled(value: Json, resolve: Callable[[ProbeReference], Json]) -> Json:
    """The value with every reference replaced. A text that is one reference alone becomes the value itself."""
    if isinstance(value, str):
        return _filled_text(value, resolve)
    if isinstance(value, Mapping) and value.keys() == {TIMES, OF}:
        return [filled(value[OF], _numbered(resolve, number + 1)) for number in range(value[TIMES])]
    if isinstance(value, Mapping):
        return {str(_filled_text(name, resolve)): filled(member, resolve) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(item, resolve) for item in value]
    return value


def _numbered(resolve: Callable[[ProbeReference], Json], number: int) -> Callable[[ProbeReference], Json]:
    return lambda reference: f"{number:012}" if reference.name == "number" else resolve(reference)


def _filled_text(text: str, resolve: Callable[[ProbeReference], Json]) -> Json:
    whole = _REFERENCE.fullmatch(text)
    if whole is not None:
        return _filtered(_reference(whole), resolve)
    return _REFERENCE.sub(lambda found: _as_text(_filtered(_reference(found), resolve)), text)


def moment(reference: ProbeReference, now: float) -> Json:
    """What `now`, `today` or `hour` stands for, in UTC: `2026-03-21T14:30:00Z`, `2026-03-21`, 14."""
    at = datetime.fromtimestamp(now + reference.shift, UTC)
    if reference.name == "hour":
        return at.hour
    return at.strftime("%Y-%m-%d") if reference.name == "today" else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _reference(found: re.Match[str]) -> ProbeReference:
    shift, name = found["shift"], found["filter"] or ""
    if name and name not in FILTERS:
        raise ValueError(f"{found[0]} has the filter {name!r}; known are {', '.join(FILTERS)}")
    seconds = int(shift[:-1]) * _UNITS[shift[-1]] if shift else 0
    return ProbeReference(found["name"], found["pointer"] or "", found["header"] or "", seconds, name)


def filled_target(text: str, resolve: Callable[[ProbeReference], Json]) -> str:
    """The path with every reference replaced and percent-encoded, after its filter."""
    return _REFERENCE.sub(lambda found: quote(_as_text(_filtered(_reference(found), resolve)), safe=""), text)


def _filtered(reference: ProbeReference, resolve: Callable[[ProbeReference], Json]) -> Json:
    value = resolve(reference)
    return FILTERS[reference.filter](_as_text(value)) if reference.filter else value


def _as_text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)
