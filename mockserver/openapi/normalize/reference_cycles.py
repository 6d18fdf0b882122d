"""Finds schemas that refer to themselves before any member or item is entered; no value can be validated by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from mockserver.json_pointer import value_at
from mockserver.json_text import Json
from mockserver.openapi.source.pointer import ref_to

_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SINGLES: Final = ("not", "if", "then", "else")
_IN_PLACE: Final = frozenset({"$ref", "dependentSchemas", *_LISTS, *_SINGLES})

Tokens = tuple[str, ...]


class ReferenceCycle(NamedTuple):
    """The schema at `path` is a reference that closes a cycle; `replacement` is what can be kept of its target."""

    path: Tokens
    message: str
    replacement: Json


class _Step(NamedTuple):
    """A reference that applies to the same value: the keyword it stands under, its place, its target."""

    keyword: str
    holder: Tokens
    ref: str


def find_cycles(document: Json, targets: Sequence[Tokens], *, bluntly: bool = False) -> list[ReferenceCycle]:
    """One replacement for each cycle of references. The schema that closes a cycle is taken without the keyword that
    began it; if `bluntly`, without every keyword that can continue one.
    """
    schemas = {ref_to(path): (path, node) for path in targets if isinstance(node := value_at(document, path), dict)}
    done: set[str] = set()
    found: list[ReferenceCycle] = []
    bases_first = sorted(schemas, key=lambda ref: not ({"oneOf", "anyOf"} & schemas[ref][1].keys()))
    for start in bases_first:
        if start not in done:
            found += _from(start, schemas, done, bluntly)
    return found


def _from(
    start: str, schemas: dict[str, tuple[Tokens, Json]], done: set[str], bluntly: bool
) -> Iterator[ReferenceCycle]:
    """The cycles that can be reached from one schema, depth first."""
    stack = [(start, iter(_steps(start, schemas)))]
    leaving: dict[str, str] = {start: ""}
    while stack:
        here, steps = stack[-1]
        step = next(steps, None)
        if step is None:
            done.add(here)
            del leaving[here]
            stack.pop()
        elif step.ref in leaving:
            leaving[here] = step.keyword
            yield _cut(step, schemas[step.ref][1], _IN_PLACE if bluntly else frozenset({leaving[step.ref]}))
        elif step.ref not in done:
            leaving[here] = step.keyword
            leaving[step.ref] = ""
            stack.append((step.ref, iter(_steps(step.ref, schemas))))


def _cut(step: _Step, target: Json, without: frozenset[str]) -> ReferenceCycle:
    replacement = {name: value for name, value in target.items() if name not in without}
    taken = f"taken without its {', '.join(sorted(without & target.keys()))}"
    return ReferenceCycle(step.holder, f"{step.ref!r} leads round in a circle to itself; {taken}", replacement)


def _steps(ref: str, schemas: dict[str, tuple[Tokens, Json]]) -> list[_Step]:
    path, node = schemas[ref]
    if _IN_PLACE.isdisjoint(node):
        return []
    return [step for step in _leads(node, path, "") if step.ref in schemas]


def _leads(node: Json, path: Tokens, keyword: str) -> Iterator[_Step]:
    if not isinstance(node, dict):
        return
    if "$ref" in node:
        yield _Step(keyword or "$ref", path, node["$ref"])
    for name in _LISTS:
        for number, child in enumerate(node.get(name, ())):
            yield from _leads(child, (*path, name, str(number)), keyword or name)
    for name in _SINGLES:
        yield from _leads(node.get(name), (*path, name), keyword or name)
    for name, child in node.get("dependentSchemas", {}).items():
        yield from _leads(child, (*path, "dependentSchemas", name), keyword or "dependentSchemas")
