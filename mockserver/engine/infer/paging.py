"""Which parameters of a list say which page is wanted, and the records of that page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from mockserver.engine.infer.names import PAGING, plain
from mockserver.engine.infer.shape import Place, Shape
from mockserver.state.record import Record
from mockserver.wire import Json

MOST: Final = 100
"""How many records a page has at most where neither a parameter nor its schema says it."""


class Pager(NamedTuple):
    """A query parameter that says something about the page, with the least value that its schema allows."""

    parameter: str
    default: Json
    least: int
    most: int
    is_number: bool


class Paging(NamedTuple):
    """How one list is paged: `style` is `page`, `offset`, `cursor` or `none`, `pagers` what its parameters say."""

    style: str
    pagers: Mapping[str, Pager]


def paging_of(parameters: Mapping[str, tuple[Place, Shape]], style: str) -> Paging:
    """How a list with these parameters is paged; an empty `style`: as they say."""
    pagers: dict[str, Pager] = {}
    for name, (place, shape) in parameters.items():
        pagers.setdefault(PAGING[plain(name)], _pager(name, place, shape))
    return Paging(style or _style(pagers), pagers)


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


def paged(paging: Paging, asked: Mapping[str, Json], records: list[Record], text: Callable[[Record], str]) -> Page:
    """One page of the records; `text` is the id of one as a cursor names it."""
    limit = _limit(paging, asked)
    start, number = 0, 1
    if paging.style == "page":
        pager = paging.pagers.get("page")
        least = min(pager.least, 1) if pager is not None else 1
        wanted = asked.get(pager.parameter if pager is not None else "page")
        number = wanted if isinstance(wanted, int) and wanted >= least else least
        start = (number - least) * limit
    elif paging.style == "offset":
        pager = paging.pagers.get("offset")
        wanted = asked.get(pager.parameter) if pager is not None else 0
        base = 1 if pager is not None and plain(pager.parameter) == "startindex" and pager.least >= 1 else 0
        start = max(0, wanted - base) if isinstance(wanted, int) else 0
        number = start // limit + 1
    elif paging.style == "cursor":
        start, end = _after(paging, asked, records, text, limit)
        found = records[start:end]
        return Page(found, len(records), start, limit, start // limit + 1, _cursor(found, text), None)
    found = records[start : start + limit] if paging.style != "none" else records
    size = limit if paging.style != "none" else max(len(records), 1)
    return Page(found, len(records), start, size, number, number + 1, number - 1)


def _limit(paging: Paging, asked: Mapping[str, Json]) -> int:
    pager = paging.pagers.get("limit")
    if pager is None:
        return MOST if paging.style == "cursor" else 20
    wanted = asked.get(pager.parameter, pager.default)
    if isinstance(wanted, str) and wanted.isdecimal():
        wanted = int(wanted)
    size = wanted if isinstance(wanted, int) and wanted > 0 else min(pager.most, MOST)
    return max(1, min(size, max(pager.most, 1)))


def _cursor(found: list[Record], text: Callable[[Record], str]) -> str:
    return text(found[-1]) if found else ""


def _after(
    paging: Paging, asked: Mapping[str, Json], records: list[Record], text: Callable[[Record], str], limit: int
) -> tuple[int, int]:
    for says in ("after", "page", "offset", "before"):
        pager = paging.pagers.get(says)
        wanted = asked.get(pager.parameter) if pager is not None else None
        if wanted is None or wanted == "":
            continue
        if isinstance(wanted, int) and not isinstance(wanted, bool):
            return wanted, wanted + limit
        place = next((index for index, record in enumerate(records) if text(record) == wanted), None)
        if place is None:
            return (0, limit) if str(wanted) in ("0", "1", "*", "first") else (len(records), len(records))
        return (max(0, place - limit), place) if says == "before" else (place + 1, place + 1 + limit)
    return 0, limit
