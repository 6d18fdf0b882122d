"""The server that tests of checks stand on: right as it is, and each planted bug is seen with a few requests."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.broken_app import BUGS, DOCUMENT, KEY, tracking

ROOT = Path(__file__).parents[2]


def client(url: str) -> httpx.Client:
    """A client with the key."""
    return httpx.Client(base_url=url, headers={"X-Api-Key": KEY}, verify=False)


def made(http: httpx.Client, **members: object) -> Any:
    """A new ticket."""
    return http.post("/tickets", json={"title": "A", **members}).json()["id"]


def of_a_page(http: httpx.Client) -> object:
    """The ids of two pages of two."""
    for _ in range(4):
        made(http)
    pages = [http.get("/tickets", params={"limit": 2, "offset": offset}).json()["items"] for offset in (0, 2)]
    return [[ticket["id"] for ticket in page] for page in pages]


def of_a_batch(http: httpx.Client) -> object:
    """The status of a batch whose second item is invalid, and the number of tickets then."""
    answer = http.post("/tickets/batch", json={"items": [{"title": "A"}, {"title": ""}]})
    return answer.status_code, http.get("/tickets").json()["total"]


def of_a_key(http: httpx.Client) -> object:
    """The ids of two answers to one Idempotency-Key, and the number of tickets then."""
    ids = [
        http.post(
            "/tickets", json={"title": "A"}, headers={"Idempotency-Key": "1c7a3b52-7c0e-4f0e-9a39-0d2a5a3f4b11"}
        ).json()["id"]
        for _ in range(2)
    ]
    return ids, http.get("/tickets").json()["total"]


def of_a_change(http: httpx.Client) -> object:
    """The votes that a change answered, and those that are read then."""
    ticket = made(http)
    return [
        http.patch(f"/tickets/{ticket}", json={"votes": 7}).json()["votes"],
        http.get(f"/tickets/{ticket}").json()["votes"],
    ]


def of_an_id(http: httpx.Client) -> object:
    """The ids before and after a delete."""
    first = made(http)
    http.delete(f"/tickets/{first}")
    return first, made(http)


SEEN: dict[str, tuple[Callable[[httpx.Client], object], object, object]] = {
    "wrong-type": (lambda http: http.get(f"/tickets/{made(http)}").json()["votes"], 0, "0"),
    "missing-member": (lambda http: made(http) and "createdAt" in http.get("/tickets").json()["items"][0], True, False),
    "wrong-status": (lambda http: http.patch(f"/tickets/{made(http)}", json={"votes": -1}).status_code, 422, 200),
    "undocumented-status": (lambda http: http.delete(f"/tickets/{made(http)}").status_code, 204, 202),
    "lost-write": (of_a_change, [7, 7], [7, 0]),
    "reused-id": (of_an_id, (1, 2), (1, 1)),
    "partial-batch": (of_a_batch, (422, 0), (422, 1)),
    "ignored-auth": (
        lambda http: httpx.get(f"{http.base_url}tickets/{made(http)}", verify=False).status_code,
        401,
        200,
    ),
    "wrong-content-type": (
        lambda http: http.get(f"/tickets/{made(http)}").headers["Content-Type"],
        "application/json",
        "text/plain",
    ),
    "server-error": (lambda http: http.post("/tickets", json={"title": "café"}).status_code, 201, 500),
    "repeating-page": (of_a_page, [[1, 2], [3, 4]], [[1, 2], [2, 3]]),
    "replay": (of_a_key, ([1, 1], 1), ([1, 2], 2)),
}


def test_every_bug_has_a_test():
    """None is planted that nothing shows."""
    assert SEEN.keys() == BUGS.keys()


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_there_when_it_is_planted_and_else_not(bug):
    """The right server, one with all other bugs left out, and what tells them apart."""
    ask, right, wrong = SEEN[bug]

    with tracking() as good, tracking(bug) as bad, client(good) as of_good, client(bad) as of_bad:
        seen = ask(of_good), ask(of_bad)

    assert seen == (right, wrong)


def test_conditions_and_refusals_are_as_the_document_says():
    """Each problem has its status, and nothing changes."""
    with tracking() as url, client(url) as http:
        ticket = http.post("/tickets", json={"title": "A"})
        address = ticket.headers["Location"].removeprefix("/v1")
        statuses = [
            http.get(address, headers={"If-None-Match": ticket.headers["ETag"]}).status_code,
            http.patch(address, json={"votes": 1}, headers={"If-Match": '"0"'}).status_code,
            http.post("/tickets", content=b"{", headers={"Content-Type": "application/json"}).status_code,
            http.post("/tickets", content=b"title=A").status_code,
            http.post("/tickets", json={"title": "A", "more": 1}).status_code,
            http.get("/tickets", params={"limit": 51}).status_code,
            http.get("/tickets/0").status_code,
            http.put("/tickets").status_code,
            http.put("/tickets/batch").status_code,
        ]
        allowed = http.put("/tickets").headers["Allow"]
        now = http.get("/tickets").json()

    assert statuses == [304, 412, 400, 415, 422, 422, 404, 405, 405]
    assert sorted(allowed.split(", ")) == ["GET", "HEAD", "OPTIONS", "POST"]
    assert now == {"items": [ticket.json()], "total": 1}


def test_as_a_command_it_prints_its_address_and_can_be_emptied():
    """`--bug` takes several names."""
    command = [sys.executable, "-m", "tests.contract.broken_app", "--port", "0", "--bug", "wrong-type,lost-write"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with client(url) as http:
            ticket = made(http)
            votes = http.patch(f"/tickets/{ticket}", json={"votes": 7}), http.get(f"/tickets/{ticket}")
            http.post(f"{url.removesuffix('/v1')}/reset")
            left = http.get("/tickets").json()["total"]
        process.terminate()

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", url)
    assert [answer.json()["votes"] for answer in votes] == ["7", "0"]
    assert left == 0


def test_without_bugs_schemathesis_finds_nothing(tmp_path):
    """By itself, every check and phase."""
    with tracking() as url:
        command = [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            str(DOCUMENT),
            "--url",
            url,
            "-H",
            f"X-Api-Key: {KEY}",
        ]
        cheap = ["--max-examples", "15", "--seed", "1", "--no-color", "--suppress-health-check", "all"]
        done = subprocess.run(
            [*command, *cheap], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
