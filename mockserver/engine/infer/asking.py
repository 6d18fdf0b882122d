"""What a list can be asked for: what the parameters of its query mean, and the members of its body where it has one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from mockserver.engine.call import Call
from mockserver.engine.infer.decisions import Role
from mockserver.engine.infer.filtering import Filters, members_of
from mockserver.engine.infer.names import PAGING, SORTING, plain, same_name
from mockserver.engine.infer.paging import Page, Paging, paged, paging_of
from mockserver.engine.infer.reading import Reading
from mockserver.engine.infer.shape import Place, Shape, Shapes
from mockserver.engine.infer.sorting import Sorting, sorting_of
from mockserver.state.record import Record
from mockserver.wire import Json

_WITH_BODY: Final = ("POST", "QUERY")
_CURSORS: Final = ("after", "before")


@dataclass(frozen=True, slots=True)
class Asking:
    """How the requests of one list choose among its records. `parameters` are all that it has, used or not, `in_body`
    those that are members of its body.
    """

    filters: Filters
    sorting: Sorting
    paging: Paging
    in_body: frozenset[str]
    parameters: tuple[str, ...]

    def told(self) -> dict[str, str]:
        """What each parameter means, in words; what is not among them counts for nothing."""
        meanings = dict(self.filters.told())
        meanings |= {pager.parameter: f"says of the page its {says}" for says, pager in self.paging.pagers.items()}
        sorts = {
            self.sorting.key: "says by what they are sorted",
            self.sorting.direction: "says in which direction they are sorted",
        }
        return meanings | {name: meaning for name, meaning in sorts.items() if name}

    def page(self, call: Call, records: list[Record], text: Callable[[Record], str]) -> Page:
        """The page of those records that a request asks for; `text` is the id of one as a cursor names it."""
        asked, sent = self._asked(call)
        passing = self.filters.passing(asked, sent, records)
        return paged(self.paging, asked, self.sorting.ordered(asked, passing), text)

    def _asked(self, call: Call) -> tuple[Mapping[str, Json], frozenset[str]]:
        """The values by name, and the names that were sent: of the others the values are defaults."""
        names = [name for name, _ in parse_qsl(call.request.query, keep_blank_values=True)]
        sent = frozenset((*names, *(name.partition("[")[0] for name in names)))
        if not self.in_body or not isinstance(call.body, dict):
            return call.query, sent
        return {**call.query, **call.body}, sent | call.body.keys()


def asking_of(shapes: Shapes, reading: Reading, role: Role, record: Shape) -> Asking:
    """How the list that is read so is asked."""
    members = members_of(shapes, record)
    pagers: dict[str, tuple[Place, Shape]] = {}
    sorts: dict[str, Shape] = {}
    rest: dict[str, Shape] = {}
    body = reading.body.members if reading.method in _WITH_BODY else {}
    for name, place in _parameters(reading, body):
        paged_by = PAGING.get(plain(name))
        is_member = same_name(name, members) is not None
        if paged_by is not None and not (is_member and paged_by in _CURSORS):
            pagers[name] = place, shapes.at(place)
        elif plain(name) in SORTING:
            sorts[name] = shapes.at(place)
        elif name not in role.keys:
            rest[name] = shapes.at(place)
    filters = Filters(shapes, record, members, rest)
    paging = paging_of(pagers, role.paging)
    return Asking(filters, sorting_of(sorts, members), paging, frozenset(body), (*pagers, *sorts, *rest))


def _parameters(reading: Reading, body: Mapping[str, Place]) -> Iterator[tuple[str, Place]]:
    """Those of the body first: where two say the same, they are what the request is about."""
    yield from body.items()
    yield from ((name, place) for name, place in reading.query.items() if name not in body)
