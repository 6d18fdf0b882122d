"""Tells of a token without the word of its scheme: `Authorization: abc` in the place of `Authorization: Bearer abc`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockserver.contract.reports.run_record import ApiRun
from mockserver.engine.redaction.printable import printable
from mockserver.json_text import Json
from mockserver.openapi.model.document import Document, Resolver


def authorization_hint(spec: Document, run: ApiRun, headers: Sequence[str]) -> str:
    """What to do, if the document wants a scheme word that the header lacks, and no operation that wants a credential
    succeeded; else empty.
    """
    given = [header.partition(":")[2].strip() for header in headers if _is_authorization(header.partition(":")[0])]
    if not given or any(" " in value for value in given) or not _is_refused(spec, run):
        return ""
    words = [*dict.fromkeys(_scheme_words(spec.document))]
    if not words or "" in words:
        return ""
    wanted = " or ".join(f"`Authorization: {word} …`" for word in words)
    said = f"{run.api}: Authorization was sent as it was given, without a scheme word; the document wants {wanted}"
    return printable(said)


def _is_refused(spec: Document, run: ApiRun) -> bool:
    """Whether a 401 was seen of the operations that want a credential, and no success."""
    secured = [one for one in spec.operations if one.security and all(one.security)]
    names = {f"{one.method.upper()} {path}" for one in secured for path in (one.path, one.full_path)}
    statuses = {status for one in run.coverage if one.operation in names for status in one.answers}
    return "401" in statuses and not any(status.startswith("2") for status in statuses)


def _is_authorization(name: str) -> bool:
    return name.strip().lower() == "authorization"


def _scheme_words(document: Json) -> Iterator[str]:
    """The first word of Authorization under each security scheme that is sent in it; empty where it has none."""
    resolve = Resolver(document)
    for declared in document.get("components", {}).get("securitySchemes", {}).values():
        scheme, _ = resolve(declared, "")
        kind = scheme.get("type") if isinstance(scheme, dict) else None
        if kind == "http" and scheme.get("scheme"):
            yield str(scheme["scheme"]).capitalize()
        elif kind in ("oauth2", "openIdConnect"):
            yield "Bearer"
        elif kind == "apiKey" and scheme.get("in") == "header" and _is_authorization(str(scheme.get("name", ""))):
            yield ""
