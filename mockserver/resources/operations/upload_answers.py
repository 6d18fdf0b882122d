"""Answers of uploads that show the record to which the file belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mockserver.engine.call import Call
from mockserver.engine.steps.step import Step
from mockserver.messages import Response
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import Role
from mockserver.resources.detect.locate import find_record
from mockserver.resources.detect.roles.file_operations import item_key
from mockserver.resources.detect.schema_shape import similarity
from mockserver.resources.operations.reply import Reply
from mockserver.resources.records.store import Store
from mockserver.state.world import ApiState

_ALIKE: Final = 0.8
"""How alike the answer and a record are where the answer shows it."""


def upload_answer_step(context: ResourceContext, stores: Mapping[str, Store], role: Role) -> Step | None:
    """Returns the step that answers `POST /patients/{id}/photo` with the patient, where the answer is declared to be
    one; None for any other operation.
    """
    view = context.view(role.operation)
    owner = next((store for store in stores.values() if _is_above(store, view.key)), None)
    if role.kind != "upload" or owner is None or view.shown is None:
        return None
    found = find_record(context.shapes, view.shape, owner.name, "", owner.record)
    if found is None or similarity(found.shape, owner.record) < _ALIKE:
        return None
    kept = replace(role, collection=owner.name, keys=view.parameters, answer=found.member_path)
    reply = Reply(context, kept, owner)

    def show(call: Call, state: ApiState, answer: Response) -> Response:
        record = owner.find(state, reply.scope_of(call))
        if record is None or answer.status >= 300 or call.preference.steers:
            return answer
        return reply.shown(reply.current(state, record), call, 200, 201, 202)

    return Step("upload answer", after=show)


def _is_above(store: Store, key: tuple[str, ...]) -> bool:
    above = item_key(store.collection) if store.collection.item_path and not store.collection.singleton else ()
    return bool(above) and len(above) < len(key) and key[: len(above)] == above and "{}" not in key[len(above) :]
