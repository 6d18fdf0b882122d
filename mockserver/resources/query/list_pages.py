"""Pages of a list: which parameters ask for a page, and the records of that page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor
from typing import Final, NamedTuple, TypeGuard

from mockserver.json_text import Json
from mockserver.resources.detect.names import PAGING
from mockserver.resources.detect.schema_shape import SchemaPlace, SchemaShape
from mockserver.spelling import plain
from mockserver.state.records.record import Record

MOST: Final = 100
"""Largest page where neither a parameter nor its schema says one."""


class Pager(NamedTuple):
    """A query parameter of paging, with the minimum of its schema; `from_one` where it declares that counting begins
    with 1.
    """

    parameter: str
    default: Json
    least: int
    most: int
    is_number: bool
    from_one: bool = False


@dataclass(frozen=True)
class Paging:
    """The paging of one list: `style` is `page`, `offset`, `cursor` or `none`, `pagers` its parameters. `has_links`
    says that an address can name a page; `room` is the largest number of records that its schema allows on one, 0: any.
    `shows_numbers`: its answer tells the next page by a number.
    """

    style: str
    pagers: Mapping[str, Pager]
    has_links: bool = True
    room: int = 0
    shows_numbers: bool = False

    @cached_property
    def base(self) -> int:
        """The offset of the first record: 1 for SCIM's `startIndex`, and where the default or the minimum is 1."""
        pager = self.pagers.get("offset")
        return int(
            pager is not None and (pager.from_one or (plain(pager.parameter) == "startindex" and pager.least >= 1))
        )

    @cached_property
    def first(self) -> int:
        """The number of the first page."""
        return min(self.pagers["page"].least, 1) if "page" in self.pagers else 1

    @cached_property
    def counts(self) -> bool:
        """Whether cursors are numbers: where ids are none, a cursor is the number of records before the page."""
        pager = self.pagers.get("after")
        return pager is not None and (pager.is_number or self.shows_numbers)

    @cached_property
    def turns(self) -> bool:
        """Whether another page than the first can be asked for."""
        return self.style == "page" or any(says in self.pagers for says in _TURNING)


_FROM_ZERO: Final = re.compile(
    r"\b(?:zero|0)[- ]?(?:based|indexed)|\b(?:starts?|starting|begins?|counted) (?:at|with|from) (?:zero\b|0\b)"
    r"|\(0\.\.N\)|page index\b|first page is (?:zero\b|0\b)",
    re.IGNORECASE,
)
"""Wordings by which documents say that the first page is page 0."""
_TURNING: Final = ("offset", "page", "after", "before")


def paging_of(
    parameters: Mapping[str, tuple[SchemaPlace, SchemaShape]],
    style: str,
    *,
    has_links: bool,
    listed: SchemaShape,
    descriptions: Mapping[str, str],
    shows_numbers: bool = False,
) -> Paging:
    """Returns the paging of a list with these parameters and this shape; `style` empty: derived from the parameters."""
    pagers: dict[str, Pager] = {}
    for name, (place, shape) in parameters.items():
        pager = _pager(name, place, shape, descriptions.get(name, ""))
        known = pagers.setdefault(PAGING[plain(name)], pager)
        if pager.is_number and not known.is_number and PAGING[plain(name)] == "page":
            pagers["page"] = pager
    skipping, limit = pagers.get("offset"), pagers.get("limit")
    if skipping is not None and limit is not None and not limit.is_number and "after" not in pagers:
        pagers["offset"] = skipping._replace(is_number=True)  # nothing here is typed as a number
    room = listed.node.get("maxItems") if isinstance(listed.node, dict) else None
    return Paging(style or _style(pagers), pagers, has_links, room if isinstance(room, int) else 0, shows_numbers)


def _pager(name: str, place: SchemaPlace, shape: SchemaShape, description: str) -> Pager:
    node = shape.node if isinstance(shape.node, dict) else {}
    default = node.get("default", place.node.get("default") if isinstance(place.node, dict) else None)
    parts = [part for part in (node, *node.get("anyOf", ()), *node.get("oneOf", ())) if isinstance(part, dict)]
    above, below = _keyword_value(parts, "exclusiveMinimum"), _keyword_value(parts, "exclusiveMaximum")
    least = _keyword_value(parts, "minimum") if above is None else floor(above) + 1
    least = None if least is not None and least < 0 else least  # that of a format, which says nothing of pages
    most = _keyword_value(parts, "maximum") if below is None else ceil(below) - 1
    if default == 0 or node.get("example") == 0 or (least is None and _FROM_ZERO.search(description)):
        least = 0
    from_one = default == 1 or (default is None and least == 1 and plain(name) not in _SKIPPING)
    is_number = bool(shape.types & {"integer", "number"}) or _is_index(name, node, default, description)
    return Pager(
        name, default, int(1 if least is None else least), int(MOST if most is None else most), is_number, from_one
    )


