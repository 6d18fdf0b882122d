"""Detects one collection behind several paths: `/pets` and `/owners/{id}/pets`, `/users` and `/teams/{id}/members`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

from mockserver.resources.detect.decisions import CollectionPlan, Evidence, MemberPath, OwnedRecords, Role
from mockserver.resources.detect.foreign_keys import ForeignKey, ForeignKeys, related_role
from mockserver.resources.detect.locate import find_list, find_record
from mockserver.resources.detect.names import same_name
from mockserver.resources.detect.operation_view import Key, OperationView
from mockserver.resources.detect.resource import Resource
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes, similarity
from mockserver.spelling import plain, singular

_ALIKE: Final = 0.9
_SIMILAR: Final = 0.5
"""Similarity of records with one name of which a list may show less: `/forums/{id}/threads` and `/threads/{id}`."""
_TO_ONE: Final = ("read", "replace", "update", "delete", "act")


class SharedCollections:
    """Detects collections that are part of another, and gives their operations to that one."""

    def __init__(self, shapes: SchemaShapes, found: list[Resource], neighbours: frozenset[tuple[str, str]]) -> None:
        self._shapes = shapes
        self._found = found
        self._collections: Mapping[str, CollectionPlan] = {
            resource.collection.name: resource.collection for resource in found
        }
        self._relations = ForeignKeys(shapes, self._collections, neighbours)
        self._tops = [resource for resource in found if _is_top(resource.collection)]
        self._items = {
            resource.item.key: resource
            for resource in self._tops
            if resource.item is not None and resource.item.is_item
        }
        self._parents = frozenset(resource.collection.parent for resource in found)
        self._references: dict[str, tuple[ForeignKey, ...]] = {}

    def merged(self, views: list[OperationView], roles: Mapping[str, Role]) -> dict[str, Role]:
        """Returns the roles, in which operations on a part of a collection belong to that collection."""
        parts = self.parts
        result = {}
        for view in views:
            role = roles[view.id]
            if role.collection in parts and role.keeps:
                result[view.id] = _of_whole(role, *parts[role.collection])
            elif view.method == "GET" and (role.all_of_them or not role.keeps):
                result[view.id] = self._related(view, self._listed(view, role))
            else:
                result[view.id] = self._related(view, self._made_below(view, role))
        return result

    @cached_property
    def parts(self) -> Mapping[str, tuple[str, OwnedRecords]]:
        """The collections that are part of another, each with that one and the reference to the owner."""
        return {
            resource.collection.name: owned for resource in self._found if (owned := self._part(resource)) is not None
        }

    def known(self, collections: Mapping[str, CollectionPlan]) -> dict[str, CollectionPlan]:
        """Returns the collections with `ids_known` set for those whose records are listed or created in parts
        of them.
        """
        wholes = {whole for whole, _ in self.parts.values()}
        return {
            name: replace(collection, ids_known=True) if name in wholes else collection
            for name, collection in collections.items()
        }

    def _part(self, resource: Resource) -> tuple[str, OwnedRecords] | None:
        """Returns the collection that this one is a part of, and the reference to the owner; None where it is none."""
        collection = resource.collection
        parent = self._collections.get(collection.parent)
        is_parent = collection.name in self._parents
        if collection.singleton or len(collection.scope) != 1 or parent is None or parent.scope or is_parent:
            return None
        for top in self._tops:
            is_called_so = (
                top.collection.name.rpartition(".")[2] == collection.name.rpartition(".")[2]
                and not collection.item_path
            )
            least = _SIMILAR if is_called_so else _ALIKE
            if top is resource or similarity(top.record, resource.record) < least:
                continue
            named = self._to(top, parent.name, _noun(resource.key))
            if named is not None and (
                not collection.item_path or top.collection.id_spec.member_path == collection.id_spec.member_path
            ):
                return top.collection.name, OwnedRecords(
                    collection.scope[0], named.member_path, named.id_member, parent.name
                )
        return None

    def _listed(self, view: OperationView, role: Role) -> Role:
        """Returns the role of a list below a record: of the records that refer to it."""
        key = view.key
        if len(view.parameters) != 1 or key[-1:] == ("{}",) or key[-2:-1] != ("{}",) or view.shown is None:
            return self._unless_own_id(view, role)
        above = self._items.get(key[:-1])
        for top in self._naming.get(above.collection.name, ()) if above is not None else ():
            listed = find_list(self._shapes, view.shape, top.collection.name, top.record)
            if above is None or listed is None or similarity(listed.shape, top.record) < _ALIKE:
                continue
            named = self._to(top, above.collection.name, _noun(key))
            if named is not None:
                owned = OwnedRecords(view.parameters[0], named.member_path, named.id_member, above.collection.name)
                member = ".".join(named.member_path)
                seen = f"it lists the records of `{top.collection.path}` whose `{member}` the path names"
                why = Evidence(seen, 0.5)
                return Role(
                    view.id, "list", top.collection.name, listed.member_path, all_of_them=True, delay=role.delay,
                    paging=role.paging, evidence=(*top.collection.evidence, why), owned=owned,
                )  # fmt: skip
        return self._unless_own_id(view, role)

    def _made_below(self, view: OperationView, role: Role) -> Role:
        """Returns the role of a batch below a record: its records refer to that one, as those of a list there do."""
        if role.kind != "create-many" or role.owned is not None or len(view.parameters) != 1 or "{}" not in view.key:
            return role
        end = view.key.index("{}")
        above = self._items.get(view.key[: end + 1])
        top = next((one for one in self._tops if one.collection.name == role.collection), None)
        if above is None or top is None or above is top:
            return role
        named = self._to(top, above.collection.name, singular(view.key[end - 1]).lower())
        if named is None:
            return role
        owned = OwnedRecords(view.parameters[0], named.member_path, named.id_member, above.collection.name)
        why = Evidence(f"the path names what `{'.'.join(named.member_path)}` of its records does", 0.5)
        return replace(role, keys=(), owned=owned, evidence=(*role.evidence, why))

    def _related(self, view: OperationView, role: Role) -> Role:
        """Returns the role of a path below a record with the name of a reference: the referenced records, or which they
        are.
        """
        is_linkage = view.key[-2:-1] == ("relationships",)
        resource = self._items.get(view.key[: -2 if is_linkage else -1])
        if (role.keeps and not is_linkage) or resource is None or view.key[-1:] == ("{}",):
            return role
        collection = resource.collection
        kind, member_path = related_role(view.segments, self._of(collection), view.method)
        if not kind or (kind == "read-related" and not self._answers(view, collection, member_path)):
            return role
        why = Evidence(f"`{view.segments[-1]}` is what `{'.'.join(member_path)}` of the record above names", 0.5)
        return Role(
            view.id, kind, collection.name, keys=view.parameters, inside=member_path, delay=role.delay,
            evidence=(*collection.evidence, why),
        )  # fmt: skip

    def _answers(self, view: OperationView, collection: CollectionPlan, member_path: MemberPath) -> bool:
        """Returns whether the answer has records of the collection that a member refers to."""
        reference = next(one for one in self._of(collection) if one.member_path == member_path)
        whole = self._shapes.at(self._collections[reference.target].record)
        if reference.is_list:
            found = find_list(self._shapes, view.shape, reference.target, whole)
        else:
            found = find_record(self._shapes, view.shape, reference.target, "", whole)
        return found is not None and similarity(found.shape, whole) >= _ALIKE

    def _of(self, collection: CollectionPlan) -> tuple[ForeignKey, ...]:
        """Returns the references of a collection's records."""
        if collection.name not in self._references:
            self._references[collection.name] = self._relations.of(collection)
        return self._references[collection.name]

    def _unless_own_id(self, view: OperationView, role: Role) -> Role:
        """Returns the role, or `schema` where a path parameter with the name of the records' own id names something
        else.
        """
        if not role.all_of_them or not view.parameters:
            return role
        record = self._shapes.at(self._collections[role.collection].record)
        id_spec = self._collections[role.collection].id_spec.member_path
        own = [name for name in view.parameters if (same_name(name, record.members),) == id_spec]
        if not own:
            return role
        why = Evidence(f"nothing says which of {role.collection} belong to `{{{own[0]}}}`", 0.0)
        return Role(view.id, "schema", delay=role.delay, evidence=(why,))

    @cached_property
    def _naming(self) -> Mapping[str, list[Resource]]:
        """The collections whose records refer to each collection."""
        naming: dict[str, list[Resource]] = {}
        for top in self._tops:
            for target in dict.fromkeys(reference.target for reference in self._of(top.collection)):
                naming.setdefault(target, []).append(top)
        return naming

    def _to(self, top: Resource, parent: str, noun: str) -> ForeignKey | None:
        """Returns the reference to the parent in the records; of several the one with the noun's name, or a required
        one.
        """
        name = top.collection.name
        found = [reference for reference in self._of(top.collection) if reference.target == parent]
        found.sort(key=lambda one: (one.noun != noun, one.is_list, not one.is_required))
        return found[0] if found and name != parent else None


