"""Tells which values of a valid request that was refused no accepted request of its operation had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple

from mockserver.json_pointer import pointer_of, value_at
from mockserver.json_text import Malformed, encode, read_json

MOST_SENT_VALUES: Final = 200
"""Values of one request that are looked at, the first ones."""

NAMED_VALUES: Final = 3
"""Values that a finding names."""

REFUSED_CANDIDATES: Final = 20
"""Refused requests of one finding from which the one with the fewest new values is chosen, the shortest ones."""

_SHOWN: Final = 100


class SentValue(NamedTuple):
    """A value of a request as text: `place` is body, query or path, `way` the names and numbers that lead to it."""

    place: str
    way: tuple[str, ...]
    value: str


class AcceptedValues:
    """The values of the accepted requests of one operation."""

    def __init__(self) -> None:
        self._values: set[int] = set()
        self._requests = 0

    def note(self, case: Any) -> None:
        """Remembers the values of an accepted request."""
        self._requests += 1
        self._values.update(map(hash, _sent_values(case)))

    def new_in(self, case: Any) -> list[SentValue]:
        """The values of a request that no accepted one had, in their order."""
        return [value for value in _sent_values(case) if hash(value) not in self._values]

    def why(self, case: Any, shown_body: bytes) -> str:
        """The values to suspect, in a sentence. Those of the body are told as in `shown_body`, which has no secrets."""
        if not self._requests:
            return "No request of this operation was accepted"
        new = self.new_in(case)
        if not new:
            return "Each of its values was accepted in another request; together, or at that time, they are not"
        named = ", ".join(_told(value, shown_body) for value in new[:NAMED_VALUES])
        more = f" and {len(new) - NAMED_VALUES} more" if len(new) > NAMED_VALUES else ""
        return f"Other requests were accepted, but none with {named}{more}"


def _sent_values(case: Any) -> Iterator[SentValue]:
    """The values of a case of Schemathesis, without those of its headers."""
    holders = {"path": case.path_parameters, "query": case.query, "body": case.body}
    every = (SentValue(place, way, value) for place, holder in holders.items() for way, value in _leaves(holder, ()))
    return islice(every, MOST_SENT_VALUES)


def _leaves(value: Any, way: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping) and value:
        for name, member in value.items():
            yield from _leaves(member, (*way, str(name)))
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from _leaves(item, (*way, str(number)))
    elif isinstance(value, str | int | float | list) or (value in ({}, None) and way):
        yield way, repr(value)


def _told(value: SentValue, shown_body: bytes) -> str:
    if value.place != "body":
        return f"this {value.place} {pointer_of(value.way)[1:]}"
    at = f"body {pointer_of(value.way)}".rstrip()
    try:
        seen = value_at(read_json(shown_body), value.way)
    except Malformed:
        return f"this {at}"
    text = "null" if seen is None else encode(seen).decode("utf-8", "replace")
    return f"{at} {text}" if len(text) <= _SHOWN else f"{at} {text[:_SHOWN]}… ({len(text):,} characters)"
