"""Operations below an owner, on the records of a collection that refer to it: `/owners/{id}/pets`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

from mockserver.engine.api import Handler
from mockserver.engine.assumptions import Assumption
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import ALREADY_EXISTS, NOT_FOUND, Problem
from mockserver.resources.detect.decisions import MemberPath, OwnedRecords, names
from mockserver.resources.detect.foreign_keys import ForeignKey
from mockserver.resources.detect.schema_shape import dig
from mockserver.resources.detect.shared_collections import id_path
from mockserver.resources.operations.refusals import MISSING, TO_ONE
from mockserver.resources.operations.reply import Reply
from mockserver.resources.query.value_index import having
from mockserver.resources.records.adapter import ABSENT, part_at
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.store import Store
from mockserver.spelling import plain
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

MISSING_REFERENCES: Final = Assumption(
    name="missing-references",
    question="What happens to a write that names a record which is not there?",
    options={
        "refuse": "it is refused with the 404, 422 or 409 that the operation declares; where none is, it is taken",
        "accept": "it is taken",
    },
    default="refuse",
    probe="Create a record whose foreign key names an id that does not exist.",
)


class Ownership:
    """Checks the references of one operation: to the owner in its path, and those that are sent."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._store = reply.store
        self._owned = reply.role.owned

    def around(self, handler: Handler) -> Handler:
        """Returns the handler, which sees only the records of the owner in its path."""
        owned, is_to_one = self._owned, self._reply.role.kind in TO_ONE
        if owned is None:
            return handler

        def handle(call: Call, state: ApiState) -> Response | Json:
            self._expect_owner(owned, call, state)
            if is_to_one:
                record = self._store.find(state, self._reply.scope_of(call))
                if record is not None and not names(record, owned, call.path[owned.parameter]):
                    what = (
                        f"There is no {record[self._store.collection.id_member]!r} in {self._store.name} of this one."
                    )
                    raise self._reply.refusals.deleted(what)
            return handler(call, state)

        return handle

    def _expect_owner(self, owned: OwnedRecords, call: Call, state: ApiState) -> None:
        parent = self._store.stores.get(owned.parent)
        values = (call.path[owned.parameter],)
        if parent is None or parent.find(state, values) is not None:
            return
        what = f"There is no {str(values[0])!r} in {parent.name}."
        refusals, is_deleted = self._reply.refusals, parent.is_deleted(state, values)
        problem = refusals.deleted(what) if is_deleted else refusals.missing(what)
        if not parent.collection.ids_known and not is_deleted:
            return
        if problem is not None:
            raise problem
        self._reply.refusals.note_missing(call, what)

    # what a record names

    def with_references(
        self, call: Call, state: ApiState, record: dict[str, Json], sent: Mapping[str, Json], *, is_new: bool = True
    ) -> dict[str, Json]:
        """Returns the record that refers to the owner in the path, and whose other references agree with those that
        were sent. Raises a Problem where one leads nowhere.
        """
        references = self._store.referring.references
        if not references:
            return record
        if self._stand_alone and all(sent.get(one.member_path[0]) is not None for one in references):
            self._expect_referred(call, state, record, references)
            return record
        sent_references = self._sent_references(sent)
        result = self._placed(call, state, record, sent)
        if sent_references:
            self._expect_referred(call, state, result, sent_references)
        for group in self._store.referring.groups.values():
            if is_new or any(reference in sent_references for reference in group):
                result = self._agreed(state, result, group, sent_references, sent)
        return result

    @cached_property
    def _stand_alone(self) -> bool:
        """Whether a reference that is sent changes nothing else of its record: it shows no other record, and no path
        names one.
        """
        references = self._store.referring.references
        return self._owned is None and all(len(one.member_path) == 1 and not one.embeds for one in references)

    def _sent_references(self, sent: Mapping[str, Json]) -> list[ForeignKey]:
        """Returns the references that were sent, and the one in the path."""
        member_path = self._owned.member_path if self._owned is not None else ()
        whole = sent if isinstance(sent, dict) else {**sent}
        found: list[ForeignKey] = []
        spelt: set[str] = set()
        for one in self._store.referring.references:
            if one.member_path == member_path or dig(whole, one.member_path) is not None:
                found.append(one)
            elif len(one.member_path) == 1:
                spelt = spelt or {*map(plain, sent)}
                if one.noun in spelt or f"{one.noun}id" in spelt:
                    found.append(one)
        return found

    def _placed(
        self, call: Call, state: ApiState, record: dict[str, Json], sent: Mapping[str, Json]
    ) -> dict[str, Json]:
        owned = self._owned
        if owned is None or names(record, owned, call.path[owned.parameter]):
            return record
        reference = next(
            (one for one in self._store.referring.references if one.member_path == owned.member_path), None
        )
        parent = self._store.stores.get(owned.parent)
        if reference is None or parent is None:
            return record
        if dig({**sent}, owned.member_path) is not None:
            call.note("replaced-values", f"/{'/'.join(owned.member_path)} is what the path says")
        found = parent.find(state, (call.path[owned.parameter],))
        named = parent.own(call.path[owned.parameter])
        ids = [*reference.ids(record), named] if reference.is_list else [named]
        return self._naming(reference, record, ids, [found])

    def _agreed(
        self,
        state: ApiState,
        record: dict[str, Json],
        group: list[ForeignKey],
        sent_references: list[ForeignKey],
        sent: Mapping[str, Json],
    ) -> dict[str, Json]:
        """Returns the record whose other members for the same record agree and show it as it is."""
        whole = sent if isinstance(sent, dict) else {**sent}
        if all(not one.embeds and dig(whole, one.member_path) is not None for one in group):
            return record
        chosen = next((one for one in group if one in sent_references and one.ids(record)), None)
        target = self._store.stores[group[0].target]
        result = record
        for reference in group:
            if reference.is_list or (
                reference is not chosen and reference.member_path[0] not in result and not reference.embeds
            ):
                continue
            if chosen is None:
                result = self._invented(state, result, reference, target)
                continue
            named = chosen.ids(record)[0]
            found = target.find(state, (named,)) if reference.embeds else None
            member = dig(whole, reference.member_path)
            if member is None:
                result = self._naming(reference, result, [named], [found])
            elif isinstance(member, Mapping) and found is not None and reference.embeds:
                shown = dig(self._naming(reference, result, [named], [found]), reference.member_path)
                result = _put(result, reference.member_path, {**shown, **member})
        return result

    def _invented(
        self, state: ApiState, record: dict[str, Json], reference: ForeignKey, target: Store
    ) -> dict[str, Json]:
        """Returns the record, in which a reference that nobody sent is empty or names an existing record."""
        ids = reference.ids(record)
        known = target.find(state, (ids[0],)) if ids else None
        if known is not None:
            return self._naming(reference, record, ids[:1], [known])
        if not ids:
            return record
        if reference.takes_null or not reference.is_required:
            return reference.without(record)
        first = next(iter(target.every(state)), None)
        if first is None or target is self._store:
            return record
        return self._naming(reference, record, [target.values(first)[-1]], [first])

    def _naming(
        self, reference: ForeignKey, record: dict[str, Json], ids: list[Json], found: Sequence[Record | None]
    ) -> dict[str, Json]:
        """Returns the record that names these ids and shows the found record as its collection has it."""
        result = reference.named(record, ids)
        member = found[0] if found and reference.embeds and not reference.is_list else None
        if member is None:
            return result
        shapes = self._store.context.shapes
        place = shapes.member(self._store.record, *reference.member_path[:-1]).members[reference.member_path[-1]]
        adapted = part_at(self._store.context, member, place, str(ids[0]))
        return result if adapted is ABSENT else _put(result, reference.member_path, adapted)

    # what is refused

    def _expect_referred(
        self, call: Call, state: ApiState, record: dict[str, Json], sent_references: Sequence[ForeignKey]
    ) -> None:
        """Raises the declared Problem where a reference that was sent leads nowhere."""
        for reference in sent_references:
            target = self._store.stores[reference.target]
            if not target.collection.ids_known:
                continue
            for named in reference.ids(record):
                if target.find(state, (named,)) is not None:
                    continue
                is_refused = self._reply.refusals.refusing and self._option(call) == "refuse"
                if is_refused:
                    member = ".".join(reference.member_path)
                    raise Problem(
                        int(self._reply.refusals.refusing),
                        f"`{member}` is {named!r}, which {target.name} does not have.",
                        code=NOT_FOUND,
                    )
                if not self._reply.refusals.refusing and (
                    self._owned is None or reference.member_path != self._owned.member_path
                ):
                    call.note(MISSING, f"`{'.'.join(reference.member_path)}` names what {target.name} does not have")

    def _option(self, call: Call) -> str:
        """Returns the policy for missing references: the document's extension, else the assumption."""
        name = MISSING_REFERENCES.name
        sent_references = self._reply.view.extension("missing-references")
        if isinstance(sent_references, str):
            return sent_references
        return call.assume(name) if name in call.choices else MISSING_REFERENCES.default

    def expect_unique(
        self,
        state: ApiState,
        record: Mapping[str, Json],
        own: Mapping[str, Json] | None,
        sent: Mapping[str, Json],
    ) -> None:
        """Raises a Problem 409 where another record has a value that must be unique, if 409 is declared; else the
        declared 422 or 400 whose description mentions used values, or any of these where the document calls the member
        unique. A value that the client did not send or change conflicts with none.
        """
        for member, is_said in self._store.referring.unique.items():
            status = self._reply.refusals.conflicting or (self._reply.refusals.rejecting if is_said else 0)
            value = record.get(member)
            if member not in sent if own is None else own.get(member) == value:
                continue
            if not status or not isinstance(value, str | int) or isinstance(value, bool) or value == "":
                continue
            for other in having(self._store.every(state), (member,), value) or ():
                if other.get(member) == value and other is not own:
                    raise Problem(
                        status,
                        f"{self._store.name} has one whose `{member}` is {value!r} already.",
                        code=ALREADY_EXISTS,
                    )


