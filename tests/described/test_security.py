"""What the security schemes of a document ask of its callers."""

import json
import shlex

import pytest
import yaml

from mockserver.engine.answers.sample_request import sample_curl
from mockserver.problem import Unusable
from mockserver.server import Options, load_services

BANK = """
openapi: 3.1.0
info: {title: 'Bank "of" Zoo', version: "1"}
servers: [{url: "https://bank.example"}]
security: [{token: []}]
paths:
  /token: {get: {operationId: token, responses: {"200": {description: Yes.}}}}
  /open: {get: {operationId: open, security: [], responses: {"200": {description: Yes.}}}}
  /maybe: {get: {operationId: maybe, security: [{token: []}, {}], responses: {"200": {description: Yes.}}}}
  /key: {get: {operationId: key, security: [{key: []}], responses: {"200": {description: Yes.}}}}
  /asked: {get: {operationId: asked, security: [{asked: []}], responses: {"200": {description: Yes.}}}}
  /cookie: {get: {operationId: cookie, security: [{session: []}], responses: {"200": {description: Yes.}}}}
  /basic: {get: {operationId: basic, security: [{basic: []}], responses: {"200": {description: Yes.}}}}
  /digest: {get: {operationId: digest, security: [{digest: []}], responses: {"200": {description: Yes.}}}}
  /oauth: {get: {operationId: oauth, security: [{oauth: [read, write]}], responses: {"200": {description: Yes.}}}}
  /openid: {get: {operationId: openid, security: [{openid: [read]}], responses: {"200": {description: Yes.}}}}
  /mutual: {get: {operationId: mutual, security: [{mutual: []}], responses: {"200": {description: Yes.}}}}
  /both: {get: {operationId: both, security: [{key: [], session: []}], responses: {"200": {description: Yes.}}}}
  /either: {get: {operationId: either, security: [{key: []}, {basic: []}], responses: {"200": {description: Yes.}}}}
  /own:
    get:
      operationId: own
      responses:
        "200": {description: Yes.}
        "401":
          description: No.
          headers: {X-Hint: {required: true, schema: {type: string, enum: [key]}}}
          content: {application/json: {schema: {type: object, required: [error], properties: {error: {type: string}}}}}
components:
  securitySchemes:
    token: {type: http, scheme: Bearer}
    key: {type: apiKey, in: header, name: X-Key}
    asked: {type: apiKey, in: query, name: api_key}
    session: {type: apiKey, in: cookie, name: sid}
    basic: {type: http, scheme: basic}
    digest: {type: http, scheme: Digest}
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://x.example", scopes: {read: r, write: w}}}}
    openid: {type: openIdConnect, openIdConnectUrl: "https://x.example"}
    mutual: {type: mutualTLS}
"""
BASIC = "Basic YW5uOnMzY3JldA=="
"""ann:s3cret"""

MISSHAPEN = "What was sent as a credential has not the form that is asked for: expected"

KNOWN = """
t0ken: {scheme: token, name: Ann}
full: {scheme: oauth, scopes: [read, write]}
star: {scopes: "*"}
half: {scheme: oauth, scopes: read}
none: {scheme: oauth, scopes: []}
ann:s3cret: {scheme: basic}
k3y:
"""


@pytest.fixture
def bank(serve):
    """A bank that wants to see a credential."""
    return serve(BANK)


