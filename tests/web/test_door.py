"""In front of everything: which world, which API, and what is nobody's."""

import io
import json
from collections.abc import Iterator

import httpx
import pytest

from mockserver.server import Options, create_app, running
from mockserver.web.door import Door
from tests.engine.todo import Todo, serve

SUMMER = "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"
KEY = {"Authorization": "Bearer xqr_pk_a1b2c3d4." + "x" * 64}
ROOT = "http://127.0.0.1:4010"


@pytest.fixture(scope="module")
def door() -> Door:
    """All bundled APIs behind one door."""
    return create_app()


@pytest.fixture
def client(door) -> httpx.Client:
    """Somebody with a key of xQR."""
    return client_of(door)


def client_of(door: Door) -> httpx.Client:
    """A client without a port."""
    return httpx.Client(transport=httpx.WSGITransport(app=door), base_url=ROOT, headers=KEY)


def scans(client: httpx.Client, path: str, **headers: str) -> int:
    """How often the link was scanned, in the world of this path or of these headers."""
    found: int = client.get(path, headers=headers).json()["data"]["scan_count"]
    return found


# Worlds


def test_a_world_is_named_by_prefix_or_by_header(client):
    """Both ways lead to the same world, and past the default one."""
    client.patch(f"/~pair/__admin/state/xqr/links/{SUMMER}", json={"scan_count": 7})
    link = f"/xqr/api/v1/links/{SUMMER}"

    seen = [scans(client, "/~pair" + link), scans(client, link, **{"Mock-World": "pair"}), scans(client, link)]

    assert seen == [7, 7, 1483]


def test_the_prefix_beats_the_header(client):
    """An address says where it leads."""
    client.patch(f"/~near/__admin/state/xqr/links/{SUMMER}", json={"scan_count": 8})

    assert scans(client, f"/~near/xqr/api/v1/links/{SUMMER}", **{"Mock-World": "far"}) == 8


def test_the_default_world_has_a_name(client):
    """`/~default` is what is there without one."""
    client.patch(f"/__admin/state/xqr/links/{SUMMER}", json={"short_code": "winter"})

    answer = client.get(f"/~default/xqr/api/v1/links/{SUMMER}")
    client.post("/__admin/reset")

    assert answer.json()["data"]["short_code"] == "winter"


def test_a_bad_name_of_a_world_is_told_as_it_was_asked_for():
    """An encoded slash is none of the path."""
    with running("examples/pets.yaml") as mock:
        answer = httpx.get(f"{mock.root}/~a%2Fb/pets")

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("'a%2Fb' is no name of a world: ")


@pytest.mark.parametrize("name", ["", ".x", "a b", "a%20b", "%C3%BC", "w" * 65, "-a", "a%0A", "%3Cscript%3E"])
def test_a_bad_name_of_a_world_is_a_400(client, name):
    """As a problem, whatever stands in it."""
    answer = client.get(f"/~{name}/xqr/api/v1/links")

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert "is no name of a world" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["", "a/b", "a b", "w" * 65])
def test_a_bad_name_in_the_header_is_a_400(client, name):
    """It never means the default world."""
    answer = client.get("/xqr/api/v1/links", headers={"Mock-World": name})

    assert answer.status_code == 400