def _is_index(name: str, node: Mapping[str, Json], default: Json, description: str) -> bool:
    """Returns whether a text parameter is the number of records before the page, by the document's description."""
    if PAGING[plain(name)] != "offset":
        return False
    values = (default, node.get("example"))
    is_counted = any(isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) for value in values)
    return is_counted or plain(name) in _SKIPPING or _COUNTS.search(description) is not None


_SKIPPING: Final = ("skip", "firstresult")
_COUNTS: Final = re.compile(
    r"\bindex\b|\bnumber of\b|\bskip|\bhow many\b|\b(?:zero|0|one|1)[- ]?(?:based|indexed)\b|\bposition\b",
    re.IGNORECASE,
)
"""Wordings by which documents say that a text is a number of records."""


def _keyword_value(parts: list[dict[str, Json]], keyword: str) -> float | None:
    """Returns the number that a keyword has in one of the parts of a schema."""
    values = (part.get(keyword) for part in parts)
    return next((value for value in values if isinstance(value, int | float) and not isinstance(value, bool)), None)


def _style(pagers: Mapping[str, Pager]) -> str:
    if "after" in pagers:
        return "cursor"
    if "page" in pagers:
        return "page"
    if "offset" in pagers:
        return "offset" if pagers["offset"].is_number else "cursor"
    return "offset" if "limit" in pagers else "none"


class RecordPage(NamedTuple):
    """The records of one page, and its position. `following` and `preceding` ask for the pages beside it: a number, an
    offset or a cursor; `style` is how it was asked for. `cursor` names the last record where the list also takes
    cursors; `unknown` is the parameter whose cursor no record has.
    """

    records: list[Record]
    total: int
    start: int
    limit: int
    number: int
    following: Json
    preceding: Json
    backwards: bool = False
    style: str = "none"
    cursor: str = ""
    unknown: str = ""

    @property
    def more(self) -> bool:
        """Whether more records follow in the direction that was asked for."""
        return self.start > 0 if self.backwards else self.start + len(self.records) < self.total

    @property
    def leads_on(self) -> bool:
        """Whether another page follows; none follows a page of no records, which would repeat itself."""
        return self.limit > 0 and self.start + len(self.records) < self.total


class Cursors(NamedTuple):
    """The cursors of records: `text` gives the cursor of one; `place` gives the index of the record that a cursor
    names, where that is known without a scan; `birth` the number that orders it, also where the list has it no more.
    `falls` tells whether a request asks for the latest first; None where it asks for another order.
    """

    text: Callable[[Record], str]
    place: Callable[[Sequence[Record], str], int | None]
    birth: Callable[[str], int | None]
    falls: Callable[[Mapping[str, Json]], bool | None]


def paged(paging: Paging, given: Mapping[str, Json], records: Sequence[Record], cursors: Cursors) -> RecordPage:
    """Returns one page of the records."""
    page = _paged(paging, given, records, cursors)
    if "after" not in paging.pagers or page.style == "cursor" or not page.records:
        return page
    return page._replace(cursor=cursors.text(page.records[-1]))


def _paged(paging: Paging, given: Mapping[str, Json], records: Sequence[Record], cursors: Cursors) -> RecordPage:
    limit = _limit(paging, given)
    style = _style_of(paging, given)
    if style == "cursor":
        return _by_cursor(paging, given, records, cursors, limit)
    if style == "page":
        least = paging.first
        wanted = _number_of(paging, given, "page")
        number = wanted if isinstance(wanted, int) and wanted >= least else least
        start = (number - least) * limit
        return RecordPage(
            [*records[start : start + limit]], len(records), start, limit, number, number + 1, number - 1, style=style
        )
    if style == "offset":
        wanted = _number_of(paging, given, "offset")
        start = max(0, wanted - paging.base) if isinstance(wanted, int) else 0
        following, preceding = start + limit + paging.base, max(0, start - limit) + paging.base
        found = [*records[start : start + limit]]
        return RecordPage(
            found, len(records), start, limit, start // max(1, limit) + 1, following, preceding, style=style
        )
    limit = paging.room or max(len(records), 1)
    return RecordPage([*records[:limit]], len(records), 0, limit, 1, 2, 0)


def _style_of(paging: Paging, given: Mapping[str, Json]) -> str:
    """Returns the style in which a request asks for its page, where the list has several: a cursor first, then a page,
    then an offset.
    """
    style = paging.style
    if style not in ("page", "cursor"):
        return style
    if any(_value_of(paging, given, says) not in (None, "") for says in ("after", "before")):
        return "cursor"
    page, offset = (_number_of(paging, given, says) for says in ("page", "offset"))
    pager = paging.pagers.get("page")
    if style == "page":
        if isinstance(page, str) and page:
            return "cursor"
        return "offset" if page is None and offset is not None else "page"
    if pager is not None and pager.is_number and isinstance(page, int):
        return "page"
    skipped = paging.pagers.get("offset")
    is_asked = isinstance(offset, int) and offset not in (0, paging.base)
    return "offset" if skipped is not None and skipped.is_number and is_asked else style


