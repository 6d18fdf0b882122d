"""Fields of a list's envelope and headers that describe its page."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.names import MARKS
from mockserver.resources.detect.schema_shape import NOTHING, SchemaShape, SchemaShapes
from mockserver.resources.query.list_pages import Paging, RecordPage
from mockserver.spelling import plain, singular
from mockserver.state.records.record import Record


class PageField(NamedTuple):
    """A member of the envelope that describes the page."""

    member_path: MemberPath
    says: str
    shape: SchemaShape


def marks_of(
    shapes: SchemaShapes,
    shape: SchemaShape,
    answer: MemberPath,
    called: frozenset[str] = frozenset(),
    member_path: MemberPath = (),
    depth: int = 3,
) -> list[PageField]:
    """Returns the fields of an envelope with this shape, whose list stands at `answer`; `called` are the plain names of
    the listed records.
    """
    found: list[PageField] = []
    for name, place in shape.members.items():
        here = (*member_path, name)
        if here == answer or not depth:
            continue
        member = shapes.at(place)
        says = MARKS.get(plain(name)) or ("total" if _COUNTED.sub("", plain(name)) in called else None)
        if says == "path" and here[:-1] != answer[:-1]:
            continue
        if says in ("next", "previous") and member.members and "href" not in member.members:
            found.append(PageField(here, f"{says}-object", member))
        elif says is not None and (member.is_scalar or "href" in member.members):
            found.append(PageField((*here, "href") if "href" in member.members else here, says, member))
        elif member.members and here != answer[: len(here)]:
            found += marks_of(shapes, member, answer, called, here, depth - 1)
        elif member.members:
            found += marks_of(shapes, member, answer, called, here, depth - 1) if len(answer) > len(here) else []
    return found


def marks_in(
    value: Json, answer: MemberPath, known: Container[MemberPath], member_path: MemberPath = (), depth: int = 3
) -> Iterator[PageField]:
    """Yields the fields that a generated envelope has though its schema does not name them."""
    for name, member in value.items() if isinstance(value, dict) and depth else ():
        here = (*member_path, name)
        if here == answer:
            continue
        says = MARKS.get(plain(name))
        if says == "path" and here[:-1] != answer[:-1]:
            continue
        place = (*here, "href") if isinstance(member, dict) and "href" in member else here
        stated = member["href"] if isinstance(member, dict) and "href" in member else member
        kind = _KINDS.get(type(stated))
        if says is not None and kind is not None:
            if place not in known:
                yield PageField(place, says, SchemaShape("", frozenset({kind}), node={"example": stated}))
        elif isinstance(member, dict) and here not in known:
            yield from marks_in(member, answer, known, here, depth - 1)


_KINDS: Final[Mapping[type, str]] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def names_of(name: str, answer: MemberPath) -> frozenset[str]:
    """Returns the plain names, singular and plural, of the records in a list at `answer`: those of the collection and
    of the member.
    """
    many = {plain(name.rpartition(".")[2]), *map(plain, answer[-1:])}
    return frozenset(many | {singular(one) for one in many}) - {""}


_COUNTED: Final = re.compile("^(?:num|numberof|total|count|countof)|(?:count|total|totalcount|counttotal)$")
"""Words beside the name of a collection in members that count its records: `articlesCount`."""


@dataclass(frozen=True)
class PageMetadata:
    """Fills the fields and the headers that describe the page of a list."""

    paging: Paging
    marks: tuple[PageField, ...]
    id_spec: Callable[[Record], Json] = lambda _: None

    def value_of(self, page: RecordPage, call: Call, mark: PageField) -> Json:
        """Returns the value of a field for this page; NOTHING where it does not describe it, None where there is no
        value.
        """
        plainly = _PLAINLY.get(mark.says)
        if plainly is not None:
            stated = plainly(self, page)
            if stated is not NOTHING:
                return _fitted(mark.shape, stated)
        if mark.says in ("first_id", "last_id"):
            return self._id(page, mark)
        if mark.says in ("next-object", "previous-object"):
            return self._object(page, call, mark)
        if mark.says == "path":
            return self.link(page, call, "self", 1) if mark.shape.format == "uri" else quote(call.request.path)
        if mark.says in ("first_flag", "last_flag") and "boolean" in mark.shape.types:
            return page.start == 0 if mark.says == "first_flag" else not page.more
        return self._step(page, call, mark, _pages(page))

    @cached_property
    def _spoken(self) -> frozenset[str]:
        """The meanings of all fields of the list."""
        return frozenset(mark.says for mark in self.marks)

    @cached_property
    def _has_span(self) -> bool:
        return {"begin", "end"} <= self._spoken

    def size(self, page: RecordPage) -> int:
        """Returns the value of `size`: the largest number of records on a page, their number, or the total."""
        if self._is_limit:
            return page.limit
        if "limit" in self._spoken:
            return len(page.records)
        return page.limit if "total" in self._spoken else page.total

    def begin(self, page: RecordPage) -> Json:
        """Returns the number of the page's first record where the end is shown too, else the offset."""
        if not self._has_span:
            return page.start + self.paging.base
        return page.start + 1 if page.records else None

    def end(self, page: RecordPage) -> Json:
        """Returns the number of the page's last record; NOTHING where the beginning is not shown."""
        if not self._has_span:
            return NOTHING
        return page.start + len(page.records) if page.records else None

    def count(self, page: RecordPage) -> int:
        """Returns the number of records on the page where a total is shown too; else the total."""
        return len(page.records) if "total" in self._spoken else page.total

    @cached_property
    def _is_limit(self) -> bool:
        """Whether `size` is the page size: the request has a parameter of that name."""
        pager = self.paging.pagers.get("limit")
        return pager is not None and plain(pager.parameter) == "size"

    def _id(self, page: RecordPage, mark: PageField) -> Json:
        """Returns the id of the first or the last record of the page."""
        if not page.records:
            return None
        value = self.id_spec(page.records[0 if mark.says == "first_id" else -1])
        return str(value) if "string" in mark.shape.types else value

    def link(self, page: RecordPage, call: Call, where: str, pages: int) -> str:
        """Returns the address of another page of the same list: `self`, `next`, `previous`, `first` or `last`."""
        pairs = parse_qsl(call.request.query, keep_blank_values=True)
        name, value = ("", None) if where == "self" else self._turn(page, where, pages)
        if name:
            turning = {name, *(pager.parameter for says, pager in self.paging.pagers.items() if says != "limit")}
            pairs = [pair for pair in pairs if pair[0] not in turning] + ([(name, value)] if value is not None else [])
        path = call.request.site + quote(call.request.path)
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def _turn(self, page: RecordPage, where: str, pages: int) -> tuple[str, str | None]:
        """Returns the parameter of another page and its value (None: leave it out); an empty name: the
        address stays.
        """
        starts = {"next": page.start + page.limit, "previous": max(0, page.start - page.limit), "first": 0}
        start = (pages - 1) * page.limit if where == "last" else starts.get(where, page.start)
        style, pagers = page.style, self.paging.pagers
        if style == "page":
            pager = pagers.get("page")
            number = start // max(1, page.limit) + self.paging.first
            return pager.parameter if pager is not None else "page", str(number)
        if style == "offset" and "offset" in pagers:
            return pagers["offset"].parameter, str(start + self.paging.base)
        pager = pagers.get("after") or pagers.get("page") or pagers.get("offset") if style == "cursor" else None
        if pager is not None and where == "next" and isinstance(page.following, str):
            return pager.parameter, page.following
        if pager is not None and where == "previous" and isinstance(page.preceding, str):
            back = pagers.get("before", pager) if page.preceding else pager
            return back.parameter, page.preceding or None
        return (pager.parameter, None) if pager is not None and where == "first" else ("", None)

    def link_header(self, page: RecordPage, call: Call) -> str:
        """Returns `Link` (RFC 8288); a single page has `first` alone."""
        pages = _pages(page)
        if not self.paging.has_links:
            return ""
        more = self._leads_on(page)
        steps = {"next": more, "last": more, "prev": page.start > 0, "first": page.start > 0 or not page.leads_on}
        names = {"prev": "previous"}
        found = [
            f'<{self.link(page, call, names.get(rel, rel), pages)}>; rel="{rel}"'
            for rel, there in steps.items()
            if there and not (rel == "last" and page.style == "cursor")
        ]
        return ", ".join(found)

    def _leads_on(self, page: RecordPage) -> bool:
        """Returns whether another page follows and can be asked for."""
        return self.paging.turns and page.leads_on

    def _step(self, page: RecordPage, call: Call, mark: PageField, pages: int) -> Json:
        """Returns the value of a field that leads to another page: a link or a cursor."""
        going = {"next": self._leads_on(page), "previous": page.start > 0}.get(mark.says, True)
        if "boolean" in mark.shape.types:
            return going
        if not going:
            return None
        if _is_link(mark) and not self.paging.has_links:
            return None
        if _is_link(mark) and mark.says == "last" and page.style == "cursor":
            return NOTHING
        if _is_link(mark):
            return self.link(page, call, mark.says.removesuffix("_flag"), pages)
        if mark.says == "next":
            is_cursor = page.cursor and _CURSOR.search(plain(mark.member_path[-1]))
            return _as_text(mark.shape, page.cursor if is_cursor else page.following)
        if mark.says == "previous":
            return None if page.preceding in (None, "") else _as_text(mark.shape, page.preceding)
        return NOTHING

    def _object(self, page: RecordPage, call: Call, mark: PageField) -> Json:
        """Returns a cursor and a link in one: `{"offset": "abc", "uri": "…"}`."""
        says = mark.says.removesuffix("-object")
        if not (self._leads_on(page) if says == "next" else page.start > 0):
            return None
        stated: dict[str, Json] = {}
        for name, place in mark.shape.members.items():
            to = page.following if says == "next" else page.preceding
            if plain(name).endswith(_LINKED) or plain(name) == "path":
                stated |= {name: self.link(page, call, says, 1)} if self.paging.has_links else {}
            elif to is not None:
                stated[name] = to if place.node.get("type") in ("integer", "number") else str(to)
        return stated


