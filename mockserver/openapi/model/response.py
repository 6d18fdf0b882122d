"""Declared responses: status, media types and headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mockserver.json_pointer import escaped
from mockserver.json_text import Json
from mockserver.openapi.model.body_model import Media, media_of
from mockserver.openapi.model.header import Header, headers_of
from mockserver.openapi.schema.schema_view import CompileContext


@dataclass(frozen=True, slots=True)
class DeclaredResponse:
    """One declared response: its media types with validators, and its headers except those of the transport;
    `required_headers` counts the required ones.
    """

    status: str
    media: Mapping[str, Media]
    headers: Mapping[str, Header]
    required_headers: int
    node: Json


TRANSPORTED: Final = frozenset({
    "connection", "content-encoding", "content-length", "date", "keep-alive", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
})  # fmt: skip
"""Headers that only the server can set, whatever a document declares."""


def answers_of(document: CompileContext, node: Json, at: str) -> dict[str, DeclaredResponse]:
    """The declared responses of an operation by status."""
    schemas = document.views.response
    answers = {}
    for status, answer in node.get("responses", {}).items():
        answer, answer_at = document.resolve(answer, f"{at}/responses/{escaped(str(status))}")
        declared = headers_of(document, schemas, answer, answer_at)
        headers = {name: header for name, header in declared.items() if name.lower() not in TRANSPORTED}
        answers[str(status)] = DeclaredResponse(
            status=str(status),
            media=media_of(document, schemas, answer, answer_at),
            headers=headers,
            required_headers=sum(header.required for header in headers.values()),
            node=answer,
        )
    return answers
