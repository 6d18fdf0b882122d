"""Which parameters of a list filter, sort and page it, and what its envelope says about the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from mockserver.engine.call import Call
from mockserver.engine.infer.decisions import Role, Way
from mockserver.engine.infer.ground import Ground
from mockserver.engine.infer.names import MARKS, PAGING, SORTING, plain, same_name
from mockserver.engine.infer.reading import Reading
from mockserver.engine.infer.shape import NOTHING, Place, Shape, dig
from mockserver.state.record import Record
from mockserver.wire import Json

MOST: Final = 100
"""How many records a page has at most where neither a parameter nor its schema says it."""

_INSIDE: Final = re.compile(r"filter\[([^\]]+)\]")
_HOLDERS: Final = ((), ("attributes",), ("metadata",))


class Filter(NamedTuple):
    """A query parameter that is named as a member of the records."""

    parameter: str
    way: Way
    passes: tuple[Json, ...] | None


class Pager(NamedTuple):
    """A query parameter that says something about the page, with the least value that its schema allows."""

    parameter: str
    default: Json
    least: int
    most: int
    is_number: bool


class Mark(NamedTuple):
    """A member of the envelope that says something about the page."""

    way: Way
    says: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Paging:
    """How one list is asked for and what its envelope tells; `style` is `page`, `offset`, `cursor` or `none`."""

    style: str
    filters: tuple[Filter, ...]
    pagers: Mapping[str, Pager]
    sorts: Mapping[str, str]
    marks: tuple[Mark, ...]
    sortable: Mapping[str, Way]


def paging_of(ground: Ground, reading: Reading, role: Role, record: Shape, path_ways: Sequence[str] = ()) -> Paging:
    """What the query of a list means, and what its envelope says."""
    members = _members(ground, record)
    pagers: dict[str, Pager] = {}
    sorting: dict[str, Shape] = {}
    filters: list[Filter] = []
    for name, place in reading.query.items():
        inside = _INSIDE.fullmatch(name)
        member = same_name(inside[1] if inside else name, members)
        paged = PAGING.get(plain(name))
        shape = ground.shapes.at(place)
        if paged is not None and not (member is not None and paged in ("after", "before")):
            pagers.setdefault(paged, _pager(name, place, shape))
        elif plain(name) in SORTING:
            sorting[name] = shape
        elif member is not None and name not in path_ways:
            filters.append(Filter(name, members[member], _enum(ground, record, members[member])))
    style = role.paging or _style(pagers)
    marks = tuple(_marks(ground, reading.shape, role.answer))
    return Paging(style, tuple(filters), pagers, _sorts(sorting), marks, members)


def _members(ground: Ground, record: Shape) -> dict[str, Way]:
    found: dict[str, Way] = {}
    for holder in _HOLDERS:
        for name in ground.shapes.member(record, *holder).members:
            found.setdefault(name, (*holder, name))
    return found


def _sorts(sorting: Mapping[str, Shape]) -> dict[str, str]:
    """The parameters that say by what is sorted and in which direction. `order` may say either: beside another that
    says by what, or where its values are directions, it is the direction.
    """
    others = any(SORTING[plain(name)] == "sort" and plain(name) != _ORDER for name in sorting)
    sorts: dict[str, str] = {}
    for name, shape in sorting.items():
        ways = {str(value).lower() for value in shape.enum}
        turns = (bool(ways) and ways <= _DIRECTIONS) or (others and plain(name) == _ORDER)
        sorts.setdefault("direction" if turns else SORTING[plain(name)], name)
    return sorts


_ORDER: Final = "order"
_DIRECTIONS: Final = frozenset({"asc", "desc", "ascending", "descending"})


def _enum(ground: Ground, record: Shape, way: Way) -> tuple[Json, ...] | None:
    """The values that the member can have, where they are listed."""
    shape = ground.shapes.member(record, *way)
    return shape.enum or None


def _pager(name: str, place: Place, shape: Shape) -> Pager:
    node = shape.node if isinstance(shape.node, dict) else {}
    default = node.get("default", place.node.get("default") if isinstance(place.node, dict) else None)
    most = node.get("maximum", MOST)
    least = node.get("minimum", node.get("exclusiveMinimum", 1))
    if default == 0 or node.get("example") == 0:
        least = 0
    is_number = bool(shape.types & {"integer", "number"})
    return Pager(name, default, int(_number(least, 1)), int(_number(most, MOST)), is_number)


def _number(value: Json, default: int) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default


def _style(pagers: Mapping[str, Pager]) -> str:
    if "after" in pagers:
        return "cursor"
    if "page" in pagers:
        return "page" if pagers["page"].is_number else "cursor"
    if "offset" in pagers:
        return "offset" if pagers["offset"].is_number else "cursor"
    return "offset" if "limit" in pagers else "none"


def _marks(ground: Ground, shape: Shape, answer: Way, way: Way = (), depth: int = 3) -> list[Mark]:
    found: list[Mark] = []
    for name, place in shape.members.items():
        here = (*way, name)
        if here == answer or not depth:
            continue
        held = ground.shapes.at(place)
        says = MARKS.get(plain(name))
        if says in ("next", "previous") and held.members and "href" not in held.members:
            found.append(Mark(here, f"{says}-object", held))
        elif says is not None and (held.is_scalar or "href" in held.members):
            found.append(Mark((*here, "href") if "href" in held.members else here, says, held))
        elif held.members and here != answer[: len(here)]:
            found += _marks(ground, held, answer, here, depth - 1)
        elif held.members:
            found += _marks(ground, held, answer, here, depth - 1) if len(answer) > len(here) else []
    return found


# one request


class Page(NamedTuple):
    """The records of one page, and where it stands among all."""

    records: list[Record]
    total: int
    start: int
    limit: int
    number: int
    following: Json
    preceding: Json

    @property
    def more(self) -> bool:
        return self.start + len(self.records) < self.total


def filtered(paging: Paging, call: Call, records: list[Record]) -> list[Record]:
    """The records that have what the query asks for. Values that no record can have filter nothing, and neither do
    defaults of what could be anything.
    """
    sent = {name for name, _ in parse_qsl(call.request.query, keep_blank_values=True)} if paging.filters else set()
    for parameter, way, passes in paging.filters:
        wanted = call.query.get(parameter)
        if wanted is None or wanted in ("", []) or (passes is None and parameter not in sent):
            continue
        every = wanted if isinstance(wanted, list) else [wanted]
        if passes is not None and not any(value in passes for value in every):
            continue
        texts = {_text(value) for value in every}
        records = [record for record in records if _has(dig(record, way), texts)]
    return records


def _has(value: Json, texts: set[str]) -> bool:
    if isinstance(value, list):
        return any(_has(item, texts) for item in value)
    if isinstance(value, dict):
        return any(
            _text(value[name]) in texts for name in ("id", "gid", "name", "key", "login", "slug") if name in value
        )
    return _text(value) in texts


def _text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_DESCENDING: Final = re.compile(r"[ :,.]?(desc|descending|-1)$", re.IGNORECASE)
_ASCENDING: Final = re.compile(r"[ :,.](asc|ascending|1)$", re.IGNORECASE)


def ordered(paging: Paging, call: Call, records: list[Record]) -> list[Record]:
    """The records in the order that the query asks for: `-created,name`, `name:desc`, or a parameter beside it."""
    asked = call.query.get(paging.sorts.get("sort", ""))
    keys = asked if isinstance(asked, list) else _SEPARATOR.split(asked) if isinstance(asked, str) else []
    direction = call.query.get(paging.sorts.get("direction", ""))
    down = isinstance(direction, str) and direction.lower().startswith(("desc", "-"))
    for key in reversed([key.strip() for key in keys if isinstance(key, str) and key]):
        name = _ASCENDING.sub("", key)
        falls = key.startswith("-") or _DESCENDING.search(name) is not None
        name = _DESCENDING.sub("", name) if _DESCENDING.search(name) and name not in paging.sortable else name
        member = _sort_member(name.lstrip("+-"), paging.sortable)
        if member is not None:
            way = paging.sortable[member]
            records = sorted(records, key=lambda record: _rank(dig(record, way)), reverse=falls or down)
    return records


_SEPARATOR: Final = re.compile(r",(?!\s*(?:asc|desc)\b)", re.IGNORECASE)


def _sort_member(name: str, members: Mapping[str, Way]) -> str | None:
    for wanted in (name, name + "_at", name + "_on", name + "_date"):
        member = same_name(wanted, members)
        if member is not None:
            return member
    return None


def _rank(value: Json) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    if isinstance(value, int | float):
        return (1, value)
    return (2, str(value).lower())


def paged(paging: Paging, call: Call, records: list[Record], text: Callable[[Record], str]) -> Page:
    """One page of the records; `text` is the id of one as a cursor names it."""
    limit = _limit(paging, call)
    start, number = 0, 1
    if paging.style == "page":
        pager = paging.pagers.get("page")
        least = min(pager.least, 1) if pager is not None else 1
        asked = call.query.get(pager.parameter if pager is not None else "page")
        number = asked if isinstance(asked, int) and asked >= least else least
        start = (number - least) * limit
    elif paging.style == "offset":
        pager = paging.pagers.get("offset")
        asked = call.query.get(pager.parameter) if pager is not None else 0
        base = 1 if pager is not None and plain(pager.parameter) == "startindex" and pager.least >= 1 else 0
        start = max(0, asked - base) if isinstance(asked, int) else 0
        number = start // limit + 1
    elif paging.style == "cursor":
        start, end = _after(paging, call, records, text, limit)
        found = records[start:end]
        return Page(found, len(records), start, limit, start // limit + 1, _cursor(found, text), None)
    found = records[start : start + limit] if paging.style != "none" else records
    size = limit if paging.style != "none" else max(len(records), 1)
    return Page(found, len(records), start, size, number, number + 1, number - 1)


def _limit(paging: Paging, call: Call) -> int:
    pager = paging.pagers.get("limit")
    if pager is None:
        return MOST if paging.style == "cursor" else 20
    asked = call.query.get(pager.parameter, pager.default)
    if isinstance(asked, str) and asked.isdecimal():
        asked = int(asked)
    wanted = asked if isinstance(asked, int) and asked > 0 else min(pager.most, MOST)
    return max(1, min(wanted, max(pager.most, 1)))


def _cursor(found: list[Record], text: Callable[[Record], str]) -> str:
    return text(found[-1]) if found else ""


def _after(
    paging: Paging, call: Call, records: list[Record], text: Callable[[Record], str], limit: int
) -> tuple[int, int]:
    for says in ("after", "page", "offset", "before"):
        pager = paging.pagers.get(says)
        asked = call.query.get(pager.parameter) if pager is not None else None
        if asked is None or asked == "":
            continue
        if isinstance(asked, int) and not isinstance(asked, bool):
            return asked, asked + limit
        place = next((index for index, record in enumerate(records) if text(record) == asked), None)
        if place is None:
            return (0, limit) if str(asked) in ("0", "1", "*", "first") else (len(records), len(records))
        return (max(0, place - limit), place) if says == "before" else (place + 1, place + 1 + limit)
    return 0, limit


# what the envelope says


def said(paging: Paging, page: Page, call: Call, mark: Mark) -> Json:
    """What a mark says of this page; NOTHING where it says nothing of it, None where there is none."""
    pages = max(1, -(-page.total // page.limit))
    plainly: dict[str, Json] = {
        "total": page.total,
        "count": len(page.records) if any(other.says == "total" for other in paging.marks) else page.total,
        "limit": page.limit,
        "offset": page.start,
        "page": page.number,
        "pages": pages,
        "more": page.more,
        "empty": not page.records,
    }
    if mark.says in plainly:
        return plainly[mark.says] if _takes(mark.shape, plainly[mark.says]) else NOTHING
    if mark.says in ("next-object", "previous-object"):
        return _object(paging, page, call, mark)
    if mark.says in ("first_flag", "last_flag") and "boolean" in mark.shape.types:
        return page.start == 0 if mark.says == "first_flag" else not page.more
    return _step(paging, page, call, mark, pages)


def _takes(shape: Shape, value: Json) -> bool:
    if isinstance(value, bool):
        return "boolean" in shape.types
    return bool(shape.types & {"integer", "number"}) or not shape.types


def _step(paging: Paging, page: Page, call: Call, mark: Mark, pages: int) -> Json:
    """Where a mark leads: a link or a cursor."""
    going = {"next": page.more, "previous": page.start > 0}.get(mark.says, True)
    if "boolean" in mark.shape.types:
        return going
    if not going:
        return None
    if _is_link(mark):
        return link(paging, page, call, mark.says.removesuffix("_flag"), pages)
    if mark.says == "next":
        return page.following if _fits_text(mark.shape, page.following) else NOTHING
    if mark.says == "previous":
        return page.preceding if page.preceding is not None and _fits_text(mark.shape, page.preceding) else None
    return NOTHING


def _object(paging: Paging, page: Page, call: Call, mark: Mark) -> Json:
    """`{"offset": "abc", "uri": "…"}`: a cursor and a link in one."""
    says = mark.says.removesuffix("-object")
    if not (page.more if says == "next" else page.start > 0):
        return None
    told: dict[str, Json] = {}
    for name, place in mark.shape.members.items():
        to = page.following if says == "next" else page.preceding
        if plain(name).endswith(_LINKED) or plain(name) == "path":
            told[name] = link(paging, page, call, says, 1)
        elif to is not None:
            told[name] = to if place.node.get("type") in ("integer", "number") else str(to)
    return told


def _fits_text(shape: Shape, value: Json) -> bool:
    return isinstance(value, str) if "string" in shape.types else isinstance(value, int)


_LINKED: Final = ("url", "uri", "link", "href", "nextlink")


def _is_link(mark: Mark) -> bool:
    if mark.way[-1] == "href" or mark.shape.format in ("uri", "uri-reference", "url"):
        return True
    node = mark.shape.node if isinstance(mark.shape.node, dict) else {}
    if plain(mark.way[-1]).endswith(_LINKED) or str(node.get("example", "")).startswith(("http", "/")):
        return True
    return "string" in mark.shape.types and len(mark.way) > 1 and plain(mark.way[-2]) == "links"


def link(paging: Paging, page: Page, call: Call, where: str, pages: int) -> str:
    """The address of another page of the same list: its `self`, `next`, `previous`, `first` or `last`."""
    query = dict(parse_qsl(call.request.query, keep_blank_values=True))
    size = page.limit
    starts = {"next": page.start + size, "previous": max(0, page.start - size), "first": 0, "last": (pages - 1) * size}
    start = starts.get(where, page.start)
    pagers = paging.pagers
    if paging.style == "page" and where != "self":
        pager = pagers.get("page")
        least = min(pager.least, 1) if pager is not None else 1
        query[pager.parameter if pager is not None else "page"] = str(start // size + least)
    elif paging.style == "offset" and "offset" in pagers and where != "self":
        query[pagers["offset"].parameter] = str(start)
    elif paging.style == "cursor" and (pager := pagers.get("after") or pagers.get("page") or pagers.get("offset")):
        if where == "next" and isinstance(page.following, str):
            query[pager.parameter] = page.following
        elif where == "first":
            query.pop(pager.parameter, None)
    path = call.request.site + quote(call.request.path)
    return f"{path}?{urlencode(query)}" if query else path


def link_header(paging: Paging, page: Page, call: Call) -> str:
    """`Link`, as RFC 8288 has it; of a sole page, that it is the first."""
    pages = max(1, -(-page.total // page.limit))
    steps = {"next": page.more, "last": page.more, "prev": page.start > 0, "first": page.start > 0 or not page.more}
    names = {"prev": "previous"}
    found = [
        f'<{link(paging, page, call, names.get(rel, rel), pages)}>; rel="{rel}"'
        for rel, there in steps.items()
        if there and not (rel in ("last", "prev") and paging.style == "cursor")
    ]
    return ", ".join(found)
