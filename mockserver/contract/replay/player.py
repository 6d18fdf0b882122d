"""Plays planned requests against one address, and keeps what was sent and what was answered."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote, unquote, urlencode, urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.exceptions import TimeoutError as Urllib3TimeoutError

from mockserver.contract.replay.answer_heads import POOLS
from mockserver.contract.replay.planned_request import (
    EXPRESSION,
    AnswerReference,
    KnownValue,
    PlannedRequest,
    PlannedValue,
    UniqueText,
    Unresolvable,
    replaced,
)
from mockserver.contract.replay.request_sequence import RequestSequence
from mockserver.engine.redaction.redactor import Redactor
from mockserver.engine.redaction.secret_text import MASK
from mockserver.json_pointer import MISSING, tokens, value_at
from mockserver.json_text import Json, Malformed, encode, read_json
from mockserver.problem import Unusable
from mockserver.server.http.timed_reader import Overdue

SECONDS: Final = 10.0
"""Of one request, to connect and between bytes, unless the player is told otherwise."""
MOST_BYTES: Final = 4 * 1024 * 1024
"""Bytes of an answer that are read; a longer one is a failure of its own."""

REFUSED, TIMEOUT, BROKEN, TOO_LARGE, UNRESOLVED, UNSENDABLE = (
    "refused", "timeout", "broken", "too-large", "unresolved", "unsendable",
)  # fmt: skip
"""Why there is no answer: nobody accepts connections, it took too long, the answer is no HTTP or ended early, it is too
large, the request refers to what no earlier answer has, or it cannot be written as HTTP.
"""

_URLLIB3_OBJECT: Final = re.compile(r"\A\w+\([^)]*\): ")
"""The object of urllib3 with which its messages begin."""
_BAD_HEADER: Final = re.compile("[\r\n\0]")
Pairs = tuple[tuple[str, str], ...]
Access = Callable[[PlannedRequest], tuple[Pairs, Pairs]]
"""The headers and the parameters of the query that authenticate a step."""
_ALWAYS_SENT: Final[Pairs] = (("Accept", "*/*"), ("Accept-Encoding", "identity"), ("User-Agent", "mockserver"))


@dataclass(frozen=True, slots=True)
class RequestAsSent:
    """A request as it went to a server; all empty but the method where none was sent."""

    method: str
    url: str = ""
    headers: Pairs = ()
    body: bytes | None = None

    def curl(self, redactor: Redactor | None = None) -> str:
        """A line of the shell that sends it again; credentials are masked if there is a redactor."""
        declared = redactor.declared("") if redactor is not None else None
        line = ["curl", "-i"] if self.method != "HEAD" else ["curl", "-I"]
        if self.method not in ("GET", "HEAD") or self.body is not None:
            line += ["-X", self.method]
        for name, value in self.headers:
            shown = MASK if declared is not None and declared.is_header(name) else value
            line += ["-H", f"{name}: {shown}" if shown else f"{name};"]
        if self.body is not None:
            line += ["--data-raw", self.body.decode("utf-8", "replace")]
        return shlex.join([*line, self.url])


@dataclass(frozen=True)
class PlayedAnswer:
    """What became of one planned request: an answer, or a `failure` with its `reason` (status 0)."""

    sent: RequestAsSent
    status: int = 0
    headers: Pairs = ()
    content: bytes = b""
    failure: str = ""
    reason: str = ""
    seconds: float = field(default=0.0, compare=False)

    def header(self, name: str) -> str | None:
        """The value of this header, whatever its case; several joined by a comma; None if there is none."""
        found = [value for known, value in self.headers if known.lower() == name.lower()]
        return ", ".join(found) if found else None

    @property
    def media_type(self) -> str:
        """The media type of the body in lower case, without parameters; empty if none is said."""
        return (self.header("Content-Type") or "").partition(";")[0].strip().lower()

    @cached_property
    def value(self) -> Json:
        """The body as a JSON value; MISSING if there is none, or it is no JSON."""
        try:
            return read_json(self.content) if self.content else MISSING
        except Malformed:
            return MISSING

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def __str__(self) -> str:
        return f"{self.failure}: {self.reason}" if self.failure else str(self.status)


class Player:
    """Plays requests against the server at `address`, where the paths begin. Redirects are answers, none is followed.

    `headers` are sent with every request, `credentials` (headers) with all that are authenticated; a step's own headers
    replace them. `access` gives the credentials of each step instead: headers, and parameters of the query. `known` has
    the values of KnownValue by name, `run` is the text of this run for each UniqueText. `seconds` bound connecting and
    the wait for each part of an answer.
    """

    def __init__(
        self,
        address: str,
        headers: Sequence[tuple[str, str]] = (),
        *,
        credentials: Sequence[tuple[str, str]] = (),
        access: Access | None = None,
        known: Mapping[str, Json] | None = None,
        run: str = "",
        seconds: float = SECONDS,
    ) -> None:
        self.address = address.rstrip("/")
        self._headers = tuple(headers)
        self._access = access or (lambda _step: (tuple(credentials), ()))
        self._run = run
        self._known = known or {}
        self._seconds = seconds
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
            raise Unusable(
                f"{address.rpartition('@')[2]}: expected the address of a server, such as https://api.example.com/v1"
            )
        self._pool = urllib3.PoolManager(num_pools=4, maxsize=1, retries=False)
        self._pool.pool_classes_by_scheme = POOLS

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._pool.clear()

    def play_all(
        self, sequence: RequestSequence, until: Callable[[], bool] = lambda: False
    ) -> tuple[PlayedAnswer, ...]:
        """The answers to all steps in order; fewer if `until` says before a step that it is time to stop."""
        answers: list[PlayedAnswer] = []
        for step in sequence.steps:
            if until():
                break
            answers.append(self.play(step, sequence, answers))
        return tuple(answers)

    def play(
        self, step: PlannedRequest, sequence: RequestSequence | None = None, earlier: Sequence[PlayedAnswer] = ()
    ) -> PlayedAnswer:
        """The answer to one step; `earlier` are the answers to the steps of the sequence before it."""

        def resolve(value: PlannedValue) -> Json:
            if isinstance(value, KnownValue):
                if value.name not in self._known:
                    raise Unresolvable(f"no value is known as {value.name!r}")
                return self._known[value.name]
            if isinstance(value, UniqueText):
                return value.of_run(self._run)
            return _referred(value, sequence, earlier)

        try:
            sent = self.prepared(step, resolve)
        except Unresolvable as error:
            return PlayedAnswer(RequestAsSent(step.method), failure=UNRESOLVED, reason=str(error))
        except (ValueError, TypeError) as error:
            return PlayedAnswer(RequestAsSent(step.method), failure=UNSENDABLE, reason=str(error))
        return self.send(sent)

    def prepared(self, step: PlannedRequest, resolve: Callable[[PlannedValue], Json]) -> RequestAsSent:
        """The request of a step with all values filled in. Raises Unresolvable, and ValueError for what no HTTP request
        can carry.
        """
        values = replaced(step.path_values, lambda value: in_a_path(value, resolve(value)))

        def filled(found: re.Match[str]) -> str:
            if found[1] not in values:
                raise Unresolvable(f"the path {step.path} has no value for {{{found[1]}}}")
            return quote(text_of_value(values[found[1]]), safe="")

        query = [*_pairs(replaced(step.query, resolve))]
        own = [(name, text_of_value(value)) for name, value in replaced(step.headers, resolve).items()]
        given = [*self._headers]
        if step.is_authenticated:
            shown, asked = self._access(step)
            given += shown
            query += [pair for pair in asked if pair[0] not in dict(query)]
        body, content_type = None, ""
        if step.has_body:
            body, content_type = body_of_value(replaced(step.body, resolve), step.media_type)
        headers = _merged([("Content-Type", content_type)] if content_type else [], given, own)
        for name, value in headers:
            if _BAD_HEADER.search(name + value):
                raise ValueError(f"the header {name} cannot be sent: it has a line end in it")
            value.encode("latin-1")
        path = EXPRESSION.sub(filled, step.path)
        joined = "&" if "?" in path else "?"
        address = f"{self.address}{path}{joined}{urlencode(query)}" if query else f"{self.address}{path}"
        return RequestAsSent(step.method, address, headers, body)

    def send(self, sent: RequestAsSent) -> PlayedAnswer:
        """The server's answer to a request. What goes wrong is an answer with a failure."""
        begun = monotonic()
        try:
            response = self._pool.request(
                sent.method,
                sent.url,
                body=sent.body,
                headers={
                    "Accept": "*/*",
                    "Accept-Encoding": "identity",
                    "User-Agent": "mockserver",
                    **dict(sent.headers),
                },
                redirect=False,
                retries=False,
                timeout=urllib3.Timeout(connect=self._seconds, read=self._seconds),
                preload_content=False,
            )
            content = _read(response)
        except (HTTPError, OSError, ValueError) as error:
            failure, reason = _failure(error)
            return PlayedAnswer(sent, failure=failure, reason=reason, seconds=monotonic() - begun)
        answer = PlayedAnswer(
            sent, response.status, tuple(response.headers.items()), content or b"", seconds=monotonic() - begun
        )
        if content is None:
            reason = f"the answer {response.status} is larger than {MOST_BYTES:,} bytes"
            return PlayedAnswer(sent, failure=TOO_LARGE, reason=reason, seconds=answer.seconds)
        return answer


