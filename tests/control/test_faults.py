"""Faults over the wire: what goes wrong, with which requests, how often."""

import pytest

from mockserver import Problem
from mockserver.engine.interventions.fault import Fault
from mockserver.server import Options, create_mock

LINKS = "/api/v1/links"


def statuses(xqr, times, path=LINKS):
    """The statuses of so many reads."""
    return [xqr.get(path).status_code for _ in range(times)]


def test_an_operation_fails_twice_and_then_no_more(control, xqr):
    """In the API's own error body, with the headers that were asked for."""
    added = control.post(
        "/faults", json={"operation": "listLinks", "status": 503, "headers": {"Retry-After": "2"}, "times": 2}
    )

    failed, again, fine = (xqr.get(LINKS) for _ in range(3))

    assert (added.status_code, added.json()["used"]) == (201, 0)
    assert (failed.status_code, failed.headers["Retry-After"]) == (503, "2")
    assert failed.json()["error"] == {
        "code": "service-unavailable",
        "message": "Service Unavailable. This failure was asked for: a fault of the mock.",
        "status": 503,
    }
    assert (again.status_code, fine.status_code) == (503, 200)
    assert control.get("/faults").json() == {"faults": [], "meta": {"total": 0}}


def test_a_fault_is_changed_in_its_place(control, xqr):
    """Its counts go on; what no fault can be leaves it as it was."""
    first = control.post("/faults", json={"operation": "listLinks", "status": 503, "after": 1}).json()
    control.post("/faults", json={"status": 500})
    before = xqr.get(LINKS).status_code

    changed = control.put(f"/faults/{first['id']}", json={"operation": "listLinks", "status": 429})
    refused = control.put(f"/faults/{first['id']}", json={"operation": "nothing", "status": 503})

    assert (before, xqr.get(LINKS).status_code) == (500, 429)
    assert changed.json() == {"id": first["id"], "operation": "listLinks", "status": 429, "seen": 1, "used": 0}
    assert refused.status_code == 422
    assert [one["used"] for one in control.get("/faults").json()["faults"]] == [1, 1]
    assert control.put("/faults/00000000-0000-4000-8000-000000000000", json={"status": 503}).status_code == 404


def test_a_failure_has_the_code_that_the_vendor_has_for_its_status(control, xqr):
    """As if the limit had been reached."""
    control.post("/faults", json={"status": 429, "times": 1})

    assert xqr.get(LINKS).json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"


def test_the_journal_and_a_header_say_that_it_was_asked_for(control, xqr):
    """Nobody takes it for a defect of the mock."""
    control.post("/faults", json={"status": 502, "times": 1})

    answer = xqr.get(LINKS)

    assert "xqr.fault=status 502" in answer.headers["Mock-Assumption"]
    entry = control.get("/requests").json()["requests"][0]
    assert (entry["answeredBy"], entry["response"]["status"]) == ("fault", 502)


def test_a_fault_may_have_a_body_of_its_own(control, xqr):
    """In the place of the API's."""
    control.post("/faults", json={"status": 500, "body": {"oops": True}, "times": 1})

    assert xqr.get(LINKS).json() == {"oops": True}


SELECTIONS = [
    ({"operation": "listLinks"}, [500, 200]),
    ({"operation": "GET /v1/links"}, [500, 200]),
    ({"operation": "*"}, [500, 500]),
    ({"path": "/v1/links"}, [500, 200]),
    ({"path": "/api/v1/l*"}, [500, 200]),
    ({"path": "/xqr/api/v1/*"}, [500, 500]),
    ({"path": "/v1/*/x"}, [200, 200]),
    ({"method": "POST"}, [200, 200]),
    ({"api": "xqr", "method": "GET"}, [500, 500]),
    ({"request": {"headers": {"X-Test": {"equalTo": "yes"}}}}, [500, 500]),
    ({"request": {"queryParameters": {"limit": {"absent": True}}}}, [500, 500]),
    ({"request": {"urlPath": "/v1/workspace"}}, [200, 500]),
]


@pytest.mark.parametrize(("where", "seen"), SELECTIONS)
def test_a_fault_is_for_some_requests(control, xqr, where, seen):
    """By operation, path, method, headers, query."""
    control.post("/faults", json={"status": 500, **where})
    xqr.headers["X-Test"] = "yes"

    assert [xqr.get(path).status_code for path in (LINKS, "/api/v1/workspace")] == seen


COUNTS = [
    ({"after": 2, "times": 1}, [200, 200, 503, 200, 200]),
    ({"every": 2}, [200, 503, 200, 503, 200]),
    ({"every": 2, "after": 1}, [200, 200, 503, 200, 503]),
]


