"""Asks lists by what `--explain` says that they can be asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.detect.decisions import CollectionPlan, Role
from mockserver.resources.detect.names import same_name
from mockserver.resources.detect.schema_shape import dig
from tools.corpus.journeys.comparing import is_same
from tools.corpus.journeys.pages import Pages
from tools.corpus.journeys.served import Served, Values
from tools.corpus.journeys.tally import Tally

MOST: Final = 4
"""Filters that are tried of one list."""

_SAID: Final = re.compile(r"those whose `([^`]+)` (is|is at least|is at most|contains|is one of) this")


@dataclass(frozen=True)
class Filters:
    """The filters of the lists of one document."""

    served: Served

    def required(self, role: Role, record: Mapping[str, Json]) -> dict[str, Json]:
        """Values that let the record in, for parameters that a list demands or has a value of its own for."""
        found: dict[str, Json] = {}
        said = {name: member[0] for name, member, test in self._said(role) if test == "is" and len(member) == 1}
        for parameter in self.served.operations[role.operation].parameters:
            counts = parameter.place == "query" and (parameter.required or parameter.has_default)
            member = same_name(said.get(parameter.name, parameter.name), record) if counts else None
            if member is not None and parameter.validator.accepts(record[member]):
                found[parameter.name] = record[member]
        return found

    def try_all(
        self, kept: CollectionPlan, role: Role, scope: Values, record_id: str, query: Mapping[str, Json], tally: Tally
    ) -> None:
        """Each filter lets the record in by its own value, and leaves out what has another; `query` is what the list
        demands. Raises Unaskable.
        """
        pages = Pages(self.served)
        whole = pages.normalizer(kept, role, scope, query)
        mine = next((record for record in whole.records if self.served.id_of(kept, record) == record_id), None)
        if not isinstance(mine, dict):
            return
        for name, member, test in self._said(role)[:MOST]:
            value = dig(mine, member)
            if not self._can_ask(role, name, value):
                continue
            normalizer = pages.normalizer(kept, role, scope, {**query, name: value})
            why = normalizer.diagnostic or self._wrong(kept, record_id, normalizer.records, member, test, value)
            tally.count("filter", role.operation, why, f"{name}={value!r}")

    def _said(self, role: Role) -> list[tuple[str, tuple[str, ...], str]]:
        """The parameters that are explained as filters, each with its member and how it compares."""
        found = []
        for name, meaning in self.served.explained[role.operation].items():
            if (said := _SAID.match(meaning)) and name.startswith("?"):
                found.append((name[1:], tuple(said[1].split(".")), said[2]))
        return found

    def _can_ask(self, role: Role, name: str, value: Json) -> bool:
        if not isinstance(value, str | int | float) or value == "":
            return False
        parameters = self.served.operations[role.operation].parameters
        held = next((parameter for parameter in parameters if parameter.name == name), None)
        return held is not None and held.validator.accepts(value)

    def _wrong(
        self, kept: CollectionPlan, record_id: str, records: list[Json], member: tuple[str, ...], test: str, value: Json
    ) -> str:
        if record_id not in [self.served.id_of(kept, record) for record in records]:
            return "the record is left out by its own value"
        shown = [dig(record, member) for record in records]
        if test == "is" and any(not _has(other, value) for other in shown if other is not None):
            return "a record with another value is let in"
        return ""


def _has(shown: Json, value: Json) -> bool:
    return any(is_same(value, one) for one in (shown if isinstance(shown, list) else [shown]))
