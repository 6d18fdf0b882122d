"""Reads the credentials of a document's API from a user's file: `token: {scheme, scopes, name}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mockserver.json_text import Json
from mockserver.openapi.source.source import read
from mockserver.problem import Unusable


@dataclass(frozen=True, slots=True)
class Credential:
    """The holder of a secret. `scheme` is the security scheme that it is for, empty: any; `scopes` are None for all."""

    scheme: str = ""
    scopes: frozenset[str] | None = None
    name: str = ""

    def has(self, scope: str) -> bool:
        """Whether it has the scope; `*` is every scope."""
        return self.scopes is None or scope in self.scopes or "*" in self.scopes


class Credentials(dict[str, Credential]):
    """Every credential by its secret: the token, the key, or `user:password`."""

    def best(self, scheme: str) -> str:
        """The secret with the most scopes among those for this scheme; empty where there is none."""
        fitting = {secret: known for secret, known in self.items() if known.scheme in ("", scheme)}
        return max(fitting, key=lambda secret: _width(fitting[secret]), default="")


def _width(known: Credential) -> tuple[bool, int]:
    return known.has("*"), len(known.scopes or ())


def read_credentials(path: Path) -> Credentials:
    """The credentials of a YAML or JSON file. Raises Unusable."""
    given = read(path).value
    if not isinstance(given, dict):
        raise Unusable("expected a mapping of tokens to {scheme, scopes, name}", where=str(path))
    return Credentials({str(secret): _credential(str(secret), said, str(path)) for secret, said in given.items()})


def _credential(secret: str, said: Json, where: str) -> Credential:
    """One entry; messages do not repeat more than the beginning of a secret."""
    begins = f"{secret[:4]}…"
    if said is None:
        return Credential()
    if not isinstance(said, Mapping) or said.keys() - {"scheme", "scopes", "name"}:
        raise Unusable(f"the entry {begins!r}: expected a mapping of scheme, scopes, name", where=where)
    scopes = said.get("scopes")
    listed = scopes.split() if isinstance(scopes, str) else scopes
    if listed is not None and not (isinstance(listed, list) and all(isinstance(scope, str) for scope in listed)):
        raise Unusable(f"the entry {begins!r}: `scopes` is to be a list of names", where=where)
    if not isinstance(said.get("scheme", ""), str) or not isinstance(said.get("name", ""), str):
        raise Unusable(f"the entry {begins!r}: `scheme` and `name` are to be texts", where=where)
    return Credential(said.get("scheme", ""), None if listed is None else frozenset(listed), said.get("name", ""))
