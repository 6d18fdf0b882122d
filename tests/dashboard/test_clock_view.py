"""World time in a browser: stopped, moved on, and what is due at which time."""

from __future__ import annotations

from playwright.sync_api import expect


def test_time_is_stopped_moved_and_given_back(visit, control, picture):
    """The world's clock is what the page shows."""
    page = visit("clock")
    expect(page.get_by_text("runs with this machine")).to_be_visible()

    page.get_by_label("Stop it at (empty: now)").fill("2027-01-01T00:00:00Z")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_text("2027-01-01 00:00:00 UTC")).to_be_visible()
    expect(page.get_by_text("stands still", exact=True)).to_be_visible()
    page.get_by_role("button", name="1 day").click()
    expect(page.get_by_text("2027-01-02 00:00:00 UTC")).to_be_visible()
    page.get_by_label("Advance it by").fill("1h 30m")
    page.get_by_role("button", name="Advance", exact=True).click()
    expect(page.get_by_text("2027-01-02 01:30:00 UTC")).to_be_visible()
    moved = control.get("/clock").json()
    picture("clock")
    page.get_by_role("button", name="Reset").click()

    expect(page.get_by_text("runs with this machine")).to_be_visible()
    assert (moved["now"], moved["frozen"]) == ("2027-01-02T01:30:00.000Z", True)
    assert control.get("/clock").json()["frozen"] is False


def test_a_time_that_is_none_is_told(visit, control):
    """And nothing happens to the clock."""
    page = visit("clock")

    page.get_by_label("Advance it by").fill("tomorrow")
    page.get_by_role("button", name="Advance", exact=True).click()

    expect(page.get_by_role("alert").filter(has_text="duration")).to_be_visible()
    expect(page.get_by_label("Advance it by")).to_have_accessible_description(
        '"tomorrow" is no duration: write 90s, 1h 30m or P3D.'
    )
    assert control.get("/clock").json()["offset"] == 0


def test_what_is_due_is_sent_when_its_time_comes(visit, control, receiver, axe):
    """A webhook that failed waits for its next attempt; time brings it."""
    control.post("/clock/freeze", json={"at": "2027-01-01T00:00:00Z"})
    receiver.script(503, 200)
    control.post("/webhooks/orderCreated", json={"url": receiver.url, "body": {"id": 7, "item": "tea"}})
    control.post("/outbox/settle")
    page = visit("clock")
    due = page.get_by_role("region", name="What is due")
    expect(due.get_by_role("link", name="orderCreated")).to_be_visible()
    expect(due.get_by_text("attempt 2")).to_be_visible()
    found = axe()

    page.get_by_role("button", name="1 day").click()

    expect(due.get_by_text("Nothing waits for a time")).to_be_visible()
    assert found == []
    assert len(receiver.wait(2)) == 2
