"""Renders Problems for an API of which only the document is known: by its declared error responses, else RFC 9457."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.engine.answers.declared_answers import offered
from mockserver.engine.answers.error_body import filled, narrowed
from mockserver.engine.answers.error_codes import ErrorCodes
from mockserver.engine.answers.error_facts import Facts
from mockserver.engine.answers.example_pairs import Pairing
from mockserver.engine.answers.examples import ExampleResponder, examples_of
from mockserver.engine.answers.negotiate import best
from mockserver.engine.answers.problem_json import members_of, problem_json
from mockserver.engine.body.writer import sent_as, written
from mockserver.engine.call import Call
from mockserver.engine.steps.deprecation import marked
from mockserver.engine.steps.prefer import NONE
from mockserver.generate import Impossible
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.openapi.model.body_model import Media
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.response import DeclaredResponse
from mockserver.openapi.schema.validator import Validator
from mockserver.problem import ALREADY_EXISTS, INVALID, KEY_MISMATCH, NOT_FOUND, UNDECLARED, Problem

INSTEAD: Mapping[int, tuple[int, ...]] = {415: (415, 422, 400), 422: (422, 400), 400: (400, 422), 413: (413, 400)}
"""The statuses that may say it, the best first, where a document does not declare the very one."""

_UNPAIRED: Mapping[str, Pairing] = {}
_ABOUT_THE_REQUEST = frozenset({INVALID, NOT_FOUND, ALREADY_EXISTS})
"""What is refused for its values, not for its caller or its form."""


class ErrorRenderer:
    """Says a Problem as the response that the document declares for it, filled from the Problem where the schema
    allows; else as RFC 9457 has it, with `validation` as Prism's users know it.
    """

    def __init__(
        self, answering: ExampleResponder, codes: ErrorCodes, pairings: Mapping[str, Pairing] = _UNPAIRED
    ) -> None:
        self._answering = answering
        self._codes = codes
        self._pairings = pairings
        self._made: dict[str, Json] = {}

    def __call__(self, problem: Problem, call: Call) -> Response:
        return marked(call.operation, self._said(problem, call))

    def _said(self, problem: Problem, call: Call) -> Response:
        operation = call.operation
        if operation is not None:
            if (own := self._paired(operation, problem, call)) is not None:
                return own
            answers = operation.answers
            for status in _statuses(problem, call):
                answer = answers.get(str(status)) or answers.get(f"{status // 100}XX")
                if answer is not None:
                    return self._declared(status, answer, problem, call)
            if "default" in answers:
                return self._declared(problem.status, answers["default"], problem, call)
        return problem_json(problem)

    def _paired(self, operation: Operation, problem: Problem, call: Call) -> Response | None:
        """The failure whose example has the name of that which the request is; None where there is none such."""
        pairing = self._pairings.get(operation.id)
        if pairing is None or problem.code not in _ABOUT_THE_REQUEST:
            return None
        pair = pairing.refused(call)
        try:
            if pair is None or self._answering.is_free(call.preference):
                return None
            return self._answering.exemplified(operation, call, pair.status, pair.name)
        except Problem:  # the client prefers nonsense, or takes no media type of it
            return None

    def _declared(self, status: int, answer: DeclaredResponse, problem: Problem, call: Call) -> Response:
        said = {name.lower() for name, _ in problem.headers}
        headers = self._answering.headers(answer, NONE, call.operation.id if call.operation else "", said)
        media = _media(answer, call)
        if media is None and problem.code == UNDECLARED:  # nobody would know why
            return problem_json(problem)
        if media is None:
            return Response(status, None, headers)
        try:
            body = self._body(media, problem, status, _facts(call, self._codes(media, problem, status)))
        except Impossible:
            return problem_json(problem)
        return Response(status, written(media, body), (("Content-Type", sent_as(media)), *headers))

    def _body(self, media: Media, problem: Problem, status: int, facts: Facts) -> Json:
        """The response's own example or a plain value of its schema, which says what is wrong where it has a place for
        that. Raises Impossible.
        """
        accepts = media.validator.accepts if media.validator is not None else _anything
        fitting = [example for example in examples_of(media).values() if accepts(example)]
        if fitting:
            value = fitting[0]
        elif media.validator is None:
            return members_of(problem)
        else:
            value = self._likeness(media.validator)
        return filled(value, problem, status, accepts, is_made=not fitting, facts=facts)

    def _likeness(self, validator: Validator) -> Json:
        """A plain value of the schema that tells of an error alone; made once. Raises Impossible."""
        pointer = validator.pointer
        if pointer not in self._made:
            self._made[pointer] = narrowed(self._answering.make.example(pointer), validator.accepts)
        return self._made[pointer]


def _statuses(problem: Problem, call: Call) -> tuple[int, ...]:
    """Those that may say it, the best first: where a value in the path is wrong, there is nothing at that path."""
    is_coded = problem.status == UNSUPPORTED and call.request.unread is not None
    if problem.code == KEY_MISMATCH or is_coded:
        return (problem.status,)
    statuses = INSTEAD.get(problem.status, (problem.status,))
    in_path = problem.code == INVALID and any(violation.place == "path" for violation in problem.violations)
    return (*statuses, 404) if in_path else statuses


UNSUPPORTED: Final = 415
"""Nothing stands for it where the coding of a body is not known (RFC 9110, 8.4.1): nothing of the body was read."""


def _facts(call: Call, codes: Mapping[str, str]) -> Facts:
    """Returns the facts that an error may repeat."""
    request = call.request
    return Facts(call.at, request.root + request.path, request.method, codes)


def _anything(_value: Json) -> bool:
    return True


def _media(answer: DeclaredResponse, call: Call) -> Media | None:
    """The media type that the client takes; where it takes none, the first: better said so than not at all."""
    names = offered(answer)
    name = best(call.request.headers.get("Accept") or "", names) or next(iter(names), None)
    return None if name is None else answer.media[name]
