"""Detects answers about a whole collection that are no lists: an object of records by their ids, and counts."""

from __future__ import annotations

from typing import Final

from mockserver.resources.detect.decisions import Evidence, MemberPath, Role
from mockserver.resources.detect.locate import Located
from mockserver.resources.detect.names import LISTS, MARKS, WRAPPERS
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.resource import Resource
from mockserver.resources.detect.schema_shape import SchemaPlace, SchemaShape, SchemaShapes, similarity
from mockserver.spelling import plain, singular, words_of

_ALIKE: Final = 0.6


def values_of(shapes: SchemaShapes, shape: SchemaShape) -> SchemaPlace | None:
    """Returns the schema of the values of an object without named members; None where it is no such object."""
    node = shape.node
    if shape.members or shape.is_list or not isinstance(node, dict):
        return None
    if isinstance(node.get("additionalProperties"), dict):
        place = SchemaPlace(node["additionalProperties"], f"{shape.pointer}/additionalProperties")
        return place if shapes.at(place).members else None
    patterns = node.get("patternProperties")
    if isinstance(patterns, dict) and len(patterns) == 1:
        pattern = next(iter(patterns))
        escaped = pattern.replace("~", "~0").replace("/", "~1")
        place = SchemaPlace(patterns[pattern], f"{shape.pointer}/patternProperties/{escaped}")
        return place if shapes.at(place).members else None
    return None


def find_map(shapes: SchemaShapes, shape: SchemaShape, name: str) -> Located | None:
    """Returns the object of records in an answer of this shape, or in a member of it; `name` is the collection's."""
    place = values_of(shapes, shape)
    if place is not None:
        return Located((), shapes.at(place), 1.0, "answers an object of them by their ids")
    names = {plain(name), *words_of(name)[-1:]}
    for member in shape.members:
        called = plain(member) in WRAPPERS or plain(member) in LISTS or plain(member) in names
        place = values_of(shapes, shapes.member(shape, member)) if called else None
        if place is not None:
            return Located((member,), shapes.at(place), 0.8, f"`{member}` of its answer has them by their ids")
    return None


def map_role(
    shapes: SchemaShapes, view: OperationView, name: str, record: SchemaShape, evidence: tuple[Evidence, ...]
) -> Role | None:
    """Returns the role of an operation that answers the records by their ids; None where it answers no such object."""
    found = find_map(shapes, view.shape, name)
    if found is None and value_member(shapes, view.shape, record):
        why = Evidence("answers an object of their values by their ids", 0.5)
        return Role(view.id, "map", name, (), keys=view.parameters, evidence=(*evidence, why))
    if found is None or similarity(found.shape, record) < _ALIKE:
        return None
    why = Evidence(found.why, 0.5)
    return Role(view.id, "map", name, found.member_path, keys=view.parameters, evidence=(*evidence, why))


def value_member(shapes: SchemaShapes, shape: SchemaShape, record: SchemaShape) -> str:
    """Returns the member of records that an object of values shows of each: `value` of labels that stand at
    `/labels/{key}` as `{key, value}`. Empty where there is none.
    """
    node = shape.node if isinstance(shape.node, dict) else {}
    values = node.get("additionalProperties")
    if shape.members or not isinstance(values, dict) or len(record.members) > _FEW:
        return ""
    member = shapes.at(SchemaPlace(values, f"{shape.pointer}/additionalProperties"))
    named_so = (name for name in record.members if plain(name) in ("value", "content", "data"))
    return next((name for name in named_so if member.types & shapes.member(record, name).types), "")


_FEW: Final = 3


_COUNTS: Final = frozenset({"count", "counts", "total", "size", "quantity", "number"})
"""Words of paths that count records."""
_STATISTICS: Final = frozenset({"stats", "stat", "statistics", "summary", "metrics", "totals", "overview"})
"""Words of paths whose answers may have a count among other numbers."""
_FILLERS: Final = frozenset({"of", "get", "the", "all", "in", "by"})
_DEEPEST: Final = 3


def count_role(shapes: SchemaShapes, resource: Resource, view: OperationView, literal: str) -> Role | None:
    """Returns the role of an operation whose path counts the records of a collection; None where it does not."""
    collection = resource.collection
    if view.method != "GET" or collection.singleton:
        return None
    is_statistic = {*words_of(literal)} <= _STATISTICS and _counts(shapes, view.shape, collection.name)
    if not is_statistic and not asks_how_many(literal, collection.name):
        return None
    member_path = path_to_number(shapes, view.shape, collection.name)
    if member_path is None and view.shown is not None:
        return None
    why = Evidence(f"`{literal}` of its path asks how many there are", 0.5)
    return Role(
        view.id, "count", collection.name, member_path or (), keys=view.parameters, evidence=(*collection.evidence, why)
    )


def _counts(shapes: SchemaShapes, shape: SchemaShape, name: str) -> bool:
    """Returns whether an object has a member that counts records of this name."""
    many, one = plain(name.rpartition(".")[2]), plain(singular(name.rpartition(".")[2]))
    called = {f"total{many}", f"{one}count", f"{many}count", f"num{many}", many, "count", "total"}
    return any(plain(member) in called and "integer" in shapes.member(shape, member).types for member in shape.members)


def asks_how_many(literal: str, name: str) -> bool:
    """Returns whether a literal asks for the number of the records of this name, or just for a number."""
    spoken = {*words_of(literal)}
    rest = spoken - _COUNTS - _FILLERS
    own = {*words_of(name.rpartition(".")[2]), *words_of(singular(name.rpartition(".")[2]))}
    return not spoken.isdisjoint(_COUNTS) and rest <= own


def path_to_number(shapes: SchemaShapes, shape: SchemaShape, name: str) -> MemberPath | None:
    """Returns the path of the number in an answer: the whole of it, or a member with a name of counts; None where there
    is none.
    """
    if shape.is_scalar:
        return () if shape.is_counted or "string" in shape.types else None
    numbers = {member for member in shape.members if shapes.member(shape, member).types & {"integer", "number"}}
    own = plain(singular(name.rpartition(".")[2]))
    for member in shape.members:
        called = plain(member)
        says = MARKS.get(called) in ("total", "count", "size") or called.removeprefix("total").startswith(own)
        if member in numbers and (says or called in _COUNTS):
            return (member,)
    if len(numbers) == 1:
        return (next(iter(numbers)),)
    for member in shape.members:
        nested = shapes.member(shape, member)
        inner = path_to_number(shapes, nested, name) if nested.members else None
        if inner is not None:
            return (member, *inner)
    return None
