"""One API as a proxy holds it: each request and each answer of the upstream against the document, by the mock's own
validators, and the mock itself for what the upstream lacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from mockserver.engine.answers.problem_json import problem_json
from mockserver.engine.call import FALLBACK, REWRITTEN, STUB, UPSTREAM, VALIDATION_LIMIT, Call
from mockserver.engine.interventions.intervene import Usual
from mockserver.engine.service import Service, in_a_header
from mockserver.engine.steps.match import Match
from mockserver.engine.steps.validate import RequestValidator
from mockserver.messages import Exchange, Headers, Request, Response
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.schema.verdict import VERDICT
from mockserver.problem import BROKEN_PROMISE, TOO_LARGE, Problem, Violation
from mockserver.proxy.answer_check import AnswerCheck, CheckedAnswer
from mockserver.state.clock import stopwatch
from mockserver.state.world import ApiState, World
from mockserver.web.request import MAX_BODY, uncoded

FORWARDED: Final = "upstream"
"""What answered, as the journal says it, where it was the upstream."""
FAILED: Final = "upstream-failed"
"""What answered, where the upstream gave no whole answer."""

NOT_FORWARDED: Final = "not-forwarded"
"""What answered, where the proxy forwards no such request."""

_PENDING: Final = Response(0)
"""Stands for the upstream's answer, while faults and stubs are asked for theirs."""


@dataclass(slots=True)
class Admission:
    """A request that was held against the document. `answer` is what it gets without the upstream, or in the place of
    the upstream's answer, if it is `forwarded`; `answered_by` says what gave it. `delay` are the seconds that a fault
    asks for.
    """

    call: Call
    world: World
    began: float
    answer: Response | None = None
    answered_by: str = FORWARDED
    forwarded: bool = True
    delay: float = 0.0

    @property
    def is_spoiled(self) -> bool:
        """Whether a fault changes the upstream's answer, or how it is sent."""
        spoiler: Any = self.call.spoiler
        return spoiler is not None and bool(spoiler.fault or spoiler.rate)


