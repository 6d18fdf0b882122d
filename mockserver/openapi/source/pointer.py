"""The place of a part in a document, as a JSON pointer, as tokens or as a linked list of tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from mockserver.json_pointer import escaped

_SAFE = "!$&'()*+,;=:@?~"

DocumentPath = tuple[()] | tuple["DocumentPath", str]
"""A place as its parent's place and its own token: created for every node, rarely written out."""


def ref_to(path: Sequence[str]) -> str:
    """The text of a `$ref` to this place."""
    return "#" + "".join(f"/{quote(escaped(token), _SAFE)}" for token in path)


def tokens_of(location: DocumentPath) -> list[str]:
    """The tokens of the place, outermost first."""
    path = []
    while location:
        location, token = location
        path.append(token)
    return path[::-1]


def location_of(path: Sequence[str]) -> DocumentPath:
    """The place with these tokens."""
    location: DocumentPath = ()
    for token in path:
        location = (location, token)
    return location


def original(moves: Mapping[str, str], pointer: str) -> str:
    """Translates a pointer back to where the part stood before `moves` (new pointer to old)."""
    kept, rest = pointer, ""
    while kept and moves:
        if kept in moves:
            return moves[kept] + rest
        kept, slash, last = kept.rpartition("/")
        rest = f"{slash}{last}{rest}"
    return pointer
