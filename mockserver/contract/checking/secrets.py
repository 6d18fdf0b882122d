"""The secrets that authenticate at the mock of a user's document, in the form that Schemathesis takes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mockserver.engine.service import Service
from mockserver.engine.steps.security_schemes import SecuritySchemes
from mockserver.openapi.model.document import Document, Resolver


def is_described(service: Service) -> bool:
    """Whether only the document of the API is known."""
    return not service.api.is_complete


def secrets_of(service: Service) -> Mapping[str, str]:
    """A secret for each security scheme of a user's document, by scheme name."""
    guard = service.api.guard
    return guard.secrets if isinstance(guard, SecuritySchemes) else {}


def credentials_in_toml(spec: Document, secrets: Mapping[str, str]) -> str:
    """The part of Schemathesis' configuration that authenticates, with these secrets by scheme name."""
    schemes = spec.document.get("components", {}).get("securitySchemes", {})
    resolve = Resolver(spec.document)
    lines = []
    for name, secret in secrets.items():
        node, _ = resolve(schemes[name], "")
        said = _members(str(node.get("type")), str(node.get("scheme", "")).lower(), secret)
        if said:
            lines += [f"[auth.openapi.{_quoted(name)}]", *(f"{key} = {_quoted(text)}" for key, text in said.items())]
    return "\n".join([*lines, ""])


def _members(kind: str, scheme: str, secret: str) -> Mapping[str, str]:
    """The configuration of one scheme's secret; empty for a scheme that Schemathesis does not support."""
    if kind == "apiKey":
        return {"api_key": secret}
    if kind == "http" and scheme == "basic":
        user, _, password = secret.partition(":")
        return {"username": user, "password": password}
    return {"bearer": secret} if kind in ("oauth2", "openIdConnect") or scheme == "bearer" else {}


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
