"""The command `mockserver`. Exit codes: 0 fine, 1 findings, 2 unusable arguments or document."""

from __future__ import annotations

import click

from mockserver import __version__
from mockserver.cli.assumptions import assumptions
from mockserver.cli.check import check
from mockserver.cli.lint import lint_document
from mockserver.cli.routes import routes
from mockserver.cli.serve import serve
from mockserver.problem import Unusable


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


for command in (serve, routes, check, lint_document, assumptions):
    main.add_command(command)
