"""Builds a sequence step by step, on what the mock answers: ids of its answers are referred to by later steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mockserver.contract.replay.planned_request import (
    JSON_MEDIA,
    NO_BODY,
    AnswerReference,
    PlannedRequest,
    PlannedValue,
    UniqueText,
    Unresolvable,
    replaced,
)
from mockserver.contract.replay.player import PlayedAnswer, Player, in_a_path
from mockserver.contract.replay.request_sequence import RequestSequence
from mockserver.contract.sequences.compared_api import ComparedApi
from mockserver.contract.sequences.sample_values import SampleBody, SampleValues
from mockserver.json_pointer import MISSING, escaped, pointer_of, tokens, value_at
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.spelling import plain

_UNIQUE = frozenset({"email", "emailaddress", "username", "login", "handle", "sku"})
_UNIQUE_ON_CONFLICT = frozenset({"name", "title", "slug", "code", "key"})


class KnownRecord(NamedTuple):
    """A record that an answer of the sequence showed: `keys` are the values of the path parameters that name it,
    outermost first; `pointer` is where it stands in the answer to step `step` (from 1). `is_own`: the sequence made it.
    """

    collection: str
    keys: tuple[PlannedValue, ...]
    step: int
    pointer: str
    is_own: bool = False

    def member(self, *names: str) -> AnswerReference:
        """A reference to a member of the record."""
        return AnswerReference(self.step, self.pointer + pointer_of(names))


class Sending(NamedTuple):
    """One request to an operation beyond what its path needs; `path_values` are sent in the place of its usual ones."""

    record: KnownRecord | None = None
    body: PlannedValue = NO_BODY
    query: Mapping[str, PlannedValue] = {}
    headers: Mapping[str, PlannedValue] = {}
    is_authenticated: bool = True
    is_unknown: bool = False
    does: str = ""
    path_values: Mapping[str, PlannedValue] = {}


class SequenceBuilder:
    """A sequence in the making; each step is played on the mock at once. `writes`: records may be created. `careful`:
    the other server keeps what is written, so that writes are to records of the sequence alone, with texts that are new
    in each run.
    """

    def __init__(self, api: ComparedApi, samples: SampleValues, player: Player, *, writes: bool, careful: bool) -> None:
        self.api = api
        self.samples = samples
        self.writes = writes
        self._careful = careful
        self._player = player
        self._steps: list[PlannedRequest] = []
        self.answers: list[PlayedAnswer] = []
        self._records: dict[str, list[KnownRecord]] = {}
        self._bodies = 0
        self._ensuring: set[str] = set()

    def sequence(self, about: str = "") -> RequestSequence:
        return RequestSequence(tuple(self._steps), self.api.name, about)

    def records(self, collection: str) -> list[KnownRecord]:
        """The records of a collection that are known and not deleted, oldest first."""
        return self._records.get(collection, [])

    def send(self, operation: Operation, sending: Sending = Sending()) -> PlayedAnswer | None:  # noqa: B008 - a frozen value
        """The mock's answer to one more step; None where the path names a record and there is none, or where the step
        would change what is not the sequence's own.
        """
        if self._careful and self.api.changes_many(operation):
            return None
        values = self.path_values(operation, sending)
        if values is None:
            return None
        body = sending.body
        required = {
            one.name: self.samples.in_query(one)
            for one in operation.parameters
            if one.required and one.place == "query" and one.name not in sending.query
        }
        asked = sending.query
        if self._careful and not asked and self.api.role(operation).kind == "list":
            asked = self.api.largest_page(operation)
        headers = {
            one.name: self.samples.parameter(one)
            for one in operation.parameters
            if one.required and one.place == "header" and one.name not in sending.headers
        }
        step = PlannedRequest(
            operation.method,
            operation.path,
            operation=operation.id,
            path_values=values,
            query={**required, **asked},
            headers={**headers, **sending.headers},
            body=body.value if isinstance(body, SampleBody) else body,
            media_type=body.media_type if isinstance(body, SampleBody) else self._media_type(operation),
            is_authenticated=sending.is_authenticated,
            does=sending.does,
        )
        answer = self.append(step)
        if answer.is_success and sending.is_authenticated:
            self._learn(operation, step, answer, sending.record)
        return answer

    def append(self, step: PlannedRequest) -> PlayedAnswer:
        """The mock's answer to a step as it is, of which nothing is learned."""
        self._steps.append(step)
        answer = self._player.play(step, self.sequence(), self.answers)
        self.answers.append(answer)
        return answer

    def take_back(self) -> None:
        """Leaves out the latest step, which changed nothing and showed nothing that was learned."""
        self._steps.pop()
        self.answers.pop()

    def _media_type(self, operation: Operation) -> str:
        sample = self.samples.body(operation)
        return sample.media_type if sample is not None else JSON_MEDIA

    # Records

    def ensure(self, collection: str) -> KnownRecord | None:
        """A record of the collection: the latest known one, else one that is listed, or created if writes are asked
        for; None if there is none.
        """
        if not self.records(collection) and collection in self.api.collections and collection not in self._ensuring:
            self._ensuring.add(collection)
            if self.writes:
                for operation in self.api.of_kind(collection, "create"):
                    self.create(operation)
            if not self.records(collection):
                for operation in self.api.of_kind(collection, "list"):
                    self.send(operation, Sending(does="which are there"))
            self._ensuring.discard(collection)
        return self.records(collection)[-1] if self.records(collection) else None

    def create(self, operation: Operation, key: str = "") -> PlayedAnswer | None:
        """The answer to the creation of one more record."""
        self._bodies += 1
        sample = self.body(operation, key or (str(self._bodies) if self._bodies > 1 else ""))
        return self.send(operation, Sending(body=sample or NO_BODY, does="creates a record"))

    def body(self, operation: Operation, key: str = "") -> SampleBody | None:
        """A valid body, in which ids are those of known records."""
        sample = self.samples.body(operation, key)
        if sample is None:
            return None
        if operation.id in self.samples.least:
            sample = self.samples.minimal(sample)
        kind = self.api.role(operation).kind
        is_new = kind in ("create", "replace")
        if kind in ("update", "replace") and isinstance(sample.value, dict):
            others = {name: member for name, member in sample.value.items() if plain(name) not in ("id", "uuid")}
            sample = sample._replace(value=others) if sample.accepts(others) else sample
        value = self._with_known_ids(sample.value, operation, "", is_new=is_new)
        sample = sample._replace(played=self._played)
        if not sample.accepts(value):
            value = sample.value
        if self._careful and is_new and isinstance(value, dict):
            value = {name: self._made_unique(name, member, operation, sample) for name, member in value.items()}
        return sample._replace(value=value)

    def shown(self, reference: AnswerReference) -> Json:
        """The value that a reference leads to in the mock's answer; MISSING if there is none."""
        answer = self.answers[int(reference.step) - 1]
        return value_at(answer.value, tokens(reference.pointer), MISSING)

    def cursor(self) -> AnswerReference | None:
        """A reference to the cursor of the next page that the last answer has."""
        answer = self.answers[-1].value if self.answers else MISSING
        for pointer, value in _texts(answer, "", 3):
            if plain(pointer.rpartition("/")[2]) in _NEXT and "/" not in value:
                return AnswerReference(len(self._steps), pointer)
        return None

    def _played(self, value: PlannedValue) -> Json:
        """The value with what the mock answered in the place of references."""

        def resolve(reference: PlannedValue) -> Json:
            if isinstance(reference, AnswerReference) and isinstance(reference.step, int):
                answer = self.answers[reference.step - 1]
                if reference.header:
                    return in_a_path(reference, answer.header(reference.header) or "")
                return value_at(answer.value, tokens(reference.pointer))
            return reference.of_run("00000000") if isinstance(reference, UniqueText) else reference

        try:
            return replaced(value, resolve)
        except Unresolvable:
            return value

    def _with_known_ids(self, value: Json, operation: Operation, above: str, *, is_new: bool) -> PlannedValue:
        if isinstance(value, list):
            return [self._with_known_ids(item, operation, above, is_new=is_new) for item in value]
        if not isinstance(value, dict):
            return value
        found: dict[str, PlannedValue] = {}
        for name, member in value.items():
            is_bare = plain(name) in ("id", "uuid")
            collection = self.api.referred(f"{above}_{name}" if is_bare and above else name, operation)
            is_own = is_new and is_bare and not above
            ids = self._ids(collection) if collection and not is_own else []
            if ids and isinstance(member, (str, int)) and not isinstance(member, bool):
                found[name] = ids[-1]
            elif ids and isinstance(member, list) and all(isinstance(item, (str, int)) for item in member):
                found[name] = ids[-2:]
            else:
                found[name] = self._with_known_ids(member, operation, name, is_new=is_new)
        return found

    def _ids(self, collection: str) -> list[PlannedValue]:
        self.ensure(collection)
        known = (record.keys[-1] for record in self.records(collection) if record.is_own or not self._careful)
        return [key for key in known if not (isinstance(key, AnswerReference) and key.header)]

    def _made_unique(self, name: str, member: PlannedValue, operation: Operation, sample: SampleBody) -> PlannedValue:
        """The member as a text that is new in each run, where records may have to differ in it."""
        names = _UNIQUE | (_UNIQUE_ON_CONFLICT if operation.answer(409) is not None else frozenset())
        if not isinstance(member, str) or plain(name) not in names:
            return member
        local, at, domain = member.partition("@")
        unique = UniqueText(f"{local}-{{}}{at}{domain}" if at else f"{member}-{{}}")
        return unique if sample.accepts({**sample.value, name: unique}) else member

    def path_values(self, operation: Operation, sending: Sending) -> dict[str, PlannedValue] | None:
        """The values of the path; None where it names a record and there is none."""
        named = self.api.named_record(operation)
        values: dict[str, PlannedValue] = {}
        if named.collection:
            record = sending.record if sending.record and sending.record.collection == named.collection else None
            record = record or self.ensure(named.collection)
            if self._careful and operation.method not in _SAFE and not (record and record.is_own):
                record = next((one for one in reversed(self.records(named.collection)) if one.is_own), None)
            count = len(named.parameters)
            if record is None and not sending.is_unknown:
                return None
            if record is None:
                above = [self.samples.unknown_id(operation, name) for name in named.parameters]
                values |= dict(zip(named.parameters, above, strict=True))
            elif len(record.keys) >= count:
                values |= dict(zip(named.parameters, record.keys[-count:], strict=True))
            else:
                return None
        for name in named.others:
            parameter = next((one for one in operation.parameters if (one.place, one.name) == ("path", name)), None)
            values[name] = self.samples.parameter(parameter) if parameter is not None else "x"
            if values[name] is None:
                return None
        if sending.is_unknown and values:
            last = [*named.parameters, *named.others][-1]
            values[last] = self.samples.unknown_id(operation, last)
        return {**values, **sending.path_values}

    def _learn(
        self, operation: Operation, step: PlannedRequest, answer: PlayedAnswer, record: KnownRecord | None
    ) -> None:
        """Takes down the records that an answer shows, and forgets what was deleted."""
        role = self.api.role(operation)
        collection = self.api.collections.get(role.collection)
        if collection is None:
            return
        number, at = len(self._steps), pointer_of(role.answer)
        known = self._records.setdefault(role.collection, [])
        above = tuple(step.path_values.values())
        if role.kind == "delete":
            gone = record or (known[-1] if known else None)
            self._records[role.collection] = [one for one in known if gone is None or one.keys != gone.keys]
        if role.kind in ("create", "copy"):
            self._add(KnownRecord(role.collection, above, number, at, is_own=True), answer)
        if role.kind in ("list", "create-many"):
            items = value_at(answer.value, tokens(at))
            for index in range(min(len(items), _MOST_ITEMS) if isinstance(items, list) else 0):
                is_own = role.kind == "create-many"
                self._add(KnownRecord(role.collection, above, number, f"{at}/{index}", is_own), answer)

    def _add(self, record: KnownRecord, answer: PlayedAnswer) -> None:
        """Adds a record that has an id, in its body or else in the `Location` of its answer, with that; one of this id
        is known already where a list shows it again.
        """
        collection = self.api.collections[record.collection]
        reference = record.member(*collection.id_spec.member_path)
        shown = value_at(answer.value, tokens(reference.pointer), MISSING)
        if not collection.id_spec.member_path or not isinstance(shown, (str, int)) or isinstance(shown, bool):
            reference = AnswerReference(record.step, header="Location")
            shown = in_a_path(reference, answer.header("Location") or "")
            if not record.is_own or not shown:
                return
        known = self._records[record.collection]
        if str(shown) not in [str(self._played(one.keys[-1])) for one in known]:
            above = record.keys[: len(collection.scope)] if collection.scope else ()
            known.append(record._replace(keys=(*above, reference)))


_SAFE = ("GET", "HEAD", "OPTIONS", "QUERY")
_NEXT = frozenset({"nextcursor", "cursor", "next", "nextpagetoken", "nexttoken", "after", "endcursor"})


def _texts(value: Json, pointer: str, levels: int) -> Iterator[tuple[str, str]]:
    """The texts of nested objects, with their pointers."""
    if isinstance(value, str) and value:
        yield pointer, value
    if isinstance(value, dict) and levels:
        for name, member in value.items():
            yield from _texts(member, f"{pointer}/{escaped(name)}", levels - 1)


_MOST_ITEMS = 3
"""Records of one list that later steps may refer to."""