@pytest.fixture
def strict(serve, tmp_path):
    """A bank that knows its callers."""
    known = tmp_path / "known.yaml"
    known.write_text(KNOWN)
    return serve(BANK, security="check", credentials=str(known))


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/open", {}),
        ("/maybe", {}),
        ("/maybe", {"Authorization": "Bearer x"}),
        ("/token", {"Authorization": "Bearer x.y-z_~+/=="}),
        ("/token", {"Authorization": "bearer x"}),
        ("/key", {"X-Key": "x"}),
        ("/asked?api_key=x", {}),
        ("/cookie", {"Cookie": "a=b; sid=x"}),
        ("/basic", {"Authorization": BASIC}),
        ("/digest", {"Authorization": 'Digest username="ann"'}),
        ("/oauth", {"Authorization": "Bearer x"}),
        ("/openid", {"Authorization": "Bearer x"}),
        ("/mutual", {}),
        ("/both", {"X-Key": "x", "Cookie": "sid=x"}),
        ("/either", {"X-Key": "x"}),
        ("/either", {"Authorization": BASIC}),
    ],
)
def test_a_credential_of_the_right_form_is_let_in(bank, path, headers):
    """For every scheme, for all of an alternative, for any of them."""
    assert bank.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("path", "headers", "detail", "challenges"),
    [
        (
            "/token",
            {},
            "No credential was sent; expected `Authorization: Bearer <token>`.",
            'Bearer realm="Bank of Zoo"',
        ),
        (
            "/token",
            {"Authorization": "Basic x"},
            f"{MISSHAPEN} `Authorization: Bearer <token>`.",
            'Bearer realm="Bank of Zoo"',
        ),
        (
            "/token",
            {"Authorization": "Bearer a b"},
            f"{MISSHAPEN} `Authorization: Bearer <token>`.",
            'Bearer realm="Bank of Zoo"',
        ),
        ("/key", {}, "No credential was sent; expected the header `X-Key`.", 'ApiKey name="X-Key", in="header"'),
        (
            "/key",
            {"X-Key": " "},
            f"{MISSHAPEN} the header `X-Key`.",
            'ApiKey name="X-Key", in="header"',
        ),
        (
            "/asked?api_key=",
            {},
            f"{MISSHAPEN} the query parameter `api_key`.",
            'ApiKey name="api_key", in="query"',
        ),
        ("/cookie", {}, "No credential was sent; expected the cookie `sid`.", 'ApiKey name="sid", in="cookie"'),
        (
            "/basic",
            {"Authorization": "Basic bm9jb2xvbg=="},
            f"{MISSHAPEN} `Authorization: Basic <user:password in base64>`.",
            'Basic realm="Bank of Zoo", charset="UTF-8"',
        ),
        (
            "/digest",
            {},
            "No credential was sent; expected `Authorization: Digest <credentials>`.",
            'Digest realm="Bank of Zoo"',
        ),
        (
            "/both",
            {"X-Key": "x"},
            "No credential was sent; expected the header `X-Key` with the cookie `sid`.",
            'ApiKey name="X-Key", in="header", ApiKey name="sid", in="cookie"',
        ),
        (
            "/either",
            {},
            "No credential was sent; expected the header `X-Key` or `Authorization: Basic <user:password in base64>`.",
            'ApiKey name="X-Key", in="header", Basic realm="Bank of Zoo", charset="UTF-8"',
        ),
    ],
)
def test_without_one_the_answer_is_401(bank, path, headers, detail, challenges):
    """It says what was expected, and challenges as HTTP has it."""
    answer = bank.get(path, headers=headers)

    assert (answer.status_code, answer.json()["detail"]) == (401, detail)
    assert answer.headers["WWW-Authenticate"] == challenges


def test_a_401_is_said_in_the_documents_own_words(bank):
    """With the headers it declares."""
    answer = bank.get("/own")

    assert (answer.status_code, answer.headers["X-Hint"]) == (401, "key")
    assert answer.json() == {"error": "No credential was sent; expected `Authorization: Bearer <token>`."}


def test_nothing_is_asked_where_security_is_off(serve):
    """Whatever the document says."""
    open_bank = serve(BANK, security="off")

    assert [open_bank.get(path).status_code for path in ("/token", "/both", "/oauth")] == [200, 200, 200]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/token", {"Authorization": "Bearer t0ken"}, 200),
        ("/token", {"Authorization": "Bearer star"}, 200),
        ("/token", {"Authorization": "Bearer full"}, 401),
        ("/token", {"Authorization": "Bearer nobody"}, 401),
        ("/maybe", {}, 200),
        ("/oauth", {"Authorization": "Bearer full"}, 200),
        ("/oauth", {"Authorization": "Bearer star"}, 200),
        ("/oauth", {"Authorization": "Bearer half"}, 403),
        ("/oauth", {"Authorization": "Bearer none"}, 403),
        ("/key", {"X-Key": "k3y"}, 200),
        ("/key", {"X-Key": "key"}, 401),
        ("/basic", {"Authorization": BASIC}, 200),
        ("/basic", {"Authorization": "Basic YW5uOndyb25n"}, 401),
        ("/both", {"X-Key": "k3y", "Cookie": "sid=k3y"}, 200),
        ("/both", {"X-Key": "k3y", "Cookie": "sid=other"}, 401),
    ],
)
def test_known_callers_are_checked(strict, path, headers, status):
    """401 for whom nobody knows, 403 for who may not."""
    assert strict.get(path, headers=headers).status_code == status


