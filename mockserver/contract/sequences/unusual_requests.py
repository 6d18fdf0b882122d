"""Requests that are unusual beside their bodies: credentials, methods, paths and headers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from mockserver.contract.replay.alignment import looks_random
from mockserver.contract.replay.planned_request import AnswerReference, PlannedRequest
from mockserver.contract.sequences.compared_api import ComparedApi
from mockserver.contract.sequences.sequence_builder import Sending, SequenceBuilder
from mockserver.contract.sequences.unusual_values import invalid_value
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.parameter import Parameter

_MOST_METHODS: Final = 4
_NO_SAMPLE: Final = ("authorization", "idempotency", "if-", "accept", "content-", "host", "cookie", "range")
"""The beginnings of headers, or parts of them, that are no options of an operation."""


def ask_as_strangers(builder: SequenceBuilder) -> None:
    """The first read that requires a credential, with none, a wrong one, and none of its form, where the mock knows
    which ones are right; GET at paths that do not have it; headers that are declared.
    """
    api = builder.api
    for operation in islice((one for one in api.operations if _is_plain_read(api, one) and api.is_guarded(one)), 1):
        builder.send(operation, Sending(is_authenticated=False, does="sends no credential"))
        shown, _ = api.access(operation)
        for name, value in shown:
            for wrong, does in _wrong(value):
                answer = builder.send(operation, Sending(is_authenticated=False, headers={name: wrong}, does=does))
                if answer is not None and answer.is_success:
                    builder.take_back()
    for operation in islice(_paths_without(api, "GET"), _MOST_METHODS):
        values = builder.path_values(operation, Sending())
        if values is not None:
            does = "sends a method that the path does not have"
            builder.append(PlannedRequest("GET", operation.path, path_values=values, does=does))
    for operation, parameter in _headers(api):
        sample = builder.samples.parameter(parameter)
        for value in (sample, invalid_value(parameter)):
            if value is not None:
                sending = Sending(headers={parameter.name: value}, does=f"sends `{parameter.name}`")
                builder.send(operation, sending)


def _is_plain_read(api: ComparedApi, operation: Operation) -> bool:
    return operation.method == "GET" and not api.named_record(operation).parameters


def _wrong(credential: str) -> Iterator[tuple[str, str]]:
    scheme, blank, _ = credential.partition(" ")
    yield f"{scheme} not-a-known-credential" if blank else "not-a-known-credential", "sends a wrong credential"
    if blank:
        yield "not-a-known-credential", "sends a credential without its scheme"


def _paths_without(api: ComparedApi, method: str) -> Iterator[Operation]:
    """An operation of each path that has none of this method."""
    by_path: dict[str, list[Operation]] = {}
    for operation in api.operations:
        by_path.setdefault(operation.path, []).append(operation)
    yield from (known[0] for known in by_path.values() if all(one.method != method for one in known))


def _headers(api: ComparedApi) -> Iterator[tuple[Operation, Parameter]]:
    """Each optional header that an operation which only reads declares, once."""
    seen: set[str] = set()
    for operation in api.operations:
        for parameter in operation.parameters if _is_plain_read(api, operation) else ():
            name = parameter.name.lower()
            is_other = any(name.startswith(one) or f"-{one}" in name for one in _NO_SAMPLE)
            if parameter.place == "header" and not parameter.required and not is_other and name not in seen:
                seen.add(name)
                yield operation, parameter


def ask_for_other_ids(builder: SequenceBuilder, collection: str) -> None:
    """Records by ids of another form, and in capitals; by an entity-tag that the answer had."""
    for operation in builder.api.of_kind(collection, "read"):
        record = builder.ensure(collection)
        names = builder.api.named_record(operation).parameters
        if record is None or not names:
            continue
        last = names[-1]
        malformed = {last: builder.samples.malformed_id(operation, last)}
        builder.send(operation, Sending(record, path_values=malformed, does="asks by a malformed id"))
        key = record.keys[-1]
        if isinstance(key, AnswerReference) and _has_small_letters(builder, key):
            capitals = {last: key._replace(in_capitals=True)}
            builder.send(operation, Sending(record, path_values=capitals, does="asks by the id in capitals"))
        _ask_again(builder, operation, Sending(record=record, does="reads it"))


def _ask_again(builder: SequenceBuilder, operation: Operation, sending: Sending) -> None:
    answer = builder.send(operation, sending)
    if answer is not None and answer.header("ETag"):
        tag = AnswerReference(len(builder.answers), header="ETag")
        same = sending._replace(headers={"If-None-Match": tag}, does="asks whether it changed")
        builder.send(operation, same)


def _has_small_letters(builder: SequenceBuilder, key: AnswerReference) -> bool:
    shown = builder.shown(key) if not key.header else None
    return isinstance(shown, str) and looks_random(shown) and shown != shown.upper()
