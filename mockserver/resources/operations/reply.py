"""The declared answer of one operation: its status, its headers, and a record fitted into its body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import Final, NamedTuple
from urllib.parse import parse_qs, quote

from mockserver.engine.call import Call
from mockserver.engine.steps.conditional import READS, tells_tags
from mockserver.json_pointer import escaped
from mockserver.json_text import Json
from mockserver.messages import Headers, Response, make
from mockserver.openapi.model.header import Header
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import MemberPath, Role
from mockserver.resources.detect.foreign_keys import ForeignKey
from mockserver.resources.detect.locate import IDS, find_record
from mockserver.resources.detect.operation_view import AnswerView, OperationView, query_members
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape, dig, put, similarity
from mockserver.resources.operations.refusals import Refusals
from mockserver.resources.operations.uploads import AttachedFiles
from mockserver.resources.records.projection import Projection, etag
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.store import Store
from mockserver.resources.relations.links import Links
from mockserver.spelling import plain, words_of
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

LONGEST_ADDRESS: Final = 8000
"""Characters of an address that every server should accept (RFC 9110, 4.1); a client may send a longer id."""

_ALIKE: Final = 0.9
_MAKING: Final = ("create", "copy")
_KEYS: Final = ("name", *IDS)
_IDS_IN_WORDS: Final = frozenset({"id", "identifier", "uuid", "guid", "key", "number"})


class _Declared(NamedTuple):
    """A declared success: its status, and the headers that may describe a record, each with the check of its values."""

    answered: AnswerView
    status: int
    headers: tuple[tuple[str, Header | None], ...]


class _Fits(NamedTuple):
    """The projection of records into an answer, and whether the answer has links, or may be no more than an id."""

    fit: Projection
    has_links: bool
    may_be_id: bool


class Reply:
    """The answers of one operation. `store` holds the records that it reads or writes; `refusals` are the Problems that
    it answers in the place of one.
    """

    def __init__(self, context: ResourceContext, role: Role, store: Store) -> None:
        self.context = context
        self.role = role
        self.store = store
        self.view: OperationView = context.view(role.operation)
        self.refusals = Refusals(context, role, store, self.view)
        self._declared: dict[tuple[int, ...], _Declared | None] = {}
        self._fits: dict[str, _Fits] = {}
        self._parents: dict[str, Reply | None] = {}
        self._links: dict[tuple[str, MemberPath], Links] = {}

    def scope_of(self, call: Call) -> Scope:
        """Returns the values of the path parameters that name the record or its parents, outermost first."""
        path, keys = call.path, self.role.keys
        if len(keys) == 1:
            return (_one_of(path[keys[0]]),)
        return tuple([_one_of(path[name]) for name in keys])

    def current(self, state: ApiState, record: Record) -> Record:
        """Returns the record as it is shown, with parts of other records as their collections have them now."""
        return self.store.current(state, record) if self.store.shows_others else record

    def keep(
        self, call: Call, state: ApiState, record: dict[str, Json], values: Scope, sent: Mapping[str, Json]
    ) -> Record:
        """Stores the record under these values of path parameters and returns it as it is shown. `sent` are the members
        of the request: records of other collections in its lists are stored there.
        """
        store = self.store
        if not store.children.lists:
            return self.current(state, store.add(state, store.identified(record, values), values, sent))
        stored = store.add(state, store.identified(store.children.without_children(record), values), values, sent)
        store.children.write(state, values, sent, call.at)
        return self.current(state, stored)

    def answered(self, *wanted: int) -> AnswerView | None:
        """Returns the declared success with the first of these statuses, else the first one declared."""
        declared = self._declared_answer(wanted)
        return None if declared is None else declared.answered

    def _declared_answer(self, wanted: tuple[int, ...]) -> _Declared | None:
        if wanted not in self._declared:
            good = {answered.status: answered for answered in self.view.good}
            found = next((good[str(status)] for status in wanted if str(status) in good), None)
            found = found or next(iter(good.values()), None)
            self._declared[wanted] = None if found is None else self._read(found, wanted[0])
        return self._declared[wanted]

    def shown(self, record: Mapping[str, Json], call: Call, *wanted: int) -> Response:
        """Returns the record as the answer with the first of these statuses shows it."""
        declared = self._declared.get(wanted) or self._declared_answer(wanted)
        if declared is None:
            return Response(wanted[0])
        headers = self._headers(declared.headers, record, call) if declared.headers and record else ()
        return make(Response, (declared.status, self.body(declared.answered, record, call), headers))

    def shown_or_parent(
        self, record: Mapping[str, Json], call: Call, state: ApiState, scope: Scope, *wanted: int
    ) -> Response:
        """Returns the same answer, or one with the parent record where the answer shows that."""
        if self.store.parent is None:
            return self.shown(record, call, *wanted)
        parent = self.of_parent(*wanted)
        found = parent.store.find(state, scope) if parent is not None else None
        if parent is None or found is None:
            return self.shown(record, call, *wanted)
        return parent.shown(parent.current(state, found), call, *wanted)

    def of_parent(self, *wanted: int) -> Reply | None:
        """Returns the Reply that shows the parent record; None where the answer shows the record itself."""
        answered, parent = self.answered(*wanted), self.store.parent
        if parent is None or answered is None or answered.place is None:
            return None
        if answered.status not in self._parents:
            shapes = self.context.shapes
            shape = shapes.at(answered.place)
            name = parent.name.rpartition(".")[2]
            found = find_record(shapes, shape, name, "", parent.record)
            alike = similarity(found.shape, parent.record) if found is not None else 0.0
            own = max(
                similarity(shape, self.store.record), similarity(found.shape, self.store.record) if found else 0.0
            )
            is_parent = found is not None and alike >= _ALIKE and own < alike
            role = replace(self.role, kind="read", answer=found.member_path) if found is not None else self.role
            self._parents[answered.status] = Reply(self.context, role, parent) if is_parent else None
        return self._parents[answered.status]

    def body(self, answered: AnswerView, record: Mapping[str, Json], call: Call | None = None) -> Json:
        """Returns the body that shows the record; None where the answer has no body."""
        if answered.place is None:
            return None if answered.bodyless else self._text(answered)
        fits = self._fits.get(answered.status)
        if fits is None:
            fits = self._fits[answered.status] = self._fitting(answered.place)
        if fits.may_be_id and (made := self._new_id(answered, record)) is not None:
            return made
        value = fits.fit(record, self._key, call)
        if call is None or not fits.has_links:
            return value
        return self._linked(value, answered.place, fits.fit.member_path, record, call)

    def _fitting(self, place: SchemaPlace) -> _Fits:
        member_path = self.role.answer if place == self.view.shown else self._answer_path(place)
        shape = self.context.shapes.at(place)
        has_links = self.has_links(shape, member_path) or self.has_links(shape, ())
        fit = Projection(self.context, place, member_path, self.store.record, self.store.hidden, is_whole=not has_links)
        is_short = shape.is_scalar or (len(shape.members) == 1 and not self.store.collection.id_spec.member_path)
        return _Fits(fit, has_links, self.role.kind in _MAKING and is_short)

    def _key(self, record: Mapping[str, Json]) -> str:
        """Returns the seed key of the values that are made up for a record."""
        return f"{self.store.name}/{record.get(self.store.collection.id_member)}"

    def _linked(
        self, value: Json, place: SchemaPlace, member_path: MemberPath, record: Mapping[str, Json], call: Call
    ) -> Json:
        """Returns the answer with the links of the record, and those of the envelope."""
        value = self.with_links(value, self.context.shapes.at(place), member_path, record, call)
        return self.with_links(value, self.context.shapes.at(place), (), record, call) if member_path else value

    def with_links(
        self, value: Json, shape: SchemaShape, member_path: MemberPath, record: Mapping[str, Json], call: Call
    ) -> Json:
        """Returns the value with the links of the object at `member_path` filled. `shape` is the schema of
        the value.
        """
        held_value = dig(value, member_path)
        if not self.has_links(shape, member_path) or not isinstance(held_value, dict):
            return value
        address, links = self.location(record, call), self._links[shape.pointer, member_path]
        lead = partial(self._lead, record, call)
        return put(value, member_path, links(held_value, record, address, call.request.site, lead))

    def _lead(self, record: Mapping[str, Json], call: Call, reference: ForeignKey) -> str:
        """Returns the address of the record that a reference names; empty where it names none."""
        target, ids = self.store.stores[reference.target], reference.ids(record)
        if not ids:
            return ""
        template, parameters = target.address
        path = self.view.operation.base_of(call.request.path) + template
        for name in parameters:
            path = path.replace(f"{{{name}}}", quote(str(ids[0]), safe=""), 1)
        return call.request.site + path

    def has_links(self, shape: SchemaShape, member_path: MemberPath) -> bool:
        """Returns whether the object at `member_path` in a value of this shape has links to fill."""
        links = self._links.get((shape.pointer, member_path))
        if links is None:
            member = self.context.shapes.member(shape, *member_path)
            links = self._links[shape.pointer, member_path] = Links(
                self.context, self.store.collection, member, self.store.writable, self.store.referring.references
            )
        return bool(links and self.store.collection.item_path)

    def _new_id(self, answered: AnswerView, record: Mapping[str, Json]) -> Json:
        """Returns the id of a new record where the answer is an id alone; None where it is something else."""
        shape = NOTHING if answered.place is None else self.context.shapes.at(answered.place)
        if answered.place is not None and len(shape.members) == 1 and not self.store.collection.id_spec.member_path:
            return self._new_key(answered.place, shape, record)
        if not shape.is_scalar or answered.place is None or not record:
            return None
        stated = {*words_of(str(answered.node.get("description", "")))}
        if "string" in shape.types and shape.format != "uuid" and stated.isdisjoint(_IDS_IN_WORDS):
            return None
        record_id = self.store.values(record)[-1]
        accepts = self.context.accepts(answered.place.pointer)
        return next((value for value in (record_id, str(record_id)) if accepts(value)), None)

    def _new_key(self, place: SchemaPlace, shape: SchemaShape, record: Mapping[str, Json]) -> Json:
        """Returns the key of a new record where the answer has one member and records have no id member."""
        name = next(iter(shape.members))
        if plain(name) not in _KEYS or name in self.store.record.members or not record:
            return None
        stated = {name: self.store.values(record)[-1]}
        return stated if self.context.accepts(place.pointer)(stated) else None

    def _text(self, answered: AnswerView) -> Json:
        """Returns a body that is not JSON: its example, else a value of its schema."""
        content = answered.node["content"]
        name, media = next(iter(content.items()))
        if not isinstance(media, dict):
            return ""
        examples = media.get("examples")
        named = [*examples.values()] if isinstance(examples, dict) else []
        stated = [media["example"]] if "example" in media else [one["value"] for one in named if "value" in one]
        if stated:
            return stated[0]
        at = self.view.responses[answered.status].pointer
        made = self.context.value(f"{at}/content/{escaped(name)}/schema", self.view.id) if "schema" in media else None
        return "" if made is None else made

    def _answer_path(self, place: SchemaPlace) -> MemberPath:
        shape = self.context.shapes.at(place)
        return self.role.answer if self.context.shapes.member(shape, *self.role.answer) is not NOTHING else ()

    def _read(self, answered: AnswerView, wanted: int) -> _Declared:
        """Returns the answer with the headers that describe a record: `ETag` and `Location`, where declared."""
        declared = answered.node.get("headers")
        names = [*declared] if isinstance(declared, dict) else []
        if self._answers_tag and "etag" not in map(str.lower, names):
            names.append("ETag")
        answer = self.view.operation.answers.get(answered.status)
        known = answer.headers if answer is not None else {}
        headers = tuple((name, known.get(name)) for name in names if name.lower() in ("etag", "location"))
        return _Declared(answered, answered.code(wanted), headers)

    def _headers(
        self, headers: tuple[tuple[str, Header | None], ...], record: Mapping[str, Json], call: Call
    ) -> Headers:
        found: Headers = ()
        for name, header in headers:
            text = self._header(name, record, call)
            if text and (header is None or header.accepts(text)):
                found += ((name, text),)
        return found

    def _header(self, name: str, record: Mapping[str, Json], call: Call) -> str:
        """Returns the value of the header for the record; empty where the header describes something else."""
        if name.lower() == "etag":
            return etag(record)
        if self.store.collection.item_path and not self.store.collection.singleton:
            address = self.location(record, call)
            return address if len(address) <= LONGEST_ADDRESS else ""
        return ""

    def location(self, record: Mapping[str, Json], call: Call) -> str:
        """Returns the address of the record."""
        parts, request = self._address_parts, call.request
        path = self.view.operation.base_of(request.path) + parts[0]
        for value, rest in zip(self.store.values(record), parts[1:], strict=False):
            path += (str(value) if isinstance(value, int) else quote(str(value), safe="")) + rest
        return request.site + path

    @cached_property
    def _address_parts(self) -> tuple[str, ...]:
        """The path template of a record, split at its parameters."""
        template, parameters = self.store.address
        parts: tuple[str, ...] = ()
        for name in parameters:
            before, _, template = template.partition(f"{{{name}}}")
            parts += (before,)
        return (*parts, template)

    @cached_property
    def _answers_tag(self) -> bool:
        """Whether a read answers with a version although it declares no header for one: it declares 304."""
        return self.view.method in READS and tells_tags(self.view.operation)

    def note_named(self, call: Call, sent: Mapping[str, Json], values: Scope) -> None:
        """Notes members that were sent and contradict the values of the path parameters."""
        if self._naming_members.isdisjoint(sent):
            return
        others = []
        for member_path, number in self._naming:
            sent_value = dig({**sent}, member_path)
            if sent_value is not None and number < len(values) and str(sent_value) != str(values[number]):
                others.append(f"/{'/'.join(member_path)}")
        if others:
            call.note("replaced-values", f"the path or the server says what tells records apart: {' '.join(others)}")

    @cached_property
    def _naming(self) -> tuple[tuple[MemberPath, int], ...]:
        """The members that repeat values of the path and that a client may send, each with the index of the value."""
        stored, shapes = self.store.collection, self.context.shapes
        member_paths = [
            *enumerate(self.store.seeds.parent_keys),
            *([] if stored.singleton else [(len(stored.scope), stored.id_spec.member_path)]),
        ]
        return tuple(
            (member_path, number)
            for number, member_path in member_paths
            if member_path and not shapes.member(self.body_shape, *member_path).read_only
        )

    @cached_property
    def _naming_members(self) -> frozenset[str]:
        return frozenset(member_path[0] for member_path, _ in self._naming)

    @cached_property
    def takes_id(self) -> bool:
        """Whether its body declares or requires the id of the record, so that the client chooses it."""
        member_path = self.store.collection.id_spec.member_path
        declared = self.context.shapes.member(self.body_shape, *member_path) if member_path else NOTHING
        is_required = len(member_path) == 1 and member_path[0] in self.body_shape.required
        return (declared is not NOTHING and not declared.read_only) or (is_required and declared is NOTHING)

    @cached_property
    def attached(self) -> AttachedFiles:
        """The files that requests of this operation bring."""
        return AttachedFiles(self.view, self.store)

    @cached_property
    def query_members(self) -> tuple[tuple[str, str], ...]:
        """The query parameters that set members of the record, for an operation without an object in its body."""
        return query_members(self.view, self.store.record)

    def sent(self, call: Call) -> dict[str, Json]:
        """Returns the members that the request sets: of its body or, without one, of its query."""
        body = dig(call.body, self.role.body_path) if self.role.body_path else call.body
        sent = dict(body) if isinstance(body, dict) else {}
        if self.query_members:
            query = parse_qs(call.request.query, keep_blank_values=True)
            sent = {member: call.query[name] for name, member in self.query_members if name in query} | sent
        return self.attached.without(sent) if self.attached.members else sent

    @cached_property
    def item_shape(self) -> SchemaShape:
        """The schema of one record that a client may send."""
        shape = self.body_shape
        return self.context.shapes.items(shape) if shape.is_list else shape

    @cached_property
    def body_shape(self) -> SchemaShape:
        """The schema of the record in the body."""
        shape = self.view.body
        return self.context.shapes.member(shape, *self.role.body_path) if self.role.body_path else shape


def _one_of(value: Json) -> Json:
    """Returns the value of a path parameter, which may be declared as a list."""
    return ",".join(map(str, value)) if isinstance(value, list) else value
