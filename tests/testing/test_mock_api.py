"""A mock as a test holds it, with and without pytest: who may call, what goes wrong, what is chosen, and worlds."""

from pathlib import Path

import httpx
import pytest

from mockserver import MockApi, Unusable, running

ORDERS = Path(__file__).parent.parent.parent / "examples" / "orders.yaml"
ORDER = {"article": "lamp", "quantity": 2}


@pytest.fixture(scope="module")
def shared():
    """A mock on a port, for all tests here."""
    with running(ORDERS, seeds=0) as api:
        yield api


@pytest.fixture
def api(shared):
    """A world of its own."""
    with shared.fork() as api:
        yield api


@pytest.fixture
def client(api):
    """A client of that world."""
    with httpx.Client(base_url=api.url, headers=api.headers, timeout=5) as client:
        yield client


# Who may call


def test_a_credential_is_fresh_and_says_which_world(shared: MockApi):
    """Two worlds have two; a client that sends one needs no prefix in its addresses."""
    with shared.fork() as one, shared.fork() as other:
        httpx.post(f"{shared.url}/orders", json=ORDER, headers=one.headers)

        assert (len(one.state["orders"]), len(other.state["orders"]), len(shared.state["orders"])) == (1, 0, 0)
        assert (len({one.key, other.key}), one.headers) == (2, {"X-Api-Key": one.key})


def test_a_bundled_api_knows_the_credential():
    """As it knows its documented one, and refuses any other."""
    with running("xqr") as xqr:
        known = httpx.get(f"{xqr.url}/v1/links", headers={"Authorization": f"Bearer {xqr.key}"})
        unknown = httpx.get(f"{xqr.url}/v1/links", headers={"Authorization": f"Bearer {xqr.key}0"})

    assert (known.status_code, unknown.status_code) == (200, 401)


# What was asked


def test_requests_are_verified(api: MockApi, client):
    """By operation, body, query, headers, status and number."""
    client.post("/orders", json=ORDER, headers={"X-Trace": "t1"})
    client.get("/orders", params={"status": "paid"})

    api.verify("createOrder", body={"article": "lamp"}, headers={"X-Trace": "t1"}, status=201, times=1)
    api.verify("GET /orders", query={"status": "paid"})
    api.verify("deleteOrder", times=0)
    api.verify_order("createOrder", "listOrders")


def test_what_was_not_asked_is_told_with_what_was(api: MockApi, client):
    """The nearest request, and what differs in it."""
    client.post("/orders", json=ORDER)

    with pytest.raises(AssertionError, match=r"(?s)expected 1 request.*nearest: 1\. POST .*createOrder|body: expected"):
        api.verify("createOrder", body={"article": "moon"}, times=1)
    with pytest.raises(AssertionError, match="none meets step 2"):
        api.verify_order("createOrder", "getOrder")
    with pytest.raises(Unusable, match="orders has no operation 'makeOrder'"):
        api.verify("makeOrder")


# What goes wrong


