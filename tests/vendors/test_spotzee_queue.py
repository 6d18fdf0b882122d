"""What Spotzee answers as queued, where that is done later: it waits on the world's clock."""

from collections.abc import Callable

import httpx
import pytest

from tests.support import bearer
from tests.vendors.spotzee_neighbours import UPSERTS, USERS
from tests.vendors.spotzee_world import JANE, OTHER_PROJECT

ADMIN = "http://127.0.0.1:4010/__admin"
NEW = f"{USERS}/cust-new"


@pytest.fixture
def slow(switched: Callable[..., httpx.Client]) -> httpx.Client:
    """A Spotzee whose queue takes its time, at noon, where time stands still."""
    client = switched("spotzee", **{"queued-work": "later"})
    client.post(f"{ADMIN}/clock/freeze", json={"at": "2026-05-01T12:00:00Z"}).raise_for_status()
    return client


def advance(spotzee: httpx.Client, seconds: float) -> None:
    """It is so much later."""
    spotzee.post(f"{ADMIN}/clock/advance", json={"seconds": seconds}).raise_for_status()


def test_a_queued_upsert_is_done_five_seconds_later(slow: httpx.Client) -> None:
    """Not before, and dated as of then, whenever somebody looks."""
    answer = slow.patch(USERS, json=[{"external_id": "cust-new", "email": "new@example.com"}])
    advance(slow, 4.999)
    before = slow.get(NEW).status_code
    advance(slow, 3_600)

    made = slow.get(NEW).json()

    assert (answer.status_code, before, made["email"]) == (204, 404, "new@example.com")
    assert made["created_at"] == "2026-05-01T12:00:05.000Z"


@pytest.mark.parametrize("path", [JANE, f"{USERS}?user_id=cust-9f4b21&user_id=cust-000000"])
def test_a_queued_deletion_is_done_five_seconds_later(slow: httpx.Client, path: str) -> None:
    """Until then the contact can be read."""
    answer = slow.delete(path)
    before = slow.get(JANE).status_code
    advance(slow, 5)

    assert (answer.status_code, before, slow.get(JANE).status_code) == (204, 200, 404)


def test_the_queue_keeps_its_order(slow: httpx.Client) -> None:
    """What was asked for first is done first."""
    slow.patch(USERS, json=[{"external_id": "cust-new", "locale": "en-AU"}])
    advance(slow, 1)
    slow.patch(USERS, json=[{"external_id": "cust-new", "locale": "en-GB"}])
    advance(slow, 60)

    made = slow.get(NEW).json()

    assert (made["locale"], made["created_at"][11:19], made["updated_at"][11:19]) == ("en-GB", "12:00:05", "12:00:06")


def test_queued_work_is_its_projects_own(slow: httpx.Client) -> None:
    """Whoever calls when it is due."""
    slow.patch(USERS, json=[{"external_id": "cust-new"}])
    advance(slow, 5)

    stranger = slow.get(NEW, headers=bearer(OTHER_PROJECT))

    assert (stranger.status_code, slow.get(NEW).json()["project_id"]) == (404, 42)


def test_what_waits_can_be_seen(slow: httpx.Client) -> None:
    """In the state of the world, beside what the queue begins with."""
    slow.delete(JANE)

    queued = slow.get(f"{ADMIN}/state/spotzee/queued").json()

    assert [(work["work"], work["about"]) for work in queued["records"]][1:] == [("delete", [1024])]


def test_what_is_answered_with_outcomes_is_done_at_once(slow: httpx.Client) -> None:
    """The batch is no queue."""
    slow.post(UPSERTS, json=[{"external_id": "cust-new"}])

    assert slow.get(NEW).status_code == 200


def test_what_is_missing_is_said_at_once(slow: httpx.Client) -> None:
    """A 404 is not queued."""
    assert slow.delete(f"{USERS}/nobody").status_code == 404