def test_a_refusal_says_what_is_missing(strict):
    """As RFC 6750 has it."""
    unknown = strict.get("/token", headers={"Authorization": "Bearer nobody"})
    narrow = strict.get("/oauth", headers={"Authorization": "Bearer half"})

    assert unknown.headers["WWW-Authenticate"] == 'Bearer realm="Bank of Zoo", error="invalid_token"'
    assert narrow.headers["WWW-Authenticate"] == 'Bearer realm="Bank of Zoo", error="insufficient_scope", scope="write"'
    assert narrow.json()["detail"] == "The credential lacks what this operation asks for: the scope write."


@pytest.mark.parametrize(("options", "value"), [({}, "Bearer example-token"), (None, "Bearer star")])
def test_a_credential_is_ready_to_be_sent(serve, tmp_path, options, value):
    """The one that opens most operations; with --security check one of those that are known."""
    (tmp_path / "known.yaml").write_text(KNOWN)
    known = {"security": "check", "credentials": str(tmp_path / "known.yaml")}
    bank = serve(BANK, **(known if options is None else options))

    [api] = bank.get("/__admin/apis").json()["apis"]

    assert api["credential"] == {"header": "Authorization", "value": value}
    assert bank.get("/token", headers={"Authorization": value}).status_code == 200


@pytest.mark.parametrize(
    "path", ["token", "open", "maybe", "key", "asked", "cookie", "basic", "digest", "oauth", "mutual", "both", "either"]
)
def test_the_line_to_try_is_let_in(serve, tmp_path, path):
    """With all that the operation asks for: a header or two, a query parameter, or nothing."""
    document = yaml.safe_load(BANK)
    only = json.dumps({**document, "paths": {f"/{path}": document["paths"][f"/{path}"]}})
    bank = serve(only)
    options = Options(apis=(str(tmp_path / "zoo.yaml"),))
    [service] = load_services(options).values()

    _, *headers, url = shlex.split(sample_curl(service, "http://127.0.0.1:4010"))

    sent = [header.partition(": ")[::2] for header in headers[1::2]]
    assert bank.get(url, headers=sent).status_code == 200


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ("[a, b]", "expected a mapping of tokens to {scheme, scopes, name}"),
        ("secret-token: 7", "the entry 'secr…': expected a mapping of scheme, scopes, name"),
        ("secret-token: {scope: read}", "the entry 'secr…': expected a mapping of scheme, scopes, name"),
        ("secret-token: {scopes: [1]}", "the entry 'secr…': `scopes` is to be a list of names"),
        ("secret-token: {name: [1]}", "the entry 'secr…': `scheme` and `name` are to be texts"),
    ],
)
def test_a_file_of_credentials_that_cannot_be_used_is_refused(serve, tmp_path, known, said):
    """Without a secret in the message."""
    (tmp_path / "known.yaml").write_text(known)

    with pytest.raises(Unusable) as refusal:
        serve(BANK, security="check", credentials=str(tmp_path / "known.yaml"))

    assert refusal.value.message == said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"security": "check"}, "--security check needs --credentials FILE"),
        ({"credentials": "known.yaml"}, "--credentials known.yaml: only --security check asks for them"),
    ],
)
def test_check_and_credentials_belong_together(serve, options, said):
    """Neither says anything without the other."""
    with pytest.raises(Unusable, match=said):
        serve(BANK, **options)


def test_a_file_of_credentials_names_schemes_of_the_document(serve, tmp_path):
    """Else everybody would be refused, and nobody told why."""
    file = tmp_path / "known.yaml"
    file.write_text("t0ken: {scheme: nope}\n")
    document = (
        "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {}\n"
        "components: {securitySchemes: {key: {type: http, scheme: bearer}}}\n"
    )

    with pytest.raises(Unusable, match="nope is no security scheme of zoo; it has key"):
        serve(document, security="check", credentials=str(file))
