"""Makes findings of the failures of Schemathesis: without secrets, with the place in the document and a curl line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import unquote

from mockserver.contract.checking.judgement import INVALID_TAKEN
from mockserver.contract.checking.recording.masked_request import MaskedRequest
from mockserver.contract.checking.recording.recorded_exchange import (
    address_of,
    content_type_of,
    exchange_of,
    media_type_of,
    sent_headers,
)
from mockserver.contract.checking.recording.refused_values import AcceptedValues
from mockserver.contract.reports.curl_line import curl_line
from mockserver.contract.reports.run_record import CheckFinding, ShownSide
from mockserver.engine.redaction.given_secrets import HARMLESS
from mockserver.engine.redaction.redactor import Redactor
from mockserver.json_pointer import pointer_of, tokens, value_at
from mockserver.json_text import Json, Malformed, encode, read_json
from mockserver.messages import Exchange
from mockserver.openapi.model.body_model import covering
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Violation, phrase

SHOWN_BODY: Final = 600
"""Characters of a body that a finding shows."""

SHOWN_VALUE: Final = 200
"""Characters of a seen or expected value that a finding shows."""

MOST_VIOLATIONS: Final = 3
"""Violations of a request that was taken though it is invalid, which its finding tells."""

CUSTOM: Final = "ST901"
OF_MEDIA_TYPES: Final = ("ST105", "ST106")
"""Failures that are told apart by a media type, whose parameters, such as a boundary, differ from answer to answer."""

IGNORED_AUTH: Final = "ST401"
_BUNDLED: Final = "x-bundled"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One failure of a check (of Schemathesis) with the recorded exchange and its case, and the exchanges that
    went before it.
    """

    check: str
    failure: Any
    method: str
    path: str
    exchange: Any
    earlier: Sequence[Any] = ()
    case: Any = None

    @property
    def operation(self) -> str:
        """The operation that failed, as method and path."""
        return self.failure.operation or f"{self.method} {self.path}"

    @property
    def length(self) -> int:
        """The length of the requests: of the occurrences of one failure the shortest is shown."""
        every = [*self.earlier, self.exchange]
        return sum(len(one.request.uri) + len(one.request.body or b"") + 100 for one in every if one is not None)


class FailureDetails:
    """Tells findings of one API. `sample` is the header that opens the mock of it, which is no secret; `secrets` names
    headers that are. Curl lines have secrets only if `shows_secrets`.
    """

    def __init__(
        self,
        api: str,
        spec: Document,
        sample: tuple[str, str] = ("", ""),
        secrets: Sequence[str] = (),
        *,
        shows_secrets: bool = False,
    ) -> None:
        self._api = api
        self._operations = {(one.method.upper(), one.path): one for one in spec.operations}
        self._redactor = Redactor(spec, [sample, *((name, "") for name in secrets if name.lower() not in HARMLESS)])
        self._sample = sample[1]
        self._shows_secrets = shows_secrets

    def identity(self, occurrence: Occurrence) -> tuple[str, str, str, str]:
        """Operation, check, code and place: what two occurrences of one finding share."""
        return occurrence.operation, occurrence.check, occurrence.failure.code, self._place(occurrence)

    def finding(self, occurrence: Occurrence, times: int = 1, accepted: AcceptedValues | None = None) -> CheckFinding:
        """The finding, which was seen so many times. Of a valid request that was refused `accepted` tells which of its
        values to suspect.
        """
        failure, recorded = occurrence.failure, occurrence.exchange
        violation = _violation(failure)
        found = CheckFinding(
            api=self._api,
            operation=occurrence.operation,
            check=occurrence.check,
            code=failure.code,
            title=failure.title,
            severity=str(failure.severity.value),
            place=self._place(occurrence),
            times=times,
        )
        if recorded is None:
            return replace(found, why=_lines(failure.message))
        operation = self._operations.get((occurrence.method, occurrence.path))
        told = Violation("response", "", "", failure.message)
        exchange = exchange_of(recorded, operation, (told, violation) if violation else (told,))
        if failure.code == INVALID_TAKEN:
            exchange = exchange._replace(violations=_violations_of_body(recorded, operation))
        shown = self._redactor.exchange(exchange)
        curls = [
            self._curl(one, operation if one is recorded else None, failure.code)
            for one in (*occurrence.earlier, recorded)
        ]
        suspects = () if accepted is None else (accepted.why(occurrence.case, shown.request.body),)
        return replace(
            found,
            why=[*_why(shown, violation), *suspects],
            pointer=violation.pointer if violation else "",
            keyword=violation.keyword if violation else "",
            expected=_text_of(violation.expected) if violation else "",
            seen=shown.broken[1].seen if violation else "",
            sent=_sent(shown, str(recorded.request.uri)),
            came=_came(shown, recorded, violation),
            curl=[line for line, _ in curls],
            masked=any(masked for _, masked in curls),
        )

    def exchange(self, method: str, path: str, recorded: Any) -> tuple[Exchange, str]:
        """A recorded exchange of an operation without secrets, and its address."""
        operation = self._operations.get((method, path))
        took = recorded.response.elapsed if recorded.response is not None else 0.0
        exchange = exchange_of(recorded, operation, ())._replace(api=self._api, at=recorded.timestamp, took=took)
        shown = self._redactor.exchange(exchange)
        return shown, address_of(shown.request, str(recorded.request.uri))

    def _place(self, occurrence: Occurrence) -> str:
        """The place in the document, or what distinguishes the failure from others of its check and operation."""
        failure = occurrence.failure
        path = getattr(failure, "schema_path", None)
        if path is None:
            key = str(getattr(failure, "_unique_key", ""))
            return "" if failure.code == CUSTOM else key.partition(";")[0] if failure.code in OF_MEDIA_TYPES else key
        names = getattr(failure, "_name_to_uri", None) or {}
        steps = [str(token) for token in path]
        for number in range(len(steps) - 2, -1, -1):
            if steps[number] == _BUNDLED and steps[number + 1] in names:
                _, hash_, pointer = str(names[steps[number + 1]]).rpartition("#")
                return f"{hash_}{unquote(pointer)}{pointer_of(steps[number + 2 :])}"
        return f"#{self._schema_of(occurrence)}{pointer_of(steps)}"

    def _schema_of(self, occurrence: Occurrence) -> str:
        """The pointer of the schema that an answer is held against."""
        operation = self._operations.get((occurrence.method, occurrence.path))
        response = occurrence.exchange.response if occurrence.exchange is not None else None
        answer = operation.answer(response.status_code) if operation is not None and response is not None else None
        if answer is None or response is None:
            return ""
        media = covering(answer.media, content_type_of(response))
        return f"{media.at}/schema" if media is not None else ""

    def _curl(self, recorded: Any, operation: Operation | None, code: str) -> tuple[str, bool]:
        """The curl line of an exchange, and whether a secret was left out of it."""
        request = recorded.request
        insecure = recorded.response is not None and not recorded.response.verify
        if self._shows_secrets:
            shown = ((name, [value]) for name, value in sent_headers(request).items())
            return curl_line(request.method, [request.uri], shown, request.body or None, insecure=insecure), False
        masked = MaskedRequest(
            self._redactor, recorded, operation, sample=self._sample, keeps_headers=code == IGNORED_AUTH
        )
        line = curl_line(request.method, masked.url, masked.headers, masked.body or None, insecure=insecure)
        return line, masked.is_changed


