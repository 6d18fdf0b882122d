"""The next answers of operations: added, listed, deleted."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.control.routes.interventions.fault_routes import refuse_unknown_operation
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.engine.interventions.matching.matchers import refused
from mockserver.engine.interventions.next_answer import NextAnswer
from mockserver.engine.interventions.stub_check import StubTarget, refuse_wrong_answer, targets_of
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.state.interventions import Rule


def list_next_answers(_call: Call, scope: ControlScope) -> Json:
    """Returns the answers that wait for requests, the next ones first."""
    return {"answers": [_show_next(rule) for rule in scope.world.answers]}


def add_next_answer(call: Call, scope: ControlScope) -> Response:
    """Lets one operation answer so, next."""
    given = dict(call.body)
    method, path = given.pop("method", "").upper(), given.pop("path", "")
    if ("operation" in given) is bool(method or path) or bool(method) is not bool(path):
        raise refused("", "answer", "expected either operation, or method and path")
    operation = given.pop("operation", "") or f"{method} {path}"
    refuse_unknown_operation(operation, scope)
    answer = NextAnswer(operation=operation, **given)
    found = [
        one
        for one in targets_of(scope.services.values())
        if operation in (one.operation.id, f"{one.operation.method} {one.operation.path}")
        and answer.api in ("", one.api)
    ]
    if len(found) != 1:
        apis = ", ".join(target.api for target in found) or "no API of this name"
        raise refused("/api", "answer", f"{operation} is an operation of {apis}; expected the api of one", answer.api)
    if answer.check and answer.body is not None:
        for target in found:
            refuse_wrong_answer(answer.answer, target, "")
    if answer.example and not any(_has_example(one, answer) for one in found):
        raise refused(
            "/example", "answer", f"{operation} declares no example of this name for that status", answer.example
        )
    return Response(201, _show_next(scope.world.answers.add(answer)))


def _has_example(target: StubTarget, answer: NextAnswer) -> bool:
    answers = target.operation.answers
    successes = [one for status, one in answers.items() if status.startswith("2")]
    declared = [target.operation.answer(answer.status)] if answer.status else successes
    return any(
        answer.example in media.node.get("examples", {})
        for one in declared
        if one is not None
        for media in one.media.values()
    )


def delete_next_answers(_call: Call, scope: ControlScope) -> Response:
    """Removes the answers that wait."""
    scope.world.answers.clear()
    return Response(204)


def _show_next(rule: Rule) -> Json:
    answer: NextAnswer = rule.value
    optional = {
        "api": answer.api,
        "status": answer.status,
        "example": answer.example,
        "headers": dict(answer.headers),
    }
    said = {name: value for name, value in optional.items() if value}
    if answer.body is not None:
        said["body"] = answer.body
    if not answer.check:
        said["check"] = False
    return {"operation": answer.operation, **said, "times": answer.times, "used": rule.used}


HANDLERS: Mapping[str, Handler] = {
    "listNextAnswers": list_next_answers,
    "addNextAnswer": add_next_answer,
    "deleteNextAnswers": delete_next_answers,
}