# APIs


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/XQR/api/v1/links", "//xqr/api/v1/links", "/~one", "/~one/", "/~one/nothing"]
)
def test_what_is_nobodys_is_a_problem_that_names_the_addresses(client, path):
    """No HTML, and the next step in it."""
    answer = client.get(ROOT + path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    for address in ("/xqr/api", "/botsubscription", "/vivoldi", "/spotzee/api/client", "/__admin"):
        assert address in answer.json()["detail"]


def test_what_is_an_apis_own_is_answered_by_it(client):
    """An unknown path below an API's name is that API's 404."""
    answer = client.get("/xqr/api/v1/nothing")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("host", ["xqr.co", "XQR.co", "xqr.co:443"])
def test_a_host_of_the_document_names_the_api(client, host):
    """The vendor's own address works when its name leads here."""
    answer = client.get("/api/v1/links?limit=1", headers={"Host": host})

    assert (answer.status_code, len(answer.json()["data"])) == (200, 1)


def test_a_name_in_the_path_beats_the_host(client):
    """Whoever writes the API's name means it."""
    answer = client.get("/xqr/api/v1/links?limit=1", headers={"Host": "api.botsubscription.com"})

    assert answer.status_code == 200


def test_a_world_and_a_host_go_together(client):
    """A prefix in front of the vendor's own path."""
    client.patch(f"/~hosted/__admin/state/xqr/links/{SUMMER}", json={"scan_count": 9})

    assert scans(client, f"/~hosted/api/v1/links/{SUMMER}", Host="xqr.co") == 9


def test_the_control_api_is_at_every_loopback_name(client):
    """It is no path of any API."""
    answer = client.get("/__admin/health", headers={"Host": "localhost:4010"})

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/xqr/api/v1/links", "/api/v1/links", "/v1/links"])
def test_one_api_alone_needs_neither_its_name_nor_its_servers_path(path):
    """The full address works as well."""
    client = client_of(create_app(Options(apis=("xqr",))))

    answer = client.get(path)

    assert answer.status_code == 200


def test_one_api_alone_answers_every_path(client):
    """With its own 404."""
    alone = client_of(create_app(Options(apis=("xqr",))))

    answer = alone.get("/nothing/at/all")

    assert answer.json()["error"]["code"] == "NOT_FOUND"


# Paths, methods, bodies


@pytest.fixture
def todo() -> Todo:
    """A to-do list behind the door."""
    return serve()


@pytest.mark.parametrize("path", ["/todo/v1/tasks/%31", "/todo/v1/%74asks/1", "/%74odo/v1/tasks/1"])
def test_a_percent_encoded_path_is_the_same_path(todo, path):
    """A code is its character."""
    answer = todo.client.get(ROOT + path)

    assert answer.json()["title"] == "Sweep"


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("grüße".encode(), "grüße"),
        ("日本".encode(), "日本"),
        (b"a b?c", "a b?c"),
        (b"a+b", "a+b"),
    ],
)
def test_a_path_is_text(todo, path, seen):
    """UTF-8, as a WSGI server hands it over."""
    ask(todo, PATH_INFO="/todo/v1/trouble/" + path.decode("latin-1"))

    assert todo.last.request.path == "/v1/trouble/" + seen


@pytest.mark.port
@pytest.mark.parametrize(("path", "seen"), [("gr%C3%BC%C3%9Fe", "grüße"), ("日本", "日本"), ("a%20b%3Fc", "a b?c")])
def test_a_path_is_decoded_once(xqr, admin, path, seen):
    """Also by the server in front."""
    xqr.get(f"/api/v1/links/{path}")

    assert admin.get("/requests").json()["requests"][0]["request"]["path"] == f"/api/v1/links/{seen}"


@pytest.mark.parametrize("path", ["/tasks/1/", "//tasks/1", "/tasks//1", "/tasks/1/../1", "/./tasks/1"])
def test_no_path_is_tidied_up(todo, path):
    """No redirect, no merging of slashes: another path is another path."""
    status, body = ask(todo, REQUEST_METHOD="GET", PATH_INFO=f"/todo/v1{path}")

    assert (status, json.loads(body)["code"]) == ("404 Not Found", "no-operation")


@pytest.mark.parametrize(("path", "status"), [("/tasks/1", 200), ("/nothing", 404), ("/~bad name/x", 400)])
def test_the_answer_to_head_has_no_body(todo, path, status):
    """It is that to a GET, whatever it is."""
    answer = todo.client.head(ROOT + path if path.startswith("/~") else path)

    assert (answer.status_code, answer.content) == (status, b"")


