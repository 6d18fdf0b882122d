"""Runs Schemathesis with document, credential and a fresh world filled in."""

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
from mockserver.contract.findings import Reclassified, junit, overlay, read, report_lines, save, serialized_overlay
from mockserver.contract.flat_document import at_one_address, flat
from mockserver.contract.secrets import credentials_in_toml, is_described, secrets_of
from mockserver.engine.pipeline import Service
from mockserver.json_text import Json, encode
from mockserver.openapi.source.source import STDIN, from_stdin
from mockserver.problem import Unusable
from mockserver.server import Options, load_services

PATIENCE = 5
"""Seconds in which a server has to accept a connection."""

OWN_CONFIGURATION = "[cache]\nenabled = false\n"
"""Disables the cache for `st replay`, since document and mock no longer exist after the command."""


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """The options of a check: `apis` are names and files, `url` is a server to check instead of the mock, `more` are
    arguments for `schemathesis run`. `strict`: undeclared refusals are findings; `declared` is the file for an overlay
    with them, `report` that for a JUnit report; empty: none. `root` is the folder that references of documents may lead
    into.
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
    """The exit code (0: every server complies with its document, 1: not, 2: Schemathesis failed) and the lines about
    reclassified failures.
    """

    code: int
    lines: Sequence[str]


class CheckResult(NamedTuple):
    """The result for one API: Schemathesis' exit code and the reclassified failures."""

    service: Service
    code: int
    reclassified: Reclassified


def check(checking: CheckOptions) -> Conclusion:
    """Runs Schemathesis, which prints its findings, for each API in turn. Raises Unusable."""
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
    """The `mockserver serve` arguments of the mock that is checked."""
    switches = [part for name, option in checking.assume.items() for part in ("--assume", f"{name}={option}")]
    below = ("--root", checking.root) if checking.root else ()
    return [*checking.apis, *switches, *(part for file in checking.overlays for part in ("--overlay", file)), *below]


def _refuse_bad_arguments(checking: CheckOptions, folder: Path) -> None:
    """Raises Unusable for an invalid header, and for arguments that `schemathesis run` does not accept."""
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
    """Requires an HTTP server at this address: any response will do, and it may take longer than the connection. Raises
    Unusable.
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
    """Does not follow redirects: a redirect is a response too."""

    def redirect_request(self, *_: object) -> None:
        return None


class CheckedServer(NamedTuple):
    """The server that is checked, and the headers sent to it. `is_mock`: it accepts the secrets of samples."""

    url: str
    headers: tuple[str, ...] = ()
    is_mock: bool = True


def run(service: Service, document: Json, target: CheckedServer, checking: CheckOptions, folder: Path) -> CheckResult:
    """Checks a server against one API's document with Schemathesis, whose files are kept in the folder."""
    document_file = folder / f"{service.name}.json"
    document_file.write_bytes(encode(document))
    more = (*checking.more, *(("--report-junit-path", str(_report(folder, service))) if checking.report else ()))
    code = subprocess.run(command(service, document_file, target, more), check=False).returncode  # noqa: S603 - our own
    return CheckResult(service, code if code in (0, 1) else 2, read(_record(document_file)))


def _record(document: Path) -> Path:
    """The file for reclassified failures."""
    return document.with_suffix(".jsonl")


def _report(folder: Path, service: Service) -> Path:
    return folder / f"{service.name}.xml"


def command(service: Service, document: Path, target: CheckedServer, more: Sequence[str]) -> list[str]:
    """The `schemathesis run` command with everything that the document alone does not say."""
    own = _configuration(service, document.with_suffix(".toml"), target)
    has_secrets = bool(secrets_of(service)) and (own is not None or not target.is_mock)
    credential = () if has_secrets else _credential(service, target)
    options = [part for header in (*credential, *target.headers) for part in ("--header", header)]
    unmasked = ("--output-sanitize", "false") if target.is_mock and "--output-sanitize" not in more else ()
    return [
        *(sys.executable, "-m", "mockserver.contract.schemathesis_tool", str(document), str(_record(document))),
        *(("--config-file", str(own)) if own is not None else ()),
        *("run", str(document), "--url", target.url, "--continue-on-failure", *unmasked, *options, *more),
    ]


def _configuration(service: Service, file: Path, target: CheckedServer) -> Path | None:
    """The configuration for Schemathesis: the shipped file of a bundled API, or the user's file and the secrets of the
    mock.

    None if the user's file cannot be extended, and is all there is.
    """
    texts = [OWN_CONFIGURATION]
    if not is_described(service):
        shipped = Path(__file__).with_name(f"{service.name}.toml")
        texts = [shipped.read_text(encoding="utf-8"), *texts] if shipped.exists() else texts
    else:
        texts += [credentials_in_toml(service)] if target.is_mock else []
        folders = (Path.cwd(), *Path.cwd().parents)
        theirs = next((found for folder in folders if (found := folder / "schemathesis.toml").exists()), None)
        if theirs is not None:
            texts = [theirs.read_text(encoding="utf-8"), *(texts[1:])]
            if not _is_toml("\n".join(texts)):
                return None
    file.write_text("\n".join(texts), encoding="utf-8")
    return file


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _credential(service: Service, target: CheckedServer) -> tuple[str, ...]:
    """The header that authenticates, unless the user gives another."""
    given = {header.partition(":")[0].strip().lower() for header in target.headers}
    name, value = service.api.credential
    return () if not name or name.lower() in given else (f"{name}: {value}",)


def _world_header(url: str) -> list[str]:
    """The header for a fresh world, only for a mock on this machine."""
    return [f"Mock-World: check-{os.getpid()}"] if _is_mock(url) else []


def _is_mock(url: str) -> bool:
    """Whether a server on this machine has the control API of a mock."""
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
    """Writes the reports. `root` is the former address of the mock. Raises Unusable."""
    by_api = {result.service.name: result.reclassified for result in results}
    whose = "the server" if checking.url else "the mock"
    lines = [
        line for name, found in by_api.items() for line in report_lines(name, found, whose, strict=checking.strict)
    ]
    if checking.report:
        reports = {result.service.name: _report(folder, result.service) for result in results}
        save(Path(checking.report), junit(reports, by_api, strict=checking.strict), "--junit")
        lines.append(f"{checking.report} is the report of all in JUnit XML")
    if checking.declared:
        lines.append(_declared(checking, results[0]))
    code = max(result.code for result in results)
    if code == 1 and root:
        line = shlex.join(["mockserver", "serve", *_served(checking), "--limits", "off"])
        given = " < DOCUMENT" if str(STDIN) in checking.apis else ""
        lines.append(f"The curl lines work again with: {line} --port {urlsplit(root).port}{given}")
    undeclared = any(reclassified.refusals for reclassified in by_api.values())
    return Conclusion(max(code, 1) if checking.strict and undeclared else code, lines)


def _declared(checking: CheckOptions, result: CheckResult) -> str:
    """Writes the overlay and returns the line about it. Raises Unusable."""
    service, file = result.service, Path(checking.declared)
    if not result.reclassified.refusals:
        return f"{service.name}: no refusal was seen that the document does not declare; {file} is not written"
    operations = {
        (operation.method.upper(), operation.path if checking.url else operation.full_path): operation
        for operation in service.spec.operations
    }
    save(file, serialized_overlay(file, overlay(service.name, result.reclassified, operations)), "--declare-refusals")
    return f"{file} declares them: {shlex.join(['mockserver', 'serve', *_served(checking), '--overlay', str(file)])}"
