"""Lists below a record of which records of another collection belong to it: `/teams/{id}/members` beside `/users`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.problem import ALREADY_EXISTS, Problem
from mockserver.resources.detect.decisions import CollectionPlan, MemberPath, Role
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes, dig, similarity
from mockserver.resources.operations.reply import Reply
from mockserver.resources.records.seeds import Scope
from mockserver.spelling import plain, singular
from mockserver.state.record import Record
from mockserver.state.world import ApiState

_ALIKE: Final = 0.9
_KINDS: Final = frozenset({"list", "read", "create", "replace", "delete"})
_ADDING: Final = ("create", "replace")


def with_members(
    shapes: SchemaShapes,
    collections: Mapping[str, CollectionPlan],
    roles: Mapping[str, Role],
    views: Iterable[OperationView],
) -> dict[str, CollectionPlan]:
    """The collections, of which those know whose records they list that only ids are added to."""
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
    """The one collection that has records of the same schema and id, and names none that these belong to."""
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
    """Whether the operation takes an id and nothing that a record would show."""
    body = shapes.member(view.body, *role.body_path)
    member_path = _id_path(body, collection, whole)
    shown = body.members.keys() & shapes.at(whole.record).members.keys() - {*member_path}
    return not body.is_list and not shown and bool(member_path or role.kind == "replace")


def _id_path(body: SchemaShape, collection: CollectionPlan, whole: CollectionPlan) -> MemberPath:
    """The member of a body that is the id of the record to be added; empty where there is none."""
    stems = [plain(singular(each.name.rpartition(".")[2])) for each in (whole, collection)]
    wanted = {"id", plain(whole.id_spec.member_path[0]), *(f"{stem}id" for stem in stems)}
    return next(((name,) for name in body.members if plain(name) in wanted), ())


def added(reply: Reply, call: Call, state: ApiState, scope: Scope, sent: dict[str, Json]) -> Record:
    """What belongs to the scope from now on. A Problem 404 where there is no such record, and 409 where it is there
    already and the document has that.
    """
    store = reply.store
    whole = store.stores[store.collection.lists]
    if reply.role.kind == "replace":
        values = scope
    else:
        values = (*scope, dig(sent, _id_path(reply.body_shape, store.collection, whole.collection)))
    named = values[-1]
    is_id = isinstance(named, str | int) and not isinstance(named, bool)
    if not is_id or whole.find(state, (named,)) is None:
        raise reply.deleted(f"There is no {named!r} in {whole.name}.")
    known = store.find(state, values)
    if known is not None and reply.role.kind == "create" and "409" in reply.view.responses:
        raise Problem(409, f"{store.name} has {named!r} already.", code=ALREADY_EXISTS)
    left = sent.keys() - {*_id_path(reply.body_shape, store.collection, whole.collection)}
    if left:
        names = " ".join(f"/{name}" for name in sorted(left))
        call.note("not-remembered", f"{names} are no members of {whole.name}")
    store.add(state, store.named(values), values)
    return store.find(state, values) or Record(store.marked(store.named(values), values))