class ProxiedService(Service):
    """An API whose requests are answered by an upstream. `refuses` makes errors of violations (`--errors`)."""

    is_of_upstream = True

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._validators: dict[Operation, RequestValidator] = {}
        self._answer_checks: dict[Operation, AnswerCheck] = {}
        self._reasons: dict[str, str] = {}
        self._known: set[Operation] = set()

    @property
    def refuses(self) -> bool:
        """Whether violations become errors."""
        return self._errors

    def admit(
        self, request: Request, world: World, found: Match[Operation] | None, *, is_upload: bool = False
    ) -> Admission:
        """The request, matched and held against the document, with what faults and stubs make of it. That of an upload
        is forwarded though it could not be read.
        """
        body, unread = uncoded(request.body, request.unread, request.headers)
        if is_upload:
            unread = 413, TOO_LARGE, f"its body has more than {MAX_BODY:,} bytes"

        def admit() -> Admission:
            call = Call(request._replace(body=body, unread=unread), self.choices, world.clock.now(), "")
            admission = Admission(call, world, stopwatch())
            state = world.of(self.name)
            try:
                self._admit(admission, state, found, request._replace(unread=None) if is_upload else request)
            except Problem as problem:
                admission.answer, admission.answered_by = self._refuse(call, problem), problem.code
                admission.forwarded = False
            call.request = request
            return admission

        return world.run(admit)

    def _admit(self, admission: Admission, state: ApiState, found: Match[Operation] | None, request: Request) -> None:
        call, given = admission.call, state.world.interventions or None
        if request.unread is not None:
            status, code, detail = request.unread
            raise Problem(status, detail, code=code)
        if given is not None and given.stubs and (early := self._stubbed(call, state, found)) is not None:
            admission.answer, admission.answered_by = early
            admission.forwarded = False
            return
        problem = self._match(call, found)
        if problem is None and call.request.unread is not None:
            call.note(UPSTREAM, f"the request was not looked at: {call.request.unread[2]}")
        elif problem is None:
            problem = self._validated(call, state)
        if problem is not None:
            call.violations = problem.violations or (_violation(problem, call),)
            if self._errors and not _is_preflight(request):
                raise problem
        if given is not None and call.operation is not None:
            self._intervene(admission, state)

    def _match(self, call: Call, found: Match[Operation] | None) -> Problem | None:
        """Finds the operation; the Problem of a request to none."""
        request = call.request
        try:
            if type(found) is not tuple:
                found = self._router.match(request.method, request.path, request.asked, found)
            if self._variants:
                found = self._variants.choose(*found, request)
        except Problem as problem:
            more = self.advise(problem, request) if self.advise is not None and self._errors else ""
            return problem.explained(more)
        call.operation, call.path = found
        return None

    def _validated(self, call: Call, state: ApiState) -> Problem | None:
        operation = call.operation
        assert operation is not None
        validator = self._validators.get(operation)
        if validator is None:
            api = self.api
            validator = RequestValidator(operation, api.any_media_type, api.invalid_status, is_complete=True)
            self._validators[operation] = validator
        try:
            validator.validate_request(call, state)
        except Problem as problem:
            return problem
        return None

    def _intervene(self, admission: Admission, state: ApiState) -> None:
        """Asks faults and stubs. The upstream is asked afterwards, when no lock is held."""
        call = admission.call
        was_run: list[bool] = []

        def run() -> tuple[Response, str]:
            was_run.append(True)
            return _PENDING, FORWARDED

        answer, answered_by = self._intervener.answer(call, state, Usual(run, None, None))
        admission.forwarded, admission.answered_by = bool(was_run), answered_by
        admission.answer = None if answer is _PENDING else answer
        spoiler: Any = call.spoiler
        if admission.answer is None and spoiler is not None and not admission.is_spoiled:
            admission.delay = spoiler.delay
            call.spoiler = None

    # The answer of the upstream

    def check_of(self, call: Call) -> AnswerCheck | None:
        """What holds the upstream's answers to the operation against the document; None for a request to none."""
        operation = call.operation
        if operation is None:
            return None
        check = self._answer_checks.get(operation)
        if check is None:
            check = self._answer_checks[operation] = AnswerCheck(operation)
        return check

    def told(self, admission: Admission, answer: CheckedAnswer) -> tuple[Violation, ...]:
        """What is wrong with the request and with the answer, without secrets."""
        found = (*admission.call.violations, *answer.broken)
        if not found:
            return ()
        exchange = self._exchange(admission, answer, b"", found)
        return self.redactor.exchange(exchange._replace(content=answer.content, broken=found)).broken

    def broken(self, admission: Admission, answer: CheckedAnswer) -> Response:
        """The error in the place of an answer that breaks the document."""
        with admission.world.lock:
            told = self.told(admission, answer._replace(broken=answer.broken))
            own = told[len(admission.call.violations) :]
            said = f"The upstream's answer breaks the document: {'; '.join(map(str, own[:3]))}"
            admission.answered_by = BROKEN_PROMISE
            response = problem_json(Problem(502, said, code=BROKEN_PROMISE, violations=own))
            return response._replace(headers=(*response.headers, ("Mock-Violation", in_a_header(told))))

    def conclude(self, admission: Admission, response: Response, broken: tuple[Violation, ...] = ()) -> Exchange:
        """The exchange of an answer that is sent whole, as it now stands in the journal."""
        call, world = admission.call, admission.world

        def conclude() -> Exchange:
            if admission.answered_by != STUB:
                call.undeclared = True
            answer, own = self._close(call, response, world.of(self.name))
            if call.spoiler is not None:
                answer = call.spoiler.spoiled(answer, call)
            found = (*broken, *own)
            return self._write_down(call, world, answer, found, admission.answered_by, admission.began)

        return world.run(conclude)

    def record(self, admission: Admission, answer: CheckedAnswer) -> Exchange:
        """The exchange of an answer that was passed on, as it now stands in the journal."""
        call, world = admission.call, admission.world

        def record() -> Exchange:
            if VERDICT.limits:
                call.note(VALIDATION_LIMIT, "; ".join(VERDICT.take_limits()))
            response = Response(answer.status, answer.content, answer.headers)
            return self._write_down(call, world, response, answer.broken, admission.answered_by, admission.began)

        return world.run(record)

    def _exchange(
        self, admission: Admission, answer: CheckedAnswer, content: bytes, broken: tuple[Violation, ...]
    ) -> Exchange:
        call, world = admission.call, admission.world
        operation = "" if call.operation is None else call.operation.id
        return Exchange(
            0, call.at, world.name, self.name, operation, call.request, answer.status, answer.headers, content,
            (), broken, (), admission.answered_by, 0.0, 0,
        )  # fmt: skip

    def note(self, admission: Admission, text: str) -> None:
        """The journal says this of the upstream's answer."""
        admission.call.note(UPSTREAM, text)

    def note_rewritten(self, admission: Admission, names: Iterable[str]) -> None:
        """Header and journal say that these fields named the upstream, and name the proxy."""
        listed = " and ".join(names)
        if listed:
            admission.call.note(REWRITTEN, f"{listed} named the upstream")

    def rewritten_header(self, admission: Admission) -> Headers:
        """Returns the header that tells the client of rewritten fields; none where none was."""
        told = [f"{self.name}.{note}" for note in admission.call.notes if note.startswith(f"{REWRITTEN}=")]
        return (("Mock-Assumption", ", ".join(told)),) if told else ()

    # The mock in the place of the upstream

    def lacks(self, operation: Operation | None, status: int, fallback: Iterable[int]) -> bool:
        """Whether an answer with this status means that the upstream has no such operation. A 404 does so only until
        the upstream has once answered the operation otherwise.
        """
        if operation is None:
            return False
        if status not in _LACKING:
            self._known.add(operation)
        return status in fallback and not (status == _NOT_FOUND and operation in self._known)

    def serve_instead(self, request: Request, world: World, found: Match[Operation] | None, status: int) -> Exchange:
        """The exchange of a request that the mock answers, since the upstream lacks the operation."""
        body, unread = uncoded(request.body, request.unread, request.headers)

        def serve() -> Exchange:
            self._reasons[world.name] = f"the upstream answered {status}; the mock answers in its place"
            given, world.interventions = world.interventions, None  # They were asked before the upstream was.
            try:
                return self.serve(request._replace(body=body, unread=unread), world, found)
            finally:
                world.interventions = given
                del self._reasons[world.name]

        return world.run(serve)

    def _answer(self, call: Call, state: ApiState, found: Match[Operation] | None) -> tuple[Response, str]:
        reason = self._reasons.get(state.world.name)
        if reason is not None:
            call.note(FALLBACK, reason)
        return super()._answer(call, state, found)


_NOT_FOUND: Final = 404
_LACKING: Final = frozenset({404, 405, 501})
"""Statuses that say that there is no such operation, or may do so."""


def _violation(problem: Problem, call: Call) -> Violation:
    """What is wrong with a request that breaks no schema: its address, its media type, its bytes."""
    place = "path" if call.operation is None else "body"
    return Violation(place, "", problem.code, problem.detail)


def _is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
