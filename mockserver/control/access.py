"""Access to the control API: for programs on this machine, or with the token; never for web pages from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final
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

    def check(self, headers: Mapping[str, str], *, is_open: bool, is_page: bool = False) -> None:
        """Raises Problem 401 or 403; an operation that `is_open` is refused only to web pages of other origins. What
        `is_page` is a file of the page, which needs no token, since a browser cannot send one before it has the page.
        """
        host = headers.get("Host") or ""
        _refuse_other_origins(headers.get("Origin"), host)
        _refuse_pages_of_other_sites(headers.get("Sec-Fetch-Site"))
        if is_open:
            return
        if self.token:
            if not is_page:
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


_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::[0-9]{1,5})?")


def _name(host: str) -> str:
    """The host without its port: `[::1]:4010` is `::1`; empty for what is not one host with a port of digits."""
    found = _HOST.fullmatch(host)
    return "" if found is None else found[1] or found[2]


def _refuse_pages_of_other_sites(site: str | None) -> None:
    """Refuses what a browser asks for because another site's page says so: a form, an image, a link. Such a request
    need not have an Origin. `same-site` is another port of this machine.
    """
    if site is not None and site.strip().lower() not in ("same-origin", "none"):
        raise Problem(
            403,
            f"A web page of another site (Sec-Fetch-Site: {site[:40]!r}) may not use the control API; open its address "
            "in the browser itself.",
            code=FORBIDDEN,
        )


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