def _read(response: urllib3.BaseHTTPResponse) -> bytes | None:
    """The body; None if it is too large. Raises HTTPError for one that takes too long."""
    parts, size = [], 0
    try:
        while part := response.read1(65_536):
            size += len(part)
            if size > MOST_BYTES:
                response.close()
                return None
            parts.append(part)
    except BaseException:
        response.close()
        raise
    response.release_conn()
    return b"".join(parts)


def _said(error: Exception) -> str:
    """The text of an error, of which urllib3 makes a tuple with its cause."""
    if len(error.args) != 2 or not isinstance(error, ProtocolError):
        return str(error)
    text, cause = map(str, error.args)
    return text if cause in text else f"{text.rstrip('.')}: {cause}"


def _failure(error: Exception) -> tuple[str, str]:
    said = _URLLIB3_OBJECT.sub("", _said(error)) or type(error).__name__
    overdue = error.__cause__
    if isinstance(overdue, Overdue):
        return TIMEOUT, f"the answer was not complete after {overdue.seconds:g} seconds"
    if isinstance(error, (ConnectTimeoutError, ReadTimeoutError, Urllib3TimeoutError)) and not isinstance(
        error, NewConnectionError
    ):
        return TIMEOUT, said
    if isinstance(error, (NewConnectionError, SSLError)):
        cause = error.__cause__
        return REFUSED, (isinstance(cause, OSError) and cause.strerror) or said
    return BROKEN, said


