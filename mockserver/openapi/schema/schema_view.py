"""Derives the types and members that values may have from a schema, as deserializing text and markup needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from math import isfinite
from typing import Any, Final, NamedTuple

from mockserver.json_pointer import escaped
from mockserver.json_text import Json, Malformed, read_json
from mockserver.openapi.schema.message_schemas import MessageSchemas
from mockserver.problem import Unusable

Resolve = Callable[[Json, str], tuple[Json, str]]
"""Follows the `$ref`s of a node: (node, pointer) -> (target node, its pointer)."""

Decode = Callable[[str], Any]
"""Converts text to a value; text that cannot be converted stays text, for the validator to reject."""

ANY: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
SCALARS: Final = ANY - {"array", "object"}


class CompileContext(NamedTuple):
    """The context in which operations are compiled: the document's schemas for requests and responses, a resolver for
    its references, and the contents of examples that are files.
    """

    views: MessageSchemas
    resolve: Resolve
    contents: Mapping[str, bytes] = {}

    def view(self, owner: Json, at: str, member: str = "schema") -> SchemaView:
        """A view of the schema that is this member of the node at `at`."""
        return SchemaView(self.resolve, owner.get(member, {}), f"{at}/{member}")


class SchemaView:
    """The types and members that values of one schema may have. Parts that cannot be followed add nothing."""

    def __init__(self, resolve: Resolve, schema: Json, pointer: str) -> None:
        self.schema = schema
        self.pointer = pointer
        self._resolve = resolve

    @cached_property
    def parts(self) -> tuple[tuple[Json, str], ...]:
        """Every schema that applies, or may apply, to the same value, nearest first, each with its pointer."""
        found: dict[str, Json] = {}
        waiting = [(self.schema, self.pointer)]
        while waiting and len(found) < _MOST:
            schema, at = waiting.pop(0)
            if isinstance(schema, dict) and at not in found:
                found[at] = schema
                waiting += self._beside(schema, at)
        return tuple((schema, at) for at, schema in found.items())

    def _beside(self, schema: Json, at: str) -> Iterator[tuple[Json, str]]:
        if "$ref" in schema:
            target = self._target(schema["$ref"], at)
            if target is not None:
                yield target
        for word in ("allOf", "oneOf", "anyOf"):
            listed = schema.get(word, ())
            yield from ((part, f"{at}/{word}/{number}") for number, part in enumerate(listed))
        for word in ("then", "else"):
            if word in schema:
                yield schema[word], f"{at}/{word}"

    def _target(self, ref: Json, at: str) -> tuple[Json, str] | None:
        try:
            return self._resolve({"$ref": ref}, at)
        except Unusable:
            return None

    @cached_property
    def name(self) -> str:
        """The name of the component that the schema is or refers to; empty for any other."""
        at = self.pointer
        if isinstance(self.schema, dict) and "$ref" in self.schema:
            target = self._target(self.schema["$ref"], at)
            at = at if target is None else target[1]
        holder, _, name = at.rpartition("/")
        return name if holder == "/components/schemas" else ""

    @cached_property
    def types(self) -> frozenset[str]:
        """The JSON types that a value may have; all of them if the schema does not restrict them."""
        types = self._types(self.schema, self.pointer, ())
        if types == ANY:
            schemas = [schema for schema, _ in self.parts]
            if any("properties" in schema for schema in schemas):
                return frozenset({"object"})
            if any("items" in schema or "prefixItems" in schema for schema in schemas):
                return frozenset({"array"})
        return types or ANY

    def _types(self, schema: Json, at: str, above: tuple[str, ...]) -> frozenset[str]:
        if not isinstance(schema, dict) or at in above or len(above) > _DEEPEST:
            return ANY
        types, above = _own_types(schema), (*above, at)
        if "$ref" in schema:
            target = self._target(schema["$ref"], at)
            types &= ANY if target is None else self._types(*target, above)
        for number, part in enumerate(schema.get("allOf", ())):
            types &= self._types(part, f"{at}/allOf/{number}", above)
        for word in ("oneOf", "anyOf"):
            if schema.get(word):
                each = (self._types(part, f"{at}/{word}/{n}", above) for n, part in enumerate(schema[word]))
                types &= frozenset().union(*each)
        return types

    @property
    def is_any(self) -> bool:
        return len(self.types) == len(ANY)

    @property
    def is_array(self) -> bool:
        """Whether a value may be an array according to the schema (False if it allows every type)."""
        return "array" in self.types and not self.is_any

    @property
    def is_object(self) -> bool:
        """Whether a value may be an object according to the schema (False if it allows every type)."""
        return "object" in self.types and not self.is_any

    @property
    def is_scalar(self) -> bool:
        """Whether a value may be other than an array, object or null."""
        return bool(self.types & (SCALARS - {"null"}))

    @cached_property
    def properties(self) -> Mapping[str, SchemaView]:
        """The declared members, each with its view."""
        found: dict[str, SchemaView] = {}
        for schema, at in self.parts:
            for name, member in schema.get("properties", {}).items():
                found.setdefault(name, self._at(member, f"{at}/properties/{escaped(name)}"))
        return found

    @cached_property
    def rest(self) -> SchemaView | None:
        """The view of undeclared members; None if the schema does not mention or forbids them."""
        for schema, at in self.parts:
            if "additionalProperties" in schema:
                rest = schema["additionalProperties"]
                forbidden = rest is False or rest == {"not": {}}
                return None if forbidden else self._at(rest, f"{at}/additionalProperties")
        return None

    @property
    def is_free(self) -> bool:
        """Whether an object may have members of any name, as far as names tell."""
        return self.rest is not None or not (self.properties or self._forbids)

    @property
    def _forbids(self) -> bool:
        return any(schema.get("additionalProperties") in (False, {"not": {}}) for schema, _ in self.parts)

    @cached_property
    def item(self) -> SchemaView:
        """The view of an array's items."""
        for schema, at in self.parts:
            if "items" in schema:
                return self._at(schema["items"], f"{at}/items")
        return self._at({}, "")

    def member(self, name: str) -> SchemaView:
        """The view of this member: its own, else that of undeclared members, else one that allows anything."""
        return self.properties.get(name) or self.rest or self._anything

    @cached_property
    def _anything(self) -> SchemaView:
        return self._at({}, "")

    def keyword(self, name: str) -> Json:
        """The value of this keyword in the nearest schema that has it; None if none has."""
        return next((schema[name] for schema, _ in self.parts if name in schema), None)

    @cached_property
    def decode(self) -> Decode:
        """Converts text to one of the possible types: numbers and booleans before text, JSON for a structure; a list in
        a list by its `collectionFormat` of Swagger.
        """
        separator = self.keyword(SEPARATOR) if self.is_array else None
        between = _BETWEEN.get(separator) if isinstance(separator, str) else None
        if between is None:
            return decoder(self.types)
        return lambda text: [self.item.decode(part) for part in text.split(between)] if text else []

    def _at(self, schema: Json, pointer: str) -> SchemaView:
        return SchemaView(self._resolve, schema, pointer)


