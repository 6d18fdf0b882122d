"""A webhook cannot steer the mock that sends it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver.server.in_process import RunningMock, running

DOCUMENT = """
openapi: 3.1.0
info: {title: Jobs, version: "1"}
servers: [{url: /v1}]
paths:
  /jobs:
    post:
      requestBody: {content: {application/json: {schema: &job {type: object, properties: {id: {type: string},
        then: {type: string}}}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: *job}}}}
      callbacks: {done: {"{$request.body#/then}": {post: {responses: {"200": {description: Heard.}}}}}}
    get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: *job}}}}}}
  /jobs/{id}:
    get: {responses: {"200": {description: One., content: {application/json: {schema: *job}}}}}
    post: {responses: {"204": {description: Heard.}}}
webhooks:
  done: {post: {responses: {"200": {description: Heard.}}}}
"""


@pytest.fixture
def mock(tmp_path: Path) -> Iterator[RunningMock]:
    """The mock of jobs on a port of its own, where any host is allowed."""
    file = tmp_path / "jobs.yaml"
    file.write_text(DOCUMENT, encoding="utf-8")
    with running(str(file), allow_hosts=["*"]) as served:
        yield served


def settled(mock: RunningMock) -> list[dict[str, object]]:
    """The deliveries once all are tried."""
    httpx.post(f"{mock.root}/__admin/outbox/settle", json={"timeout": 5})
    found: list[dict[str, object]] = httpx.get(f"{mock.root}/__admin/outbox").json()["deliveries"]
    return found


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0.0.0.0", "[::ffff:127.0.0.1]"])  # noqa: S104
def test_a_webhook_to_the_mock_itself_is_refused(mock, host):
    """Else whoever makes the mock send one could reset another world."""
    port = mock.root.rpartition(":")[2]
    httpx.post(f"{mock.root}/~bob/v1/jobs", json={"id": "kept"})

    url = f"http://{host}:{port}/~bob/__admin/reset"
    httpx.post(f"{mock.root}/__admin/webhooks/done", json={"url": url})

    [delivery] = settled(mock)
    assert (delivery["state"], "is this mock itself" in str(delivery["attempts"])) == ("failed", True)
    assert "kept" in [job["id"] for job in httpx.get(f"{mock.root}/~bob/v1/jobs").json()]


def test_a_relative_callback_stays_in_its_api_and_world(mock):
    """It is the document's word that the API calls itself; nothing leads from there to other worlds."""
    answer = httpx.post(f"{mock.root}/v1/jobs", json={"id": "a", "then": "/jobs/a"})
    astray = [
        httpx.post(f"{mock.root}/v1/jobs", json={"then": then}).headers["Mock-Assumption"]
        for then in ("/~bob/__admin/reset", "__admin/reset", "%2f%7Ebob/x", "/x/../../__admin/reset")
    ]

    [delivery] = settled(mock)
    assert (answer.status_code, delivery["state"], delivery["url"]) == (201, "delivered", f"{mock.root}/v1/jobs/a")
    assert ["it would leave the API and the world of the request" in note for note in astray] == [True] * 4
