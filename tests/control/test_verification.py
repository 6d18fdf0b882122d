"""Verification, coverage, and the nearest misses."""

import json
import shlex
import threading
import time

import httpx
import pytest

SUMMER = "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"
LINKS = "/api/v1/links"
STATUS = "/api/v1/links/bulk/status"
UPDATE = {"operation": "bulkUpdateLinkStatus"}


@pytest.fixture
def asked(xqr: httpx.Client) -> None:
    """A list, a link, two updates, and one to nowhere."""
    xqr.get(LINKS, params={"limit": 2})
    xqr.get(f"{LINKS}/{SUMMER}")
    xqr.patch(STATUS, json={"ids": [SUMMER], "enabled": False}, headers={"X-Trace": "t-1"})
    xqr.patch(STATUS, json={"ids": [SUMMER], "enabled": True})
    xqr.get("/api/v1/link")


COUNTS = {
    "at least one": ({"request": UPDATE}, True),
    "exactly": ({"request": UPDATE, "count": {"exactly": 2}}, True),
    "not exactly": ({"request": UPDATE, "count": {"exactly": 3}}, False),
    "at most": ({"request": UPDATE, "count": {"atMost": 1}}, False),
    "between": ({"request": UPDATE, "count": {"atLeast": 1, "atMost": 2}}, True),
    "never": ({"request": {"method": "DELETE"}, "count": {"exactly": 0}}, True),
    "by a body": ({"request": {"body": {"enabled": False}}, "count": {"exactly": 1}}, True),
    "by WireMock's pattern": (
        {
            "request": {
                "method": "PATCH",
                "urlPath": f"/xqr{STATUS}",
                "headers": {"X-Trace": {"matches": "t-[0-9]"}},
                "bodyPatterns": [{"matchesJsonPath": "$.ids"}],
            },
            "count": {"exactly": 1},
        },
        True,
    ),
    "in order": ({"sequence": [{"operation": "getLink"}, {"body": {"enabled": True}}]}, True),
    "out of order": ({"sequence": [{"body": {"enabled": True}}, {"operation": "getLink"}]}, False),
}


@pytest.mark.parametrize(("expected", "is_so"), COUNTS.values(), ids=COUNTS.keys())
def test_requests_are_verified(control, asked, expected, is_so):
    """200 if it is so, 409 if not, so that a test in any language fails by the status alone."""
    answer = control.post("/verify", json=expected)

    assert (answer.status_code, answer.json()["verified"]) == (200 if is_so else 409, is_so)


def test_a_failed_verification_shows_the_nearest_requests_and_what_differed(control, asked):
    """The header that was sent, and the part of the body."""
    expected = {**UPDATE, "headers": {"X-Trace": "t-2"}, "body": {"ids": [SUMMER], "enabled": False}}

    failed = control.post("/verify", json={"request": expected}).json()

    assert failed["detail"] == "Not verified: expected at least 1 request, there are 0."
    assert [near["id"] for near in failed["nearest"]] == [3, 4, 5]
    assert failed["nearest"][0]["differences"] == [
        {"criterion": "headers.X-Trace", "expected": "t-2", "actual": "t-1", "at": []}
    ]
    assert failed["nearest"][1]["differences"][1]["at"] == ["/enabled"]


def test_a_failed_order_tells_which_step_came_too_early(control, asked):
    """The number of the step, and the request that would have met it before."""
    failed = control.post("/verify", json={"sequence": [{"body": {"enabled": True}}, {"operation": "getLink"}]}).json()

    assert failed["detail"] == (
        "Not verified: expected 2 requests in order; none meets step 2 after request 4; request 2 meets it, and came "
        "too early."
    )


def test_a_verification_waits_for_what_is_still_to_come(control, xqr):
    """A system under test that answers before it calls."""
    later = threading.Timer(0.2, lambda: xqr.get(LINKS))
    later.start()

    answer = control.post("/verify?within=10", json={"request": {"operation": "listLinks"}})

    later.join()
    assert answer.status_code == 200


def test_a_verification_waits_no_longer_than_it_was_told(control):
    """Then it fails as ever."""
    began = time.monotonic()

    answer = control.post("/verify?within=0.2", json={"request": {"operation": "listLinks"}})

    assert answer.status_code == 409
    assert 0.2 <= time.monotonic() - began < 5


def test_only_requests_from_a_moment_on_count(control, xqr):
    """World time."""
    control.post("/clock/freeze", json={"at": "2026-03-20T09:00:00Z"})
    xqr.get(LINKS)

    answers = [
        control.post("/verify", json={"request": {}, "since": since}).status_code
        for since in ("2026-03-20T09:00:00Z", "2026-03-20T09:00:01Z")
    ]

    assert answers == [200, 409]


WRONG = {
    "two addresses": {"request": {"url": "/a", "urlPath": "/a"}},
    "no matcher": {"request": {"headers": {"A": {"equals": "b"}}}},
    "an operation": {"sequence": [{"operation": "getLinc"}]},
    "bounds": {"request": {}, "count": {"atLeast": 2, "atMost": 1}},
    "nothing": {},
}


