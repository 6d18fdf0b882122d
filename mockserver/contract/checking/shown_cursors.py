"""The cursors that the checked server has given out: whether one that it refuses was made by chance."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from mockserver.json_text import Json, encode
from mockserver.openapi.model.operation import Operation
from mockserver.resources.detect.names import PAGING
from mockserver.spelling import plain

MOST_ANSWERS: Final = 200
"""Answers that are remembered, the latest ones."""
MOST_BYTES: Final = 256 * 1024
"""How much of an answer is remembered."""


class ShownCursors:
    """Remembers the answers to reads; a cursor that stands in none of them was not given out by the server."""

    def __init__(self) -> None:
        self._answers: deque[bytes] = deque(maxlen=MOST_ANSWERS)

    def note(self, response: Any) -> None:
        """Remembers a successful answer to a read, with its headers, which may have links to pages."""
        if response.request.method == "GET" and 200 <= response.status_code < 300:
            links = " ".join(map(str, response.headers.get("link") or ()))
            self._answers.append((response.content or b"")[:MOST_BYTES] + links.encode())

    def made_up(self, operation: Operation, query: Mapping[str, Json] | None) -> str:
        """The name of the first cursor among these query parameters that is in no answer; empty if there is none."""
        sent = query or {}
        return next((name for name in _cursors(operation) if name in sent and not self._shows(sent[name])), "")

    def _shows(self, cursor: Json) -> bool:
        text = str(cursor)
        if len(set(text)) < 2:
            return False  # Such as "000", which chance makes of other members, too.
        shapes = (encode(text), quote(text, safe="").encode()) if text else ()
        return any(shape in answer for answer in self._answers for shape in shapes)


def _cursors(operation: Operation) -> Iterator[str]:
    """The names of the query parameters that say which page is asked for by a text of the server's own."""
    for parameter in operation.parameters:
        if parameter.place == "query" and PAGING.get(plain(parameter.name)) in ("after", "before"):
            types = parameter.view.types
            if "string" in types and not types & {"integer", "number"}:
                yield parameter.name
