"""`mockserver assumptions`: lists the choices that documents leave open, and asks a server what it does there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from mockserver.cli.assumption_list import has_word, list_assumptions, named_assumptions, refuse_unknown_names
from mockserver.cli.shared_options import (
    apis_argument,
    assume_from_option,
    assume_option,
    assumed,
    headers_of,
    root_option,
)
from mockserver.problem import Unusable
from mockserver.vendors import APIS

_PROBING = ("all", "header", "caller", "value", "server", "receiver", "receiver-port", "pause", "write", "only",
            "spend", "live", "wait")  # fmt: skip


def _pairs(_ctx: click.Context, option: click.Parameter, values: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for value in values:
        name, equals, rest = value.partition("=")
        if not equals or not name or not rest:
            # What was given may be a secret, so it is not repeated.
            raise Unusable(f"{option.opts[-1]}: expected {option.make_metavar(_ctx)}, both parts with a text")
        pairs.append((name, rest))
    return pairs


@click.command(short_help="List what documents leave open, and ask a server what it does there.")
@apis_argument
@click.option("--search", default="", metavar="WORD", help="Only those that have this word somewhere.")
@click.option("--short", is_flag=True, help="A line each: the name and the options, the one that holds first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON value instead of text.")
@click.option(
    "--url",
    default="",
    metavar="URL",
    help="Ask the server at this address, where the document's paths begin, what it does.",
)
@click.option("--all", "plays_all", is_flag=True, help="Of --url: ask also what changes something on the server.")
@click.option("--only", multiple=True, metavar="NAME", help="Of --url: ask for this assumption. May be given often.")
@click.option(
    "-H",
    "--header",
    "headers",
    multiple=True,
    metavar="NAME:VALUE",
    help="Of --url: send this header. May be given often. The lines of MOCKSERVER_HEADERS are sent too.",
)
@click.option(
    "--caller",
    "callers",
    multiple=True,
    callback=_pairs,
    metavar="CALLER=NAME:VALUE",
    help="Of --url: the header that somebody else sends, whom a probe needs: 'reader=Authorization: Bearer TOKEN'. May "
    "be given often.",
)
@click.option(
    "--value",
    "values",
    multiple=True,
    callback=_pairs,
    metavar="NAME=TEXT",
    help="Of --url: what a probe has to know, such as the id of your project: project=UUID. May be given often.",
)
@click.option(
    "--server",
    "servers",
    multiple=True,
    callback=_pairs,
    metavar="URL=URL",
    help="Of --url: where another server of the document is: https://xqr.co=http://127.0.0.1:8080. May be given often.",
)
@click.option(
    "--receiver",
    default="",
    metavar="URL",
    help="Of --url: an address for the server's webhooks, whose requests come to --receiver-port of this machine. A "
    "server on this machine needs none.",
)
@click.option("--receiver-port", type=click.IntRange(0, 65535), default=0, metavar="PORT", help="See --receiver.")
@click.option(
    "--pause", type=click.FloatRange(0, 60), default=0.0, metavar="SECONDS", help="Of --url: wait before each request."
)
@click.option(
    "--spend",
    "spends",
    is_flag=True,
    help="Of --url, with --all: ask also what costs something for good, such as the calls of an hour, or a record that "
    "cannot be made again. Each line that is unclear says what it would cost.",
)
@click.option(
    "--live",
    default="",
    metavar="URL",
    help="Of --url: where live clients connect, if not at the same host. Of a mock: the address of its --live-port.",
)
@click.option(
    "--wait",
    "longest_wait",
    type=click.FloatRange(0, 86_400),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="Of --url: wait at most so long in one step. The time of a mock on this machine is moved instead.",
)
@click.option(
    "--write",
    default="",
    metavar="FILE",
    help="Of --url: write what the server does, for `serve --assume-from FILE`. What the file has of assumptions that "
    "are not asked this time is kept; where nothing is settled, it is left as it is.",
)
@click.option(
    "--try-probes",
    "tries_probes",
    is_flag=True,
    help="Play each probe on mocks of every option, and tell of those that do not tell the options apart.",
)
@root_option
@assume_option
@assume_from_option
def assumptions(
    apis: Sequence[str],
    *,
    search: str,
    short: bool,
    as_json: bool,
    url: str,
    assume: Mapping[str, str],
    assume_from: Sequence[str],
    **given: Any,
) -> None:
    """List what the documents of the bundled APIs leave open, or those of the APIs, folders and documents that are
    named, and what the mock does there.

    Switch one with `mockserver serve --assume api.name=option`. An answer that relied on assumptions names them in the
    header Mock-Assumption.

    With --url a server is asked what it does: each probe is a few requests, sent to the server and to a mock of every
    option; the option whose mock answers like the server is the server's. `confirmed`: the mock assumes it; `refuted`:
    it assumes another; `unclear`: no option fits, or more than one, or it was not asked. Only what changes nothing is
    asked, unless --all is given; what was made is then deleted again, where the API can. A server that asks to wait
    (429) is waited for.

    Exits with 0; with 1 where something was refuted, or is not told apart by --try-probes; with 2 where the arguments
    cannot be used, nobody answers, or nothing at all was settled.
    """
    apis = apis or tuple(APIS)
    chosen = assumed(apis, assume_from, assume)
    root = given["root"]
    if url or given["tries_probes"]:
        # What plays requests is imported where it is needed, since it takes its time.
        from mockserver.cli.assumption_probing import ask_server, try_probes
    if given.pop("tries_probes"):
        raise SystemExit(try_probes(apis, chosen, root))
    if url:
        given["headers"] = headers_of(url, given["headers"])
        raise SystemExit(ask_server(apis, url, search, as_json=as_json, assume=chosen, **given))
    _refuse_without_url()
    every = [*named_assumptions(apis, root)]
    refuse_unknown_names(every, chosen)
    found = [one for one in every if has_word(one, search)]
    list_assumptions(found, chosen, short=short, as_json=as_json)
    if not found:
        why = f"none of the {len(every)} assumptions has the word {search!r}" if every else "nothing is left open"
        click.echo(f"{', '.join(apis)}: {why}", err=True)


def _refuse_without_url() -> None:
    context = click.get_current_context()
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        names = [option.lstrip("-") for option in parameter.opts]
        if source is click.core.ParameterSource.COMMANDLINE and {*names} & {*_PROBING}:
            raise Unusable(f"{parameter.opts[-1]} goes with --url URL, which says which server is asked")
