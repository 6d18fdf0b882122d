"""Shows answers, and the requests that they answer, without the secrets of the other server."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from mockserver.contract.checking.recording.masked_request import credential_parts
from mockserver.contract.replay.player import PlayedAnswer
from mockserver.contract.reports.curl_line import Part, curl_line
from mockserver.engine.redaction.printable import printable
from mockserver.engine.redaction.redactor import Redactor, ShownHeaders
from mockserver.messages import Exchange, Request
from mockserver.problem import phrase

SHOWN_BODY: Final = 200
"""Characters of a body in a report on the terminal."""


class ShownAnswer(NamedTuple):
    """An answer as a report shows it: `line` is its status and body in one line, `curl` sends the request again."""

    line: str
    curl: str


def shown(answer: PlayedAnswer, redactor: Redactor, operation: str) -> ShownAnswer:
    """The answer of the other server, with secrets masked. Credentials in the curl line are variables of the shell."""
    sent, parts = answer.sent, urlsplit(answer.sent.url)
    headers = ShownHeaders(dict(sent.headers))
    request = Request(sent.method, parts.path, parts.query, headers, sent.body or b"", "", asked=parts.path)
    exchange = Exchange(
        id=0, at=0, world="", api="", operation=operation, request=request, status=answer.status,
        headers=answer.headers, content=answer.content, violations=(), broken=(), assumptions=(), answered_by="",
        took=0, size=0,
    )  # fmt: skip
    masked = redactor.exchange(exchange)
    query = f"?{masked.request.query}" if masked.request.query else ""
    declared = redactor.declared(operation)
    named: list[tuple[str, list[Part]]] = [
        (name, credential_parts(name, value) if declared.is_header(name) else [value]) for name, value in sent.headers
    ]
    body = masked.request.body if sent.body is not None else None
    url = f"{parts.scheme}://{parts.netloc}{masked.request.path}{query}"
    return ShownAnswer(_line(answer, masked.content), curl_line(sent.method, [url], named, body) if sent.url else "")


def shown_of_mock(answer: PlayedAnswer) -> ShownAnswer:
    """The answer of the mock, whose credentials are samples."""
    sent = answer.sent
    headers: list[tuple[str, list[Part]]] = [(name, [value]) for name, value in sent.headers]
    line = curl_line(sent.method, [sent.url], headers, sent.body) if sent.url else ""
    return ShownAnswer(_line(answer, answer.content), line)


def _line(answer: PlayedAnswer, content: bytes) -> str:
    if answer.failure:
        return f"no answer ({answer})"
    text = printable(content.decode("utf-8", "replace"))
    text = text if len(text) <= SHOWN_BODY else f"{text[:SHOWN_BODY]}…"
    return "  ".join(filter(None, [f"{answer.status} {phrase(answer.status)}", answer.media_type, text]))
