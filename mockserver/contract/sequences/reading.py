"""The reading parts of sequences: lists, what they show, their pages and filters, and what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mockserver.contract.sequences.compared_api import LIMITS
from mockserver.contract.sequences.sequence_builder import Sending, SequenceBuilder
from mockserver.contract.sequences.unusual_requests import ask_as_strangers, ask_for_other_ids
from mockserver.contract.sequences.unusual_values import invalid_value
from mockserver.json_pointer import MISSING
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.parameter import Parameter
from mockserver.spelling import plain

_PAGES: Final = {"page": (1, 2, 3), "pagenumber": (1, 2, 3), "offset": (0, 1, 2), "skip": (0, 1, 2), "start": (0, 1, 2)}
_CURSORS: Final = frozenset({"cursor", "after", "pagetoken", "startingafter", "next", "nexttoken"})


_FAR: Final = 5000
"""A page, an offset and a size that few lists have."""


def read_lists(builder: SequenceBuilder, collection: str) -> None:
    """A collection is listed, its first records are read, then what stands below them and what is not there."""
    read_all(builder, collection)
    walk_pages(builder, collection)
    for operation in builder.api.of_kind(collection, "list", "map", "read"):
        if builder.api.is_guarded(operation):
            builder.send(operation, Sending(is_authenticated=False, does="sends no credential"))
        if builder.api.named_record(operation).collection:
            builder.send(operation, Sending(is_unknown=True, does="asks for what is not there"))
    ask_for_other_ids(builder, collection)
    if collection == next(iter(builder.api.collections)):
        ask_as_strangers(builder)


def read_all(builder: SequenceBuilder, collection: str) -> None:
    """Lists, then reads by the ids that were found, then filters."""
    api = builder.api
    lists = api.of_kind(collection, "list", "map")
    for operation in lists:
        builder.send(operation, Sending(does="lists them"))
    for record in builder.records(collection)[:2]:
        for operation in api.of_kind(collection, "read"):
            builder.send(operation, Sending(record=record, does="reads one of them"))
    for operation in lists:
        for parameter in operation.parameters:
            if parameter.place == "query":
                for value, does in _asked(builder, operation, parameter):
                    builder.send(operation, Sending(query={parameter.name: value}, does=does))


def _asked(builder: SequenceBuilder, operation: Operation, parameter: Parameter) -> Iterator[tuple[Json, str]]:
    """Values for a parameter of a list: each of its enum, a value of a known record, a sample, and an invalid one."""
    schema = parameter.view.schema
    listed = schema.get("enum") if isinstance(schema, dict) else None
    for value in listed[:4] if isinstance(listed, list) else ():
        yield value, f"asks for `{parameter.name}`"
    records = builder.records(builder.api.role(operation).collection)
    if records and not listed:
        reference = records[-1].member(parameter.name)
        shown = builder.shown(reference)
        if isinstance(shown, (str, int, float)) and shown is not MISSING and not isinstance(shown, bool):
            yield reference, f"asks for the `{parameter.name}` of a record"
    sample = builder.samples.in_query(parameter)
    if sample is not None and not listed:
        yield sample, f"asks for `{parameter.name}`"
    if "integer" in parameter.view.types and not parameter.view.is_any:
        for number in (0, -1, _FAR):
            yield number, f"asks for `{parameter.name}` {number}"
    invalid = invalid_value(parameter)
    if invalid is not None:
        yield invalid, f"sends an invalid `{parameter.name}`"


def walk_pages(builder: SequenceBuilder, collection: str) -> None:
    """The lists of a collection page by page, with one and two records a page."""
    for operation in builder.api.of_kind(collection, "list"):
        by_name = {plain(one.name): one for one in operation.parameters if one.place == "query"}
        limit = next((one.name for name, one in by_name.items() if name in LIMITS), None)
        page = next((one for name, one in by_name.items() if name in _PAGES), None)
        cursor = next((one.name for name, one in by_name.items() if name in _CURSORS), None)
        for size in (1, 2) if limit else ():
            query: dict[str, Json] = {str(limit): size}
            for number in _PAGES[plain(page.name)] if page is not None else (None,):
                asked = query if page is None else {**query, page.name: number}
                builder.send(operation, Sending(query=asked, does="reads a page"))
            if cursor and (found := builder.cursor()) is not None:
                builder.send(operation, Sending(query={**query, cursor: found}, does="reads the next page"))
        for number in _PAGES[plain(page.name)] if page is not None and not limit else ():
            builder.send(operation, Sending(query={page.name: number}, does="reads a page"))  # type: ignore[union-attr]


def read_others(builder: SequenceBuilder) -> None:
    """Every other operation that only reads, with the records that are known."""
    for operation in builder.api.operations:
        is_read = operation.method in ("GET", "HEAD")
        if is_read and builder.api.role(operation).kind not in ("list", "map", "read"):
            builder.send(operation, Sending(does="reads it"))
            for parameter in operation.parameters:
                if parameter.place == "query":
                    for value, does in _asked(builder, operation, parameter):
                        builder.send(operation, Sending(query={parameter.name: value}, does=does))
            if builder.api.is_guarded(operation):
                builder.send(operation, Sending(is_authenticated=False, does="sends no credential"))
            names = [one.name for one in operation.parameters if one.place == "path"]
            if names:
                builder.send(operation, Sending(is_unknown=True, does="asks for what is not there"))
                malformed = {names[-1]: builder.samples.malformed_id(operation, names[-1])}
                builder.send(operation, Sending(path_values=malformed, does="asks by a malformed id"))
    if not builder.api.collections:
        ask_as_strangers(builder)
