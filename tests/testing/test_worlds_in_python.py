"""Collections, snapshots, exports and coverage of a mock that a test holds."""

from pathlib import Path

import httpx
import pytest

from mockserver import MockApi, Unusable, running

ORDERS = Path(__file__).parent.parent.parent / "examples" / "orders.yaml"


@pytest.fixture
def api():
    """A mock with two orders."""
    with running(ORDERS, seeds=2) as api:
        yield api


def listed(api: MockApi):
    """The ids that a client reads."""
    return [order["id"] for order in httpx.get(f"{api.url}/orders", headers=api.headers).json()["items"]]


def test_a_collection_is_emptied_and_filled(api: MockApi):
    """All or nothing: where one record cannot be, the collection stays as it was."""
    first, second = api.state["orders"].list()

    api.state["orders"] = [second]
    after = listed(api)
    with pytest.raises(Unusable, match="lost"):
        api.state["orders"] = [first, {**second, "status": "lost"}]
    refused = listed(api)
    api.state["orders"].clear()

    assert (after, refused, listed(api)) == ([second["id"]], [second["id"]], [])


def test_a_world_returns_to_a_snapshot_and_moves_by_an_export(api: MockApi):
    """Also to another server; a snapshot that is not there is refused."""
    before = listed(api)
    api.snapshot("two")
    api.state["orders"].clear()
    emptied = listed(api)
    api.restore("two")
    with running(ORDERS, seeds=0) as other:
        other.import_(api.export())
        moved = listed(other)
    with pytest.raises(Unusable, match="three"):
        api.restore("three")

    assert (emptied, listed(api), moved) == ([], before, before)


def test_coverage_is_that_of_the_document(api: MockApi):
    """By operation."""
    listed(api)

    assert api.coverage()["total"]["operations"] == {"seen": 1, "of": 5}


UNUSED = """
def test_unused(mock_api):
    api = mock_api("orders.yaml")
    api.fail_next("getOrder", 503)
    api.stub("deleteOrder", 204)
    api.answer_next("listOrders", 200)
    api.fail("listOrders", 500, after=5)
    fork = api.fork()
    httpx.get(api.url + "/orders", headers=api.headers)
"""


def test_what_a_fork_met_was_met(suite):
    """A fault that was asked for before the fork was made."""
    done = suite("""
def test_fork(mock_api):
    api = mock_api("orders.yaml", strict=True)
    api.fail_next("listOrders", 503)
    fork = api.fork()
    assert httpx.get(fork.url + "/orders", headers=fork.headers).status_code == 503
""")

    done.assert_outcomes(passed=1)


def test_what_met_no_request_fails_a_strict_test(suite):
    """And is told of a test that fails anyway; what was met, or came with a fork, is not told."""
    strict = suite(UNUSED.replace('"orders.yaml"', '"orders.yaml", strict=True'))
    plain, failing = suite(UNUSED), suite(UNUSED + "    assert False\n")

    strict.assert_outcomes(failed=1)
    plain.assert_outcomes(passed=1)
    for done in (strict, failing):
        done.stdout.fnmatch_lines(["the fault status 503 of getOrder met no request"])
        done.stdout.fnmatch_lines(["the stub DELETE */orders/{orderId} met no request"])
        assert "of listOrders met" not in done.stdout.str()
    assert failing.stdout.str().count("met no request") == 2
