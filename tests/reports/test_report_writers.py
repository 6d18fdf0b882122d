"""The reports of a check, made of records of two APIs: all that was found, and nothing that their readers trip over."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from mockserver.contract.reports.check_report import CheckReport
from mockserver.contract.reports.findings import Reclassified
from mockserver.contract.reports.html_report import html_report
from mockserver.contract.reports.json_report import json_report
from mockserver.contract.reports.junit_report import junit_report
from mockserver.contract.reports.markdown_report import MOST_CHARACTERS, markdown_report
from mockserver.contract.reports.run_record import (
    ApiRun,
    CheckFinding,
    OperationCoverage,
    ShownSide,
    ToolError,
    read_run,
    write_run,
)
from mockserver.contract.reports.run_summary import summary_lines
from mockserver.engine.redaction.printable import printable

HOSTILE = "</code></details><script>alert(1)</script> | ``` @team \x1b[2J \u202e ]]> \ufffe"

FINDING = CheckFinding(
    api="shop",
    operation="GET /items/{id}",
    check="response_schema_conformance",
    code="ST108",
    title="Response violates schema",
    severity="high",
    place="#/components/schemas/Item/properties/id/type",
    times=12,
    why=['3 is not of type "string"'],
    pointer="/id",
    keyword="type",
    expected='"string"',
    seen="3",
    sent=ShownSide("GET http://127.0.0.1:1/items/3"),
    came=ShownSide("200 OK", "application/json", "", '{"id":3}'),
    curl=["curl -i -H 'X-Key: k' http://127.0.0.1:1/items/3"],
)
LOST = CheckFinding(
    api="shop",
    operation="DELETE /items/{id}",
    check="use_after_free",
    code="ST301",
    title="Deleted resource still available",
    severity="critical",
    why=["It was deleted, and is still there."],
    curl=["curl -i -X DELETE http://h/items/1", "curl -i http://h/items/1"],
)
COVERAGE = [
    OperationCoverage(
        "GET /items/{id}",
        30,
        {"200": 12, "404": 3, "410": 0},
        {"405": 2},
        {"path id": 30, "query fields": 0},
        {"200 text/html": 1},
    ),
    OperationCoverage("DELETE /items/{id}", 4, {"204": 4}, {}, {"path id": 4}),
    OperationCoverage("GET /admin", 0, {"200": 0}),
]
SHOP = ApiRun("shop", "http://127.0.0.1:1", 7, 12.4, 812, complete=True, findings=[FINDING, LOST], coverage=COVERAGE)
QUIET = ApiRun(
    "quiet", "http://127.0.0.1:1", 7, 0.4, 1, complete=True, coverage=[OperationCoverage("GET /", 1, {"200": 1})]
)
RECLASSIFIED = {"shop": Reclassified({("DELETE", "/items/{id}"): [401, 422]}, [("GET /items/{id}", "ST202", "No.")])}
REPORT = CheckReport([SHOP, QUIET], RECLASSIFIED)


def hostile() -> CheckReport:
    """A report in which every text is hostile."""
    finding = replace(
        FINDING,
        api=HOSTILE,
        operation=HOSTILE,
        title=HOSTILE,
        place="#" + HOSTILE,
        why=[HOSTILE],
        pointer=HOSTILE,
        seen=HOSTILE,
        sent=ShownSide(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
    )
    run = replace(
        SHOP,
        api=HOSTILE,
        address=HOSTILE,
        findings=[finding],
        coverage=[replace(COVERAGE[0], operation=HOSTILE, media_types={HOSTILE: 1})],
        errors=[ToolError(HOSTILE, HOSTILE, HOSTILE)],
    )
    return CheckReport([run], {HOSTILE: Reclassified({("GET", HOSTILE): [401]}, [(HOSTILE, HOSTILE, HOSTILE)])})


# The record


def test_a_record_is_read_as_it_was_written(tmp_path):
    """With its findings, and their fingerprints."""
    write_run(tmp_path / "run.json", SHOP)

    read = read_run(tmp_path / "run.json", "shop")

    assert json.dumps(read.as_json()) == json.dumps(SHOP.as_json())
    assert [finding.id for finding in read.findings] == [FINDING.id, LOST.id]


def test_a_fingerprint_is_of_the_place_not_of_the_values():
    """So that the next run finds the same."""
    other = replace(FINDING, seen="9", times=1, sent=None, why=["9 is not"], curl=[])

    assert other.id == FINDING.id
    assert replace(FINDING, place="#/x").id != FINDING.id
    assert replace(FINDING, api="other").id != FINDING.id


# The terminal


def test_the_summary_tells_each_finding_once_and_each_api_in_a_line():
    """What was sent, what came, why it is wrong, and how to see it again."""
    assert summary_lines(REPORT) == [
        "",
        "- ST108 Response violates schema: GET /items/{id}, 12 times (shop)",
        "    sent   GET http://127.0.0.1:1/items/3",
        '    came   200 OK application/json {"id":3}',
        '    wrong  /id: 3 is not of type "string"',
        '           expected type: "string", seen 3',
        "    place  #/components/schemas/Item/properties/id/type",
        "    curl   curl -i -H 'X-Key: k' http://127.0.0.1:1/items/3",
        "",
        "- ST301 Deleted resource still available: DELETE /items/{id} (shop)",
        "    wrong  It was deleted, and is still there.",
        "    curl   curl -i -X DELETE http://h/items/1",
        "    curl   curl -i http://h/items/1",
        "",
        "shop: 2 of 3 operations, 812 requests, 2 findings (12 s, seed 7)",
        "  covered: statuses 60 % (3 of 5), parameters and bodies 66 % (2 of 3); --coverage shows the whole",
        "  never asked: GET /admin",
        "  never seen: 410 (1 operation)",
        "  never sent: query fields of GET /items/{id}",
        "quiet: 1 operation, 1 request, nothing found (under 1 s, seed 7)",
        "  covered: statuses 100 % (1 of 1), parameters and bodies 100 % (0 of 0)",
    ]


def test_the_whole_coverage_has_every_operation():
    """Its statuses and what was never sent."""
    lines = summary_lines(CheckReport([replace(SHOP, findings=[])]), whole_coverage=True)

    assert lines == [
        "shop: 2 of 3 operations, 812 requests, nothing found (12 s, seed 7)",
        "  covered: statuses 60 % (3 of 5), parameters and bodies 66 % (2 of 3)",
        "  GET /items/{id}: 30 requests",
        "    seen: 200 (12), 404 (3)",
        "    never seen: 410",
        "    not documented: 405 (2), 200 text/html (1)",
        "    never sent: query fields",
        "  DELETE /items/{id}: 4 requests",
        "    seen: 204 (4)",
        "  GET /admin: 0 requests",
        "    never seen: 200",
    ]


def test_known_findings_are_counted_and_not_told():
    """The new ones are."""
    lines = summary_lines(replace(REPORT, runs=[SHOP], known=frozenset({LOST.id})))

    assert [line for line in lines if line.startswith(("- ", "shop:"))] == [
        "- ST108 Response violates schema: GET /items/{id}, 12 times",
        "shop: 2 of 3 operations, 812 requests, 1 new finding, 1 known (12 s, seed 7)",
    ]


def test_no_text_of_a_server_steers_the_terminal():
    """Escapes, marks of direction and line breaks are shown."""
    assert [line for line in summary_lines(hostile()) if printable(line) != line] == []


def test_what_schemathesis_warns_of_is_counted():
    """By kind."""
    run = replace(QUIET, warnings={"missing_test_data": ["GET /a", "GET /b"], "missing_auth": ["GET /a"]})

    assert summary_lines(CheckReport([run]))[-1] == (
        "  Schemathesis warns: missing test data (2 operations), missing auth (1 operation)"
    )


def test_a_run_that_was_stopped_says_so():
    """And what could not be tested is told with its reason."""
    run = replace(QUIET, complete=False, errors=[ToolError("Network Error", "GET /", "Connection refused\n")])

    assert summary_lines(CheckReport([run]))[:5] == [
        "",
        "- Network Error: quiet: GET / was not tested whole",
        "    Connection refused",
        "",
        "quiet: 1 operation, 1 request, 1 error, stopped before its end (under 1 s, seed 7)",
    ]


# JUnit


def test_junit_has_a_suite_for_each_api_and_a_test_for_each_finding():
    """An operation without findings passes, one that was never asked is skipped."""
    root = ET.fromstring(junit_report(REPORT))  # noqa: S314 - our own

    suites = [(one.get("name"), one.get("tests"), one.get("failures"), one.get("skipped")) for one in root]
    tests = {test.get("name"): [child.tag for child in test] for test in root.iter("testcase")}
    assert suites == [("shop", "3", "2", "1"), ("quiet", "1", "0", "0")]
    assert tests == {
        "GET /items/{id}: Response violates schema": ["failure"],
        "DELETE /items/{id}: Deleted resource still available": ["failure"],
        "GET /admin": ["skipped"],
        "GET /": [],
    }
    assert (root.get("tests"), root.get("failures")) == ("4", "2")


def test_a_known_finding_passes_in_junit():
    """With a word about it."""
    root = ET.fromstring(junit_report(replace(REPORT, known=frozenset({FINDING.id, LOST.id}))))  # noqa: S314 - our own

    assert root.get("failures") == "0"
    assert "known: ST301 Deleted resource still available: DELETE /items/{id}\nrefuses with 401, 422" in {
        (out.text or "").replace(", which the document does not declare", "") for out in root.iter("system-out")
    }


def test_junit_is_well_formed_whatever_was_said():
    """XML cannot have every character."""
    root = ET.fromstring(junit_report(hostile()))  # noqa: S314 - our own

    assert [failure.get("type") for failure in root.iter("failure")] == ["ST108"]


# JSON


def test_the_json_report_has_all():
    """Known findings too, with the shares of the coverage."""
    value = json.loads(json_report(replace(REPORT, known=frozenset({LOST.id}), gone=["x"])))

    assert (value["summary"], value["gone"]) == ("1 new finding, 1 known", ["x"])
    assert [(finding["id"], finding["known"]) for finding in value["apis"][0]["findings"]] == [
        (FINDING.id, False),
        (LOST.id, True),
    ]
    assert value["apis"][0]["shares"] == {
        "operations": {"exercised": 2, "documented": 3},
        "statuses": {"exercised": 3, "documented": 5},
        "parameters": {"exercised": 2, "documented": 3},
    }
    assert value["apis"][0]["undeclared_refusals"] == {"DELETE /items/{id}": "401, 422"}


@pytest.mark.parametrize("writer", [json_report, html_report, markdown_report, junit_report])
def test_a_lone_surrogate_stops_no_report(writer):
    """Servers send anything."""
    report = CheckReport([replace(SHOP, findings=[replace(FINDING, why=["\ud800"], keyword="")])])

    assert writer(report).decode()


# HTML


class _Page(HTMLParser):
    """Collects tags, and the attributes that load something."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open += [tag] if tag not in ("meta", "br") else []
        self.loads += [value or "" for name, value in attrs if name in ("src", "href") and (value or "")[:1] != "#"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("report", [REPORT, hostile()], ids=["plain", "hostile"])
def test_the_page_is_whole_and_loads_nothing(report):
    """Every tag that opens closes, there is no script, and nothing comes from elsewhere."""
    page, text = _Page(), html_report(report).decode()

    page.feed(text)

    assert page.open == []
    assert page.loads == []
    assert page.tags.isdisjoint({"script", "link", "img", "iframe"})
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text


# Markdown


def test_the_markdown_has_summary_findings_and_coverage():
    """As GitHub shows it."""
    text = markdown_report(REPORT).decode()

    assert text.startswith("## API check: 2 findings\n")
    assert "| `shop` | 2 of 3 | 812 | 2 | 60 % (3 of 5) | 66 % (2 of 3) | 12 s, seed 7 |" in text
    assert (
        "<details><summary><code>ST108 Response violates schema: GET /items/{id}, 12 times (shop)</code></summary>"
        in text
    )
    assert "```sh\ncurl -i -H 'X-Key: k' http://127.0.0.1:1/items/3\n```" in text
    assert (
        "| `GET /items/{id}` | 30 | `200 (12), 404 (3)` | `410` | `405 (2), 200 text/html (1)` | `query fields` |"
        in text
    )
    assert text.count("<details>") == text.count("</details>")


def test_no_text_leaves_its_place_in_the_markdown():
    """No tag of a server is one of the page, no fence is closed early, no cell is split."""
    text = markdown_report(hostile()).decode()

    assert "<script>" not in text.replace("`" + HOSTILE, "")[: text.index("````")]
    assert "\n````text\n" in text
    assert text.count("<details>") == 3
    row = next(line for line in text.splitlines() if "| 30 |" in line)
    assert row.replace("\\|", "").count("|") == 7


def test_a_comment_has_room_for_the_markdown_and_says_what_did_not_fit():
    """GitHub takes 65,536 characters."""
    many = [replace(FINDING, place=f"#/{n}", why=["x" * 500]) for n in range(200)]
    coverage = [replace(COVERAGE[0], operation=f"GET /{n}") for n in range(900)]

    text = markdown_report(CheckReport([replace(SHOP, findings=many, coverage=coverage), QUIET])).decode()

    assert len(text) <= MOST_CHARACTERS
    assert len(text) > MOST_CHARACTERS - 2_000
    assert "findings of 200 did not fit: the JSON and HTML reports have all." in text
    assert text.count("<details>") == text.count("</details>")


def test_operations_that_do_not_fit_are_counted():
    """The table ends with how many are not in it."""
    coverage = [replace(COVERAGE[0], operation=f"GET /{n}") for n in range(900)]

    text = markdown_report(CheckReport([replace(SHOP, findings=[], coverage=coverage)])).decode()

    shown = text.count("| `GET /")
    assert len(text) <= MOST_CHARACTERS
    assert f"\n{900 - shown} operations did not fit.\n" in text
    assert text.endswith("\n</details>\n")
