"""`mockserver check`: runs Schemathesis with document, credential and world filled in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import click

from mockserver.cli.shared_options import (
    assume_from_option,
    assume_option,
    assumed,
    credentials_of,
    headers_of,
    root_option,
)
from mockserver.contract.checking.checks.check_names import NAMES
from mockserver.openapi.source.source import STDIN
from mockserver.problem import Unusable
from mockserver.vendors import APIS


class CheckCommand(click.Command):
    """Tells users who put options of Schemathesis elsewhere where they belong."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            hint = "Options of Schemathesis stand behind --, as in `mockserver check xqr -- --request-timeout 5`."
            raise click.UsageError(f"{error.format_message()} {hint}", ctx) from None


_OWN_CHECKS = "\n".join(["\b", "Checks of what answers say about each other:", *(
    f"  {name}: {text}" for name, text in NAMES.items()
)])  # fmt: skip


@click.command(cls=CheckCommand, short_help="Check the mock, or a real server, with Schemathesis.", epilog=_OWN_CHECKS)
@click.argument("arguments", nargs=-1, metavar="[API | FOLDER | DOCUMENT]... [-- OPTION...]")
@click.option(
    "--url",
    default="",
    metavar="URL",
    help="Check the server at this address, where the document's paths begin, instead of the mock.",
)
@click.option(
    "-H",
    "--header",
    "headers",
    multiple=True,
    metavar="NAME:VALUE",
    help="Send this header, in the place of the mock's default credential if it has its name. May be given often. "
    "With --url the lines of MOCKSERVER_HEADERS are sent too.",
)
@click.option("--auth", default="", metavar="USER:PASSWORD", help="Send these by Basic authentication.")
@click.option(
    "--credential",
    "credentials",
    multiple=True,
    metavar="SCHEME=SECRET",
    help="With --url: send this as the security scheme of the document says, such as in the query. May be given often. "
    "The lines of MOCKSERVER_CREDENTIALS are sent too.",
)
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    metavar="[API=]FILE",
    help="Lay an OpenAPI Overlay over a document first. May be given often.",
)
@root_option
@click.option(
    "--phases",
    default="",
    metavar="NAME,...",
    help="Run these phases: examples, coverage, fuzzing, stateful. [default: all]",
)
@click.option("--checks", default="", metavar="NAME,...", help="Run these checks; see below. [default: all]")
@click.option("--exclude-checks", default="", metavar="NAME,...", help="Leave these checks out.")
@click.option(
    "--operation",
    "operations",
    multiple=True,
    metavar="ID",
    help="Test this operation alone: its operationId, or 'GET /path'. May be given often.",
)
@click.option("--workers", default="", metavar="N|auto", help="Test so many operations at a time. [default: 1]")
@click.option(
    "--max-examples", type=click.IntRange(1), metavar="N", help="Make so many requests by chance for an operation."
)
@click.option("--seed", type=int, help="Repeat the requests of a run that had this seed.")
@click.option(
    "--max-time",
    type=click.IntRange(1),
    metavar="SECONDS",
    help="Spend so much time, on all APIs together; requests by chance are made until it is over.",
)
@click.option("--strict", is_flag=True, help="A refusal with a status that the document does not declare is a finding.")
@click.option(
    "--declare-refusals",
    "declared",
    default="",
    metavar="FILE",
    help="Write an OpenAPI Overlay that declares the refusals that the document does not; of one API or document.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Write a report of all APIs into one file: junit, html, json, markdown (at most 65,000 characters, for a pull"
    " request) or har (every exchange). May be given often.",
)
@click.option("--junit", default="", metavar="FILE", help="The same as --report junit=FILE.")
@click.option(
    "--baseline",
    default="",
    metavar="FILE",
    help="Known findings: only others fail the check, and those that no longer occur are told.",
)
@click.option(
    "--baseline-update", is_flag=True, help="Write the findings of this run into the file of --baseline; none fails."
)
@click.option("--coverage", is_flag=True, help="Tell for each operation what was exercised, and what was not.")
@assume_option
@assume_from_option
def check(arguments: Sequence[str], reports: tuple[str, ...], junit: str, **given: Any) -> None:
    """Check a server against the documents with Schemathesis: every check, every phase, on after failures.

    Without --url the mock itself is started on a free port and checked. With --url the real server is checked with one
    API's document, or yours, if somebody answers there. What stands behind `--` goes to `schemathesis run`, such as
    `-- --request-timeout 5`. The mock has a fresh world for each run, and no rate limits.

    Refusals with a status that the document does not declare are told in a line an operation, and are no findings
    unless --strict. Where Schemathesis misjudges an answer, the finding is taken back, or told apart with what the
    document says.

    Beside the checks of Schemathesis, which `-- --help` lists, there are checks of what answers say about each other,
    listed below. `--checks` and `--exclude-checks` take the names of both.

    It ends with each finding once: what was sent, what came, why that is wrong, and a curl line that repeats it; then a
    line for each API. The curl lines of a mock have its sample credential; those of a real server have $TOKEN or the
    like in its place, unless `-- --output-sanitize false`.

    Exits with 0 when nothing was found, 1 when something was, 2 where the arguments or the document cannot be used.
    Needs the extra `check`: pip install 'mockserver[check]'.
    """
    try:
        conclusion = _concluded(arguments, (*reports, f"junit={junit}") if junit else reports, given)
    except KeyboardInterrupt:
        raise Unusable("stopped before the check had ended") from None
    for line in conclusion.lines:
        click.echo(line)
    for error in conclusion.problems:
        click.echo(f"mockserver: {error}", err=True)
    raise SystemExit(conclusion.code)


def _concluded(arguments: Sequence[str], reports: tuple[str, ...], given: dict[str, Any]) -> Any:
    """Runs the check. What it needs is imported here, since that takes its time."""
    from mockserver.contract.checking.check_options import CheckOptions
    from mockserver.contract.checking.run import check as run
    from mockserver.contract.checking.run_selection import SELECTED, RunSelection

    apis = [*takewhile(lambda argument: argument == str(STDIN) or not argument.startswith("-"), arguments)]
    given["assume"] = assumed(apis or tuple(APIS), given.pop("assume_from"), given["assume"])
    given["headers"] = headers_of(given["url"], given["headers"], given.pop("auth"))
    given["credentials"] = credentials_of(given["url"], given["credentials"])
    selected: dict[str, Any] = {name: given.pop(name) for name in SELECTED}
    selection = RunSelection(**selected)
    return run(
        CheckOptions(
            apis=apis or tuple(APIS), more=arguments[len(apis) :], selection=selection, reports=reports, **given
        )
    )
