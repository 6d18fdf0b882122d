"""Finds one violation of a value by asking validators on the way down to it, where explaining all takes too much."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import unquote

from mockserver.json_pointer import pointer_of, tokens, value_at
from mockserver.json_text import Json
from mockserver.openapi.schema.explanation import violations_of
from mockserver.openapi.schema.wording import seen_as
from mockserver.problem import Violation

_MOST_LEVELS: Final = 1_000
_MOST_APPLYING: Final = 20_000
"""Schemas that apply to the same value through references."""
_ASKING: Final = frozenset({
    "$ref", "$dynamicRef", "additionalProperties", "allOf", "anyOf", "contains", "dependentSchemas", "if", "items",
    "not", "oneOf", "patternProperties", "prefixItems", "properties", "propertyNames", "unevaluatedItems",
    "unevaluatedProperties",
})  # fmt: skip


class Deciding(Protocol):
    """Whether a value fits a schema."""

    def accepts(self, value: Json, /) -> bool: ...


class DecidingSchemas(Protocol):
    """The schemas of a document, each with what decides by it."""

    document: Json

    def validator(self, pointer: str) -> Deciding: ...


class _Part(NamedTuple):
    """A value, the pointer of its schema, and the token at which it stands in the value before."""

    pointer: str
    value: Json
    token: str = ""


def first_violation(schemas: DecidingSchemas, explain: Any, pointer: str, value: Json, place: str) -> Violation:
    """The first violation of an invalid value: at the place where no part of it is to blame alone. `explain` is an
    explainer of any schema of the document.
    """
    path: list[str] = []
    here = _Part(pointer, value)
    for _ in range(_MOST_LEVELS):
        applying = _applying(schemas.document, here.pointer)
        for _, schema in applying:
            own = {name: member for name, member in schema.items() if name not in _ASKING}
            for found in violations_of(explain.evolve(schema=own), here.value, place):
                return replace(found, pointer=pointer_of(path) + found.pointer)
        members = (part for at, schema in applying for part in _members(schema, at, here.value))
        wrong = next((part for part in members if not schemas.validator(part.pointer).accepts(part.value)), None)
        if wrong is None:
            return _by_itself([schema for _, schema in applying], here.value, place, pointer_of(path))
        here = wrong
        path.append(wrong.token)
    return _by_itself([], here.value, place, pointer_of(path))


def _applying(document: Json, pointer: str) -> list[tuple[str, dict[str, Json]]]:
    """The schemas that a value has to fit all, with their pointers: through references and `allOf`."""
    found: dict[str, dict[str, Json]] = {}
    waiting = deque([pointer])
    while waiting and len(found) < _MOST_APPLYING:
        at = waiting.popleft()
        schema = value_at(document, tokens(at))
        if at in found or not isinstance(schema, dict):
            continue
        found[at] = schema
        if "$ref" in schema:
            waiting.append(unquote(schema["$ref"].removeprefix("#")))
        waiting += (f"{at}/allOf/{number}" for number in range(len(schema.get("allOf", ()))))
    return [*found.items()]


def _members(schema: Json, at: str, value: Json) -> Iterator[_Part]:
    """The members and items of a value with the schemas that this one has for them."""
    if isinstance(value, dict):
        named = schema.get("properties", {})
        for name in value:
            if name in named:
                yield _Part(at + pointer_of(["properties", name]), value[name], name)
            elif "additionalProperties" in schema and "patternProperties" not in schema:
                yield _Part(f"{at}/additionalProperties", value[name], name)
    if isinstance(value, list):
        first = len(schema.get("prefixItems", ()))
        for number, item in enumerate(value):
            if number < first:
                yield _Part(f"{at}/prefixItems/{number}", item, str(number))
            elif "items" in schema:
                yield _Part(f"{at}/items", item, str(number))


def _by_itself(schemas: Sequence[Json], value: Json, place: str, at: str) -> Violation:
    """The violation of a value none of whose parts is invalid by itself."""
    for schema in schemas:
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                count = len(schema[keyword])
                message = f"fits none of the {count} alternatives" + (", or several" if keyword == "oneOf" else "")
                return Violation(place, at, keyword, message, seen_as(value))
    return Violation(place, at, "schema", "does not fit its schema", seen_as(value))
