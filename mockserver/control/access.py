"""Access to the control API: for programs on this machine, or with the token; never for web pages from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import urlsplit

from mockserver.loopback import is_loopback
from mockserver.problem import FORBIDDEN, UNAUTHENTICATED, Problem


@dataclass(frozen=True, slots=True)
class Access:
    """The access rules. A non-empty `token` is required; `loopback` says that the server listens only
    on this machine.
    """

    token: str = ""
    loopback: bool = True

    def check(self, headers: Mapping[str, str], *, is_open: bool) -> None:
        """Raises Problem 401 or 403; an operation that `is_open` is refused only to web pages of other origins."""
        host = headers.get("Host") or ""
        _refuse_other_origins(headers.get("Origin"), host)
        if is_open:
            return
        if self.token:
            self._ask_for_the_token(headers.get("Authorization") or "")
        elif not self.loopback:
            raise Problem(
                403,
                "This server listens beyond its own machine, so its control API wants a token: start it with "
                "--admin-token or MOCKSERVER_ADMIN_TOKEN, and send it as `Authorization: Bearer <token>`.",
                code=FORBIDDEN,
            )
        elif not is_loopback(_name(host)):
            raise Problem(
                403,
                f"The control API was asked for as {host[:80]!r}; without a token it answers to localhost, 127.0.0.1 "
                "and [::1] alone. Ask there, or start the server with --admin-token.",
                code=FORBIDDEN,
            )

    def _ask_for_the_token(self, authorization: str) -> None:
        scheme, _, given = authorization.partition(" ")
        # WSGI hands over the bytes of a header as Latin-1.
        same = compare_digest(given.strip().encode("latin-1", "replace"), self.token.encode())
        if scheme.lower() != "bearer" or not same:
            seen = "another one" if authorization else "none"
            raise Problem(
                401,
                f"The control API wants the token of --admin-token as `Authorization: Bearer <token>`, and got {seen}.",
                code=UNAUTHENTICATED,
                headers=(("WWW-Authenticate", "Bearer"),),
            )


def _name(host: str) -> str:
    """The host without its port: `[::1]:4010` is `::1`."""
    return host[1:].partition("]")[0] if host.startswith("[") else host.rpartition(":")[0] or host


def _refuse_other_origins(origin: str | None, host: str) -> None:
    """Refuses web pages of other origins: browsers send the origin of the page, tools send none."""
    if origin is None:
        return
    try:
        origin_parts = urlsplit(origin)
    except ValueError:
        origin_parts = urlsplit("")
    if origin_parts.scheme not in ("http", "https") or origin_parts.netloc.lower() != host.lower():
        raise Problem(403, f"A web page of {origin[:80]!r} may not use the control API.", code=FORBIDDEN)
