"""A client of the WSGI application: requests as they would go over a port, and what comes back."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from mockserver.engine.steps.match import ENCODED_SLASH
from mockserver.json_text import Json, Malformed, read_json
from mockserver.messages import Request
from mockserver.web.door import Door
from mockserver.web.target import path_of

HOST = "127.0.0.1:4010"


class Answer(NamedTuple):
    """One answer: header names are in lower case; `body` is None where there is none in JSON."""

    status: int
    headers: Mapping[str, str]
    body: Json
    text: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def violation(self) -> str:
        """What the mock itself finds wrong with the answer; empty: nothing."""
        return self.headers.get("mock-violation", "")

    @property
    def why(self) -> str:
        """What a refusal says."""
        said = self.body if isinstance(self.body, dict) else {}
        detail = said.get("detail") or said.get("message") or said.get("error")
        return detail if isinstance(detail, str) else self.text

    @property
    def said(self) -> str:
        """All that a refusal says, however deep; escapes of its JSON are none any more."""
        return "\n".join(_texts(self.body)) or self.text


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


@dataclass(frozen=True)
class Client:
    """Asks the one API that an application serves under `name`. `headers` go with every request."""

    app: Door
    name: str

    def ask(self, request: Request) -> Answer:
        """The answer to a request whose path begins at the API's own root."""
        return self._send(request.method, f"/{self.name}{request.path}", request)

    def follow(self, address: str, like: Request) -> Answer:
        """The answer to GET at an address that an answer gave, with the headers of another request."""
        parts = urlsplit(address)
        request = like._replace(method="GET", query=parts.query, body=b"")
        return self._send("GET", path_of(parts.path.encode()), request)

    def _send(self, method: str, path: str, request: Request) -> Answer:
        """The answer; a slash inside of a path's value is ENCODED_SLASH, and goes over the wire as `%2F`."""
        parts = path.split(ENCODED_SLASH)
        environ = {
            "REQUEST_METHOD": method,
            "RAW_URI": "%2F".join(map(quote, parts)),
            "PATH_INFO": "/".join(parts).encode().decode("latin-1"),
            "QUERY_STRING": request.query,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": HOST,
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.url_scheme": "http",
        }
        for name, value in request.headers.items():
            environ[_variable(name)] = value
        if not request.body:
            environ.pop("CONTENT_LENGTH", None)
            environ.pop("CONTENT_TYPE", None)
        begun: list[tuple[str, list[tuple[str, str]]]] = []
        content = b"".join(self.app(environ, _starter(begun)))
        line, headers = begun[-1]
        named = {name.lower(): value for name, value in headers}
        return Answer(int(line.split()[0]), named, _read(content), content[:300].decode("utf-8", "replace"))


def _starter(begun: list[tuple[str, list[tuple[str, str]]]]) -> Callable[[str, list[tuple[str, str]]], None]:
    def start(line: str, headers: list[tuple[str, str]]) -> None:
        begun.append((line, headers))

    return start


def _variable(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _read(content: bytes) -> Json:
    try:
        return read_json(content) if content else None
    except Malformed:
        return None
