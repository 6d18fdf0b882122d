"""Faults that change a real answer on its way, and what remains of the request."""

from pathlib import Path

import httpx
import pytest

from mockserver import Delay, Fault
from mockserver.messages import Delivery
from mockserver.server import Options, create_mock
from mockserver.state.random_source import Random

PETS = str(Path(__file__).parent.parent.parent / "examples" / "pets.yaml")
PET = {"name": "Rex", "species": "dog"}


@pytest.fixture
def mock():
    """Pets in this process."""
    return create_mock(Options(apis=(PETS,)))


@pytest.fixture
def client(mock):
    """Its client."""
    with httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010") as opened:
        yield opened


def fails(mock, **fault):
    """The default world has this fault."""
    return mock.worlds["default"].faults.add(Fault(**fault))


def test_a_required_member_is_missing(mock, client):
    """The outermost one that the document requires; all else is as usual."""
    usual = client.get("/pets").json()
    fails(mock, breaks="missing")

    answer = client.get("/pets")

    assert usual.keys() == {"items", "total"}
    assert answer.json() == {"total": usual["total"]}
    assert "pets.fault=breaks missing" in answer.headers["Mock-Assumption"]


def test_a_member_has_a_wrong_type(mock, client):
    """Which one may be told by its JSON pointer."""
    usual = client.get("/pets/1").json()
    fails(mock, breaks="type", pointer="/name")

    assert client.get("/pets/1").json() == {**usual, "name": 0}


def test_a_list_has_a_broken_item(mock, client):
    """Where the pointer leads into it."""
    fails(mock, breaks="missing", pointer="/items/0/name")

    items = client.get("/pets").json()["items"]

    assert ["name" in item for item in items] == [False, *[True] * (len(items) - 1)]


def test_an_answer_has_a_wrong_content_type(mock, client):
    """And its usual body."""
    usual = client.get("/pets").content
    fails(mock, content_type="text/html")

    answer = client.get("/pets")

    assert (answer.headers["Content-Type"], answer.content) == ("text/html", usual)


def test_a_write_whose_answer_is_lost_may_have_been_carried_out(mock, client):
    """As with real networks: nobody knows before it is read again."""
    total = client.get("/pets").json()["total"]
    for writes in (False, True):
        fails(mock, connection="reset", writes=writes, times=1)
        with pytest.raises(ConnectionResetError):
            client.post("/pets", json=PET)
        total += writes

        assert client.get("/pets").json()["total"] == total


def test_a_request_that_breaks_the_document_does_not_meet_a_fault(mock, client):
    """Nor does one that leads nowhere."""
    rule = fails(mock, status=503)

    assert client.post("/pets", json={}).status_code == 422
    assert client.get("/nothing").status_code == 404
    assert rule.seen == 0


def test_delays_add_up_and_one_failure_decides(mock, client):
    """Faults that only slow down let the others look."""
    fails(mock, delay=2)
    fails(mock, delay=3, bytes_per_second=100_000)
    fails(mock, status=503)
    fails(mock, status=500)

    status = client.get("/pets").status_code

    exchange = mock.worlds["default"].journal.latest
    assert status == 503
    assert exchange.delivery == Delivery(delay=0.005, bytes_per_second=100_000)


DELAYS = [(Delay(fixed=20), 0.02, 0.02), (Delay(lower=10, upper=30), 0.01, 0.03), (Delay(median=10, sigma=2), 0, 600)]


@pytest.mark.parametrize(("delay", "least", "most"), DELAYS)
def test_a_delay_is_drawn_from_its_distribution(delay, least, most):
    """By the world's chance, within ten minutes."""
    drawn = [delay.seconds(chance) for chance in (Random(seed) for seed in range(200))]

    assert least <= min(drawn) <= max(drawn) <= most
    assert sorted(drawn)[100] == pytest.approx({20: 0.02, 0: {30: 0.02, 0: 0.01}[delay.upper]}[delay.fixed], rel=0.5)


def test_a_key_of_a_failed_request_may_be_used_again(serve_keys):
    """The failure is not replayed; an answer that was lost after the write is."""
    mock, client = serve_keys
    headers = {"Idempotency-Key": "k1"}
    fails(mock, status=400, times=1)

    first, second = (client.post("/things", json={"name": "a"}, headers=headers) for _ in range(2))
    fails(mock, status=504, writes=True, times=1)
    headers = {"Idempotency-Key": "k2"}
    lost, again = (client.post("/things", json={"name": "b"}, headers=headers) for _ in range(2))

    assert (first.status_code, second.status_code) == (400, 201)
    assert (lost.status_code, again.status_code, again.json()["name"]) == (504, 201, "b")
    assert len(client.get("/things").json()) == len({item["id"] for item in client.get("/things").json()})
    assert [item["name"] for item in client.get("/things").json()].count("b") == 1


THINGS = """
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    get:
      operationId: listThings
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}}}
    post:
      operationId: addThing
      parameters:
        - {name: Idempotency-Key, in: header, schema: {type: string}}
      requestBody:
        content:
          application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}
      responses:
        "201":
          description: One more.
          content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
  /things/{id}:
    get:
      operationId: getThing
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
      responses:
        "200":
          description: It.
          content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
components:
  schemas:
    Thing:
      type: object
      required: [id, name]
      properties: {id: {type: integer}, name: {type: string}}
"""


@pytest.fixture
def serve_keys(tmp_path):
    """A mock of a document whose writes have idempotency keys, and its client."""
    file = tmp_path / "things.yaml"
    file.write_text(THINGS)
    made = create_mock(Options(apis=(str(file),)))
    with httpx.Client(transport=httpx.WSGITransport(app=made.app), base_url="http://127.0.0.1:4010") as opened:
        yield made, opened
