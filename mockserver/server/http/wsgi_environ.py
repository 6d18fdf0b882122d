"""Makes the WSGI environ of a request, for the control API."""

from __future__ import annotations

from io import BytesIO

from mockserver.messages import Request
from mockserver.web.header_fields import Environ


def environ_of(request: Request) -> Environ:
    """The request as WSGI has it."""
    host, _, port = request.headers.get("Host", "localhost").rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": "",
        "QUERY_STRING": request.query,
        "SERVER_NAME": host or port,
        "SERVER_PORT": port if host and port.isdecimal() else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.address,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": _NoErrors(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        text = value if value.isascii() else value.encode().decode("latin-1")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = text
    return environ


class _NoErrors:
    """Where a WSGI application may write to: nowhere, since the mock logs by itself."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass
