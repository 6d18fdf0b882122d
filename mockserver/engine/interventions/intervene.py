"""The steps `faults` and `stubs` of one API, which replace or change the mock's answers as a test asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from mockserver.engine.answers.examples import ExampleResponder
from mockserver.engine.call import FAULT, STUB, Call
from mockserver.engine.interventions.canned_answer import CannedAnswer
from mockserver.engine.interventions.matching.request_pattern import AskedRequest
from mockserver.engine.interventions.next_answer import NextAnswer
from mockserver.engine.interventions.strike import Strike, asked_problem, strike
from mockserver.engine.interventions.stub import Stub
from mockserver.engine.steps.idempotency import Idempotency
from mockserver.engine.steps.prefer import NONE, Preference
from mockserver.generate import Generator
from mockserver.messages import Delivery, Request, Response
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Problem
from mockserver.state.interventions import Interventions, Rule
from mockserver.state.world import ApiState

Answered = tuple[Response, str]
"""A response, and what answered."""


class Usual(NamedTuple):
    """The answer without intervention: `run` makes it; `seen` is one that is replayed."""

    run: Callable[[], Answered]
    seen: Response | None
    replay: Idempotency | None


class Intervener:
    """Answers requests of one API in worlds that have faults or stubs. `refuse` says a Problem as the API does;
    `has_headers` says that the API itself gives each answer the headers that it declares.
    """

    def __init__(
        self, api: str, spec: Document, refuse: Callable[[Call, Problem], Response], *, has_headers: bool
    ) -> None:
        self._api = api
        self._spec = spec
        self._refuse = refuse
        self._has_headers = has_headers

    def in_front(self, call: Call, state: ApiState, operation: Operation | None) -> Answered | None:
        """The answer of a stub that the document has no say in: it is not checked, or there is no `operation`."""
        given = state.world.interventions
        if given is None or not given.stubs:
            return None
        rule = stub_for(AskedRequest(call.request, self._api, operation), given)
        if rule is None or (operation is not None and rule.value.check):
            return None
        call.operation = operation
        call.undeclared = True
        return self._stubbed(rule, call, given), STUB

    def answer(self, call: Call, state: ApiState, usual: Usual) -> Answered:
        """The answer to a request that keeps the document."""
        given = state.world.interventions
        if given is None:
            return usual.run()
        asked = AskedRequest.of(call, self._api)
        struck = call.spoiler = strike(call, asked, given.faults, given.chance)
        if struck is not None and struck.replaces:
            return self._struck(struck, call), FAULT
        found = self._own(call, asked, given)
        if found is None:
            found = usual.run() if usual.seen is None else (usual.seen, "replay")
        answer, answered_by = found
        if struck is None:
            return found
        if struck.fault is not None and struck.fault.status:
            if call.idempotency_key and usual.replay is not None:
                usual.replay.keep(call, state, answer)
            answer = self._struck(struck, call)
        return answer, struck.answered_by(answered_by)

    def _own(self, call: Call, asked: AskedRequest, given: Interventions) -> Answered | None:
        """The answer that a test has written or asked for."""
        for rule in given.answers:
            if rule.value.fits(asked) and given.answers.apply(rule):
                return self._next(rule.value, call), STUB
        stub = stub_for(asked, given) if given.stubs else None
        return None if stub is None else (self._stubbed(stub, call, given), STUB)

    def _stubbed(self, rule: Rule, call: Call, given: Interventions) -> Response:
        stub: Stub = rule.value
        given.stubs.apply(rule)
        if stub.scenario and stub.new_state:
            given.scenarios[stub.scenario] = stub.new_state
        call.note(STUB, stub.name or rule.id)
        call.idempotency_key = ""
        call.delivery = stub.answer.delivery(given.chance)
        return self._canned(stub.answer, call, is_checked=stub.check and call.operation is not None)

    def _canned(self, answer: CannedAnswer, call: Call, *, is_checked: bool) -> Response:
        response = answer.response(call.operation)
        declared = call.operation.answer(response.status) if call.operation is not None and is_checked else None
        if declared is None:
            return response
        names = {name.lower() for name, _ in response.headers}
        more = () if self._has_headers else self._examples.headers(declared, NONE, "", names, only_required=True)
        value = answer.value(response.headers[0][1]) if response.headers else response.body
        return response._replace(body=value, headers=response.headers + more)

    def _next(self, asked: NextAnswer, call: Call) -> Response:
        call.note(STUB, f"next answer of {asked.operation}")
        call.idempotency_key = ""
        operation = call.operation
        if asked.body is not None or operation is None:
            call.undeclared = not asked.check
            return self._canned(asked.answer, call, is_checked=asked.check)
        if asked.status >= _ERRORS and not asked.example:
            call.undeclared = True
            return _with_headers(self._refuse(call, asked_problem(asked.status)), asked.answer, asked.status)
        preference = Preference(code=asked.status or None, example=asked.example)
        answer = self._examples.answer(operation, call, preference)
        if self._has_headers:
            answer = answer._replace(headers=tuple(one for one in answer.headers if one[0] == "Content-Type"))
        return _with_headers(answer, asked.answer, answer.status)

    def _struck(self, struck: Strike, call: Call) -> Response:
        """The failure that was asked for, as the API says it; it is not kept under the request's idempotency key."""
        call.idempotency_key, call.undeclared, fault = "", True, struck.fault
        answer = self._refuse(call, asked_problem(fault.status if fault is not None and fault.status else 503))
        if fault is None or not fault.status:
            return answer
        if fault.body is not None:
            answer = Response(fault.status, fault.body)
        return _with_headers(answer, CannedAnswer(headers=fault.sent_headers), fault.status)

    @cached_property
    def _examples(self) -> ExampleResponder:
        return ExampleResponder(Generator(self._spec.views.response))


_ERRORS = 400


def stub_for(asked: AskedRequest, given: Interventions) -> Rule | None:
    """The stub that answers this request: of the lowest priority, then the newest."""
    for rule in given.stubs.ranked():
        if rule.value.fits(asked, given.scenarios):
            return rule
    return None


def stubbed_elsewhere(request: Request, given: Interventions) -> tuple[Response, Delivery | None] | None:
    """The answer of a stub to a request that leads to no API."""
    rule = stub_for(AskedRequest(request), given)
    if rule is None:
        return None
    given.stubs.apply(rule)
    stub: Stub = rule.value
    if stub.scenario and stub.new_state:
        given.scenarios[stub.scenario] = stub.new_state
    return stub.answer.response(None), stub.answer.delivery(given.chance)


def _with_headers(answer: Response, given: CannedAnswer, status: int) -> Response:
    """The answer with these headers in the place of its own of the same names."""
    names = {name.lower() for name, _ in given.headers}
    kept = tuple(header for header in answer.headers if header[0].lower() not in names)
    headers = (*kept, *given.headers)
    return answer._replace(status=status, headers=tuple(sorted(headers, key=lambda one: one[0] != "Content-Type")))
