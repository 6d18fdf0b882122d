"""A request as one operation of a small document reads it, without a server around it."""

from __future__ import annotations

import json
from typing import Any

from mockserver.engine.call import Call
from mockserver.engine.steps.validate import RequestValidator
from mockserver.json_text import Json
from mockserver.messages import Request
from mockserver.openapi.model.document import Resolver
from mockserver.openapi.model.operation import compile_operations
from mockserver.openapi.model.servers import NOWHERE
from mockserver.openapi.normalize.document_normalizer import normalize_document
from mockserver.openapi.schema.message_schemas import MessageSchemas
from mockserver.openapi.schema.validator import Schemas
from mockserver.problem import Problem

TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
PET: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": TEXT,
        "age": NUMBER,
        "tame": FLAG,
        "tags": {"type": "array", "items": TEXT},
        "owner": {"type": "object", "properties": {"id": NUMBER, "name": TEXT}},
    },
}
"""What most bodies in these tests are about."""


class Headers(dict[str, str]):
    """Looked up in any case, as those of the door are."""

    def get(self, name: str, default: Any = None) -> Any:
        """The header of this name."""
        return next((text for key, text in self.items() if key.lower() == name.lower()), default)


def contract(operation: Json, components: Json | None = None, path: str = "/things") -> RequestValidator:
    """What this one operation asks of a request."""
    document = {
        "openapi": "3.2.0",
        "info": {"title": "Reading", "version": "1"},
        "paths": {path: {"post": {"responses": {"200": {"description": "Read."}}, **operation}}},
        "components": components or {},
    }
    sound = normalize_document(document)
    schemas = Schemas(sound.document)
    [compiled] = compile_operations(
        sound.document, (NOWHERE,), MessageSchemas(schemas, sound.marks), Resolver(sound.document)
    )
    return RequestValidator(compiled, "", is_complete=False)


def body(media_type: str, schema: Json, **more: Any) -> Json:
    """An operation that takes a body of one media type."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema, **more}}}}


def admit(
    contract: RequestValidator, content: bytes | str = b"", media_type: str = "", query: str = "", **headers: str
) -> Call:
    """The call with everything that was read. Raises the Problem that says no."""
    sent = content.encode() if isinstance(content, str) else content
    given = Headers({**headers, **({"Content-Type": media_type} if media_type else {})})
    call = Call(Request("POST", "/things", query, given, sent, "127.0.0.1"), {}, 0.0, "")
    contract.validate_request(call)
    return call


def refused(
    contract: RequestValidator, content: bytes | str = b"", media_type: str = "", **more: str
) -> tuple[int, list[str]]:
    """The status and the violations, or what the detail says where there are none."""
    try:
        call = admit(contract, content, media_type, **more)
    except Problem as problem:
        return problem.status, [*map(str, problem.violations)] or [problem.detail]
    raise AssertionError(f"it was taken, as {json.dumps(call.body)}")
