"""Comments a summary on a pull request, or changes the comment that an earlier run made: `python3
tools/pull_request_comment.py SUMMARY NAME`, with GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN and PULL_REQUEST set.

The action of this repository runs it with whatever Python there is, so it needs nothing else. Where it may not comment,
as for a pull request from a fork, it says so and ends well: the summary of the job has the same.
"""

from __future__ import annotations

import json
import os
import re
import sys
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

LONGEST = 65_536
"""Characters of a comment that GitHub takes."""
MOST_PAGES = 20
"""Pages of 100 comments that are searched for an earlier one."""
PATIENCE = 30
"""Seconds that GitHub may take."""


def main(summary: Path, name: str) -> None:
    """Comments, if there is a summary."""
    if not summary.exists():
        print("There is no summary to comment.")
        return
    plain = re.sub(r"--+|\s+", "-", name)
    marker = f"<!-- mockserver check: {plain} -->"
    body = f"{marker}\n{summary.read_text(encoding='utf-8')}"[:LONGEST]
    issues = f"/repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    comments = f"{issues}/{os.environ['PULL_REQUEST']}/comments"
    try:
        earlier = earlier_comment(comments, marker)
        if earlier is None:
            ask("POST", comments, {"body": body})
        else:
            ask("PATCH", f"{issues}/comments/{earlier}", {"body": body})
    except HTTPError as error:
        print(f"::warning::The check could not be commented on the pull request: GitHub answers {error.code}.")
    except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
        print(f"::warning::The check could not be commented on the pull request: {error}.")


def earlier_comment(comments: str, marker: str) -> int | None:
    """The id of the comment that begins with the marker and was written with this token, or one of its kind: anybody
    can write a marker.
    """
    user = own_name()
    for page in range(1, MOST_PAGES + 1):
        found = ask("GET", f"{comments}?per_page=100&page={page}")
        for comment in found:
            author = comment["user"] or {}
            is_own = author.get("type") == "Bot" if user is None else author.get("login") == user
            if is_own and (comment["body"] or "").startswith(marker):
                return int(comment["id"])
        if len(found) < 100:
            break
    return None


def own_name() -> str | None:
    """The user whose token it is; None for that of a job or an app, which is nobody's."""
    try:
        return str(ask("GET", "/user")["login"])
    except HTTPError:
        return None


def ask(method: str, path: str, body: object = None) -> Any:
    """The answer of GitHub. Raises HTTPError and URLError."""
    address = os.environ["GITHUB_API_URL"] + path
    headers = {"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}", "Accept": "application/vnd.github+json"}
    content = None if body is None else json.dumps(body).encode()
    request = Request(address, content, headers, method=method)  # noqa: S310 - the address is GitHub's
    with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - as above
        return json.loads(answer.read())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
