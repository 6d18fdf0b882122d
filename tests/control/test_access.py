"""Who may steer the mock."""

from collections.abc import Callable

import httpx
import pytest

from mockserver.control import Access
from mockserver.server import Options, create_app
from mockserver.web.door import Door

TOKEN = "t0ken"
GUARDED = {
    ("GET", "/openapi.json"), ("POST", "/reset"), ("GET", "/worlds"), ("DELETE", "/worlds/x"), ("GET", "/requests"),
    ("DELETE", "/requests"),
    ("GET", "/apis"), ("GET", "/state/xqr"), ("PUT", "/state/xqr/links/x"), ("GET", "/nowhere"), ("POST", "/health"),
}  # fmt: skip


@pytest.fixture(scope="module")
def apps() -> dict[str, Door]:
    """One server for each way to start it."""
    return {
        "local": create_app(Options(apis=("xqr",))),
        "token": create_app(Options(apis=("xqr",), admin_token=TOKEN)),
        "exposed": create_app(Options(apis=("xqr",), host="0.0.0.0")),  # noqa: S104
        "exposed with token": create_app(Options(apis=("xqr",), host="0.0.0.0", admin_token=TOKEN)),  # noqa: S104
    }


@pytest.fixture
def ask(apps: dict[str, Door]) -> Callable[..., httpx.Response]:
    """Asks one of the servers, by any host name."""

    def send(start: str, method: str, path: str, host: str = "localhost:4010", **headers: str) -> httpx.Response:
        transport = httpx.WSGITransport(app=apps[start])
        with httpx.Client(transport=transport, base_url=f"http://{host}") as client:
            return client.request(method, f"/__admin{path}", headers=headers)

    return send


@pytest.mark.parametrize(("method", "path"), sorted(GUARDED))
def test_a_token_is_asked_for_where_there_is_one(ask, method, path):
    """Without it nothing is told, not even whether there is such a path."""
    answer = ask("token", method, path)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("given", ["Bearer wrong", "Bearer", "Bearer t0ken2", "Basic t0ken", "t0ken", "Bearer ", ""])
def test_another_token_opens_nothing(ask, given):
    """Only the token itself, with its scheme."""
    answer = ask("token", "GET", "/requests", Authorization=given)

    assert answer.status_code == 401


@pytest.mark.parametrize("given", [f"Bearer {TOKEN}", f"bearer {TOKEN}"])
@pytest.mark.parametrize("start", ["token", "exposed with token"])
@pytest.mark.parametrize("host", ["localhost:4010", "mockserver:4010", "192.0.2.7"])
def test_the_token_opens_everything_from_anywhere(ask, start, given, host):
    """Whoever holds it may ask by any host name."""
    answer = ask(start, "GET", "/requests", host, Authorization=given)

    assert answer.status_code == 200


def test_a_token_may_have_any_letters():
    """WSGI hands over what was sent as Latin-1; the token is meant in UTF-8."""
    sent = "Bearer " + "tök3n".encode().decode("latin-1")

    Access("tök3n").check({"Authorization": sent}, is_open=False)


@pytest.mark.parametrize("path", ["/health", "/ready", "/version"])
@pytest.mark.parametrize("start", ["local", "token", "exposed"])
@pytest.mark.parametrize("host", ["localhost:4010", "mockserver:4010"])
def test_health_and_version_are_open(ask, start, path, host):
    """Whoever waits for a server needs no token."""
    answer = ask(start, "GET", path, host)

    assert answer.status_code == 200


@pytest.mark.parametrize(("method", "path"), sorted(GUARDED))
def test_beyond_loopback_there_is_no_control_without_a_token(ask, method, path):
    """The refusal says how to start the server."""
    answer = ask("exposed", method, path)

    assert answer.status_code == 403
    assert "--admin-token" in answer.json()["detail"]
    assert "MOCKSERVER_ADMIN_TOKEN" in answer.json()["detail"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:4010", "127.0.0.1:4010", "127.8.9.10", "[::1]:4010", "[::1]"])
def test_the_machine_itself_needs_no_token(ask, host):
    """By each of the names that are the machine's own."""
    answer = ask("local", "GET", "/requests", host)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:4010",
        "localhost.evil.example",
        "192.0.2.7",
        "[2001:db8::1]",
        "127.0.0.1.evil.example",
        "localhost:evil.example",
        "localhost:4010.evil.example",
        "localhost:",
        "127.0.0.1:evil",
        "127.0.0.1:4010:4010",
        "[::1]evil",
        "[::1]:evil",
        "[::1]:4010.evil.example",
        "[::1",
        "::1",
        "localhost, evil.example",
        "localhost,localhost",
        "localhost:4010,evil.example",
        "evil.example@localhost",
        "localhost@evil.example",
        "localhost/evil",
        "localhost.",
        "localhost\t",
        "",
    ],
)
def test_another_host_name_is_refused(ask, host):
    """A name that somebody made to lead here is not the machine's."""
    answer = ask("local", "GET", "/requests", Host=host)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost:3000",
        "http://localhost",
        "null",
        "",
        "file://localhost:4010",
        "http://[",
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/health"), ("POST", "/reset")])
def test_a_web_page_from_elsewhere_is_refused(ask, method, path, origin):
    """The page of another origin in the developer's browser may not drive the mock."""
    answer = ask("local", method, path, Origin=origin)

    assert answer.status_code == 403


def test_a_web_page_from_elsewhere_is_refused_with_a_token_too(ask):
    """Holding the token does not make another origin the server's own."""
    answer = ask("token", "GET", "/requests", Origin="https://evil.example", Authorization=f"Bearer {TOKEN}")

    assert answer.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site", "", "other"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/health"), ("GET", "/requests"), ("POST", "/reset")])
def test_what_another_page_makes_a_browser_ask_is_refused(ask, method, path, site):
    """A link, an image or a form sends no Origin; the page of another port is one of the same site."""
    answer = ask("local", method, path, **{"Sec-Fetch-Site": site})

    assert (answer.status_code, answer.json()["title"]) == (403, "Forbidden")


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_what_a_person_opens_in_a_browser_is_answered(ask, site):
    """The address bar, a bookmark, and what the server's own pages ask for."""
    answer = ask("local", "GET", "/requests", **{"Sec-Fetch-Site": site})

    assert answer.status_code == 200


def test_the_own_origin_is_welcome(ask):
    """A page that the server itself gave may ask; nothing invites others."""
    answer = ask("local", "POST", "/reset", Origin="http://localhost:4010")

    assert answer.status_code == 204
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_the_document_says_whether_a_token_is_wanted(ask):
    """Without a token it is optional, with one it is required."""
    local = ask("local", "GET", "/openapi.json").json()
    guarded = ask("token", "GET", "/openapi.json", Authorization=f"Bearer {TOKEN}").json()

    assert local["security"] == [{}, {"adminToken": []}]
    assert guarded["security"] == [{"adminToken": []}]