def test_the_next_requests_fail_and_then_none(api: MockApi, client):
    """As often as was said, in the API's own error body."""
    api.fail_next("createOrder", 503, times=2)

    answers = [client.post("/orders", json=ORDER) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [503, 503, 201]
    assert set(answers[0].json()) == {"title", "detail"}
    assert len(api.state["orders"]) == 1


def test_a_connection_breaks(api: MockApi, client):
    """Before there is an answer; the next one is as ever."""
    api.fail_next(connection="reset")

    with pytest.raises(httpx.TransportError):
        client.get("/orders")

    assert client.get("/orders").status_code == 200


def test_an_answer_is_late(api: MockApi, client):
    """Later than the client waits."""
    api.fail_next("listOrders", delay=2000)

    with pytest.raises(httpx.ReadTimeout):
        client.get("/orders", timeout=0.2)


def test_an_operation_fails_for_good(api: MockApi, client):
    """Until the world ends; other operations do not."""
    api.fail("listOrders", 500)

    statuses = [client.get("/orders").status_code for _ in range(3)]

    assert (statuses, client.post("/orders", json=ORDER).status_code) == ([500, 500, 500], 201)


@pytest.mark.parametrize(
    ("operation", "how", "said"),
    [
        ("createOrders", {"status": 503}, "orders has no operation 'createOrders'; the nearest: createOrder"),
        ("createOrder", {}, "says nothing that goes wrong; expected status, delay"),
        ("createOrder", {"status": 200}, "expected a status from 400 to 599"),
        ("createOrder", {"latency": 2}, "a fault has no 'latency'"),
    ],
)
def test_a_failure_that_cannot_be_is_refused(api: MockApi, operation, how, said):
    """With what could be."""
    with pytest.raises(Unusable, match=said):
        api.fail_next(operation, **how)


# Answers of the test's own

KEPT = {"id": 5, "article": "moon", "quantity": 1, "status": "open", "createdAt": "2026-03-20T09:00:00Z"}


def test_a_stub_answers_in_the_place_of_the_mock(api: MockApi, client):
    """The newest one, and nothing but its operation."""
    api.stub("getOrder", 404, body={"title": "Not Found", "detail": "No such order."})
    first = client.get("/orders/5").status_code
    api.stub("getOrder", body=KEPT, headers={"ETag": '"1"'})

    answer = client.get("/orders/5")

    assert (first, answer.status_code, answer.json(), answer.headers["ETag"]) == (404, 200, KEPT, '"1"')
    assert client.get("/orders").json()["total"] == 0


def test_a_stub_is_for_some_requests(api: MockApi, client):
    """By a pattern of WireMock's, or as a whole mapping of WireMock's."""
    api.stub(
        "listOrders", body={"items": [KEPT], "total": 1}, request={"queryParameters": {"status": {"equalTo": "open"}}}
    )
    api.stub({"request": {"method": "GET", "urlPath": "/orders/7"}, "response": {"status": 200, "jsonBody": KEPT}})

    totals = [client.get("/orders", params={"status": status}).json()["total"] for status in ("open", "paid")]

    assert (totals, client.get("/orders/7").json()) == ([1, 0], KEPT)


def test_next_answers_come_in_their_order(api: MockApi, client):
    """Then the mock's own again."""
    api.answer_next("getOrder", body=KEPT)
    api.answer_next("getOrder", 404)

    assert [client.get("/orders/5").status_code for _ in range(3)] == [200, 404, 404]


def test_an_answer_that_breaks_the_document_is_refused(api: MockApi, client):
    """Unless the test wants just that."""
    with pytest.raises(Unusable, match="article: is required"):
        api.stub("getOrder", body={"id": 5})
    with pytest.raises(Unusable, match="orders has no operation 'getOrders'; the nearest: getOrder"):
        api.answer_next("getOrders", 404)

    api.stub("getOrder", body={"id": 5}, check=False)

    assert client.get("/orders/5").json() == {"id": 5}


# What is chosen


def test_a_world_assumes_otherwise():
    """As a header said it, or by name and option; other worlds go on as before."""
    ids = {"ids": ["00000000-0000-4000-8000-000000000000"], "enabled": False}
    with running("xqr") as usual, usual.fork() as strict:
        strict.assume("unknown-ids", "refuse")
        forked = strict.fork()
        forked.assume("xqr.unknown-ids=skip")

        statuses = [
            httpx.patch(f"{api.url}/v1/links/bulk/status", json=ids, headers=api.headers).status_code
            for api in (usual, strict, strict.fork(), forked)
        ]

        with pytest.raises(Unusable, match="xqr has no assumption 'unknown'"):
            usual.assume("unknown", "refuse")
    assert statuses == [200, 404, 404, 200]


# Worlds


def test_a_fork_begins_with_all_and_goes_its_own_way(api: MockApi, client):
    """Records, time and faults."""
    client.post("/orders", json=ORDER)
    api.clock.freeze("2026-03-20T09:00:00Z")
    api.fail("listOrders", 500)

    fork = api.fork()
    made = httpx.post(f"{fork.url}/orders", json=ORDER, headers=fork.headers).json()

    assert (len(api.state["orders"]), len(fork.state["orders"])) == (1, 2)
    assert (made["id"], made["createdAt"]) == (2, "2026-03-20T09:00:00Z")
    assert httpx.get(f"{fork.url}/orders", headers=fork.headers).status_code == 500


def test_changes_say_what_a_test_did(api: MockApi, client):
    """Since the world began."""
    first, second = (client.post("/orders", json=ORDER).json() for _ in range(2))
    fork = api.fork()
    httpx.patch(f"{fork.url}/orders/{first['id']}", json={"status": "paid"}, headers=fork.headers)
    httpx.delete(f"{fork.url}/orders/{second['id']}", headers=fork.headers)

    changes = fork.changes()["orders"]

    assert [record["id"] for record in changes["deleted"]] == [second["id"]]
    assert (len(changes["created"]), len(changes["changed"])) == (0, 1)


def test_a_reset_takes_everything_back(api: MockApi, client):
    """The credential stays good."""
    client.post("/orders", json=ORDER)
    api.fail("listOrders", 500)

    api.reset()

    assert (len(api.state["orders"]), api.journal) == (0, [])
    assert client.get("/orders").json() == {"items": [], "total": 0}


def test_a_closed_world_is_gone_and_its_journal_is_not(shared: MockApi):
    """So that a report can still be made of it."""
    with shared.fork() as api:
        httpx.get(f"{api.url}/orders", headers=api.headers)

    assert [exchange.operation for exchange in api.journal] == ["listOrders"]
    assert len(api.report().splitlines()) == 2


def test_one_mock_has_several_apis():
    """In the same world."""
    with running("xqr", ORDERS) as xqr:
        orders = xqr["orders"]
        made = httpx.post(f"{orders.url}/orders", json=ORDER, headers=orders.headers)

        assert (made.status_code, orders.name, len(orders.journal), len(xqr.journal)) == (201, "orders", 1, 0)
        with pytest.raises(KeyError, match="no API 'order' is served; served are xqr, orders"):
            xqr["order"]


def test_what_a_full_journal_has_dropped_cannot_be_verified():
    """That there were no more requests is not known; that there were some is."""
    with running("examples/pets.yaml", journal=2) as api:
        for path in ("/pets/1", "/pets", "/pets"):
            httpx.get(api.url + path, headers=api.headers)

        api.verify("listPets")
        with pytest.raises(AssertionError, match="cannot be told; the journal was full and has dropped"):
            api.verify("getPet", times=0)
