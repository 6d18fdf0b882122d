"""The page of one process before worlds that others use too: two replicas of a mock, with a Redis between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.dashboard.servers import served

PETS = str(Path(__file__).parent.parent.parent / "examples" / "pets.yaml")
MERGE = {"Content-Type": "application/merge-patch+json"}
RECORDS = "/__admin/state/pets/pets"

near_and_far = contextmanager(served)


@pytest.fixture(scope="module")
def replicas(redis_server) -> Iterator[tuple[Server, Server]]:
    """Two servers of the same worlds."""
    store = redis_server.url
    with near_and_far(PETS, "--store", store) as near, near_and_far(PETS, "--store", store) as far:
        yield near, far


@pytest.fixture
def far(replicas: tuple[Server, Server], world: str) -> Iterator[httpx.Client]:
    """A client of this test's world, at the replica that the page is not of."""
    root = replicas[1].root
    httpx.post(f"{root}/__admin/worlds", json={"name": world}).raise_for_status()
    with httpx.Client(base_url=f"{root}/~{world}") as client:
        yield client


@pytest.fixture
def view(page: Page, replicas: tuple[Server, Server], world: str, far: httpx.Client) -> Callable[..., Page]:
    """Opens a view of this test's world."""

    def opened(*parts: str) -> Page:
        page.goto(f"{replicas[0].root}/__admin/#/{'/'.join((world, *parts))}")
        page.get_by_role("heading", level=1).wait_for()
        return page

    return opened


def test_requests_of_another_replica_are_live(view, far):
    """Also those that have the numbers of others, since the world was reset there."""
    page = view("requests")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    far.get("/pets/1")
    expect(page.get_by_role("link", name="/pets/1")).to_be_visible()

    far.post("/__admin/reset")
    far.get("/pets/2")

    expect(page.locator("td.path")).to_have_text(["/pets/2"])


def test_records_follow_what_another_replica_does(view, far):
    """A client, a test, and a reset."""
    page = view("state", "pets", "pets")
    name = page.get_by_role("row").nth(1).get_by_role("cell").nth(1)
    expect(name).to_have_text("Rex")
    seen = []

    for change, said in (
        (lambda: far.patch("/pets/1", json={"name": "Client"}, headers=MERGE), "Client"),
        (lambda: far.patch(f"{RECORDS}/1", json={"name": "Test"}), "Test"),
        (lambda: far.post("/__admin/reset"), "Rex"),
    ):
        seen.append(change().status_code)
        expect(name).to_have_text(said)
    far.delete(f"{RECORDS}/3")

    expect(page.get_by_role("link", name="pets 2")).to_be_visible()
    assert seen == [200, 200, 204]


def test_what_the_page_does_to_a_world_is_done_everywhere(view, far, replicas, world):
    """Fork, snapshot, restore, and a fault."""
    page = view("state", "pets", "pets")
    page.get_by_role("button", name="Snapshot").click()
    page.get_by_label("Name of the snapshot").fill(f"{world}-kept")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text(f"The snapshot {world}-kept is kept.")).to_be_visible()
    far.delete(f"{RECORDS}/1")
    expect(page.get_by_text("1 to 2 of 2 records")).to_be_visible()
    page.get_by_role("button", name="Restore").click()
    page.get_by_label("Snapshot", exact=True).select_option(f"{world}-kept")
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(page.get_by_text(f"The world has the records of {world}-kept.")).to_be_visible()
    restored = far.get(RECORDS).json()["meta"]["total"]

    page.get_by_role("button", name="Fork").click()
    page.get_by_label("Name of the fork").fill(f"{world}-fork")
    page.get_by_role("dialog").get_by_role("button", name="Fork").click()
    expect(page.get_by_label("World", exact=True)).to_have_value(f"{world}-fork")
    forked = httpx.get(f"{replicas[1].root}/~{world}-fork{RECORDS}/1").json()["name"]
    page = view("faults")
    expect(page.get_by_text("Nothing goes wrong.")).to_be_visible()
    far.post("/__admin/faults", json={"status": 503})
    expect(page.get_by_text("struck 0 of 0 seen")).to_be_visible()

    assert (restored, forked) == (3, "Rex")
    assert far.get("/pets/1").status_code == 503
    expect(page.get_by_text("struck 1 of 1 seen")).to_be_visible()


def test_a_page_of_a_file_has_its_worlds_again_after_a_restart(page, tmp_path):
    """With their records and requests."""
    store = f"sqlite:{tmp_path / 'worlds.db'}"
    with near_and_far(PETS, "--store", store) as first:
        httpx.patch(f"{first.root}/~mine/pets/1", json={"name": "Kept"}, headers=MERGE).raise_for_status()

    with near_and_far(PETS, "--store", store) as second:
        page.goto(f"{second.root}/__admin/#/mine/requests")
        expect(page.locator("td.path")).to_have_text(["/pets/1"])
        page.get_by_role("link", name="State").click()

        expect(page.get_by_role("cell", name="Kept")).to_be_visible()
