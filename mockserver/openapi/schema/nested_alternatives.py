"""Judges how often a schema looks at one part of a value, since each alternative may look at all below it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from mockserver.json_text import Json
from mockserver.openapi.source.reference import is_value

_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SINGLES: Final = ("not", "if", "then", "else")
_MEMBERS: Final = ("properties", "dependentSchemas", "patternProperties")
_PARTS: Final = ("additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems", "contains")
_MOST: Final = 10**12

Target = Callable[[str], Json]


class NestedAlternatives:
    """The judgement of one document's schemas; `target` is the schema that a reference leads to."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._counts: dict[str, int] = {}

    def evaluations(self, ref: str) -> int:
        """How often the schema that is referred to looks at one part of a value, at most. What a schema asks of itself
        is not counted, since validators remember that.
        """
        if ref not in self._counts:
            self._judge(ref)
        return self._counts[ref]

    def evaluations_of(self, schema: Json) -> int:
        """The same for a schema that stands anywhere."""
        for ref in _refs_in(schema):
            self.evaluations(ref)
        return self._count(schema)

    def _judge(self, start: str) -> None:
        stack = [(start, iter(self._refs(start)))]
        open_refs = {start}
        while stack:
            here, refs = stack[-1]
            ref = next(refs, None)
            if ref is None:
                stack.pop()
                open_refs.discard(here)
                self._counts[here] = min(_MOST, self._count(self._target(here)))
            elif ref not in self._counts and ref not in open_refs:
                open_refs.add(ref)
                stack.append((ref, iter(self._refs(ref))))

    def _refs(self, ref: str) -> list[str]:
        return [*dict.fromkeys(_refs_in(self._target(ref)))]

    def _count(self, schema: Json) -> int:
        if not isinstance(schema, dict):
            return 1
        here = 1 + sum(self._counts.get(schema[name], 0) for name in ("$ref", "$dynamicRef") if name in schema)
        here += sum(self._count(part) for name in _LISTS for part in schema.get(name, ()))
        here += sum(self._count(schema[name]) for name in _SINGLES if name in schema)
        named = max((self._count(part) for name in _MEMBERS for part in schema.get(name, {}).values()), default=0)
        placed = max(map(self._count, schema.get("prefixItems", ())), default=0)
        return here + named + placed + sum(self._count(schema[name]) for name in _PARTS if name in schema)


def _refs_in(node: Json, *, is_map: bool = False) -> Iterator[str]:
    if isinstance(node, list):
        for child in node:
            yield from _refs_in(child)
    elif isinstance(node, dict):
        for name, child in node.items():
            if not is_map and name in ("$ref", "$dynamicRef") and isinstance(child, str):
                yield child
            elif isinstance(child, (dict, list)) and (is_map or not is_value(name, child)):
                yield from _refs_in(child, is_map=not is_map and name in (*_MEMBERS, "$defs"))
