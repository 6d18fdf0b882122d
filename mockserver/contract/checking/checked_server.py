"""The server that is checked: whether it answers, and what it is sent."""

from __future__ import annotations

import os
from http.client import HTTPException
from ssl import SSLCertVerificationError
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from mockserver import loopback
from mockserver.contract.replay.answer_heads import opener
from mockserver.json_text import read_json
from mockserver.problem import Unusable

PATIENCE = 5
"""Seconds in which a server has to accept a connection."""


class CheckedServer(NamedTuple):
    """The server that is checked, and the headers sent to it. `is_mock`: it accepts the secrets of samples; `control`
    is then the address of its control API in the world that is checked. `query` has the parameters that authenticate,
    which `configuration` makes Schemathesis send.
    """

    url: str
    headers: tuple[str, ...] = ()
    is_mock: bool = True
    control: str = ""
    query: tuple[tuple[str, str], ...] = ()
    configuration: str = ""


def ask(url: str) -> None:
    """Requires an HTTP server at this address: any response will do, and it may take longer than the connection. Raises
    Unusable.
    """
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise Unusable("--url: the address has a user name; leave it out, and send it as -H 'Authorization: Basic …'")
    if not _is_address(url):
        shown = url.partition("?")[0]
        raise Unusable(f"--url {shown}: expected the address of a server, such as https://api.example.com/v1")
    if urlsplit(url).query or urlsplit(url).fragment:
        raise Unusable(
            f"--url {url.partition('?')[0].partition('#')[0]}: the address has a query or a fragment, behind which no "
            "path can stand; leave it out"
        )
    try:
        opener(url).open(url, timeout=PATIENCE).close()
    except HTTPError as answer:
        answer.close()
    except TimeoutError:
        return
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, SSLCertVerificationError):
            return
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        shown = url.partition("?")[0]
        raise Unusable(f"--url {shown}: no server answers there: {said}. Start it, or correct the address") from None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def world_header(url: str) -> list[str]:
    """The header for a fresh world, only for a mock on this machine."""
    return [f"Mock-World: check-{os.getpid()}"] if _is_mock(url) else []


def _is_mock(url: str) -> bool:
    """Whether a server on this machine has the control API of a mock."""
    parts = urlsplit(url)
    if parts.hostname not in loopback.NAMES:
        return False
    health = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/__admin/health"
    try:
        with opener(url).open(health, timeout=PATIENCE) as answer:
            return bool(read_json(answer.read(1000)) == {"status": "healthy"})
    except (OSError, HTTPException, ValueError):
        return False
