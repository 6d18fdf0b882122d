"""The frame of the page: the token, the keyboard, many requests, a server that goes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import free_port, wait_for
from tests.dashboard.conftest import undocumented
from tests.dashboard.servers import served

TOKEN = "t0ken with spaces?"
ROOT_OF_DOCUMENT = "examples/pets.yaml"


@pytest.fixture(scope="module")
def guarded_server():
    """A server that wants a token."""
    yield from served("xqr", "--admin-token", TOKEN)


def test_the_token_is_asked_for_and_kept(page, guarded_server, picture):
    """Until the tab is closed: it is in no address and no cookie; without it or with another one nothing is shown."""
    page.goto(guarded_server.root)
    token = page.get_by_label("Token", exact=True)
    expect(token).to_be_focused()
    expect(token).to_have_attribute("type", "password")
    picture("token")

    token.press("Escape")
    expect(page.get_by_role("alert").get_by_text("The control API wants the token").first).to_be_visible()
    page.reload()
    token.fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("got another one")).to_be_visible()
    page.get_by_label("Token", exact=True).fill(TOKEN)
    page.keyboard.press("Enter")

    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    assert TOKEN not in page.url
    assert page.context.cookies() == []
    assert page.evaluate("[sessionStorage.length, localStorage.length]") == [1, 0]


def test_the_lines_have_the_token_of_the_environment(page, guarded_server):
    """A server that wants it takes them; the token itself is not written down."""
    with guarded_server.client("/__admin", {"Authorization": f"Bearer {TOKEN}"}) as control:
        control.post("/faults", json={"status": 503})
        page.goto(f"{guarded_server.root}/__admin/#/default/faults")
        page.get_by_label("Token", exact=True).fill(TOKEN)
        page.keyboard.press("Enter")
        line = page.get_by_label("As curl").inner_text()
        control.delete("/faults")

        subprocess.run(["bash", "-c", line], check=True, env={**os.environ, "MOCKSERVER_ADMIN_TOKEN": TOKEN})

        assert TOKEN not in line
        assert control.get("/faults").json()["meta"]["total"] == 1


def test_an_unknown_world_is_told_and_made(visit, page, dashboard_server, axe, picture):
    """Nothing is asked of it, so that it is not there; then it is."""
    visit("requests")
    page.goto(f"{dashboard_server.root}/__admin/#/nobody/state/pets/pets")
    expect(page.get_by_role("heading", level=1)).to_have_text("No such world")
    expect(page.get_by_label("World", exact=True).locator("option:checked")).to_have_text("nobody (none)")
    found = axe()
    picture("no-world")
    with dashboard_server.client("/__admin") as client:
        before = [one["name"] for one in client.get("/worlds").json()["worlds"]]

        page.get_by_role("button", name="Make it").click()
        expect(page.get_by_role("cell", name="Rex")).to_be_visible()

        after = [one["name"] for one in client.get("/worlds").json()["worlds"]]
    assert found == []
    assert ("nobody" in before, "nobody" in after) == (False, True)
    expect(page.get_by_label("World", exact=True).locator("option:checked")).to_have_text("nobody")


def test_a_world_that_goes_and_comes_is_told(visit, page, dashboard_server, world):
    """Deleted by another: the view says so; made by another: the view is there again."""
    page = visit("state", "pets", "pets")
    expect(page.get_by_role("cell", name="Rex")).to_be_visible()
    with dashboard_server.client("/__admin") as client:
        client.delete(f"/worlds/{world}").raise_for_status()
        expect(page.get_by_role("heading", level=1)).to_have_text("No such world")

        client.post("/worlds", json={"name": world}).raise_for_status()

    expect(page.get_by_role("cell", name="Rex")).to_be_visible()


def test_all_can_be_done_with_the_keyboard(visit, pets, control):
    """From the link that skips the navigation to a request and back, and a record that is changed."""
    pets.get("/pets/1")
    pets.get("/pets/2")
    page = visit("requests")
    expect(page.get_by_role("row")).to_have_count(3)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    first, second = page.get_by_role("link", name="/pets/v1/pets/2"), page.get_by_role("link", name="/pets/v1/pets/1")
    for _ in range(12):
        page.keyboard.press("Tab")
        if first.evaluate("(one) => one === document.activeElement"):
            break

    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("GET /pets/v1/pets/1")
    expect(page.locator("#said")).to_have_text(
        f"GET /pets/v1/pets/1, world {page.get_by_label('World', exact=True).input_value()}"
    )
    page.go_back()
    page = visit("state", "pets", "pets")
    page.get_by_role("button", name="1", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("name").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Rex the Second")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The record is saved.")).to_be_visible()
    assert control.get("/state/pets/pets/1").json()["name"] == "Rex the Second"


def test_the_focus_is_not_lost_with_what_is_deleted(visit, pets, control):
    """The question begins with the way back; then a neighbour has the focus, else what adds another one."""
    control.post("/faults", json={"status": 503})
    page = visit("state", "pets", "pets")
    page.get_by_role("button", name="Delete 3").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="2", exact=True)).to_be_focused()

    page = visit("faults")
    page.get_by_role("button", name="Delete", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Nothing goes wrong.")).to_be_visible()
    expect(page.get_by_role("button", name="An error")).to_be_focused()
    assert control.get("/state/pets/pets").json()["meta"]["total"] == 2


def test_the_focus_stays_in_a_list_that_grows(visit, pets):
    """On the same request, one row further down."""
    pets.get("/pets/1")
    page = visit("requests")
    link = page.get_by_role("link", name="/pets/v1/pets/1")
    link.focus()

    pets.get("/pets/2")

    expect(page.get_by_role("row")).to_have_count(3)
    expect(link).to_be_focused()


def test_a_thousand_requests_do_not_make_it_stutter(visit, pets):
    """They keep the page's thread busy for two milliseconds each at most, never for longer than three frames at a time,
    and add no elements.
    """
    for _ in range(60):
        pets.get("/pets/1")
    page = visit("requests")
    expect(page.get_by_text("1 to 50 of 60 requests")).to_be_visible()
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    elements, busy = page.locator("*").count(), busy_seconds(page)
    before, longest = busy(), longest_task(page)

    for number in range(1000):
        pets.get(f"/pets/{number}")

    expect(page.get_by_text("1 to 50 of 1,000 requests")).to_be_visible()
    assert longest() < 50
    expect(page.get_by_role("link", name="/pets/v1/pets/999")).to_be_visible()
    page.get_by_label("Text").fill("pets/99")
    expect(page.get_by_text("1 to 11 of 11 requests")).to_be_visible()
    page.get_by_label("Text").fill("")
    expect(page.get_by_text("1 to 50 of 1,000 requests")).to_be_visible()
    assert busy() - before < 2
    assert abs(page.locator("*").count() - elements) < 200


def longest_task(page: Page) -> Callable[[], float]:
    """Begins to watch the thread of the page; the function ends it, and tells the longest task in milliseconds of the
    processor's time: the frames that this task held up, whatever else the machine does.
    """
    devtools, events, done = page.context.new_cdp_session(page), list[dict[str, Any]](), list[bool]()
    devtools.on("Tracing.dataCollected", lambda told: events.extend(told["value"]))
    devtools.on("Tracing.tracingComplete", lambda _: done.append(True))
    devtools.send("Tracing.start", {"categories": "toplevel,devtools.timeline", "transferMode": "ReportEvents"})

    def longest() -> float:
        devtools.send("Tracing.end")
        while not done:
            page.wait_for_timeout(50)
        threads = Counter((one["pid"], one["tid"]) for one in events if one["name"] == "UpdateLayoutTree")
        [(thread, drawings)] = threads.most_common(1)
        tasks = [one for one in events if (one["pid"], one["tid"]) == thread and "tdur" in one]
        asked = [one for one in tasks if OF_TESTS in str(one.get("args"))]
        own = [one for one in tasks if not any(overlap(one, other) for other in asked)]
        assert drawings >= 3
        return max(float(one["tdur"]) / 1000 for one in own)

    return longest


OF_TESTS = "mojom.DevToolsSession"
"""In the arguments of a task that a test asked the page for, not the page itself."""


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether the two tasks ran at the same time, as one within the other does."""
    return bool(one["ts"] <= other["ts"] + other["dur"] and other["ts"] <= one["ts"] + one["dur"])


