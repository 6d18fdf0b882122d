"""The envelope of Vivoldi's answers, the codes of its errors, its dates, and the languages of its messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from mockserver.engine.answers.vendor_errors import VendorError
from mockserver.engine.assumptions import Assumptions
from mockserver.engine.call import Call
from mockserver.engine.owned_records import CallerRecords
from mockserver.engine.shipped import shipped
from mockserver.engine.timestamps import utc_seconds
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import (
    INVALID,
    MALFORMED,
    MEDIA_TYPE,
    NOT_FOUND,
    RATE_LIMITED,
    UNAUTHENTICATED,
    Problem,
    Violation,
)
from mockserver.vendors.vivoldi import pages

ASSUMPTIONS = Assumptions(shipped("specs", "vivoldi.assumptions"))


def success(result: Json) -> Json:
    """The envelope of a success."""
    return {"code": 0, "message": "", "result": result}


def invalid(detail: str) -> Problem:
    """The Problem of a value that cannot be used."""
    return Problem(200, detail, code=INVALID)


OWN = CallerRecords("_account", lambda noun, idx: Problem(200, f"The {noun} {idx} does not exist.", code=NOT_FOUND))
"""The records of the caller's account."""


def timestamp(call: Call) -> str:
    """The time of the call in the vendor's zone: `2026-03-01 00:00:00`."""
    offset = UTC_PLUS_9 if call.assume("time-zone") == "korea" else 0
    return utc_seconds(call.at + offset).replace("T", " ").removesuffix("Z")


def refuse_impossible(name: str, text: str) -> None:
    """Raises a Problem for a text in the form of a date that the calendar does not have: 30 February."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"{name}: {text} is no date.") from None


UTC_PLUS_9 = 9 * 3600
DATES = {"strtYmdt", "endYmdt", "delYmdt", "regStartYmdt", "regEndYmdt", "startDelYmdt", "endDelYmdt"}

# Errors

NO_LINK = "no-link"
OTHER_DOMAIN = "other-domain"
NO_CALLBACK = "no-callback"
NOT_INCLUDED = "not-included"
TAKEN = "taken"
INVALID_CODE = 1001
INVALID_VALUE = VendorError(200, INVALID_CODE)
ERRORS: Mapping[str, VendorError] = {
    MALFORMED: VendorError(200, INVALID_CODE, "unreadable-body", {"stop": (0, None)}),
    MEDIA_TYPE: INVALID_VALUE,
    INVALID: INVALID_VALUE,
    UNAUTHENTICATED: VendorError(401, None, "bad-key", {"403": (403, None)}),
    **{
        reason: VendorError(200, code, "failure-codes", {"one": (200, INVALID_CODE)})
        for reason, code in (
            (NOT_FOUND, 1002),
            (NO_LINK, 1003),
            (OTHER_DOMAIN, 1004),
            (NO_CALLBACK, 1005),
            (NOT_INCLUDED, 1006),
            (TAKEN, 1007),
        )
    },
}
"""Errors of the service are HTTP 200 with a code of their own; others have their HTTP status as code."""
KOREAN = {
    400: "요청 본문을 읽을 수 없습니다.",
    401: "API 키가 올바르지 않습니다.",
    403: "차단된 클라이언트입니다. User-Agent를 확인해 주세요.",
    404: "요청한 경로를 찾을 수 없습니다.",
    405: "지원하지 않는 메서드입니다.",
    413: "요청 본문이 너무 큽니다.",
    429: "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
    500: "서버 오류가 발생했습니다. 다시 시도해 주세요.",
    1001: "요청 값이 올바르지 않습니다.",
    1002: "그룹을 찾을 수 없습니다.",
    1003: "링크를 찾을 수 없습니다.",
    1004: "도메인이 링크의 도메인과 다릅니다.",
    1005: "webhookCallbackUrl 값이 필요합니다.",
    1006: "현재 요금제에서 사용할 수 없는 기능입니다.",
    1007: "이미 사용 중인 링크 ID입니다.",
}


def render(problem: Problem, call: Call) -> Response:
    """The envelope with `code` and `message`, as text where so assumed; visitors of a link get a page."""
    if call.operation is not None and not call.operation.security:
        return pages.stopped(problem.status)
    status, code = ERRORS.get(problem.code, VendorError()).of(problem, call)
    if problem.code == RATE_LIMITED:
        call.assume("statistics-limit" if problem.about == "statistics" else "rate-limits")
    if status != 200 and call.assume("stopped-bodies") == "text":
        return Response(status, HTTPStatus(status).phrase.encode(), (("Content-Type", "text/plain; charset=utf-8"),))
    code = code or status
    message = " ".join(map(explain, problem.violations)) or problem.detail
    if wants_korean(call) and call.assume("message-language") == "requested":
        message = KOREAN.get(code, message)
    return Response(status, {"code": code, "message": message, "result": None})


def explain(violation: Violation) -> str:
    """One sentence with the field and the message."""
    where = ".".join(violation.location[1:]) or "The " + violation.place
    if violation.keyword == "required":
        return f"{where} is required."
    if where.rpartition(".")[2] in DATES and violation.keyword in ("pattern", "anyOf", "maxLength"):
        return f"{where}: {violation.seen} is no date of the form YYYY-MM-DD HH:mm:ss."
    return f"{where}: {violation.message}."


def wants_korean(call: Call) -> bool:
    """Whether Korean is the first language that the caller asks for."""
    language: str = call.request.headers.get("Accept-Language", "")
    return language.lower().startswith("ko")
