"""The journal, over the wire."""

import re
from collections.abc import Callable

import httpx
import pytest

from mockserver.control import Access, create_control
from mockserver.engine.fixture_records import read_fixtures
from mockserver.server import Options, load_services, shipped
from mockserver.state.worlds import Worlds
from mockserver.web.door import Door

SUMMER = "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
LINKS = "/api/v1/links"
STATUS = "/api/v1/links/bulk/status"


@pytest.fixture
def asked(xqr: httpx.Client) -> None:
    """Six requests: a list, a link, a bulk update, one with an unknown id, a bad one, and one to nowhere."""
    xqr.get(LINKS, params={"limit": 2, "label": "campaign"})
    xqr.get(f"{LINKS}/{SUMMER}")
    xqr.patch(STATUS, json={"ids": [SUMMER], "enabled": False})
    xqr.patch(STATUS, json={"ids": [SUMMER, UNKNOWN], "enabled": False}, headers={"X-Trace": "t-1"})
    xqr.patch(STATUS, json={"ids": [], "enabled": False})
    xqr.get("/api/v1/nowhere")


def test_requests_are_listed_newest_first(control, asked):
    """The last one asked is the first one shown."""
    listed = control.get("/requests").json()

    assert [entry["id"] for entry in listed["requests"]] == [6, 5, 4, 3, 2, 1]
    assert listed["meta"] == {"total": 6, "dropped": 0}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"method": "patch"}, [5, 4, 3]),
        ({"path": STATUS}, [5, 4, 3]),
        ({"path": f"{LINKS}/*"}, [2]),
        ({"path": "/x"}, []),
    ],
)
def test_the_list_is_filtered_by_method_and_path(control, asked, query, found):
    """A method in any case, a path with wildcards."""
    listed = control.get("/requests", params=query).json()

    assert [entry["id"] for entry in listed["requests"]] == found


def test_an_entry_tells_what_was_asked_and_answered(control, asked, world):
    """Request, answer, the operation that took it, and what the answer relied on."""
    entry = control.get("/requests/4").json()

    timing = entry.pop("timing")
    assert timing["totalTime"] == timing["processTime"]
    assert {**entry, "at": "", "tookMs": 0, "request": {}, "response": {}} == {
        "id": 4,
        "at": "",
        "world": world,
        "api": "xqr",
        "operation": "bulkUpdateLinkStatus",
        "request": {},
        "response": {},
        "violations": [],
        "broken": [],
        "assumptions": entry["assumptions"],
        "answeredBy": "handler",
        "tookMs": 0,
        "wasMatched": True,
        "responseDefinition": {"status": 200, "fromConfiguredStub": True},
        "subEvents": [],
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["at"])
    assert "xqr.unknown-ids=skip" in entry["assumptions"]
    assert entry["tookMs"] > 0


def test_an_entry_shows_the_request_as_it_was_sent(control, asked):
    """Method, path below the API's own root, query, headers and the body as a JSON value."""
    first, fourth = (control.get(f"/requests/{number}").json()["request"] for number in (1, 4))

    assert (first["method"], first["path"]) == ("GET", "/api/v1/links")
    assert first["query"] == {"limit": ["2"], "label": ["campaign"]}
    assert (first["body"], first["json"], first["bodyEncoding"]) == ("", None, None)
    assert fourth["headers"]["X-Trace"] == "t-1"
    assert (fourth["json"], fourth["bodyEncoding"]) == ({"ids": [SUMMER, UNKNOWN], "enabled": False}, "json")


def test_an_entry_shows_the_answer_as_it_was_given(control, asked):
    """Status, headers and the body as a JSON value."""
    answer = control.get("/requests/3").json()["response"]

    assert (answer["status"], answer["bodyEncoding"]) == (200, "json")
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["json"]["data"] == {"updated": 1}


def test_a_refused_request_is_shown_with_its_violations(control, asked):
    """Where the request broke its document, and how."""
    entry = control.get("/requests/5").json()

    assert (entry["response"]["status"], entry["answeredBy"]) == (400, "invalid")
    assert entry["violations"] == [
        {
            "place": "body",
            "pointer": "/ids",
            "keyword": "minItems",
            "message": "expected at least 1 item, got 0",
            "seen": "[]",
        }
    ]


BODIES = {
    "text": (b"plain text", "plain text", "text"),
    "broken JSON": (b'{"ids": [', '{"ids": [', "text"),
    "bytes": (b"\xff\xfe\x00", "", "base64"),
}


