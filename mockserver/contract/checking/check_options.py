"""The options of `mockserver check`, and the arguments for its mock and for Schemathesis that follow from them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mockserver.contract.checking.run_selection import RunSelection
from mockserver.contract.reports.findings import require_file
from mockserver.contract.reports.known_findings import read_known
from mockserver.contract.reports.report_files import require_reports
from mockserver.problem import Unusable


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """The options of a check: `apis` are names and files, `url` is a server to check instead of the mock, `more` are
    arguments for `schemathesis run`. `strict`: undeclared refusals are findings; `declared` is the file for an overlay
    with them; empty: none. `root` is the folder that references of documents may lead into; `selection` is what is run.
    `reports` are the files to write as `FORMAT=FILE`, `baseline` is the file of known findings, which `baseline_update`
    writes; `coverage`: the summary has the coverage of each operation.
    `credentials` are for a server, as `SCHEME=SECRET`.
    """

    apis: Sequence[str]
    url: str = ""
    headers: Sequence[str] = ()
    assume: Mapping[str, str] = field(default_factory=dict)
    overlays: Sequence[str] = ()
    more: Sequence[str] = ()
    strict: bool = False
    declared: str = ""
    root: str = ""
    selection: RunSelection = field(default_factory=RunSelection)
    reports: Sequence[str] = ()
    baseline: str = ""
    baseline_update: bool = False
    coverage: bool = False
    credentials: Sequence[str] = ()

    @property
    def served(self) -> list[str]:
        """The `mockserver serve` arguments of the mock that is checked."""
        switches = [part for name, option in self.assume.items() for part in ("--assume", f"{name}={option}")]
        below = ("--root", self.root) if self.root else ()
        return [*self.apis, *switches, *(part for file in self.overlays for part in ("--overlay", file)), *below]


def refuse_bad_arguments(checking: CheckOptions, folder: Path) -> None:
    """Raises Unusable for an invalid header, report or baseline, and for arguments that `schemathesis run` refuses."""
    for header in checking.headers:
        name, colon, _ = header.partition(":")
        if not colon or not name.strip():
            raise Unusable("--header: expected NAME:VALUE, such as 'Authorization: Bearer TOKEN'")
    require_reports(checking.reports)
    if checking.declared:
        require_file(Path(checking.declared), "--declare-refusals")
    if any(part.startswith("--baseline") for part in checking.more):
        raise Unusable("--baseline stands before --: it is a file of mockserver's, for several APIs")
    if checking.baseline_update and not checking.baseline:
        raise Unusable("--baseline-update: name the file with --baseline FILE")
    if checking.baseline_update:
        require_file(Path(checking.baseline), "--baseline")
    if checking.baseline:
        read_known(Path(checking.baseline), may_be_missing=checking.baseline_update)
    import click

    from mockserver.contract.checking.checks.check_table import announce

    announce()
    from schemathesis.cli.commands import run as tool
    from schemathesis.config import SchemathesisConfig

    document = folder / "arguments.json"
    document.write_text("{}", encoding="utf-8")
    twice = {*checking.selection.arguments()[::2]} & {part.partition("=")[0] for part in checking.more}
    if twice:
        raise Unusable(f"{min(twice)} stands before -- and behind it; give it once")
    given: tuple[tuple[Sequence[str], str, list[str]], ...] = (
        (checking.selection.arguments(), "`mockserver check --help` lists what there is", []),
        (checking.more, "`mockserver check -- --help` lists what may stand behind --", ["--"]),
    )
    for arguments, advice, dashes in given:
        try:
            tool.make_context("run", [str(document), "--url", "http://127.0.0.1", *arguments], obj=SchemathesisConfig())
        except click.UsageError as error:
            said = error.format_message().rstrip(".")
            raise Unusable(f"{shlex.join([*dashes, *arguments])}: {said}. {advice}") from None
