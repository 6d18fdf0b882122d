"""Whatever a client sent, or a document says, is shown as text: nothing of it runs, and nothing becomes an element."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.dashboard.servers import served

IMAGE = "<img src=x onerror=\"top.name='hit'\">"
CORPUS = [
    IMAGE,
    "<script>top.name='hit'</script>",
    "\"><svg onload=top.name='hit'>",
    "</textarea><iframe srcdoc='<script>top.name=`hit`</script>'>",
    "javascript:top.name='hit'",
    "' onmouseover=top.name='hit' x='",
    "${top.name='hit'}",
    "{{constructor.constructor('top.name=`hit`')()}}",
    "<style>body{display:none}</style>",
    "<base href=//evil.example/>",
    "<math><mtext><table><mglyph><style><img src=x onerror=top.name='hit'>",
    "]]><!--<a href='javascript:1'>",
    "__proto__",
    "constructor",
    "\u202eevil\u2066\x00\x1b[31m",
]
MARKDOWN = "\n\n".join((*CORPUS[:13], "[link](javascript:top.name='hit')", "![image](x)", f"```\n{IMAGE}\n```"))
ADDED = "script, iframe, svg[onload], img:not([src='page/icon.svg']), style, base, math, [onerror], [onmouseover]"


def document() -> dict[str, object]:
    """A document whose names and texts are all markup, and which keeps what it is sent."""
    members = {text: {"type": "string", "description": text} for text in CORPUS[:8]}
    item = {
        "type": "object",
        "required": ["id"],
        "title": IMAGE,
        "properties": {"id": {"type": "string"}, "kind": {"type": "string", "enum": CORPUS[:4]}, **members},
    }
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}
    shown = {"description": IMAGE, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}
    listed = {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}}}
    item_path = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    collection = f"/{IMAGE}s"
    return {
        "openapi": "3.1.0",
        "info": {
            "title": IMAGE,
            "version": IMAGE,
            "description": MARKDOWN,
            "contact": {"url": "javascript:top.name='hit'"},
        },
        "externalDocs": {"url": "javascript:top.name='hit'", "description": IMAGE},
        "paths": {
            collection: {
                "get": {"operationId": f"list{IMAGE}", "responses": {"200": {"description": "ok", "content": listed}}},
                "post": {"operationId": f"add{IMAGE}", "requestBody": body, "responses": {"201": shown}},
            },
            f"{collection}/{{id}}": {
                "parameters": [item_path],
                "get": {"operationId": f"get{IMAGE}", "responses": {"200": shown, "404": {"description": "none"}}},
                "put": {"operationId": f"put{IMAGE}", "requestBody": body, "responses": {"200": shown}},
            },
        },
        "components": {"schemas": {"Item": item}},
    }


@pytest.fixture(scope="module")
def hostile_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A mock of that document, which was sent the corpus in every place."""
    path: Path = tmp_path_factory.mktemp("hostile") / "hostile.yaml"
    path.write_text(yaml.safe_dump(document()))
    for server in served(str(path)):
        with server.client("/hostile") as client:
            collection = quote(f"/{IMAGE}s", safe="/")
            for number, text in enumerate(CORPUS):
                record = {"id": f"{number}{text}", text: text, "kind": CORPUS[0], "deep": {text: [text]}}
                client.post(collection, json=record)
                client.get(f"{collection}/{quote(text, safe='')}", params={text: text})
                client.post(collection, json={"id": 7, text: text})
            client.post(collection, content=IMAGE, headers={"Content-Type": "text/html", "X-Evil": IMAGE})
            client.request(
                "GET", f"/{quote(IMAGE)}/nowhere", headers={"Accept": IMAGE, "Referer": "javascript:alert(1)"}
            )
        yield server


def refuse_hits(page: Page, where: str) -> None:
    """Nothing ran, and nothing that was sent is an element."""
    assert page.evaluate("window.name") == "", where
    assert page.locator(f"body :is({ADDED})").count() == 0, where


def test_requests_are_text(page, hostile_server):
    """In the list, in each request, and in what is made of it."""
    seen = []
    page.on("dialog", lambda dialog: seen.extend([dialog.message, dialog.dismiss()]))
    page.goto(f"{hostile_server.root}/__admin/#/default/requests")
    expect(page.get_by_role("row")).to_have_count(48)
    refuse_hits(page, "list")
    numbers = [
        entry["id"] for entry in httpx.get(f"{hostile_server.root}/__admin/requests?summary=true").json()["requests"]
    ]

    for number in numbers[:8] + numbers[-6:]:
        page.goto(f"{hostile_server.root}/__admin/#/default/requests/{number}")
        expect(page.locator(".facts")).to_contain_text(f"Number{number}")
        refuse_hits(page, f"request {number}")
        for name in ("Make a stub of it", "Make a test of it"):
            page.get_by_role("button", name=name).click()
            expect(page.get_by_role("dialog")).to_be_visible()
            refuse_hits(page, f"{name} {number}")
            page.keyboard.press("Escape")

    page.goto(f"{hostile_server.root}/__admin/#/default/requests/1")
    expect(page.get_by_label("Body of the request")).to_contain_text(IMAGE.replace('"', '\\"'))
    assert seen == []


