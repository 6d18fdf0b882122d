"""`mockserver check`: Schemathesis with everything filled in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

import click

from mockserver.cli.options import assume_option
from mockserver.vendors import APIS


@click.command(short_help="Check the mock, or a real server, with Schemathesis.")
@click.argument("arguments", nargs=-1, metavar="[API | DOCUMENT]... [-- OPTION...]")
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
    help="Send this header, in the place of the mock's default credential if it has its name. May be given often.",
)
@assume_option  # fmt: skip
def check(arguments: Sequence[str], url: str, headers: Sequence[str], assume: dict[str, str]) -> None:
    """Check a server against the documents with Schemathesis: every check, every phase.

    Without --url the mock itself is started on a free port and checked; nothing may be found but what a document leaves
    out: an answer that says no with a status that it does not declare is one. With --url the real
    server is checked with one API's document, or yours, if somebody answers there. What stands behind `--` goes to
    `schemathesis run`, such as `-- --max-examples 50`. Exits with 1 when something was found. Needs the extra `check`:
    pip install '.[check]' where the source is.
    """
    from mockserver.contract.check import check as run

    apis = [*takewhile(lambda argument: not argument.startswith("-"), arguments)]
    raise SystemExit(run(apis or tuple(APIS), url, headers, assume, arguments[len(apis) :]))
