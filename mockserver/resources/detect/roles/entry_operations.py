"""Detects operations inside a record: on the entries of a list, such as a cart's, and on objects and values with paths
of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mockserver.resources.detect.decisions import Evidence, MemberPath, Role
from mockserver.resources.detect.locate import (
    ADDS,
    entry_path,
    find_id,
    find_list,
    find_record,
    list_named,
    lists_of,
    part_named,
)
from mockserver.resources.detect.names import named, same_name
from mockserver.resources.detect.operation_view import Key, OperationView, PathNode, PathTree
from mockserver.resources.detect.resource import Resource
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes, is_free, similarity
from mockserver.spelling import singular, words_of

ENTRY_KINDS: Final = ("list-entries", "read-entry", "add-entry", "change-entry", "set-entries", "remove-entry")
"""Roles on the entries of a list inside a record."""
PART_KINDS: Final = ("read-part", "set-part", "remove-part")
"""Roles on an object inside a record."""
_WRITES: Final = ("PUT", "PATCH", "POST")
_AT_PART: Final = {"GET": "read-part", **dict.fromkeys(_WRITES, "set-part"), "DELETE": "remove-part"}
_AT_VALUE: Final = {"GET": "read", **dict.fromkeys(_WRITES, "update")}
_REMOVES: Final = named("remove delete take drop")
_CLEARS: Final = named("clear empty reset")
_ALIKE: Final = 0.6
_SAME: Final = 0.9
_AT_LIST: Final = {"GET": "list-entries", "POST": "add-entry", "PUT": "set-entries", "DELETE": "remove-entry"}
_AT_ENTRY: Final = {
    **dict.fromkeys(("PUT", "PATCH", "POST"), "change-entry"),
    "GET": "read-entry",
    "DELETE": "remove-entry",
}


@dataclass(frozen=True, slots=True)
class EntryOperation:
    """Detects the roles of the paths below one record, or below each of a collection."""

    shapes: SchemaShapes
    tree: PathTree
    resource: Resource

    @property
    def base(self) -> Key:
        """The path of the record."""
        item = self.resource.item
        return item.key if item is not None else self.resource.key

    def owns(self, other: Resource) -> bool:
        """Returns whether a collection is really a list inside this record."""
        if other.key[:-1] != self.base or other is self.resource or not other.key or other.key[-1] == "{}":
            return False
        member = list_named(self.shapes, self.resource.record, other.key[-1])
        if not member:
            return False
        entry = self._entry(member)
        if similarity(entry, self.resource.record) >= _ALIKE:
            return False
        if similarity(other.record, self.resource.record) >= _SAME:
            return True
        return self.resource.collection.singleton and similarity(other.record, entry) >= _ALIKE

    def roles(self, known: Mapping[str, Role]) -> Iterator[Role]:
        """Yields the roles of operations that have none yet."""
        if self.resource.collection.singleton:
            node = self.tree.get(self.base)
            yield from self._at_record(node) if node is not None else ()
        for node in self.tree.near(self.base):
            below = node.key[len(self.base) :]
            if below[0] == "{}":
                continue
            for view in node.methods.values():
                if view.id not in known:
                    yield from self._role(view, node, below)

    def _at_record(self, node: PathNode) -> Iterator[Role]:
        """Yields the roles at the record's own path: POST adds an entry, DELETE empties the list."""
        lists = lists_of(self.shapes, self.resource.record)
        post, delete, get = node.get("POST"), node.get("DELETE"), node.get("GET")
        if post is not None and len(lists) == 1:
            entry = self._entry(lists[0])
            if (
                similarity(post.body, entry) > similarity(post.body, self.resource.record)
                and similarity(post.body, entry) >= _ALIKE
            ):
                yield self._made(post, "add-entry", lists[0])
        if delete is not None and get is not None and len(lists) == 1 and "404" not in get.responses:
            yield self._made(delete, "remove-entry", lists[0])

    def _role(self, view: OperationView, node: PathNode, below: Key) -> Iterator[Role]:
        record = self.resource.record
        member = list_named(self.shapes, record, below[0])
        if member and len(below) == 1 and view.method in _AT_LIST:
            if self._is_about(view, member, is_list=True):
                yield self._made(view, _AT_LIST[view.method], member)
        elif member and below[1:] == ("{}",) and view.method in _AT_ENTRY:
            if self._is_about(view, member, is_list=False):
                yield self._made(view, _AT_ENTRY[view.method], member)
        elif "{}" not in below and view.method != "GET":
            yield from self._spoken(view, node.key[len(self.base) :])

    def _spoken(self, view: OperationView, below: Key) -> Iterator[Role]:
        """Yields the role of `POST /cart/add`, `/carts/{id}/add-item`, `/carts/{id}/items/clear`."""
        spoken = [word for segment in below for word in words_of(segment)]
        lists = lists_of(self.shapes, self.resource.record)
        rest = [word for word in spoken if word not in ADDS | _REMOVES | _CLEARS]
        named_one = next((found for word in rest if (found := list_named(self.shapes, self.resource.record, word))), "")
        member = named_one or (lists[0] if len(lists) == 1 and not rest else "")
        kinds = ((ADDS, "add-entry"), (_REMOVES, "remove-entry"), (_CLEARS, "remove-entry"))
        kind = next((kind for verbs, kind in kinds if not verbs.isdisjoint(spoken)), "")
        if member and kind and (kind != "add-entry" or self._takes(view, member)):
            yield self._made(view, kind, member)

    def _is_about(self, view: OperationView, member: str, *, is_list: bool) -> bool:
        """Returns whether the body or the answer is an entry, or the answer is the record that holds it."""
        entry = self._entry(member)
        if self._answers_record(view) or self.resource.collection.singleton or view.method == "DELETE":
            return self._answers_record(view) or self.resource.collection.singleton
        listed = find_list(self.shapes, view.shape, member, entry) if is_list else None
        return listed is not None and similarity(listed.shape, self.resource.record) >= _SAME

    def _takes(self, view: OperationView, member: str) -> bool:
        entry = self._entry(member)
        return entry_path(self.shapes, view.body, entry) is not None

    def _answers_record(self, view: OperationView) -> bool:
        found = find_record(self.shapes, view.shape, self.resource.collection.name, "", self.resource.record)
        return found is not None and similarity(found.shape, self.resource.record) >= _SAME

    def _ident(self, member: str) -> str:
        """Returns the member that identifies entries, as the path below the list names it; empty where none
        is known.
        """
        node = next((node for node in self.tree.near(self.base) if node.is_item and self._is_entry(node, member)), None)
        parameter = node.first.parameters[-1] if node is not None and node.first.parameters else ""
        found = find_id(self.shapes, self._entry(member), member, parameter, "")
        return found[0][0] if found is not None else ""

    def _is_entry(self, node: PathNode, member: str) -> bool:
        below = node.key[len(self.base) :]
        return len(below) == 2 and list_named(self.shapes, self.resource.record, below[0]) == member

    def _entry(self, member: str) -> SchemaShape:
        return self.shapes.items(self.shapes.member(self.resource.record, member))

    def _made(self, view: OperationView, kind: str, member: str) -> Role:
        record = self.resource.record
        found = find_record(self.shapes, view.shape, self.resource.collection.name, "", record)
        member_path: MemberPath = (
            found.member_path if found is not None and similarity(found.shape, record) >= _SAME else ()
        )
        why = Evidence(f"`{member}` is a list inside of what it is below", 0.5)
        evidence = (*self.resource.collection.evidence, why)
        return Role(
            view.id,
            kind,
            self.resource.collection.name,
            member_path,
            (),
            view.parameters,
            evidence=evidence,
            inside=(member, self._ident(member)),
        )