def test_records_are_text(page, hostile_server):
    """Collections, members, values, the form with its descriptions and choices, and what changed."""
    [api] = httpx.get(f"{hostile_server.root}/__admin/apis").json()["apis"]
    [collection] = httpx.get(f"{hostile_server.root}/__admin/state/{api['name']}").json()["collections"]
    page.goto(f"{hostile_server.root}/__admin/#/default/state")
    expect(page.locator(".shelf")).to_contain_text(collection["name"])
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    refuse_hits(page, "table")

    rows = page.locator("button.link")
    for number in range(rows.count()):
        rows.nth(number).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        refuse_hits(page, f"form {number}")
        page.get_by_role("button", name="Edit as JSON").click()
        refuse_hits(page, f"text {number}")
        page.keyboard.press("Escape")
    page.get_by_role("link", name="What changed").click()
    expect(page.get_by_text("created").first).to_be_visible()
    refuse_hits(page, "changes")

    assert collection["count"] > 10


def test_addresses_are_text(page, hostile_server):
    """Whoever is sent such a link sees what it says: as a world, a view, a collection, the number of a request."""
    for text in CORPUS[:5]:
        evil = quote(text, safe="")
        for address in (
            f"{evil}/requests",
            f"default/{evil}",
            f"default/state/{evil}/{evil}",
            f"default/requests/{evil}",
        ):
            page.goto(f"{hostile_server.root}/__admin/#/{address}")
            page.get_by_role("heading", level=1).wait_for()
            page.wait_for_timeout(60)
            refuse_hits(page, address)


def test_a_member_of_the_name_proto_is_kept(page, hostile_server):
    """It is a member like any other, in the form too."""
    [api] = httpx.get(f"{hostile_server.root}/__admin/apis").json()["apis"]
    [collection] = httpx.get(f"{hostile_server.root}/__admin/state/{api['name']}").json()["collections"]
    at = f"{hostile_server.root}/__admin/state/{api['name']}/{quote(collection['name'], safe='')}/12__proto__"
    page.goto(f"{hostile_server.root}/__admin/#/default/state")
    page.get_by_role("button", name="12__proto__", exact=True).click()

    page.get_by_role("dialog").get_by_label("__proto__", exact=True).fill("changed")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("The record is saved.")).to_be_visible()
    assert httpx.get(at).json()["__proto__"] == "changed"


def test_faults_webhooks_and_documents_are_text(page, hostile_server):
    """What was asked for, what was sent, and what documents say, in the views of them."""
    admin = f"{hostile_server.root}/~texts/__admin"
    [api] = httpx.get(f"{admin}/apis").json()["apis"]
    httpx.post(
        f"{admin}/faults", json={"status": 500, "body": CORPUS, "path": f"/{IMAGE}", "headers": {"X-Evil": IMAGE}}
    )
    stub = {"name": IMAGE, "request": {"urlPath": f"/{IMAGE}"}, "response": {"body": IMAGE}, "scenarioName": IMAGE}
    httpx.post(f"{admin}/mappings", json=stub)
    views = ["faults", "outbox", "clock"]
    views += [f"apis/{api['name']}/{tab}" for tab in ("operations", "assumptions", "findings", "coverage")]
    for view in views:
        page.goto(f"{hostile_server.root}/__admin/#/texts/{view}")
        page.get_by_role("heading", level=1).wait_for()
        expect(page.get_by_text("Reading…")).to_have_count(0)
        page.wait_for_timeout(60)
        refuse_hits(page, view)

    page.goto(f"{hostile_server.root}/__admin/#/texts/faults")
    expect(page.get_by_text(f"200 to ANY /{IMAGE}")).to_be_visible()
    page.goto(f"{hostile_server.root}/__admin/#/texts/apis/{api['name']}/coverage")
    expect(page.get_by_role("rowheader").first).to_contain_text(IMAGE)


def test_a_hostile_document_does_nothing_in_its_docs(page, hostile_server):
    """Its Markdown may have markup, of which nothing runs and nothing is loaded; all its names are text."""
    [api] = httpx.get(f"{hostile_server.root}/__admin/apis").json()["apis"]
    # The viewer cleans markup in a document of its own, whose handlers the browser reports as blocked.
    docs = page.context.new_page()
    loaded: list[str] = []
    docs.on("requestfinished", lambda one: None if one.url.startswith("data:") else loaded.append(one.resource_type))
    docs.goto(f"{hostile_server.root}/~docs/__admin/apis/{api['name']}/docs")
    docs.locator(".opblock-summary-control").nth(3).wait_for()
    for number in range(4):
        docs.locator(".opblock-summary-control").nth(number).click()
    docs.locator(".models-control").click()
    docs.get_by_role("button", name="Execute").first.click()
    docs.locator(".live-responses-table").first.wait_for()

    handlers = "[onerror], [onload], [onmouseover], [srcdoc]"
    assert docs.evaluate("window.name") == ""
    assert docs.locator(f"script:not([src]), iframe, base, {handlers}, a[href^='javascript']").count() == 0
    assert {"image", "document"}.intersection(loaded) == {"document"}
    assert loaded.count("document") == 1
    expect(docs.locator(".info .title")).to_contain_text(IMAGE)
    expect(docs.locator(".opblock-summary-path").first).to_contain_text(IMAGE)
