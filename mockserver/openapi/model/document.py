"""One OpenAPI document of any version, read, brought to one dialect, resolved once and compiled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from mockserver.json_pointer import MISSING, tokens, value_at
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation, compile_operations
from mockserver.openapi.model.servers import NOWHERE, Server, servers_of
from mockserver.openapi.normalize.document_normalizer import Dialect, in_dialect
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
    """One OpenAPI document: `document` is its JSON value in the dialect of 3.1, with every `$ref` inside it. `views`
    are its schemas as requests and responses are held against them; `flaws` what was wrong in the text, `unmatched`
    which actions of its `overlays` did nothing.
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
        """The hosts that anything of this document is served by."""
        every = {server.host for operation in self.operations for server in operation.servers}
        return (every | {server.host for server in self.servers}) - {""}

    def operation(self, operation_id: str) -> Operation:
        return next(operation for operation in self.operations if operation.id == operation_id)


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """A document on its way to a Spec: the texts it was made of, what overlays said, and the dialect of it."""

    bundle: Bundle = field(repr=False)
    dialect: Dialect
    overlaid: Overlaid = field(repr=False)
    external: ExternalFiles = field(repr=False)
    overlays: tuple[Path, ...] = ()
    moves: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of each part that was put in the place of a reference, once overlays were laid on, where it came from."""

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that the document was made of."""
        return (*self.bundle.files, *self.external.files, *self.overlays)

    def locate(self, pointers: Collection[str]) -> dict[str, tuple[str, int, str]]:
        """Where each place of the document came from: the name of a file or an overlay, the line, the pointer there."""
        old = {pointer: original(self.moves, pointer) for pointer in pointers}
        laid = {pointer: found for pointer in pointers if (found := self.overlaid.locate(old[pointer]))}
        lines = self.bundle.locate([old[pointer] for pointer in pointers if pointer not in laid])
        return laid | {pointer: (*lines[old[pointer]], pointer) for pointer in pointers if pointer not in laid}


def read_document(
    path: Path, edits: Mapping[str, Json] | None = None, overlays: Sequence[Path] = (), root: Path | None = None
) -> DocumentReading:
    """The document at `path` in the dialect of 3.1, overlays laid on, then `edits` (JSON pointer to new value) made.
    Files below its folder, or below `root`, are read with it.

    Raises Unusable for what is no OpenAPI document or cannot be read; all else that is wrong is left out and noted.
    """
    with collector_at_rest():
        bundled = bundle(path, forgiving=True, root=root)
        laid = overlaid(bundled.document, overlays)
        external = ExternalFiles(folder_of(path, root))
        moves = inlined(laid.document) if overlays else {}
        if overlays or any(b"$dynamicRef" in source.text for source in bundled.sources.values()):
            moves |= bound(laid.document)
        try:
            dialect = in_dialect(edited(laid.document, edits or {}), bundled.unresolved, external)
        except Unusable as error:
            raise Unusable(error.message, where=str(path)) from None
    return DocumentReading(bundled, dialect, laid, external, tuple(overlays), moves)


def load(
    path: Path,
    name: str,
    edits: Mapping[str, Json] | None = None,
    overlays: Sequence[Path] = (),
    root: Path | None = None,
) -> Document:
    """The document at `path` as a Spec, made as `read_document` says. Raises Unusable."""
    reading = read_document(path, edits, overlays, root)
    document = reading.dialect.document
    schemas = Schemas(document)
    servers = servers_of(document, (NOWHERE,))
    views = MessageSchemas(schemas, reading.dialect.marks)
    return Document(
        name=name,
        document=document,
        operations=compile_operations(document, servers, views, Resolver(document), reading.external.contents),
        schemas=schemas,
        servers=servers,
        files=reading.files,
        views=views,
        diagnostics=reading.dialect.diagnostics,
        overlays=reading.overlays,
        unmatched=reading.overlaid.unmatched,
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
        found = value_at(self._document, tokens(unquote(ref.removeprefix("#"))), MISSING)
        if found is MISSING:
            raise Unusable(f"the reference {ref!r} leads nowhere", where=pointer)
        return found
