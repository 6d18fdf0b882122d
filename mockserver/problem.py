"""Errors as values: requests that cannot be served, broken schemas, arguments that cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from mockserver.json_pointer import tokens


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a value breaks its contract.

    `place` is `path`, `query`, `header`, `cookie`, `body` or `response`; `pointer` is the JSON pointer inside it
    (`/0/state`), where a parameter's name is the first token. `seen` is the offending value, shortened.
    """

    place: str
    pointer: str
    keyword: str
    message: str
    seen: str = ""
    expected: Any = None

    @property
    def location(self) -> list[str]:
        """The way to the value, outermost first: `["body", "0", "state"]`."""
        return [self.place, *tokens(self.pointer)]

    def __str__(self) -> str:
        return f"{self.place}{self.pointer}: {self.message}"


class Problem(Exception):
    """A request ends here, with this status (RFC 9457).

    `code` names the reason for programs. The engine's own are `no-operation`, `no-method`, `unauthenticated`,
    `forbidden`, `rate-limited`, `malformed` (a body that cannot be read), `invalid` (one that breaks its schema),
    `too-large`, `media-type`, `not-acceptable`, `not-found`, `already-exists`, `idempotency-key-mismatch`,
    `idempotency-key-invalid`, `idempotency-in-progress`, `broken-promise`, `undeclared`, `world-unreadable` (it is
    damaged where it is kept) and `internal`; a handler raises others. `about` is what the reason is about: the limit
    that was hit. `violations` say
    what in the request breaks its schema, and where. `headers` go out with the answer; `retry_after` is in seconds.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str = "",
        about: str = "",
        violations: tuple[Violation, ...] = (),
        headers: tuple[tuple[str, str], ...] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code
        self.about = about
        self.violations = violations
        self.headers = headers
        self.retry_after = retry_after

    def explained(self, more: str) -> Problem:
        """The same problem with more text at the end of its detail."""
        return Problem(
            self.status,
            self.detail + more,
            code=self.code,
            about=self.about,
            violations=self.violations,
            headers=self.headers,
            retry_after=self.retry_after,
        )

    def members(self) -> dict[str, Any]:
        """The members that every problem has (RFC 9457): `type`, `title`, `status`, `detail`."""
        return problem_members(self.status, self.detail)


def problem_members(status: int, detail: str) -> dict[str, Any]:
    """The body of a problem of no type of its own; its title is the phrase of the status."""
    return {"type": "about:blank", "title": phrase(status), "status": status, "detail": detail}


def phrase(status: int) -> str:
    """The reason phrase of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


PROBLEM_JSON = "application/problem+json"
"""The media type of problems."""


NO_OPERATION = "no-operation"
UNDECLARED = "undeclared"
NO_METHOD = "no-method"
UNAUTHENTICATED = "unauthenticated"
FORBIDDEN = "forbidden"
RATE_LIMITED = "rate-limited"
MALFORMED = "malformed"
INVALID = "invalid"
TOO_LARGE = "too-large"
MEDIA_TYPE = "media-type"
NOT_ACCEPTABLE = "not-acceptable"
NOT_FOUND = "not-found"
ALREADY_EXISTS = "already-exists"
KEY_MISMATCH = "idempotency-key-mismatch"
KEY_INVALID = "idempotency-key-invalid"
IN_PROGRESS = "idempotency-in-progress"
BROKEN_PROMISE = "broken-promise"
INTERNAL = "internal"
WORLD_UNREADABLE = "world-unreadable"


class Unusable(Exception):
    """An argument or a document cannot be used; the text says what was seen, what was expected and what to do."""

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where
