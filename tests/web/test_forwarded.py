"""Behind a proxy: addresses in answers begin where the client asked."""

import httpx
import pytest

from mockserver.server import Options, create_app

DOCUMENT = """
openapi: 3.0.3
info: {title: Things, version: "1"}
servers: [{url: https://things.example.org/v1}]
paths:
  /things:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: offset, in: query, schema: {type: integer}}
      responses:
        "200":
          description: Some.
          headers: {Link: {schema: {type: string}}}
          content:
            application/json:
              schema:
                type: object
                properties:
                  next: {type: string, format: uri, nullable: true}
                  results: {type: array, items: {$ref: "#/components/schemas/Thing"}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      responses:
        "201":
          description: Made.
          headers: {Location: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
  /things/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
components: {schemas: {Thing: {type: object, properties: {id: {type: string, readOnly: true}, name: {type: string}}}}}
"""

PROXY = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "mock.example.org"}


@pytest.fixture
def things(tmp_path):
    """Clients of the document, with or without a trusted proxy."""
    file = tmp_path / "things.yaml"
    file.write_text(DOCUMENT)

    def client(*, trust_proxy: str = "any", address: str = "127.0.0.1") -> httpx.Client:
        app = create_app(Options(apis=(str(file),), trust_proxy=trust_proxy))
        return httpx.Client(transport=httpx.WSGITransport(app=app, remote_addr=address), base_url="http://inside:8080")

    return client


def location(client: httpx.Client, **headers: str) -> str:
    """Where a new thing is, without its id."""
    answer = client.post("/v1/things", json={"name": "a"}, headers=headers)
    return answer.headers["Location"].rpartition("/")[0]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (PROXY, "https://mock.example.org/v1/things"),
        ({"X-Forwarded-Proto": "https"}, "https://inside:8080/v1/things"),
        ({"X-Forwarded-Host": "a.example, b.example"}, "http://a.example/v1/things"),
        ({**PROXY, "X-Forwarded-Port": "8443"}, "https://mock.example.org:8443/v1/things"),
        ({**PROXY, "X-Forwarded-Port": "443"}, "https://mock.example.org/v1/things"),
        ({**PROXY, "X-Forwarded-Prefix": "/mocks/one/"}, "https://mock.example.org/mocks/one/v1/things"),
        (
            {"Forwarded": "for=1.2.3.4;proto=https;host=m.example, for=5.6.7.8;host=n.example"},
            "https://m.example/v1/things",
        ),
        ({"Forwarded": 'Host="[2001:db8::1]:8443";Proto=HTTPS'}, "https://[2001:db8::1]:8443/v1/things"),
        ({"Forwarded": "proto=https;host=m.example", **PROXY}, "https://m.example/v1/things"),
    ],
)
def test_a_trusted_proxy_says_where_addresses_begin(things, headers, expected):
    """By the standard header or by those of old, scheme, host, port and path; the proxy next to the client counts."""
    client = things()

    assert location(client, **headers) == expected


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "a.example/evil?"},
        {"X-Forwarded-Host": "[1:2]"},
        {"X-Forwarded-Proto": "javascript"},
        {"X-Forwarded-Prefix": "//evil.example"},
        {"X-Forwarded-Prefix": "relative"},
        {"X-Forwarded-Port": "99999999"},
        {"Forwarded": "for=1.2.3.4"},
        {"Forwarded": '"'},
    ],
)
def test_what_is_no_address_is_as_if_it_were_not_there(things, headers):
    """The Host of the request counts then."""
    client = things()

    assert location(client, **headers) == "http://inside:8080/v1/things"


def test_nobody_is_trusted_where_that_is_switched_off(things):
    """The headers are those of any client."""
    client = things(trust_proxy="off")

    assert location(client, **PROXY) == "http://inside:8080/v1/things"


@pytest.mark.parametrize(
    ("address", "begins"),
    [
        ("127.0.0.1", "https://mock.example.org"),
        ("::1", "https://mock.example.org"),
        ("10.0.0.9", "http://inside:8080"),
    ],
)
def test_a_proxy_on_this_machine_is_trusted_unasked(things, address, begins):
    """One elsewhere is not."""
    client = things(trust_proxy="local", address=address)

    assert location(client, **PROXY).startswith(begins)


def test_links_to_other_pages_and_what_the_control_api_lists_begin_there_too(things):
    """In a body, in the header `Link`, with the world, and in the served document."""
    client = things()
    for name in "abc":
        client.post("/~w/v1/things", json={"name": name}, headers=PROXY)

    page = client.get("/~w/v1/things?limit=1", headers=PROXY)
    apis = client.get("/~w/__admin/apis", headers={**PROXY, "Host": "localhost"}).json()["apis"]

    assert page.json()["next"] == "https://mock.example.org/~w/v1/things?limit=1&offset=1"
    assert page.headers["Link"].startswith("<https://mock.example.org/~w/v1/things?limit=1&offset=1>")
    assert apis[0]["baseUrl"] == "https://mock.example.org/~w/things/v1"


def test_the_host_that_was_asked_for_names_the_api(tmp_path):
    """As `Host` does where there is no proxy."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(DOCUMENT.replace("things.example.org", f"{name}.example.org"))
    app = create_app(Options(apis=(str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml")), trust_proxy="any"))
    client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://inside")

    found = location(client, **{"X-Forwarded-Host": "two.example.org"})

    assert found == "http://two.example.org/v1/things"
