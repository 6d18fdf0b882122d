"""Serves what the mock is compared with: `python -m benchmarks.launch SUBJECT PORT`.

The bare functions are WSGI applications, served by granian with one worker. `server` is the mock's own HTTP server in
front of a constant. `unfrozen` is the mock itself, but for `gc.freeze()`, which does nothing there.
"""

from __future__ import annotations

import gc
import multiprocessing
import sys
from collections.abc import Callable, Iterable
from typing import cast

from mockserver.control.metrics.request_counts import RequestCounts
from mockserver.messages import Exchange, Request
from mockserver.server import listen, serve
from mockserver.state.world import World
from mockserver.web.door import Door, LocatedRequest, StartResponse, WsgiApp
from mockserver.web.header_fields import Environ
from mockserver.web.request import Received

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


class ConstantDoor:
    """Leads every request to the same exchange, so that nothing but the HTTP server is measured."""

    def __init__(self) -> None:
        self._world = World("constant", {})
        headers = (("Content-Type", "application/json"),)
        request = Request("GET", "/", "", {}, b"", "")
        members = (1, 0.0, "constant", "", "", request, 200, headers, CONSTANT, (), (), (), "constant", 0.0, 0)
        self._exchange = Exchange(*members)
        self.requests = RequestCounts()

    def locate(self, received: Received) -> LocatedRequest:
        """Where the request leads: to no API."""
        request = Request(*received[:5], received.address)
        return LocatedRequest(request, self._world, None, None, "constant")

    def respond(self, _visit: LocatedRequest) -> Exchange:
        """The constant."""
        return self._exchange


def main(subject: str, port: str) -> None:
    """Serves the subject until SIGTERM."""
    if subject == "unfrozen":
        from mockserver.cli import main as mockserver

        gc.freeze = _nothing
        mockserver(["serve", "--limits", "off", "--port", port])
    elif subject == "server":
        serve(cast(Door, ConstantDoor()), listen("127.0.0.1", int(port)), _nothing)
    else:
        _serve_wsgi(BARE[subject](), int(port))


def _serve_wsgi(app: WsgiApp, port: int) -> None:
    from granian.constants import HTTPModes, Interfaces
    from granian.server import Server

    multiprocessing.set_start_method("fork", force=True)
    server = Server(
        "bare",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=8,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    server.serve(target_loader=lambda *_: app)


def _nothing() -> None:
    """Nothing has changed."""


if __name__ == "__main__":
    main(*sys.argv[1:])