def _value_of(paging: Paging, given: Mapping[str, Json], says: str) -> Json:
    pager = paging.pagers.get(says)
    return given.get(pager.parameter if pager is not None else says)


def _number_of(paging: Paging, given: Mapping[str, Json], says: str) -> Json:
    """Returns the number in the request, which may be declared as a text; other texts are returned as they are."""
    wanted = _value_of(paging, given, says)
    return int(wanted[:_DIGITS]) if _is_count(wanted) else wanted


def _is_count(wanted: Json) -> TypeGuard[str]:
    return isinstance(wanted, str) and wanted.isascii() and wanted.isdecimal()


_DIGITS: Final = 18
"""Digits beyond those of any page or offset."""
_LONGEST: Final = 100
"""Digits of an id that is read as a number."""


def _limit(paging: Paging, given: Mapping[str, Json]) -> int:
    limit = _limit_of(paging, given)
    return min(limit, paging.room) if paging.room else limit


def _limit_of(paging: Paging, given: Mapping[str, Json]) -> int:
    pager = paging.pagers.get("limit")
    if pager is None:
        return MOST if paging.style == "cursor" else 20
    wanted = _number_of(paging, {pager.parameter: pager.default, **given}, "limit")
    if wanted == 0 and not isinstance(wanted, bool):
        return MOST if pager.default in (0, "0") else 0  # a page of nothing is nobody's default: it means any number
    size = wanted if isinstance(wanted, int) and wanted > 0 else min(pager.most, MOST)
    return max(1, min(size, max(pager.most, 1)))


def _by_cursor(
    paging: Paging, given: Mapping[str, Json], records: Sequence[Record], cursors: Cursors, limit: int
) -> RecordPage:
    start, end, backwards, unknown = _window(paging, given, records, cursors, limit)
    found = [*records[start:end]]
    following = cursors.text(found[-1]) if found else ""
    number = start // max(1, limit) + paging.first
    preceding = _before(paging, records, cursors, start, limit) if start and limit else None
    if paging.counts and following and not _is_count(following):
        following, preceding = str(end), None if preceding is None else str(max(0, start - limit))
    return RecordPage(
        found, len(records), start, limit, number, following, preceding, backwards, "cursor", unknown=unknown
    )


def _before(paging: Paging, records: Sequence[Record], cursors: Cursors, start: int, limit: int) -> str:
    """Returns the cursor of the preceding page: the record that it ends before, else the one that it begins after;
    empty on the first page.
    """
    if "before" in paging.pagers:
        return cursors.text(records[start]) if start < len(records) else ""
    last = min(start, len(records)) - limit - 1
    return cursors.text(records[last]) if last >= 0 else ""


def _window(
    paging: Paging, given: Mapping[str, Json], records: Sequence[Record], cursors: Cursors, limit: int
) -> tuple[int, int, bool, str]:
    """Returns the start and the end of the page, whether it was asked for backwards, and the parameter whose cursor no
    record has.
    """
    for says in ("after", "page", "offset", "before"):
        pager = paging.pagers.get(says)
        wanted = given.get(pager.parameter) if pager is not None else None
        if wanted is None or wanted == "":
            continue
        place, is_there = cursors.place(records, str(wanted)), True
        if place is None:
            ids = [*map(cursors.text, records)]
            is_there = str(wanted) in ids
            place = ids.index(str(wanted)) if is_there else _former_index(records, cursors, given, str(wanted))
            place = _index_of_number(ids, str(wanted)) if place is None else place
        is_counted = says == "offset" or paging.shows_numbers
        if place is None and (isinstance(wanted, int) or (is_counted and _is_count(wanted))):
            start = int(str(wanted)[:_DIGITS])
            return start, start + limit, False, ""
        if place is None:
            if str(wanted) in ("0", "1", "*", "first"):
                return 0, limit, False, ""
            return len(records), len(records), False, pager.parameter if pager is not None else ""
        if says == "before":
            place += not is_there
            return max(0, place - limit), place, True, ""
        return place + 1, place + 1 + limit, False, ""
    return 0, limit, False, ""


def _former_index(records: Sequence[Record], cursors: Cursors, given: Mapping[str, Json], cursor: str) -> int | None:
    """Returns the index of the last record before the one that a cursor names, -1 for none; None where there is no such
    place: nothing was ever called so, or the records are in another order than they were made.
    """
    birth, falls = cursors.birth(cursor), cursors.falls(given)
    births = [record.birth for record in records]
    if birth is None or falls is None or births != sorted(births, reverse=falls):
        return None
    return sum(each > birth if falls else each < birth for each in births) - 1


def _index_of_number(ids: list[str], wanted: str) -> int | None:
    """Returns the index of the last numeric id below this one; None where ids are no numbers, or none is."""
    if not ids or not all(known.isdecimal() and len(known) <= _LONGEST for known in (wanted, *ids)):
        return None
    numbers = [*map(int, ids)]
    rising = numbers == sorted(numbers)
    return sum(number < int(wanted) for number in numbers) - 1 if rising and int(wanted) > numbers[0] else None
