"""Shapes: the structure of a schema's values, independent of how it is written: members, items, types and
their places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import Final, NamedTuple

from mockserver.generate.plans.discriminator import tag_of
from mockserver.json_pointer import escaped
from mockserver.json_text import Json
from mockserver.openapi.model.document import Resolver
from mockserver.problem import Unusable
from mockserver.resources.detect.example_schema import schema_of, values_below

_DEEPEST: Final = 12
_NESTED: Final = 4
"""Depth of alternatives inside alternatives."""
MOST_VARIANTS: Final = 24


class SchemaPlace(NamedTuple):
    """A schema as it is written, and its JSON pointer."""

    node: Json
    pointer: str


MOST_MEMBERS: Final = 2_000
"""The members, and the values of an `enum`, of one schema that are looked at, the first ones; of a schema with more
members any others may come.
"""


@dataclass(frozen=True, slots=True)
class SchemaShape:
    """The structure of one schema with its `$ref`, `allOf` and the first fitting branch of its alternatives as one.

    `refs` are the pointers of the schemas that this one *is* (it or its only alternative refers to them); `bases` those
    that it has besides. `free` says that members may come that are not named;
    `again` has what further parts of an `allOf` declare of a member.
    """

    pointer: str
    types: frozenset[str] = frozenset()
    members: Mapping[str, SchemaPlace] = field(default_factory=dict, repr=False)
    required: frozenset[str] = frozenset()
    items: SchemaPlace | None = None
    refs: frozenset[str] = frozenset()
    bases: frozenset[str] = frozenset()
    free: bool = True
    format: str = ""
    enum: tuple[Json, ...] = ()
    node: Json = field(default=None, repr=False)
    read_only: bool = False
    write_only: bool = False
    again: Mapping[str, tuple[SchemaPlace, ...]] = field(default_factory=dict, repr=False)

    @property
    def is_object(self) -> bool:
        return bool(self.members) or "object" in self.types

    @property
    def is_list(self) -> bool:
        return "array" in self.types or (self.items is not None and not self.types)

    @property
    def is_scalar(self) -> bool:
        return bool(self.types & {"string", "integer", "number", "boolean"}) and not self.is_object

    @property
    def is_counted(self) -> bool:
        """Whether the value may be a number."""
        return bool(self.types & {"integer", "number"}) or not self.types

    @property
    def takes_null(self) -> bool:
        return "null" in self.types or None in self.enum


NOTHING: Final = SchemaShape("")


class SchemaVariant(NamedTuple):
    """One of the shapes that a schema allows, and the member with the value that announces it (its discriminator);
    empty where there is none.
    """

    shape: SchemaShape
    tag: tuple[str, str] = ("", "")


class SchemaShapes:
    """The shapes of one document's schemas, each read once."""

    def __init__(self, document: Json) -> None:
        self.resolve = Resolver(document)
        self._known: dict[str, SchemaShape] = {}
        self._variants: dict[str, tuple[SchemaVariant, ...]] = {}
        self.examples: dict[str, Json] = {}

    def at(self, place: SchemaPlace) -> SchemaShape:
        """Returns the shape of a schema; NOTHING where a reference leads nowhere."""
        known = self._known.get(place.pointer)
        if known is None:
            known = self._known[place.pointer] = self._read(place, _DEEPEST)
        return known

    def of_example(self, example: Json, pointer: str) -> SchemaPlace:
        """Returns the schema derived from an example, as if it stood at the pointer; `examples` has its parts."""
        if pointer not in self.examples:
            self.examples |= values_below(example, pointer)
        return SchemaPlace(schema_of(example), pointer)

    def member(self, shape: SchemaShape, *member_path: str) -> SchemaShape:
        """Returns the shape of a nested member; NOTHING where there is none."""
        for name in member_path:
            if name not in shape.members:
                return NOTHING
            shape = self.at(shape.members[name])
        return shape

    def items(self, shape: SchemaShape) -> SchemaShape:
        """Returns the shape of a list's items; NOTHING where it declares none."""
        return NOTHING if shape.items is None else self.at(shape.items)

    def variants(self, place: SchemaPlace) -> tuple[SchemaVariant, ...]:
        """Returns every shape that the alternatives at this place allow, at most MOST_VARIANTS; one where there are
        none.
        """
        known = self._variants.get(place.pointer)
        if known is None:
            known = self._variants[place.pointer] = tuple(self._varied(place, _NESTED)) or (
                SchemaVariant(self.at(place)),
            )
        return known

    def _varied(self, place: SchemaPlace, depth: int) -> list[SchemaVariant]:
        try:
            node, pointer = self.resolve(place.node, place.pointer)
        except Unusable:
            return []
        if not isinstance(node, dict) or not depth:
            return [SchemaVariant(self.at(place))]
        choices = [
            self._varied(SchemaPlace(part, f"{pointer}/allOf/{number}"), depth - 1)
            for number, part in enumerate(node.get("allOf", ()))
        ]
        choices += [self._branches(node, pointer, keyword, depth) for keyword in ("oneOf", "anyOf") if keyword in node]
        choices += [self._derived(node, pointer, depth)] if depth == _NESTED else []
        choices = [choice for choice in choices if choice]
        if all(len(choice) == 1 for choice in choices):
            return [SchemaVariant(self.at(place))]
        own = self._own(node, pointer)
        merged = islice(product(*choices), MOST_VARIANTS)
        return [_combined(own, [*parts], pointer, node) for parts in merged]

    def _branches(self, node: Mapping[str, Json], pointer: str, keyword: str, depth: int) -> list[SchemaVariant]:
        """Returns the alternatives of a `oneOf` or an `anyOf`."""
        found = []
        discriminator = node.get("discriminator")
        for number, part in enumerate(node.get(keyword, ())):
            inner = self._varied(SchemaPlace(part, f"{pointer}/{keyword}/{number}"), depth - 1)
            ref = part.get("$ref") if isinstance(part, dict) else None
            if isinstance(discriminator, dict) and isinstance(ref, str):
                tag = str(discriminator.get("propertyName", "")), tag_of(discriminator, ref)
                inner = [SchemaVariant(variant.shape, tag) for variant in inner]
            found += inner
        return found

    def _derived(self, node: Mapping[str, Json], pointer: str, depth: int) -> list[SchemaVariant]:
        """Returns the schemas that a discriminator without alternatives names and that include this one by `allOf`;
        last this one itself.
        """
        discriminator = node.get("discriminator")
        if not isinstance(discriminator, dict) or "oneOf" in node or "anyOf" in node:
            return []
        name = str(discriminator.get("propertyName", ""))
        mapping = discriminator.get("mapping")
        found = []
        for tag, ref in (mapping if isinstance(mapping, dict) else {}).items():
            if not isinstance(ref, str) or not ref.startswith("#/"):
                continue
            try:
                derived = SchemaPlace(*self.resolve({"$ref": ref}, pointer))
            except Unusable:
                continue
            if derived.pointer != pointer:
                found += [
                    SchemaVariant(variant.shape, (name, str(tag))) for variant in self._varied(derived, depth - 1)
                ]
        return [*found, SchemaVariant(self._own(node, pointer))] if found else []

    def spoken(self, place: SchemaPlace) -> SchemaPlace:
        """Returns the alternative that represents all at this place; the place itself where it has none."""
        for _ in range(_DEEPEST):
            try:
                node, pointer = self.resolve(place.node, place.pointer)
            except Unusable:
                return place
            branches = _alternatives(node, pointer)
            shapes = [self.at(branch) for branch in branches]
            real = [*map(_is_failure, shapes)]
            in_words = [each for each, fails in zip(branches, real, strict=True) if not fails or all(real)]
            branch = next((branch for branch in in_words if self.at(branch).members), None)
            if branch is None:
                return place
            place = branch
        return place

    def _read(self, place: SchemaPlace, depth: int) -> SchemaShape:
        node, refs = place.node, []
        try:
            node, pointer = self.resolve(node, place.pointer)
        except Unusable:
            return NOTHING
        if pointer != place.pointer:
            refs.append(pointer)
            known = self._known.get(pointer)
            if known is None and depth:
                known = self._known[pointer] = self._read(SchemaPlace(node, pointer), depth - 1)
            if known is not None:
                beside = place.node
                return _referred(known, pointer, beside)
        if not isinstance(node, dict) or not depth:
            return NOTHING
        parts = [self._own(node, pointer), *self._parts(node, pointer, depth)]
        return _merged(parts, pointer, node)

    def _own(self, node: Mapping[str, Json], pointer: str) -> SchemaShape:
        types = node.get("type", ())
        named = {types} if isinstance(types, str) else {*types}
        members = node.get("properties", {})
        is_cut = len(members) > MOST_MEMBERS
        items = node.get("items")
        values = node["enum"] if "enum" in node else [node["const"]] if "const" in node else []
        return SchemaShape(
            pointer,
            frozenset(named) | (frozenset({"null"}) if node.get("nullable") is True else frozenset()),
            {
                name: SchemaPlace(member, f"{pointer}/properties/{escaped(name)}")
                for name, member in islice(members.items(), MOST_MEMBERS)
                if isinstance(member, dict)
            },
            frozenset(node.get("required", ())),
            SchemaPlace(items, f"{pointer}/items") if isinstance(items, dict) else None,
            free=node.get("additionalProperties", None) not in (False, None) or not members or is_cut,
            format=str(node.get("format", "")),
            enum=tuple(islice(values, MOST_MEMBERS)),
            read_only=node.get("readOnly") is True,
            write_only=node.get("writeOnly") is True,
        )

    def _parts(self, node: Mapping[str, Json], pointer: str, depth: int) -> Iterator[SchemaShape]:
        for number, part in enumerate(node.get("allOf", ())):
            yield self._read(SchemaPlace(part, f"{pointer}/allOf/{number}"), depth - 1)
        for keyword in ("oneOf", "anyOf"):
            branches = [
                self._read(SchemaPlace(part, f"{pointer}/{keyword}/{number}"), depth - 1)
                for number, part in enumerate(node.get(keyword, ()))
            ]
            if branches:
                yield _alternative(branches)


