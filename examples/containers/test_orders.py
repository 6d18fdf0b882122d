"""The mock as a container of the test run itself, by testcontainers.

    docker build -t mockserver .
    pip install testcontainers pytest
    pytest examples/containers

Where MOCKSERVER_URL names a mock that runs already, it is used instead.
"""

import json
import os
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DOCUMENT = Path(__file__).parent.parent / "orders.yaml"
TOKEN = os.environ.get("MOCKSERVER_ADMIN_TOKEN", "for-tests-only")


@pytest.fixture(scope="session")
def root() -> Iterator[str]:
    """The address of the mock; its container lives as long as the test run."""
    if "MOCKSERVER_URL" in os.environ:
        yield os.environ["MOCKSERVER_URL"]
        return
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import HttpWaitStrategy

    container = (
        DockerContainer("mockserver")
        .with_volume_mapping(str(DOCUMENT), "/api.yaml", "ro")
        .with_command("/api.yaml")
        .with_env("MOCKSERVER_ADMIN_TOKEN", TOKEN)
        .with_exposed_ports(4010)
        .waiting_for(HttpWaitStrategy(4010, "/__admin/health"))
    )
    with container:
        yield f"http://{container.get_container_host_ip()}:{container.get_exposed_port(4010)}"


@pytest.fixture
def world(root: str) -> str:
    """The address of a world that no other test has."""
    return f"{root}/~test-{uuid.uuid4().hex}"


def ask(method: str, url: str, body: object = None) -> Any:
    """The JSON of the answer. Raises HTTPError for 400 and above."""
    headers = {"X-Api-Key": "any", "Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=5) as answer:
        return json.load(answer)


def test_an_order_is_read_as_it_was_made(world: str) -> None:
    """What was sent comes back."""
    made = ask("POST", f"{world}/orders", {"article": "lamp", "quantity": 2})

    read = ask("GET", f"{world}/orders/{made['id']}")

    assert (read["article"], read["quantity"]) == ("lamp", 2)


def test_a_busy_server_is_noticed(world: str) -> None:
    """A failure on demand, in this test's world alone."""
    ask("POST", f"{world}/__admin/faults", {"operation": "listOrders", "status": 503, "times": 1})

    with pytest.raises(urllib.error.HTTPError) as refused:
        ask("GET", f"{world}/orders")

    assert refused.value.code == 503
    refused.value.close()
