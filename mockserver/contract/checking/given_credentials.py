"""Credentials for a real server by the security schemes of its document: `--credential SCHEME=SECRET`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from mockserver.contract.checking.check_options import CheckOptions
from mockserver.contract.checking.secrets import credentials_in_toml
from mockserver.json_text import Json
from mockserver.openapi.model.document import Document, Resolver
from mockserver.problem import Unusable


class KeysInQuery(NamedTuple):
    """The keys that are sent in the query, as its parameters, and the part of Schemathesis' configuration for them."""

    parameters: tuple[tuple[str, str], ...] = ()
    configuration: str = ""


def with_credentials(checking: CheckOptions, spec: Document) -> tuple[CheckOptions, KeysInQuery]:
    """The options with a header for each credential that is sent in one, unless the user gives that header, and the
    credentials that are sent in the query. Raises Unusable for a scheme that the document does not have.
    """
    if checking.credentials and not checking.url:
        raise Unusable("--credential goes with --url: the mock is sent a sample of its own")
    given = {header.partition(":")[0].strip().lower() for header in checking.headers}
    headers, keys, secrets = [], [], {}
    for scheme, node, secret in _by_scheme(checking.credentials, spec):
        secrets[scheme] = secret
        if node.get("type") == "apiKey" and node.get("in") == "query":
            keys.append((str(node["name"]), secret))
        else:
            name, value = _header(scheme, node, secret)
            headers += [f"{name}: {value}"] if name.lower() not in given else []
    # Schemathesis sends no credential of an alternative of which it does not know all.
    in_query = KeysInQuery(tuple(keys), credentials_in_toml(spec, secrets)) if keys else KeysInQuery()
    return replace(checking, headers=(*checking.headers, *headers)), in_query


def advised(spec: Document) -> str:
    """The option by which a credential is given that the document wants."""
    for scheme, node in _schemes(spec).items():
        if node.get("type") == "apiKey" and node.get("in") == "query":
            return f"--credential {scheme}=SECRET"
    return "-H 'NAME: VALUE' or --auth"


def _schemes(spec: Document) -> dict[str, Mapping[str, Json]]:
    declared = spec.document.get("components", {}).get("securitySchemes", {})
    resolve = Resolver(spec.document)
    found = ((str(name), resolve(node, "")[0]) for name, node in declared.items())
    return {name: node for name, node in found if isinstance(node, dict)}


def _by_scheme(given: Sequence[str], spec: Document) -> Iterator[tuple[str, Mapping[str, Json], str]]:
    schemes = _schemes(spec)
    for text in given:
        scheme, equals, secret = text.partition("=")
        if not (equals and scheme and secret):
            raise Unusable(f"--credential: expected SCHEME=SECRET; {_named(schemes)}")
        if scheme not in schemes:
            raise Unusable(f"--credential {scheme}: no security scheme of the document is called so; {_named(schemes)}")
        yield scheme, schemes[scheme], secret


def _named(schemes: Mapping[str, object]) -> str:
    return f"it has {', '.join(schemes)}" if schemes else "the document has no security scheme; send a header with -H"


def _header(scheme: str, node: Mapping[str, Json], secret: str) -> tuple[str, str]:
    kind, name = str(node.get("type")), str(node.get("name"))
    if kind == "apiKey":
        return (name, secret) if node.get("in") == "header" else ("Cookie", f"{name}={secret}")
    word = str(node.get("scheme", "bearer")).capitalize()
    if kind not in ("http", "oauth2", "openIdConnect"):
        raise Unusable(f"--credential {scheme}: the document says {kind}, which no header or parameter carries")
    if word == "Basic":
        if ":" not in secret:
            raise Unusable(f"--credential {scheme}: expected USER:PASSWORD, which the scheme sends as Basic")
        return "Authorization", f"Basic {b64encode(secret.encode()).decode()}"
    return "Authorization", f"{word} {secret}"
