"""A document as Schemathesis can take it, which knows one address for all operations of a document."""

from __future__ import annotations

from mockserver.spec.servers import NOWHERE, servers_of
from mockserver.wire import Json


def flat(document: Json) -> Json:
    """The document with the paths of its servers written into the paths themselves, so that one root holds for all."""
    above = servers_of(document, (NOWHERE,))
    paths = {servers_of(item, above)[0].path + path: _homeless(item) for path, item in document["paths"].items()}
    return {**_homeless(document), "paths": paths}


def at_one_address(document: Json) -> Json:
    """The document without the paths that stand at another address than the rest."""
    return {**document, "paths": {path: item for path, item in document["paths"].items() if "servers" not in item}}


def _homeless(node: Json) -> Json:
    return {name: value for name, value in node.items() if name != "servers"}
