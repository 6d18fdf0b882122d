"""Serves one API: takes each request through the pipeline of its operation, to an exchange in the journal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

from mockserver.engine.answers.problem_json import problem_json
from mockserver.engine.api import Api
from mockserver.engine.call import VALIDATION_LIMIT, Call
from mockserver.engine.failures import FAILED, as_exception, failure_text, is_interrupt, traceback_text, unwritable_text
from mockserver.engine.interventions.intervene import Intervener, Usual
from mockserver.engine.loose_ends import refuse_loose_ends
from mockserver.engine.pipeline import Pipeline, compose
from mockserver.engine.redaction.printable import printable
from mockserver.engine.redaction.redactor import Redactor, masked_response, masked_whole
from mockserver.engine.steps.cors import LOCAL, OFF, Cors
from mockserver.engine.steps.match import Match, Router
from mockserver.engine.steps.operation_variants import Variants
from mockserver.engine.steps.rate_limit import Limit, Limiter
from mockserver.engine.steps.validate import JSON_TYPE
from mockserver.json_text import encode
from mockserver.messages import Delivery, Exchange, Headers, Request, Response, make
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.schema.verdict import VERDICT
from mockserver.problem import BROKEN_PROMISE, INTERNAL, RATE_LIMITED, Problem, Violation
from mockserver.state.clock import LONGEST_DELAY, stopwatch
from mockserver.state.journal import cost_of
from mockserver.state.world import ApiState, World

log = logging.getLogger(__name__)


class _Pipelines(dict[Operation, Pipeline]):
    """The pipeline of each operation, composed when the first request comes for it."""

    def __init__(self, compose: Callable[[Operation], Pipeline]) -> None:
        super().__init__()
        self._compose = compose

    def __missing__(self, operation: Operation) -> Pipeline:
        pipeline = self[operation] = self._compose(operation)
        return pipeline


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of serving an API: `enforce_limits` refuses what is over a limit, `errors` makes a broken promise of the
    mock a 500, `assume` switches assumptions from their defaults, `cors` says whose pages may call (engine/cors.py).
    """

    enforce_limits: bool = True
    errors: bool = False
    assume: Mapping[str, str] = field(default_factory=dict)
    cors: str = LOCAL


