"""Validates the mock's own answers against the responses that their operation declares."""

from __future__ import annotations

from mockserver.engine.call import ValidatedBody
from mockserver.messages import Headers, Response
from mockserver.openapi.model.body_model import covering
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.response import DeclaredResponse
from mockserver.problem import Violation


class ResponseValidator:
    """Validates the answers of one operation against its declared responses. Where the document is not `is_complete`,
    an error that it does not declare breaks nothing.
    """

    __slots__ = ("_answers", "_is_complete", "_operation")

    def __init__(self, operation: Operation, *, is_complete: bool = True) -> None:
        self._operation = operation
        self._is_complete = is_complete
        self._answers: dict[int, tuple[DeclaredResponse, dict[tuple[str, str], int]]] = {}

    def check(self, response: Response, headers: Headers, proven: ValidatedBody | None = None) -> tuple[Violation, ...]:
        """Returns the violations of this answer; none where it keeps the document. A body that is `proven` already is
        not held against its schema once more.
        """
        status, body = response.status, response.body
        known = self._answers.get(status)
        if known is None:
            answer = self._operation.answer(status)
            if answer is None:
                return (self._undeclared(status),) if self._is_complete or status < 400 else ()
            known = self._answers[status] = answer, {}
        answer, good = known
        broken = _check_headers(answer, headers, good) if answer.headers else ()
        if body is None:
            return (*broken, _BODYLESS) if answer.media and status not in (204, 205, 304) else broken
        media_type = headers[0][1]
        media = answer.media.get(media_type) or covering(answer.media, media_type)
        if media is None:
            declared = ", ".join(answer.media) or "no body"
            return (
                *broken,
                Violation("response", "", "content", f"{media_type} is not declared; declared: {declared}"),
            )
        validator = media.validator
        if validator is None or isinstance(body, bytes):
            return broken
        if proven is not None and proven.body is body and proven.pointer == validator.pointer:
            return broken
        return broken if validator.accepts(body) else (*broken, *validator.violations(body, "response"))

    def _undeclared(self, status: int) -> Violation:
        declared = ", ".join(self._operation.answers)
        return Violation("response", "", "status", f"status {status} is not declared; declared are {declared}")


_BODYLESS = Violation("response", "", "content", "a body is declared, and none was sent")


def _check_headers(
    answer: DeclaredResponse, headers: Headers, good: dict[tuple[str, str], int]
) -> tuple[Violation, ...]:
    """Returns the violations of the headers. `good` remembers those that were found to be fine, with 1 for a required
    one: most are sent again and again.
    """
    missing = answer.required_headers
    broken: tuple[Violation, ...] = ()
    for sent in headers:
        known = good.get(sent)
        if known is not None:
            missing -= known
            continue
        name, value = sent
        header = answer.headers.get(name)
        if header is None:
            continue
        missing -= header.required
        if not header.accepts(value):
            message = f"the header {name} may not be {value!r}"
            broken += (Violation("response", f"/{name}", "header", message, value),)
        elif len(good) < MOST_GOOD and len(value) < SHORT:
            good[sent] = int(header.required)
    return broken + _absent(answer, headers) if missing else broken


def _absent(answer: DeclaredResponse, headers: Headers) -> tuple[Violation, ...]:
    sent = {name.lower() for name, _ in headers}
    return tuple(
        Violation("response", f"/{name}", "required", f"the header {name} is required")
        for name, header in answer.headers.items()
        if header.required and name.lower() not in sent
    )


MOST_GOOD, SHORT = 4096, 16
