"""Media types with their parameters, as in `Content-Type`, `Accept` and the names in a document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

_PARAMETER: Final = re.compile(r';\s*([^=;\s"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))')
_ANY_CASE: Final = frozenset({"charset"})
"""Parameters whose values are case-insensitive."""


class MediaType(NamedTuple):
    """A media type or range: its lower-case name (`application/json`), and its parameters by lower-case name."""

    name: str
    parameters: Mapping[str, str]

    def agrees(self, wanted: Mapping[str, str], names: Iterable[str]) -> bool:
        """Whether each of these parameters that is wanted has the wanted value."""
        return all(wanted[name] == self.parameters.get(name) for name in names if name in wanted)


@lru_cache(maxsize=1_000)
def media_type(text: str) -> MediaType:
    """Parses a media type; one that cannot be parsed has no parameters."""
    name = text.partition(";")[0].strip().lower()
    if ";" not in text:
        return MediaType(name, {})
    return MediaType(name, {found[1].lower(): _value(found) for found in _PARAMETER.finditer(text)})


def _value(found: re.Match[str]) -> str:
    text = found[3].strip() if found[2] is None else re.sub(r"\\(.)", r"\1", found[2])
    return text.lower() if found[1].lower() in _ANY_CASE else text


def distinguishing(types: Iterable[MediaType]) -> frozenset[str]:
    """The parameters that select between media types of one name, or name the variant of the only one. A charset
    describes the encoding and selects only where there are several.
    """
    known = [*types]
    names = {name for known_type in known for name in known_type.parameters}
    return frozenset(
        name
        for name in names
        if name not in _ANY_CASE or len({known_type.parameters.get(name) for known_type in known}) > 1
    )