class Service:
    """An API with its document, compiled: `serve` takes a request to its exchange. `user_code` are the ids of the
    operations that run code of a user, which may take any time; `quick` those whose last answer took little, which the
    server keeps: the first answer of each compiles what it needs.
    """

    is_of_upstream = False
    """Whether another server gives the answers, so that `serve` is not what a client would get."""

    def __init__(self, api: Api, spec: Document, settings: Settings, user_code: frozenset[str] = frozenset()) -> None:
        self.user_code = user_code
        self.quick: set[str] = set()
        self.api = api
        self.spec = spec
        self.name = api.name
        self.choices = api.choose(settings.assume)
        self._errors = settings.errors
        self._cors = Cors(settings.cors) if settings.cors != OFF else None
        self._mint = api.request_id
        self._render = api.render or _as_problem_json
        self._has_delays = bool(api.delays)
        self._assumed = {name: f"{api.name}.{name}={option}" for name, option in self.choices.items()}
        limits = [limit for limit in api.limits if limit.when is None or self.choices[limit.when[0]] == limit.when[1]]
        self._limits = _limiter([limit for limit in limits if limit.per != "address"], settings)
        self._address_limiter = _limiter([limit for limit in limits if limit.per == "address"], settings)
        refuse_loose_ends(api, spec)
        self._pipelines = _Pipelines(partial(compose, api=api, limits=self._limits, choices=self.choices))
        self._intervener = Intervener(api.name, spec, self._refuse, has_headers=api.headers is not None)
        self._variants = Variants(spec.operations)
        self._has_variants = bool(self._variants)
        self._router = Router(self._variants.routes, self._variants.others)
        self.seek: Callable[[str, str], Match[Operation] | None] = self._router.seek
        """Returns the operation at a path for a method; None where there is none."""
        self.advise: Callable[[Problem, Request], str] | None = None
        """Returns what the Problem of a request that no operation took says more."""

    @cached_property
    def redactor(self) -> Redactor:
        """Masks the secrets of the API's exchanges, as its document declares them and as they are called."""
        api = self.api
        return Redactor(self.spec, (api.credential, *api.credentials.values()))

    def pipeline(self, operation: Operation) -> Pipeline:
        """The steps of one operation of the document."""
        return self._pipelines[operation]

    def operation(self, name: str) -> Operation | None:
        """The operation with this id."""
        return self._by_id.get(name)

    @cached_property
    def _by_id(self) -> Mapping[str, Operation]:
        return {operation.id: operation for operation in self.spec.operations}

    def address(self, path: str) -> str:
        """Returns the path at which the mock serves a path of the document: below the API's name, which stands there
        once where the path begins with it itself.
        """
        return path if self._names_itself and f"{path}/".startswith(f"/{self.name}/") else f"/{self.name}{path}"

    @cached_property
    def _names_itself(self) -> bool:
        """Whether what begins with the API's name is a path of the document and never also one below the name."""
        name = f"/{self.name}"
        paths = (operation.routed_path for operation in self.spec.operations)
        own = [path for path in paths if path.startswith(f"{name}/")]
        return bool(own) and not any(self.seek("", path.removeprefix(name)) is not None for path in own)

    def serve(self, request: Request, world: World, found: Match[Operation] | None = None) -> Exchange:
        """What came in, what went out and why, as it now stands in the journal of `world`. What stands at the path may
        have been `found` already.
        """
        began = stopwatch()
        if world.runner is None:  # As `run` does, without the detour that each request would pay for.
            with world.lock:
                return self._serve(request, world, found, began)
        try:
            return world.run(partial(self._serve, request, world, found, began))
        except Problem as problem:
            return self.undone(problem, request, world)

    def undone(self, problem: Problem, request: Request, world: World) -> Exchange:
        """The exchange of a request that was not done at all, and is in no journal."""
        call = Call(request, self.choices, world.clock.now(), "")
        status, body, headers = self._refuse(call, problem)
        content = encode(body)
        headers = headers if headers and headers[0][0] == "Content-Type" else _JSON + headers
        went = status, headers, content, (), (), (), problem.code, 0.0, cost_of(request, content), None
        exchange: Exchange = make(Exchange, (0, call.at, world.name, self.name, "", request, *went))
        return exchange

    def _serve(self, request: Request, world: World, found: Match[Operation] | None, began: float) -> Exchange:
        """The exchange of one request, which may be taken back whole and made once more."""
        call = Call(request, self.choices, world.clock.now(), "")
        response = _NO_RESPONSE
        try:
            state = world.of(self.name)
            response, answered_by = self._answer(call, state, found)
            answer, broken = self._close(call, response, state)
            if broken and self._errors:
                answered_by = BROKEN_PROMISE
        except BaseException as error:
            if is_interrupt(error):
                raise
            said = self._failed(call, error, world, response)
            answer, broken, answered_by = _encoded(problem_json(Problem(500, said))), (), INTERNAL
        if call.spoiler is not None:
            answer = call.spoiler.spoiled(answer, call)
        if self._has_delays and call.operation is not None:
            self._delay(call.operation, call, world)
        return self._write_down(call, world, answer, broken, answered_by, began)

    def _delay(self, operation: Operation, call: Call, world: World) -> None:
        """Has the response wait as long as the operation takes; from then on it is replayed under its idempotency
        key.
        """
        pipeline = self._pipelines.get(operation)
        if pipeline is None or not pipeline.delay:
            return
        finish = call.idempotency_key and pipeline.replay is not None
        given = call.delivery or Delivery()
        delay = min(given.delay + pipeline.delay, LONGEST_DELAY)
        call.delivery = given._replace(
            delay=delay, finish=partial(self._finish, pipeline, call, world) if finish else None
        )

    def _finish(self, pipeline: Pipeline, call: Call, world: World) -> None:
        if pipeline.replay is not None:
            replay = pipeline.replay
            world.run(lambda: replay.finish(call, world.of(self.name)))

    def _answer(self, call: Call, state: ApiState, found: Match[Operation] | None) -> tuple[Response, str]:
        """The answer and what answered. A Problem ends the way early, and takes back what the handler wrote."""
        request = call.request
        try:
            if self._mint is not None:
                call.request_id = self._mint(state)
            if request.method == "OPTIONS" and self._cors is not None and (asked := self._cors.preflight(request)):
                return asked, "preflight"
            given = state.world.interventions or None
            if given is not None and given.stubs and (early := self._stubbed(call, state, found)) is not None:
                return early
            if self._address_limiter is not None:
                self._address_limiter.rate_limit(call, state)
            if type(found) is not tuple:
                found = self._router.match(request.method, request.path, request.asked, found)
            if self._has_variants:
                found = self._variants.choose(*found, request)
            call.operation, call.path = found
            pipeline = self._pipelines[call.operation]
            seen: Response | None = None
            for step in pipeline.before:
                if (seen := step(call, state)) is not None:
                    break
            if given is not None:
                carry_out = partial(self._carry_out, pipeline, call, state)
                return self._intervener.answer(call, state, Usual(carry_out, seen, pipeline.replay))
            return self._carry_out(pipeline, call, state) if seen is None else (seen, "replay")
        except Problem as problem:
            if self._limits is not None and problem.code != RATE_LIMITED:
                self._limits.take_back(call, state)
            if call.operation is None:
                more = self.advise(problem, request) if self.advise is not None else ""
                problem = problem.explained(more + (self._cors.advice(request) if self._cors is not None else ""))
            call.violations = problem.violations
            return self._refuse(call, problem), problem.code
        except BaseException as error:
            if is_interrupt(error):
                raise
            return self._refuse(call, Problem(500, self._failed(call, error, state.world), code=INTERNAL)), INTERNAL

    def _carry_out(self, pipeline: Pipeline, call: Call, state: ApiState) -> tuple[Response, str]:
        """The answer of the operation's handler, in one transaction, and what answered."""
        with state.world.log:
            answer = pipeline.run(call, state)
        is_whole = type(answer) is Response
        return (answer if is_whole else make(Response, (pipeline.success, answer, ()))), pipeline.answered_by

    def _stubbed(self, call: Call, state: ApiState, found: Match[Operation] | None) -> tuple[Response, str] | None:
        """The answer of a stub that the document has no say in."""
        request = call.request
        try:
            if type(found) is not tuple:
                found = self._router.match(request.method, request.path, request.asked, found)
            operation = self._variants.choose(*found, request)[0] if self._has_variants else found[0]
        except Problem:
            return self._intervener.in_front(call, state, None)
        return self._intervener.in_front(call, state, operation)

    def _failed(self, call: Call, error: BaseException, world: World, response: Response | None = None) -> str:
        """Tells what went wrong and where in a user's code; the log has all of it."""
        if world.failures is not None:
            world.log.after(partial(world.failures.append, as_exception(error)))
        said = failure_text(error)
        if said == FAILED and response is not None:
            said = unwritable_text(call.operation.id if call.operation else self.name, response.body) or said
        request = call.request
        try:
            scrub = self.redactor.scrub(request, call.operation)
        except Exception:  # noqa: BLE001 - what failed may be what masks
            scrub = masked_whole
        asked = printable(scrub(f"{request.method} {request.path}"))
        trace = scrub(traceback_text(error))
        world.log.after(lambda: log.error("%s: %s\n%s", asked, printable(scrub(said)), trace))
        return said

    def _refuse(self, call: Call, problem: Problem) -> Response:
        """The Problem as the vendor says it, without secrets of the request, with the headers that HTTP asks for."""
        scrub = self.redactor.scrub(call.request, call.operation)
        problem = self.redactor.problem(problem, call.request, call.operation, scrub)
        response = masked_response(self._render(problem, call), scrub)
        if problem.retry_after is not None:
            response = response._replace(headers=(*response.headers, ("Retry-After", str(problem.retry_after))))
        return response._replace(headers=(*response.headers, *problem.headers)) if problem.headers else response

    def _close(self, call: Call, response: Response, state: ApiState) -> tuple[Response, tuple[Violation, ...]]:
        """The answer as it goes out, its body in bytes, and how it breaks the document."""
        operation = call.operation
        broken: tuple[Violation, ...] = ()
        body, headers, proven = response.body, self._headers(call, response), call.proven
        if operation is not None:
            pipeline = self._pipelines[operation]
            if call.idempotency_key and pipeline.replay is not None:
                pipeline.replay.keep(call, state, response)
            broken = () if call.undeclared else pipeline.check(response, headers, proven)
            if broken:
                told = self.redactor.broken(broken, call.request, operation, response._replace(headers=headers))
                if self._errors:
                    problem = Problem(500, "; ".join(map(str, told)), code=BROKEN_PROMISE, violations=told)
                    response = self._refuse(call, problem)
                    body, headers = response.body, self._headers(call, response)
                headers += (("Mock-Violation", in_a_header(told)),)
        if VERDICT.limits:
            call.note(VALIDATION_LIMIT, "; ".join(VERDICT.take_limits()))
        if call.used or call.notes:
            headers += (("Mock-Assumption", ", ".join(self._relied_on(call))),)
        known = proven.content if proven is not None and proven.body is body else None
        return make(Response, (response.status, encode(body) if known is None else known, headers)), broken

    def _relied_on(self, call: Call) -> tuple[str, ...]:
        """`api.name=option` for each assumption that the answer relied on, `api.name=text` for each of its notes."""
        return (*(self._assumed[name] for name in call.used), *(f"{self.name}.{note}" for note in call.notes))

    def _write_down(
        self, call: Call, world: World, answer: Response, broken: tuple[Violation, ...], answered_by: str, began: float
    ) -> Exchange:
        """The exchange, as it now stands in the journal."""
        operation, journal = call.operation, world.journal
        status, content, headers = answer
        members = (
            journal.next_id(),
            call.at,
            world.name,
            self.name,
            "" if operation is None else operation.id,
            call.request,
            status,
            headers,
            content,
            call.violations,
            broken,
            self._relied_on(call) if call.used or call.notes else (),
            answered_by,
            stopwatch() - began,
            cost_of(call.request, content),
            call.delivery,
        )
        exchange = make(Exchange, members)
        journal.append(exchange)
        return exchange

    def _headers(self, call: Call, response: Response) -> Headers:
        headers = response.headers
        if not headers:
            headers = _JSON if response.body is not None else ()
        elif response.body is not None and headers[0][0] != "Content-Type":
            headers = _JSON + headers
        if self.api.headers is not None:
            headers += self.api.headers(call)
        return (
            headers + self._cors.headers(call, headers)
            if self._cors and call.request.headers.get("Origin")
            else headers
        )


_JSON = (("Content-Type", JSON_TYPE),)
_NO_RESPONSE = Response(204)


def _as_problem_json(problem: Problem, _call: Call) -> Response:
    return problem_json(problem)


def _encoded(response: Response) -> Response:
    return response._replace(body=encode(response.body))


def _limiter(limits: list[Limit], settings: Settings) -> Limiter | None:
    return Limiter(limits, settings.enforce_limits) if limits else None


def in_a_header(violations: tuple[Violation, ...]) -> str:
    """Returns the number of violations and the first of them, in the characters that a header may have."""
    first = str(violations[0]).encode("ascii", "replace").decode().replace("\n", " ").replace("\r", " ")
    return f"{len(violations)}; {first[:200]}"