@pytest.mark.parametrize(("often", "seen"), COUNTS)
def test_a_fault_strikes_as_often_as_it_is_told(control, xqr, often, seen):
    """After some, each n-th, so many times."""
    control.post("/faults", json={"status": 503, **often})

    assert statuses(xqr, 5) == seen


def test_faults_strike_one_after_the_other(control, xqr):
    """The second sees no request that the first has taken."""
    for status in (503, 429):
        control.post("/faults", json={"status": status, "times": 1})

    assert statuses(xqr, 3) == [503, 429, 200]


def test_the_same_seed_has_the_same_failures():
    """And others than another seed; ids of records do not depend on them."""
    seen: dict[int, list[list[bool]]] = {}
    for seed in (1, 1, 2):
        world = create_mock(Options(apis=("xqr",), seed=seed)).worlds["default"]
        rule = world.faults.add(Fault(status=503, probability=0.5))
        seen.setdefault(seed, []).append([world.faults.apply(rule) for _ in range(64)])

    assert seen[1][0] == seen[1][1] != seen[2][0]
    assert 16 < sum(seen[1][0]) < 48


def test_a_reset_ends_all_faults(control, xqr):
    """The world is as new."""
    control.post("/faults", json={"status": 503})

    control.post("/reset")

    assert statuses(xqr, 1) == [200]


def test_a_fault_is_found_and_deleted(control, xqr):
    """By its id; then there is none."""
    path = "/faults/" + control.post("/faults", json={"status": 503, "after": 1}).json()["id"]
    xqr.get(LINKS)

    found = control.get(path).json()
    deleted = control.delete(path)

    assert (found["status"], found["after"], found["seen"], found["used"]) == (503, 1, 1, 0)
    assert (deleted.status_code, control.get(path).status_code, control.delete(path).status_code) == (204, 404, 404)
    assert statuses(xqr, 1) == [200]


def test_a_failed_write_writes_nothing(control, xqr):
    """Unless the fault says that it does."""
    body = {"url": "https://example.com/"}
    before = control.get("/state/xqr").json()["collections"]
    control.post("/faults", json={"operation": "createLink", "status": 500, "times": 1})
    control.post("/faults", json={"operation": "createLink", "status": 504, "writes": True, "times": 1})

    first = xqr.post(LINKS, json=body)
    between = control.get("/state/xqr").json()["collections"]
    second = xqr.post(LINKS, json=body)

    after = control.get("/state/xqr").json()["collections"]
    counts = [{one["name"]: one["count"] for one in found}["links"] for found in (before, between, after)]
    assert (first.status_code, second.status_code) == (500, 504)
    assert [count - counts[0] for count in counts] == [0, 0, 1]


REFUSED = [
    ({}, "", "says nothing that goes wrong"),
    ({"status": 200}, "/status", "200 is less than 400"),
    ({"status": 500, "operation": "nothing"}, "/operation", "is no operation of what is served"),
    ({"status": 500, "api": "nothing"}, "/api", "is none of what is served"),
    ({"body": 1, "delay": 5}, "/body", "is that of a status"),
    ({"status": 500, "request": {"headers": {"A": {"like": "b"}}}}, "/request/headers/A", "expected one of equalTo"),
    ({"status": 500, "request": {"urlPathPattern": "("}}, "/request/urlPathPattern", "is no regular expression"),
    ({"status": 500, "request": {"url": "/a", "urlPath": "/a"}}, "/request", "has url and urlPath"),
    ({"break": "type", "writes": False}, "/writes", "an answer that is changed on its way is carried out"),
]


@pytest.mark.parametrize(("given", "pointer", "message"), REFUSED)
def test_a_fault_that_cannot_be_is_refused(control, given, pointer, message):
    """With the place and the reason."""
    answer = control.post("/faults", json=given)

    assert answer.status_code == 422
    assert message in answer.json()["detail"]
    assert [violation["pointer"] for violation in answer.json()["violations"]] == [pointer]


def test_there_is_an_end_to_faults():
    """A world takes a thousand of them."""
    world = create_mock(Options(apis=("xqr",))).worlds["default"]
    for _ in range(1000):
        world.faults.add(Fault(status=503))

    with pytest.raises(Problem, match="This world has 1000 faults, which is all that it takes"):
        world.faults.add(Fault(status=503))


def test_a_fork_has_the_faults_of_its_origin_and_goes_its_own_way():
    """With their counts as they were."""
    world = create_mock(Options(apis=("xqr",))).worlds["default"]
    rule = world.faults.add(Fault(status=503, times=2))
    world.faults.apply(rule)

    forked = world.fork("other")
    forked.faults.apply(forked.faults[rule.id])

    assert (len(forked.faults), len(world.faults), rule.used) == (0, 1, 1)
