"""`mockserver assumptions`: lists the choices that documents leave open, and those of the mock."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence

import click

from mockserver.cli.shared_options import apis_argument
from mockserver.engine.assumptions import Assumption
from mockserver.vendors import APIS


@click.command(short_help="List what documents leave open.")
@apis_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of text.")
def assumptions(apis: Sequence[str], as_json: bool) -> None:
    """List what the documents of the bundled APIs leave open, or those of the APIs, folders and documents that are
    named, and what the mock does there.

    Switch one with `mockserver serve --assume api.name=option`. An answer that relied on assumptions names them in the
    header Mock-Assumption.
    """
    assumptions_of_apis = [*_every(apis or tuple(APIS))]
    if as_json:
        rows = [
            {
                "name": f"{name}.{found.name}", "question": found.question, "options": dict(found.options),
                "default": found.default, "probe": found.probe,
            }
            for name, found in assumptions_of_apis
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2))
        return
    for name, found in assumptions_of_apis:
        click.echo(f"{name}.{found.name}")
        click.echo(_wrapped(found.question, "  "))
        for option, effect in found.options.items():
            mark = "*" if option == found.default else " "
            click.echo(_wrapped(f"{mark} {option}: {effect}", "  ", "      "))
        click.echo(_wrapped(f"To settle it: {found.probe}", "  ", "    ") + "\n")


def _every(apis: Sequence[str]) -> Iterator[tuple[str, Assumption]]:
    """Each assumption with the name of its API. Raises Unusable."""
    from mockserver.server import Options, load_services
    from mockserver.server.loading.selection import select

    for name, path in select(apis).items():
        api = APIS[name] if path is None else load_services(Options(apis=(f"{name}={path}",)))[name].api
        yield from ((name, assumption) for assumption in api.assumptions)


def _wrapped(text: str, indent: str, further: str = "") -> str:
    return textwrap.fill(text, 100, initial_indent=indent, subsequent_indent=further or indent, break_on_hyphens=False)
