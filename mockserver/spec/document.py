"""One OpenAPI document, read, resolved once and compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from mockserver.problem import Unusable
from mockserver.spec.bundle import bundle
from mockserver.spec.edits import edited
from mockserver.spec.operation import Operation, compile_operations
from mockserver.spec.schema import Schemas
from mockserver.spec.servers import NOWHERE, Server, servers_of
from mockserver.wire import Json


@dataclass(frozen=True, slots=True)
class Spec:
    """One OpenAPI document: `document` is its JSON value with every `$ref` inside it."""

    name: str
    document: Json = field(repr=False)
    operations: tuple[Operation, ...] = field(repr=False)
    schemas: Schemas = field(repr=False)
    servers: tuple[Server, ...]
    files: tuple[Path, ...]

    @property
    def base_path(self) -> str:
        return self.servers[0].path

    @property
    def hosts(self) -> set[str]:
        """The hosts that anything of this document is served by."""
        every = {server.host for operation in self.operations for server in operation.servers}
        return (every | {server.host for server in self.servers}) - {""}

    def operation(self, operation_id: str) -> Operation:
        return next(operation for operation in self.operations if operation.id == operation_id)


def load(path: Path, name: str, edits: Mapping[str, Json] | None = None) -> Spec:
    """The document at `path` as a Spec, with `edits` (JSON pointer to new value) made first. Raises Unusable."""
    bundled = bundle(path)
    document = bundled.document
    version = str(document.get("openapi", "")) if isinstance(document, dict) else ""
    if not version.startswith("3.1."):
        raise Unusable(
            f"expected an OpenAPI 3.1 document, got {'openapi: ' + version if version else 'no `openapi` member'}",
            where=str(path),
        )
    document = edited(document, edits or {})
    schemas = Schemas(document)
    servers = servers_of(document, (NOWHERE,))
    return Spec(
        name=name,
        document=document,
        operations=compile_operations(document, servers, schemas, Resolver(document)),
        schemas=schemas,
        servers=servers,
        files=tuple(bundled.files),
    )


class Resolver:
    """Follows the `$ref`s of a node inside its document; a circle of nothing but `$ref`s is Unusable."""

    def __init__(self, document: Json) -> None:
        self._document = document

    def __call__(self, node: Json, pointer: str) -> tuple[Json, str]:
        seen = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            ref = node["$ref"]
            if ref in seen:
                raise Unusable(f"the reference {ref!r} only leads back to itself", where=pointer)
            seen.add(ref)
            node, pointer = self._target(ref, pointer), unquote(ref.removeprefix("#"))
        return node, pointer

    def _target(self, ref: str, pointer: str) -> Json:
        node = self._document
        for token in unquote(ref.removeprefix("#")).split("/")[1:]:
            token = token.replace("~1", "/").replace("~0", "~")
            try:
                node = node[int(token)] if isinstance(node, list) else node[token]
            except (KeyError, IndexError, ValueError, TypeError):
                raise Unusable(f"the reference {ref!r} leads nowhere", where=pointer) from None
        return node
