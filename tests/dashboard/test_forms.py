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
        "labels": {"type": "object", "additionalProperties": {"type": "integer", "maximum": 9}},
        "owner": {
            "oneOf": [{"$ref": "#/components/schemas/Person"}, {"$ref": "#/components/schemas/Firm"}],
            "discriminator": {"propertyName": "kind", "mapping": {"person": "#/components/schemas/Person"}},
        },
        "code": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
    },
}
PERSON = {
    "type": "object",
    "required": ["kind", "name"],
    "properties": {"kind": {"enum": ["person"]}, "name": {"type": "string", "minLength": 2}},
}
FIRM = {
    "type": "object",
    "required": ["kind", "number"],
    "properties": {"kind": {"const": "Firm"}, "name": {"type": "string"}, "number": {"type": "integer"}},
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
        "components": {"schemas": {"Thing": THING, "Place": PLACE, "Person": PERSON, "Firm": FIRM}},
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
    tags = form.get_by_role("group", name="tags")
    tags.get_by_role("button", name="Remove this item").first.click()
    tags.get_by_role("button", name="Add an item").click()
    tags.get_by_label("Item 2", exact=True).fill("c")
    parts = form.get_by_role("group", name="parts")
    parts.get_by_label("n", exact=True).fill("2")
    parts.get_by_role("button", name="Add an item").click()
    item = parts.get_by_role("group", name="Item 2")
    item.get_by_role("button", name="Add n").click()
    item.get_by_label("n", exact=True).fill("12345678901234567890")
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
    """Those that the page sees, all at once, then those that the schema knows; the record stays as it was."""
    form = form_of_first()
    wrong = form.locator(".wrong:not(:empty)")
    number, item = form.get_by_label("price", exact=True), form.get_by_label("n", exact=True)
    number.fill("cheap")
    item.fill("")
    form.get_by_label("Item 2", exact=True).fill("too long")
    form.get_by_role("button", name="Save").click()
    expect(wrong).to_have_text(
        ["expected a number, and nothing is entered", 'expected a number, got "cheap"', "2 values do not fit."]
    )
    expect(item).to_be_focused()

    number.fill("-1")
    item.fill("1.5")
    form.get_by_role("button", name="Save").click()

    expect(wrong).to_have_text(
        ["expected an integer, got a number", "-1 is less than 0", "expected at most 5 characters, got 8",
         "3 values do not fit."]
    )  # fmt: skip
    for field in (number, item, form.get_by_label("Item 2", exact=True)):
        expect(field).to_have_attribute("aria-invalid", "true")
    assert httpx.get(kept).json() == FIRST


def test_a_value_of_several_shapes_has_a_choice_of_them(form_of_first, page, kept, picture, axe):
    """The shape of the value is chosen; another one keeps what fits it; what is wrong is told in it."""
    httpx.patch(kept, json={"owner": {"kind": "person", "name": "Ada"}, "code": 7})
    form = form_of_first()
    owner, code = form.get_by_role("group", name="owner"), form.get_by_role("group", name="code")
    expect(owner.get_by_label("Shape").locator("option:checked")).to_have_text("person")
    expect(code.get_by_label("Shape").locator("option:checked")).to_have_text("integer")

    code.get_by_label("Shape").select_option("string")
    code.get_by_label("Value").fill("7")
    owner.get_by_label("Shape").select_option("Firm")
    expect(owner.get_by_label("name", exact=True)).to_have_value("Ada")
    form.get_by_role("button", name="Save").click()
    expect(owner.get_by_text("expected a number, and nothing is entered")).to_be_visible()
    found = axe()
    picture("form-shapes")
    owner.get_by_label("number required").fill("12")
    form.get_by_role("button", name="Save").click()

    expect(page.get_by_text("The record is saved.")).to_be_visible()
    told = httpx.get(kept).json()
    assert (told["owner"], told["code"]) == ({"kind": "Firm", "name": "Ada", "number": 12}, "7")
    assert found == []


def test_a_map_takes_members_of_any_name(form_of_first, page, kept):
    """By the keyboard too; each is what the schema of the others says."""
    form = form_of_first()
    form.get_by_role("button", name="Add labels").click()
    labels = form.get_by_role("group", name="labels")
    for name, number in (("a/b", "1"), ("__proto__", "10")):
        labels.get_by_label("Name of a member").fill(name)
        labels.get_by_label("Name of a member").press("Enter")
        expect(labels.get_by_label(name, exact=True)).to_be_focused()
        labels.get_by_label(name, exact=True).fill(number)
    form.get_by_role("button", name="Save").click()
    expect(labels.get_by_text("10 is more than 9")).to_be_visible()
    expect(labels.get_by_label("__proto__", exact=True)).to_have_attribute("aria-invalid", "true")

    labels.get_by_label("__proto__", exact=True).fill("2")
    form.get_by_role("button", name="Save").click()

    expect(page.get_by_text("The record is saved.")).to_be_visible()
    assert httpx.get(kept).json()["labels"] == {"a/b": 1, "__proto__": 2}