def _combined(own: SchemaShape, parts: list[SchemaVariant], pointer: str, node: Json) -> SchemaVariant:
    """Returns one alternative of each choice combined with the keywords beside them."""
    tag = next((part.tag for part in parts if part.tag[0]), ("", ""))
    return SchemaVariant(_merged([own, *(part.shape for part in parts)], pointer, node), tag)


def _alternatives(node: Json, pointer: str) -> list[SchemaPlace]:
    """Returns the alternatives of a schema without other keywords; empty where it has others or a discriminator."""
    if not isinstance(node, dict) or not {"properties", "allOf", "discriminator"}.isdisjoint(node):
        return []
    keyword = "oneOf" if "oneOf" in node else "anyOf"
    return [SchemaPlace(part, f"{pointer}/{keyword}/{number}") for number, part in enumerate(node.get(keyword, ()))]


def _referred(known: SchemaShape, pointer: str, beside: Mapping[str, Json]) -> SchemaShape:
    """Returns the shape of a reference: its target, with the annotations beside the reference."""
    return replace(
        known,
        refs=known.refs | {pointer},
        read_only=known.read_only or beside.get("readOnly") is True,
        write_only=known.write_only or beside.get("writeOnly") is True,
    )


def _alternative(branches: list[SchemaShape]) -> SchemaShape:
    """Returns the alternative that represents all: the first with members, else the first list, else the first."""
    real = [branch for branch in branches if branch.types != {"null"}] or branches
    real = [branch for branch in real if not _is_failure(branch)] or real
    chosen = next((branch for branch in real if branch.members), None)
    chosen = chosen or next((branch for branch in real if branch.items is not None), None) or real[0]
    alone = len(real) == 1
    types = chosen.types if chosen.members else frozenset[str]().union(*(branch.types for branch in real))
    return replace(
        chosen,
        types=types | {"null"} if len(real) < len(branches) else types,
        required=chosen.required if alone else frozenset(),
        refs=chosen.refs if alone else frozenset(),
        bases=chosen.bases | chosen.refs,
        enum=chosen.enum if alone else (),
    )