SEPARATOR: Final = "x-collectionFormat"
"""The separator of a list's items where no style of OpenAPI 3 expresses it: Swagger's `ssv`, `tsv` or `pipes`; for a
list in a list also `csv`.
"""
_SEPARATORS: Final = {"ssv": " ", "tsv": "\t", "pipes": "|"}
_BETWEEN: Final = {"csv": ",", **_SEPARATORS}


def separator_of(node: Mapping[str, Json]) -> str:
    """The separator of a list's items; empty if its style defines it."""
    separator = node.get(SEPARATOR)
    return _SEPARATORS.get(separator, "") if isinstance(separator, str) else ""


_MOST: Final = 200
_DEEPEST: Final = 40
_NAMES: Mapping[type, str] = {
    bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object", type(None): "null",
}  # fmt: skip


def _own_types(schema: Json) -> frozenset[str]:
    types = schema.get("type")
    if types is None:
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if not values or not isinstance(values, list):
            return ANY
        types = [_NAMES.get(type(value), "string") for value in values]
    listed = frozenset({types} if isinstance(types, str) else types)
    return (listed | {"integer"} if "number" in listed else listed) & ANY


def decoder(types: frozenset[str]) -> Decode:
    """Converts text to one of these types."""
    wanted = types - {"string"} if len(types) < len(ANY) else frozenset()
    null = wanted == {"null"} or (bool(wanted) and "null" in wanted and "string" not in types)
    numbers, integers, booleans = (name in wanted for name in ("number", "integer", "boolean"))
    structures = bool(wanted & {"array", "object"})

    def decode(text: str) -> Any:
        if integers and len(text) < 1000 and _INTEGER.fullmatch(text):
            return int(text)
        if numbers and len(text) < 300 and _NUMBER.fullmatch(text):
            number = float(text)
            return number if isfinite(number) else text
        if booleans and text in _BOOLEANS:
            return _BOOLEANS[text]
        if null and text in _NULLS:
            return None
        if structures and text[:1] in _OPENING:
            return _structure(text)
        return text

    if "string" in types and not (numbers or integers or booleans or structures):
        return str
    return decode if wanted else str


def _structure(text: str) -> Any:
    try:
        return read_json(text.encode("utf-8", "replace"))
    except Malformed:
        return text


_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "false": False}
_NULLS = ("null", "")
_OPENING = ("{", "[")
