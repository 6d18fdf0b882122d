"""Lists of objects inside a record, and what a path says of them."""

from __future__ import annotations

from typing import Final

from mockserver.resources.detect.decisions import Evidence, MemberPath
from mockserver.resources.detect.names import named
from mockserver.resources.detect.path_tree import PathNode, PathTree
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes, is_free, similarity
from mockserver.spelling import plain, singular, words_of

ADDS: Final = named("add append push insert put")
_ALIKE: Final = 0.6


def lists_of(shapes: SchemaShapes, record: SchemaShape) -> list[str]:
    """The members of a record that are lists of objects."""
    member = ((name, shapes.member(record, name)) for name in record.members)
    return [name for name, shape in member if shape.is_list and not shape.members and shapes.items(shape).members]


def list_named(shapes: SchemaShapes, record: SchemaShape, name: str) -> str:
    """The list of objects in a record that a segment of a path names; empty where it names none."""
    wanted = {plain(name), plain(singular(name)), plain(name) + "s"}
    found = [
        member for member in lists_of(shapes, record) if plain(member) in wanted or plain(singular(member)) in wanted
    ]
    return found[0] if found else ""


def part_named(shapes: SchemaShapes, record: SchemaShape, name: str, shown: SchemaShape) -> str:
    """The member of a record that a path below it is about: the object that an answer of the shape `shown` has, or the
    value that it has beside nothing else of its own. Empty where the path is about something else.
    """
    member = next((member for member in record.members if plain(member) == plain(name)), "")
    nested = shapes.member(record, member)
    if not member or nested.is_list:
        return ""
    if nested.members:
        return member if similarity(nested, shown) >= _ALIKE else ""
    if is_free(nested):
        return member if is_free(shown) else ""
    return member if member in shown.members and shown.members.keys() <= record.members.keys() else ""


def entry_path(shapes: SchemaShapes, body: SchemaShape, entry: SchemaShape) -> MemberPath | None:
    """The way to an entry in a body: the whole of it, or a member; None where there is none."""
    if body.is_list:
        return ()
    if similarity(body, entry) >= _ALIKE:
        return ()
    member = ((name, shapes.member(body, name)) for name in body.members)
    return next(((name,) for name, shape in member if similarity(shape, entry) >= _ALIKE), None)


def holds_list(shapes: SchemaShapes, tree: PathTree, node: PathNode, record: SchemaShape) -> Evidence | None:
    """Why an answer with a list is a record that holds it: below its path entries are added to it."""
    for name in lists_of(shapes, record):
        for other in tree.near(node.key):
            if len(other.key) != len(node.key) + 1 or other.get("POST", "PUT") is None:
                continue
            last = other.key[-1]
            adds = not ADDS.isdisjoint(words_of(last))
            if adds or list_named(shapes, record, last) == name:
                return Evidence(f"{other.first.operation.path} adds to its `{name}`", 0.65)
    return None
