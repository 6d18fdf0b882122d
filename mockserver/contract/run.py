"""Schemathesis' command line with the document, the credential and a fresh world filled in."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from ssl import SSLCertVerificationError
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

from mockserver import loopback
from mockserver.contract.checked_mock import known, started
from mockserver.contract.findings import SetApart, junit, overlay, read, save, told, written_overlay
from mockserver.contract.flat_document import at_one_address, flat
from mockserver.contract.secrets import credentials_in_toml, is_described, secrets_of
from mockserver.engine.pipeline import Service
from mockserver.json_text import Json, encode
from mockserver.openapi.source.source import STDIN, from_stdin
from mockserver.problem import Unusable
from mockserver.server import Options, load_services

PATIENCE = 5
"""Seconds in which a server has to take a connection."""

OWN_CONFIGURATION = "[cache]\nenabled = false\n"
"""Nothing is kept for `st replay`: the document and the mock that it would need are gone when the command has ended."""


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What is to be checked and how, as the command line says it: `apis` are names and files, `url` is the server that
    is checked instead of the mock, `more` goes to `schemathesis run`. `strict`: undeclared refusals are findings;
    `declared` is the file that an overlay with them is written into, `report` that of a JUnit report; empty: none.
    `root` is the folder that references of documents may lead into.
    """

    apis: Sequence[str]
    url: str = ""
    headers: Sequence[str] = ()
    assume: Mapping[str, str] = field(default_factory=dict)
    overlays: Sequence[str] = ()
    more: Sequence[str] = ()
    strict: bool = False
    declared: str = ""
    report: str = ""
    root: str = ""


class Conclusion(NamedTuple):
    """The exit code: 0 when every server kept its document, 1 when not, 2 where the tool could not do its work; and the
    lines that say what was set apart.
    """

    code: int
    lines: Sequence[str]


class CheckResult(NamedTuple):
    """What the check of one API came to: Schemathesis' exit code, and what was set apart."""

    service: Service
    code: int
    apart: SetApart


def check(checking: CheckOptions) -> Conclusion:
    """Runs Schemathesis for each API, one after the other; what it finds it prints itself. Raises Unusable."""
    if find_spec("schemathesis") is None:
        raise Unusable(
            "Schemathesis is not installed; it comes with the extra `check`: pip install '.[check]' where the source is"
        )
    services = load_services(
        Options(apis=checking.apis, assume=checking.assume, overlays=checking.overlays, root=checking.root)
    )
    for option, value in (("--url", checking.url), ("--declare-refusals", checking.declared)):
        if value and len(services) != 1:
            raise Unusable(f"{option} goes with one API or document; {len(services)} are to be checked")
    with TemporaryDirectory() as name:
        folder = Path(name)
        _refuse_bad_arguments(checking, folder)
        if checking.url:
            ask(checking.url)
            real = CheckedServer(checking.url, (*checking.headers, *_world_header(checking.url)), is_mock=False)
            results = [
                run(service, at_one_address(service.spec.document), real, checking, folder)
                for service in services.values()
            ]
            return _concluded(checking, results, folder)
        given = from_stdin() if str(STDIN) in checking.apis else b""
        with started([*_served(checking), *known(services.values(), folder)], given) as root:
            results = [
                run(
                    service,
                    flat(service.spec.document),
                    CheckedServer(f"{root}/~check-{name}/{name}", tuple(checking.headers)),
                    checking,
                    folder,
                )
                for name, service in services.items()
            ]
        return _concluded(checking, results, folder, root)


def _served(checking: CheckOptions) -> list[str]:
    """What `mockserver serve` is told to serve the mock that is checked."""
    switches = [part for name, option in checking.assume.items() for part in ("--assume", f"{name}={option}")]
    below = ("--root", checking.root) if checking.root else ()
    return [*checking.apis, *switches, *(part for file in checking.overlays for part in ("--overlay", file)), *below]


def _refuse_bad_arguments(checking: CheckOptions, folder: Path) -> None:
    """Raises Unusable for a header that is none, and for what `schemathesis run` does not take."""
    for header in checking.headers:
        name, colon, _ = header.partition(":")
        if not colon or not name.strip():
            raise Unusable(f"--header {header}: expected NAME:VALUE, such as 'Authorization: Bearer TOKEN'")
    if checking.report and any(part.startswith("--report-junit-path") for part in checking.more):
        raise Unusable("--junit and --report-junit-path are the same; give one of them")
    import click
    from schemathesis.cli.commands import run as tool
    from schemathesis.config import SchemathesisConfig

    document = folder / "arguments.json"
    document.write_text("{}", encoding="utf-8")
    try:
        tool.make_context("run", [str(document), "--url", "http://127.0.0.1", *checking.more], obj=SchemathesisConfig())
    except click.UsageError as error:
        said = error.format_message().rstrip(".")
        raise Unusable(
            f"{shlex.join(['--', *checking.more])}: {said}. `mockserver check -- --help` lists what may stand behind --"
        ) from None


def ask(url: str) -> None:
    """Somebody speaks HTTP at this address: any answer will do, and whoever took the connection may take longer for it.
    Raises Unusable.
    """
    if not _is_address(url):
        raise Unusable(f"--url {url}: expected the address of a server, such as https://api.example.com/v1")
    try:
        build_opener(_WhereItStands).open(url, timeout=PATIENCE).close()
    except HTTPError as answer:
        answer.close()
    except TimeoutError:
        return
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, SSLCertVerificationError):
            return
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        raise Unusable(f"--url {url}: no server answers there: {said}. Start it, or correct the address") from None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class _WhereItStands(HTTPRedirectHandler):
    """A redirect is an answer, wherever it leads."""

    def redirect_request(self, *_: object) -> None:
        return None