def _referred(reference: AnswerReference, sequence: RequestSequence | None, earlier: Sequence[PlayedAnswer]) -> Json:
    found = _found(reference, sequence, earlier)
    return found.upper() if reference.in_capitals and isinstance(found, str) else found


def _found(reference: AnswerReference, sequence: RequestSequence | None, earlier: Sequence[PlayedAnswer]) -> Json:
    position = sequence.position(reference.step) if sequence is not None else int(reference.step) - 1
    if position >= len(earlier):
        raise Unresolvable(f"step {reference.step} was not played before")
    answer = earlier[position]
    if reference.header:
        found: Json = answer.header(reference.header)
        if found is None:
            raise Unresolvable(f"the answer to step {reference.step} has no header {reference.header}")
        return found
    found = value_at(answer.value, tokens(reference.pointer), MISSING)
    if found is MISSING:
        raise Unresolvable(f"the answer to step {reference.step} ({answer}) has nothing at {reference.pointer or '/'}")
    return found


def in_a_path(planned: PlannedValue, value: Json) -> Json:
    """The value of a reference as it stands in a path: of a `Location`, which has the address of a record, its id."""
    if isinstance(planned, AnswerReference) and planned.header.lower() == "location":
        return unquote(urlsplit(str(value)).path.rstrip("/").rpartition("/")[2])
    return value


def text_of_value(value: Json) -> str:
    """A value as it stands in a path, a query or a header: texts as they are, lists with commas, else JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(map(text_of_value, value))
    return encode(value).decode() if value is not None else "null"


def _pairs(query: Mapping[str, Json]) -> list[tuple[str, str]]:
    return [
        (name, text_of_value(item))
        for name, value in query.items()
        for item in (value if isinstance(value, list) else [value])
    ]


def body_of_value(value: Json, media_type: str) -> tuple[bytes, str]:
    """The bytes of a body, and the Content-Type that says how to read them."""
    bare = media_type.partition(";")[0].strip().lower()
    if bare == "application/x-www-form-urlencoded" and isinstance(value, dict):
        return urlencode(_pairs(value)).encode(), media_type
    if bare == "multipart/form-data" and isinstance(value, dict):
        return urllib3.encode_multipart_formdata(dict(_pairs(value)), boundary="mockserver-boundary")
    if isinstance(value, str) and "json" not in bare:
        return value.encode("utf-8", "surrogatepass"), media_type
    return b"null" if value is None else encode(value), media_type


def _merged(*layers: Sequence[tuple[str, str]]) -> Pairs:
    """The headers of all layers; a later one replaces those of its name."""
    merged: dict[str, tuple[str, str]] = {}
    for layer in layers:
        for name, value in layer:
            merged[name.lower()] = (name, value)
    return tuple(merged.values())
