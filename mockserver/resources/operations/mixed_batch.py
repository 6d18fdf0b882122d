"""Handlers of batches that create, change and delete records, by the parts or the items of their bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import INVALID, Problem
from mockserver.resources.detect.roles.batch_operations import verb_of
from mockserver.resources.detect.schema_shape import dig
from mockserver.resources.operations.bulk import (
    CREATED,
    DELETED,
    UPDATED,
    BulkOperation,
    Create,
    change_one,
    create_one,
    delete_one,
)
from mockserver.resources.operations.bulk_result import BulkItem
from mockserver.resources.operations.reply import Reply
from mockserver.resources.records.seeds import Scope
from mockserver.spelling import plain, singular
from mockserver.state.world import ApiState

_ADDRESSES: Final = ("path", "url", "uri", "href")
"""Members of an item that hold the path of its record."""


class BatchStep(NamedTuple):
    """One step of a batch: `verb` is what is done to the record of this id with the members that were sent."""

    several: BulkOperation
    verb: str
    record_id: Json
    sent: dict[str, Json]


def mixer(reply: Reply, create: Create) -> Handler:
    """Handles a batch whose body has a member for each verb, or a list of items with verbs."""
    several = BulkOperation(reply)
    steps = _by_item(several) if several.batch.verb else _by_member(reply, several)

    def mix(call: Call, state: ApiState) -> Response:
        scope = several.scope(call, state)
        done = [_done(step, create, call, state, scope) for step in steps(call)]
        return several.answer(done, call, UPDATED)

    return mix


Steps = Callable[[Call], Iterator[BatchStep]]


def _by_member(reply: Reply, several: BulkOperation) -> Steps:
    """Yields the steps of `{create: [...], update: [...], delete: [...]}`."""
    parts = [(name, verb, _part(reply, name)) for name, verb in several.batch.parts]

    def steps(call: Call) -> Iterator[BatchStep]:
        for name, verb, part in parts:
            member = call.body.get(name) if isinstance(call.body, dict) else None
            for entry in member if isinstance(member, list) else ():
                sent = dict(entry) if isinstance(entry, dict) else {}
                yield BatchStep(part, verb, part.id_of(sent) if isinstance(entry, dict) else entry, sent)

    return steps


def _part(reply: Reply, name: str) -> BulkOperation:
    """Returns the schema of the records below one member of the body."""
    part, shapes = BulkOperation(reply), reply.context.shapes
    part.item_shape = shapes.items(shapes.member(reply.view.body, name))
    return part


def _by_item(several: BulkOperation) -> Steps:
    """Yields the steps of `[{action: create, data: {...}}, {action: delete, id: 4}]`."""
    batch = several.batch

    def steps(call: Call) -> Iterator[BatchStep]:
        member = dig(call.body, batch.items) if batch.items else call.body
        for entry in member if isinstance(member, list) else ():
            item = dict(entry) if isinstance(entry, dict) else {}
            verb = verb_of(item.get(batch.verb))
            inner = dig(item, batch.inner)
            sent = {key: value for key, value in inner.items() if key != batch.verb} if isinstance(inner, dict) else {}
            yield BatchStep(several, verb, _id_of(several, item, sent), sent)

    return steps


def _id_of(several: BulkOperation, item: Mapping[str, Json], sent: Mapping[str, Json]) -> Json:
    """Returns the id of an item's record: in the record, beside it, or at the end of an address."""
    record_id = several.id_of(sent)
    if record_id is not None:
        return record_id
    name = several.store.name.rpartition(".")[2]
    own = (
        plain(several.store.collection.id_spec.member_path[-1])
        if several.store.collection.id_spec.member_path
        else "id"
    )
    wanted = ("id", own, f"{plain(singular(name))}id", "key", "resourceid", "entityid", "recordid")
    named = {plain(key): value for key, value in item.items() if isinstance(value, str | int)}
    found = next((named[key] for key in wanted if key in named), None)
    if found is not None:
        return found
    address = next((str(named[key]) for key in _ADDRESSES if key in named), "")
    last = address.partition("?")[0].rstrip("/").rpartition("/")[2]
    return last if last and plain(last) != plain(name) else None


def _done(step: BatchStep, create: Create, call: Call, state: ApiState, scope: Scope) -> BulkItem:
    """Returns the result of one step. Raises a Problem where its verb is unknown and the answer has no room
    to say so.
    """
    several, verb, record_id, sent = step
    target = several.target(state, scope, record_id, sent)
    if verb == CREATED or (verb == "upserted" and target.record is None):
        return create_one(several, create, call, state, target.values, sent, named=verb != CREATED)
    if verb == DELETED:
        return delete_one(several, state, target)
    if verb:
        return change_one(several, call, state, target, sent)
    problem = Problem(422, f"`{several.batch.verb}` of an item says nothing that can be done.", code=INVALID)
    if not several.reports_failures:
        raise problem
    return BulkItem(record_id, None, UPDATED, problem.status, problem)
