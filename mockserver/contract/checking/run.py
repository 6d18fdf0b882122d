"""Checks a mock or a server: starts the mock, runs Schemathesis for each API in turn, and concludes."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from mockserver.contract.checking.check_options import CheckOptions, refuse_bad_arguments
from mockserver.contract.checking.checked_mock import known, started
from mockserver.contract.checking.checked_server import CheckedServer, ask, world_header
from mockserver.contract.checking.conclusion import CheckResult, Conclusion, concluded
from mockserver.contract.checking.given_credentials import with_credentials
from mockserver.contract.checking.preparation.flat_document import at_one_address, flat
from mockserver.contract.checking.preparation.prepared_document import prepared
from mockserver.contract.checking.recording.run_recorder import RecordedTarget, exchanges_file, run_file
from mockserver.contract.checking.started_process import INTERRUPTED, started_process
from mockserver.contract.checking.tool_command import command, environment, given_headers, record_of, shows_secrets
from mockserver.contract.reports.findings import read
from mockserver.contract.reports.report_files import keeps_exchanges
from mockserver.contract.reports.run_record import read_run
from mockserver.engine.service import Service
from mockserver.json_text import Json, encode
from mockserver.openapi.source.source import STDIN, from_stdin
from mockserver.problem import Unusable
from mockserver.server import Options, load_services

STOPPING: Final = 3.0
"""Seconds in which the tool may end by itself before it is told that the user stopped the check."""


def check(checking: CheckOptions) -> Conclusion:
    """Runs Schemathesis, which prints its progress, for each API in turn. Raises Unusable."""
    if find_spec("schemathesis") is None:
        raise Unusable(
            "Schemathesis is not installed; it comes with the extra `check`: pip install 'mockserver[check]'"
        )
    services = load_services(
        Options(apis=checking.apis, assume=checking.assume, overlays=checking.overlays, root=checking.root)
    )
    for option, value in (("--url", checking.url), ("--declare-refusals", checking.declared)):
        if value and len(services) != 1:
            raise Unusable(f"{option} goes with one API or document; {len(services)} are to be checked")
    checking, keys = with_credentials(checking, next(iter(services.values())).spec)
    checking.selection.require(service.spec for service in services.values())
    chosen = [one for one in services.values() if not checking.selection.operations or _chosen(checking, one)]
    with TemporaryDirectory() as name:
        folder = Path(name)
        refuse_bad_arguments(checking, folder)
        if checking.url:
            ask(checking.url)
            real = CheckedServer(
                checking.url,
                (*checking.headers, *world_header(checking.url)),
                is_mock=False,
                query=keys.parameters,
                configuration=keys.configuration,
            )
            checks = (run(service, at_one_address(service.spec.document), real, checking, folder) for service in chosen)
            return concluded(checking, _until_interrupted(checks))
        given = from_stdin() if str(STDIN) in checking.apis else b""
        with started([*checking.served, *known(services.values(), folder)], given) as root:
            checks = (
                run(
                    service,
                    flat(service.spec.document),
                    _of_mock(f"{root}/~check-{service.name}", service, checking),
                    checking,
                    folder,
                    len(chosen) - number,
                )
                for number, service in enumerate(chosen)
            )
            results = _until_interrupted(checks)
        return concluded(checking, results, root)


def _until_interrupted(checks: Iterable[CheckResult]) -> list[CheckResult]:
    """The results up to a run that the user stopped; the last of them says so."""
    results: list[CheckResult] = []
    try:
        for result in checks:
            results.append(result)
            if result.code == INTERRUPTED:
                break
    except KeyboardInterrupt:
        if not results:
            raise
        results[-1] = results[-1]._replace(code=INTERRUPTED)
    return results


def tool_exit_code(line: Sequence[str]) -> int:
    """The exit code of the tool, which ends by itself when the user stops both, and writes down what it has. Where only
    this process was stopped, so is the tool.
    """
    with started_process(line, env=environment()) as tool:
        try:
            return tool.wait()
        except KeyboardInterrupt:
            with suppress(subprocess.TimeoutExpired):
                return tool.wait(STOPPING) and INTERRUPTED
            if not _is_of_terminal():
                tool.send_signal(signal.SIGINT)
            return tool.wait() and INTERRUPTED


def _is_of_terminal() -> bool:
    """Whether Ctrl-C of a terminal reaches this process, and with it the tool."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _of_mock(world: str, service: Service, checking: CheckOptions) -> CheckedServer:
    return CheckedServer(f"{world}/{service.name}", tuple(checking.headers), control=f"{world}/__admin")


def _chosen(checking: CheckOptions, service: Service) -> list[str]:
    """The operations of an API that are asked for, as Schemathesis names them."""
    found = checking.selection.chosen(service.spec)
    return [f"{one.method.upper()} {one.path if checking.url else one.full_path}" for one in found]


def run(
    service: Service, document: Json, target: CheckedServer, checking: CheckOptions, folder: Path, apis: int = 1
) -> CheckResult:
    """Checks a server against one API's document with Schemathesis, whose files are kept in the folder. The time that
    is left is that of so many APIs.
    """
    document_file = folder / f"{service.name}.json"
    chosen = _chosen(checking, service)
    ready = prepared(service, document, target, chosen)
    document_file.write_bytes(encode(ready.document))
    shows = target.is_mock or shows_secrets(checking.more)
    keeps = keeps_exchanges(checking.reports)
    RecordedTarget(
        api=service.name,
        address=target.url,
        sample=service.api.credential,
        shows_secrets=shows,
        strict=checking.strict,
        keeps_exchanges=keeps,
        operations=chosen,
        headers=[*checking.headers, *given_headers(checking.more)],
        max_time=checking.selection.max_time or 0,
    ).write(document_file)
    operations = [part for name in chosen for part in ("--include-name", name)]
    selection = checking.selection
    asked = (*selection.arguments(), *selection.time_left(apis), *operations, *checking.more)
    line = command(service, document_file, target, asked, ready.configuration)
    code = tool_exit_code(line)
    return CheckResult(
        service,
        code if code in (0, 1, INTERRUPTED) else 2,
        read(record_of(document_file)),
        read_run(run_file(document_file), service.name),
        exchanges_file(document_file),
    )
