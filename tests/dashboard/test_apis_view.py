"""What is served, in a browser: why operations answer so, what is left open, findings at their lines, coverage."""

from __future__ import annotations

from playwright.sync_api import expect

from mockserver.vendors import APIS


def test_operations_say_what_answers_them_and_why(visit, picture, axe):
    """With the evidence in the document, and what would change it."""
    page = visit("apis", "shop")
    listed = page.locator("details").first

    listed.locator("summary").click()

    expect(listed).to_contain_text("GET")
    expect(listed).to_contain_text("Its records answer it.")
    expect(listed).to_contain_text("GET /orders/{id} answers a single object (0.2)")
    expect(listed).to_contain_text("x-mock-role: schema")
    picture("apis")
    assert axe() == []


def test_an_assumption_is_switched_in_this_world(visit, world, dashboard_server, picture, axe):
    """From the next request on, and in no other world."""
    beyond = "/xqr/api/v1/links?limit=201"
    page = visit("apis", "xqr", "assumptions")
    question = page.get_by_role("group", name="What happens to a `limit` or an `offset` out of range?")
    with dashboard_server.client("") as client:
        client.headers.update(dict([APIS["xqr"].credential]))
        before = client.get(f"/~{world}{beyond}").status_code

        page.get_by_role("searchbox").fill("OFFSET range")
        expect(page.get_by_role("group", name="What happens", exact=False)).to_have_count(1)
        question.get_by_role("radio", name="clamp").check()
        expect(page.get_by_text("xqr.paging-bounds is clamp from now on.")).to_be_visible()
        expect(question.get_by_text("switched from refuse")).to_be_visible()
        after = client.get(f"/~{world}{beyond}")
        elsewhere = client.get(beyond).status_code

    picture("assumptions")
    assert (before, after.status_code, elsewhere) == (400, 200, 400)
    assert "xqr.paging-bounds=clamp" in after.headers["Mock-Assumption"]
    assert axe() == []


def test_findings_stand_at_their_lines(visit, picture, axe):
    """With the line as it is in the file."""
    page = visit("apis", "shop", "findings")

    expect(page.get_by_text("shop.yaml:63")).to_be_visible()
    expect(page.get_by_label("Line 63")).to_contain_text("example: many")
    expect(page.get_by_text("expected an integer, got a string", exact=False)).to_be_visible()
    picture("findings")
    assert axe() == []


def test_coverage_is_a_matrix(visit, shop, picture, axe):
    """Declared statuses that were seen, with how often, and those that were not."""
    shop.get("/orders")
    shop.get("/orders")
    shop.get("/orders/999")
    page = visit("apis", "shop", "coverage")
    row = page.get_by_role("row").filter(has_text="GET /orders").first

    expect(row.get_by_role("cell").first).to_have_text("2")
    expect(page.get_by_text("2 of 4")).to_be_visible()
    heads = ["Operation", "200", "201", "204", "404", "Parameters not sent"]
    expect(page.get_by_role("columnheader")).to_have_text(heads)
    picture("coverage")
    assert axe() == []


def test_the_docs_are_a_click_away(visit):
    """In the world of the page."""
    page = visit("apis", "pets")

    page.get_by_role("link", name="Read and try it").click()

    expect(page.locator(".swagger-ui .info .title")).to_contain_text("Pets", timeout=10_000)


def test_an_api_that_is_not_served_is_told(visit):
    """By its name."""
    page = visit("apis", "nothing")

    expect(page.get_by_text("No API nothing is served.")).to_be_visible()
