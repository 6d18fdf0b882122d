"""Validates requests (`validate_request`) and answers (`check`) against the operation's contract."""

from __future__ import annotations

from typing import Protocol

from mockserver.engine.answers.response_validator import ResponseValidator
from mockserver.engine.body.reader import JSON_TYPE, BodyReader, meet_body
from mockserver.engine.call import Call, ValidatedBody
from mockserver.engine.steps.parameters import Values
from mockserver.messages import Headers, Response
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.text_pairs import cookies_of, pairs_of
from mockserver.problem import INVALID, Problem, Violation
from mockserver.state.world import ApiState

__all__ = ["JSON_TYPE", "RequestValidator"]


class ResponseCheck(Protocol):
    """Says how an answer with these headers breaks the document; a body that is proven is not held against its schema
    again.
    """

    def __call__(
        self, response: Response, headers: Headers, proven: ValidatedBody | None = None, /
    ) -> tuple[Violation, ...]: ...


class RequestValidator:
    """Validates the requests and the answers of one operation; compiled at its first use. A request that breaks its
    schema is a Problem with `invalid_status`. `check` says how an answer breaks the document; where that is not
    `is_complete`, an error that it does not declare breaks nothing.
    """

    __slots__ = ("_asks_header", "_asks_more", "_asks_path", "_content", "_cookie", "_header", "_invalid_status",
                 "_path", "_query", "_refuses_body", "_whole_query", "check")  # fmt: skip
    check: ResponseCheck

    def __init__(
        self, operation: Operation, any_media_type: str, invalid_status: int = 422, *, is_complete: bool = True
    ) -> None:
        parameters = operation.parameters
        self._invalid_status = invalid_status
        self._path, self._query, self._header, self._cookie, self._whole_query = (
            Values(parameters, place) for place in ("path", "query", "header", "cookie", "querystring")
        )
        self._asks_path = not self._path.is_free
        self._asks_header = bool(self._header.parameters)
        self._asks_more = bool(self._cookie.parameters or self._whole_query.parameters)
        self._content = (
            None if operation.body is None else BodyReader(operation.body, any_media_type, operation.sent_as)
        )
        self._refuses_body = operation.body is None and "415" in operation.answers
        self.check = ResponseValidator(operation, is_complete=is_complete).check

    def validate_request(self, call: Call, _state: ApiState | None = None) -> None:
        """`call.path`, `query`, `header`, `cookie` and `body` hold decoded values that kept their schemas.

        Raises a Problem: 400 and 413 for a body that cannot be read, 415 for a media type that is not taken, else one
        with every violation at once.
        """
        request = call.request
        violations: list[Violation] = []
        if self._asks_path:
            call.path = self._path.decode_texts(call.path, violations)
        if request.query or self._query.needs:
            call.query = self._query.decode_text(request.query, pairs_of, violations)
        else:
            call.query = self._query.defaults
        if self._asks_header:
            call.header = self._header.decode(request.headers, violations)
        if self._asks_more:
            self._decode_more(call, violations)
        if self._content is not None:
            self._content.read(call, violations)
        elif request.body or request.unread is not None:
            meet_body(call, refuses=self._refuses_body)
        if violations:
            raise Problem(
                self._invalid_status, "; ".join(map(str, violations[:3])), code=INVALID, violations=tuple(violations)
            )

    def _decode_more(self, call: Call, violations: list[Violation]) -> None:
        """The places that few operations have parameters in."""
        call.cookie = self._cookie.decode(cookies_of(call.request.headers.get("Cookie") or ""), violations)
        if self._whole_query.parameters:
            call.query = {**call.query, **self._whole_query.decode(call.request.query, violations)}
