"""Receives the webhooks that probes make servers send."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from mockserver.json_text import Json, Malformed, read_json

MOST_WEBHOOKS: Final = 10_000
"""Webhooks that are kept; further ones are answered and forgotten."""
MOST_WEBHOOK_BYTES: Final = 1024 * 1024
"""Bytes of the body of one; a longer one is answered with 413."""


class ArrivedWebhook(NamedTuple):
    """One webhook as it came; `headers` have names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Json:
        """The webhook as JSON: `path`, `headers`, the `text` of its body, and a `body` that is JSON, or the text where
        it is none.
        """
        text = self.body.decode("utf-8", "replace")
        try:
            body = read_json(self.body)
        except Malformed:
            body = text
        return {"path": self.path, "headers": self.headers, "body": body, "text": text}


class WebhookReceiver:
    """Listens on 127.0.0.1. The first segment of a path is the name of who waits for it; where the last one is a
    status, as in `/p1/503`, it is answered with that, else with 200.
    """

    def __init__(self, port: int = 0) -> None:
        self._arrived: list[ArrivedWebhook] = []
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def arrived(self, name: str) -> list[ArrivedWebhook]:
        """The webhooks for this name, the oldest first."""
        with self._lock:
            return [one for one in self._arrived if one.path.split("/")[1:2] == [name]]

    def start(self) -> None:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _keep(self, webhook: ArrivedWebhook) -> None:
        with self._lock:
            if len(self._arrived) < MOST_WEBHOOKS:
                self._arrived.append(webhook)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        keep = self._keep

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def _answer(self) -> None:
                path = urlsplit(self.path).path
                length = self.headers.get("Content-Length", "0")
                size = int(length) if length.isdecimal() else 0
                status = int(path[-3:]) if path[-4:-3] == "/" and path[-3:].isdecimal() else 200
                if size > MOST_WEBHOOK_BYTES:
                    status = 413
                else:
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    keep(ArrivedWebhook(path, headers, self.rfile.read(size)))
                self.send_response(status if 200 <= status <= 599 else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PUT = do_GET = do_PATCH = _answer  # noqa: N815 - the names that the class asks for

            def log_message(self, format: str, *args: object) -> None:
                """Nothing is logged."""

        return Handler


@contextmanager
def receiving(port: int = 0) -> Iterator[WebhookReceiver]:
    """A receiver that listens until the block ends."""
    receiver = WebhookReceiver(port)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()
