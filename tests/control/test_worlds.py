"""Worlds of one's own: forks, snapshots, differences, exports, and the credentials that choose them."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from mockserver import running
from mockserver.server import Options, create_app
from mockserver.vendors import APIS

SUMMER = "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"
LINK = f"/state/xqr/links/{SUMMER}"
PINGS = {
    "xqr": "/xqr/api/v1/links?limit=1",
    "vivoldi": "/vivoldi/api/link-group/v1/list",
    "spotzee": "/spotzee/api/client/subscriptions",
    "botsubscription": "/botsubscription/v2/projects/YOUR_PROJECT_ID/targets",
}


@pytest.fixture
def plain(server) -> Callable[..., httpx.Response]:
    """A client that knows nothing of worlds."""

    def ask(method: str, path: str, headers: dict[str, str], **sent: object) -> httpx.Response:
        with server.client("") as client:
            client_answer: httpx.Response = client.request(
                method, path, headers={"User-Agent": "Acme Shop/1.0", **headers}, **sent
            )
            return client_answer

    return ask


@pytest.mark.parametrize("api", PINGS)
def test_a_fresh_credential_opens_the_api_and_chooses_the_world(control, plain, world, api):
    """The client sends only its credential: the API takes it, and the request stands in the journal of the world."""
    made = control.post("/worlds", json={"name": f"{world}-own", "credentials": [{"api": api}]})
    [credential] = made.json()["credentials"]

    answer = plain("GET", PINGS[api], {credential["name"]: credential["value"]})

    assert (made.status_code, answer.status_code) == (201, 200)
    assert control.get(f"/worlds/{world}-own").json()["requests"] == 1
    assert credential["value"].endswith(credential["secret"])


def test_no_two_fresh_credentials_are_the_same(control, world):
    """Two of one world, and one of another."""
    first = control.post("/worlds", json={"name": f"{world}-1", "credentials": [{"api": "xqr"}, {"api": "xqr"}]})
    second = control.post("/worlds", json={"name": f"{world}-2", "credentials": [{"api": "xqr"}]})

    values = [one["value"] for made in (first, second) for one in made.json()["credentials"]]

    assert len({*values}) == 3


def test_a_fresh_credential_outlives_a_reset(control, plain, world, server):
    """The system under test is not told again which key it has."""
    [credential] = control.post(f"/worlds/{world}/credentials", json={"credentials": [{"api": "xqr"}]}).json()[
        "credentials"
    ]

    control.post("/reset")

    assert plain("GET", PINGS["xqr"], {"Authorization": credential["value"]}).status_code == 200


def test_a_fresh_credential_outlives_a_request_that_fails(control, plain, world):
    """What the request wrote is taken back, and nothing before it."""
    made = control.post(f"/worlds/{world}/credentials", json={"credentials": [{"api": "xqr"}]}).json()
    headers = {"Authorization": made["credentials"][0]["value"]}

    answers = [
        plain("GET", path, headers).status_code
        for path in ("/xqr/api/v1/links/00000000-0000-4000-8000-000000000000", PINGS["xqr"])
    ]

    assert answers == [404, 200]


def test_a_fresh_credential_is_unknown_in_other_worlds(control, server, world):
    """Its record is the world's own."""
    made = control.post(f"/worlds/{world}/credentials", json={"credentials": [{"api": "xqr"}]}).json()
    value = made["credentials"][0]["value"]

    with server.client(f"/~{world}-other", {"Authorization": value}) as client:
        assert client.get(PINGS["xqr"]).status_code == 401


def test_a_credential_that_the_client_has_already_is_made_valid(control, plain, world):
    """What is written in the configuration of the system under test need not change."""
    mine = "Bearer xqr_pk_mine." + "m" * 32 + world
    control.post(
        f"/worlds/{world}/credentials",
        json={"credentials": [{"api": "xqr", "header": "Authorization", "value": mine}]},
    )

    answer = plain("GET", PINGS["xqr"], {"Authorization": mine})

    assert (answer.status_code, len(control.get("/requests").json()["requests"])) == (200, 1)


