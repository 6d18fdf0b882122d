"""Prints the lines of the commands that run a server: its addresses, and notes on its documents."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import click

from mockserver.control.server_status import ServerStatus
from mockserver.engine.service import Service
from mockserver.openapi.model.document import Document
from mockserver.openapi.normalize.normalizer import Diagnostic
from mockserver.problem import Problem
from mockserver.proxy.recording.recorded_breaches import lines_of
from mockserver.server.serve_options import Options
from mockserver.state.worlds import Worlds

EVERY_ADDRESS: Final = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
"""Hosts that mean all addresses of this machine."""
MOST_BREACHES: Final = 10
"""Exchanges of a recording that broke its document and are told at the start."""
_STDERR: Final = 2


def open_standard_files() -> None:
    """Opens those that are closed on nothing: else a socket would be taken for standard error, and written to."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(opened, True)
    os.close(opened)
    if sys.stderr is None:  # As Python has it where it was closed.
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def say(text: str, *, err: bool = False) -> None:
    """Prints the text. The mock serves as well where it cannot be written: the disk is full, a pipe is closed."""
    try:
        click.echo(text, err=err)
    except OSError as error:
        if not err:
            say(f"standard output cannot be written ({error.strerror}); the mock serves all the same", err=True)
        # What Python still holds would fail once more when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STDERR if err else 1)


def address_of(host: str, port: int) -> str:
    """The address at which a server that listens there is asked from this machine."""
    address = "127.0.0.1" if host in EVERY_ADDRESS else host
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def kept_lines(status: ServerStatus, worlds: Worlds, options: Options) -> list[str]:
    """Where worlds are kept that outlive the process, how many there are, and which options do not meet those."""
    if status.store is None:
        return []
    try:
        count = len([*worlds.keeper.names()]) if worlds.keeper is not None else 0
    except Problem:
        return [f"Worlds are kept in {status.store.check().store}, which does not answer yet."]
    kept = f"Worlds are kept in {status.store.check().store}; {count} {'is' if count == 1 else 'are'} there already."
    asked = [name for name, value in (("--delay", options.delay), ("--fail", options.fail)) if value]
    if not count or not asked:
        return [kept]
    return [
        kept,
        f"{' and '.join(asked)} meet{'' if asked[1:] else 's'} only worlds that begin from now on, or are reset.",
    ]


def notes(services: Mapping[str, Service]) -> list[str]:
    """The number of defects of each document, in a line each, then the overlay actions that matched nothing, then what
    a recorded session had that the mock answers otherwise.
    """
    specs = {name: service.spec for name, service in services.items()}
    flawed = [
        f"{name}: {_counted(spec.diagnostics)}; `{_lint(spec)}` tells"
        for name, spec in specs.items()
        if spec.diagnostics
    ]
    unmatched = (f"{name}: {finding}" for name, spec in specs.items() for finding in spec.unmatched)
    broken = (f"{name}: {line}" for name, spec in specs.items() for line in lines_of(spec.document, MOST_BREACHES))
    return [*flawed, *unmatched, *broken]


def _lint(spec: Document) -> str:
    return shlex.join(
        ["mockserver", "lint", *map(str, spec.files[:1]), *(f"--overlay={file}" for file in spec.overlays)]
    )


def _counted(diagnostics: Sequence[Diagnostic]) -> str:
    errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
    counts = (("error", errors), ("warning", len(diagnostics) - errors))
    return ", ".join(f"{count} {noun}{'' if count == 1 else 's'} in the document" for noun, count in counts if count)