def _of_whole(role: Role, whole: str, owned: OwnedRecords) -> Role:
    """Returns the role as one on the whole collection, restricted to the owned records."""
    keys = role.keys[1:] if role.kind in _TO_ONE else ()
    if role.keys:  # each path calls its parameter as it likes
        owned = owned._replace(parameter=role.keys[0])
    why = Evidence(f"its records are those of {whole} whose `{'.'.join(owned.member_path)}` the path names", 0.5)
    is_list = role.kind == "list"
    return replace(role, collection=whole, keys=keys, owned=owned, all_of_them=is_list, evidence=(*role.evidence, why))


def _is_top(collection: CollectionPlan) -> bool:
    return not collection.scope and not collection.singleton


def _noun(key: Key) -> str:
    """Returns the noun in front of the last parameter, without an item's own: `owner` of `/owners/{}/pets`."""
    literals = [segment for segment in key if segment != "{}"]
    return singular(literals[-2]).lower() if len(literals) > 1 else ""


_KINDS: Final = frozenset({"list", "read", "create", "replace", "delete"})
_ADDING: Final = ("create", "replace")


def with_members(
    shapes: SchemaShapes,
    collections: Mapping[str, CollectionPlan],
    roles: Mapping[str, Role],
    views: Iterable[OperationView],
) -> dict[str, CollectionPlan]:
    """Returns the collections, in which those that only ids are added to list the records of another collection."""
    by_id = {view.id: view for view in views}
    result = dict(collections)
    for name, collection in collections.items():
        is_below = len(collection.scope) == 1 and collection.item_path and collection.ids_known
        whole = _whole(shapes, collection, collections) if is_below else None
        mine = [role for role in roles.values() if role.collection == name and role.keeps]
        adding = [role for role in mine if role.kind in _ADDING]
        is_whole = whole is not None and adding and all(role.kind in _KINDS and not role.owned for role in mine)
        if whole is None or not is_whole or any(other.parent == name for other in collections.values()):
            continue
        if all(_adds_id(shapes, role, by_id[role.operation], collection, whole) for role in adding):
            result[name] = replace(collection, lists=whole.name)
    return result


