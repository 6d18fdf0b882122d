"""Pages in a browser may call the mocked API: CORS, as the Fetch standard has it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from mockserver import loopback
from mockserver.engine.call import Call
from mockserver.messages import Headers, Request, Response
from mockserver.openapi.model.operation import Operation

EXPOSED = (
    "*, Deprecation, ETag, Idempotent-Replayed, Link, Location, Retry-After, Mock-Assumption, Mock-Violation, "
    "Preference-Applied"
)
"""Where credentials are sent along, a browser takes `*` for a name like any other, so that what an operation declares
is named beside these.
"""

LOCAL, ANY, OFF = "local", "any", "off"
_DAY = "86400"
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class Cors:
    """`pages` says whose scripts may call: those of this machine (`local`), or `any`."""

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

    def headers(self, call: Call) -> Headers:
        """Returns the headers that let a page read the answer; none where no page asks, or one that may not."""
        origin = call.request.headers.get("Origin")
        if not origin or not self._may(origin):
            return ()
        return (
            ("Access-Control-Allow-Origin", _printable(origin)),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", self._exposed.get(call.operation) or self._exposing(call.operation)),
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

    def _may(self, origin: str) -> bool:
        if self.pages == ANY:
            return bool(origin)
        try:
            return urlsplit(origin).hostname in loopback.NAMES
        except ValueError:
            return False


def _printable(text: str) -> str:
    return "".join(character for character in text if " " <= character <= "~")
