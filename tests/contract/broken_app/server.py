"""Serves the tracker on a port of this machine, for a block or as a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.contract.broken_app.application import application


class _Handler(WSGIRequestHandler):
    disable_nagle_algorithm = True
    """Head and body of an answer are written apart, and the body would wait for the client's acknowledgement."""

    def log_request(self, *_: object, **__: object) -> None:
        """Nothing."""


def listening(*bugs: str, port: int = 0) -> BaseWSGIServer:
    """A server of its own, empty tracker, which listens but does not answer yet; a port of 0 is any that is free."""
    return make_server("127.0.0.1", port, application(*bugs), threaded=True, request_handler=_Handler)


@contextmanager
def tracking(*bugs: str) -> Iterator[str]:
    """The address of a tracker, with the path that its document gives: `http://127.0.0.1:PORT/v1`."""
    server = listening(*bugs)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
