"""The checks of our own that none of the twelve bugs needs: each finds its contradiction, and is silent without it."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml
from flask import abort, request

from tests.contract.broken_app import DOCUMENT, KEY, tracking
from tests.contract.broken_app.application import DEFAULTS, Tracker, body

CHECKS = (
    "list_and_item_agree",
    "repeatable_put_and_delete",
    "filters_return_only_matches",
    "conditional_requests",
    "seed_examples_answered_as_printed",
)
OPERATIONS = ("listTickets", "createTicket", "getTicket", "replaceTicket", "deleteTicket")


@pytest.fixture
def document(tmp_path):
    """The tracker's document, in which the example of a new ticket is a rule, with its answer."""
    said = yaml.safe_load(DOCUMENT.read_text())
    said["paths"]["/tickets"]["post"]["x-source"] = "seed"
    said["components"]["responses"]["Created"]["content"]["application/json"]["example"] = {
        "id": 1,
        "title": "The lamp flickers",
        "status": "open",
        "votes": 3,
        "createdAt": "2026-01-01T00:00:00Z",
    }
    file = tmp_path / "openapi.yaml"
    file.write_text(yaml.safe_dump(said))
    return file


def found(document, url):
    """The first line of each finding of these checks, in the order of their codes."""
    command = [sys.executable, "-m", "mockserver", "check", str(document), "--url", url, "-H", f"X-Api-Key: {KEY}"]
    cheap = ["--checks", ",".join(CHECKS), "--phases", "examples,coverage", "--max-examples", "1", "--seed", "1"]
    asked = [text for name in OPERATIONS for text in ("--operation", name)]
    done = subprocess.run(
        [*command, *cheap, *asked, "--", "--no-color"],
        cwd=document.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout[-4000:] + done.stderr[-2000:]
    return sorted(re.findall(r"^- (MS\d+ [^:]*: [A-Z]+ [^,\s]*)", done.stdout, re.MULTILINE)), done.returncode


class KeepingWeakTags(Tracker):
    """The tracker whose entity tags are weak, and which takes the one that a ticket has for a condition."""

    def unchanged(self, number):
        """The ticket, unless another version of it is named."""
        ticket = self.found(number)
        if request.headers.get("If-Match", "*").removeprefix("W/") not in ("*", ticket["etag"]):
            abort(412)
        return ticket

    def answered(self, ticket):
        """The ticket with a weak tag."""
        return super().answered({**ticket, "etag": f"W/{ticket['etag']}"})


@pytest.mark.parametrize("sound", [Tracker, KeepingWeakTags])
def test_they_are_silent_where_answers_agree(document, monkeypatch, sound):
    """Also about the example that the document prints."""
    monkeypatch.setattr(sys.modules[Tracker.__module__], "Tracker", sound)

    with tracking() as url:
        told = found(document, url)

    assert told == ([], 0)


class Contradicting(Tracker):
    """The tracker with a contradiction for each check."""

    def list_tickets(self):
        """Every ticket, whatever the filter, with other votes than it has."""
        answer = self.page([*self.tickets.values()])
        answer["items"] = [{**self.shown(ticket), "votes": 1000 - ticket["votes"]} for ticket in answer["items"]]
        return answer

    def made(self, given):
        """A new ticket, without the votes that were sent."""
        return super().made({**given, "votes": 0})

    def get_ticket(self, ticket):
        """The ticket, whether it is known or not."""
        return self.answered(self.found(ticket))

    def replace_ticket(self, ticket):
        """The ticket with one vote more than before."""
        votes = (self.unchanged(ticket)["votes"] + 1) % 1000
        return self.answered(self.kept({**DEFAULTS, **body("NewTicket"), "votes": votes}, ticket))


def test_each_contradiction_is_found_and_named(document, monkeypatch):
    """One is planted for each check, and nothing else is said."""
    monkeypatch.setattr(sys.modules[Tracker.__module__], "Tracker", Contradicting)

    with tracking() as url:
        told = found(document, url)

    assert told == (
        [
            "MS302 List and item disagree: GET /tickets",
            "MS303 Repeated request has another effect: PUT /tickets/{ticketId}",
            "MS307 Filter returns what does not match: GET /tickets",
            "MS308 Documented example is answered otherwise: POST /tickets",
            "MS309 Condition of a request is ignored: GET /tickets/{ticketId}",
        ],
        1,
    )


class FailingTwice(Tracker):
    """The tracker whose store fails when what is gone is deleted once more."""

    def delete_ticket(self, ticket):
        """Nothing is left of it, nor of a way to say so."""
        if 0 < ticket <= self.last["ticket"] and ticket not in self.tickets:
            raise RuntimeError("no row was deleted")
        return super().delete_ticket(ticket)


class TakingWeakTags(Tracker):
    """The tracker that reads strong entity tags alone, and takes a weak one for no condition."""

    def unchanged(self, number):
        """The ticket, whatever weak tag is sent."""
        return self.found(number) if request.headers.get("If-Match", "").startswith("W/") else super().unchanged(number)


class TakingEarlierTags(Tracker):
    """The tracker that takes the tag of any version that there was."""

    def unchanged(self, number):
        """The ticket, whatever version of it is named."""
        tag = request.headers.get("If-Match", "").strip('"')
        return self.found(number) if tag.isdecimal() else super().unchanged(number)


class CuttingStarts(Tracker):
    """The tracker whose list shows titles without their first letter."""

    def list_tickets(self):
        """Every title from its second letter on."""
        answer: Any = super().list_tickets()
        answer["items"] = [{**item, "title": item["title"][1:] or item["title"]} for item in answer["items"]]
        return answer


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        (FailingTwice, "MS303 Repeated request has another effect: DELETE /tickets/{ticketId}"),
        (TakingWeakTags, "MS309 Condition of a request is ignored: PUT /tickets/{ticketId}"),
        (TakingEarlierTags, "MS309 Condition of a request is ignored: PUT /tickets/{ticketId}"),
        (CuttingStarts, "MS302 List and item disagree: GET /tickets"),
    ],
)
def test_a_contradiction_that_is_planted_alone_is_found_and_named(document, monkeypatch, planted, named):
    """What is right beside it is not blamed."""
    monkeypatch.setattr(sys.modules[Tracker.__module__], "Tracker", planted)

    with tracking() as url:
        told = found(document, url)

    assert told == ([named], 1)
