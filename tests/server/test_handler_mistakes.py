"""Mistakes of a user's code: told at the start where they can be, else answered as the API's 500 and logged."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from mockserver.server import Options, create_app

DOCUMENT = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /price:
    get:
      operationId: getPrice
      responses:
        "200": {description: A price., content: {application/json: {schema: {type: object}}}}
        "500":
          description: Failed.
          content: {application/json: {schema: {type: object, required: [message],
            properties: {message: {type: string}}}}}
"""
BEGIN = "import sys\nfrom mockserver import Api, Problem, Response\n"


@pytest.fixture
def ask(tmp_path: Path):
    """`ask(body)`: the answer of a handler with this body."""
    (tmp_path / "shop.yaml").write_text(DOCUMENT)

    def answer(body: str) -> httpx.Response:
        (tmp_path / "mine.py").write_text(f"{BEGIN}def get(call, state):\n    {body}\nHANDLERS = {{'getPrice': get}}\n")
        app = create_app(Options(apis=(str(tmp_path / "shop.yaml"),), handlers=(str(tmp_path / "mine.py"),)))
        with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://127.0.0.1:4010") as client:
            return client.get("/price")

    return answer


ESCAPES = {
    "sys.exit(3)": "SystemExit: 3",
    "raise SystemExit": "SystemExit",
    "raise GeneratorExit('x')": "GeneratorExit: x",
    "raise BaseException('odd')": "BaseException: odd",
    "import asyncio; raise asyncio.CancelledError('gone')": "CancelledError: gone",
    "return Response(99, {})": "gave the status 99; expected a number from 200 to 599",
    "return Response('200', {})": "gave the status '200'",
    "return Response(True, {})": "gave the status True",
    "return Response(600, {})": "gave the status 600",
    "return Response(None)": "gave the status None",
    "return Response(200, {}, (('X-A', 'a\\r\\nSet-Cookie: b=1'),))": "X-A the value 'a\\r\\nSet-Cookie: b=1'",
    "return Response(200, {}, (('X-A', 'a\\nb'),))": "gave the header X-A the value",
    "return Response(200, {}, (('X-A', '\\u20ac'),))": "gave the header X-A the value '\\u20ac'",
    "return Response(200, {}, (('X-A', 5),))": "gave the header ('X-A', 5); expected a pair of two texts",
    "return Response(200, {}, (('X-A', None),))": "gave the header ('X-A', None)",
    "return Response(200, {}, (('X-A', b'a'),))": "gave the header ('X-A', b'a')",
    "return Response(200, {}, (('X A', 'a'),))": "gave a header the name 'X A'",
    "return Response(200, {}, (('', 'a'),))": "gave a header the name ''",
    "return Response(200, {}, (('X-A:', 'a'),))": "gave a header the name 'X-A:'",
    "return Response(200, {}, {'X-A': 'a'})": "gave the headers {'X-A': 'a'}; expected pairs",
    "return Response(200, {}, 'X-A')": "gave the headers 'X-A'",
    "return Response(200, {}, ('X-A',))": "gave the header 'X-A'",
    "raise Problem(99, 'odd')": "gave the status 99",
    "raise Problem(409, 'odd', headers=(('X-A', 'a\\r\\nb'),))": "gave the header X-A the value",
    "return object()": "cannot be written as JSON",
}  # fmt: skip


@pytest.mark.parametrize(("body", "said"), ESCAPES.items())
def test_what_cannot_be_answered_is_a_logged_500_of_the_api(ask, caplog, body, said):
    """In the API's own error body, with what was seen; nothing is dropped in silence."""
    with caplog.at_level(logging.ERROR):
        answer = ask(body)

    assert (answer.status_code, said in answer.text.replace("\\\\", "\\")) == (500, True)
    assert "X-A" not in answer.headers
    assert said in caplog.text


def test_an_exit_is_told_in_the_error_body_of_the_document(ask):
    """Which declares a member for it."""
    answer = ask("sys.exit('enough')")

    assert "SystemExit: enough" in answer.json()["message"]


def test_headers_may_stand_in_a_list(ask):
    """They are pairs all the same."""
    answer = ask("return Response(200, {'euro': 5}, [['X-A', 'cafe'], ('X-B', '')])")

    assert (answer.status_code, answer.headers["X-A"], answer.headers["X-B"]) == (200, "cafe", "")


FILES = {
    "exits": ("import sys\nsys.exit(3)\n", "mine.py:2: SystemExit: 3"),
    "exits without a word": ("raise SystemExit\n", "mine.py:1: SystemExit: None"),
    "other than an exception": ("raise BaseException('odd')\n", "mine.py:1: BaseException: odd"),
    "a table that raises": (
        ("from collections.abc import Mapping\nclass T(Mapping):\n    def __getitem__(self, key): raise SystemExit(4)\n"
        "    def __iter__(self): return iter(['getPrice'])\n    def __len__(self): return 1\nHANDLERS = T()\n"),
        "mine.py:3: SystemExit: 4",
    ),
    "a table whose keys raise": (
        "class T(dict):\n    def __iter__(self): raise RuntimeError('no keys')\nHANDLERS = T(getPrice=print)\n",
        "mine.py:2: RuntimeError: no keys",
    ),
    "a table that is made when it is asked for": (
        "def __getattr__(name):\n    if name == 'HANDLERS': raise KeyError('later')\n    raise AttributeError(name)\n",
        "mine.py:2: KeyError: 'later'",
    ),
    "no table": ("HANDLERS = 5\n", "expected a table HANDLERS"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), FILES.values(), ids=FILES)
def test_a_file_of_handlers_that_fails_is_told_in_a_line(tmp_path, text, said):
    """And the command ends with 2, without a traceback."""
    (tmp_path / "shop.yaml").write_text(DOCUMENT)
    (tmp_path / "mine.py").write_text(text)

    command = [sys.executable, "-m", "mockserver", "routes", str(tmp_path / "shop.yaml"), "--handlers"]
    done = subprocess.run(
        [*command, str(tmp_path / "mine.py")], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False)


CODE = ["import sys\nsys.exit(3)\n", "API = 5\n", f"{BEGIN}API = Api(assumptions=(1 / 0 for _ in 'a'))\n"]


@pytest.mark.parametrize("text", CODE)
def test_the_code_of_a_folder_that_fails_is_told_too(tmp_path, text):
    """However it fails."""
    (tmp_path / "openapi.yaml").write_text(DOCUMENT)
    (tmp_path / "api.py").write_text(text)

    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "routes", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, "api.py" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