@pytest.mark.parametrize(("sent", "shown", "encoding"), BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_json_is_shown_too(control, xqr, sent, shown, encoding):
    """As text where it is text, else as Base64; the entry says which."""
    xqr.patch(STATUS, content=sent)

    request = control.get("/requests/1").json()["request"]

    assert (request["body"], request["bodyEncoding"]) == (shown, encoding)


FILTERS = {
    "limit=2": [6, 5],
    "api=xqr&limit=1": [6],
    "operation=bulkUpdateLinkStatus": [5, 4, 3],
    "status=404": [6],
    "status=200&operation=bulkUpdateLinkStatus": [4, 3],
    "broken=true": [],
    "broken=false&limit=1": [6],
}


@pytest.mark.parametrize(("query", "expected"), FILTERS.items())
def test_the_list_can_be_filtered(control, asked, query, expected):
    """Filters are combined; the total counts what they let through, whatever the limit."""
    listed = control.get(f"/requests?{query}").json()

    assert [entry["id"] for entry in listed["requests"]] == expected


CRITERIA = [
    ({}, [6, 5, 4, 3, 2, 1]),
    ({"api": "xqr"}, [6, 5, 4, 3, 2, 1]),
    ({"operation": "getLink"}, [2]),
    ({"method": "PATCH"}, [5, 4, 3]),
    ({"path": LINKS}, [1]),
    ({"pathPattern": "/api/v1/links/[0-9a-f-]{36}"}, [2]),
    ({"pathPattern": "/api/v1"}, []),
    ({"pathPattern": ".*/(?!bulk)[^/]+"}, [6, 5, 4, 3, 2, 1]),
    ({"query": {"label": "campaign"}}, [1]),
    ({"query": {"label": "summer"}}, []),
    ({"headers": {"x-trace": "t-1"}}, [4]),
    ({"status": 200, "method": "PATCH"}, [4, 3]),
    ({"answeredBy": "invalid"}, [5]),
    ({"assumption": "xqr.unknown-ids"}, [4]),
    ({"assumption": "xqr.unknown-ids=skip"}, [4]),
    ({"assumption": "xqr.unknown-ids=refuse"}, None),
    ({"broken": True}, []),
    ({"body": {"enabled": False}}, [5, 4, 3]),
    ({"body": {"ids": [SUMMER]}}, [3]),
    ({"body": {"ids": [SUMMER, UNKNOWN]}}, [4]),
    ({"body": {"enabled": 0}}, []),
    ({"body": {"enabled": None}}, []),
    ({"body": None}, []),
    ({"body": []}, []),
]


@pytest.mark.parametrize(("criteria", "expected"), CRITERIA, ids=[str(criteria) for criteria, _ in CRITERIA])
def test_requests_are_found_by_criteria(control, asked, criteria, expected):
    """A request is found that meets all of them; their number is what is counted."""
    found = control.post("/requests/find", json=criteria)
    counted = control.post("/requests/count", json=criteria)

    if expected is None:
        assert (found.status_code, counted.status_code) == (422, 422)
    else:
        assert [entry["id"] for entry in found.json()["requests"]] == expected
        assert counted.json() == {"count": len(expected)}


UNKNOWN_CRITERIA = {
    "a criterion": ({"metod": "GET"}, "additionalProperties"),
    "an api": ({"api": "xqrr"}, "enum"),
    "an operation": ({"operation": "bulkUpdateLinkStaus"}, "enum"),
    "an assumption": ({"assumption": "xqr.nothing"}, "enum"),
    "a status": ({"status": 1000}, "maximum"),
    "a pattern": ({"pathPattern": "("}, "format"),
}


@pytest.mark.parametrize(("criteria", "keyword"), UNKNOWN_CRITERIA.values(), ids=UNKNOWN_CRITERIA.keys())
@pytest.mark.parametrize("action", ["find", "count", "remove"])
def test_what_nothing_could_meet_is_refused(control, asked, action, criteria, keyword):
    """A typing error is told, where a count of 0 would let a test pass; nothing is removed."""
    answer = control.post(f"/requests/{action}", json=criteria)

    assert (answer.status_code, answer.json()["violations"][0]["keyword"]) == (422, keyword)
    assert control.get("/requests").json()["meta"]["total"] == 6


def test_a_hostile_pattern_ends(control, xqr):
    """A pattern that would go back for ever gives up, and finds nothing."""
    xqr.get("/" + "a" * 200)

    answer = control.post("/requests/count", json={"pathPattern": "/(a|a|(?=a)a)+b"})

    assert answer.json() == {"count": 0}


def test_removed_requests_are_shown_once_more(control, asked):
    """What met the criteria is gone; the others keep their numbers."""
    removed = control.post("/requests/remove", json={"operation": "bulkUpdateLinkStatus"}).json()["requests"]

    assert [entry["id"] for entry in removed] == [5, 4, 3]
    assert [entry["id"] for entry in control.get("/requests").json()["requests"]] == [6, 2, 1]
    assert control.get("/requests/4").status_code == 404


def test_a_request_can_be_removed(control, asked):
    """It is gone, and a second time there is none."""
    answers = [control.delete("/requests/4").status_code for _ in range(2)]

    assert answers == [204, 404]
    assert [entry["id"] for entry in control.get("/requests").json()["requests"]] == [6, 5, 3, 2, 1]


def test_the_list_begins_at_a_moment_or_has_what_nothing_took(control, xqr):
    """`since` is of world time; `unmatched` leaves only what no operation took."""
    control.post("/clock/freeze", json={"at": "2026-03-20T09:00:00Z"})
    xqr.get(LINKS)
    control.post("/clock/freeze", json={"at": "2026-03-20T10:00:00Z"})
    xqr.get("/api/v1/nowhere")

    def ids(**query: str) -> list[int]:
        return [entry["id"] for entry in control.get("/requests", params=query).json()["requests"]]

    assert ids(since="2026-03-20T09:00:00Z") == [2, 1]
    assert ids(since="2026-03-20T09:30:00Z") == [2]
    assert ids(unmatched="true") == [2]
    assert control.get("/requests?since=2026-13-20T09:00:00Z").status_code == 422


def test_a_found_request_has_the_words_of_wiremock(control, world, server, xqr):
    """Address as it was asked for, body as text and in Base64, date in milliseconds; the secret stays masked."""
    control.post("/clock/freeze", json={"at": "2026-03-20T09:00:00Z"})
    xqr.patch(STATUS + "?a=b%20c", content=b'{"ids": [], "enabled": false}', headers={"Cookie": "a=1; b=2"})

    [found] = control.post("/requests/find", json={}).json()["requests"]

    assert (found["method"], found["url"]) == ("PATCH", f"/xqr{STATUS}?a=b%20c")
    assert found["absoluteUrl"] == f"{server.root}/~{world}/xqr{STATUS}?a=b%20c"
    assert found["body"] == found["request"]["body"] == '{"ids": [], "enabled": false}'
    assert found["bodyAsBase64"] == "eyJpZHMiOiBbXSwgImVuYWJsZWQiOiBmYWxzZX0="
    assert (found["loggedDate"], found["loggedDateString"]) == (1773997200000, "2026-03-20T09:00:00.000Z")
    assert found["queryParams"] == {"a": {"key": "a", "values": ["b c"]}}
    assert found["cookies"] == {"a": "***", "b": "***"}
    assert found["headers"]["Authorization"] == "Bearer xqr_***"


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/requests"), ("POST", "/requests/reset")])
def test_the_journal_can_be_emptied(control, asked, method, path):
    """Requests are forgotten, records are not."""
    answer = control.request(method, path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert control.get("/requests").json()["requests"] == []
    assert control.get(f"/state/xqr/links/{SUMMER}").json()["enabled"] is False


def test_unmatched_requests_are_those_that_no_operation_took(control, asked, xqr):
    """A wrong path, and a wrong method."""
    xqr.delete(LINKS)

    unmatched = control.get("/requests/unmatched").json()["requests"]

    assert [(entry["id"], entry["operation"], entry["response"]["status"]) for entry in unmatched] == [
        (7, None, 405),
        (6, None, 404),
    ]


def test_the_control_api_leaves_no_trace_in_the_journal(control):
    """Looking changes nothing."""
    control.get("/apis")

    assert control.get("/requests").json()["requests"] == []


@pytest.fixture
def breaking() -> Callable[[str], httpx.Response]:
    """Asks a mock whose link was broken from inside."""
    services = load_services(Options(apis=("xqr",)))
    worlds = Worlds({"xqr": read_fixtures(services["xqr"].api, shipped("fixtures", "xqr"))})
    worlds["default"].of("xqr")["links"].update(SUMMER, {"enabled": "no"})
    door = Door(services, worlds, create_control(services, worlds, Access()))

    def ask(path: str) -> httpx.Response:
        headers = {"Authorization": services["xqr"].api.credential[1]} if path.startswith("/xqr") else {}
        with httpx.Client(transport=httpx.WSGITransport(app=door), base_url="http://localhost") as client:
            return client.get(path, headers=headers)

    return ask


def test_a_broken_promise_is_shown(breaking):
    """`broken=true` finds the answers that broke their document, and each tells where."""
    breaking(f"/xqr/api/v1/links/{SUMMER}")
    breaking("/xqr/api/v1/links?limit=1&offset=5")

    entries = breaking("/__admin/requests?broken=true").json()["requests"]

    assert [entry["id"] for entry in entries] == [1]
    assert entries[0]["broken"] == [
        {
            "place": "response",
            "pointer": "/data/enabled",
            "keyword": "type",
            "message": "expected a boolean, got a string",
            "seen": '"no"',
        }
    ]


def test_requests_that_reached_no_api_can_be_searched_by_assumption(server, world, admin):
    """A request at a wrong address relied on nothing, and no search stumbles over it."""
    with server.client(f"/~{world}") as client:
        client.get("/nowhere")

    found = admin.post("/requests/count", json={"assumption": "xqr.unknown-ids=skip"})

    assert found.json() == {"count": 0}