_PLAINLY: Final[Mapping[str, Callable[[PageMetadata, RecordPage], Json]]] = {
    "total": lambda _, page: page.total,
    "count": PageMetadata.count,
    "limit": lambda _, page: page.limit,
    "size": PageMetadata.size,
    "offset": lambda metadata, page: page.start + metadata.paging.base,
    "begin": PageMetadata.begin,
    "end": PageMetadata.end,
    "rest": lambda _, page: max(0, page.total - page.start - len(page.records)),
    "page": lambda _, page: page.number,
    "pages": lambda _, page: _pages(page),
    "more": lambda _, page: page.more,
    "fewer": lambda _, page: page.start > 0,
    "empty": lambda _, page: not page.records,
}
"""The fields that are numbers and flags."""


def _fitted(shape: SchemaShape, value: Json) -> Json:
    """Returns the number or flag in the type of the field, which may be a text; NOTHING where it fits neither."""
    if value is None:
        return None
    if isinstance(value, bool):
        return value if "boolean" in shape.types else NOTHING
    if shape.is_counted:
        return value
    return str(value) if "string" in shape.types and not shape.format else NOTHING


def _pages(page: RecordPage) -> int:
    return max(1, -(-page.total // max(1, page.limit)))


def _as_text(shape: SchemaShape, value: Json) -> Json:
    """Returns the number or the cursor in the type of the field; NOTHING where it fits neither."""
    if "string" in shape.types:
        return str(value)
    return value if isinstance(value, int) else int(value) if str(value).isdecimal() else NOTHING


_LINKED: Final = ("url", "uri", "link", "href", "nextlink")


_CURSOR: Final = re.compile("cursor|token|marker|after|continu")
"""Names of members that hold the cursor of the next page, however this one was asked for."""


def _is_link(mark: PageField) -> bool:
    if mark.member_path[-1] == "href" or mark.shape.format in ("uri", "uri-reference", "url"):
        return True
    node = mark.shape.node if isinstance(mark.shape.node, dict) else {}
    if plain(mark.member_path[-1]).endswith(_LINKED) or str(node.get("example", "")).startswith(("http", "/")):
        return True
    return "string" in mark.shape.types and len(mark.member_path) > 1 and plain(mark.member_path[-2]) == "links"
