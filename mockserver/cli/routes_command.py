"""`mockserver routes`: lists every operation, what answers it, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from mockserver.cli.shared_options import apis_argument, assume_from_option, assume_option, root_option
from mockserver.server import Options, load_services
from mockserver.vendors import APIS


@click.command(short_help="Show every operation, and what answers it.")
@apis_argument
@click.option(
    "--explain", "explained", is_flag=True, help="Tell why: what was seen in a document, and the key that corrects it."
)
@click.option(
    "--overlay", "overlays", multiple=True, metavar="[API=]FILE", help="Lay an OpenAPI Overlay over the document first."
)
@root_option
@assume_option
@assume_from_option
@click.option("--handlers", multiple=True, metavar="[API=]FILE", help="A file of handlers, as `serve` takes it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of tables.")
def routes(apis: Sequence[str], *, explained: bool, as_json: bool, **given: Any) -> None:
    """Show every operation: what answers it, and where the rule comes from.

    ANSWERED BY is `handler` where code answers, `state` where a document's structure tells what to remember, `example`
    or `schema` where an answer is made of the document alone. SOURCE is `seed` for the page a bundled API was first
    written from, `docs` for another page of the vendor, `assumed` where the vendor says nothing.
    """
    from mockserver.cli import listing
    from mockserver.resources.route_lines import route_members, routes_of

    services = load_services(Options(apis=apis or tuple(APIS), **given)).values()
    routes = [route for service in services for route in routes_of(service)]
    if as_json:
        click.echo(json.dumps([route_members(route) for route in routes], indent=2))
    elif explained:
        click.echo("\n\n".join([*map(listing.explanation, routes), *map(listing.collections_of, services)]).rstrip())
    else:
        click.echo(listing.table(routes))
