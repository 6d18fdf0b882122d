"""Asks the control API of a mock in this process, without a port."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

from mockserver.json_text import Json, encode, read_json
from mockserver.problem import Unusable
from mockserver.web.door import CONTROL, Door


class ControlClient:
    """The control API of one world: `client("POST", "/clock/freeze", {"at": 0})` is the JSON of the answer."""

    def __init__(self, app: Door, world: str) -> None:
        self._app = app
        self._world = world

    def __call__(self, method: str, path: str, body: Json = None) -> Any:
        """The JSON of the answer; None where it has no body. Raises Unusable with the reason of a refusal."""
        __tracebackhide__ = True
        status, found = self.ask(method, path, body)
        if status >= 400:
            raise Unusable(found["detail"] if isinstance(found, dict) and "detail" in found else f"{status}: {found}")
        return found

    def ask(self, method: str, path: str, body: Json = None) -> tuple[int, Any]:
        """The status and the JSON of the answer, whatever it is."""
        status, content = self._send(method, path, b"" if body is None else encode(body))
        return status, read_json(content) if content else None

    def _send(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": f"/~{self._world}/{CONTROL}{path}",
            "QUERY_STRING": query,
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json",
            "wsgi.input": BytesIO(body),
        }
        setup_testing_defaults(environ)
        seen: list[str] = []
        start: Callable[..., None] = lambda status, *_: seen.append(status)  # noqa: E731 - as WSGI calls it
        content = b"".join(self._app(environ, start))
        return int(seen[-1][:3]), content
