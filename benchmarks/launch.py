"""Serves what the mock is compared with: `python -m benchmarks.launch SUBJECT PORT`.

The bare functions are served by the very function that serves the mock, so that server, settings and worker are
the same. `unfrozen` is the mock itself, but for `gc.freeze()`, which does nothing there.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable
from typing import cast

from mockserver.server import serve
from mockserver.web.door import Door, StartResponse, WsgiApp
from mockserver.web.request import Environ

CONSTANT = b'{"data":{"updated":3}}'


def bare_wsgi() -> WsgiApp:
    """Reads nothing, decides nothing."""
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(CONSTANT)))]

    def answer(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", headers)
        return [CONSTANT]

    return answer


def bare_flask() -> WsgiApp:
    """Two views: one answers a constant, the other reads the body as JSON first."""
    from flask import Flask, request

    app = Flask("bare")

    @app.get("/xqr/api/v1/links/<link_id>")
    def get_link(link_id: str) -> dict[str, object]:
        return {"data": {"id": link_id}}

    @app.patch("/xqr/api/v1/links/bulk/status")
    def bulk_update() -> dict[str, object]:
        request.get_json()
        return {"data": {"updated": 3}}

    return cast(WsgiApp, app.wsgi_app)


BARE: dict[str, Callable[[], WsgiApp]] = {"wsgi": bare_wsgi, "flask": bare_flask}


def main(subject: str, port: str) -> None:
    """Serves the subject until SIGTERM."""
    if subject == "unfrozen":
        from mockserver.cli import main as mockserver

        gc.freeze = _nothing
        mockserver(["serve", "--limits", "off", "--port", port])
    else:
        serve(cast(Door, BARE[subject]()), "127.0.0.1", int(port), _nothing)


def _nothing() -> None:
    """Nothing has changed."""


if __name__ == "__main__":
    main(*sys.argv[1:])
