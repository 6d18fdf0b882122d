"""The command `mockserver`. Exit codes: 0 success, 1 findings, 2 unusable arguments or document."""

from __future__ import annotations

import re
import shlex
from difflib import get_close_matches
from pathlib import Path

import click

from mockserver import __version__
from mockserver.cli.assumptions_command import assumptions
from mockserver.cli.check_command import check
from mockserver.cli.compare_command import compare
from mockserver.cli.coverage_command import coverage
from mockserver.cli.lint_command import lint_document
from mockserver.cli.proxy_command import proxy
from mockserver.cli.routes_command import routes
from mockserver.cli.serve_command import serve
from mockserver.problem import Unusable
from mockserver.vendors import APIS

_DOCUMENT = re.compile(r"\.(?:ya?ml|json)\Z", re.IGNORECASE)


class Commands(click.Group):
    """Reports unusable arguments, and Ctrl-C, in one line and exits with 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Unusable as error:
            click.echo(f"mockserver: {error}", err=True)
            ctx.exit(2)
        except KeyboardInterrupt:  # click would exit with 1, which says that something was found.
            click.echo("mockserver: stopped before its end", err=True)
            ctx.exit(2)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggests a command to a user who gave a document or an API in place of one."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("--"):
            near = get_close_matches(name, self.list_commands(ctx), 1)
            if name in APIS or name == "-" or _DOCUMENT.search(name) or Path(name).exists():
                ctx.fail(f"{name!r} is no command. To serve it: {shlex.join(['mockserver', 'serve', *args])}")
            if near:
                ctx.fail(f"{name!r} is no command; did you mean `mockserver {near[0]}`?")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """A fake backend you can trust: validates every request, remembers what it was told, answers as documented."""


for command in (serve, routes, check, compare, coverage, lint_document, assumptions, proxy):
    main.add_command(command)
