"""One request in a browser: beside its answer, and what is made of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from mockserver.vendors import APIS

LINKS = "/api/v1/links"
ODD = {"name": 'O\'Brien "x" $HOME `id` \\ é 🐕\n', "species": "dog"}


@pytest.fixture
def copied(page: Page) -> Callable[[str], str]:
    """What is on the clipboard after this button was pressed."""

    def text(name: str) -> str:
        page.get_by_role("button", name=name).first.click()
        expect(page.get_by_text("is on the clipboard.").last).to_be_visible()
        found: str = page.evaluate("navigator.clipboard.readText()")
        return found

    return text


@pytest.fixture
def xqr(dashboard_server, world):
    """A client of the bundled API with its sample key, in this test's world."""
    with dashboard_server.client(f"/~{world}/xqr", dict([APIS["xqr"].credential])) as client:
        yield client


def test_a_request_is_beside_its_answer(visit, pets, picture):
    """Opened from the list; each violation above, and at its place in the body."""
    pets.post("/pets", json={"name": "", "species": "ant"})
    page = visit("requests")

    page.get_by_role("link", name="/pets/v1/pets").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("POST /pets/v1/pets")
    expect(page.get_by_text("body/name expected at least 1 character, got 0 minLength")).to_be_visible()
    marked = page.get_by_label("Body of the request").locator("li.wrong")
    expect(marked).to_have_count(2)
    expect(marked.first).to_have_text('"name": "",expected at least 1 character, got 0')
    expect(page.get_by_label("Body of the response")).to_contain_text('"title": "Unprocessable Entity"')
    picture("request")


def test_what_is_wrong_with_a_parameter_is_told_at_it(visit, pets):
    """In the query, beside its value; what refused the request is told in words too."""
    pets.get("/pets?offset=1&limit=many")

    page = visit("requests", "1")

    rows = page.get_by_role("table", name="Query").get_by_role("row")
    expect(rows.filter(has_text="limit").locator("em")).to_have_text("expected an integer, got a string")
    expect(rows.filter(has_text="offset").locator("em")).to_have_count(0)
    expect(page.locator(".facts")).to_contain_text("invalid: it breaks its document")


def test_what_the_answer_relies_on_is_told(visit, xqr):
    """Each assumption with its question, and what the option does."""
    xqr.patch(f"{LINKS}/bulk/status", json={"ids": ["00000000-0000-4000-8000-000000000000"], "enabled": False})

    page = visit("requests", "1")

    expect(page.get_by_text("What happens to ids of a bulk update that no link of the workspace has?")).to_be_visible()
    expect(page.get_by_text("They are passed over and not counted.")).to_be_visible()


def test_a_request_that_nothing_took_has_near_misses(visit, pets, picture):
    """The nearest operations, what differs, and a line that works."""
    pets.get("/petz/1")

    page = visit("requests", "1")

    expect(page.get_by_text("GET /pets/v1/pets/{petId}")).to_be_visible()
    expect(page.get_by_text("it has 'pets', this has 'petz'").first).to_be_visible()
    picture("request-near-misses")


def test_what_is_copied_makes_the_same_request(visit, pets, control, copied):
    """For the shell, for httpx, for a browser: each is run, and the journal has the same body again."""
    pets.post("/pets", json=ODD, headers={"X-Odd": "it's"})
    page = visit("requests", "1")
    lines = [copied(name) for name in ("Copy as curl", "Copy as httpx", "Copy as fetch")]

    subprocess.run(["bash", "-c", lines[0]], check=True, capture_output=True)
    subprocess.run([sys.executable, "-c", lines[1]], check=True, capture_output=True)
    page.evaluate(f"async () => {{ {lines[2]} }}")

    made = control.get("/requests").json()["requests"]
    assert [entry["response"]["status"] for entry in made] == [201] * 4
    assert [entry["request"]["json"] for entry in made] == [ODD] * 4
    assert [entry["request"]["headers"].get("X-Odd") or entry["request"]["headers"].get("x-odd") for entry in made] == [
        "it's"
    ] * 4


