"""`mockserver assumptions`: what the vendors' documents leave open."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

import click

from mockserver.problem import Unusable
from mockserver.vendors import APIS


@click.command(short_help="List what the vendors' documents leave open.")
@click.argument("apis", nargs=-1, metavar="[API]...")
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


def _wrapped(text: str, indent: str, further: str = "") -> str:
    return textwrap.fill(text, 100, initial_indent=indent, subsequent_indent=further or indent, break_on_hyphens=False)
