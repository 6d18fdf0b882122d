"""Checks stubs against the documents: whether the operations that they answer for declare such answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mockserver.engine.answers.response_validator import ResponseValidator
from mockserver.engine.interventions.canned_answer import CannedAnswer
from mockserver.engine.interventions.stub import Stub
from mockserver.engine.service import Service
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.problem import INVALID, Problem, Violation


class StubTarget(NamedTuple):
    """An operation of this API for which a stub answers, with the paths that it is served at, and whether the API's
    document has every answer.
    """

    api: str
    operation: Operation
    paths: tuple[str, ...]
    is_complete: bool


def targets_of(services: Iterable[Service]) -> list[StubTarget]:
    """Every operation of these APIs."""
    return [
        StubTarget(
            service.name,
            operation,
            tuple(dict.fromkeys((service.address(operation.routed_path), operation.routed_path, operation.path))),
            service.api.is_complete,
        )
        for service in services
        for operation in service.spec.operations
    ]


def answered_operations(request: Mapping[str, Json], targets: Iterable[StubTarget]) -> list[StubTarget] | None:
    """The operations that take requests of this pattern, the most concrete of each method; None for a pattern that
    names no certain path.
    """
    address = next((request[name] for name in ("url", "urlPath", "urlPathTemplate") if name in request), None)
    if address is None:
        return None
    wanted = str(address).partition("?")[0].split("/")
    method = str(request.get("method") or "ANY").upper()
    best: dict[str, tuple[int, StubTarget]] = {}
    for target in targets:
        own = target.operation.method
        if method in ("ANY", own):
            for vague in _fits(wanted, target.paths):
                if own not in best or vague < best[own][0]:
                    best[own] = vague, target
    return [target for _, target in best.values()]


def _fits(wanted: list[str], paths: tuple[str, ...]) -> Iterator[int]:
    """For each path that fits, the number of its segments that any text fits; one of such segments alone fits not."""
    for path in paths:
        segments = path.split("/")
        vague = sum("{" in own for own in segments)
        pairs = list(zip(segments, wanted, strict=False))
        fits = len(segments) == len(wanted) and all("{" in own or own == given for own, given in pairs)
        if fits and vague < len(segments) - 1:
            yield vague


def refuse_wrong_answer(answer: CannedAnswer, target: StubTarget, at: str) -> None:
    """Raises Problem 422 for an answer that the operation may not give, with the reasons."""
    operation = target.operation
    if answer.fault:
        return
    response = answer.response(operation)
    headers = response.headers or (("Content-Type", ""),)
    checked = response._replace(body=answer.value(headers[0][1]))
    found = ResponseValidator(operation, is_complete=target.is_complete).check(checked, headers)
    # Headers that have to be there are added when it is sent.
    broken = [one for one in found if one.keyword != "required" or not _is_header(one, target, answer.status)]
    if broken:
        message = (
            f"{operation.id} may not answer so: {'; '.join(map(str, broken[:3]))}. Mend the answer, or say "
            '"check": false where the client is to see it all the same.'
        )
        violations = tuple(
            Violation("body", f"{at}{_pointer(one)}", one.keyword, one.message, one.seen) for one in broken
        )
        raise Problem(422, message, code=INVALID, violations=violations)


def _is_header(violation: Violation, target: StubTarget, status: int) -> bool:
    declared = target.operation.answer(status)
    return declared is not None and violation.pointer[1:] in declared.headers


def _pointer(violation: Violation) -> str:
    return {"status": "/status", "header": "/headers"}.get(violation.keyword, f"/jsonBody{violation.pointer}")


def refuse_wrong_stub(stub: Stub, targets: Iterable[StubTarget]) -> bool | None:
    """Holds a stub against the documents. Returns whether an operation takes its requests, None where its pattern
    names no certain path. Raises Problem 422 for an answer that breaks its document.
    """
    found = answered_operations(stub.request, targets)
    if stub.check and found:
        for target in found:
            refuse_wrong_answer(stub.answer, target, "/response")
    return None if found is None else bool(found)
