"""The mock in the place of operations that the upstream lacks."""

import httpx

from tests.proxy.conftest import as_json

LACKS = as_json(b"{}", b"501 Not Implemented")


def test_an_operation_that_the_upstream_lacks_is_answered_by_the_mock(proxied):
    """Which remembers what it is told, in the world that is asked for, and says that it answered."""
    proxy, upstream = proxied(LACKS, fallback=frozenset({501}))

    made = httpx.post(f"{proxy.root}/~blue/v1/pets", json={"name": "Max"})
    number = made.json()["id"]
    read = httpx.get(f"{proxy.root}/v1/pets/{number}", headers={"Mock-World": "blue"})
    elsewhere = httpx.get(f"{proxy.root}/v1/pets/{number}")

    assert made.status_code == 201
    assert read.json()["name"] == "Max"
    assert "pets.fallback=the upstream answered 501; the mock answers in its place" in read.headers["Mock-Assumption"]
    assert elsewhere.status_code == 404
    assert upstream.talks[0].line == b"POST /v1/pets HTTP/1.1"
    told = httpx.get(f"{proxy.root}/__admin/requests").json()["requests"][-1]
    assert told["answeredBy"] == "not-found"


def test_without_fallback_nobody_answers_in_its_place(proxied):
    """The upstream's own answer is passed on."""
    proxy, _ = proxied(LACKS)

    answer = httpx.get(f"{proxy.root}/v1/pets")

    assert answer.status_code == 501


def test_other_statuses_are_the_upstreams_own(proxied):
    """Only those that were chosen mean that it lacks the operation."""
    proxy, _ = proxied(as_json(b"{}", b"404 Not Found"), fallback=frozenset({501}))

    answer = httpx.get(f"{proxy.root}/v1/pets/1")

    assert (answer.status_code, answer.content) == (404, b"{}")


def test_a_404_of_an_operation_that_was_answered_otherwise_is_its_own(proxied):
    """There is no such pet, but there is such an operation."""

    def script(talk):
        is_there = talk.line.startswith(b"GET /v1/pets/1 ")
        as_json(b'{"id": 1, "name": "Max"}' if is_there else b"{}", b"200 OK" if is_there else b"404 Not Found")(talk)

    proxy, _ = proxied(script, fallback=frozenset({404}))

    before = httpx.get(f"{proxy.root}/v1/pets/2")
    httpx.get(f"{proxy.root}/v1/pets/1")
    after = httpx.get(f"{proxy.root}/v1/pets/2")
    other = httpx.get(f"{proxy.root}/v1/pets")
    unknown = httpx.get(f"{proxy.root}/v1/cats")

    assert "pets.fallback=" in before.headers["Mock-Assumption"]
    assert (after.status_code, after.content) == (404, b"{}")
    assert other.status_code == 200
    assert "pets.fallback=" in other.headers["Mock-Assumption"]
    assert (unknown.status_code, unknown.content) == (404, b"{}")


def test_a_fault_is_done_once(proxied):
    """Whoever answers in the end."""
    proxy, _ = proxied(LACKS, fallback=frozenset({501}))
    httpx.post(
        f"{proxy.root}/__admin/faults", json={"operation": "listPets", "delay": 1, "times": 2}
    ).raise_for_status()

    answer = httpx.get(f"{proxy.root}/v1/pets")

    assert answer.status_code == 200
    assert [fault["used"] for fault in httpx.get(f"{proxy.root}/__admin/faults").json()["faults"]] == [1]
