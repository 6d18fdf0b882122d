"""Handlers of a list: select, order and page the records, and fill the envelope."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import takewhile
from typing import Final

from mockserver.engine.call import Call, ValidatedBody
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
from mockserver.openapi.model.header import Header
from mockserver.openapi.schema.validator import Accepts
from mockserver.resources.detect.decisions import MemberPath, names
from mockserver.resources.detect.locate import inner_path
from mockserver.resources.detect.names import MARKS, same_name
from mockserver.resources.detect.operation_view import AnswerView
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape, dig, put
from mockserver.resources.operations.reply import Reply
from mockserver.resources.query.ignored_parameters import IgnoredParameters
from mockserver.resources.query.latest_list import LatestList, latest_list
from mockserver.resources.query.list_assembly import ListAssembly, assembly_of
from mockserver.resources.query.list_pages import Cursors, RecordPage
from mockserver.resources.query.list_query import ListQuery, list_query_of
from mockserver.resources.query.page_metadata import PageField, PageMetadata, marks_in, marks_of, names_of
from mockserver.resources.query.value_index import having
from mockserver.resources.records.projection import Projection, VisibleMembers, merged, public
from mockserver.resources.records.trash import keeps_trash, with_trash
from mockserver.spelling import plain
from mockserver.state.records.collection import View
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

_NUMBER: Final = SchemaShape("", frozenset({"integer"}))
"""Headers are texts, and a number in one may be declared as a text."""

_MOST_CURSORS: Final = 10_000
"""Cached cursors, where cursors are not ids."""
_VARIANTS: Final = 3

_PREFIX: Final = re.compile("^(?:x-)?(?:pagination-|paging-)?")


class Listing:
    """Answers a page of a collection."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.context = reply.context
        self.store = reply.store
        self.member_path: MemberPath = reply.role.answer
        self.view = reply.view
        shapes = self.context.shapes
        self.list_query: ListQuery = list_query_of(shapes, self.view, reply.role, self.store.askable)
        self.ignored = IgnoredParameters(reply, self.list_query)
        answered = reply.answered(200)
        self.place: SchemaPlace | None = answered.place if answered is not None else None
        shape = self.view.shape
        items = shapes.member(shape, *self.member_path).items if self.member_path else shape.items
        self.items = items
        self._item = shapes.at(items) if items else NOTHING
        self.inner = inner_path(shapes, self._item, self.store.record)
        self._shown = (
            VisibleMembers(self.context, shapes.at(items), self.store.record, self.store.hidden) if items else public
        )
        self.parent_keys = self._parent_keys()
        self.keeps_trash = keeps_trash(self.view)
        self._cursors: dict[str, str] = {}
        self._latest: LatestList | None = None

    def __call__(self, call: Call, state: ApiState) -> Response:
        latest, relied_on = self._latest, (call.used, call.notes)
        if latest is not None and latest.is_of(call, state):
            call.proven = latest.proven
            return latest.response
        response = self._listed(call, state)
        if not call.request.body and (call.used, call.notes) == relied_on:
            self._latest = latest_list(call, state, response)
        return response

    def _listed(self, call: Call, state: ApiState) -> Response:
        self.ignored.note(call)
        records = self._records(call, state)
        derived = self.store.children.derived
        if derived and call.request.query and any(name in plain(call.request.query) for name in derived):
            records = [self.reply.current(state, record) for record in records]
        page = self.list_query.page(call, records, self._cursors_of(call, state))
        if page.unknown:
            call.note("ignored-parameters", f"no record has the cursor in {page.unknown}; the page is empty")
        if self.store.shows_others:
            page = page._replace(records=[self.reply.current(state, record) for record in page.records])
        return self._answer(page, call, (200,))

    def answer(self, records: list[Record], call: Call, *wanted: int) -> Response:
        """Returns these records on one page."""
        return self._answer(RecordPage(records, len(records), 0, max(1, len(records)), 1, None, None), call, wanted)

    def _records(self, call: Call, state: ApiState) -> Sequence[Record]:
        records: Sequence[Record]
        if self.reply.role.all_of_them:
            records = self._at_higher_scope(call, state)
        else:
            scope = self.reply.scope_of(call)
            self.reply.refusals.expect_parent(call, state, scope)
            records = self.store.below(state, scope)
            if self.keeps_trash:
                records = with_trash(self.reply, call, state, scope, records)
        if self.store.collection.lists:
            records = self.store.members(state, records)
        owned = self.reply.role.owned
        if owned is not None:
            owner_id = call.path[owned.parameter]
            having_it = having(records, owned.member_path, owner_id if isinstance(owner_id, int) else str(owner_id))
            return [
                record for record in (records if having_it is None else having_it) if names(record, owned, owner_id)
            ]
        for parameter, member_path in self.parent_keys:
            wanted = str(call.path[parameter])
            found = having(records, member_path, wanted)
            records = records if found is None else found
            records = [record for record in records if str(dig(record, member_path)) == wanted]
        return records

    def _at_higher_scope(self, call: Call, state: ApiState) -> Sequence[Record]:
        """Returns all records, or those whose path begins like the list's."""
        if not self.scope:
            return self.store.every(state)
        values = tuple(call.path[name] for name in self.scope)
        return self.store.within(state, values)

    @cached_property
    def scope(self) -> tuple[str, ...]:
        """The path parameters that this list shares with the paths of its records, outermost first."""
        names = (same_name(name, self.view.parameters) for name in self.store.collection.scope)
        return tuple(takewhile(bool, names))  # type: ignore[arg-type]

    def _parent_keys(self) -> list[tuple[str, MemberPath]]:
        if not self.reply.role.all_of_them or self.reply.role.owned is not None:
            return []
        rest = [name for name in self.view.parameters if name not in self.scope]
        members = [(name, same_name(name, self.store.record.members)) for name in rest]
        return [(name, (member,)) for name, member in members if member is not None]

    def _id(self, record: Record) -> Json:
        return self.store.values(record)[-1] if not self.store.collection.singleton else None

    def _text(self, record: Record) -> str:
        """Returns the record's id as a cursor."""
        return str(self.store.values(record)[-1]) if not self.store.collection.singleton else ""

    def _cursor(self, record: Record) -> str:
        """Returns the cursor of the record: its id, or a text of the format that the parameter declares."""
        text = self._text(record)
        if self._takes_cursor is None or self._takes_cursor(text):
            return text
        known = self._cursors.get(text)
        if known is None:
            used = {*self._cursors.values()}
            known = next((made for made in self._cursors_like(text) if made not in used), text)
            if len(self._cursors) < _MOST_CURSORS:
                self._cursors[text] = known
        return known

    def _cursors_of(self, call: Call, state: ApiState) -> Cursors:
        place, birth = partial(self._place, call), partial(self._birth, call, state)
        return Cursors(self._cursor, place, birth, self.list_query.sorting.falls)

    def _birth(self, call: Call, state: ApiState, cursor: str) -> int | None:
        """Returns the number that orders the record which a cursor names, also one that was deleted, or that the list
        does not have any more; None where it names none.
        """
        if self.reply.role.all_of_them and self.store.collection.scope:
            return None
        text = next((text for text, made in [*self._cursors.items()] if made == cursor), cursor)
        values = (*self.reply.scope_of(call), text)
        record = self.store.find(state, values)
        return self.store.former_birth(state, values) if record is None else record.birth

    def _cursors_like(self, text: str) -> Iterator[str]:
        """Yields texts that the parameter accepts, some with the id in them."""
        for variant in range(_VARIANTS):
            key = f"{self.view.id}/cursor/{text}/{variant}"
            made = self.context.value(self._cursor_pointer, key, exemplary=False)
            if isinstance(made, str) and made:
                yield from filter(self._takes_cursor, (made, f"{text}{made}", f"{made}{text}"))

    @cached_property
    def _cursor_pointer(self) -> str:
        """The schema of the cursor parameter where it is a text; empty where there is none."""
        pagers = self.list_query.paging.pagers
        pager = next((pagers[says] for says in ("after", "page", "offset", "before") if says in pagers), None)
        place = self.view.query.get(pager.parameter) if pager is not None and not pager.is_number else None
        return place.pointer if place is not None and place.node else ""

    @cached_property
    def _takes_cursor(self) -> Accepts | None:
        return self.context.accepts(self._cursor_pointer) if self._cursor_pointer else None

    def _place(self, call: Call, records: Sequence[Record], wanted: str) -> int | None:
        """Returns the index of the record that a cursor names; None where that needs a scan."""
        if (
            not isinstance(records, View)
            or self._cursors
            or (self.reply.role.all_of_them and self.store.collection.scope)
        ):
            return None
        place = records.place(self.store.key((*self.reply.scope_of(call), wanted)))
        return place if place is not None and self._text(records[place]) == wanted else None

    # the answer

    def _answer(self, page: RecordPage, call: Call, wanted: tuple[int, ...]) -> Response:
        answered = self.reply.answered(*wanted)
        if answered is None:
            return Response(wanted[0])
        status = answered.code(wanted[0])
        if answered.place is None:
            return Response(status)
        return Response(status, self._envelope(page, call), self._headers(page, call, answered))

    def _headers(self, page: RecordPage, call: Call, answered: AnswerView) -> Headers:
        """Returns `Link`, the total and the other declared headers about the page that accept their values."""
        answer = self.view.operation.answers.get(answered.status)
        declared: Mapping[str, Header] = answer.headers if answer is not None else {}
        found = ((header, self._header_value(header, page, call)) for header in declared.values())
        return tuple(
            (header.name, text)
            for header, text in found
            if text is not None and (text or header.required) and header.accepts(text)
        )

    def _header_value(self, header: Header, page: RecordPage, call: Call) -> str | None:
        """Returns the header's value for this page, empty where there is none; None for a header that is not about
        pages.
        """
        if header.name.lower() == "link":
            return self.metadata.link_header(page, call)
        if header.name.lower() == "content-range":
            span = f"{page.start}-{page.start + len(page.records) - 1}" if page.records else "*"
            return f"{self.store.name.rpartition('.')[2]} {span}/{page.total}"
        says = MARKS.get(plain(_PREFIX.sub("", header.name.lower())))
        if says is None:
            return None
        if says == "total":
            return str(page.total)
        if says == "size":
            says = "limit"
        shape = self.context.shapes.at(SchemaPlace(header.node.get("schema", {}), header.pointer))
        marks = (PageField((header.name,), says, used) for used in (shape, _NUMBER))
        value = next(
            (stated for mark in marks if (stated := self.metadata.value_of(page, call, mark)) is not NOTHING), NOTHING
        )
        if value is NOTHING:
            return None
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    def _envelope(self, page: RecordPage, call: Call) -> Json:
        if self._assembly is not None:
            rest = self._marked(put(self._base, self.member_path, []), page, call) if self.member_path else []
            show = partial(self._linked_item, call) if self._has_links else self._shown
            where = (call.request.site, self.view.operation.base_of(call.request.path)) if self._has_links else None
            proven = self._assembly.proven(page.records, rest, show, where)
            if proven is not None:
                call.proven = proven
                return proven.body
        if self.inner:
            shown = [self._mended(record, call) for record in page.records]
        elif self._has_links:
            shown = [self._linked_item(call, record) for record in page.records]
        else:
            shown = [*map(self._shown, page.records)]
        if not self.member_path:
            return self._proven(shown, call) or [self._mended(record, call) for record in page.records]
        base = self._base
        value = put(base, self.member_path, shown)
        marked = self._marked(value, page, call)
        if self._proven(marked, call) is not None:
            return marked
        mended = [self._mended(record, call) for record in page.records]
        whole = put(value, self.member_path, mended)
        for candidate in (put(marked, self.member_path, mended), self._marked_as_accepted(whole, page, call), value):
            if self._accepts(candidate):
                return candidate
        call.note("replaced-values", f"/{'/'.join(self.member_path)} the records do not fit the schema of this list")
        return base

    def _proven(self, value: Json, call: Call) -> Json:
        """Returns the value, marked as valid for the answer's schema; None where it does not fit."""
        if not self._accepts(value):
            return None
        if self.place is not None:
            call.proven = ValidatedBody(value, self.place.pointer)
        return value

    def _mended(self, record: Record, call: Call) -> Json:
        fit = self._fit
        if fit is None:
            return public(record)
        value = fit(record, f"{self.store.name}/{self._text(record)}", call)
        return self._linked(self._around(value, record) if self.inner else value, record, call)

    def _around(self, value: Json, record: Record) -> Json:
        """Returns the item that wraps a record, with the id and the cursor beside it."""
        id_spec = self.store.collection.id_spec.member_path[-1:]
        for name in self._item.members if isinstance(value, dict) else ():
            if name != self.inner[0] and (name in id_spec or plain(name) == "cursor"):
                stated = self._id(record) if name in id_spec else self._text(record)
                value = {**value, name: str(stated) if "string" in self._item_member(name).types else stated}
        return value

    def _item_member(self, name: str) -> SchemaShape:
        return self.context.shapes.member(self._item, name)

    @cached_property
    def _assembly(self) -> ListAssembly | None:
        return None if self.place is None or self.inner else assembly_of(self.context, self.place, self.member_path)

    def _linked_item(self, call: Call, record: Record) -> Json:
        return self._linked(self._shown(record), record, call)

    @cached_property
    def _has_links(self) -> bool:
        return self.reply.has_links(self._item, ())

    def _linked(self, value: Json, record: Record, call: Call) -> Json:
        return self.reply.with_links(value, self._item, self.inner, record, call)

    @cached_property
    def _fit(self) -> Projection | None:
        items = self.items
        return (
            None if items is None else Projection(self.context, items, self.inner, self.store.record, self.store.hidden)
        )

    @cached_property
    def metadata(self) -> PageMetadata:
        """The fields of the envelope and the headers that describe the page."""
        called = names_of(self.store.name, self.member_path)
        marks = marks_of(self.context.shapes, self.view.shape, self.member_path, called)
        member_paths = {mark.member_path for mark in marks}
        more = marks_in(self._base, self.member_path, member_paths) if self.member_path else ()
        return PageMetadata(self.list_query.paging, (*marks, *more), self._id)

    @cached_property
    def _base(self) -> Json:
        """The rest of the envelope, generated once: with the document's examples, and with all members that may
        describe the page.
        """
        if self.place is None:
            return {}
        pointer, key = self.context.shapes.spoken(self.place).pointer, f"{self.view.id}/envelope"
        exemplary, made = (self.context.value(pointer, key, exemplary=exemplary) for exemplary in (True, False))
        if not isinstance(exemplary, dict):
            return made if isinstance(made, dict) else {}
        whole = merged(made, exemplary)
        return whole if self.context.accepts(pointer)(whole) else exemplary

    @cached_property
    def _accepts(self) -> Accepts:
        return self.context.accepts(self.place.pointer) if self.place is not None else (lambda _: True)

    def _marked(self, value: Json, page: RecordPage, call: Call) -> Json:
        """Returns the envelope with all of its fields."""
        value = {**value} if self._marks else value
        for mark in self._marks:
            value = self._with_mark(value, mark, page, call)
        return value

    def _marked_as_accepted(self, value: Json, page: RecordPage, call: Call) -> Json:
        """Returns the envelope with the fields that its schema accepts: a page may be smaller than `limit` there."""
        for mark in self._marks:
            marked = self._with_mark({**value}, mark, page, call)
            value = marked if self._accepts(marked) else value
        return value

    def _with_mark(self, value: dict[str, Json], mark: PageField, page: RecordPage, call: Call) -> Json:
        """Returns the envelope, which may be changed, with this field."""
        stated = self.metadata.value_of(page, call, mark)
        if stated is NOTHING:
            return value
        if stated is None and not self._nullable(mark):
            return self._dropped(value, mark)
        if len(mark.member_path) == 1:
            value[mark.member_path[0]] = stated
            return value
        return put(value, mark.member_path, stated)

    @cached_property
    def _marks(self) -> list[PageField]:
        """The fields that the envelope declares or has."""
        return [mark for mark in self.metadata.marks if isinstance(dig(self._base, mark.member_path[:-1]), dict)]

    def _nullable(self, mark: PageField) -> bool:
        return mark.shape.takes_null and mark.member_path[-1] != "href"

    def _dropped(self, value: Json, mark: PageField) -> Json:
        """Returns the value without the field; an empty text stands for it where it is required."""
        member_path = mark.member_path[:-1] if mark.member_path[-1] == "href" else mark.member_path
        holder = dig(value, member_path[:-1]) if member_path[:-1] else value
        if not isinstance(holder, dict) or member_path[-1] not in holder:
            return value
        if member_path[-1] in self.context.shapes.member(self.view.shape, *member_path[:-1]).required:
            return put(value, mark.member_path, "") if "string" in mark.shape.types else value
        rest = {name: member for name, member in holder.items() if name != member_path[-1]}
        return put(value, member_path[:-1], rest) if member_path[:-1] else rest
