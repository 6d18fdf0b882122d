"""The webhooks of a world in a browser: what was sent, how it went, and sent once more."""

from __future__ import annotations

import re

from playwright.sync_api import expect


def test_a_delivery_is_seen_and_sent_once_more(visit, control, receiver, picture, axe):
    """With its body, each attempt and its answer. Time stands still, so that no retry comes by itself."""
    control.post("/clock/freeze")
    receiver.script(503)
    body = {"id": 7, "item": "<img src=x onerror=alert(1)>"}
    control.post("/webhooks/orderCreated", json={"url": receiver.url, "body": body})
    control.post("/outbox/settle")
    page = visit("outbox")
    expect(page.get_by_role("row").nth(1)).to_contain_text("503")
    found = {"list": axe()}
    picture("outbox")

    page.get_by_role("link", name="orderCreated").click()
    expect(page.get_by_label("Body of the webhook")).to_contain_text("<img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Send once more").click()
    expect(page.get_by_text("delivered", exact=True)).to_be_visible()
    found["delivery"] = axe()
    picture("delivery")

    assert page.locator(".attempts > li").count() == 2
    assert [one.body for one in receiver.wait(2)] == [receiver.requests[0].body] * 2
    assert found == {"list": [], "delivery": []}


def test_the_list_is_filtered_and_emptied(visit, control, receiver):
    """By state; what comes is there without being asked for."""
    page = visit("outbox")
    expect(page.get_by_text("Nothing was sent.", exact=False)).to_be_visible()
    control.post("/webhooks/orderCreated", json={"url": receiver.url})
    control.post("/outbox/settle")
    expect(page.get_by_role("row")).to_have_count(2)

    page.get_by_label("State").select_option("failed")
    expect(page.get_by_role("row")).to_have_count(0)
    page.get_by_label("State").select_option("delivered")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="Empty").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Empty it")).click()

    expect(page.get_by_text("The outbox is empty.")).to_be_visible()
    assert control.get("/outbox").json()["meta"]["total"] == 0