def _is_failure(shape: SchemaShape) -> bool:
    """Returns whether an alternative describes an error."""
    called = [ref.rpartition("/")[2].lower().removesuffix("response").removesuffix("s") for ref in shape.refs]
    if any(name.endswith(("error", "problem", "exception", "failure", "fault")) for name in called):
        return True
    return len(shape.members) <= _FEW and any(name.lower() in ("error", "errors", "fault") for name in shape.required)


_FEW: Final = 4


def _merged(parts: list[SchemaShape], pointer: str, node: Json) -> SchemaShape:
    """Returns all parts combined; of conflicting keywords the first counts."""
    own, *more = parts
    if not more:
        return replace(own, node=node)
    members: dict[str, SchemaPlace] = {}
    again: dict[str, tuple[SchemaPlace, ...]] = {}
    for part in parts:
        for name, place in islice(part.members.items(), MOST_MEMBERS - len(members)):
            if name not in members or (_is_vague(members[name].node) and not _is_vague(place.node)):
                members[name] = place
            elif "properties" in place.node and place.pointer != members[name].pointer:
                again[name] = (*again.get(name, ()), place)
    alone = len(more) == 1 and not own.members and own.items is None
    refs = frozenset[str]().union(*(part.refs for part in more))
    bases = frozenset[str]().union(*(part.bases for part in more))
    return SchemaShape(
        pointer,
        frozenset[str]().union(*(part.types for part in parts)),
        members,
        frozenset[str]().union(*(part.required for part in parts)),
        next((part.items for part in parts if part.items is not None), None),
        refs if alone else frozenset(),
        bases if alone else bases | refs,
        any(part.free for part in parts if part.members) if members else True,
        next((part.format for part in parts if part.format), ""),
        next((part.enum for part in parts if part.enum), ()),
        node,
        any(part.read_only for part in parts),
        any(part.write_only for part in parts),
        again,
    )


