"""One check of a server with bugs, told in every form: lines, reports, baseline; and each of them used."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest

from tests.contract.broken_app import DOCUMENT, KEY, tracking
from tests.support import chromium

BUGS = ("wrong-type", "undocumented-status", "wrong-content-type", "lost-write")
FEW = ("--operation", "GET /tickets", "--operation", "POST /tickets", "--operation", "DELETE /tickets/{ticketId}")
FORMATS = ("junit", "html", "json", "markdown", "har")
CHEAP = ("--phases", "coverage", "--max-examples", "5", "--seed", "1", "--no-color", "--suppress-health-check", "all")


class Told(NamedTuple):
    """What a check told: its exit code, its lines, and the folder with its reports."""

    code: int
    said: str
    folder: Path

    def report(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


def check(folder: Path, url: str, *options: str, key: str = KEY) -> Told:
    """The command on a server, ended."""
    command = [sys.executable, "-m", "mockserver", "check", str(DOCUMENT), "--url", url, "-H", f"X-Api-Key: {key}"]
    done = subprocess.run(
        [*command, *options, "--", *CHEAP], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr
    return Told(done.returncode, done.stdout, folder)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a server with bugs."""
    with tracking(*BUGS) as address:
        yield address


@pytest.fixture(scope="module")
def told(url: str, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """One check of it, with all reports and a new baseline."""
    folder = tmp_path_factory.mktemp("told")
    reports = [part for name in FORMATS for part in ("--report", f"{name}=r.{name}")]
    return check(folder, url, *reports)


def findings(told: Told) -> list[Any]:
    """The findings of the JSON report."""
    found: list[Any] = json.loads(told.report("r.json"))["apis"][0]["findings"]
    return found


def test_each_finding_is_told_once(told):
    """With what came and where the document says otherwise; Schemathesis does not tell it again."""
    titles = re.findall(r"^- ([A-Z]{2}\d+ .*?)(?:, [\d,]+ times)?$", told.said, re.MULTILINE)

    assert told.code == 1
    assert len(titles) == len({one["id"] for one in findings(told)}) == len(findings(told))
    assert "ST108 Response violates schema: GET /tickets" in titles
    assert re.search(r"^    wrong  (?:/items/\d+)?/votes: \"\d+\" is not of type \"integer\"$", told.said, re.MULTILINE)
    assert "    place  #/components/schemas/Votes/type\n" in told.said
    assert "FAILURES" not in told.said
    assert "SUMMARY" not in told.said


def test_the_credential_of_a_server_is_nowhere(told):
    """A variable of the shell stands for it."""
    files = [file.read_text(encoding="utf-8") for file in told.folder.glob("r.*")]

    assert [text for text in (told.said, *files) if KEY in text] == []
    assert '-H "X-Api-Key: $X_API_KEY"' in told.said


def test_a_curl_line_gives_the_told_answer(told, url):
    """Pasted into a shell in which the variable is set."""
    finding = next(one for one in findings(told) if (one["code"], one["operation"]) == ("ST108", "GET /tickets"))
    (line,) = finding["curl"]

    answered = subprocess.run(
        ["/bin/sh", "-c", line], env={**os.environ, "X_API_KEY": KEY}, capture_output=True, text=True, check=True
    )

    assert finding["came"]["head"] == "200 OK"
    assert answered.stdout.startswith("HTTP/1.1 200 OK")
    assert re.search(r'"votes":"\d+"', answered.stdout)


def test_what_takes_several_requests_has_a_curl_line_for_each(told):
    """In their order: the write, then the read that does not show it."""
    finding = next(one for one in findings(told) if one["code"] == "MS301")

    methods = [(re.findall(r" -X (\w+) ", line) or ["GET"])[0] for line in finding["curl"]]
    assert len(methods) > 1
    assert (methods[0], methods[-1]) == (finding["operation"].split()[0], "GET")
    assert "    wrong  `" in told.said


def test_every_report_has_every_finding(told):
    """As many as the summary tells."""
    number = len(findings(told))
    junit = ET.fromstring(told.report("r.junit"))  # noqa: S314 - our own

    assert junit.get("failures") == str(number)
    assert told.report("r.html").count("<details open>") == number
    assert told.report("r.markdown").count("<details><summary><code>") == number
    assert f", {number} findings (" in told.said


def test_requests_of_checks_are_not_counted_as_generated(told):
    """A case is generated once; what checks sent to look closer has a case before it."""
    run = json.loads(told.report("r.json"))["apis"][0]

    assert 100 < run["generated"] < run["requests"]


def test_the_archive_has_every_exchange(told):
    """With the members that HAR 1.2 requires."""
    log = json.loads(told.report("r.har"))["log"]
    requests = json.loads(told.report("r.json"))["apis"][0]["requests"]

    assert (log["version"], len(log["entries"])) == ("1.2", requests)
    for entry in log["entries"]:
        assert entry.keys() >= {"startedDateTime", "time", "request", "response", "cache", "timings"}
        assert entry["request"].keys() >= {
            *("method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize")
        }
        assert entry["response"].keys() >= {
            *("status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"),
            *("headersSize", "bodySize"),
        }
        assert entry["response"]["content"].keys() >= {"size", "mimeType"}
        assert entry["timings"].keys() >= {"send", "wait", "receive"}
    assert {code for entry in log["entries"] for code in entry["_failed"]} == {one["code"] for one in findings(told)}


def test_the_coverage_has_what_checks_asked_beside(told):
    """Only a check that looks closer knows the entity tag by which a ticket is not modified, and 412 is answered."""
    coverage = {one["operation"]: one for one in json.loads(told.report("r.json"))["apis"][0]["coverage"]}

    assert coverage["GET /tickets/{ticketId}"]["statuses"]["304"] > 0
    assert coverage["PATCH /tickets/{ticketId}"]["statuses"]["412"] > 0


def test_the_coverage_has_what_was_not_documented(told):
    """The status that the server invented, and its media type."""
    coverage = {one["operation"]: one for one in json.loads(told.report("r.json"))["apis"][0]["coverage"]}

    assert "202" in coverage["DELETE /tickets/{ticketId}"]["undocumented"]
    assert "200 text/plain" in coverage["GET /tickets/{ticketId}"]["media_types"]
    assert coverage["POST /tickets"]["parameters"]["body application/json"] > 0


def test_the_page_opens_in_a_browser(told, tmp_path):
    """From the disk, with its style; each finding stands there."""
    command = [
        *(chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom"),
        *("--timeout=20000", f"--user-data-dir={tmp_path / 'profile'}", f"file://{told.folder / 'r.html'}"),
    ]

    dom = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True).stdout

    assert dom.count('<details open="">') == len(findings(told))
    assert "place" in dom


def test_a_check_that_is_stopped_tells_what_it_has(url, tmp_path):
    """Ctrl-C ends the request under way, and the reports are written."""
    command = [sys.executable, "-m", "mockserver", "check", str(DOCUMENT), "--url", url, "--junit", "r.xml"]
    running = subprocess.Popen(
        [*command, "--", "--no-color"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    before = ""
    while "API capabilities" not in before:
        before += running.stdout.readline()

    os.killpg(running.pid, signal.SIGINT)

    said, _ = running.communicate(timeout=200)
    assert running.returncode == 2
    assert "Traceback" not in said
    assert re.search(r"^openapi: .*, stopped before its end \(", said, re.MULTILINE)
    assert ET.parse(tmp_path / "r.xml").getroot().get("tests") == "11"  # noqa: S314 - our own


@pytest.fixture(scope="module")
def written(url: str, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A check of it that wrote a baseline."""
    return check(tmp_path_factory.mktemp("written"), url, *FEW, "--baseline", "known.json", "--baseline-update")


def test_a_baseline_lets_known_findings_pass(told, written):
    """A run that finds no others is fine, and tells which one is mended."""
    with tracking(*BUGS[:1], *BUGS[2:]) as mended:
        again = check(written.folder, mended, *FEW, "--baseline", "known.json", "--junit", "known.xml")

    entries = json.loads(written.report("known.json"))["findings"]
    assert (written.code, again.code) == (0, 0)
    assert {entry["id"] for entry in entries} <= {one["id"] for one in findings(told)}
    assert re.search(r"^no longer found: \w+ \w+: DELETE /tickets/\{ticketId\} \(ST103 ", again.said, re.MULTILINE)
    assert re.search(r", \d+ known \(", again.said)
    assert ET.fromstring(again.report("known.xml")).get("failures") == "0"  # noqa: S314 - our own


def test_a_new_finding_fails_beside_known_ones(url, written, tmp_path):
    """It alone is told."""
    value = json.loads(written.report("known.json"))
    entries = [entry for entry in value["findings"] if entry["code"] != "ST108"]
    (tmp_path / "known.json").write_text(json.dumps({**value, "findings": entries}))

    now = check(tmp_path, url, *FEW, "--baseline", "known.json")

    assert now.code == 1
    assert re.search(r", \d+ new findings?, \d+ known \(", now.said)
    assert set(re.findall(r"^- ([A-Z]{2}\d+) ", now.said, re.MULTILINE)) == {"ST108"}
