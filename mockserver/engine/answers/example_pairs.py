"""Pairs each named example of a request with the example of the same name in a response."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple
from urllib.parse import unquote

from mockserver.engine.answers.declared_answers import by_success
from mockserver.engine.answers.examples import ExampleResponder, examples_of
from mockserver.engine.call import Call
from mockserver.engine.redaction.masked_values import same_but_masked
from mockserver.engine.steps.step import Step
from mockserver.json_text import Json, Malformed
from mockserver.messages import Response
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.parameter import Parameter
from mockserver.openapi.model.path_conditions import plain_path
from mockserver.openapi.model.response import DeclaredResponse
from mockserver.openapi.model.text_pairs import pairs_of
from mockserver.state.world import ApiState

FAILURES: Final = 400
_NOTHING: Final[Json] = object()
"""The value of what was not sent: equal to no example."""


class Pair(NamedTuple):
    """The example `name` of the response with this status, answered to a request whose body is one of `bodies`, where
    there are any, and whose parameters have these values.
    """

    name: str
    status: int
    bodies: tuple[Json, ...]
    parameters: tuple[tuple[Parameter, Json], ...]

    @property
    def is_named_by_path(self) -> bool:
        """Whether nothing but the path tells such a request from others."""
        return not self.bodies and all(parameter.place == "path" for parameter, _ in self.parameters)

    def matches(self, sent: Callable[[Parameter], Json], body: Json) -> bool:
        """Whether a request with this body, and what was `sent` as each parameter, is that of the example."""
        if self.bodies and not any(same_but_masked(body, example) for example in self.bodies):
            return False
        return all(_alike(sent(parameter), example) for parameter, example in self.parameters)


class Pairing:
    """The pairs of one operation, found at its first use; those that ask for most come first, of these successes."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        found = _pairs_of(self.operation)
        return tuple(sorted(found, key=lambda pair: -(len(pair.parameters) + bool(pair.bodies))))

    def admitted(self, call: Call) -> Pair | None:
        """The pair of a request that kept its contract; None where it is that of no example."""
        pairs = self.pairs
        if not pairs:
            return None
        places: Mapping[str, Mapping[str, Json]] = {
            "path": call.path,
            "query": call.query,
            "querystring": call.query,
            "header": call.header,
            "cookie": call.cookie,
        }

        def sent(parameter: Parameter) -> Json:
            return places[parameter.place].get(parameter.name, _NOTHING)

        return next((pair for pair in pairs if pair.matches(sent, call.body)), None)

    def refused(self, call: Call) -> Pair | None:
        """The failure that is paired with a refused request, whose values may break their schemas."""
        if all(pair.status < FAILURES for pair in self.pairs):
            return None
        request = call.request
        given = {"path": self._in_path(call), "query": pairs_of(request.query), "header": request.headers}

        def sent(parameter: Parameter) -> Json:
            try:
                return parameter.deserialize(given[parameter.place]) if parameter.place in given else _NOTHING
            except Malformed:
                return _NOTHING

        found = next((pair for pair in self.pairs if pair.matches(sent, call.body)), None)
        return found if found is not None and found.status >= FAILURES else None

    def _in_path(self, call: Call) -> Mapping[str, str]:
        """The texts in the path by their parameters, whether or not they are values of these."""
        names, pattern = self._template
        found = pattern.search(call.request.path)
        return {} if found is None else dict(zip(names, map(unquote, found.groups()), strict=True))

    @cached_property
    def _template(self) -> tuple[list[str], re.Pattern[str]]:
        """The names of the path's parameters, and what finds their texts at the end of a path."""
        parts = re.split(r"\{([^{}]+)\}", plain_path(self.operation.path))
        texts = ("([^/]+)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
        return parts[1::2], re.compile("".join(texts) + "$")


def pairing_step(
    pairing: Pairing, answering: ExampleResponder, knows: Callable[[Call, ApiState], bool] | None = None
) -> Step | None:
    """The step that answers a request that is a named example with the response example of the same name; None where
    no names are paired.

    Of an operation that remembers, which `knows` whether it does so of what the path names, only failures do: of a
    request that only its path tells from others, where nothing is remembered of that.
    """
    if not pairing.pairs:
        return None

    def answer(call: Call, state: ApiState) -> Response | None:
        pair = pairing.admitted(call)
        if pair is None or answering.is_free(call.preference):
            return None
        if knows is not None and (pair.status < FAILURES or (pair.is_named_by_path and knows(call, state))):
            return None
        found = answering.exemplified(pairing.operation, call, pair.status, pair.name)
        call.by_example = found is not None
        return found

    return Step("pairing", answer)


def _pairs_of(operation: Operation) -> Iterator[Pair]:
    """Every name that examples of the request and of a response have, with the first response of it."""
    bodies: dict[str, list[Json]] = {}
    for media in operation.body.media.values() if operation.body is not None else ():
        for name, example in examples_of(media).items():
            bodies.setdefault(name, []).append(example)
    names = {name for parameter in operation.parameters for name in parameter.examples} | bodies.keys() - {""}
    taken: set[str] = set()
    for status, answer in by_success(operation):
        for name in dict.fromkeys(name for media in answer.media.values() for name in examples_of(media)):
            if name in names - taken and (said := _said(operation, status, answer, name)):
                taken.add(name)
                told = ((it, it.examples[name]) for it in operation.parameters if name in it.examples)
                yield Pair(name, said, tuple(bodies.get(name, ())), tuple(told))


def _said(operation: Operation, status: int, answer: DeclaredResponse, name: str) -> int:
    """The status of a response's example. `default` stands for failures where successes are declared: which one, its
    example has to say, else it is 0.
    """
    if answer.status != "default" or not any(declared[:1] == "2" for declared in operation.answers):
        return status
    examples = [found[name] for media in answer.media.values() if name in (found := examples_of(media))]
    told = [example.get(member) for example in examples if isinstance(example, dict) for member in _STATUS]
    return next((value for value in told if type(value) is int and FAILURES <= value < _NO_STATUS), 0)


_STATUS: Final = ("status", "statusCode", "status_code", "code")
_NO_STATUS: Final = 600


def _alike(value: Json, example: Json) -> bool:
    """Whether a parameter has the value of an example, which may be written as a text or as what it stands for."""
    if value is _NOTHING or same_but_masked(value, example):
        return value is not _NOTHING
    return (
        isinstance(value, str | int | float)
        and isinstance(example, str | int | float)
        and _text(value) == _text(example)
    )


def _text(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
