"""The pipeline of one operation: the steps that it needs, in one list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mockserver.engine.api import Api, Handler, made
from mockserver.engine.steps.authenticate import VALIDATE, order_checks
from mockserver.engine.steps.idempotency import Idempotency
from mockserver.engine.steps.rate_limit import Limiter
from mockserver.engine.steps.step import Before, Step, SteppedHandler, names_of
from mockserver.engine.steps.validate import RequestValidator, ResponseCheck
from mockserver.openapi.model.operation import Operation


class Pipeline:
    """The steps of one operation in one list; those that it does not need are not in it.

    `checks` run before the transaction in which the `handler` and its own steps run. `success` is the status of an
    answer of which the handler returns only the body. `replay` keeps the answer under its idempotency key, `check`
    holds it against the document, and `delay` are the seconds after which it is sent.
    """

    __slots__ = ("answered_by", "before", "check", "checks", "delay", "handler", "replay", "run", "success")

    def __init__(
        self,
        checks: tuple[Step, ...],
        handler: Handler,
        *,
        answered_by: str,
        success: int,
        replay: Idempotency | None,
        check: ResponseCheck,
        delay: float,
    ) -> None:
        self.checks = checks
        self.before: tuple[Before, ...] = tuple(step.before for step in checks if step.before is not None)
        self.handler = handler
        # A bound method is called without the detour over the slot of its class.
        self.run: Handler = handler.answer if isinstance(handler, SteppedHandler) else handler
        self.answered_by = answered_by
        self.success = success
        self.replay = replay
        self.check = check
        self.delay = delay

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of all steps in the order in which they run."""
        last = (("keep_reply", self.replay), ("check_response", True), ("delay", self.delay))
        return (*names_of(self.checks, self.handler), *(name for name, is_needed in last if is_needed))

    def __repr__(self) -> str:
        return f"Pipeline({' > '.join(self.steps)})"


def compose(operation: Operation, api: Api, limits: Limiter | None, choices: Mapping[str, str]) -> Pipeline:
    """The steps that the operation needs, in the order in which they run; `choices` are the options of assumptions."""
    contract = RequestValidator(operation, api.any_media_type, api.invalid_status, is_complete=api.is_complete)
    replay = api.replay if api.replay_of is None else api.replay_of(operation)
    replay = replay if replay is not None and operation.method in replay.methods else None
    return Pipeline(
        tuple(_checks(operation, api, limits, choices, contract, replay)),
        made(api.handlers[operation.id]),
        answered_by=api.answered_by.get(operation.id, "handler"),
        success=success_status(operation),
        replay=replay,
        check=contract.check,
        delay=api.delays.get(operation.id, 0.0),
    )


def _checks(
    operation: Operation,
    api: Api,
    limits: Limiter | None,
    choices: Mapping[str, str],
    contract: RequestValidator,
    replay: Idempotency | None,
) -> Iterator[Step]:
    """The steps before the transaction. Keys are looked up just before the request is validated."""
    permission, order = None, ""
    if api.screen is not None:
        yield Step("screen", api.screen)
    if operation.security and api.guard is not None:
        yield Step("authenticate", api.guard.authenticate)
        if limits is not None:
            yield Step("rate_limit", limits.rate_limit)
        permission, order = api.guard.permission(_scopes(operation)), api.guard.permit_order
    for step in order_checks(permission, contract.validate_request, order, choices):
        if step.name == VALIDATE and replay is not None:
            yield Step("replay", replay.replay)
        yield step


def success_status(operation: Operation) -> int:
    """The status of a success that is not said: 200, or the first that the document declares in its place."""
    declared = [str(status) for status in operation.node.get("responses", {})]
    if {"200", "2XX"} & {*declared}:
        return 200
    return min((int(status) for status in declared if status.isdecimal() and status.startswith("2")), default=200)


def _scopes(operation: Operation) -> tuple[str, ...]:
    return tuple(scope for needed in operation.security for scopes in needed.values() for scope in scopes)
