"""The bound on the size of generated values, and an estimate of the smallest value that a schema allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from mockserver.json_text import Json

MOST_PARTS: Final = 2_000
"""The most parts of one value that are made because a schema requires them: each member and item is a part, and so are
each 50 characters of a text.
"""

CHARACTERS: Final = 50
"""The characters of a text that are one part."""

_ENDLESS: Final = 10**12
_DEEPEST: Final = 60


class LeastSize:
    """Estimates how many parts the smallest value of a schema has. `resolve` follows a reference."""

    def __init__(self, resolve: Callable[[Json], Json]) -> None:
        self._resolve = resolve
        self._known: dict[int, tuple[Json, int]] = {}

    def exceeds(self, schema: Json) -> int:
        """The number of parts, if it is beyond the bound and that of no schema inside is; else 0."""
        parts = 0 if self._resolve(schema) is not schema else self.of(schema)
        inside = [inner for _, inner in _required(schema)] + [
            inner for keyword in ("allOf", "anyOf", "oneOf") for inner in _listed(schema, keyword)
        ]
        if parts <= MOST_PARTS or any(self.of(inner) > MOST_PARTS for inner in inside):
            return 0
        return parts

    def of(self, schema: Json, depth: int = _DEEPEST) -> int:
        """The number of parts, at most 10^12; 1 for a schema that refers to itself."""
        known = self._known.get(id(schema))
        if known is None:
            self._known[id(schema)] = schema, 1
            parts = min(_ENDLESS, self._count(schema, depth)) if depth and isinstance(schema, dict) else 1
            known = self._known[id(schema)] = schema, parts
        return known[1]

    def _count(self, schema: dict[str, Json], depth: int) -> int:
        target = self._resolve(schema)
        if target is not schema:
            return self.of(target, depth - 1)
        own = 1 + sum(min(times, _ENDLESS) * self.of(inner, depth - 1) for times, inner in _required(schema))
        own += min(_number(schema, "minLength"), _ENDLESS) // CHARACTERS
        for keyword, choose in (("allOf", max), ("anyOf", min), ("oneOf", min)):
            parts = [self.of(inner, depth - 1) for inner in _listed(schema, keyword)]
            own = max(own, choose(parts)) if parts else own
        return own


def _required(schema: Json) -> Iterator[tuple[int, Json]]:
    """The schemas of which a value has parts, each with the number of parts."""
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    named = properties if isinstance(properties, dict) else {}
    names = [name for name in _listed(schema, "required") if isinstance(name, str)]
    yield from ((1, named.get(name, True)) for name in names)
    contained = _number(schema, "minContains") if "contains" in schema else 0
    counts = (
        (contained, schema.get("contains", True)),
        (_number(schema, "minItems") - contained, schema.get("items", True)),
        (_number(schema, "minProperties") - len(names), True),
    )
    yield from ((times, inner) for times, inner in counts if times > 0)


def _listed(schema: dict[str, Json], keyword: str) -> list[Json]:
    found = schema.get(keyword)
    return found if isinstance(found, list) else []


def _number(schema: dict[str, Json], keyword: str) -> int:
    found = schema.get(keyword, 0)
    return int(found) if isinstance(found, (int, float)) and found > 0 else 0
