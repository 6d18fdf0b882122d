"""Completes an API with what its document implies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from inspect import iscoroutinefunction, signature
from pathlib import Path
from typing import Any

from mockserver.engine.api import Api, Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json, copied
from mockserver.messages import Response
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Problem, Unusable
from mockserver.server.loading.handler_answers import checked_answer, checked_headers, checked_problem
from mockserver.state.world import ApiState


def completed(own: Api, described: Api, spec: Document, where: Path | None) -> Api:
    """The API with the handlers, collections and other parts of `described` that it does not define itself; `where` is
    the file of its code.

    Raises Unusable for handlers of unknown operations, and for a collection whose id member differs from the document's
    while some of its operations have no handler.
    """
    nothing = Api()
    said = {
        member.name: getattr(own, member.name)
        for member in fields(Api)
        if getattr(own, member.name) != getattr(nothing, member.name)
    }
    known = with_handlers(described, spec, own.handlers, where)
    is_whole = len({operation_id(key, spec, where) for key in own.handlers}) == len(spec.operations)
    if not is_whole:
        _refuse_other_ids(own, described, where)
    changes = {
        **said,
        "handlers": known.handlers,
        "answered_by": known.answered_by,
        "collections": {**described.collections, **own.collections},
        "assumptions": (*described.assumptions, *own.assumptions),
        "is_complete": own.is_complete and is_whole,
    }
    if own.guard is not None:
        changes |= {name: getattr(own, name) for name in ("credential", "credentials", "query_keys")}
    if own.replay is not None:
        changes["replay_of"] = own.replay_of
    return with_checked_parts(replace(described, **changes), own)


def with_checked_parts(api: Api, own: Api) -> Api:
    """The API, in which `render` and `headers` are checked where they are a user's."""
    changes: dict[str, Any] = {}
    if (render := own.render) is not None:
        changes["render"] = lambda problem, call: checked_answer(render(problem, call), "`render` of the API")
    if (headers := own.headers) is not None:
        changes["headers"] = lambda call: checked_headers(headers(call), "`headers` of the API")
    return replace(api, **changes)


def _refuse_other_ids(own: Api, described: Api, where: Path | None) -> None:
    for name, spec in own.collections.items():
        inferred = described.collections.get(name)
        if inferred is not None and inferred.id_member != spec.id_member:
            if inferred.id_member.startswith("_mock"):
                raise Unusable(
                    f"the records of {name} stand below others and are kept by their path; leave {name!r} out of "
                    "`collections`, or write handlers for all operations",
                    where=str(where or ""),
                )
            raise Unusable(
                f"the collection {name} has its ids in {spec.id_member!r}, and its document tells "
                f"{inferred.id_member!r}; use that, or write handlers for all operations",
                where=str(where or ""),
            )


def with_handlers(api: Api, spec: Document, table: Mapping[str, Handler], where: Path | None) -> Api:
    """The API with these handlers in place of its own, which `call.default()` still calls.

    The table's keys are operation ids, or a method and a path: `"PATCH /things/{id}"`. Raises Unusable.
    """
    handlers, answered_by = dict(api.handlers), dict(api.answered_by)
    known = {operation.id: operation for operation in spec.operations} if table else {}
    for key, handler in table.items():
        operation = operation_id(key, spec, where)
        if not callable(handler):
            raise Unusable(f"the handler of {key} is no function: {handler!r}"[:200], where=str(where or ""))
        _refuse_shape(handler, key, where)
        handlers[operation] = _overriding(handlers[operation], handler, key, known[operation])
        answered_by.pop(operation, None)
    return replace(api, handlers=handlers, answered_by=answered_by)


def operation_id(key: str, spec: Document, where: Path | None) -> str:
    """The id of the operation that a handler key names. Raises Unusable."""
    for operation in spec.operations:
        if key in (operation.id, f"{operation.method} {operation.path}"):
            return operation.id
    known = ", ".join(operation.id for operation in spec.operations[:20])
    raise Unusable(
        f"HANDLERS has {key!r}, which is no operation of {spec.name}; operations are {known}", where=str(where or "")
    )


def _refuse_shape(handler: Handler, key: str, where: Path | None) -> None:
    """Raises Unusable for a function that cannot be called with a call and a state, or is asynchronous."""
    if iscoroutinefunction(handler):
        message = f"the handler of {key} is asynchronous; expected a plain function: def, not async def"
        raise Unusable(message, where=str(where or ""))
    try:
        shape = signature(handler)
    except (TypeError, ValueError):  # Some built-in functions have none.
        return
    try:
        shape.bind(None, None)
    except TypeError:
        message = f"the handler of {key} takes {shape}; expected a function of (call, state)"
        raise Unusable(message, where=str(where or "")) from None


def _overriding(own: Handler, handler: Handler, key: str, operation: Operation) -> Handler:
    """The user's handler, with access to the response of the mock's own handler."""
    whose = f"The handler of {key}"

    def answer(call: Call, state: ApiState) -> Response | Json:
        def default() -> Response | Json:
            found = own(call, state)
            # The user's handler may change the value: it gets a copy, and the result is validated again.
            call.proven = None
            return found._replace(body=copied(found.body)) if isinstance(found, Response) else copied(found)

        # The function refers to the call, so that the call must not refer to it any longer than the handler runs: a
        # cycle would keep the whole request until the collector comes. Handlers of several files are nested.
        outer = vars(call).get("default")
        call.default = default
        try:
            return checked_answer(handler(call, state), whose, operation)
        except Problem as problem:
            checked_problem(problem, whose)
            raise
        finally:
            if outer is None:
                del call.default
            else:
                call.default = outer

    return answer
