"""Whoever webhooks are sent to: a real HTTP server that remembers what came and answers as it was told."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request as it came; `headers` are found in any case, `body` is the exact bytes."""

    method: str
    path: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is answered, after `delay` seconds, or where it is `held` once the receiver is told to `release` it;
    `hang_up` closes the connection instead.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    held: bool = False
    hang_up: bool = False


class Receiver:
    """Listens on the loopback. `requests` are those that came, oldest first; `url` is its address.

    `script(503, Answer(delay=0.2), 200)` says what the next requests are answered; all others get a 200.
    """

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self._answers: list[Answer] = []
        self._came = threading.Condition()
        self._closing = threading.Event()
        self._released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def script(self, *answers: int | Answer) -> None:
        """The next requests are answered with these, in their order."""
        self._answers += [Answer(answer) if isinstance(answer, int) else answer for answer in answers]

    def wait(self, number: int = 1, seconds: float = 10) -> list[Received]:
        """The first `number` requests, as soon as they came; an error where they do not."""
        with self._came:
            if not self._came.wait_for(lambda: len(self.requests) >= number, seconds):
                raise TimeoutError(f"{len(self.requests)} requests came, expected {number}")
            return self.requests[:number]

    def take(self, request: Received) -> Answer:
        """The request is remembered; what is answered, once it is time."""
        with self._came:
            self.requests.append(request)
            answer = self._answers.pop(0) if self._answers else Answer()
            self._came.notify_all()
        if answer.held:
            self._released.wait(30)
        elif answer.delay:
            self._closing.wait(answer.delay)
        return answer

    @property
    def is_released(self) -> bool:
        """Whether what was held may be answered."""
        return self._released.is_set()

    def release(self) -> None:
        """What was held is answered now."""
        self._released.set()

    def close(self) -> None:
        """Nobody listens any more."""
        self._closing.set()
        self._released.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has left is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        """Each request is one on its own connection."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.receiver.take(Received(self.command, self.path, self.headers, body))
        if answer.hang_up:
            return
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    do_PUT = do_POST  # noqa: N815  # as the standard library names it

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing is printed."""
