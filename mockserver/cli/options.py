"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence

import click


def _assumptions_given(_ctx: click.Context, _option: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    given = {}
    for value in values:
        name, equals, option = value.partition("=")
        if not equals or "." not in name:
            raise click.BadParameter(f"{value!r}; expected api.name=option, such as xqr.unknown-ids=refuse")
        given[name] = option
    return given


apis_argument = click.argument("apis", nargs=-1, metavar="[API | DOCUMENT]...")
assume_option = click.option(
    "--assume", multiple=True, callback=_assumptions_given, metavar="API.NAME=OPTION",
    help="Switch an assumption; `mockserver assumptions` lists them. May be given often.",
)  # fmt: skip
