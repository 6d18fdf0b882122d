"""Allows browser pages to call the mocked API: CORS, as the Fetch standard defines it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from mockserver import loopback
from mockserver.engine.call import Call
from mockserver.messages import Headers, Request, Response
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Unusable

EXPOSED = (
    "*, Deprecation, ETag, Idempotent-Replayed, Link, Location, Retry-After, Mock-Assumption, Mock-Violation, "
    "Preference-Applied"
)
"""Where credentials are sent along, a browser takes `*` for a name like any other, so that what an operation declares
is named beside these.
"""

LOCAL, ANY, OFF = "local", "any", "off"
_DAY = "86400"
_SAFE: Final = frozenset({"cache-control", "content-language", "content-length", "content-type", "expires",
    "last-modified", "pragma", "set-cookie", "set-cookie2"})  # fmt: skip
"""Headers that a page reads without permission, or never."""

_ORIGIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class Cors:
    """`pages` says whose scripts may call, with spaces between: those of this machine (`local`), `any`, or those of
    origins such as `https://app.example.com`.
    """

    pages: str = LOCAL
    _exposed: dict[Operation | None, str] = field(default_factory=lambda: {None: EXPOSED}, repr=False)

    def preflight(self, request: Request) -> Response | None:
        """The answer to a browser that asks before it sends; None for any other request."""
        if request.method != "OPTIONS":
            return None
        method = request.headers.get("Access-Control-Request-Method")
        if not method or not self._may(request.headers.get("Origin") or ""):
            return None
        asked = request.headers.get("Access-Control-Request-Headers")
        headers: Headers = (("Access-Control-Allow-Methods", _printable(method)), ("Access-Control-Max-Age", _DAY))
        return Response(
            204, None, (*headers, ("Access-Control-Allow-Headers", _printable(asked))) if asked else headers
        )

    def advice(self, request: Request) -> str:
        """Says which option would let a refused page call; empty for any other request."""
        origin = request.headers.get("Origin") or ""
        asks = request.method == "OPTIONS" and request.headers.get("Access-Control-Request-Method")
        if not asks or not origin or self._may(origin):
            return ""
        return f" Pages of {_printable(origin)[:200]} may call with `mockserver serve --cors {ANY}`."

    def __post_init__(self) -> None:
        for page in self.pages.split():
            if page not in (LOCAL, ANY) and not _ORIGIN.fullmatch(page):
                raise Unusable(
                    f"--cors {page!r}: expected {LOCAL}, {ANY}, {OFF} (alone), or an origin such as "
                    "https://app.example.com, without a path"
                )

    def headers(self, call: Call, sent: Headers = ()) -> Headers:
        """Returns the headers that let a page read the answer with the headers `sent`; none where no page asks, or one
        that may not.
        """
        origin = call.request.headers.get("Origin")
        if not origin or not self._may(origin):
            return ()
        return (
            ("Access-Control-Allow-Origin", _printable(origin)),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", self._exposing_sent(call.operation, sent)),
            ("Vary", "Origin"),
        )

    def _exposing(self, operation: Operation | None) -> str:
        """The headers that a page may read of this operation's answers, the declared ones included."""
        known = {name.lower() for name in EXPOSED.split(", ")}
        answers = operation.answers.values() if operation is not None else ()
        declared = {name.lower(): name for answer in answers for name in answer.headers if _TOKEN.fullmatch(name)}
        more = [name for lowered, name in declared.items() if lowered not in known]
        exposed = self._exposed[operation] = ", ".join([EXPOSED, *more])
        return exposed

    def _exposing_sent(self, operation: Operation | None, sent: Headers) -> str:
        """The headers that a page may read of this very answer, whatever the operation declares."""
        exposed = self._exposed.get(operation) or self._exposing(operation)
        known = {name.lower() for name in exposed.split(", ")} | _SAFE
        more = [name for name in dict.fromkeys(name for name, _ in sent) if name.lower() not in known]
        return ", ".join([exposed, *more])

    def _may(self, origin: str) -> bool:
        pages = self.pages.split()
        if ANY in pages:
            return bool(origin)
        if origin.lower() in (page.lower() for page in pages):
            return True
        try:
            return LOCAL in pages and urlsplit(origin).hostname in loopback.NAMES
        except ValueError:
            return False


def _printable(text: str) -> str:
    return "".join(character for character in text if " " <= character <= "~")
