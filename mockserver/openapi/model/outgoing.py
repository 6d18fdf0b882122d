"""Requests that a document says its API sends: callbacks of operations, and webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mockserver.json_pointer import escaped
from mockserver.json_text import Json
from mockserver.openapi.model.body_model import Media, media_of
from mockserver.openapi.model.header import Header, header_of
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.servers import NOWHERE, servers_of
from mockserver.openapi.schema.schema_view import CompileContext
from mockserver.openapi.standards import METHODS


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outgoing request: `name` is that of the callback or webhook; `url` is a callback's runtime expression, empty
    for a webhook; `server` is the address that it is relative to, empty for none. `media` is its body by media type.
    """

    name: str
    url: str
    method: str
    media: Mapping[str, Media] = field(repr=False)
    headers: Mapping[str, Header] = field(repr=False)
    at: str
    server: str = ""


def callbacks_of(operation: Operation) -> tuple[Outgoing, ...]:
    """The callbacks of the operation, in document order."""
    document = operation.document
    found: list[Outgoing] = []
    for name, callback in operation.node.get("callbacks", {}).items():
        callback, at = document.resolve(callback, f"{operation.at}/callbacks/{escaped(name)}")
        for url, item in callback.items():
            if not url.startswith("x-"):
                found += _of_item(document, name, url, item, f"{at}/{escaped(url)}")
    return tuple(found)


def webhooks_of(document: CompileContext, root: Json) -> tuple[Outgoing, ...]:
    """The webhooks of the document, in document order."""
    found: list[Outgoing] = []
    for name, item in root.get("webhooks", {}).items():
        found += _of_item(document, name, "", item, f"/webhooks/{escaped(name)}")
    return tuple(found)


def _of_item(document: CompileContext, name: str, url: str, item: Json, at: str) -> Iterator[Outgoing]:
    item, at = document.resolve(item, at)
    for method in METHODS:
        if method not in item:
            continue
        node, node_at = item[method], f"{at}/{method}"
        body, body_at = document.resolve(node.get("requestBody", {}), f"{node_at}/requestBody")
        yield Outgoing(
            name=name,
            url=url,
            method=method.upper(),
            media=media_of(document, document.views.response, body, body_at),
            headers=_headers(document, [(item, at), (node, node_at)]),
            at=node_at,
            server=servers_of(node, servers_of(item, (NOWHERE,)))[0].url,
        )


def _headers(document: CompileContext, owners: list[tuple[Json, str]]) -> Mapping[str, Header]:
    """The header parameters as headers."""
    found: dict[str, Header] = {}
    for owner, at in owners:
        for number, parameter in enumerate(owner.get("parameters", ())):
            node, node_at = document.resolve(parameter, f"{at}/parameters/{number}")
            if node["in"] == "header":
                found[node["name"]] = header_of(document, document.views.response, node["name"], node, node_at)
    return found