def _is_vague(node: Json) -> bool:
    """Returns whether a schema declares nothing about the members of an object or the items of a list."""
    if not isinstance(node, dict) or node.keys() & {"$ref", "properties", "allOf", "oneOf", "anyOf", "enum", "const"}:
        return False
    if "items" in node:
        return _is_vague(node["items"])
    return node.get("type", "object") in ("object", "array") or node.get("type") == ["object", "null"]


def is_free(shape: SchemaShape) -> bool:
    """Returns whether a schema is an object without named members."""
    return bool(shape.pointer) and "object" in shape.types and not shape.members and shape.free and not shape.is_list


def similarity(one: SchemaShape, other: SchemaShape) -> float:
    """Returns how similar two schemas of records are: 1: the same, else the share of common members in the smaller."""
    own, others = one.refs | {one.pointer}, other.refs | {other.pointer}
    if one.pointer and own & others:
        return 1.0
    if own & other.bases or one.bases & others:
        return 0.9
    if not one.members or not other.members:
        return 0.0
    both = len(one.members.keys() & other.members.keys())
    fewer, more = sorted((len(one.members), len(other.members)))
    return 0.85 * both / fewer if both * 4 >= more or both == fewer else 0.5 * both / more


def dig(value: Json, member_path: tuple[str, ...]) -> Json:
    """Returns the value at the end of a member path; None where it is missing."""
    for name in member_path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def put(value: Json, member_path: tuple[str, ...], end: Json) -> Json:
    """Returns the value with another at the end of a member path, on which missing members are created."""
    if not member_path:
        return end
    member = value if isinstance(value, dict) else {}
    if len(member_path) == 1:
        return {**member, member_path[0]: end}
    return {**member, member_path[0]: put(member.get(member_path[0]), member_path[1:], end)}