def _whole(
    shapes: SchemaShapes, collection: CollectionPlan, collections: Mapping[str, CollectionPlan]
) -> CollectionPlan | None:
    """Returns the single collection whose records have the same schema and id, and which is not the parent."""
    record = shapes.at(collection.record)
    found = [
        other
        for other in collections.values()
        if other.natural_key
        and other.item_path
        and other.ids_known
        and other.name != collection.parent
        and other.id_spec.member_path == collection.id_spec.member_path
        and similarity(shapes.at(other.record), record) >= _ALIKE
    ]
    return found[0] if len(found) == 1 and collection.parent in collections else None


def _adds_id(
    shapes: SchemaShapes, role: Role, view: OperationView, collection: CollectionPlan, whole: CollectionPlan
) -> bool:
    """Returns whether the body is an id and nothing that a record would show."""
    body = shapes.member(view.body, *role.body_path)
    member_path = id_path(body, collection, whole)
    shown = body.members.keys() & shapes.at(whole.record).members.keys() - {*member_path}
    return not body.is_list and not shown and bool(member_path or role.kind == "replace")


def id_path(body: SchemaShape, collection: CollectionPlan, whole: CollectionPlan) -> MemberPath:
    """Returns the member of a body that is the id of the record to be added; empty where there is none."""
    stems = [plain(singular(each.name.rpartition(".")[2])) for each in (whole, collection)]
    wanted = {"id", plain(whole.id_spec.member_path[0]), *(f"{stem}id" for stem in stems)}
    return next(((name,) for name in body.members if plain(name) in wanted), ())