def _put(record: dict[str, Json], member_path: MemberPath, value: Json) -> dict[str, Json]:
    if len(member_path) == 1:
        return {**record, member_path[0]: value}
    member = record.get(member_path[0])
    return {**record, member_path[0]: _put(member if isinstance(member, dict) else {}, member_path[1:], value)}


_ALIKE: Final = 0.9


def added(reply: Reply, call: Call, state: ApiState, scope: Scope, sent: dict[str, Json]) -> Record:
    """Adds an existing record to the scope's list of members. Raises a Problem 404 where there is no such record, and a
    declared 409 where it is listed already.
    """
    store = reply.store
    whole = store.stores[store.collection.lists]
    if reply.role.kind == "replace":
        values = scope
    else:
        values = (*scope, dig(sent, id_path(reply.body_shape, store.collection, whole.collection)))
    named = values[-1]
    is_id = isinstance(named, str | int) and not isinstance(named, bool)
    if not is_id or whole.find(state, (named,)) is None:
        raise reply.refusals.deleted(f"There is no {named!r} in {whole.name}.")
    known = store.find(state, values)
    if known is not None and reply.role.kind == "create" and "409" in reply.view.responses:
        raise Problem(409, f"{store.name} has {named!r} already.", code=ALREADY_EXISTS)
    left = sent.keys() - {*id_path(reply.body_shape, store.collection, whole.collection)}
    if left:
        names = " ".join(f"/{name}" for name in sorted(left))
        call.note("not-remembered", f"{names} are no members of {whole.name}")
    store.add(state, store.named(values), values)
    return store.find(state, values) or Record(store.marked(store.named(values), values))
