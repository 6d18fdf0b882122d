"""Facts that error bodies repeat: the request's time and path, the invalid member, the document's code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from mockserver.json_text import Json
from mockserver.problem import Problem, Violation

_TIMES: Final = frozenset({"timestamp", "time", "date", "datetime", "occurredat", "createdat"})
_PATHS: Final = frozenset({"path", "instance", "requesturi", "requesturl", "uri"})
_BY_FIELD: Final = frozenset(
    {"errors", "error", "fields", "fielderrors", "validationerrors", "violations", "details", "messages"}
)
"""Members that may hold an object with the messages of each field."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The request that is refused: the moment in epoch seconds, the path that was asked for, the method; and the words
    of the document for what is wrong, by the plain names of the members that say them.
    """

    at: float
    path: str
    method: str
    codes: Mapping[str, str] = field(default_factory=dict)

    def said(self, name: str, member: Json) -> list[Json]:
        """Returns the facts for a member with this name in plain letters; none where it is about something else."""
        if name in _TIMES:
            moment = datetime.fromtimestamp(self.at, UTC)
            text = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            return [int(self.at * 1000), int(self.at)] if isinstance(member, int) else [text, text[:10]]
        if name in _PATHS and isinstance(member, str):
            return [self.path]
        if name in self.codes and isinstance(member, str):
            return [self.codes[name]]
        return [self.method] if name == "method" and isinstance(member, str) else []


def by_field(name: str, problem: Problem) -> list[Json]:
    """The messages of each member that is wrong, by its name, as the member `name` of an error may hold them; nothing
    where it holds none, or nothing is wrong with a member.
    """
    if name not in _BY_FIELD or not problem.violations:
        return []
    return fields_of(problem.violations)


def fields_of(violations: tuple[Violation, ...]) -> list[Json]:
    """The messages by the name of the member: as lists, and as one text each."""
    found: dict[str, list[str]] = {}
    for violation in violations:
        found.setdefault(".".join(violation.location[1:]) or "base", []).append(violation.message)
    return [found, {field: messages[0] for field, messages in found.items()}]


def locations(violation: Violation) -> list[Json]:
    """The way to a member as a list, as FastAPI's `loc` has it: `["body", "items", 0]`, or of texts alone."""
    way = violation.location
    return [[int(part) if part.isdecimal() and number else part for number, part in enumerate(way)], way]
