"""The requests of a world, live in a browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect


def test_a_browser_finds_the_page_at_the_address_of_the_server(page, dashboard_server):
    """And shows the requests of the default world."""
    page.goto(dashboard_server.root)

    expect(page.get_by_role("heading", level=1)).to_have_text("Requests")
    assert page.url == f"{dashboard_server.root}/__admin/"
    assert page.title() == "Requests · default · mockserver"


def test_the_address_of_a_world_leads_to_its_page(page, dashboard_server, world, pets):
    """`/~alice/` shows what happened in that world alone."""
    pets.get("/pets/1")

    page.goto(f"{dashboard_server.root}/~{world}/")

    expect(page.get_by_role("link", name="/pets/v1/pets/1")).to_be_visible()
    expect(page.get_by_label("World")).to_have_value(world)


def test_requests_appear_as_they_are_made(visit, pets, picture):
    """With method, path, status, time, what answered, and what was wrong with them."""
    page = visit("requests")
    expect(page.get_by_text("live", exact=True)).to_be_visible()

    pets.post("/pets", json={"name": "", "species": "ant"})

    cells = page.get_by_role("row").nth(1).get_by_role("cell")
    expect(cells.nth(2)).to_have_text("/pets/v1/pets")
    expect(cells.nth(1)).to_have_text("POST")
    expect(cells.nth(3)).to_have_text("422")
    expect(cells.nth(4)).to_have_text(re.compile(r"\d+\.\d"))
    expect(cells.nth(5)).to_have_text("addPet invalid")
    expect(cells.nth(6)).to_have_text("2 violations")
    picture("requests")


def test_the_list_is_filtered(visit, pets):
    """By text, API, status, and whether something was wrong."""
    pets.get("/pets")
    pets.get("/pets/1")
    pets.post("/pets", json={})
    page = visit("requests")
    rows = page.get_by_role("row")
    expect(rows).to_have_count(4)
    seen = []

    for label, value in (
        ("Text", "pets/1"),
        ("Text", ""),
        ("Status", "4"),
        ("Status", ""),
        ("API", "xqr"),
        ("API", "pets"),
    ):
        control = page.get_by_label(label, exact=True)
        control.fill(value) if label == "Text" else control.select_option(value)
        seen.append(rows.filter(visible=True).count() - 1)
    page.get_by_label("Only with violations").check()

    expect(rows).to_have_count(2)
    assert seen == [1, 3, 1, 3, -1, 3]


def test_a_list_that_is_paused_counts_what_it_holds_back(visit, pets):
    """And shows it when it goes on."""
    page = visit("requests")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.get_by_role("button", name="Pause").click()

    pets.get("/pets")
    pets.get("/pets/1")

    expect(page.get_by_role("button", name="2 new")).to_be_visible()
    expect(page.get_by_text("No request fits.")).to_be_visible()
    page.get_by_role("button", name="2 new").click()
    expect(page.get_by_role("row")).to_have_count(3)


def test_axe_finds_nothing_serious_in_the_list(visit, pets, axe):
    """Neither in light nor in dark."""
    pets.get("/pets")
    pets.post("/pets", json={})
    page = visit("requests")
    expect(page.get_by_role("row")).to_have_count(3)

    assert axe() == []


def test_a_request_of_another_day_has_its_date(visit, pets, control):
    """Today's have the time alone."""
    page = visit("requests")
    pets.get("/pets/1")
    expect(page.locator("td.time").first).to_have_text(re.compile(r"^\d\d:\d\d:\d\d\.\d{3}$"))

    control.post("/clock/freeze", json={"at": "2030-01-02T03:04:05Z"})
    pets.get("/pets/2")

    expect(page.locator("td.time").first).to_have_text("2030-01-02 03:04:05.000")


def test_a_missing_member_is_named_in_the_body(visit, pets):
    """At the nearest line above, which is not its own."""
    pets.post("/pets", json={"species": "dog"})

    page = visit("requests", "1")

    expect(page.get_by_label("Body of the request").locator("em")).to_have_text("name is required")
    expect(page.locator(".finding.warn li").first).to_have_text("body/name is required")


def test_all_columns_are_seen(visit, pets):
    """Also those behind a long path, which gives way; fields of a filter stand on one line."""
    pets.get("/pets/1?" + "x=" + "y" * 300)
    pets.post("/pets", json={})
    page = visit("requests")
    expect(page.get_by_role("row")).to_have_count(3)

    table = page.locator(".requests .table")
    tops = page.locator(".filters .field > :is(input, select)").evaluate_all(
        "(all) => all.map((one) => [one.getBoundingClientRect().top, one.getBoundingClientRect().height])"
    )

    assert table.evaluate("(one) => one.scrollWidth - one.clientWidth") == 0
    assert len(tops) == 3
    assert all(top == tops[0] for top in tops)


def test_a_narrow_window_shows_all_of_a_request(visit, page, pets, picture):
    """Method, path and status in one line, all else below; nothing is beyond the edge."""
    pets.post("/pets?" + "x=" + "y" * 300, json={})
    page.set_viewport_size({"width": 390, "height": 800})
    visit("requests")
    row = page.get_by_role("row").filter(has_text="POST")

    places = [row.locator(name).bounding_box() for name in ("td.path", "td.status", "td.time", "td.remarks")]
    picture("requests-narrow")

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert all(place["x"] + place["width"] <= 390 for place in places)
    assert places[0]["y"] < places[2]["y"] < places[3]["y"]
    assert abs(places[0]["y"] - places[1]["y"]) < 12


def test_a_row_opens_the_request_and_the_way_back_leads_to_its_page(visit, pets):
    """A click anywhere in it; the list is where it was."""
    for number in range(52):
        pets.get(f"/pets/{number}")
    page = visit("requests")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("51 to 52 of 52 requests")).to_be_visible()

    page.get_by_role("row").nth(1).locator("td.number").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("GET /pets/v1/pets/1")
    page.get_by_role("link", name="All requests").click()

    expect(page.get_by_text("51 to 52 of 52 requests")).to_be_visible()


def test_an_empty_list_says_whether_it_was_filtered(visit, pets, world):
    """A world that was asked for nothing says so."""
    page = visit("requests")
    expect(page.get_by_text(f"Nothing was sent to the world {world} yet.")).to_be_visible()
    pets.get("/pets")
    expect(page.get_by_role("row")).to_have_count(2)

    page.get_by_label("Text").fill("nothing has this")

    expect(page.get_by_text("No request fits.")).to_be_visible()
