"""Arguments and options that several commands share."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from os import environ
from typing import Any, Final

import click
from click.core import ParameterSource

from mockserver.problem import Unusable
from mockserver.server.loading.assumed_file import assumed_of
from mockserver.server.loading.selection import select
from mockserver.server.request_log import AUTO, JSON, OFF, TEXT
from mockserver.state.clock import LONGEST_DELAY
from mockserver.vendors import APIS

Command = Callable[..., Any]

HEADERS_VARIABLE: Final = "MOCKSERVER_HEADERS"
"""The environment variable with headers for a real server, a line each, so that no secret stands on a command line."""


CREDENTIALS_VARIABLE: Final = "MOCKSERVER_CREDENTIALS"
"""The environment variable with secrets for the security schemes of a document, `SCHEME=SECRET`, a line each."""


def _assumptions_given(_ctx: click.Context, _option: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    given = {}
    for value in values:
        name, equals, option = value.partition("=")
        if not equals or "." not in name:
            raise Unusable(f"--assume {value}: expected api.name=option, such as xqr.unknown-ids=refuse")
        given[name] = option
    return given


def assumed(apis: Sequence[str], files: Sequence[str], switched: Mapping[str, str]) -> dict[str, str]:
    """The options of assumptions that the files say for these APIs, then those that were switched, which win. What the
    files say of bundled APIs that are not among them is left out. Raises Unusable.
    """
    return assumed_of(files, switched, select(apis)) if files else dict(switched)


def credentials_of(url: str, given: Sequence[str]) -> tuple[str, ...]:
    """The credentials for a server, `SCHEME=SECRET`: those that were given, and, if it has a URL, those of the
    environment, a line each, for other schemes.
    """
    schemes = {text.partition("=")[0] for text in given}
    lines = environ.get(CREDENTIALS_VARIABLE, "").splitlines() if url else []
    return (*given, *(line.strip() for line in lines if line.strip() and line.strip().partition("=")[0] not in schemes))


def headers_of(url: str, given: Sequence[str], auth: str = "") -> tuple[str, ...]:
    """The headers for a server: those that were given, that of `auth` (`user:password`), and, if it has a URL, those of
    the environment, a line each, that have other names. Raises Unusable.
    """
    name, colon, _ = auth.partition(":")
    if auth and not (colon and name):
        raise Unusable(
            "--auth: expected USER:PASSWORD, sent as Basic; a token is given as -H 'Authorization: Bearer TOKEN'"
        )
    basic = [f"Authorization: Basic {b64encode(auth.encode()).decode()}"] if auth else []
    said = (*given, *basic)
    names = {header.partition(":")[0].strip().lower() for header in said}
    lines = environ.get(HEADERS_VARIABLE, "").splitlines() if url else []
    others = (line.strip() for line in lines if line.strip() and line.partition(":")[0].strip().lower() not in names)
    return (*said, *others)


def refuse_without_documents(context: click.Context, apis: Sequence[str], names: Sequence[str]) -> None:
    """Raises Unusable if one of these options, which apply to users' documents, was given and only bundled APIs are
    served.
    """
    given = [f"--{name}" for name in names if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if given and all(api in APIS for api in apis):
        raise Unusable(
            f"{', '.join(given)}: without effect on the bundled APIs, and nothing else is served here; their own code "
            "says what they do. Leave it out, or name the file of an OpenAPI document, or a folder"
        )


root_option = click.option(
    "--root", default="", metavar="DIR",
    help="Of your documents: the folder below which files that they refer to are read, where that is not their own.",
)  # fmt: skip
apis_argument = click.argument("apis", nargs=-1, metavar="[API | FOLDER | DOCUMENT]...")
assume_option = click.option(
    "--assume", multiple=True, callback=_assumptions_given, metavar="API.NAME=OPTION",
    help="Switch an assumption; `mockserver assumptions` lists them. May be given often.",
)  # fmt: skip
assume_from_option = click.option(
    "--assume-from", "assume_from", multiple=True, metavar="FILE",
    help="Switch the assumptions that this file says, as `mockserver assumptions --url URL --write FILE` makes it; "
    "--assume wins. May be given often.",
)  # fmt: skip
port_option = click.option(
    "-p",
    "--port",
    type=click.IntRange(0, 65535),
    default=4010,
    show_default=True,
    help="The port to listen on; 0 takes a free one, which the first lines say.",
)
host_option = click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
log_option = click.option(
    "--log",
    type=click.Choice([AUTO, TEXT, JSON, OFF]),
    default=AUTO,
    show_default=True,
    help="A line for each request on standard error, secrets masked, as text or JSON; auto: as text, on a terminal.",
)
journal_option = click.option(
    "--journal",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="How many exchanges each world remembers.",
)
admin_token_option = click.option(
    "--admin-token",
    envvar="MOCKSERVER_ADMIN_TOKEN",
    default="",
    metavar="TOKEN",
    help="The control API wants `Authorization: Bearer TOKEN`. Without one it is closed where --host is not the "
    "loopback. Also read from MOCKSERVER_ADMIN_TOKEN.",
)


def delay_option(what: str) -> Callable[[Command], Command]:
    """`--delay MS`, which waits before `what`."""
    return click.option(
        "--delay", type=click.FloatRange(0, LONGEST_DELAY * 1000), default=0.0, metavar="MS",
        help=f"Milliseconds before {what}.",
    )  # fmt: skip


fail_option = click.option(
    "--fail", multiple=True, metavar="WHERE=WHAT[:P]",
    help='What fails, all the time or with a probability: "listPets=503:0.1", "GET /pets/*=reset", "*=500:0.01". '
    "May be given often; /__admin/faults does more.",
)  # fmt: skip
