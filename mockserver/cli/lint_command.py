"""`mockserver lint`: lists the defects of a document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from mockserver.cli.shared_options import root_option
from mockserver.openapi.source.source import Finding


@click.command("lint", short_help="Say what is wrong with an OpenAPI document, and where.")
@click.argument("document", metavar="API | FOLDER | DOCUMENT")
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Lay this OpenAPI Overlay on the document first. May be given often.",
)
@root_option
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of lines.")
def lint_document(document: str, overlays: Sequence[Path], root: str, as_json: bool) -> None:
    """Say what is wrong with an OpenAPI document, each with file, line and pointer. It is named by its file, by the
    folder that it stands in as openapi.yaml, by - for standard input, or by the name of a bundled API.

    Of a folder the records are looked at too, and code and assumptions are tried.

    An `error` keeps a part of the document from being served as it is meant, or would let the mock answer against it; a
    `warning` does not. Keys of the mock's own (`x-mock-*`) are looked at as well, and what came with an overlay has its
    place there. Where nothing is wrong, nothing is said. Exits with 1 if there is an error, with 2 if the document
    cannot be read at all.
    """
    from mockserver.openapi.lint import has_errors, lint
    from mockserver.server import Options, load_services
    from mockserver.server.loading.api_files import files_of_api
    from mockserver.server.loading.record_lint import lint_records
    from mockserver.server.loading.selection import select

    [(name, file)] = select([document]).items()
    files = files_of_api(name, file)
    findings = lint(files.document, overlays, Path(root) if root else None)
    if file is not None and file.is_dir():
        service = load_services(Options(apis=(f"{name}={file}",), overlays=tuple(map(str, overlays)), root=root))[name]
        findings += lint_records(service, files.records) if files.records else ()
    if as_json:
        click.echo(json.dumps([_finding_row(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            place = f"{finding.name}:{finding.line}"
            click.echo(f"{place}: {finding.severity}: {finding.message} (#{finding.pointer})")
    raise SystemExit(int(has_errors(findings)))


def _finding_row(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.name,
        "line": finding.line,
        "pointer": finding.pointer,
        "severity": finding.severity,
        "message": finding.message,
    }