def parts(shapes: SchemaShapes, tree: PathTree, found: Sequence[Resource]) -> Iterator[Role]:
    """Yields the roles of paths such as `/users/{id}/address` whose object is a member of the record above."""
    items = {one.item.key: one for one in found if one.item is not None and not one.collection.singleton}
    for resource in found:
        above = items.get(resource.key[:-1])
        if (
            not resource.collection.singleton
            or resource.item is None
            or above is None
            or tree.get((*resource.key, "{}"))
        ):
            continue
        member = part_named(shapes, above.record, resource.key[-1], resource.record)
        nested = shapes.member(above.record, member)
        for method, view in resource.item.methods.items() if member else ():
            kind = (_AT_PART if nested.members or is_free(nested) else _AT_VALUE).get(method)
            if kind is not None:
                why = Evidence(f"`{member}` is a member of what it is below", 0.5)
                evidence, keys = (*above.collection.evidence, why), view.parameters
                inside = (member,) if kind in PART_KINDS else ()
                yield Role(view.id, kind, above.collection.name, keys=keys, evidence=evidence, inside=inside)


VALUE_KINDS: Final = {"GET": "list-values", "POST": "add-values", "PUT": "set-values", "DELETE": "remove-values"}
"""Roles on a list of plain values inside a record, by the method at its path."""
_AT_ONE: Final = {**dict.fromkeys(("PUT", "POST"), "add-values"), "DELETE": "remove-values"}


