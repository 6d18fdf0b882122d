"""`mockserver coverage`: tells which parts of the documents the requests to a running mock exercised."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import click

from mockserver.json_text import Json
from mockserver.problem import Unusable

PATIENCE = 30
"""Seconds that the control API of the mock may take."""


@click.command(short_help="Tell which parts of the documents requests to a running mock exercised.")
@click.option("--url", required=True, metavar="URL", help="Where the mock is, such as http://127.0.0.1:4010.")
@click.option("--api", default="", metavar="API", help="Only this API.")
@click.option("--world", default="", metavar="WORLD", help="Only the requests in this world, not those of all worlds.")
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

    The journal of a world has its latest requests (`serve --journal`); how many are not counted any longer is told.

    Exits with 0, with 1 where --fail-under asks for more, with 2 where no mock answers.
    """
    from mockserver.testing import coverage_report

    required = coverage_report.threshold(least, "--fail-under")
    for file in reports:
        coverage_report.refuse_format(file, "--report")
    found = _asked(url, api, world, admin_token)
    for file in reports:
        coverage_report.write(found, file, "--report")
    lines = coverage_report.lines_of(found)
    if found["dropped"]:
        lines.append(f"{found['dropped']} requests are no longer in the journals and do not count")
    missed = coverage_report.shortfalls(found, required)
    click.echo("\n".join([*lines, *missed]))
    if missed:
        click.get_current_context().exit(1)


def _asked(url: str, api: str, world: str, token: str) -> Json:
    """The answer of the control API. Raises Unusable."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Unusable(f"--url {url}: expected where the mock is, such as http://127.0.0.1:4010")
    query = [*(["worlds=all"] if not world else []), *([f"api={quote(api)}"] if api else [])]
    above = f"/~{quote(world)}" if world else ""
    address = f"{parts.scheme}://{parts.netloc}{above}/__admin/coverage?{'&'.join(query)}"
    request = Request(address, headers={"Authorization": f"Bearer {token}"} if token else {})  # noqa: S310 - its scheme is http
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            found = json.loads(answer.read())
    except HTTPError as error:
        raise Unusable(f"--url {url}: {address} answers {error.code}: {_reason(error)}") from None
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise Unusable(f"--url {url}: no mock answers there: {reason}. Start it with `mockserver serve`") from None
    return found


def _reason(error: HTTPError) -> str:
    """What the problem says; else the status in words."""
    try:
        return str(json.loads(error.read())["detail"])
    except (ValueError, LookupError, TypeError, OSError):
        return str(error.reason)
