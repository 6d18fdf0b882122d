"""One journey through one collection, each step judged by what a client may expect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.detect.decisions import CollectionPlan, Role
from mockserver.resources.detect.schema_shape import SchemaPlace, dig, put
from tools.corpus.asks import Unaskable
from tools.corpus.journeys.client import Answer
from tools.corpus.journeys.comparing import is_same
from tools.corpus.journeys.filters import Filters
from tools.corpus.journeys.pages import Pages
from tools.corpus.journeys.served import NOTED, Served, Values
from tools.corpus.journeys.tally import Tally

_NO_LONGER: Final = (404, 410)
_READ_LISTED: Final = 3
_MOST_NAMES: Final = 4
"""Names that are tried for a second record."""


@dataclass
class Journey:
    """One journey. `scope` names what the records belong to; `sent` is what the client sent of its record so far,
    `shown` what the answer to its creation showed.
    """

    served: Served
    collection: CollectionPlan
    tally: Tally
    scope: Values = ()
    record_id: str = ""
    is_own: bool = False
    sent: dict[str, Json] = field(default_factory=dict)
    shown: dict[str, Json] = field(default_factory=dict)

    def run(self) -> None:
        """Goes all steps that the document has operations for."""
        scope = self.served.scope(self.collection) if not self.collection.singleton else self._of_sole()
        if scope is None:
            self.tally.untried["no answer says the id of what its records belong to"] += 1
            return
        self.scope = scope
        listed = self._list()
        made = self._create()
        if not made:
            self.sent, self.is_own = {}, False
        self.record_id = made or next(iter(listed), "") or self._made_up()
        if not self.record_id and not self.collection.singleton:
            return
        self._read("read")
        if made:
            self._find()
        self._change()
        self._act()
        self._delete()

    @property
    def values(self) -> Values:
        """The values of the path parameters that name the record."""
        return self.scope if self.collection.singleton else (*self.scope, self.record_id)

    def _count(
        self, step: str, role: Role, answer: Answer, told: tuple[str, str], values: Values | None = None
    ) -> bool:
        """Whether a step was kept; `told` are the reason why not, and its details. Where the document itself gives a
        reason, that is counted in its place.
        """
        why, detail = told
        documented = self.served.why_not(role, answer, self.values if values is None else values) if why else ""
        detail = f"{why} {detail}" if documented else detail
        return self.tally.count(step, role.operation, documented or why, detail, is_documented=bool(documented))

    def _of_sole(self) -> Values | None:
        parent = self.served.plan.collections.get(self.collection.parent)
        if parent is not None and not parent.singleton and len(parent.scope) + 1 == len(self.collection.scope):
            return self.served.scope(self.collection)
        return self.served.made_up(self.collection, len(self.collection.scope)) if self.collection.scope else ()

    def _made_up(self) -> str:
        """An id that a collection takes whose records come into being when they are asked for."""
        if self.collection.ids_known:
            return ""
        made = self.served.made_up(self.collection, len(self.scope) + 1)
        return made[-1] if made is not None and len(made) > len(self.scope) else ""

    # beginning

    def _list(self) -> list[str]:
        """The ids of the records that are there at first, each of which can be read."""
        ids: list[str] = []
        for role in self.served.roles(self.collection, "list")[:1]:
            try:
                answer = self.served.ask(role, self.scope)
            except Unaskable:
                continue
            listed = self.served.listed(role, answer) if answer.is_good else None
            why = _refused(answer) or ("" if listed is not None else "the answer has no list")
            if not self._count("list", role, answer, (why, answer.why), self.scope):
                continue
            ids = [found for record in listed or () if (found := self.served.id_of(self.collection, record))]
        for role in self.served.roles(self.collection, "read")[:1]:
            for record_id in ids[:_READ_LISTED]:
                self._read_at(role, record_id, "read listed")
        return ids

    def _read_at(self, role: Role, record_id: str, step: str) -> Answer | None:
        """The answer at a record's address, which shows that record."""
        try:
            answer = self.served.ask(role, (*self.scope, record_id))
        except Unaskable:
            return None
        record = self.served.shown(role, answer)[0]
        why = _refused(answer) or self._another(record, record_id, answer)
        detail = f"{record_id!r} {answer.why if not answer.is_good else ''}"
        self._count(step, role, answer, (why, detail), (*self.scope, record_id))
        return answer

    def _another(self, record: Json, record_id: str, answer: Answer) -> str:
        """Why the record that is shown is not the one that was asked for; an id that its answer's schema cannot show is
        to be noted.
        """
        noted = answer.headers.get(NOTED, "")
        if not record_id or (
            "replaced-values" in noted and f"/{'/'.join(self.collection.id_spec.member_path)} " in noted
        ):
            return ""
        for shown in self.served.names_of_id(self.collection, record):
            if not isinstance(shown, str | int) or isinstance(shown, bool) or is_same(record_id, shown):
                continue
            if not str(shown).endswith(f"/{record_id}"):  # such an id is the record's address
                return "the record shows another id"
        return ""

    def _create(self) -> str:
        """The id of a new record that the client made; empty where it could not."""
        makers = [role for role in self.served.roles(self.collection, "create") if len(role.keys) == len(self.scope)]
        for role in makers[:1]:
            if found := self._posted(role):
                return found
        if not makers and not self.collection.singleton:
            for role in self.served.roles(self.collection, "replace")[:1]:
                return self._put(role)
        return ""

    def _posted(self, role: Role) -> str:
        before = {*self._ids_listed()}
        try:
            body = self.served.body(role, f"{self.collection.name}/new", self.scope)
            answer, body = self.served.write(role, self.scope, body)
        except Unaskable:
            return ""
        self.sent = self.served.sent(role, body)
        record, places = self.served.shown(role, answer)
        self._count("create", role, answer, self._shown_wrong(answer, record, places, self.sent), self.scope)
        if not answer.is_good:
            return ""
        self.is_own, self.shown = True, record if isinstance(record, dict) else {}
        found = self.served.id_of(self.collection, record) or self._new(before)
        self._locate(answer, found)
        if found:
            self._create_again(role, found)
        return found or self._id_sent()

    def _create_again(self, role: Role, first: str) -> None:
        """A second creation makes a second record."""
        try:
            answer = self._another_made(role)
        except Unaskable:
            return
        same = self.served.id_of(self.collection, self.served.shown(role, answer)[0]) == first
        why = _refused(answer) or ("two creations have one id" if same else "")
        self._count("create again", role, answer, (why, answer.why if not answer.is_good else first), self.scope)

    def _another_made(self, role: Role) -> Answer:
        """The answer to a second creation; where its name is taken, to one of another name. Raises Unaskable."""
        for number in range(_MOST_NAMES):
            body = self.served.body(role, f"{self.collection.name}/another{number or ''}", self.scope)
            answer, _ = self.served.write(role, self.scope, body)
            if not _is_taken(answer):
                break
        return answer

    def _new(self, before: set[str]) -> str:
        """The id that a list has now, and had not before."""
        new = [found for found in self._ids_listed() if found not in before]
        return new[0] if len(new) == 1 and before else ""

    def _ids_listed(self) -> Iterator[str]:
        for role in self.served.roles(self.collection, "list")[:1]:
            try:
                answer = self.served.ask(role, self.scope)
            except Unaskable:
                return
            yield from (self.served.id_of(self.collection, record) for record in self.served.listed(role, answer) or ())

    def _id_sent(self) -> str:
        return self.served.id_of(self.collection, self.sent)

    def _locate(self, answer: Answer, record_id: str) -> None:
        """The address that a creation answers leads to the record."""
        address = answer.headers.get("location")
        readers = self.served.roles(self.collection, "read")
        if not address or not readers:
            return
        found = self.served.follow(address, readers[0], (*self.scope, record_id or "0"))
        record, places = self.served.shown(readers[0], found)
        why, detail = self._shown_wrong(found, record, places, self.sent)
        told = (why or self._another(record, record_id, found), detail or address)
        self._count("location", readers[0], found, told, (*self.scope, record_id or "0"))

    def _put(self, role: Role) -> str:
        """The id of a record that the client puts at an address of its own choice."""
        made = self.served.made_up(self.collection, len(self.scope) + 1)
        if made is None or len(made) <= len(self.scope):
            return ""
        self.record_id = made[-1]
        try:
            body = self.served.body(role, f"{self.collection.name}/new", self.scope)
            said = self.served.id_of(self.collection, self.served.sent(role, body))
            if said and "/" not in said and self.served.takes(role, (*self.scope, said)):
                self.record_id = said
            answer, body = self.served.write(role, self.values, self._with_id(role, body))
        except Unaskable:
            return ""
        self.sent = self.served.sent(role, body)
        record, places = self.served.shown(role, answer)
        self._count("create", role, answer, self._shown_wrong(answer, record, places, self.sent))
        self.is_own = answer.is_good
        return self.record_id if answer.is_good else ""

    def _with_id(self, role: Role, body: Json) -> Json:
        """The body, which says the same id as its path."""
        sent, member_path = dig(body, role.body_path) if role.body_path else body, self.collection.id_spec.member_path
        said = dig(sent, member_path) if isinstance(sent, dict) and member_path else None
        if not isinstance(said, str | int):
            return body
        same: Json = int(self.record_id) if type(said) is int and self.record_id.isdecimal() else self.record_id
        return put(body, (*role.body_path, *member_path), same)

    # reading

    def _read(self, step: str) -> None:
        for role in self.served.roles(self.collection, "read")[:1]:
            try:
                answer = self.served.ask(role, self.values)
            except Unaskable:
                return
            record, places = self.served.shown(role, answer)
            if answer.status in _NO_LONGER and self.collection.absent and not self.is_own:
                self.tally.count(step, role.operation)  # nothing is there until it is put there
                return
            why, detail = self._shown_wrong(
                answer, record, places, self.sent if self.is_own or self.collection.singleton else {}
            )
            self._count(step, role, answer, (why, detail or repr(self.record_id)))
            if answer.is_good and not self.collection.singleton and step == "read":
                self.tally.count(
                    "id shown", role.operation, self._another(record, self.record_id, answer), self.record_id
                )

    def _shown_wrong(
        self, answer: Answer, record: Json, places: list[SchemaPlace], sent: Mapping[str, Json]
    ) -> tuple[str, str]:
        """Why an answer does not show what was sent, in few words and then in detail."""
        if why := _refused(answer):
            return why, answer.why
        if "mock-violation" in answer.headers:
            return "the answer breaks its schema", answer.headers["mock-violation"]
        if record is None:
            return "", ""
        noted = "replaced-values" in answer.headers.get(NOTED, "")
        found = [*self.served.compare.differences(dict(sent), record, places, noted=noted)]
        if not found:
            return "", ""
        wrong = found[0]
        kind = "an inner member" if wrong.pointer.count("/") > 1 else "a member"
        values = f"sent {_at(sent, wrong.pointer)!r:.80}, shown {_at(record, wrong.pointer)!r:.80}"
        return f"{kind} that was sent {wrong.why}", f"{wrong.pointer}: {values}"

    def _find(self) -> None:
        pages, filters = Pages(self.served), Filters(self.served)
        for role in self.served.roles(self.collection, "list")[:1]:
            query = filters.required(role, {**self.shown, **self.sent})
            try:
                normalizer = pages.normalizer(self.collection, role, self.scope, query)
                ids = [self.served.id_of(self.collection, record) for record in normalizer.records]
                mine = self.record_id in ids or not any(ids)
                why = normalizer.diagnostic or ("" if mine else "the new record is on no page")
                self.tally.count("find", role.operation, why, self.record_id)
                if pages.can_be_short(role):
                    short = pages.normalizer(self.collection, role, self.scope, query, 2)
                    again = [self.served.id_of(self.collection, record) for record in short.records]
                    why = short.diagnostic or _paged_wrong(ids, again, short.sizes)
                    self.tally.count("page through", role.operation, why, f"{short.sizes} {again[:6]} {ids[:6]}")
                filters.try_all(self.collection, role, self.scope, self.record_id, query, self.tally)
            except Unaskable:
                continue

    # writing

    def _change(self) -> None:
        for role in self.served.roles(self.collection, "update", "replace"):
            if len(role.keys) != len(self.values):
                continue
            try:
                for number in range(_MOST_NAMES):
                    body, sent = self._changes(role, number)
                    answer, body = self.served.write(role, self.values, body)
                    if not _is_taken(answer):
                        break
            except Unaskable:
                continue
            sent = self.served.sent(role, body) if sent is None else sent
            record, places = self.served.shown(role, answer)
            told = self._shown_wrong(answer, record, places, sent)
            if not self._count("change", role, answer, told) and not answer.is_good:
                continue
            self.sent = {**self.sent, **sent} if role.kind == "update" and self.is_own else sent
            self.is_own = True
            self._read("read changed")

    def _changes(self, role: Role, number: int) -> tuple[Json, dict[str, Json] | None]:
        """A body that changes the record, another for each number, and where that is a JSON Patch the members that it
        changes. Raises Unaskable.
        """
        readers = self.served.roles(self.collection, "read")[:1]
        shown = self.served.shown(readers[0], self.served.ask(readers[0], self.values))[0] if readers else None
        patch = self.served.patch(role, shown)
        if patch is not None:
            return patch
        body = self.served.body(role, f"{self.collection.name}/{role.operation}{number or ''}", self.values)
        return self._with_id(role, body), None

    def _act(self) -> None:
        for role in self.served.roles(self.collection, "act"):
            if len(role.keys) != len(self.values):
                continue
            try:
                answer = self.served.ask(role, self.values)
            except Unaskable:
                continue
            record = self.served.shown(role, answer)[0]
            why = _refused(answer) or self._another(record, self.record_id, answer)
            self._count("act", role, answer, (why, answer.why if why else ""))

    def _delete(self) -> None:
        for role in self.served.roles(self.collection, "delete")[:1]:
            try:
                answer = self.served.ask(role, self.values)
            except Unaskable:
                return
            if not self._count("delete", role, answer, (_refused(answer), answer.why)):
                return
            for reader in self.served.roles(self.collection, "read")[:1]:
                found = self.served.ask(reader, self.values)
                why = "" if found.status in _NO_LONGER else f"what was deleted is {found.status}"
                self._count("gone", reader, found, (why, ""))
            if not self.collection.singleton:
                again = self.record_id in self._ids_listed()
                self.tally.count("gone", role.operation, "what was deleted is in the list" if again else "")


def _is_taken(answer: Answer) -> bool:
    """Whether an answer refuses a name, or another value, that another record has."""
    return answer.status == 409 or (answer.status == 422 and "already" in answer.said)


def _refused(answer: Answer) -> str:
    return "" if answer.is_good else f"{answer.status}"


def _at(value: Json, pointer: str) -> Json:
    for token in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = value.get(token)
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return None
    return value


def _paged_wrong(ids: list[str], again: list[str], sizes: list[int]) -> str:
    """Why short pages do not show each record once."""
    if any(again) and len({*again}) < len(again):
        return "a record is on two pages"
    full = sizes[:-1] if sizes[-1] else sizes[:-2]
    if any(size != 2 for size in full) or max(sizes) > 2:
        return "a page has more or fewer records than asked for"
    if len(again) < len(ids):
        return "pages of two have fewer records than the list"
    return ""
