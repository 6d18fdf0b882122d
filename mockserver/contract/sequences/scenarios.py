"""The systematic sequences of a comparison: what clients do with each collection, and each operation by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from mockserver.contract.replay.planned_request import NO_BODY, AnswerReference
from mockserver.contract.sequences.compared_api import ComparedApi
from mockserver.contract.sequences.reading import read_all, read_lists, read_others, walk_pages
from mockserver.contract.sequences.sequence_builder import Sending, SequenceBuilder
from mockserver.contract.sequences.unusual_values import invalid_bodies, long_bodies, odd_bodies
from mockserver.openapi.model.operation import Operation


class Scenario(NamedTuple):
    """One sequence to build: what it is about, and the function that builds it."""

    about: str
    build: Callable[[SequenceBuilder], None]


def scenarios(api: ComparedApi, *, writes: bool) -> Iterator[Scenario]:
    """Every systematic sequence, those that find most first."""
    for name in api.collections:
        if api.of_kind(name, "list", "map"):
            yield Scenario(f"{name} are listed and read", partial(read_lists, collection=name))
    yield Scenario("whatever else can be read", read_others)
    if not writes:
        return
    for about, build in _ABOUT_COLLECTIONS:
        for name in api.collections:
            yield Scenario(about.format(name), partial(build, collection=name))
    for operation in api.operations:
        if operation.method not in ("GET", "HEAD", "OPTIONS") and not _is_of_lifecycle(api, operation):
            yield Scenario(f"{operation.id} is called", partial(_call, operation=operation))
    for operation in api.operations:
        if operation.method not in ("GET", "HEAD", "OPTIONS") and not _is_of_lifecycle(api, operation):
            about = f"{operation.id} is sent unusual bodies"
            yield Scenario(about, partial(_call_unusually, operation=operation))


_OF_LIFECYCLE = ("create", "read", "list", "update", "replace", "delete")


def _is_of_lifecycle(api: ComparedApi, operation: Operation) -> bool:
    return api.role(operation).kind in _OF_LIFECYCLE


def _lifecycle(builder: SequenceBuilder, collection: str) -> None:
    """Records are created, read, changed, replaced and deleted, and looked at after each step."""
    api = builder.api
    for _ in range(2):
        for operation in api.of_kind(collection, "create"):
            builder.create(operation)
            observe(builder, collection)
    for kind in ("update", "replace"):
        for operation in api.of_kind(collection, kind):
            for key in ("changed", "once more"):
                change(builder, operation, key)
                observe(builder, collection)
    deletes = api.of_kind(collection, "delete")
    for operation in deletes:
        record = builder.ensure(collection)
        builder.send(operation, Sending(record=record, does="deletes it"))
        for read in api.of_kind(collection, "read"):
            builder.send(read, Sending(record=record, does="reads what was deleted"))
        builder.send(operation, Sending(record=record, does="deletes it again"))
        for update in api.of_kind(collection, "update", "replace"):
            body = builder.body(update, "changed") or NO_BODY
            builder.send(update, Sending(record=record, body=body, does="changes what was deleted"))
        observe(builder, collection)
    for operation in api.of_kind(collection, "create") if deletes else ():
        builder.create(operation)
        observe(builder, collection)


def change(builder: SequenceBuilder, operation: Operation, key: str) -> None:
    """Sends a valid body to an operation that changes a record."""
    record = builder.ensure(builder.api.named_record(operation).collection)
    body = builder.body(operation, key)
    builder.send(operation, Sending(record=record, body=body or NO_BODY, does="changes it"))


def observe(builder: SequenceBuilder, collection: str) -> None:
    """Reads the latest record of a collection, and its lists."""
    records = builder.records(collection)
    for operation in builder.api.of_kind(collection, "read"):
        if records:
            builder.send(operation, Sending(record=records[-1], does="reads it"))
    for operation in builder.api.of_kind(collection, "list", "map", "count"):
        builder.send(operation, Sending(does="lists them"))


def _minimal(builder: SequenceBuilder, collection: str) -> None:
    """A record is created with what is required alone, twice: what it has beyond that are defaults."""
    for operation in builder.api.of_kind(collection, "create"):
        body = builder.body(operation)
        if body is not None:
            least = builder.samples.minimal(body)
            for does in ("creates one with the least", "sends the same again"):
                builder.send(operation, Sending(body=least, does=does))
                observe(builder, collection)


def _children(builder: SequenceBuilder, collection: str) -> None:
    """What stands below a record goes through its life, and goes with the record."""
    api = builder.api
    if not api.collections[collection].parent:
        return
    _pages(builder, collection)
    parent = api.collections[collection].parent
    records = builder.records(parent)
    for operation in api.of_kind(parent, "delete"):
        if records:
            builder.send(operation, Sending(record=records[-1], does="deletes the record above"))
            for read in api.of_kind(collection, "list", "read"):
                builder.send(read, Sending(record=records[-1], does="looks below what was deleted"))


def _pages(builder: SequenceBuilder, collection: str) -> None:
    for operation in builder.api.of_kind(collection, "create"):
        for _ in range(3):
            builder.create(operation)
    walk_pages(builder, collection)
    read_all(builder, collection)


def _wrong_input(builder: SequenceBuilder, collection: str) -> None:
    """Invalid bodies are refused, and change nothing."""
    for operation in builder.api.of_kind(collection, "create", "create-many", "update", "replace", "update-many"):
        body = builder.body(operation)
        if body is None:
            continue
        for what, value in invalid_bodies(body):
            unusual = body._replace(value=value)
            builder.send(operation, Sending(body=unusual, does=f"sends {what}"))
        observe(builder, collection)
        builder.send(operation, Sending(does="sends no body"))


def _odd_input(builder: SequenceBuilder, collection: str) -> None:
    """Valid bodies that servers seldom meet."""
    for operation in builder.api.of_kind(collection, "create", "update", "replace"):
        body = builder.body(operation)
        for what, value in odd_bodies(body) if body is not None else ():
            builder.send(operation, Sending(body=body._replace(value=value), does=f"sends {what}"))  # type: ignore[union-attr]
        for read in builder.api.of_kind(collection, "list"):
            builder.send(read, Sending(does="lists them"))


def _nobody(builder: SequenceBuilder, collection: str) -> None:
    """Requests without a credential, and about records that are not there."""
    kinds = ("read", "update", "replace", "delete", "act", "list", "create")
    for kind in kinds:
        for operation in builder.api.of_kind(collection, kind):
            body = builder.body(operation) or NO_BODY
            if builder.api.is_guarded(operation):
                stranger = Sending(body=body, is_authenticated=False, does="sends no credential")
                builder.send(operation, stranger)
            if builder.api.named_record(operation).collection:
                builder.send(operation, Sending(body=body, is_unknown=True, does="asks for what is not there"))
    observe(builder, collection)


def _repeats(builder: SequenceBuilder, collection: str) -> None:
    """The same request twice, with an idempotency key where one is declared."""
    for operation in builder.api.of_kind(collection, "create", "create-many", "act"):
        names = [
            one.name for one in operation.parameters if one.place == "header" and "idempotency" in one.name.lower()
        ]
        body = builder.body(operation) or NO_BODY
        for name in names:
            key = "4f5ae32c-7d0f-4c0e-9a51-3c6f0e2b9d10"
            for _ in range(2):
                builder.send(operation, Sending(body=body, headers={name: key}, does="sends a key for repeats"))
                observe(builder, collection)


def _actions(builder: SequenceBuilder, collection: str) -> None:
    """Each further operation on a record, which is looked at afterwards."""
    api = builder.api
    for operation in api.operations:
        is_about = api.nearest(operation) == collection and not _is_of_lifecycle(api, operation)
        if is_about and operation.method not in ("GET", "HEAD", "OPTIONS"):
            _call(builder, operation)
            observe(builder, collection)


def _call(builder: SequenceBuilder, operation: Operation) -> None:
    """Calls one operation: with a valid body twice, with lists of ids of other lengths, and with invalid bodies."""
    collection = builder.api.nearest(operation)
    create = next(iter(builder.api.of_kind(collection, "create")), None)
    while create is not None and len(builder.records(collection)) < 2:
        if (made := builder.create(create)) is None or not made.is_success:
            break
    body = builder.body(operation)
    builder.send(operation, Sending(body=body or NO_BODY, does="calls it"))
    if collection:
        observe(builder, collection)
    builder.send(operation, Sending(body=body or NO_BODY, does="calls it again"))
    if body is None:
        return
    for what, value in lists_of_ids(builder, operation, body.value):
        builder.send(operation, Sending(body=body._replace(value=value), does=f"sends {what}"))
        if collection:
            observe(builder, collection)
    generated = builder.body(operation, "other")
    if generated is not None:
        builder.send(operation, Sending(body=generated, does="calls it otherwise"))
    if collection:
        observe(builder, collection)


def _call_unusually(builder: SequenceBuilder, operation: Operation) -> None:
    """Calls one operation with invalid and odd bodies, and looks at what they left now and then."""
    collection = builder.api.nearest(operation)
    body = builder.body(operation)
    if body is None:
        return
    # What a server makes of a long list of new records could hide all that others make later.
    long = long_bodies(body) if operation.method != "POST" else ()
    for number, (what, value) in enumerate((*invalid_bodies(body), *odd_bodies(body), *long), 1):
        builder.send(operation, Sending(body=body._replace(value=value), does=f"sends {what}"))
        if collection and not number % 6:
            observe(builder, collection)
    if collection:
        observe(builder, collection)


def lists_of_ids(builder: SequenceBuilder, operation: Operation, value: object) -> Iterator[tuple[str, object]]:
    """Bodies whose list of ids is empty, has one twice, or an unknown one."""
    if not isinstance(value, dict):
        return
    for name, member in value.items():
        if isinstance(member, list) and member and builder.api.referred(name, operation):
            unknown = "0f0e0d0c-0b0a-4908-8706-050403020100"
            yield f"one id as `{name}`", {**value, name: member[:1]}
            yield f"one id twice as `{name}`", {**value, name: [*member[:1], *member[:1]]}
            yield f"an unknown id among `{name}`", {**value, name: [*member, unknown]}
            yield f"a malformed id among `{name}`", {**value, name: [*member, "no such id"]}
            if isinstance(member[0], AnswerReference):
                capitals = member[0]._replace(in_capitals=True)
                yield f"an id in capitals as `{name}`", {**value, name: [capitals]}
                yield f"an id twice, once in capitals, as `{name}`", {**value, name: [member[0], capitals]}
            yield f"only unknown ids as `{name}`", {**value, name: [unknown]}
            yield f"no ids as `{name}`", {**value, name: []}
            yield f"many ids as `{name}`", {**value, name: [unknown[:-3] + f"{n:03}" for n in range(250)]}


_ABOUT_COLLECTIONS = (
    ("{0} are created, changed and deleted", _lifecycle),
    ("{0} are created with the least", _minimal),
    ("{0} are paged and filtered", _pages),
    ("{0} below a record", _children),
    ("the same is sent twice to {0}", _repeats),
    ("strangers ask for {0}, and for what is not there", _nobody),
    ("invalid bodies for {0}", _wrong_input),
    ("odd bodies for {0}", _odd_input),
    ("actions on {0}", _actions),
)