@pytest.mark.parametrize(
    ("binding", "path", "headers"),
    [
        ({"header": "X-Tenant", "value": "W"}, "/xqr/nowhere", {"x-tenant": "W"}),
        ({"query": "tenant", "value": "W"}, "/xqr/nowhere?a=1&tenant=W", {}),
        ({"cookie": "tenant", "value": "W"}, "/xqr/nowhere", {"Cookie": "a=1; tenant=W"}),
    ],
    ids=["header", "query", "cookie"],
)
def test_anything_that_a_client_sends_can_choose_its_world(control, plain, world, binding, path, headers):
    """A header, a query parameter or a cookie with one value."""
    control.post(f"/worlds/{world}/credentials", json={"credentials": [{**binding, "value": world}]})

    plain("GET", path.replace("W", world), {name: value.replace("W", world) for name, value in headers.items()})

    assert len(control.get("/requests").json()["requests"]) == 1


def test_a_credential_belongs_to_one_world(control, world):
    """Bound twice it would let two tests meet."""
    binding = {"credentials": [{"header": "X-Tenant", "value": world}]}
    control.post(f"/worlds/{world}/credentials", json=binding)
    control.post("/worlds", json={"name": f"{world}-2"})

    answer = control.post(f"/worlds/{world}-2/credentials", json=binding)

    assert (answer.status_code, f"the world {world}" in answer.json()["detail"]) == (409, True)


def test_a_deleted_world_has_no_credentials(control, plain, world):
    """The client of a test that is over meets nobody's records."""
    made = control.post("/worlds", json={"name": f"{world}-own", "credentials": [{"api": "xqr"}]}).json()

    control.delete(f"/worlds/{world}-own")

    answer = plain("GET", PINGS["xqr"], {"Authorization": made["credentials"][0]["value"]})
    assert answer.status_code == 401


def test_baggage_chooses_the_world(control, plain, world):
    """What services pass on from one to the next anyway (W3C Baggage)."""
    baggage = f"user=1,  mock-world = {world};ttl=3,b=2"

    plain("GET", PINGS["xqr"], {"baggage": baggage, "Authorization": APIS["xqr"].credential[1]})

    assert len(control.get("/requests").json()["requests"]) == 1


def test_a_path_counts_before_a_header_and_that_before_a_credential(control, server, world):
    """The most particular one chooses."""
    control.post(f"/worlds/{world}/credentials", json={"credentials": [{"header": "X-Tenant", "value": world}]})
    with server.client(f"/~{world}-path", {"Mock-World": f"{world}-header", "X-Tenant": world}) as client:
        client.get("/xqr/nowhere")
    with server.client("", {"Mock-World": f"{world}-header", "X-Tenant": world}) as client:
        client.get("/xqr/nowhere")

    counts = [control.get(f"/worlds/{name}").json()["requests"] for name in (f"{world}-path", f"{world}-header", world)]

    assert counts == [1, 1, 0]


def test_a_fork_begins_where_its_origin_is_and_goes_its_own_way(control, server, world):
    """Neither sees what the other does from then on."""
    control.patch(LINK, json={"scan_count": 7})

    made = control.post(f"/worlds/{world}/fork", json={"name": f"{world}-f"})

    with server.client(f"/~{world}-f/__admin") as fork:
        assert fork.get(LINK).json()["scan_count"] == 7
        fork.patch(LINK, json={"scan_count": 8})
    assert (made.status_code, made.json()["began"]) == (201, f"world:{world}")
    assert control.get(LINK).json()["scan_count"] == 7


def test_a_world_without_a_name_gets_one(control, server):
    """Its address is in the answer."""
    made = control.post("/worlds").json()

    assert made["url"] == f"{server.root}/~{made['name']}"
    assert control.delete(f"/worlds/{made['name']}").status_code == 204


def test_a_name_is_taken_once(control, world):
    """A second world of the name would be somebody else's."""
    answer = control.post("/worlds", json={"name": world})

    assert answer.status_code == 409


def test_a_world_returns_to_a_snapshot(control, world):
    """As often as a test wants."""
    control.patch(LINK, json={"scan_count": 7})
    control.post(f"/worlds/{world}/snapshots", json={"name": f"{world}-s"})
    control.patch(LINK, json={"scan_count": 8})

    answer = control.post(f"/worlds/{world}/restore", json={"snapshot": f"{world}-s"})

    assert answer.status_code == 204
    assert control.get(LINK).json()["scan_count"] == 7
    assert control.get(f"/worlds/{world}").json()["began"] == f"snapshot:{world}-s"


