"""The command `mockserver`. Exit codes: 0 fine, 1 findings, 2 unusable arguments or document."""

from __future__ import annotations

import json
import logging
import textwrap
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

import click

from mockserver import __version__
from mockserver.engine.sample import base_address, sample_curl
from mockserver.engine.service import Service
from mockserver.problem import Unusable
from mockserver.server import Options, create_app, load_services
from mockserver.server import serve as serve_app
from mockserver.vendors import APIS


class Commands(click.Group):
    """Says what cannot be used in one line, and exits with 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Unusable as error:
            click.echo(f"mockserver: {error}", err=True)
            ctx.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """A fake backend you can trust: validates every request, remembers what it was told, answers as documented."""


def _assumptions_given(_ctx: click.Context, _option: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    given = {}
    for value in values:
        name, equals, option = value.partition("=")
        if not equals or "." not in name:
            raise click.BadParameter(f"{value!r}; expected api.name=option, such as xqr.unknown-ids=refuse")
        given[name] = option
    return given


apis_argument = click.argument("apis", nargs=-1, metavar="[API]...")
assume_option = click.option(
    "--assume", multiple=True, callback=_assumptions_given, metavar="API.NAME=OPTION",
    help="Switch an assumption; `mockserver assumptions` lists them. May be given often.",
)  # fmt: skip


@main.command()
@apis_argument
@click.option(
    "-p", "--port", type=click.IntRange(1, 65535), default=4010, show_default=True, help="The port to listen on."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--limits",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="off: rate limits are counted and reported, and refuse nothing.",
)
@click.option(
    "--errors", is_flag=True, help="An answer of the mock that breaks its own document becomes a 500 that says how."
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="The same seed and requests give the same ids and secrets."
)
@assume_option
@click.option(
    "--journal",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="How many exchanges each world remembers.",
)
@click.option(
    "--admin-token",
    envvar="MOCKSERVER_ADMIN_TOKEN",
    default="",
    metavar="TOKEN",
    help="The control API wants `Authorization: Bearer TOKEN`. Without one it is closed where --host is not the "
    "loopback. Also read from MOCKSERVER_ADMIN_TOKEN.",
)
def serve(apis: Sequence[str], port: int, limits: str, **given: Any) -> None:
    """Serve the bundled APIs, or those named, until Ctrl-C or SIGTERM.

    Each API answers at /{api}{server path}{path}, such as /xqr/api/v1/links. Put /~{world} in front, or send the header
    Mock-World, for a world of your own.
    """
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    options = Options(apis=apis or tuple(APIS), enforce_limits=limits == "on", **given)
    app = create_app(options)
    serve_app(app, options.host, port, lambda: click.echo(welcome(app.services, _root(options.host, port))))


def welcome(services: Mapping[str, Service], root: str) -> str:
    """What is served, a line to try for each API, and where the control API is."""
    width = max(map(len, [*services, "control API"]))
    lines = [(service.name, base_address(service, root), sample_curl(service, root)) for service in services.values()]
    lines.append(("control API", f"{root}/__admin", f"curl {root}/__admin/apis"))
    blocks = [f"  {name:<{width}}  {address}\n      {sample}" for name, address, sample in lines]
    return "\n\n".join([f"mockserver {__version__} serves", *blocks, "Ctrl-C ends it."])


def _root(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared with, not bound to
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


@main.command()
@apis_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of tables.")
def routes(apis: Sequence[str], as_json: bool) -> None:
    """Show every operation: what answers it, and where the rule comes from.

    SOURCE is `seed` for the page an API was first written from, `docs` for another page of the vendor, `assumed`
    where the vendor says nothing.
    """
    rows = [
        {
            "api": service.name,
            "method": operation.method,
            "path": f"/{service.name}{operation.full_path}",
            "operation": operation.id,
            "answeredBy": "handler",
            "source": operation.source,
        }
        for service in load_services(Options(apis=apis or tuple(APIS))).values()
        for operation in service.spec.operations
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    click.echo(
        _table([["METHOD", "PATH", "OPERATION", "ANSWERED BY", "SOURCE"], *([*row.values()][1:] for row in rows)])
    )


@main.command()
@apis_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of text.")
def assumptions(apis: Sequence[str], as_json: bool) -> None:
    """List what the vendors' documents leave open, and what the mock does there.

    Switch one with `mockserver serve --assume api.name=option`. An answer that relied on assumptions names them in the
    header Mock-Assumption.
    """
    for name in apis:
        if name not in APIS:
            raise Unusable(f"{name!r} is none of the bundled APIs; they are {', '.join(APIS)}")
    ledger = [(name, found) for name in apis or APIS for found in APIS[name].assumptions]
    if as_json:
        rows = [
            {
                "name": f"{name}.{found.name}", "question": found.question, "options": dict(found.options),
                "default": found.default, "probe": found.probe,
            }
            for name, found in ledger
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2))
        return
    for name, found in ledger:
        click.echo(f"{name}.{found.name}")
        click.echo(_wrapped(found.question, "  "))
        for option, effect in found.options.items():
            mark = "*" if option == found.default else " "
            click.echo(_wrapped(f"{mark} {option}: {effect}", "  ", "      "))
        click.echo(_wrapped(f"To settle it: {found.probe}", "  ", "    ") + "\n")


@main.command()
@click.argument("arguments", nargs=-1, metavar="[API]... [-- OPTION...]")
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

    Without --url the mock itself is started on a free port and checked; nothing may be found. With --url the real
    server is checked with one API's document. What stands behind `--` goes to `schemathesis run`, such as
    `-- --max-examples 50`. Exits with 1 when something was found. Needs the extra `check`: pip install '.[check]'
    where the source is.
    """
    from mockserver.contract.check import check as run

    apis = [*takewhile(lambda argument: not argument.startswith("-"), arguments)]
    raise SystemExit(run(apis or tuple(APIS), url, headers, assume, arguments[len(apis) :]))


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _wrapped(text: str, indent: str, further: str = "") -> str:
    return textwrap.fill(text, 100, initial_indent=indent, subsequent_indent=further or indent, break_on_hyphens=False)
