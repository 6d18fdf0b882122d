"""`--mock-coverage` of the plugin: what the tests of a session exercised of documents, as reports and a threshold."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

SUITE = """
def ask(api, method, path, **more):
    return httpx.request(method, api.url + path, headers=api.headers, **more).status_code

def test_lists(mock_api):
    api = mock_api("orders.yaml")
    assert ask(api, "GET", "/orders?limit=2") == 200
    api.reset()
    assert ask(api, "GET", "/orders/77") == 404

def test_creates(mock_api):
    assert ask(mock_api("orders.yaml", seeds=0), "POST", "/orders", json={"article": "lamp", "quantity": 1}) == 201
"""
SAID = [
    "orders: 29.6 % (3 of 5 operations, 3 of 16 statuses, 2 of 6 parameters)",
    "  GET /orders: never seen 401; never sent query status, query offset",
    "  POST /orders: never seen 401, 422, 503",
    "  GET /orders/{orderId}: never seen 200, 401",
    "  DELETE /orders/{orderId}: never asked",
    "  PATCH /orders/{orderId}: never asked",
]


def told(done: pytest.RunResult) -> list[str]:
    """What the section of the summary says."""
    lines = iter(done.outlines)
    for line in lines:
        if " mock coverage " in line:
            break
    return [line for line in lines if line and not line.startswith("=") and "passed" not in line]


def test_all_mocks_and_worlds_of_a_session_count_together(suite, pytester):
    """Two mocks of one document, one of them reset meanwhile; the summary and the reports tell what is missing."""
    pytester.mkdir("reports")
    done = suite(SUITE, "--mock-coverage", "reports/c.json", "--coverage-report", "c.md", "--mock-coverage", "c.xml")

    written = json.loads((pytester.path / "reports" / "c.json").read_text())
    created = next(one for one in written["apis"][0]["operations"] if one["operation"] == "createOrder")
    tests = {test.get("name"): [*test] for test in ET.parse(pytester.path / "c.xml").iter("testcase")}  # noqa: S314
    assert done.ret == 0
    assert told(done) == [*SAID, "reports/c.json is the report", "c.md is the report", "c.xml is the report"]
    assert written["percent"] == {"all": 29.6, "operations": 60.0, "statuses": 18.7, "parameters": 33.3}
    assert created["statuses"][0] == {"status": "201", "declared": True, "seen": 1}
    assert "| orders | 60 % (3 of 5) | 18.7 % (3 of 16) | 33.3 % (2 of 6) |" in (pytester.path / "c.md").read_text()
    assert [part.tag for part in tests["DELETE /orders/{orderId}"]] == ["skipped"]
    assert [part.tag for part in tests["GET /orders"]] == ["system-out"]


def test_workers_count_together(suite, pytester):
    """What each worker of pytest-xdist counted is one coverage, told once."""
    done = suite(SUITE, "-p", "xdist", "-n", "2", "--mock-coverage", "c.json")

    assert done.ret == 0
    assert told(done)[-7:] == [*SAID, "c.json is the report"]


@pytest.mark.parametrize(
    ("least", "said"),
    [
        ("29.6", []),
        ("operations=60,statuses=10", []),
        ("80", ["mock coverage: 29.6 % of operations, statuses and parameters, and 80 % are required"]),
        (
            "operations=100,statuses=10,parameters=34",
            [
                "mock coverage: 60 % of operations, and 100 % are required",
                "mock coverage: 33.3 % of parameters, and 34 % are required",
            ],
        ),
    ],
)
def test_a_session_that_exercises_too_little_fails(suite, least, said):
    """For all together, or for each kind; the summary says by how much."""
    done = suite(SUITE, "--mock-coverage-fail-under", least)

    done.assert_outcomes(passed=2)
    assert (told(done)[6:], done.ret) == (said, 1 if said else 0)


def test_the_ini_file_has_the_threshold_too(suite, pytester):
    """As for other options; a session whose mocks met no request fails."""
    pytester.makeini("[pytest]\nmock_api_coverage_fail_under = 10")

    done = suite("def test_nothing(mock_api): mock_api('orders.yaml')")

    assert told(done)[-1] == "mock coverage: no request for an operation came to a mock"
    assert done.ret == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--mock-coverage", "c.txt"), "--mock-coverage c.txt: the file's ending says the format: .json, .md, .xml"),
        (("--mock-coverage", "nosuch/c.json"), "--mock-coverage nosuch/c.json: there is no folder"),
        (("--mock-coverage-fail-under", "pets=3"), "--mock-coverage-fail-under pets=3: expected a percentage, such as"),
        (("--mock-coverage-fail-under", "101"), "--mock-coverage-fail-under 101: expected a percentage, such as 80"),
    ],
)
def test_what_cannot_be_used_is_said_before_the_first_test(suite, arguments, said):
    """As pytest says what is wrong with its own options."""
    done = suite(SUITE, *arguments)

    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert said in "\n".join(done.errlines)


def test_nothing_is_counted_unless_it_is_asked_for(suite):
    """No section in the summary."""
    done = suite(SUITE)

    assert "mock coverage" not in "\n".join(done.outlines)
