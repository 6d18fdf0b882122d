"""Tells runs that tested next to nothing: every answer wants a credential, or every path is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from mockserver.contract.checking.given_credentials import advised
from mockserver.contract.reports.check_report import plural
from mockserver.contract.reports.findings import Reclassified
from mockserver.contract.reports.run_record import ApiRun
from mockserver.engine.redaction.printable import printable
from mockserver.json_text import Json
from mockserver.openapi.model.document import Document

UNKNOWN_SHARE: Final = 0.9
"""The share of operations that only ever answered 404 from which the address is held to be wrong."""

_REFUSALS: Final = frozenset({"401", "403"})

_NOT_THERE: Final = frozenset({"401", "403", "404", "405"})
"""What servers answer where they have nothing; some ask for the credential first."""

_GIVING: Final = ("-H", "--header", "-a", "--auth")


class FruitlessRun(NamedTuple):
    """Why a run tested next to nothing. `is_failed`: no result of it is to be trusted; `refusals` are undeclared ones
    without those that come of the cause.
    """

    why: str
    is_failed: bool
    refusals: Reclassified


def fruitless(spec: Document, run: ApiRun, found: Reclassified, *, gives: bool) -> FruitlessRun | None:
    """What made the run of a server fruitless, if anything did. `gives`: a credential is sent to it."""
    tested = {one.operation: one.answers for one in run.coverage if one.answers}
    statuses = {status for answers in tested.values() for status in answers}
    if statuses and statuses <= _REFUSALS:
        return _refused(spec, run, tested, found, gives=gives)
    unknown = [name for name, answers in tested.items() if "404" in answers and {*answers} <= _NOT_THERE]
    if len(unknown) >= UNKNOWN_SHARE * max(1, len(tested)) and any("{" not in name for name in unknown):
        return _unknown(spec, run, unknown, found, len(tested))
    if tested and all(_is_refused(answers) for answers in tested.values()):
        return _refused(spec, run, tested, found, gives=gives)
    return None


def _is_refused(answers: Mapping[str, int]) -> bool:
    """Whether an operation refused its callers and never succeeded; some servers look at the body or method first."""
    return not _REFUSALS.isdisjoint(answers) and not any(status.startswith(("2", "3")) for status in answers)


def gives_credential(headers: tuple[str, ...], more: list[str]) -> bool:
    """Whether one of the headers of the user, or an argument for Schemathesis, may be a credential."""
    return bool(headers) or any(part.partition("=")[0] in _GIVING for part in more)


def _refused(
    spec: Document, run: ApiRun, tested: Mapping[str, Mapping[str, int]], found: Reclassified, *, gives: bool
) -> FruitlessRun:
    secured = [one for one in spec.operations if f"{one.method.upper()} {one.path}" in tested]
    is_secured = all(one.security and all(one.security) for one in secured)
    every = {status for answers in tested.values() for status in answers}
    statuses = sorted(every & _REFUSALS)
    seen = "answer was" if every <= _REFUSALS else "operation refused its callers with"
    advice = "the credential that was given opens nothing" if gives else f"give a credential: {advised(spec)}"
    why = f"{run.api}: every {seen} {' or '.join(statuses)}, so that nothing else was tested; {advice}"
    # Where the document wants no credential, 401 may be about what was sent: the password of a login. With one, 403 may
    # be what the user looks at.
    return FruitlessRun(printable(why), is_secured and (not gives or statuses == ["401"]), found)


def _unknown(spec: Document, run: ApiRun, unknown: list[str], found: Reclassified, tested: int) -> FruitlessRun:
    path = _server_path(spec.document)
    here = urlsplit(run.address).path.rstrip("/")
    hint = f"; the document says {path} of its server" if path and path != here else ""
    why = (
        f"{run.api}: {len(unknown)} of {plural(tested, 'operation')} only ever answered 404: {run.address} is probably "
        f"not where the paths of the document begin{hint}"
    )
    refusals = {key: [one for one in statuses if one != 404] for key, statuses in found.refusals.items()}
    kept = {key: statuses for key, statuses in refusals.items() if statuses}
    return FruitlessRun(printable(why), True, found._replace(refusals=kept))


def _server_path(document: Json) -> str:
    """The path of the first server of a document."""
    servers = document.get("servers") if isinstance(document, dict) else None
    first = servers[0] if isinstance(servers, list) and servers else {}
    url = first.get("url") if isinstance(first, dict) else ""
    try:
        return urlsplit(url).path.rstrip("/") if isinstance(url, str) else ""
    except ValueError:
        return ""
