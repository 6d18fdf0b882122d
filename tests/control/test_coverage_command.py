"""`mockserver coverage` asks a running mock."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from mockserver import running
from mockserver.cli import main

ORDERS = Path(__file__).parents[2] / "examples" / "orders.yaml"


def coverage(*arguments: str) -> Result:
    """The command, ended."""
    return CliRunner().invoke(main, ["coverage", *arguments])


@pytest.fixture
def orders():
    """A mock with requests in two worlds."""
    with running(ORDERS) as api:
        httpx.get(f"{api.url}/orders", params={"limit": 2}, headers=api.headers)
        httpx.delete(f"{api.root}/~other/orders/v1/orders/1", headers=api.headers)
        yield api


def test_it_tells_what_is_missing_in_all_worlds(orders, tmp_path):
    """Each operation that lacks something, with what; and writes reports."""
    done = coverage("--url", orders.root, "--report", str(tmp_path / "c.json"))

    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "orders: 22.2 % (2 of 5 operations, 2 of 16 statuses, 2 of 6 parameters)",
        "  GET /orders: never seen 401; never sent query status, query offset",
        "  POST /orders: never asked",
        "  GET /orders/{orderId}: never asked",
        "  DELETE /orders/{orderId}: never seen 401, 404",
        "  PATCH /orders/{orderId}: never asked",
    ]
    assert json.loads((tmp_path / "c.json").read_text())["percent"]["all"] == 22.2


def test_one_world_alone(orders):
    """The default world is one as well."""
    done = coverage("--url", orders.root, "--world", "default", "--fail-under", "operations=10")

    assert done.exit_code == 0, done.output
    assert done.output.startswith("orders: 11.1 % (1 of 5 operations, 1 of 16 statuses, 1 of 6 parameters)")


def test_too_little_is_an_exit_code(orders):
    """With how much it is, and how much was asked for."""
    done = coverage("--url", orders.root, "--fail-under", "operations=40,parameters=50")

    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == "mock coverage: 33.3 % of parameters, and 50 % are required"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--url", "http://127.0.0.1:1"), "no mock answers there"),
        (("--url", "127.0.0.1"), "expected where the mock is, such as http://127.0.0.1:4010"),
        (("--url", "{root}", "--api", "pets"), "answers 404: No API 'pets' is served; served are orders."),
        (
            ("--url", "{root}", "--report", "c.txt"),
            "--report c.txt: the file's ending says the format: .json, .md, .xml",
        ),
        (("--url", "{root}", "--fail-under", "much"), "--fail-under much: expected a percentage, such as 80"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line(orders, arguments, said):
    """With exit code 2."""
    done = coverage(*(argument.format(root=orders.root) for argument in arguments))

    assert done.exit_code == 2
    assert said in done.output
