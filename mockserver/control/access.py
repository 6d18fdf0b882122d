"""Who may steer the mock: programs on its own machine, or whoever holds the token; never a web page from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import urlsplit

from mockserver.loopback import is_loopback
from mockserver.problem import FORBIDDEN, UNAUTHENTICATED, Problem


@dataclass(frozen=True, slots=True)
class Access:
    """`token` is asked for where there is one; `loopback` says that the server listens to its own machine alone."""

    token: str = ""
    loopback: bool = True

    def check(self, headers: Mapping[str, str], *, is_open: bool) -> None:
        """Raises a Problem 401 or 403; what `is_open` is refused to web pages of other origins alone."""
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
    """A browser names the origin of the page that asks; tools send none."""
    if origin is None:
        return
    try:
        asking = urlsplit(origin)
    except ValueError:
        asking = urlsplit("")
    if asking.scheme not in ("http", "https") or asking.netloc.lower() != host.lower():
        raise Problem(403, f"A web page of {origin[:80]!r} may not use the control API.", code=FORBIDDEN)
