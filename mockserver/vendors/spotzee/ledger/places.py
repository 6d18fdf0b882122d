"""Places in the document that assumptions speak of."""

from __future__ import annotations

from mockserver.json_text import Json

BATCH = "POST /subscriptions/batch"
SCHEMAS = "/components/schemas"
PARAMETERS = "/components/parameters"


def roles(role: str, *operations: str) -> dict[str, Json]:
    """These operations (path and method) ask for this role."""
    return {f"{place(operation)}/security": [{"secretKey": [role]}] for operation in operations}


def shown(schema: str) -> Json:
    """An answer that has one record as its body."""
    content = {"application/json": {"schema": {"$ref": f"#{SCHEMAS}/{schema}"}}}
    return {"description": "What was deleted.", "content": content}


def place(operation: str) -> str:
    """The pointer of an operation: `/keys get` is `/paths/~1keys/get`."""
    path, _, method = operation.partition(" ")
    return f"/paths/{path.replace('/', '~1')}/{method}"
