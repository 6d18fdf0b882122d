"""Where something stands in a document: as a JSON pointer, as its tokens, as a trail of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from mockserver.json_pointer import escaped

_SAFE = "!$&'()*+,;=:@?~"

DocumentPath = tuple[()] | tuple["DocumentPath", str]
"""The way to a place, as its parent's trail and its own token: made for every node, and rarely looked at."""


def ref_to(way: Sequence[str]) -> str:
    """The text of a `$ref` that leads there."""
    return "#" + "".join(f"/{quote(escaped(token), _SAFE)}" for token in way)


def tokens_of(location: DocumentPath) -> list[str]:
    """The tokens of the trail, outermost first."""
    way = []
    while location:
        location, token = location
        way.append(token)
    return way[::-1]


def trail_of(way: Sequence[str]) -> DocumentPath:
    """The trail of these tokens."""
    location: DocumentPath = ()
    for token in way:
        location = (location, token)
    return location


def original(moves: Mapping[str, str], pointer: str) -> str:
    """The pointer before the moves (new pointer to old) of what stands at it now."""
    kept, rest = pointer, ""
    while kept and moves:
        if kept in moves:
            return moves[kept] + rest
        kept, slash, last = kept.rpartition("/")
        rest = f"{slash}{last}{rest}"
    return pointer
