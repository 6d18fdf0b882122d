"""`mockserver compare`: plays the same requests on the mock and on another server, and tells what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mockserver.cli.shared_options import assume_from_option, assume_option, assumed, headers_of, root_option
from mockserver.problem import Unusable


@click.command(short_help="Compare the mock with another server.")
@click.argument("api", metavar="API | FOLDER | DOCUMENT")
@click.option(
    "--url", required=True, metavar="URL", help="The address of the other server, where the document's paths begin."
)
@click.option(
    "-H", "--header", "headers", multiple=True, metavar="NAME:VALUE",
    help="Send this header to the other server; a credential takes the place of the mock's own. May be given often. "
    "The lines of MOCKSERVER_HEADERS are sent too.",
)  # fmt: skip
@click.option("--writes", is_flag=True, help="Also send requests that create, change and delete records.")
@click.option(
    "--all-writes", is_flag=True, help="Also those that may change what others made, such as all records of a list."
)
@click.option("--seed", default=0, metavar="N", help="Of what is generated: the same seed, the same requests.")
@click.option(
    "--max-time", "seconds", type=click.FloatRange(min=1), default=120.0, show_default=True, metavar="SECONDS",
    help="When to begin nothing more.",
)  # fmt: skip
@click.option(
    "--max-sequences", "sequences", type=click.IntRange(min=1), default=200, show_default=True, metavar="N",
    help="Sequences that are generated.",
)  # fmt: skip
@click.option("--first", is_flag=True, help="End with the first difference.")
@click.option(
    "--ignore", multiple=True, metavar="NAME | POINTER",
    help="Do not compare members of this name, what stands at this JSON pointer (* for any part), or the header of "
    "this name. May be given often.",
)  # fmt: skip
@assume_option
@assume_from_option
@click.option(
    "--overlay", "overlays", multiple=True, metavar="[API=]FILE",
    help="Lay an OpenAPI Overlay over the document first. May be given often.",
)  # fmt: skip
@root_option
@click.option(
    "--write", "cases", default="", metavar="DIR",
    help="Write each minimal sequence, and the proposed overlay, into this folder. Without --writes the sequences say "
    "`compares: shapes`, and are compared so when they are replayed.",
)  # fmt: skip
@click.option(
    "--replay", default="", metavar="FILE",
    help="Play this sequence, as --write writes it, and no other. One that changes something needs --writes.",
)  # fmt: skip
@click.option("--json", "report", default="", metavar="FILE", help="Write the report as JSON.")
@click.option("--junit", default="", metavar="FILE", help="Write the report as JUnit XML.")
def compare(**given: Any) -> None:
    """Play the same sequences of requests on the mock and on another server, and tell where their answers differ.

    Compared are status, the response and the alternative of its schema that the document has for an answer, headers,
    and bodies. Ids and times that servers choose themselves are matched, not compared; what differs between two runs on
    one server is not compared. Each difference is shown in the shortest sequence that has it, with curl lines for both,
    and with what would make the mock like the other server.

    Without --writes only reads are sent, and of records, which are others on each server, the shape is compared. With
    --writes records are created, compared by value, and deleted again as far as the API lets; others stay as they are.

    Exits with 0 when the servers answer alike, 1 when something differs, 2 where the arguments or the document cannot
    be used, or nothing was compared.
    """
    from mockserver.contract.compare.compare_options import CompareOptions
    from mockserver.contract.compare.compare_report import (
        json_report,
        junit_report,
        masked_given,
        report_lines,
        write_cases,
    )
    from mockserver.contract.compare.compare_run import compare as run
    from mockserver.contract.reports.findings import require_file, save

    given["assume"] = assumed((given["api"],), given.pop("assume_from"), given["assume"])
    given["headers"] = headers_of(given["url"], given["headers"])
    options = CompareOptions(**given)
    for option, file in (("--json", options.report), ("--junit", options.junit)):
        if file:
            require_file(Path(file), option)
    result = run(options)
    cases, unwritten = {}, None
    try:
        cases = write_cases(result, Path(options.cases), masked_given(options)) if options.cases else {}
    except Unusable as error:
        unwritten = error
    for line in report_lines(result, options, cases):
        click.echo(line)
    if unwritten is not None:
        raise unwritten
    if options.report:
        save(Path(options.report), json_report(result, options, cases), "--json")
    if options.junit:
        save(Path(options.junit), junit_report(result, options), "--junit")
    raise SystemExit(1 if result.found else 0 if result.is_settled else 2)