@pytest.mark.parametrize(
    ("method", "path", "content", "headers"),
    [
        ("POST", "/pets?tag[]=a&x={1,2}&y=%20%27", b"name=a&b", {}),
        ("DELETE", "/pets/../x", b"", {"X-Empty": ""}),
        ("PUT", "/pets/1", bytes(range(256)), {"Content-Type": "application/octet-stream"}),
    ],
)
def test_nothing_is_added_to_what_is_copied(visit, pets, control, copied, method, path, content, headers):
    """No media type, no other method; brackets, dots and bytes arrive as they were."""
    target = httpx.URL(str(pets.base_url)).copy_with(
        raw_path=f"{pets.base_url.raw_path.decode()}{path.lstrip('/')}".encode()
    )
    pets.send(httpx.Request(method, target, content=content, headers=headers))
    page = visit("requests", "1")
    lines = [copied(name) for name in ("Copy as curl", "Copy as httpx", "Copy as fetch")]

    subprocess.run(["bash", "-c", lines[0]], check=True, capture_output=True)
    subprocess.run([sys.executable, "-c", lines[1]], check=True, capture_output=True)
    if "/../" not in path:  # Which every browser resolves.
        page.evaluate(f"async () => {{ {lines[2]} }}")

    made = [entry["request"] for entry in control.get("/requests").json()["requests"]]
    assert len(made) == (4 if "/../" not in path else 3)
    assert {one["method"] for one in made} == {method}
    assert {one["bodyAsBase64"] for one in made} == {b64encode(content).decode()}
    assert {one["headers"].get("Content-Type") or one["headers"].get("content-type") for one in made} == {
        headers.get("Content-Type")
    }
    assert len({one["url"] for one in made[-2:]}) == 1


def test_what_is_copied_goes_to_where_the_page_is(visit, pets, control, copied, dashboard_server, world):
    """A kept entry may be of a port that the mock had before."""
    pets.get("/pets/1", headers={"Host": "127.0.0.1:9"})
    number = control.get("/requests").json()["requests"][0]["id"]
    visit("requests", str(number))

    lines = [copied(name) for name in ("Copy as curl", "Copy as httpx", "Copy as fetch")]

    assert [f"{dashboard_server.root}/~{world}/pets/v1/pets/1" in line for line in lines] == [True, True, True]


def test_what_is_copied_has_a_credential_that_is_taken(visit, xqr, control, copied):
    """The journal shows the first characters of it alone; the line has the one that the API lists."""
    xqr.get(LINKS, params={"limit": 1})
    visit("requests", "1")

    subprocess.run(["bash", "-c", copied("Copy as curl")], check=True, capture_output=True)

    assert [entry["response"]["status"] for entry in control.get("/requests").json()["requests"]] == [200, 200]


def test_what_is_copied_of_a_refused_caller_is_refused(visit, xqr, control, copied):
    """It is not given a credential that is taken; what is cut is told."""
    xqr.get(LINKS, headers={"Authorization": "Bearer nobody-whom-it-knows"})
    page = visit("requests", "1")

    subprocess.run(["bash", "-c", copied("Copy as curl")], check=True, capture_output=True)

    expect(page.get_by_text("Secrets are cut to their first characters")).to_be_visible()
    assert [entry["response"]["status"] for entry in control.get("/requests").json()["requests"]] == [401, 401]


def test_a_request_is_replayed(visit, pets, control):
    """The new request is shown."""
    pets.post("/pets", json=ODD)
    page = visit("requests", "1")

    page.get_by_role("button", name="Replay").click()

    expect(page.get_by_text("Made once more: 201.")).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("Number2")
    assert [pet["name"] for pet in control.get("/state/pets/pets").json()["records"]][-2:] == [ODD["name"]] * 2


