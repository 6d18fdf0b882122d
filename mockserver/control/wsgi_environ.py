"""Makes the WSGI environs of requests that this process hands to the control API itself."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from mockserver.messages import Request

Environ = dict[str, Any]


def environ_of(request: Request) -> Environ:
    """The environ of a request that has arrived; its path stands in the request itself."""
    host = request.headers.get("Host", "localhost")
    environ = environ_without_fields(request.method, request.query, host, request.address, request.body)
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = field_text(value)
    return environ


def environ_without_fields(
    method: str, query: str, host: str, address: str, body: bytes, scheme: str = "http"
) -> Environ:
    """The environ of a request from `address` to `host` (with its port), without its path and its header fields."""
    name, _, port = host.rpartition(":")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": "",
        "QUERY_STRING": query,
        "SERVER_NAME": name or port,
        "SERVER_PORT": port if name and port.isdecimal() else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": address,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": _NoErrors(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def field_text(value: str) -> str:
    """The value of a header field in the characters that WSGI has for bytes."""
    return value if value.isascii() else value.encode().decode("latin-1")


class _NoErrors:
    """A stream for errors that keeps none, since the mock logs by itself."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass
