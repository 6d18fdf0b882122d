"""One OpenAPI document of any version: read, normalized to 3.1, resolved and compiled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from mockserver.json_pointer import MISSING, tokens, value_at
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation, compile_operations
from mockserver.openapi.model.servers import NOWHERE, Server, servers_of
from mockserver.openapi.normalize.document_normalizer import NormalizedDocument, normalize_document
from mockserver.openapi.normalize.dynamic_references import bound
from mockserver.openapi.normalize.edits import edited
from mockserver.openapi.normalize.inline_references import inlined
from mockserver.openapi.normalize.normalizer import Diagnostic
from mockserver.openapi.schema.message_schemas import MessageSchemas
from mockserver.openapi.schema.validator import Schemas
from mockserver.openapi.source.bundle import Bundle, bundle
from mockserver.openapi.source.external_values import ExternalFiles
from mockserver.openapi.source.folder import folder_of
from mockserver.openapi.source.overlay import Overlaid, overlaid
from mockserver.openapi.source.pointer import original
from mockserver.openapi.source.source import Finding, collector_at_rest
from mockserver.problem import Unusable


@dataclass(frozen=True, slots=True)
class Document:
    """One OpenAPI document. `document` is its JSON value as OpenAPI 3.1 with internal references only, `views` its
    schemas for requests and for responses. `diagnostics` lists the defects of the source, `unmatched` the overlay
    actions that matched nothing.
    """

    name: str
    document: Json = field(repr=False)
    operations: tuple[Operation, ...] = field(repr=False)
    schemas: Schemas = field(repr=False)
    servers: tuple[Server, ...]
    files: tuple[Path, ...]
    views: MessageSchemas = field(repr=False)
    diagnostics: tuple[Diagnostic, ...] = ()
    overlays: tuple[Path, ...] = ()
    unmatched: tuple[Finding, ...] = ()

    @property
    def base_path(self) -> str:
        return self.servers[0].path

    @property
    def hosts(self) -> set[str]:
        """The hosts of all servers of the document and its operations."""
        every = {server.host for operation in self.operations for server in operation.servers}
        return (every | {server.host for server in self.servers}) - {""}

    def operation(self, operation_id: str) -> Operation:
        return next(operation for operation in self.operations if operation.id == operation_id)


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """A document before compilation: its source files, its overlays and its normalized value."""

    bundle: Bundle = field(repr=False)
    normalized: NormalizedDocument
    overlaid: Overlaid = field(repr=False)
    external: ExternalFiles = field(repr=False)
    overlays: tuple[Path, ...] = ()
    moves: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Maps the pointer of each part that replaced a reference after overlays were applied to its source."""

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that the document was made of."""
        return (*self.bundle.files, *self.external.files, *self.overlays)

    def locate(self, pointers: Collection[str]) -> dict[str, tuple[str, int, str]]:
        """The source of each pointer: the name of a file or overlay, the line, and the pointer there."""
        old = {pointer: original(self.moves, pointer) for pointer in pointers}
        laid = {pointer: found for pointer in pointers if (found := self.overlaid.locate(old[pointer]))}
        lines = self.bundle.locate([old[pointer] for pointer in pointers if pointer not in laid])
        return laid | {pointer: (*lines[old[pointer]], pointer) for pointer in pointers if pointer not in laid}


def read_document(
    path: Path, edits: Mapping[str, Json] | None = None, overlays: Sequence[Path] = (), root: Path | None = None
) -> DocumentReading:
    """Reads the document at `path`, applies the overlays, then the `edits` (JSON pointer to new value), and normalizes
    it.

    Files below its folder, or below `root`, are read with it. Raises Unusable for what is no OpenAPI document or cannot
    be read; other defects are removed and reported.
    """
    with collector_at_rest():
        bundled = bundle(path, forgiving=True, root=root)
        laid = overlaid(bundled.document, overlays)
        external = ExternalFiles(folder_of(path, root))
        moves = inlined(laid.document) if overlays else {}
        if overlays or any(b"$dynamicRef" in source.text for source in bundled.sources.values()):
            moves |= bound(laid.document)
        try:
            normalized = normalize_document(edited(laid.document, edits or {}), bundled.unresolved, external)
        except Unusable as error:
            raise Unusable(error.message, where=str(path)) from None
    return DocumentReading(bundled, normalized, laid, external, tuple(overlays), moves)


def load(
    path: Path,
    name: str,
    edits: Mapping[str, Json] | None = None,
    overlays: Sequence[Path] = (),
    root: Path | None = None,
) -> Document:
    """Reads the document at `path` as `read_document` does and compiles it. Raises Unusable."""
    reading = read_document(path, edits, overlays, root)
    document = reading.normalized.document
    schemas = Schemas(document, reading.normalized.marks)
    servers = servers_of(document, (NOWHERE,))
    views = MessageSchemas(schemas, reading.normalized.marks)
    return Document(
        name=name,
        document=document,
        operations=compile_operations(document, servers, views, Resolver(document), reading.external.contents),
        schemas=schemas,
        servers=servers,
        files=reading.files,
        views=views,
        diagnostics=reading.normalized.diagnostics,
        overlays=reading.overlays,
        unmatched=reading.overlaid.unmatched,
    )


class Resolver:
    """Follows the `$ref`s of a node in its document. Raises Unusable for a cycle of `$ref`s."""

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
        found = value_at(self._document, tokens(unquote(ref.removeprefix("#"))), MISSING)
        if found is MISSING:
            raise Unusable(f"the reference {ref!r} leads nowhere", where=pointer)
        return found
