"""Requests that a check sends after the one that it looks at, to the same server, with the same credentials."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final, NamedTuple, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from mockserver.contract.checking.checks.checked_api import MISSING, CheckedApi, Member
from mockserver.contract.checking.checks.own_failure import OwnFailure
from mockserver.contract.checking.checks.write_log import WriteLog
from mockserver.json_text import Json
from mockserver.messages import Exchange, Request
from mockserver.openapi.model.operation import Operation

FOLLOW_UPS: Final = 40
"""Requests that one check sends after one request."""

SHOWN: Final = 300
"""Characters of a body that a failure shows."""

IDEMPOTENCY: Final = re.compile(r"idempoten", re.IGNORECASE)
"""The names of headers that make a request one that is done once."""

_TOLD: Final = ("replaced-values", "not-remembered", "invented", "ignored-parameters")
"""Notes of a mock that say themselves that the answer is not what was sent or kept."""


class Unclear(Exception):
    """Ends a check that can tell nothing."""


class FollowUpAnswer(NamedTuple):
    """An answer: `body` is its JSON, MISSING where it has none; `headers` are named in lower case."""

    case: Any
    response: Any
    status: int
    body: Json
    headers: Mapping[str, str]

    @property
    def is_good(self) -> bool:
        """Whether the request was done: 2xx, but not 202, which is for later."""
        return 200 <= self.status < 300 and self.status != 202

    @property
    def is_refused(self) -> bool:
        """Whether the request itself was refused, not its caller, its rate or its address."""
        return 400 <= self.status < 500 and self.status not in (401, 403, 404, 408, 425, 429)

    @property
    def is_told(self) -> bool:
        """Whether a mock says that it made up, replaced or left out something."""
        return any(note in self.headers.get("mock-assumption", "") for note in _TOLD)


def answer_of(case: Any, response: Any) -> FollowUpAnswer:
    """The answer of Schemathesis in the form that checks read."""
    headers = {str(name).lower(): str(values[0]) for name, values in response.headers.items() if values}
    body: Json = MISSING
    if (response.content or b"").lstrip()[:1] in (b"{", b"["):  # Whatever media type it claims to have.
        try:
            body = json.loads(response.content or b"")
        except (ValueError, RecursionError):
            body = MISSING
    return FollowUpAnswer(case, response, response.status_code, body, headers)


class FollowUps:
    """The requests of one check after one case; they are kept, for the failure that they may show."""

    def __init__(self, api: CheckedApi, log: WriteLog, ctx: Any, case: Any, response: Any) -> None:
        self.api = api
        self.first = answer_of(case, response)
        self._log = log
        self._sent: list[FollowUpAnswer] = []
        self._internals: Any = getattr(ctx, "internals", None)
        self._is_recorded = getattr(self._internals, "recorder", None) is not None
        self._transport: Mapping[str, Any] = getattr(self._internals, "transport_kwargs", None) or {}
        self._credentials = _credentials(api, response.request)

    def ask(
        self,
        operation: Operation,
        path: Mapping[str, Json],
        *,
        query: Mapping[str, Json] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Json = MISSING,
        media_type: str = "application/json",
    ) -> FollowUpAnswer:
        """Sends a request. Raises Unclear where it cannot be sent, or one too many was."""
        if len(self._sent) >= FOLLOW_UPS:
            raise Unclear
        target = self.first.case.operation.schema.find_operation_by_label(
            f"{operation.method.upper()} {operation.path}"
        )
        if target is None:
            raise Unclear
        of_headers, of_query, of_cookies = self._credentials
        sent = {"body": body, "media_type": media_type} if body is not MISSING else {}
        case = target.Case(
            path_parameters=dict(path),
            query={**(query or {}), **of_query},
            headers={**(headers or {}), **of_headers},
            cookies=dict(of_cookies),
            **sent,
        )
        return self._answered(case)

    def again(self, *, headers: Mapping[str, str] | None = None, body: Json = MISSING) -> FollowUpAnswer:
        """Sends the request of the case once more. With `headers` it is another request, with these beside its own and
        without its idempotency key; with a `body`, it has that one.
        """
        if len(self._sent) >= FOLLOW_UPS:
            raise Unclear
        case = self.first.case.derive(keep_auth=True)
        for name in [] if headers is None else filter(IDEMPOTENCY.search, list(case.headers)):
            del case.headers[name]
        for name, value in (headers or {}).items():
            case.headers[name] = value
        if body is not MISSING:
            case.body = body
        return self._answered(case)

    def _answered(self, case: Any) -> FollowUpAnswer:
        """Sends a request, and records it with its answer as a part of the run."""
        answer = answer_of(case, case.call(**self._transport))
        self._sent.append(answer)
        if self._is_recorded:
            self._internals.record_case(parent_id=self.first.case.id, case=case)
            self._internals.record_response(case_id=case.id, response=answer.response)
        return answer

    def read(self, member: Member, path: Mapping[str, Json]) -> FollowUpAnswer:
        """Reads what stands at the path of an operation."""
        return self.ask(member.operation, path)

    def blame(
        self,
        failure: type[OwnFailure],
        why: str,
        aspect: str = "",
        *,
        shown: Sequence[FollowUpAnswer] = (),
        needs_first: bool = True,
    ) -> NoReturn:
        """Reports a failure, with the requests that show it: these, else all; and the one that the check looked at, if
        it is needed to see it. Raises Unclear where another worker may have written meanwhile.
        """
        if not self._log.is_quiet(self.first.case.id):
            raise Unclear
        steps = [answer for answer in (shown or self._sent) if answer.case is not self.first.case]
        every = [self.first, *steps] if needs_first else steps
        told = [_told(self.api, number, answer) for number, answer in enumerate(every, 1)]
        raise failure(
            operation=self.first.case.operation.label,
            message="\n".join([why, "", *told]),
            aspect=aspect,
            steps=tuple(answer.case.id for answer in every) if self._is_recorded else (),
            unneeded="" if needs_first else self.first.case.id,
        )


def _told(api: CheckedApi, number: int, answer: FollowUpAnswer) -> str:
    """One exchange in a line, without secrets: `2. GET /pets/1 -> 200 {"id": 1}`."""
    request = answer.response.request
    parts = urlsplit(str(request.url))
    content = request.body.encode() if isinstance(request.body, str) else request.body
    headers = {str(name): _text(value) for name, value in request.headers.items()}
    operation = api.operations.get((answer.case.operation.method.upper(), answer.case.operation.path))
    path, body = unquote(parts.path), content if isinstance(content, bytes) else b""
    sent = Request(request.method, path, parts.query, headers, body, "", asked=path)
    name = "" if operation is None else operation.id
    given = tuple(answer.headers.items())
    came = answer.response.content or b""
    shown = api.redactor.exchange(Exchange(0, 0, "", "", name, sent, answer.status, given, came, (), (), (), "", 0, 0))
    query = f"?{shown.request.query}" if shown.request.query else ""
    texts = [_cut(one.decode("utf-8", "replace")) for one in (shown.request.body, shown.content)]
    return f"{number}. {request.method} {_cut(shown.request.path + query)} {texts[0]} -> {answer.status} {texts[1]}"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _credentials(api: CheckedApi, request: Any) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """The headers, query parameters and cookies of a request that the security schemes of the document name."""
    schemes = api.spec.document.get("components", {}).get("securitySchemes", {})
    places: dict[str, set[str]] = {"header": {"authorization", "mock-world"}, "query": set(), "cookie": set()}
    for scheme in schemes.values():
        if isinstance(scheme, dict) and scheme.get("type") == "apiKey" and scheme.get("in") in places:
            name = str(scheme.get("name", ""))
            places[scheme["in"]].add(name.lower() if scheme["in"] == "header" else name)
    headers = {name: value for name, value in request.headers.items() if name.lower() in places["header"]}
    query = dict(parse_qsl(urlsplit(str(request.url)).query))
    try:
        cookies = {name: morsel.value for name, morsel in SimpleCookie(request.headers.get("Cookie", "")).items()}
    except CookieError:
        cookies = {}
    return (
        {name: _text(value) for name, value in headers.items()},
        {name: value for name, value in query.items() if name in places["query"]},
        {name: value for name, value in cookies.items() if name in places["cookie"]},
    )


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