@pytest.mark.parametrize("expected", WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_verified_is_refused(control, asked, expected):
    """A typing error is no failed expectation."""
    assert control.post("/verify", json=expected).status_code == 422


PATTERNS = [
    ({"method": "ANY"}, [5, 4, 3, 2, 1]),
    ({"url": f"/xqr{LINKS}?limit=2"}, [1]),
    ({"urlPath": f"/xqr{LINKS}/{SUMMER}"}, [2]),
    ({"urlPath": LINKS}, [1]),
    ({"urlPattern": ".*limit=[0-9]"}, [1]),
    ({"urlPathPattern": "/xqr/api/v1/links/bulk/.*"}, [4, 3]),
    ({"urlPathTemplate": "/xqr/api/v1/links/{id}", "pathParameters": {"id": {"contains": "d47f"}}}, [2]),
    ({"queryParameters": {"limit": {"equalTo": "2"}}}, [1]),
    ({"headers": {"X-Trace": {"absent": True}}, "method": "PATCH"}, [4]),
    ({"bodyPatterns": [{"equalToJson": json.dumps({"ids": [SUMMER], "enabled": True})}]}, [4]),
]


@pytest.mark.parametrize(("pattern", "expected"), PATTERNS, ids=[str(pattern) for pattern, _ in PATTERNS])
def test_requests_are_found_by_the_patterns_of_wiremock(control, asked, pattern, expected):
    """The same that stubs and faults are for."""
    found = control.post("/requests/find", json=pattern).json()["requests"]

    assert [entry["id"] for entry in found] == expected


def test_near_misses_of_a_pattern_are_requests(control, asked):
    """In WireMock's shape, with what differed beside it."""
    pattern = {"method": "PATCH", "urlPath": f"/xqr{STATUS}", "headers": {"X-Trace": {"equalTo": "t-9"}}}

    near = control.post("/near-misses/request-pattern", json=pattern).json()["nearMisses"]

    assert (near[0]["request"]["id"], near[0]["requestPattern"]) == (4, pattern)
    assert near[0]["matchResult"]["distance"] == 0.333
    assert near[1]["differences"] == [
        {"criterion": "headers.X-Trace", "expected": {"equalTo": "t-9"}, "actual": "t-1", "at": []}
    ]


def curl(line: str, server) -> httpx.Response:
    """What the line for the shell is answered."""
    words = iter(shlex.split(line)[1:])
    method, headers, body, url = "GET", {"User-Agent": "Acme/1"}, None, ""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words)
        else:
            url = word
    with server.client("") as client:
        answer: httpx.Response = client.request(method, url, headers=headers, content=body)
        return answer


@pytest.mark.parametrize(
    ("method", "path", "operation", "difference"),
    [
        ("GET", "/xqr/api/v1/link", "listLinks", "it has 'links', this has 'link'"),
        ("POST", f"/xqr{STATUS}", "bulkUpdateLinkStatus", "it takes PATCH, this is POST"),
        ("GET", "/vivoldi/api/link-grop/v1/list", "listLinkGroupsV1", "it has 'link-group', this has 'link-grop'"),
    ],
)
def test_near_misses_of_a_request_are_operations_with_a_line_that_works(
    control, server, method, path, operation, difference
):
    """What differs, and the curl line, which is answered."""
    near = control.post("/near-misses/request", json={"method": method, "url": path}).json()["nearMisses"][0]

    assert (near["operation"], near["differences"]) == (operation, [difference])
    assert curl(near["curl"], server).status_code == 200


def test_near_misses_of_unmatched_requests(control, asked, world, server):
    """Each request with the operations that it may have meant."""
    near = control.get("/requests/unmatched/near-misses").json()["nearMisses"]

    assert [one["request"]["id"] for one in near] == [5, 5, 5]
    assert near[0]["operation"] == "listLinks"
    assert shlex.split(near[0]["curl"])[-1] == f"{server.root}/~{world}/xqr{LINKS}"


def test_a_miss_says_what_would_have_worked(server, anonymous):
    """In the error body of the API."""
    told = anonymous("xqr").get("/api/v1/link").json()["error"]["message"]

    line = told.partition("This would be answered: ")[2]
    assert line.startswith("curl ")
    assert curl(line, server).status_code == 200


def test_a_miss_does_not_repeat_the_credential_that_was_sent(xqr):
    """Error bodies are logged by clients."""
    told = xqr.get("/api/v1/link").json()["error"]["message"]

    assert "curl -H 'Authorization: <credential>'" in told


def test_a_miss_far_from_everything_says_no_such_line(xqr):
    """It would only be a guess."""
    assert "curl" not in xqr.get("/what/is/this/for/heaven").text


def test_coverage_counts_operations_statuses_and_parameters(control, asked, xqr):
    """As the document declares them."""
    xqr.patch(STATUS, json={"ids": []})

    found = control.get("/coverage", params={"api": "xqr"}).json()

    [api] = found["apis"]
    by_name = {one["operation"]: one for one in api["operations"]}
    update, listing = by_name["bulkUpdateLinkStatus"], by_name["listLinks"]
    assert api["total"]["operations"]["seen"] == 3
    assert api["total"]["operations"]["of"] == len(api["operations"])
    assert update["requests"] == 3
    assert {one["status"]: one["seen"] for one in update["statuses"] if one["seen"]} == {"200": 2, "400": 1}
    assert {one["name"]: one["seen"] for one in listing["parameters"]}["limit"] == 1


def test_coverage_of_all_worlds_is_that_of_their_journals_together(control, asked, server, world):
    """A suite whose tests each have a world."""
    with server.client(f"/~{world}-b", {"Authorization": "Bearer no"}) as client:
        client.get(f"/xqr{LINKS}")

    one, every = (control.get("/coverage", params={"worlds": which}).json() for which in ("this", "all"))

    assert one["worlds"] == 1
    assert every["worlds"] > 1
    assert every["total"]["statuses"]["seen"] > one["total"]["statuses"]["seen"]
