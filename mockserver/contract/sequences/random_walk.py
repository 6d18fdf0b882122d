"""Sequences made by chance: any operation after any other, with valid, odd and invalid input."""

from __future__ import annotations

from random import Random
from typing import Final

from mockserver.contract.replay.planned_request import NO_BODY
from mockserver.contract.sequences.sequence_builder import Sending, SequenceBuilder
from mockserver.contract.sequences.unusual_values import UnusualBody, invalid_bodies, odd_bodies
from mockserver.openapi.model.operation import Operation

LENGTH: Final = 16
"""Requests of a walk, beside those that look at what they did."""
_WEIGHTS: Final = {"create": 5, "update": 4, "replace": 3, "delete": 2, "read": 1, "list": 1}
_OTHERS: Final = 3


def random_walk(builder: SequenceBuilder, seed: int) -> None:
    """Appends a walk, the same for the same seed, to the sequence."""
    chance = Random(seed)  # noqa: S311 - decides what is tried, not what is secret
    api = builder.api
    operations = [*api.operations]
    weights = [_WEIGHTS.get(api.role(operation).kind, _OTHERS) for operation in operations]
    for _ in range(LENGTH if operations else 0):
        operation = chance.choices(operations, weights)[0]
        answer = builder.send(operation, _sending(builder, operation, chance))
        if answer is not None and operation.method not in ("GET", "HEAD"):
            _observe(builder, api.nearest(operation), chance)


def _sending(builder: SequenceBuilder, operation: Operation, chance: Random) -> Sending:
    collection = builder.api.named_record(operation).collection
    records = builder.records(collection)
    record = chance.choice(records) if records else None
    body = builder.body(operation, f"walk {chance.randrange(10_000)}" if chance.random() < 0.7 else "")
    does = ""
    if body is not None and chance.random() < 0.3:
        unusual: list[UnusualBody] = [*odd_bodies(body), *invalid_bodies(body)]
        if unusual:
            does, value = chance.choice(unusual)
            body = body._replace(value=value)
    query = {}
    for parameter in operation.parameters:
        if parameter.place == "query" and chance.random() < 0.3:
            sample = builder.samples.in_query(parameter, str(chance.randrange(100)))
            if sample is not None:
                query[parameter.name] = sample
    kept = chance.random() < 0.95
    unknown = chance.random() < 0.05
    return Sending(record, body or NO_BODY, query, {}, kept or not builder.api.is_guarded(operation), unknown, does)


def _observe(builder: SequenceBuilder, collection: str, chance: Random) -> None:
    for operation in builder.api.of_kind(collection, "read", "list"):
        records = builder.records(collection)
        builder.send(operation, Sending(record=chance.choice(records) if records else None, does="looks"))
