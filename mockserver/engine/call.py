"""A request on its way through the pipeline, complete when its handler gets it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from mockserver.engine.steps.prefer import Preference, preference_of
from mockserver.json_text import Json
from mockserver.messages import Delivery, Headers, Request, Response
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Violation
from mockserver.state.records.collection import Id
from mockserver.state.records.record import Record


class LimitReading(NamedTuple):
    """The reading of one meter after a request was counted. `reset` is in epoch seconds, `wait` in seconds until one
    more fits.
    """

    limit: int
    remaining: int
    reset: float
    wait: float = 0.0

    def headers(self, reset: int) -> Headers:
        """`X-RateLimit-Limit` and `-Remaining`, and `-Reset` as the API counts it."""
        return (
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(self.remaining)),
            ("X-RateLimit-Reset", str(reset)),
        )


class ValidatedBody(NamedTuple):
    """The body of an answer that was found to fit the schema at this pointer, and its bytes where they are made
    already. It says so of this very value alone.
    """

    body: Json
    pointer: str
    content: bytes | None = None


class Spoiler(Protocol):
    """A change that a fault makes to an answer on its way out."""

    def spoiled(self, answer: Response, call: Call, /) -> Response: ...


class Call:
    """One request as the steps fill it in: first its `operation`, then its `caller`, its `budget`, its decoded values.

    A handler finds all of it: `request` as it came in; `path`, `query`, `header`, `cookie` by parameter name, with
    defaults; `body` as a JSON value that kept its schema; `caller` the record of the credential and `owner` the record
    it belongs to; `budget` the readings of the meters by name; `secret` what the caller proved to hold; `at` the world
    time of the request in epoch seconds. An answer that is `undeclared` was asked for though the document has none
    such, and breaks nothing; one that is `by_example` is shown as the document has it; `delivery` says how it is sent,
    where that is not whole and at once. In a handler of a user `default()` is what the mock itself would answer.
    """

    caller: Record
    owner: Record
    default: Callable[[], Any]
    path: Mapping[str, Json] = MappingProxyType({})
    query: Mapping[str, Json] = MappingProxyType({})
    header: Mapping[str, Json] = MappingProxyType({})
    cookie: Mapping[str, Json] = MappingProxyType({})
    budget: Mapping[str, LimitReading] = MappingProxyType({})
    body: Json = None
    used: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    secret = ""
    owner_id: Id = ""
    operation: Operation | None = None
    idempotency_key = ""
    replayed = False
    undeclared = False
    by_example = False
    proven: ValidatedBody | None = None
    delivery: Delivery | None = None
    spoiler: Spoiler | None = None
    violations: tuple[Violation, ...] = ()
    _preference: Preference | None = None

    def __init__(self, request: Request, choices: Mapping[str, str], at: float, request_id: str) -> None:
        self.request = request
        self.choices = choices
        self.at = at
        self.request_id = request_id

    @property
    def preference(self) -> Preference:
        """The preferences of the request, read once. A Problem 422 for a value that a preference cannot have."""
        known = self._preference
        if known is None:
            known = self._preference = preference_of(self.request)
        return known

    def reading(self, operation: Operation, path: Mapping[str, Json]) -> Call:
        """A read of another operation by the same caller at the same moment, with these values in its path."""
        request = self.request._replace(method="GET", query="", body=b"", unread=None)
        other = Call(request, self.choices, self.at, self.request_id)
        other.operation, other.path, other.secret = operation, path, self.secret
        return other

    def assume(self, name: str) -> str:
        """The option that holds for the assumption `name`; the exchange remembers that it was relied on."""
        if name not in self.used:
            self.used += (name,)
        return self.choices[name]

    def note(self, name: str, text: str) -> None:
        """The header `Mock-Assumption` and the journal say `name=text`; `name` is one of NOTES."""
        note = f"{name}={_NOT_FOR_HEADERS.sub(' ', text)[:LONGEST_NOTE]}"
        if note not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes += (note,)


IGNORED_BODY: Final = "ignored-body"
UNCHECKED: Final = "unchecked-precondition"
UNDECLARED_STATUS: Final = "undeclared-status"
SHORTENED: Final = "shortened-values"
UNFIT: Final = "unfit-values"
VALIDATION_LIMIT: Final = "validation-limit"
CALLBACK_SKIPPED: Final = "callback-skipped"
FAULT: Final = "fault"
STUB: Final = "stub"
UPSTREAM: Final = "upstream"
FALLBACK: Final = "fallback"
REWRITTEN: Final = "rewritten-address"

NOTES: Final[Mapping[str, str]] = {
    "replaced-values": "A value that was sent breaks the record's schema, so that another one is kept or shown.",
    "invented-records": "There is no such record, and the document declares no 404: one was made up to be shown.",
    "missing-records": "What the request names is not there, and the document declares no answer that says so.",
    "not-remembered": "The write was answered as a success, and nothing was remembered of it.",
    "ignored-parameters": "A query parameter that was sent chose none of the records that were listed or written.",
    "missing-body": "A write that declares a body came without one, so that it says nothing of the record.",
    IGNORED_BODY: "A body was sent, and the document declares none for the operation.",
    UNCHECKED: "If-Match or If-None-Match was sent, and there is no entity-tag that it could be held against.",
    CALLBACK_SKIPPED: "A callback was not sent: the request and its answer do not say where to.",
    SHORTENED: "The schema requires a larger value than the mock makes: a smaller one is shown, which breaks it.",
    UNFIT: "No value was found that fits the schema: the nearest one is shown, which breaks it.",
    VALIDATION_LIMIT: "A value was taken for valid before all of it was validated, which would have taken too much.",
    UNDECLARED_STATUS: "The status was preferred by the request, and the document does not declare it.",
    FAULT: "A test asked for this failure (/__admin/faults, --fail, --delay).",
    STUB: "A test asked for this answer (/__admin/mappings, /__admin/next).",
    UPSTREAM: "Of a proxy: the answer is not whole, or not all of request and answer was held against the document.",
    FALLBACK: "Of a proxy: the upstream lacks the operation, so that the mock answered in its place.",
    REWRITTEN: "Of a proxy: a header field named the upstream, and names the proxy in its place.",
}
"""What an answer notes of itself where no document leaves a choice open: each name with what it means."""

MOST_NOTES: Final = 8
LONGEST_NOTE: Final = 300
"""Characters."""
_NOT_FOR_HEADERS: Final = re.compile(r"[^ -+\--~]")
"""What a header cannot have, and the comma that separates its values."""
