"""Gives new records the ids and the other server-made members that a recording has for the same request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from mockserver.engine.redaction.masked_values import same_but_masked
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.schema_shape import dig
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.store import Store
from mockserver.state.world import ApiState

RECORDED: Final = "x-recorded"
"""Marks the example of an answer that was seen, not written by hand."""


class RecordedCreations:
    """The recorded creations of one operation, which shows the new record at `answer` in its answer."""

    def __init__(self, store: Store, operation: Operation, answer: MemberPath) -> None:
        self._store = store
        self._operation = operation
        self._answer = answer
        self._own = store.collection.id_spec.member_path

    def __bool__(self) -> bool:
        return bool(self._pairs)

    @cached_property
    def _pairs(self) -> tuple[tuple[Json, Mapping[str, Json]], ...]:
        return tuple(self._found())

    def record(self, body: Json, state: ApiState, scope: Scope) -> Mapping[str, Json]:
        """The record that was made of this body, the first whose id is free; empty where none was recorded."""
        for sent, record in self._pairs:
            values = (*scope, dig(record, self._own))
            is_known = values[-1] is None or self._store.find(state, values) is not None
            if not is_known and same_but_masked(body, sent) and not self._store.is_deleted(state, values):
                return record
        return {}

    def _found(self) -> Iterator[tuple[Json, Mapping[str, Json]]]:
        if self._operation.body is None or not self._own:
            return
        sent = {name: one for media in self._operation.body.media.values() for name, one in _examples(media.node)}
        for status, answer in self._operation.answers.items():
            if status[:1] != "2":
                continue
            for media in answer.media.values():
                for name, example in _examples(media.node):
                    record = dig(example.get("value"), self._answer) if self._answer else example.get("value")
                    if name in sent and example.get(RECORDED) is True and isinstance(record, Mapping):
                        yield sent[name].get("value"), record


def _examples(node: Json) -> Iterator[tuple[str, Json]]:
    return ((name, example) for name, example in node.get("examples", {}).items() if isinstance(example, dict))
