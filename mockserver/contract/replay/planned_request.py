"""Requests as data, whose values may refer to earlier answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as changed
from typing import Final, NamedTuple

from mockserver.json_text import Json

PlannedValue = Json
"""A JSON value, any part of which may be an AnswerReference, a KnownValue or a UniqueText."""


class Unresolvable(Exception):
    """A value refers to what no earlier answer has; the text says what is missing where."""


class AnswerReference(NamedTuple):
    """A value of an earlier answer of the sequence.

    `step` is its number from 1, or its name. `pointer` is a JSON pointer into its body; empty: the whole body. `header`
    names a header instead. `in_capitals`: a text is sent in capital letters.
    """

    step: int | str
    pointer: str = ""
    header: str = ""
    in_capitals: bool = False

    def __str__(self) -> str:
        return f"{self.header or self.pointer or 'the body'} of step {self.step}"


class KnownValue(NamedTuple):
    """A value that the player knows by this name: an example of the API, or a credential that no file should have."""

    name: str


class UniqueText(NamedTuple):
    """A text that is another one each time that the sequence is played: `{}` in it stands for the run."""

    text: str

    def of_run(self, run: str) -> str:
        return self.text.replace("{}", run)


class _NoBody:
    """Stands where no body is sent; `null` is a body."""

    def __repr__(self) -> str:
        return "NO_BODY"


NO_BODY: Final = _NoBody()
JSON_MEDIA: Final = "application/json"
EXPRESSION: Final = re.compile(r"\{([^{}]+)\}")
"""A template expression of a path."""


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One request of a sequence: a method and a path template below the server's address, with values.

    `path_values` fill the template's expressions; of `query` a list is sent as the parameter repeated. `name` is what
    later steps may refer to it by, `operation` the id of its operation. `is_authenticated`: it is sent with the
    credentials of the player. `does` says in words what the step is for.
    """

    method: str
    path: str
    name: str = ""
    operation: str = ""
    path_values: Mapping[str, PlannedValue] = field(default_factory=dict)
    query: Mapping[str, PlannedValue] = field(default_factory=dict)
    headers: Mapping[str, PlannedValue] = field(default_factory=dict)
    body: PlannedValue = NO_BODY
    media_type: str = JSON_MEDIA
    is_authenticated: bool = True
    does: str = ""

    @property
    def has_body(self) -> bool:
        return self.body is not NO_BODY

    @property
    def is_read(self) -> bool:
        """Whether the method is safe (RFC 9110)."""
        return self.method in ("GET", "HEAD", "OPTIONS", "QUERY")

    @property
    def references(self) -> tuple[AnswerReference, ...]:
        """Every reference to an earlier answer."""
        parts = (self.path_values, self.query, self.headers, self.body)
        return tuple(found for part in parts for found in leaves(part) if isinstance(found, AnswerReference))

    @property
    def literals(self) -> Iterator[tuple[str, Json]]:
        """Every value that is sent as it stands here, with the name of the member or parameter that has it."""
        for part in (self.path_values, self.query, self.body):
            yield from named_leaves(part)


def of_run(step: PlannedRequest, run: str) -> PlannedRequest:
    """The step with the texts of this run in the place of each UniqueText."""

    def text(value: PlannedValue) -> PlannedValue:
        return value.of_run(run) if isinstance(value, UniqueText) else value

    parts = (step.path_values, step.query, step.headers, step.body)
    if not any(isinstance(leaf, UniqueText) for part in parts for leaf in leaves(part)):
        return step
    path_values, query, headers, body = (replaced(part, text) for part in parts)
    return changed(step, path_values=path_values, query=query, headers=headers, body=body)


def leaves(value: PlannedValue) -> Iterator[PlannedValue]:
    """Every part of the value that is neither an object nor an array."""
    yield from (leaf for _, leaf in named_leaves(value))


def named_leaves(value: PlannedValue, name: str = "") -> Iterator[tuple[str, PlannedValue]]:
    """Every such part with the name of the nearest member that it stands in."""
    if isinstance(value, Mapping):
        for member, inner in value.items():
            yield from named_leaves(inner, member)
    elif isinstance(value, list):
        for item in value:
            yield from named_leaves(item, name)
    elif value is not NO_BODY:
        yield name, value


def replaced(value: PlannedValue, replace: Callable[[PlannedValue], Json]) -> Json:
    """The value with each AnswerReference, KnownValue and UniqueText in it replaced."""
    if isinstance(value, (AnswerReference, KnownValue, UniqueText)):
        return replace(value)
    if isinstance(value, Mapping):
        return {name: replaced(member, replace) for name, member in value.items()}
    if isinstance(value, list):
        return [replaced(item, replace) for item in value]
    return value
