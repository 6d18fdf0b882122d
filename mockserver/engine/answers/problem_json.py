"""A Problem as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import PROBLEM_JSON, Problem, Violation


def problem_json(problem: Problem) -> Response:
    """RFC 9457, with every violation in `validation`, as Prism's users know it."""
    return Response(problem.status, members_of(problem), (("Content-Type", PROBLEM_JSON),))


def members_of(problem: Problem) -> Json:
    """The members of such a body: type, title, status, detail, validation."""
    body: Json = problem.members()
    if problem.violations:
        body["validation"] = [_told(violation) for violation in problem.violations]
    return body


def _told(violation: Violation) -> Json:
    return {
        "location": violation.location,
        "severity": "Error",
        "code": violation.keyword,
        "message": violation.message,
    }