def busy_seconds(page: Page) -> Callable[[], float]:
    """The processor's time that the thread of the page has used, whatever else the machine does."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def used() -> float:
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    return used


def test_a_server_that_goes_and_comes_is_followed(page):
    """The page says that it is gone, goes on when it is there again, and says what a short journal let go."""
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "mockserver", "serve", ROOT_OF_DOCUMENT, "--port", str(port), "--journal", "1"]

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        wait_for(f"{root}/__admin/health", process)
        return process

    first = start()
    page.goto(root)
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    first.kill()
    first.communicate(timeout=20)
    expect(page.get_by_text("connection lost")).to_be_visible()
    second = start()
    try:
        httpx.get(f"{root}/pets/1")
        expect(page.get_by_text("live", exact=True)).to_be_visible()
        httpx.get(f"{root}/pets/2")
        expect(page.get_by_role("link", name="/pets/2")).to_be_visible()
        page.reload()
        expect(page.get_by_text("1 to 1 of 1 requests; older ones that are not shown: 1")).to_be_visible()
    finally:
        second.terminate()
        second.communicate(timeout=20)


def test_no_view_is_wider_than_a_narrow_window(visit, page, pets, control, world):
    """Whatever long names, addresses and pointers it shows; tables and lines of code move by themselves."""
    long = "x" * 200
    pets.post(f"/pets?{long}", json={long: long, "name": ""}, headers={"X-Long": long})
    control.post("/faults", json={"path": f"/{long}", "status": 503, "headers": {"X-Long": long}})
    control.patch("/state/pets/pets/1", json={"name": long})
    page.set_viewport_size({"width": 390, "height": 800})
    views = ["requests", "requests/1", "state/pets/pets", "state/changes", "faults", "clock", "outbox"]
    views += ["apis/xqr", "apis/shop/operations", "apis/xqr/assumptions", "apis/shop/findings", "apis/xqr/coverage"]
    widths = {}
    for view in views:
        visit(*view.split("/"))
        expect(page.get_by_text("Reading…")).to_have_count(0)
        widths[view] = page.evaluate("document.documentElement.scrollWidth")

    assert widths == dict.fromkeys(views, 390)


def test_a_store_that_is_away_is_told_and_the_view_comes_by_itself(visit, page):
    """The notice goes with the trouble, and a view whose module could not be loaded is loaded again."""
    away = {"status": 503, "content_type": "application/problem+json", "body": '{"detail": "Redis cannot be reached."}'}
    visit("requests")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.route("**/__admin/ready", lambda route: route.fulfill(**away))
    page.route("**/views/state.js", lambda route: route.abort())

    notice = page.get_by_role("alert").filter(has_text="The store does not answer. Redis cannot be reached.")
    expect(notice).to_be_visible()
    expect(page.get_by_text("live", exact=True)).to_have_count(0)
    page.get_by_role("link", name="State").click()
    expect(page.get_by_text("The view could not be loaded.")).to_be_visible()
    page.unroute("**/__admin/ready")
    page.unroute("**/views/state.js")

    expect(page.get_by_role("link", name="What changed")).to_be_visible()
    expect(notice).to_have_count(0)


def test_requests_of_the_page_are_held_against_the_document_of_the_control_api():
    """Each test that opens the page fails where it asks for what is not documented: an address, a method, a query."""
    asked = {
        ("GET", "/~a/__admin/requests?limit=1&summary=true"): 0,
        ("GET", "/__admin/page/views/state.js"): 0,
        ("GET", "/~a/pets/1"): 0,
        ("GET", "/__admin/nothing"): 1,
        ("PUT", "/__admin/requests"): 1,
        ("GET", "/__admin/requests?colour=red"): 1,
    }

    found = {(method, path): len(undocumented(method, f"http://127.0.0.1:1{path}")) for method, path in asked}

    assert found == asked
