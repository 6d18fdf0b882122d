"""`mockserver coverage`: tells which parts of the documents the requests to a running mock exercised."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import click

from mockserver.json_text import Json
from mockserver.problem import Unusable

PATIENCE = 30
"""Seconds that the control API of the mock may take."""
MOST_NAMES = 5
"""Worlds that are named where another one is asked for."""


@click.command(short_help="Tell which parts of the documents requests to a running mock exercised.")
@click.option("--url", required=True, metavar="URL", help="Where the mock is, such as http://127.0.0.1:4010.")
@click.option("--api", default="", metavar="API", help="Only this API.")
@click.option("--world", default="", metavar="WORLD", help="Only what is in the journal of this world, not all worlds.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FILE",
    help="Write a report: .json, .md or .xml (JUnit); may be given often.",
)
@click.option(
    "--fail-under",
    "least",
    default="",
    metavar="PERCENT",
    help="Exit with 1 where less was exercised: 80, or operations=100,statuses=60.",
)
@click.option("--admin-token", default="", envvar="MOCKSERVER_ADMIN_TOKEN", help="The token of the control API.")
def coverage(url: str, *, api: str, world: str, reports: Sequence[str], least: str, admin_token: str) -> None:
    """Tell which operations, statuses and parameters of the documents the requests in the journals of a running mock
    exercised: what is documented and was never seen, and what was seen and is not documented.

    All worlds count, those that were reset or deleted meanwhile too, since the mock started. The journal of a world has
    its latest requests (`serve --journal`); how many are not counted any longer is told.

    Exits with 0, with 1 where --fail-under asks for more, with 2 where no mock answers, the world is not there, or a
    report cannot be written.
    """
    from mockserver.testing import coverage_report

    required = coverage_report.threshold(least, "--fail-under")
    for file in reports:
        coverage_report.refuse_report(file, "--report")
    found = _asked(url, api, world, admin_token)
    lines = coverage_report.lines_of(found)
    if found["dropped"]:
        lines.append(f"{found['dropped']} requests are no longer in the journals and do not count")
    missed = coverage_report.shortfalls(found, required)
    click.echo("\n".join([*lines, *missed]))
    for file in reports:
        coverage_report.write(found, file, "--report")
        click.echo(f"{file} is the report")
    if missed:
        click.get_current_context().exit(1)


def _asked(url: str, api: str, world: str, token: str) -> Json:
    """The coverage that the control API tells. Raises Unusable."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Unusable(f"--url {url}: expected where the mock is, such as http://127.0.0.1:4010")
    root = f"{parts.scheme}://{parts.netloc}"
    if world:
        _refuse_unknown_world(world, _answer(url, f"{root}/__admin/worlds", token, "worlds"))
    query = [*(["worlds=ever"] if not world else []), *([f"api={quote(api)}"] if api else [])]
    above = f"/~{quote(world)}" if world else ""
    return _answer(url, f"{root}{above}/__admin/coverage?{'&'.join(query)}", token, "dropped")


def _refuse_unknown_world(world: str, listed: Json) -> None:
    """Raises Unusable for a world that is not there; asked for its coverage, the mock would make it."""
    names = [str(one["name"]) for one in listed["worlds"]]
    if world not in names:
        near = get_close_matches(world, names, MOST_NAMES) or names[:MOST_NAMES]
        raise Unusable(f"--world {world}: the mock has no world of this name; the nearest: {', '.join(near)}")


def _answer(url: str, address: str, token: str, member: str) -> Json:
    """The answer of the control API, an object that has this member. Raises Unusable."""
    request = Request(address, headers={"Authorization": f"Bearer {token}"} if token else {})  # noqa: S310 - its scheme is http
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            found = json.loads(answer.read())
    except HTTPError as error:
        raise _refusal(url, address, error) from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        found = None
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        said = getattr(reason, "strerror", None) or reason
        raise Unusable(f"--url {url}: no mock answers there: {said}. Start it with `mockserver serve`") from None
    if not isinstance(found, dict) or member not in found:
        raise Unusable(f"--url {url}: no mock is there: {address} answers something else than a mock does")
    return found


def _refusal(url: str, address: str, error: HTTPError) -> Unusable:
    """What is wrong where the answer is an error: a mock's problem says it; others are no mock."""
    try:
        return Unusable(f"--url {url}: {address} answers {error.code}: {json.loads(error.read())['detail']}")
    except (ValueError, LookupError, TypeError, OSError, HTTPException):
        return Unusable(
            f"--url {url}: no mock is there: {address} answers {error.code}, as no mock does. Expected the address of "
            "`mockserver serve`, such as http://127.0.0.1:4010"
        )