def test_a_world_is_made_from_a_snapshot_of_a_world_that_is_gone(control, server, world):
    """A base for many tests needs no world of its own."""
    control.post("/worlds", json={"name": f"{world}-base"})
    with server.client(f"/~{world}-base/__admin") as base:
        base.patch(LINK, json={"scan_count": 7})
    control.post(f"/worlds/{world}-base/snapshots", json={"name": f"{world}-s"})
    control.delete(f"/worlds/{world}-base")

    made = control.post("/worlds", json={"name": f"{world}-new", "from": {"snapshot": f"{world}-s"}})

    with server.client(f"/~{world}-new/__admin") as new:
        assert (made.status_code, new.get(LINK).json()["scan_count"]) == (201, 7)
    assert {"name": f"{world}-s"} in control.get("/snapshots").json()["snapshots"]
    assert control.delete(f"/snapshots/{world}-s").status_code == 204
    assert control.delete(f"/snapshots/{world}-s").status_code == 404


def test_the_difference_shows_what_a_test_did(control, world, xqr):
    """Created, changed with the members that differ, deleted; by API and collection."""
    new = {**control.get(LINK).json(), "id": "0b6ed6a5-3a5c-4b52-9a2b-0d8f2d3f8a11", "short_code": "winter"}
    gone = control.get("/state/xqr/links?offset=5&limit=1").json()["records"][0]["id"]
    control.post("/state/xqr/links", json=new)
    control.patch(LINK, json={"scan_count": 7})
    control.delete(f"/state/xqr/links/{gone}")
    control.post(f"/worlds/{world}/credentials", json={"credentials": [{"api": "xqr"}]})

    found = control.get(f"/worlds/{world}/diff").json()

    links = found["apis"]["xqr"]["links"]
    assert (found["since"], found["counts"]) == ("fixtures", {"created": 1, "changed": 1, "deleted": 1})
    assert [record["id"] for record in links["created"]] == [new["id"]]
    assert [record["id"] for record in links["deleted"]] == [gone]
    assert (links["changed"][0]["id"], links["changed"][0]["after"]) == (SUMMER, {"scan_count": 7})


def test_a_fork_differs_from_its_origin_by_its_own_writes_alone(control, server, world):
    """What was done before the fork is not shown."""
    control.patch(LINK, json={"scan_count": 7})
    control.post(f"/worlds/{world}/fork", json={"name": f"{world}-f"})
    with server.client(f"/~{world}-f/__admin") as fork:
        fork.patch(LINK, json={"scan_count": 8})

    found = control.get(f"/worlds/{world}-f/diff").json()

    assert found["since"] == f"world:{world}"
    assert found["apis"]["xqr"]["links"]["changed"] == [
        {"id": SUMMER, "before": {"scan_count": 7}, "after": {"scan_count": 8}}
    ]


def test_an_exported_world_is_imported_again(control, server, world):
    """Records and frozen time, through JSON."""
    control.patch(LINK, json={"scan_count": 7})
    control.post("/clock/freeze", json={"at": "2026-03-20T09:00:00Z"})
    whole = control.get(f"/worlds/{world}/export").json()

    answer = control.post(f"/worlds/{world}-i/import", json=whole)

    with server.client(f"/~{world}-i/__admin") as imported:
        assert (answer.status_code, imported.get(LINK).json()["scan_count"]) == (204, 7)
        assert imported.get("/clock").json()["now"] == "2026-03-20T09:00:00.000Z"
    assert control.get(f"/worlds/{world}-i/export").json()["apis"] == whole["apis"]


WRONG_IMPORTS = {
    "an API": ({"apis": {"nobody": {}}}, "/apis/nobody"),
    "a collection": ({"apis": {"xqr": {"things": []}}}, "/apis/xqr/things"),
    "a record": ({"apis": {"xqr": {"links": [{"id": "x", "enabled": "no"}]}}}, "/apis/xqr/links/0/enabled"),
    "an id": ({"apis": {"xqr": {"links": [{}]}}}, "/apis/xqr/links/0/id"),
}


@pytest.mark.parametrize(("content", "pointer"), WRONG_IMPORTS.values(), ids=WRONG_IMPORTS.keys())
def test_what_fits_no_world_is_not_imported(control, world, content, pointer):
    """Every defect is named, and the world stays as it is."""
    answer = control.post(f"/worlds/{world}/import", json=content)

    assert answer.status_code == 422
    assert pointer in [violation["pointer"] for violation in answer.json()["violations"]]
    assert control.get(LINK).status_code == 200


