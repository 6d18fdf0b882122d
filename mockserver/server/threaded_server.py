"""A WSGI server with threads, for a mock inside another process."""

from __future__ import annotations

from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from mockserver.web.delivered import CONNECTION


class ThreadedServer(ThreadingMixIn, WSGIServer):
    """Uses one thread per connection."""

    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        # The base class looks up the host name, which may take seconds.
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
        self.setup_environ()


class QuietHandler(WSGIRequestHandler):
    """Logs no requests, since the journal has them; hands out the connection, which faults may end."""

    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), CONNECTION: self.connection}

    def log_message(self, *_: Any) -> None:
        pass
