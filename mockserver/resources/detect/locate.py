"""Locates the record, the list and the id in schemas of answers and bodies, and the lists inside a record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.resources.detect.decisions import Evidence, IdSpec, MemberPath
from mockserver.resources.detect.names import LISTS, WRAPPERS, named, same_name
from mockserver.resources.detect.operation_view import PathNode, PathTree
from mockserver.resources.detect.schema_shape import (
    NOTHING,
    SchemaPlace,
    SchemaShape,
    SchemaShapes,
    is_free,
    similarity,
)
from mockserver.spelling import plain, singular, words_of

UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
IDS: Final = ("id", "_id", "uuid", "guid", "gid", "sid", "uid", "key", "identifier")
"""Members that identify records, the likeliest first."""
_NAMES: Final = ("name", "slug", "login", "username", "code", "key", "handle", "number", "email", "token", "ref", "tag")
VALUES: Final = frozenset({"dataValue", "value"})
"""Keys of a named example that hold its value: since OpenAPI 3.2, and before."""
_ADDRESS: Final = re.compile(r"/\w|https?://")
_RESOURCE_ID: Final = re.compile(
    r"/subscriptions/|(?:fully qualified|azure|arm)\b.{0,20}\bid\b|^resource id", re.IGNORECASE
)
"""Wordings by which documents say that an id is the address of a resource."""
_SCALARS: Final = ("string", "integer", "number", "boolean", "null")
_HOLDERS: Final = ("metadata", "meta", "attributes", "header", "summary")


class Located(NamedTuple):
    """A schema at the end of a member path, the score of the match, and its reason."""

    member_path: MemberPath
    shape: SchemaShape
    score: float
    why: str


def find_list(shapes: SchemaShapes, shape: SchemaShape, name: str, like: SchemaShape = NOTHING) -> Located | None:
    """Returns the list of records in an answer of this shape; `name` is the collection's name in paths, `like` the
    shape of its records as far as it is known.
    """
    if shape.is_list and not shape.members:
        items = unwrapped(shapes, shapes.items(shape), like)
        return Located((), items, 1 + similarity(items, like), "answers a list") if _is_record(items) else None
    candidates = [*_lists(shapes, shape, like)]
    rated = [_rate(found, name, like, alone=len(candidates) == 1) for found in candidates]
    best = max(rated, key=lambda found: found.score, default=None)
    return best if best is not None and best.score >= 0.5 else None


def inner_path(shapes: SchemaShapes, item: SchemaShape, record: SchemaShape) -> MemberPath:
    """Returns the path of the record in an item of a list, at most two members deep: `node` in `edges[].node`."""
    if not record.members or similarity(item, record) >= _ALIKE or len(item.members) > _MOST_AROUND:
        return ()
    for member in item.members:
        nested = shapes.member(item, member)
        if not nested.is_list and similarity(nested, record) >= _SAME:
            return (member,)
    for member in item.members:
        nested = shapes.member(item, member)
        for name in nested.members if not nested.is_list else ():
            if similarity(shapes.member(nested, name), record) >= _SAME:
                return (member, name)
    return ()


def unwrapped(shapes: SchemaShapes, item: SchemaShape, record: SchemaShape) -> SchemaShape:
    """Returns the schema of the record inside an item of a list."""
    return shapes.member(item, *inner_path(shapes, item, record))


_ALIKE: Final = 0.6
_SAME: Final = 0.9
_MOST_AROUND: Final = 6
"""Members of an item that wraps a record."""


def _is_record(shape: SchemaShape) -> bool:
    return bool(shape.members)


def _lists(shapes: SchemaShapes, shape: SchemaShape, like: SchemaShape, deeper: int = 2) -> Iterator[Located]:
    for member, place in shape.members.items():
        if place.node.get("type") in _SCALARS or (member == "included" and "data" in shape.members):
            continue  # JSON:API's `included` are records beside those that were asked for
        nested = shapes.at(place)
        if nested.is_list and not nested.members:
            items = unwrapped(shapes, shapes.items(nested), like)
            if _is_record(items):
                yield Located((member,), items, 0.0, "")
        elif nested.members and deeper:
            for found in _lists(shapes, nested, like, deeper - 1):
                yield found._replace(member_path=(member, *found.member_path))


def _rate(found: Located, name: str, like: SchemaShape, *, alone: bool) -> Located:
    last = plain(found.member_path[-1])
    called = last in (plain(name), plain(singular(name)), plain(name) + "s")
    score = (0.6 if called else 0.3 if last in LISTS else 0.0) + (0.2 if alone else 0.0)
    score += (
        0.1
        if len(found.member_path) == 1 or found.member_path[0] in ("_embedded", "data", "result", "response")
        else 0.0
    )
    alike = similarity(found.shape, like)
    score += alike if alike >= 0.6 else 0.0
    return found._replace(score=score, why=f"`{'.'.join(found.member_path)}` of its answer is a list of records")


def find_record(
    shapes: SchemaShapes, shape: SchemaShape, name: str, parameter: str, like: SchemaShape = NOTHING
) -> Located | None:
    """Returns the record in an answer or a body of this shape: the whole of it, or one of its members. `parameter` is
    the last of the path, `like` the known shape of records.
    """
    if not shape.members:
        return None
    sole = _inside_sole(shapes, shape, name)
    if sole:
        found = find_record(shapes, shapes.member(shape, *sole), name, parameter, like)
        return found._replace(member_path=(*sole, *found.member_path)) if found is not None else None
    whole = Located((), shape, _record_score(shapes, shape, name, parameter, like), "the answer is the record")
    candidates = [whole]
    for member, place in shape.members.items():
        wraps = _wraps(shape, member, name)
        if place.node.get("type") in _SCALARS or not (wraps or like.members):
            continue
        nested = shapes.at(place)
        if nested.members and not nested.is_list and (wraps or similarity(nested, like) >= 0.9):
            score = _record_score(shapes, nested, name, parameter, like)
            why = f"`{member}` of the answer is the record"
            is_part = plain(member) not in WRAPPERS and any(other in shape.members for other in IDS)
            candidates.append(Located((member,), nested, score + (0.3 if wraps and not is_part else -0.2), why))
    best = max(candidates, key=lambda found: (found.score, -len(found.member_path)))
    return best if best.score > 0 or best is whole else None


def _inside_sole(shapes: SchemaShapes, shape: SchemaShape, name: str) -> MemberPath:
    """Returns the member whose object wraps the record in its turn: `data` of `{data: {budget: {...}}}`. Empty where
    none does.
    """
    member = next((member for member in shape.members if plain(member) in WRAPPERS), "")
    nested = shapes.member(shape, member) if member else NOTHING
    called = next((inner for inner in nested.members if plain(inner) == plain(singular(name))), "")
    has_own = any(inner in nested.members or inner in shape.members for inner in IDS)
    if not called or nested.is_list or has_own or len(nested.members) > _MOST_BESIDE:
        return ()
    record = shapes.member(nested, called)
    return (member,) if record.members and not record.is_list else ()


_MOST_BESIDE: Final = 3
"""Members of an object that wraps a record in another one: the record, and what is said about it."""


def _wraps(shape: SchemaShape, member: str, name: str) -> bool:
    called = plain(member)
    return called in WRAPPERS or called in (plain(name), plain(singular(name))) or len(shape.members) == 1


def _record_score(shapes: SchemaShapes, shape: SchemaShape, name: str, parameter: str, like: SchemaShape) -> float:
    alike = similarity(shape, like)
    found = find_id(shapes, shape, name, parameter, "")
    return (alike * 2 if alike >= 0.6 else 0.0) + (found[1].weight if found is not None else 0.0)


def find_id(
    shapes: SchemaShapes, record: SchemaShape, name: str, parameter: str, expected: str
) -> tuple[MemberPath, Evidence] | None:
    """Returns the path of the id in a record and its evidence, given the path parameter and its type."""
    names: dict[str, str] = {}
    for member in record.members:
        names.setdefault(plain(member), member)
    for wanted, weight, why in _wanted_ids(name, parameter):
        named = names.get(wanted) or names.get(plain(wanted))
        if named is None:
            continue
        nested = shapes.at(record.members[named])
        if not (nested.is_scalar or (not nested.types and not nested.members)):
            continue
        if nested.takes_null and wanted != plain(parameter):  # what may be missing tells nothing apart
            continue
        if is_address(nested) and (other := _named(shapes, record, names, "string")):
            return (other,), Evidence(f"a record has `{other}`; its `{named}` is an address", 0.5)
        if expected and weight < 0.5 and _clash(nested, expected):
            other = _named(shapes, record, names, expected)
            if other:
                return (other,), Evidence(f"a record has `{other}`, of the type of `{{{parameter}}}`", 0.3)
        return (named,), Evidence(f"a record has `{named}`, {why}", weight)
    for holder in _HOLDERS:
        nested = shapes.member(record, holder) if holder in record.members else NOTHING
        inner = same_name(parameter, nested.members) or ("id" if "id" in nested.members and _is_id(parameter) else None)
        if inner is not None and shapes.member(nested, inner).is_scalar:
            return (holder, inner), Evidence(f"a record has `{holder}.{inner}`, named as `{{{parameter}}}`", 0.5)
    for member in record.members:
        nested = shapes.member(record, member)
        inner = next((key for key in IDS if plain(member + key) == plain(parameter) and key in nested.members), None)
        if inner is not None and not nested.is_list:
            return (member, inner), Evidence(f"a record has `{member}.{inner}`, which `{{{parameter}}}` names", 0.5)
    return None


def _is_id(parameter: str) -> bool:
    return parameter.lower().endswith("id")


def _named(shapes: SchemaShapes, record: SchemaShape, names: Mapping[str, str], expected: str) -> str:
    """Returns a member that identifies records by a name, of the type of the path; empty where there is none."""
    nested = ((names[name], shapes.member(record, names[name])) for name in _NAMES if name in names)
    return next((member for member, shape in nested if not shape.takes_null and not _clash(shape, expected)), "")


def is_resource_path(path: str) -> bool:
    """Returns whether a path is one of resources whose `id` is this path, and which `name` identifies in it."""
    return path.startswith("/subscriptions/{") or PROVIDERS in path


PROVIDERS: Final = "/providers/"
"""Precedes the type of a resource in its path: `/providers/Acme.Db/accounts`."""


def is_address(member: SchemaShape) -> bool:
    """Returns whether an id is the path of the record, which no path parameter can hold: `/subscriptions/1/jobs/2`."""
    node = member.node if isinstance(member.node, dict) else {}
    example = _of_schema(node)
    if isinstance(example, str):
        return _ADDRESS.match(example) is not None
    return "string" in member.types and _RESOURCE_ID.search(str(node.get("description", ""))) is not None


def _clash(member: SchemaShape, expected: str) -> bool:
    """Returns whether an integer stands where the path has a text that is no number."""
    return expected == "string" and "integer" in member.types and "string" not in member.types


def _wanted_ids(name: str, parameter: str) -> Iterator[tuple[str, float, str]]:
    """Yields the names that the id may have, the likeliest first, each with its weight and reason."""
    kind = plain(singular(name))
    spelled = plain(parameter)
    if spelled:
        yield spelled, 0.6, f"named as `{{{parameter}}}`"
    rest = _without(words_of(parameter), (*words_of(name), *words_of(singular(name))))
    if rest and rest != spelled:
        yield rest, 0.55, f"as `{{{parameter}}}` says of {name}"
    for ending in ("id", "sid", "uuid", "key", "name", "code", "number", "slug"):
        if spelled.endswith(ending) and ending not in (spelled, rest):
            yield ending, 0.5, f"as `{{{parameter}}}` ends"
    for member in IDS:
        yield member, 0.45, "an id by its name"
    yield kind + "id", 0.5, f"the id of a {kind}"
    yield kind + "sid", 0.4, f"the id of a {kind}"
    if spelled.endswith(("name", "slug", "key", "code", "login", "handle")) or spelled in (kind, ""):
        for member in _NAMES:
            yield member, 0.35, "which tells records apart by its name"


def _without(parts: Iterable[str], nouns: Iterable[str]) -> str:
    used = {*nouns}
    return "".join(part for part in parts if part not in used)


def ident_of(
    shapes: SchemaShapes,
    record: SchemaShape,
    member_path: MemberPath,
    body: SchemaShape,
    given_path: SchemaPlace | None,
) -> IdSpec:
    """Returns the IdSpec of records whose id stands at `member_path`; `body` is the schema that creates one,
    `given_path` the node of the last path parameter.
    """
    path = _schema_of(given_path)
    in_path = NOTHING if path is None else shapes.at(path)
    if not member_path:
        return IdSpec((), kind_of(in_path, example_of(given_path)), path, given=True, path=path)
    place = shapes.member(record, *member_path[:-1]).members.get(member_path[-1])
    shape = NOTHING if place is None else shapes.at(place)
    sent = shapes.member(body, *member_path)
    given = sent is not NOTHING and not sent.read_only  # whatever answers call it
    kind = kind_of(shape, _example(shape))
    if kind == "text" and "integer" in in_path.types:
        kind = "digits"
    return IdSpec(member_path, kind, place, given, path)


def kind_of(shape: SchemaShape, example: Json) -> str:
    """Returns the kind of an id of this shape: `integer`, `uuid` or `text`."""
    if "integer" in shape.types or ("number" in shape.types and "string" not in shape.types):
        return "integer"
    if shape.format in ("uuid", "guid") or (isinstance(example, str) and UUID.fullmatch(example)):
        return "uuid"
    return "text"


def _schema_of(parameter: SchemaPlace | None) -> SchemaPlace | None:
    if parameter is None or not isinstance(parameter.node.get("schema"), dict):
        return None
    return SchemaPlace(parameter.node["schema"], f"{parameter.pointer}/schema")


def example_of(parameter: SchemaPlace | None) -> Json:
    """Returns the example of a path parameter; None where it has none."""
    if parameter is None:
        return None
    node = parameter.node
    if "example" in node:
        return node["example"]
    for example in (node.get("examples") or {}).values():
        if isinstance(example, dict) and (member := VALUES & example.keys()):
            return example[min(member)]
    schema = node.get("schema")
    return _of_schema(schema) if isinstance(schema, dict) else None


def _example(shape: SchemaShape) -> Json:
    return _of_schema(shape.node) if isinstance(shape.node, dict) else None


def _of_schema(schema: dict[str, Json]) -> Json:
    listed = schema.get("examples")
    if isinstance(listed, list) and listed:
        return listed[0]
    return schema.get("example")


ADDS: Final = named("add append push insert put")


def lists_of(shapes: SchemaShapes, record: SchemaShape) -> list[str]:
    """Returns the members of a record that are lists of objects."""
    member = ((name, shapes.member(record, name)) for name in record.members)
    return [name for name, shape in member if shape.is_list and not shape.members and shapes.items(shape).members]


def list_named(shapes: SchemaShapes, record: SchemaShape, name: str) -> str:
    """Returns the list of objects in a record that a path segment names; empty where it names none."""
    wanted = {plain(name), plain(singular(name)), plain(name) + "s"}
    found = [
        member for member in lists_of(shapes, record) if plain(member) in wanted or plain(singular(member)) in wanted
    ]
    return found[0] if found else ""


def part_named(shapes: SchemaShapes, record: SchemaShape, name: str, shown: SchemaShape) -> str:
    """Returns the member of a record that a path below it reads or writes: the object that an answer of the shape
    `shown` has, or its single value. Empty where there is none.
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
    """Returns the path of an entry in a body: the whole of it, or a member; None where there is none."""
    if body.is_list:
        return ()
    if similarity(body, entry) >= _ALIKE:
        return ()
    member = ((name, shapes.member(body, name)) for name in body.members)
    return next(((name,) for name, shape in member if similarity(shape, entry) >= _ALIKE), None)


def holds_list(shapes: SchemaShapes, tree: PathTree, node: PathNode, record: SchemaShape) -> Evidence | None:
    """Returns the evidence that an answer with a list is one record that contains it: entries are added below
    its path.
    """
    for name in lists_of(shapes, record):
        for other in tree.near(node.key):
            if len(other.key) != len(node.key) + 1 or other.get("POST", "PUT") is None:
                continue
            last = other.key[-1]
            adds = not ADDS.isdisjoint(words_of(last))
            if adds or list_named(shapes, record, last) == name:
                return Evidence(f"{other.first.operation.path} adds to its `{name}`", 0.65)
    return None