def _until(true: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


def test_a_world_that_nobody_uses_ends_by_itself(control, world):
    """Its seconds begin anew with every use."""
    control.post("/worlds", json={"name": f"{world}-short", "expire": 0.3})
    before = [found["name"] for found in control.get("/worlds").json()["worlds"]]

    def is_gone() -> bool:
        return f"{world}-short" not in [found["name"] for found in control.get("/worlds").json()["worlds"]]

    assert f"{world}-short" in before
    assert _until(is_gone)


def test_all_worlds_of_a_server_can_end_by_themselves():
    """All but the default one."""
    app = create_app(Options(apis=("xqr",), expire_worlds=0.2))
    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://localhost/__admin") as client:
        client.get("/~short/__admin/clock")
        client.get("http://localhost/~short/__admin/clock")

        def names() -> list[str]:
            return [found["name"] for found in client.get("/worlds").json()["worlds"]]

        assert "short" in names()
        assert _until(lambda: names() == ["default"])


DOCUMENT = """
openapi: 3.1.0
info: {title: Keys, version: "1"}
servers: [{url: /v1}]
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
    basic: {type: http, scheme: basic}
    head: {type: apiKey, in: header, name: X-Key}
    parameter: {type: apiKey, in: query, name: key}
    biscuit: {type: apiKey, in: cookie, name: session}
paths:
""" + "".join(
    f"""
  /{name}:
    get:
      operationId: {name}
      security: [{{{name}: []}}]
      responses: {{"200": {{description: Yes.}}, "401": {{description: No.}}}}
"""
    for name in ("bearer", "basic", "head", "parameter", "biscuit")
)


@pytest.mark.parametrize("security", ["present", "check"])
def test_a_document_gets_a_fresh_credential_for_each_way_that_it_declares(tmp_path: Path, security: str):
    """A token, a user with a password, a header, a query parameter, a cookie; also where the known ones are listed."""
    (tmp_path / "keys.yaml").write_text(DOCUMENT)
    (tmp_path / "known.yaml").write_text("somebody: {}\n")
    known = str(tmp_path / "known.yaml") if security == "check" else ""
    app = create_app(Options(apis=(str(tmp_path / "keys.yaml"),), security=security, credentials=known))
    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://localhost") as client:
        made = client.post("/__admin/worlds", json={"name": "w", "credentials": [{"api": "keys"}]}).json()
        sent = {(one["in"], one["name"]): one["value"] for one in made["credentials"]}
        values = [one["value"] for one in made["credentials"] if one["name"] == "Authorization"]

        answers = [
            client.get("/v1/bearer", headers={"Authorization": next(one for one in values if "Bearer" in one)}),
            client.get("/v1/basic", headers={"Authorization": next(one for one in values if "Basic" in one)}),
            client.get("/v1/head", headers={"X-Key": sent["header", "X-Key"]}),
            client.get("/v1/parameter", params={"key": sent["query", "key"]}),
            client.get("/v1/biscuit", headers={"Cookie": f"session={sent['cookie', 'session']}"}),
        ]

        assert [answer.status_code for answer in answers] == [200] * 5
        assert client.get("/__admin/worlds/w").json()["requests"] == 5


SLOW = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /slow: {get: {operationId: slow, responses: {"200": {description: Late.}}}}
"""

WAITING = """
import time
from pathlib import Path

def slow(call, state):
    Path("FOLDER/begun").touch()
    while not Path("FOLDER/ended").exists():
        time.sleep(0.01)
    return call.default()

HANDLERS = {"slow": slow}
"""


@pytest.mark.parametrize("path", ["/worlds", "/worlds/default", "/snapshots", "/health"])
def test_what_is_of_no_single_world_waits_for_no_request(tmp_path, path):
    """A slow handler holds its world, to which control requests belong that name none."""
    (tmp_path / "zoo.yaml").write_text(SLOW)
    (tmp_path / "slow.py").write_text(WAITING.replace("FOLDER", tmp_path.as_posix()))

    with (
        running(tmp_path / "zoo.yaml", handlers=(str(tmp_path / "slow.py"),)) as mock,
        ThreadPoolExecutor(1) as crowd,
    ):
        waiting = crowd.submit(httpx.get, f"{mock.url}/slow", timeout=30)
        try:
            while not (tmp_path / "begun").exists() and not waiting.done():
                time.sleep(0.01)
            answer = httpx.get(f"{mock.root}/__admin{path}", timeout=10)
            others = httpx.post(f"{mock.root}/~other/__admin/reset", timeout=10)
        finally:
            (tmp_path / "ended").touch()

        assert (answer.status_code, others.status_code) == (200, 204)
        assert waiting.result().status_code == 200
