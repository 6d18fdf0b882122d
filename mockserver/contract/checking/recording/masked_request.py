"""A request to a real server as a curl line shows it: without its credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import unquote, unquote_plus, urlsplit

from mockserver.contract.checking.recording.recorded_exchange import exchange_of, sent_headers, without_user
from mockserver.contract.reports.curl_line import Part
from mockserver.engine.redaction.redactor import Redactor
from mockserver.openapi.model.operation import Operation


class MaskedRequest:
    """A request to a real server: variables of the shell stand for its credentials but the `sample` of the mock, and
    other secrets are masked. `keeps_headers`: its credentials are made up, which is what the failure is about.
    """

    def __init__(
        self, redactor: Redactor, recorded: Any, operation: Operation | None, *, sample: str, keeps_headers: bool
    ) -> None:
        self._declared = redactor.declared("" if operation is None else operation.id)
        self._request = recorded.request
        self._sample = sample
        self._keeps_headers = keeps_headers
        self._shown = redactor.exchange(exchange_of(recorded, operation, ())).request

    @cached_property
    def url(self) -> list[Part]:
        uri = str(self._request.uri)
        parts = urlsplit(uri)
        path = self._shown.path if self._shown.path != unquote(parts.path) else parts.path
        pieces: list[Part] = [without_user(f"{parts.scheme}://{parts.netloc}{path}")]
        for number, pair in enumerate(parts.query.split("&") if parts.query else ()):
            name, equals, value = pair.partition("=")
            pieces.append(f"{'&' if number else '?'}{name}{equals}")
            pieces.append((variable_of_credential(unquote_plus(name)),) if value and self._is_secret(name) else value)
        return pieces

    def _is_secret(self, name: str) -> bool:
        return self._declared.is_query(unquote_plus(name))

    @cached_property
    def headers(self) -> list[tuple[str, list[Part]]]:
        return [(name, self._header(name, value)) for name, value in sent_headers(self._request).items()]

    def _header(self, name: str, value: str) -> list[Part]:
        if not value or value == self._sample or self._keeps_headers or not self._declared.is_header(name):
            return [value]
        return credential_parts(name, value)

    @property
    def body(self) -> bytes:
        return self._shown.body if self._request.body else b""

    @property
    def is_changed(self) -> bool:
        """Whether a variable or a mask stands for a secret."""
        texts = [*self.url, *(part for _, value in self.headers for part in value)]
        return any(isinstance(part, tuple) for part in texts) or self.body != (self._request.body or b"")


def credential_parts(name: str, value: str) -> list[Part]:
    """The value of a credential's header with variables of the shell: `Bearer $TOKEN`, `session=$SESSION`."""
    if name.lower() == "cookie":
        return [*_cookies(value)]
    if name.lower() != "authorization":
        return [(variable_of_credential(name),)]
    scheme, space, _ = value.partition(" ")
    return [f"{scheme} ", ("TOKEN",)] if space and scheme.isalpha() else [("TOKEN",)]


def _cookies(value: str) -> Iterator[Part]:
    for number, pair in enumerate(value.split(";")):
        name, equals, _ = pair.strip().partition("=")
        yield f"{'; ' if number else ''}{name}{equals}"
        if equals:
            yield (variable_of_credential(name),)


def variable_of_credential(name: str) -> str:
    """A name for a variable of the shell: `X-Api-Key` is `X_API_KEY`."""
    bare = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").upper()
    return bare if bare and not bare[0].isdigit() else f"SECRET_{bare}".rstrip("_")
