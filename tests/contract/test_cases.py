"""`mockserver.contract.cases` in the suite of a user, run by a pytest of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from mockserver.contract import cases
from mockserver.problem import Unusable
from tests.contract.broken_app import DOCUMENT, KEY, tracking

ROOT = Path(__file__).parents[2]

SHELF = """
openapi: 3.0.3
info: {title: Shelf, version: "1"}
security: [{key: []}]
paths:
  /books/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 1, maximum: 9}}]
    get:
      responses: {"200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/B"}}}}}
    delete: {responses: {"204": {description: Gone.}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  schemas: {B: {type: object, required: [id], properties: {id: {type: integer}, title: {type: string}}}}
"""


def suite(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The text as a test file, run by pytest with the two plugins that it needs."""
    (folder / "test_suite.py").write_text(f"import mockserver.contract\n\n{text}")
    plugins = ["-p", "mockserver.pytest_plugin", "-p", "schemathesis.pytest.plugin"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-header", "--color", "no", *plugins, *arguments],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """How many tests passed and failed."""
    last = done.stdout.splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|error)", last)}


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with a document that declares no refusal, where every operation can refuse."""
    (tmp_path / "shelf.yaml").write_text(SHELF)
    return tmp_path


SUITE = """
schema = mockserver.contract.cases("shelf.yaml", max_examples=3, seed=1{options})

@schema.parametrize()
def test_api(case):
    case.call_and_validate()
"""


def test_each_operation_is_a_test_on_the_mock(shelf):
    """With its credential; what `mockserver check` does not call a finding is none, and is told at the end."""
    done = suite(shelf, SUITE.format(options=""), "-p", "xdist", "-n", "1")

    assert outcomes(done) == {"passed": 2}, done.stdout[-3000:] + done.stderr
    assert [line.strip().partition(" with")[0] for line in done.stdout.splitlines() if "refuses with 401" in line] == [
        "DELETE /books/{id} refuses",
        "GET /books/{id} refuses",
    ]


def test_strictly_an_undeclared_refusal_fails_the_test(shelf):
    """As `mockserver check --strict` has it."""
    done = suite(shelf, SUITE.format(options=", strict=True"))

    assert outcomes(done) == {"failed": 2}, done.stdout[-3000:] + done.stderr
    assert "ST103 Undocumented status code" in done.stdout


ANEW = """
import httpx

schema = mockserver.contract.cases("shelf.yaml", max_examples=1)
url, headers = schema.config.base_url, {"X-Key": "example-key"}

def test_a_book_is_deleted():
    assert httpx.delete(f"{url}/books/1", headers=headers).status_code == 204
    assert httpx.get(f"{url}/books/1", headers=headers).status_code == 404

def test_the_next_test_finds_it_again():
    assert httpx.get(f"{url}/books/1", headers=headers).status_code == 200
"""


def test_each_test_has_a_world_as_new(shelf):
    """Whatever the test before did."""
    done = suite(shelf, ANEW)

    assert outcomes(done) == {"passed": 2}, done.stdout[-3000:] + done.stderr


def test_a_server_is_checked_by_its_address(tmp_path):
    """The test of an operation with the bug fails, with a curl line, and that of another passes."""
    options = ', headers={{"X-Api-Key": "{key}"}}, url="{url}"'
    text = SUITE.replace("shelf.yaml", str(DOCUMENT))

    with tracking("wrong-content-type") as url:
        done = suite(tmp_path, text.format(options=options.format(key=KEY, url=url)), "-k", "PATCH or batch")

    assert outcomes(done) == {"passed": 1, "failed": 1}, done.stdout[-3000:] + done.stderr
    assert "Undocumented Content-Type" in done.stdout
    assert "curl -X PATCH" in done.stdout


@pytest.mark.parametrize(("bugs", "failed"), [((), 0), (("ignored-auth",), 1)])
def test_the_credential_is_held_to_what_it_opens(tmp_path, bugs, failed):
    """It is no made-up one, whatever phase sends it; a server that asks for none is found."""
    options = ', headers={{"X-Api-Key": "{key}"}}, url="{url}"'
    text = SUITE.replace("shelf.yaml", str(DOCUMENT))
    only = text.replace("schema.parametrize", 'schema.include(operation_id="getTicket").parametrize')

    with tracking(*bugs) as url:
        httpx.post(f"{url}/tickets", json={"title": "A"}, headers={"X-Api-Key": KEY})
        done = suite(tmp_path, only.format(options=options.format(key=KEY, url=url)))

    assert outcomes(done).get("failed", 0) == failed, done.stdout[-3000:] + done.stderr
    assert ("without authentication" in done.stdout) is bool(failed)


def test_the_example_of_the_page_passes(tmp_path):
    """As it stands there, beside the document that it names."""
    page = (ROOT / "docs" / "checking.md").read_text()
    example = re.search(r"^```python test_contract\.py\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert example is not None
    (tmp_path / "orders.yaml").write_text((ROOT / "examples" / "orders.yaml").read_text())

    done = suite(tmp_path, example[1], "-k", "DELETE or GET")

    assert outcomes(done) == {"passed": 3}, done.stdout[-3000:] + done.stderr


@pytest.mark.parametrize(
    ("api", "options", "said"),
    [
        ("xqr", {"enforce_limits": True}, r"cases\(\) takes no enforce_limits: that follows from the check itself"),
        ("xqr", {"sead": 1}, "sead"),
        ("shelves.yaml", {}, "'shelves.yaml' is neither a file, a folder nor a bundled API"),
        ("xqr", {"url": "http://127.0.0.1:1/v1"}, "no server answers there"),
        ("xqr", {"url": "shelf.example"}, "expected the address of a server"),
    ],
)
def test_what_cannot_be_used_is_said_at_once(api, options, said):
    """In words, with what is right."""
    with pytest.raises(Unusable, match=said):
        cases(api, **options)