def test_a_stub_is_made_of_a_request(visit, pets, picture, copied):
    """Edited before it is added; then it answers."""
    pets.get("/pets/1")
    page = visit("requests", "1")
    page.get_by_role("button", name="Make a stub of it").click()
    box = page.get_by_label("The stub as JSON")
    stub = json.loads(box.input_value())
    stub["response"]["jsonBody"]["name"] = "Stubbed"

    box.fill(json.dumps(stub))
    picture("stub")
    line = copied("Copy as pytest")
    page.get_by_role("button", name="Add the stub").click()

    expect(page.get_by_text("The stub answers from now on.")).to_be_visible()
    assert pets.get("/pets/1").json()["name"] == "Stubbed"
    assert line.startswith("api.stub({")


def test_a_stub_that_is_refused_says_why(visit, pets):
    """And the dialog stays open."""
    pets.get("/pets/1")
    page = visit("requests", "1")
    page.get_by_role("button", name="Make a stub of it").click()
    box = page.get_by_label("The stub as JSON")
    stub = json.loads(box.input_value())

    box.fill(json.dumps({**stub, "response": {"status": 200, "jsonBody": {"id": "x"}}}))
    page.get_by_role("button", name="Add the stub").click()

    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("/id")


def test_tests_are_made_of_requests(visit, pets, xqr, tmp_path):
    """A write, a record made before, a violation, a path of nothing, with a credential and without: all pass."""
    made = pets.post("/pets", json={"name": "Coco", "species": "parrot"}).json()
    pets.get(f"/pets/{made['id']}")
    pets.patch(f"/pets/{made['id']}", json={"name": "Coco the Second"})
    pets.post("/pets", json={"name": "", "species": "ant"})
    pets.get("/petz")
    xqr.post(LINKS, json={"url": "https://example.com/a?b=c"}, headers={"X-Trace": "t-1"})
    xqr.get(f"{LINKS}?limit=2&label=campaign")
    xqr.get(LINKS, headers={"Authorization": "Bearer nobody"})
    xqr.patch(f"{LINKS}/d47f2e1a-8c3b-4a5d-9e6f-1234567890ab", json={"enabled": False})
    codes = []
    for number in range(1, 10):
        page = visit("requests", str(number))
        expect(page.locator(".facts")).to_contain_text(f"Number{number}")
        page.get_by_role("button", name="Make a test of it").click()
        codes.append(page.get_by_label("The test").input_value())
        page.keyboard.press("Escape")

    for number, code in enumerate(codes):
        (tmp_path / f"test_made_{number}.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "mockserver.pytest_plugin"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip

    assert "9 passed" in done.stdout, done.stdout
    assert 'assert answer.json()["name"] == "Coco"' in codes[0]
    assert 'api.state["pets"].insert(' in codes[1]
    assert '["body/name", "body/species"]' in codes[3]
    assert 'headers={**api.headers, "X-Trace": "t-1"}' in codes[5]
    assert 'assert answer.json()["data"]["enabled"] is False' in codes[8]


def test_a_long_body_is_shown_in_part(visit, pets):
    """The rest by request."""
    pets.post("/pets", json={"name": "x", "species": "dog", "more": [*range(2000)]})
    page = visit("requests", "1")
    body = page.get_by_label("Body of the request")
    expect(body.locator("li")).to_have_count(400)

    page.get_by_role("button", name="Show all 2,006 lines").click()

    expect(body.locator("li")).to_have_count(2006)


def test_axe_finds_nothing_serious_in_a_request(visit, pets, axe):
    """With violations; and in the dialogs of a stub and a test."""
    pets.post("/pets", json={"name": "", "species": "ant"})
    page = visit("requests", "1")
    found = {"request": axe()}
    for name in ("Make a stub of it", "Make a test of it"):
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        found[name] = axe()
        page.keyboard.press("Escape")

    assert found == {"request": [], "Make a stub of it": [], "Make a test of it": []}