def _violation(failure: Any) -> Violation | None:
    """What a broken schema says, if that is the failure."""
    path = getattr(failure, "schema_path", None)
    if path is None:
        return None
    schema: Mapping[str, Json] = failure.schema
    keyword = str(path[-1]) if path and path[-1] in schema else "false"
    pointer = pointer_of([str(token) for token in failure.instance_path])
    seen = _text_of(failure.instance)
    return Violation("response", pointer, keyword, failure.validation_message, seen, schema.get(keyword))


def _text_of(value: Json) -> str:
    if value is None:
        return "null"
    return _cut(encode(value).decode("utf-8", "replace"), SHOWN_VALUE)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def _why(shown: Exchange, violation: Violation | None) -> list[str]:
    """Why an answer is wrong: what the failure says, for a server error that it is one."""
    if violation is not None:
        return [shown.broken[1].message]
    said = _lines(shown.broken[0].message) or [f"{shown.status} says that the server failed, whatever was sent"]
    return [*said, *map(str, shown.violations)]


def _violations_of_body(recorded: Any, operation: Operation | None) -> tuple[Violation, ...]:
    """What a body in JSON breaks of the document, the first of it."""
    sent = recorded.request
    media_type = sent_headers(sent).get("Content-Type", "")
    if operation is None or operation.body is None or not sent.body or "json" not in media_type.lower():
        return ()
    media = covering(operation.body.media, media_type)
    if media is None or media.validator is None:
        return ()
    try:
        return tuple(media.validator.violations(read_json(sent.body), "body"))[:MOST_VIOLATIONS]
    except Malformed:
        return ()


def _lines(message: str) -> list[str]:
    return [line.strip() for line in message.splitlines() if line.strip()]


def _sent(shown: Exchange, uri: str) -> ShownSide:
    request = shown.request
    media_type = request.headers.get("Content-Type") or ""
    return ShownSide(f"{request.method} {address_of(request, uri)}", media_type, "", _body_text(request.body))


def _came(shown: Exchange, recorded: Any, violation: Violation | None) -> ShownSide | None:
    if recorded.response is None:
        return None
    head = f"{shown.status} {phrase(shown.status)}"
    media_type = media_type_of(recorded.response)
    at, body = "", _body_text(shown.content)
    if violation is not None and len(shown.content) > SHOWN_BODY:
        at, body = _part(shown.content, violation.pointer) or (at, body)
    return ShownSide(head, media_type, at, body)


def _part(content: bytes, pointer: str) -> tuple[str, str] | None:
    """The object or list around a place of a JSON body, with its pointer."""
    around = pointer.rpartition("/")[0]
    try:
        value = value_at(read_json(content), tokens(around), None)
    except Malformed:
        return None
    return around, _cut(encode(value).decode("utf-8", "replace"), SHOWN_BODY)


def _body_text(content: bytes) -> str:
    try:
        return _cut(content.decode().strip(), SHOWN_BODY)
    except UnicodeDecodeError:
        return f"({len(content):,} bytes that are no text)"
