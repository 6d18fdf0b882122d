"""Pages through a list as a client does: by `Link`, by what the envelope says comes next, else by counting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.openapi.model.parameter import Parameter
from mockserver.resources.detect.decisions import CollectionPlan, Role
from mockserver.resources.detect.names import MARKS, PAGING
from mockserver.resources.query.page_metadata import marks_of
from mockserver.spelling import plain
from tools.corpus.journeys.client import Answer
from tools.corpus.journeys.served import Served, Values

MOST: Final = 60
_TURNING: Final = ("after", "page", "offset")
_NEXT: Final = re.compile(r'<([^>]*)>\s*;[^,]*rel="?next"?')
_ADDRESS: Final = re.compile(r"https?://|/|\?")


@dataclass
class Walk:
    """What the pages of a list showed. `flaw` says what is wrong with them; empty: nothing."""

    records: list[Json] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    diagnostic: str = ""


class _Turn(NamedTuple):
    """How to ask for the next page: an address, or values of the query. `is_said` where an answer says so."""

    address: str = ""
    query: Mapping[str, Json] = {}
    is_said: bool = False


@dataclass(frozen=True)
class Pages:
    """Pages through the lists of one document."""

    served: Served

    def normalizer(
        self, kept: CollectionPlan, role: Role, scope: Values, query: Mapping[str, Json], size: int = 0
    ) -> Walk:
        """All pages, `size` records on each where the list can be asked for that. Raises Unaskable."""
        normalizer = Walk()
        asked = {**query, **self._sized(role, size)}
        answer, is_led = self.served.ask(role, scope, asked), False
        for _ in range(MOST):
            listed = self.served.listed(role, answer) if answer.is_good else None
            if listed is None:
                normalizer.diagnostic = f"a page is {answer.status}" if not answer.is_good else "a page has no list"
                return normalizer
            normalizer.records += listed
            normalizer.sizes.append(len(listed))
            turn = self._next(kept, role, asked, answer, normalizer, is_led=is_led)
            if turn is None:
                return normalizer
            is_led |= turn.is_said
            if turn.address:
                answer = self.served.follow(turn.address, role, scope)
            else:
                asked = {**asked, **turn.query}
                answer = self.served.ask(role, scope, asked)
        normalizer.diagnostic = "there is no end to the pages"
        return normalizer

    def can_be_short(self, role: Role) -> bool:
        """Whether a page of two records can be asked for, and the one after it."""
        return bool(self._sized(role, 2)) and not self._parameters(role).keys().isdisjoint(_TURNING)

    def _parameters(self, role: Role) -> dict[str, Parameter]:
        """The query parameters by what they say of a page; the first of each that is explained so."""
        found: dict[str, Parameter] = {}
        explained = self.served.explained[role.operation]
        for parameter in self.served.operations[role.operation].parameters:
            says = PAGING.get(plain(parameter.name)) if parameter.place == "query" else None
            if says is not None and explained.get(f"?{parameter.name}", "").startswith("says of the page"):
                found.setdefault(says, parameter)
        return found

    def _sized(self, role: Role, size: int) -> dict[str, Json]:
        limit = self._parameters(role).get("limit") if size else None
        if limit is None or not (limit.validator.accepts(size) or limit.validator.accepts(str(size))):
            return {}
        return {limit.name: size}

    def _next(
        self,
        kept: CollectionPlan,
        role: Role,
        asked: Mapping[str, Json],
        answer: Answer,
        gone: Walk,
        *,
        is_led: bool,
    ) -> _Turn | None:
        """How to ask for the next page; None where there is none, as answers say that led here."""
        if link := _NEXT.search(answer.headers.get("link", "")):
            return _Turn(link[1], is_said=True)
        said, token = _mark(answer.body)
        if isinstance(token, str) and _ADDRESS.match(token):
            return _Turn(token, is_said=True)
        by = self._parameters(role)
        if token not in (None, "", False, True) and isinstance(token, str | int):
            name = next((by[says].name for says in _TURNING if says in by), "")
            return _Turn(query={name: token}, is_said=True) if name else None
        if (
            is_led
            or not gone.sizes[-1]
            or "link" in answer.headers
            or ((said or self._says_next(role)) and token is not True)
        ):
            return None
        return self._counted(kept, by, asked, gone)

    def _says_next(self, role: Role) -> bool:
        """Whether the answer would say what comes next, by a link or a cursor: without it nothing does."""
        marks = marks_of(self.served.shapes, self.served.view(role.operation).shape, role.answer)
        return any(mark.says in ("next", "next-object") for mark in marks)

    def _counted(
        self, kept: CollectionPlan, by: Mapping[str, Parameter], asked: Mapping[str, Json], gone: Walk
    ) -> _Turn | None:
        """The next page where no answer says which that is. A cursor is the last id, or where it is a number that no id
        could be, how many records there were so far.
        """
        if "after" in by:
            last = self.served.id_of(kept, gone.records[-1])
            takes = by["after"].validator.accepts
            if last and not (takes(last) or (last.isdecimal() and takes(int(last)))):
                last = str(len(gone.records))
            return _Turn(query={by["after"].name: last}) if last else None
        if "page" in by:
            page = by["page"]
            return _Turn(query={page.name: int(asked.get(page.name) or _first(page, 1)) + 1})
        if "offset" in by:
            offset = by["offset"]
            return _Turn(query={offset.name: int(asked.get(offset.name) or _first(offset, 0)) + gone.sizes[-1]})
        return None


def _first(parameter: Parameter, otherwise: int) -> int:
    """The number of the first page, or record."""
    if type(parameter.default) is int:
        return parameter.default
    return 1 if plain(parameter.name) == "startindex" else otherwise


def _mark(body: Json, depth: int = 3) -> tuple[bool, Json]:
    """Whether an envelope says what comes next, and what it says."""
    if not isinstance(body, dict) or not depth:
        return False, None
    for name, value in body.items():
        if MARKS.get(plain(name)) == "next":
            return True, value.get("href") if isinstance(value, dict) else value
    for value in body.values():
        if isinstance(value, dict):
            said, token = _mark(value, depth - 1)
            if said:
                return said, token
    return False, None
