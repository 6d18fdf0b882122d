"""Bodies that are no JSON, in a browser: forms by their parts, bytes by their digits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import Server
from tests.dashboard.servers import served

DOCUMENT = """
openapi: 3.0.3
info: {title: Files, version: "1"}
paths:
  /files:
    post:
      operationId: upload
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema: &form
              type: object
              required: [country]
              properties:
                file: {type: string, format: binary}
                country: {type: string, enum: [ch, de]}
          application/x-www-form-urlencoded: {schema: *form}
          application/octet-stream: {schema: {type: string, format: binary}}
      responses: {"204": {description: Kept.}}
"""


@pytest.fixture(scope="module")
def files_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A mock that takes forms and bytes."""
    path: Path = tmp_path_factory.mktemp("files") / "files.yaml"
    path.write_text(DOCUMENT)
    yield from served(str(path))


@pytest.fixture
def body(page: Page, files_server: Server, world: str) -> Iterator[tuple[httpx.Client, Locator]]:
    """A client of this test's world, and the side of the page with its first request, once it is opened."""
    with files_server.client(f"/~{world}") as client:
        yield client, page.locator(".side-by-side").first


def opened(page: Page, server: Server, world: str) -> None:
    """Opens the first request of the world."""
    page.goto(f"{server.root}/__admin/#/{world}/requests/1")
    expect(page.get_by_role("heading", level=1)).to_have_text("POST /files")


def test_a_form_with_a_file_is_shown_by_its_parts(page, body, files_server, world, axe, picture):
    """With the name and the media type of the file, its bytes, and what is wrong with a part at its place."""
    client, side = body
    client.post("/files", files={"file": ("a <b>.bin", bytes(range(256)) * 3)}, data={"country": "é"})

    opened(page, files_server, world)

    row = side.get_by_role("row").filter(has_text="a <b>.bin")
    expect(row).to_contain_text("a <b>.bin, application/octet-stream")
    expect(row).to_contain_text("768 bytes")
    expect(row.get_by_label("Bytes of file")).to_contain_text("000040  40 41 42 43 44 45 46 47  @ABCDEFG")
    expect(row.get_by_label("Bytes of file")).not_to_contain_text("0002f8")
    country = side.get_by_role("row").filter(has=page.get_by_role("rowheader", name="country"))
    expect(country).to_contain_text("é")
    expect(country.locator("em")).to_have_text('"é" is none of "ch", "de"')
    found = axe()
    picture("request-form")
    row.get_by_role("button", name="Show all of them").click()

    expect(row.get_by_label("Bytes of file")).to_contain_text("0002f8  f8 f9 fa fb fc fd fe ff  ········")
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") == 1280


def test_a_form_without_files_is_shown_by_its_members(page, body, files_server, world):
    """Decoded; one that is there twice is there twice."""
    client, side = body
    client.post(
        "/files", content=b"country=ch&x=a%26b+c&x=", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )

    opened(page, files_server, world)

    expect(side.get_by_role("table", name="Body of the request").get_by_role("row")).to_have_text(
        ["countrych", "xa&b c", "x"]
    )


def test_bytes_and_broken_forms_are_shown_as_they_are(page, body, files_server, world):
    """What says that it is a form and is none is text, or bytes, of which so many are shown that the page is quick."""
    client, side = body
    client.post("/files", content=b"--x\r\nno end", headers={"Content-Type": "multipart/form-data; boundary=y"})
    client.post("/files", content=b"\xff\x00A", headers={"Content-Type": "application/octet-stream"})

    opened(page, files_server, world)
    expect(side.get_by_label("Body of the request")).to_have_text("--x\r\nno end")
    page.goto(f"{files_server.root}/__admin/#/{world}/requests/2")

    expect(side.get_by_label("Body of the request")).to_contain_text("000000  ff 00 41")
    expect(side).to_contain_text("3 bytes")
    client.post("/files", content=b"\xff" * 70_000, headers={"Content-Type": "application/octet-stream"})
    page.goto(f"{files_server.root}/__admin/#/{world}/requests/3")
    side.get_by_role("button", name="Show the first 65,536").click()
    expect(side.get_by_label("Body of the request")).to_contain_text("00fff8  ff ff ff ff ff ff ff ff")
    expect(side.get_by_label("Body of the request")).not_to_contain_text("010000")
