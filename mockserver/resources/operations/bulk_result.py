"""Fills answers of operations on several records: counts, ids, records and a result for each item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.problem import Problem
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.names import named
from mockserver.resources.detect.record_maps import values_of
from mockserver.resources.detect.schema_shape import SchemaPlace, SchemaShape, dig, put, similarity
from mockserver.resources.operations.reply import Reply
from mockserver.resources.records.projection import Projection, without_failures
from mockserver.spelling import plain, singular, words_of

_MISSED: Final = named(
    "failed failure failures error errors invalid rejected skipped missing unprocessed not ignored unsuccessful fail"
)
_ASKED: Final = named("total requested submitted received")
_VERBS: Final[Mapping[str, frozenset[str]]] = {
    "created": named("created inserted added imported new creates create insert add"),
    "updated": named("updated modified changed replaced updates update modify change edit"),
    "deleted": named("deleted removed destroyed purged cleared deletes delete remove"),
}
_DONE: Final = named(
    "affected matched processed succeeded successful success successes accepted count ids rows number num done results "
    "items data result completed archived records"
)
_EACH: Final = named("results result items data responses statuses outcomes operations")
"""Names of lists that have a result for each item, whether it succeeded or failed."""
_POSITIONS: Final = named("index position line row offset")
_REASONS: Final = named("error errors message reason detail errormessage description title details")
_ALIKE: Final = 0.6
_DEEPEST: Final = 3


class BulkItem(NamedTuple):
    """The result of one item: its id, its record (None: there is none), the verb (`created`, `updated` or `deleted`),
    the status that it would have alone, and the Problem if it failed.
    """

    id: Json
    record: Mapping[str, Json] | None
    verb: str
    status: int
    problem: Problem | None = None


@dataclass
class BulkResult:
    """Fills the answer of one operation with the results of its items."""

    reply: Reply
    place: SchemaPlace

    def __post_init__(self) -> None:
        self.context = self.reply.context
        self.shapes = self.context.shapes
        self.shape = self.shapes.at(self.place)
        self.record = self.reply.store.record
        self.accepts = self.context.accepts(self.place.pointer)

    def reports_failures(self) -> bool:
        """Returns whether the answer has room for successes beside failures."""
        return self._has_failures(self.shape, 0)

    def body(self, items: list[BulkItem], call: Call) -> Json:
        """Returns the answer; members that say nothing of the items are generated from the schema."""
        if self.shape.is_list and not self.shape.members:
            whole = self._list(self.shape, items, call)
            return whole if self.accepts(whole) else self._made()
        if similarity(self.shape, self.record) >= _ALIKE and len(items) == 1 and items[0].record:
            fit = Projection(self.context, self.place, (), self.record, self.reply.store.hidden)
            return fit(items[0].record, str(items[0].id), call)
        by_id = values_of(self.shapes, self.shape)
        if by_id is not None and similarity(self.shapes.at(by_id), self.record) >= _ALIKE:
            fit = Projection(self.context, by_id, (), self.record, self.reply.store.hidden)
            shown = [entry for entry in items if entry.record and not entry.problem and entry.verb != "deleted"]
            return {str(entry.id): fit(entry.record, str(entry.id), call) for entry in shown if entry.record}
        if not self.shape.members:
            return next((value for value in self._scalars(self.shape, items) if self.accepts(value)), self._made())
        value = self._made()
        value = value if isinstance(value, dict) else {}
        for member_path, candidates in self._members(self.shape, (), items, call):
            if member_path[:-1] and not isinstance(dig(value, member_path[:-1]), dict):
                continue
            value = next(
                (trial for members in candidates if self.accepts(trial := put(value, member_path, members))),
                value,
            )
        return value

    def _made(self) -> Json:
        return without_failures(self.shape, self.context.value(self.place.pointer, self.reply.view.id))

    def _has_failures(self, shape: SchemaShape, depth: int) -> bool:
        if shape.is_list:
            item = self.shapes.items(shape)
            return any(
                plain(name) in _REASONS or plain(name) in ("status", "success", "ok", "code") for name in item.members
            )
        for name in shape.members:
            if not _MISSED.isdisjoint(words_of(name)):
                return True
            if depth < _DEEPEST and self._has_failures(self.shapes.member(shape, name), depth + 1):
                return True
        return False

    def _members(
        self, shape: SchemaShape, member_path: MemberPath, items: list[BulkItem], call: Call
    ) -> Iterator[tuple[MemberPath, list[Json]]]:
        """Yields each member that describes the items, with its candidate values, the likeliest first."""
        for name, place in shape.members.items():
            member, here = self.shapes.at(place), (*member_path, name)
            if member.members and not member.is_list and len(here) < _DEEPEST:
                if similarity(member, self.record) < _ALIKE:
                    yield from self._members(member, here, items, call)
                continue
            chosen = self._chosen(name, items)
            if member.is_list:
                has_each = chosen is None or (plain(name) in _EACH and self._has_failures(member, 0))
                yield here, [self._list(member, items if has_each or chosen is None else chosen, call), []]
            elif chosen is not None:
                yield here, [*self._scalars(member, chosen)]
            elif plain(name) in ("ok", "status", "acknowledged") and "boolean" in member.types:
                yield here, [not any(item.problem for item in items)]

    def _chosen(self, name: str, items: list[BulkItem]) -> list[BulkItem] | None:
        """Returns the items that a member of this name describes; None where the name does not say."""
        words = {*words_of(name)}
        if not words.isdisjoint(_MISSED):
            return [item for item in items if item.problem is not None]
        if not words.isdisjoint(_ASKED):
            return items
        done = [item for item in items if item.problem is None]
        for verb, called in _VERBS.items():
            if not words.isdisjoint(called):
                return [item for item in done if item.verb == verb]
        return done if not words.isdisjoint(_DONE) or plain(name).endswith("ed") else None

    def _scalars(self, shape: SchemaShape, items: list[BulkItem]) -> Iterator[Json]:
        if "boolean" in shape.types:
            yield all(item.problem is None for item in items)
        elif shape.types & {"integer", "number"}:
            yield len(items)

    def _list(self, shape: SchemaShape, items: list[BulkItem], call: Call) -> Json:
        item = self.shapes.items(shape)
        if shape.items is None or (item.is_scalar and not item.members):
            ids = [entry.id for entry in items]
            return [str(value) for value in ids] if item.types == {"string"} else ids
        if similarity(item, self.record) >= _ALIKE:
            fit = Projection(self.context, shape.items, (), self.record, self.reply.store.hidden)
            return [fit(entry.record, str(entry.id), call) for entry in items if entry.record and not entry.problem]
        return [self._result(shape.items, item, entry, number, call) for number, entry in enumerate(items)]

    def _result(self, place: SchemaPlace, shape: SchemaShape, entry: BulkItem, number: int, call: Call) -> Json:
        """Returns the result of one item as its schema allows it."""
        accepts = self.context.accepts(place.pointer)
        value = self.context.value(place.pointer, f"{self.reply.view.id}/{number}")
        value = value if isinstance(value, dict) else {}
        for name, nested in shape.members.items():
            candidates = [*self._candidates(name, nested, entry, number, call)]
            if not candidates and (
                plain(name) in _REASONS or similarity(self.shapes.at(nested), self.record) >= _ALIKE
            ):
                value = {key: member for key, member in value.items() if key != name or name in shape.required}
            value = next((trial for one in candidates if accepts(trial := {**value, name: one})), value)
        return value

    def _candidates(self, name: str, place: SchemaPlace, entry: BulkItem, number: int, call: Call) -> Iterator[Json]:
        """Yields the values that a member of a result may have for an item."""
        called, shape = plain(name), self.shapes.at(place)
        failed = entry.problem is not None
        id_spec = self.reply.store.collection.id_spec.member_path
        one = plain(singular(self.reply.store.name.rpartition(".")[2]))
        if called in ("id", "key", f"{one}id") or (id_spec and called == plain(id_spec[-1])):
            yield from (entry.id, str(entry.id))
        elif called in _POSITIONS:
            yield number
        elif called in _REASONS and entry.problem is not None:
            yield entry.problem.detail
            yield from self._error(place, shape, entry.problem)
        elif "boolean" in shape.types:
            yield failed if not {*words_of(name)}.isdisjoint(_MISSED) else not failed
        elif called in ("status", "code", "statuscode", "httpstatus", "result", "outcome", "state"):
            yield from (entry.status, *_word(shape, entry), str(entry.status))
        elif similarity(shape, self.record) >= _ALIKE and entry.record and not failed:
            yield Projection(self.context, place, (), self.record, self.reply.store.hidden)(
                entry.record, str(entry.id), call
            )

    def _error(self, place: SchemaPlace, shape: SchemaShape, problem: Problem) -> Iterator[Json]:
        if not shape.members:
            return
        base = self.context.value(place.pointer, f"{self.reply.view.id}/error")
        base = base if isinstance(base, dict) else {}
        candidates: dict[str, Json] = {name: problem.detail for name in shape.members if plain(name) in _REASONS}
        candidates |= {name: problem.status for name in shape.members if plain(name) in ("status", "statuscode")}
        yield {
            **base,
            **candidates,
            **{name: problem.code for name in shape.members if plain(name) in ("code", "type")},
        }
        yield {**base, **candidates}
        yield {**base, **{name: problem.detail for name in shape.members if plain(name) == "message"}}


_GOOD: Final = ("success", "succeeded", "ok", "done", "completed", "accepted", "applied")
_BAD: Final = ("error", "failed", "failure", "notfound", "rejected", "invalid")


def _word(shape: SchemaShape, entry: BulkItem) -> Iterator[str]:
    """Yields the states of a result that fit: the verb, a success or a failure."""
    wanted = _BAD if entry.problem is not None else (entry.verb, *_GOOD)
    known = {plain(value): value for value in shape.enum if isinstance(value, str)}
    yield from (known[word] for word in wanted if word in known)
    if not shape.enum and "string" in shape.types:
        yield "error" if entry.problem is not None else entry.verb