class CheckedServer(NamedTuple):
    """The server that is checked, and the headers that are sent to it. `is_mock`: it knows the secrets of samples."""

    url: str
    headers: tuple[str, ...] = ()
    is_mock: bool = True


def run(service: Service, document: Json, target: CheckedServer, checking: CheckOptions, folder: Path) -> CheckResult:
    """Schemathesis checks a server against one API's document. What it reads and writes stands in the folder."""
    written = folder / f"{service.name}.json"
    written.write_bytes(encode(document))
    more = (*checking.more, *(("--report-junit-path", str(_report(folder, service))) if checking.report else ()))
    code = subprocess.run(command(service, written, target, more), check=False).returncode  # noqa: S603 - our own
    return CheckResult(service, code if code in (0, 1) else 2, read(_record(written)))


def _record(document: Path) -> Path:
    """The file that what is set apart is written into."""
    return document.with_suffix(".jsonl")


def _report(folder: Path, service: Service) -> Path:
    return folder / f"{service.name}.xml"


def command(service: Service, document: Path, target: CheckedServer, more: Sequence[str]) -> list[str]:
    """`schemathesis run` with everything filled in that the document alone does not say."""
    own = _configuration(service, document.with_suffix(".toml"), target)
    told_secrets = bool(secrets_of(service)) and (own is not None or not target.is_mock)
    credential = () if told_secrets else _credential(service, target)
    options = [part for header in (*credential, *target.headers) for part in ("--header", header)]
    shown = ("--output-sanitize", "false") if target.is_mock and "--output-sanitize" not in more else ()
    return [
        *(sys.executable, "-m", "mockserver.contract.schemathesis_tool", str(document), str(_record(document))),
        *(("--config-file", str(own)) if own is not None else ()),
        *("run", str(document), "--url", target.url, "--continue-on-failure", *shown, *options, *more),
    ]


def _configuration(service: Service, written: Path, target: CheckedServer) -> Path | None:
    """What Schemathesis is to know beside the document: of a bundled API what the file that comes with it says, of
    another what a file of the user's says, and the secrets that its mock knows. None where that file has a place for
    neither, and is all that is said.
    """
    texts = [OWN_CONFIGURATION]
    if not is_described(service):
        shipped = Path(__file__).with_name(f"{service.name}.toml")
        texts = [shipped.read_text(encoding="utf-8"), *texts] if shipped.exists() else texts
    else:
        texts += [credentials_in_toml(service)] if target.is_mock else []
        folders = (Path.cwd(), *Path.cwd().parents)
        theirs = next((file for folder in folders if (file := folder / "schemathesis.toml").exists()), None)
        if theirs is not None:
            texts = [theirs.read_text(encoding="utf-8"), *(texts[1:])]
            if not _is_toml("\n".join(texts)):
                return None
    written.write_text("\n".join(texts), encoding="utf-8")
    return written


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _credential(service: Service, target: CheckedServer) -> tuple[str, ...]:
    """The header that opens the API, where the user gives no other."""
    given = {header.partition(":")[0].strip().lower() for header in target.headers}
    name, value = service.api.credential
    return () if not name or name.lower() in given else (f"{name}: {value}",)


def _world_header(url: str) -> list[str]:
    """A mock on this machine gets a fresh world; no other server ever sees the header."""
    return [f"Mock-World: check-{os.getpid()}"] if _is_mock(url) else []


def _is_mock(url: str) -> bool:
    """Whether a server of this machine has the control API of a mock."""
    parts = urlsplit(url)
    if parts.hostname not in loopback.NAMES:
        return False
    health = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/__admin/health"
    try:
        with build_opener(_WhereItStands).open(health, timeout=PATIENCE) as answer:
            return bool(json.loads(answer.read(1000)) == {"status": "healthy"})
    except (OSError, HTTPException, ValueError):
        return False


def _concluded(checking: CheckOptions, results: Sequence[CheckResult], folder: Path, root: str = "") -> Conclusion:
    """Writes what is to be written. `root` is where the mock was that has ended now. Raises Unusable."""
    aparts = {result.service.name: result.apart for result in results}
    whose = "the server" if checking.url else "the mock"
    lines = [line for name, apart in aparts.items() for line in told(name, apart, whose, strict=checking.strict)]
    if checking.report:
        reports = {result.service.name: _report(folder, result.service) for result in results}
        save(Path(checking.report), junit(reports, aparts, strict=checking.strict), "--junit")
        lines.append(f"{checking.report} is the report of all in JUnit XML")
    if checking.declared:
        lines.append(_declared(checking, results[0]))
    code = max(result.code for result in results)
    if code == 1 and root:
        line = shlex.join(["mockserver", "serve", *_served(checking), "--limits", "off"])
        given = " < DOCUMENT" if str(STDIN) in checking.apis else ""
        lines.append(f"The curl lines work again with: {line} --port {urlsplit(root).port}{given}")
    undeclared = any(apart.refusals for apart in aparts.values())
    return Conclusion(max(code, 1) if checking.strict and undeclared else code, lines)


def _declared(checking: CheckOptions, result: CheckResult) -> str:
    """Writes the overlay, and says so. Raises Unusable."""
    service, file = result.service, Path(checking.declared)
    if not result.apart.refusals:
        return f"{service.name}: no refusal was seen that the document does not declare; {file} is not written"
    operations = {
        (operation.method.upper(), operation.path if checking.url else operation.full_path): operation
        for operation in service.spec.operations
    }
    save(file, written_overlay(file, overlay(service.name, result.apart, operations)), "--declare-refusals")
    return f"{file} declares them: {shlex.join(['mockserver', 'serve', *_served(checking), '--overlay', str(file)])}"