def value_lists(shapes: SchemaShapes, tree: PathTree, found: Sequence[Resource]) -> Iterator[Role]:
    """Yields the roles of paths of lists of plain values inside records: `PUT /cards/{id}/labels/red`, `POST
    /issues/{id}/assignees` with a list.
    """
    used = {one.key for one in found}
    for resource in found:
        base = resource.item.key if resource.item is not None and not resource.collection.singleton else None
        for name in resource.record.members if base is not None else ():
            member = shapes.member(resource.record, name)
            if not member.is_list or not shapes.items(member).is_scalar or base is None:
                continue
            for called in dict.fromkeys((name, singular(name))):
                at_list, at_one = tree.get((*base, called)), tree.get((*base, called, "{}"))
                if at_list is not None and at_list.key not in used:
                    views = [view for view in at_list.methods.values() if says_values(shapes, view, name)]
                    yield from _of_values(resource, name, views, VALUE_KINDS)
                if at_one is not None and (*base, called) not in used:
                    yield from _of_values(resource, name, [*at_one.methods.values()], _AT_ONE)


def are_values(shapes: SchemaShapes, found: Sequence[Resource], other: Resource) -> bool:
    """Returns whether a collection below a record is really a list of plain values in it, whose operations answer the
    record.
    """
    for one in found:
        if one.item is None or one.collection.singleton or one.item.key != other.key[:-1] or one is other:
            continue
        name = same_name(other.key[-1], one.record.members) or ""
        member = shapes.member(one.record, name)
        is_list = member.is_list and shapes.items(member).is_scalar
        return is_list and similarity(other.record, one.record) >= _SAME
    return False


def says_values(shapes: SchemaShapes, view: OperationView, name: str) -> bool:
    """Returns whether the body or, without one, the answer is a list of plain values: alone or as a member."""
    shape = view.body if view.body_place is not None else view.shape
    member = shape if shape.is_list else shapes.member(shape, same_name(name, shape.members) or "")
    if view.method == "DELETE" and view.body_place is None:
        return not view.shape.members
    return member.is_list and shapes.items(member).is_scalar and (view.method != "GET" or len(shape.members) <= 1)


def _of_values(
    resource: Resource, name: str, views: Sequence[OperationView], kinds: Mapping[str, str]
) -> Iterator[Role]:
    for view in views:
        if view.method in kinds:
            why = Evidence(f"`{name}` is a list of values inside of what it is below", 0.5)
            evidence = (*resource.collection.evidence, why)
            yield Role(
                view.id,
                kinds[view.method],
                resource.collection.name,
                keys=view.parameters,
                evidence=evidence,
                inside=(name,),
            )
