"""Documents as readable docs in a browser, whose operations are tried in the mock; nothing comes from elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

PETS = "apis/pets/docs"


@pytest.fixture
def read_docs(page: Page, dashboard_server, world):
    """Opens the docs of an API in this test's world, and notes what was asked for elsewhere."""
    elsewhere: list[str] = []

    def note(url: str) -> None:
        if not url.startswith((dashboard_server.root, "data:")):
            elsewhere.append(url)

    def opened(where: str = PETS) -> Page:
        page.on("request", lambda one: note(one.url))
        page.goto(f"{dashboard_server.root}/~{world}/__admin/{where}")
        page.locator(".swagger-ui .info .title").wait_for()
        return page

    yield opened
    assert elsewhere == []


def test_an_operation_is_tried_in_the_mock(read_docs, control, picture):
    """In the world of the address, with what the document says of it beside."""
    page = read_docs()
    page.locator("[id$=getPet] button.opblock-summary-control").click()

    page.get_by_placeholder("petId").fill("1")
    page.get_by_role("button", name="Execute").click()

    expect(page.locator(".live-responses-table tbody .response-col_status")).to_contain_text("200")
    expect(page.locator(".live-responses-table")).to_contain_text('"name": "Rex"')
    picture("docs")
    [asked] = control.get("/requests").json()["requests"]
    assert (asked["operation"], asked["response"]["status"]) == ("getPet", 200)


def test_the_credential_of_the_api_is_entered(read_docs, control):
    """So that the first try is no 401."""
    page = read_docs("apis/xqr/docs")
    page.locator("[id$=listLinks] button.opblock-summary-control").click()

    page.get_by_role("button", name="Execute").click()

    expect(page.locator(".live-responses-table tbody .response-col_status")).to_contain_text("200")
    assert control.get("/requests").json()["requests"][0]["response"]["status"] == 200


def test_document_and_world_are_chosen(read_docs, dashboard_server, control):
    """Another document in the same world, the same document in another world, and back to the page."""
    control.post("/worlds", json={"name": "docs-other"})
    page = read_docs()

    page.get_by_label("Document").select_option("shop")
    expect(page.locator(".info .title")).to_contain_text("Shop")
    page.get_by_label("World").select_option("docs-other")
    page.wait_for_url("**/~docs-other/__admin/apis/shop/docs")
    expect(page.locator(".servers option, .servers .computed-url code").first).to_contain_text("/~docs-other/shop")
    page.get_by_label("Document").select_option("The control API")
    page.wait_for_url("**/~docs-other/__admin/docs")
    page.locator(".swagger-ui .info .title").wait_for()
    expect(page.locator(".info .title")).to_contain_text("mockserver control API")
    page.get_by_role("link", name="mockserver", exact=True).click()

    expect(page.get_by_role("navigation", name="Views")).to_be_visible()
    assert page.url.startswith(f"{dashboard_server.root}/~docs-other/__admin/")


def test_a_document_that_is_not_served_is_told(page, dashboard_server):
    """In words, not as an empty page."""
    page.goto(f"{dashboard_server.root}/__admin/apis/nothing/docs")

    expect(page.get_by_role("alert")).to_contain_text("nothing")


def test_without_the_viewer_the_operations_are_listed(page, dashboard_server, axe):
    """And the page says why there is no more, as the server told it."""
    told = '{"title": "Not Found", "status": 404, "detail": "Install the viewer."}'
    page.route(
        "**/page/viewer/*", lambda one: one.fulfill(status=404, body=told, content_type="application/problem+json")
    )

    page.goto(f"{dashboard_server.root}/__admin/apis/pets/docs")

    expect(page.get_by_role("alert")).to_have_text("Install the viewer.")
    expect(page.get_by_role("listitem").filter(has_text="GET /pets/{petId}")).to_be_visible()
    expect(page.get_by_role("link", name="The document as JSON")).to_have_attribute(
        "href", f"{dashboard_server.root}/~default/__admin/apis/pets/openapi.json"
    )
    assert axe() == []


def test_axe_finds_nothing_serious_in_the_frame_of_the_docs(read_docs, axe):
    """The viewer's own markup is its makers'."""
    page = read_docs()
    page.evaluate("document.querySelector('.swagger-ui').remove()")

    assert axe() == []