@pytest.mark.port
@pytest.mark.parametrize("path", ["/nothing", "/xqr/api/nothing", "/__admin/health"])
def test_after_head_the_connection_is_in_step(server, path):
    """No bytes are left on it that nobody asked for."""
    with server.client("") as client:
        head, get = client.head(path), client.get(path)

    assert (head.status_code, head.content, get.status_code) == (get.status_code, b"", get.status_code)


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PURGE", "get"])
def test_a_method_that_nobody_declared_is_a_405(todo, method):
    """In the API's own words; nothing is answered by a framework."""
    status, body = ask(todo, REQUEST_METHOD=method, PATH_INFO="/todo/v1/tasks")

    assert (status, json.loads(body)["code"]) == ("405 Method Not Allowed", "no-method")


def chunks(size: int) -> Iterator[bytes]:
    """So many bytes, without saying how many beforehand."""
    yield b'"'
    for _ in range((size - 2) // 65_536):
        yield b"a" * 65_536
    yield b"a" * ((size - 2) % 65_536) + b'"'


@pytest.mark.parametrize(("size", "status"), [(1_000, 200), (10 * 1024 * 1024, 200), (10 * 1024 * 1024 + 1, 413)])
def test_a_chunked_body_has_the_limit_of_any_other(todo, size, status):
    """It is read whole, or refused; never cut."""
    answer = todo.client.post("/echo", content=chunks(size), headers={"Content-Type": "application/json"})

    assert answer.status_code == status
    assert status != 200 or len(answer.content) == size


@pytest.mark.parametrize(("size", "status"), [(10 * 1024 * 1024, 200), (10 * 1024 * 1024 + 1, 413)])
def test_a_body_may_have_ten_mebibytes(todo, size, status):
    """One byte more is refused by its announced length."""
    content = b"".join(chunks(size))

    answer = todo.client.post("/echo", content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == status


@pytest.mark.parametrize("length", ["-1", "1.5", "x", "²", "9" * 30])
def test_a_length_that_is_none_is_a_400(todo, length):
    """Also one that only looks like a number."""
    status, _ = ask(todo, CONTENT_LENGTH=length)

    assert status == "400 Bad Request"


def test_a_body_shorter_than_announced_is_a_400(todo):
    """What was read is not the whole."""
    status, body = ask(todo, CONTENT_LENGTH="100")

    assert (status, json.loads(body)["detail"]) == ("400 Bad Request", "The body ended after 2 of 100 bytes.")


def test_a_connection_that_breaks_is_a_400(todo):
    """The client hears it, if it is still there."""

    class Broken:
        def read(self, _size):
            raise OSError

    status, _ = ask(todo, **{"wsgi.input": Broken()})

    assert status == "400 Bad Request"


def ask(todo: Todo, **changes):
    """POST /echo with `{}`, as a server would hand it over, but for these changes."""
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/todo/v1/echo",
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "2",
        "wsgi.input": io.BytesIO(b"{}"),
        **changes,
    }
    said: list[str] = []
    body = b"".join(todo.door(environ, lambda status, _headers: said.append(status)))
    return said[0], body


def test_a_request_that_reaches_no_api_stands_in_the_journal(server, world, admin):
    """What was asked for at a wrong address is found among the unmatched requests of its world."""
    with server.client(f"/~{world}") as client:
        client.post("/xqrr/api/v1/links", json={"url": "https://example.com"})

    missed = admin.get("/requests/unmatched").json()["requests"]

    assert [(entry["api"], entry["request"]["path"], entry["response"]["status"]) for entry in missed] == [
        (None, "/xqrr/api/v1/links", 404)
    ]


def test_a_vendors_host_wants_the_vendors_own_path(server, world, admin):
    """Under the vendor's host name the server's path may not be left out, as at the real server."""
    with server.client(f"/~{world}", {"Host": "xqr.co"}) as client:
        bare, whole = client.get("/v1/links"), client.get("/api/v1/links")

    assert (bare.status_code, whole.status_code) == (404, 401)
