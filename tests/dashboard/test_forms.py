"""Forms made of a schema: each kind of value is entered as what it is, and what nobody touched is as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
import yaml
from playwright.sync_api import Locator, Page, expect

from tests.conftest import Server
from tests.dashboard.servers import served

THING = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "minLength": 1, "description": "What it is called."},
        "nickname": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "price": {"type": "number", "minimum": 0},
        "is_new": {"type": "boolean"},
        "size": {"enum": ["s", "m", "l"]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}},
        "parts": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}},
        "place": {"$ref": "#/components/schemas/Place"},
    },
}
PLACE = {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}, "zip": {"type": "string"}}}
FIRST = {
    "id": 1, "name": "one\r\ntwo", "nickname": None, "price": 1.0, "is_new": True, "size": "m", "tags": ["a", "b"],
    "parts": [{"n": 1}], "place": {"city": "Bern"}, "extra": {"deep": [1, {"x": 2}]}, "big": 12345678901234567890,
}  # fmt: skip


@pytest.fixture(scope="module")
def things_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A mock of a document with a member of each kind."""
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    shown = {"description": "ok", "content": body["content"]}
    items = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    listed = {"description": "ok", "content": {"application/json": {"schema": items}}}
    path = tmp_path_factory.mktemp("things") / "things.yaml"
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {
            "/things": {
                "get": {"responses": {"200": listed}},
                "post": {"requestBody": body, "responses": {"201": shown}},
            },
            "/things/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "get": {"responses": {"200": shown}},
            },
        },
        "components": {"schemas": {"Thing": THING, "Place": PLACE}},
    }
    path.write_text(yaml.safe_dump(document))
    yield from served(str(path), "--seeds", "0")


@pytest.fixture
def kept(things_server: Server, world: str) -> str:
    """The address of the first record in the control API of this test's world."""
    records = f"{things_server.root}/~{world}/__admin/state/things/things"
    assert httpx.post(records, json=FIRST).status_code == 201
    return f"{records}/1"


@pytest.fixture
def form_of_first(page: Page, things_server: Server, world: str, kept: str) -> Callable[[], Locator]:
    """Opens the form of that record."""

    def opened() -> Locator:
        page.goto(f"{things_server.root}/__admin/#/{world}/state/things/things")
        page.get_by_role("button", name="1", exact=True).click()
        return page.get_by_role("dialog")

    return opened


def test_each_kind_of_value_is_entered_as_what_it_is(form_of_first, page, kept, picture):
    """A text, null and back, a number as it is written, a choice, a list, an object within, JSON."""
    form = form_of_first()
    form.get_by_role("checkbox", name="null").uncheck()
    form.get_by_label("nickname", exact=True).fill("")
    form.get_by_label("price", exact=True).fill("10.50")
    form.get_by_label("is_new", exact=True).uncheck()
    form.get_by_label("size", exact=True).select_option("l")
    form.get_by_role("button", name="Remove this item").first.click()
    form.get_by_role("button", name="Add an item").click()
    form.get_by_label("Item of tags").last.fill("c")
    form.get_by_label("parts", exact=True).fill('[{"n": 2}, {"n": 12345678901234567890}]')
    form.get_by_label("city required").fill("Basel")
    form.get_by_role("button", name="Add zip").click()
    form.get_by_label("zip", exact=True).fill("4000")
    form.get_by_role("button", name="Remove extra").click()
    picture("form")
    form.get_by_role("button", name="Save").click()

    expect(page.get_by_text("The record is saved.")).to_be_visible()
    told = httpx.get(kept)
    assert '"price":10.50' in told.text or '"price":10.5' in told.text
    assert told.json() == {
        "id": 1, "name": "one\r\ntwo", "nickname": "", "price": 10.5, "is_new": False, "size": "l", "tags": ["b", "c"],
        "parts": [{"n": 2}, {"n": 12345678901234567890}], "place": {"city": "Basel", "zip": "4000"},
        "big": 12345678901234567890,
    }  # fmt: skip


def test_what_nobody_touched_is_not_sent(form_of_first, page, kept):
    """What a client changes meanwhile stays, and so do line ends, large numbers and 1.0."""
    form = form_of_first()
    httpx.patch(kept, json={"size": "s"})

    form.get_by_label("city required").fill("Basel")
    form.get_by_role("button", name="Save").click()

    expect(page.get_by_text("The record is saved.")).to_be_visible()
    told = httpx.get(kept)
    assert told.json() == {**FIRST, "size": "s", "place": {"city": "Basel"}}
    assert '"price":1.0' in told.text


def test_each_mistake_is_told_at_its_field(form_of_first, page, kept):
    """Those that the page sees, and those that the schema knows; the record stays as it was."""
    mistakes = [
        ("price", "cheap", 'expected a number, got "cheap"'),
        ("price", "-1", "-1 is less than 0"),
        ("parts", '[{"n": "x"}]', "/0/n:"),
        ("parts", "[", "is no JSON"),
        ("Item of tags", "too long", "/0:"),
    ]
    for label, entered, said in mistakes:
        form = form_of_first()
        form.get_by_label(label, exact=True).first.fill(entered)
        form.get_by_role("button", name="Save").click()

        expect(form.locator(".member > .wrong, fieldset > .wrong").filter(has_text=said)).to_be_visible()
        page.keyboard.press("Escape")
    assert httpx.get(kept).json() == FIRST
