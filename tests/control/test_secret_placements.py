"""Wherever a secret stands in an exchange, no view of it shows it: by the document's word, by names, by its form."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from mockserver.server import Options, create_app

SECRET = "S3cr3t-hunter2-XyZ"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlLW9mLWFubg"
BASIC = base64.b64encode(f"ann:{SECRET}".encode()).decode()

DOCUMENT = """
openapi: 3.1.0
info: {title: Vault, version: "1"}
servers: [{url: /v1}]
security: [{}]
components:
  securitySchemes:
    inQuery: {type: apiKey, in: query, name: k}
    inHeader: {type: apiKey, in: header, name: X-Opens}
    inCookie: {type: apiKey, in: cookie, name: crumb}
  schemas:
    Account:
      type: object
      properties:
        id: {type: string}
        name: {type: string, maxLength: 40}
        word: &word {type: string, format: password}
        words: {type: array, items: {type: string, format: password}}
        pin: {type: string, writeOnly: true}
        inner: {type: object, properties: {word: *word, pin: {$ref: '#/components/schemas/Pin'}}}
        many: {type: array, items: {$ref: '#/components/schemas/Account'}}
        either: {oneOf: [{type: string, format: password}, {type: object, properties: {word: *word}}]}
        byName: {type: object, additionalProperties: {type: string, format: password}}
        coded: {type: string, format: password, pattern: '^[a-z]+$'}
        attr: {type: string, format: password, xml: {attribute: true, name: at}}
        renamed: {type: string, format: password, xml: {name: other}}
        entries: {type: array, items: {type: object, additionalProperties: true}}
    Pin: {type: string, writeOnly: true}
paths:
  /accounts:
    post:
      parameters:
        - {name: X-Plain, in: header, schema: {type: string, format: password}}
        - {name: shh, in: query, schema: {type: string, format: password}}
        - name: where
          in: query
          style: deepObject
          schema: {type: object, properties: {shh: {type: string, format: password}}}
      requestBody:
        content:
          application/json: {schema: &account {$ref: '#/components/schemas/Account'}}
          application/x-www-form-urlencoded: {schema: *account}
          multipart/form-data: {schema: *account}
          multipart/mixed: {schema: *account}
          application/xml: {schema: *account}
          application/x-ndjson: {schema: *account}
          text/plain: {schema: {type: string}}
      responses:
        "201": {description: Made., content: {application/json: {schema: *account}}}
  /reset/{token}:
    get: {responses: {"200": {description: Reset., content: {application/json: {schema: {type: object}}}}}}
  /tokens/token:
    post:
      responses:
        "200": {description: Given., content: {application/json: {schema: {type: string}, example: S3cr3t-hunter2-XyZ}}}
  /login:
    post:
      responses:
        "200":
          description: In.
          headers:
            Set-Cookie: {schema: {type: string}, example: sid=S3cr3t-hunter2-XyZ; Path=/}
            Location: {schema: {type: string}, example: 'https://a.example/cb?access_token=S3cr3t-hunter2-XyZ'}
            Link: {schema: {type: string}, example: '<https://a.example/x?k=S3cr3t-hunter2-XyZ>; rel="next"'}
          content:
            application/json: {schema: {type: object}, example: {data: {access_token: S3cr3t-hunter2-XyZ, user: ann}}}
"""
JSON_BODIES: dict[str, Any] = {
    "by name": {"password": SECRET},
    "by name, nested": {"a": [{"clientSecret": [SECRET]}]},
    "below a secret name": {"credentials": {"user": SECRET}},
    "format": {"word": SECRET},
    "format in an array": {"words": ["short", SECRET]},
    "writeOnly by name": {"pin": SECRET},
    "format, nested": {"inner": {"word": SECRET}},
    "writeOnly behind a reference": {"inner": {"pin": SECRET}},
    "format, recursive": {"many": [{"many": [{"word": SECRET}]}]},
    "format in one of several": {"either": SECRET},
    "format in a member of one of several": {"either": {"word": SECRET}},
    "format of any member": {"byName": {"anything": SECRET}},
    "named beside its value": {"entries": [{"name": "X-Api-Key", "value": SECRET}]},
    "in a URL": {"name": f"https://a.example/?access_token={SECRET}"},
    "in a URL by scheme": {"name": f"https://a.example/?x=1&k={SECRET}"},
    "before a host": {"name": f"https://ann:{SECRET}@a.example/"},
    "bearer in a text": {"name": f"sent Bearer {SECRET}"},
    "repeated": {"password": SECRET, "name": f"was {SECRET}."},
    "breaks its pattern": {"coded": SECRET},
    "in another type": {"name": {"password": SECRET}},
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
XML = {"Content-Type": "application/xml"}
PLAIN = {"Content-Type": "text/plain"}
LINES = {"Content-Type": "application/x-ndjson"}
WIDE = {"Content-Type": "text/plain; charset=utf-16"}
LINK = quote(f"https://a.example/?token={SECRET}", safe="")


def part(name: str, text: str, kind: str = "", of: str = "form-data") -> dict[str, Any]:
    """A multipart request with one part."""
    typed = f"\r\nContent-Type: {kind}" if kind else ""
    named = f'Content-Disposition: form-data; name="{name}"' if name else "X-Nothing: 1"
    body = f"--b\r\n{named}{typed}\r\n\r\n{text}\r\n--b--\r\n"
    return {"content": body.encode(), "headers": {"Content-Type": f"multipart/{of}; boundary=b"}}


REQUESTS: dict[str, dict[str, Any]] = {
    **{f"JSON, {name}": {"json": body} for name, body in JSON_BODIES.items()},
    "JSON under another media type": {"content": json.dumps({"word": SECRET}), "headers": PLAIN},
    "JSON that breaks off": {"content": f'{{"word": "{SECRET}", "x', "headers": {"Content-Type": "application/json"}},
    "JSON that breaks off, with spaces": {"content": f'{{"password": "a b {SECRET}'},
    "JSON of lines": {"content": f'{{"id":"1"}}\n{{"word":"{SECRET}"}}', "headers": LINES},
    "form by name": {"content": f"a=1&new_password={SECRET}", "headers": FORM},
    "form, escaped name": {"content": f"pass%77ord={SECRET}", "headers": FORM},
    "form, declared": {"content": f"id=1&word={SECRET}", "headers": FORM},
    "form, in brackets": {"content": f"user%5Bpassword%5D={SECRET}&inner[word]={SECRET}", "headers": FORM},
    "form, list": {"content": f"words=a&words={SECRET}", "headers": FORM},
    "form, URL in a field": {"content": f"name={LINK}", "headers": FORM},
    "form in Latin-1": {"content": f"password={SECRET}&name=J\xf6rg".encode("latin-1"), "headers": FORM},
    "form without a media type": {"content": f"id=1&token={SECRET}"},
    "multipart by name": part("password", SECRET),
    "multipart, declared": part("word", SECRET),
    "multipart, JSON part": part("inner", json.dumps({"word": SECRET}), "application/json"),
    "multipart, file by name": part('token"; filename="t.txt', SECRET, "text/plain"),
    "multipart, text of a file": part('id"; filename="t.txt', f"password={SECRET}", "text/plain"),
    "multipart, mixed": part("", json.dumps({"password": SECRET}), "application/json", "mixed"),
    "multipart, binary beside it": {
        "content": f'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{SECRET}\r\n--b\r\n'.encode()
        + b'Content-Disposition: form-data; name="id"; filename="x"\r\n\r\n\xff\xfe\x00\r\n--b--\r\n',
        "headers": {"Content-Type": "multipart/form-data; boundary=b"},
    },
    "XML by name": {"content": f"<Account><password>{SECRET}</password></Account>", "headers": XML},
    "XML, declared": {"content": f"<Account><word>{SECRET}</word></Account>", "headers": XML},
    "XML, nested": {"content": f"<Account><inner><word>{SECRET}</word></inner></Account>", "headers": XML},
    "XML, items": {"content": f"<Account><many><word>{SECRET}</word></many></Account>", "headers": XML},
    "XML, renamed": {"content": f"<Account><other>{SECRET}</other></Account>", "headers": XML},
    "XML, attribute": {"content": f'<Account at="{SECRET}" secret="{SECRET}"/>', "headers": XML},
    "XML, CDATA": {"content": f"<Account><word><![CDATA[{SECRET}]]></word></Account>", "headers": XML},
    "XML, prefix": {"content": f'<a:Account xmlns:a="x"><a:token>{SECRET}</a:token></a:Account>', "headers": XML},
    "XML, named": {"content": f'<Account><param name="password" value="{SECRET}"/></Account>', "headers": XML},
    "XML that breaks off": {"content": f"<Account><word>{SECRET}", "headers": XML},
    "text": {"content": f"user: ann\npassword: {SECRET}\n", "headers": PLAIN},
    "text, quoted": {"content": f"password='a b {SECRET}'", "headers": PLAIN},
    "text in UTF-16": {"content": f"password={SECRET}".encode("utf-16"), "headers": WIDE},
    "private key": {"content": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----"},
    "query by name": {"params": {"access_token": SECRET}},
    "query by scheme": {"params": {"k": SECRET}},
    "query, declared": {"params": {"shh": SECRET}},
    "query, declared in an object": {"params": {"where[shh]": SECRET}},
    "query, signature": {"params": {"X-Amz-Signature": SECRET, "sig": SECRET}},
    "query, URL": {"params": {"next": f"https://a.example/?token={SECRET}"}},
    "header by scheme": {"headers": {"X-Opens": SECRET}},
    "header, declared": {"headers": {"X-Plain": SECRET}},
    "header X-Auth": {"headers": {"X-Auth-Something": SECRET}},
    "header, signature": {"headers": {"X-Hub-Signature-256": f"sha256={SECRET}"}},
    "header, signature of parts": {"headers": {"Stripe-Signature": f"t=1,v1={SECRET}"}},
    "header, key": {"headers": {"Ocp-Apim-Subscription-Key": SECRET, "X-Goog-Api-Key": SECRET}},
    "header, session": {"headers": {"X-Session": SECRET, "X-CSRF-Token": SECRET}},
    "Authorization": {"headers": {"Authorization": f"Bearer {SECRET}"}},
    "Authorization, Basic": {"headers": {"Authorization": f"Basic {BASIC}"}},
    "Authorization, no scheme": {"headers": {"Authorization": SECRET}},
    "Proxy-Authorization": {"headers": {"Proxy-Authorization": f"Basic {BASIC}"}},
    "Referer": {"headers": {"Referer": f"https://a.example/?token={SECRET}"}},
    "Referer by scheme": {"headers": {"Referer": f"http://127.0.0.1/v1/accounts?k={SECRET}"}},
    "X-Original-URL": {"headers": {"X-Original-URL": f"/v1/accounts?a=1&password={SECRET}"}},
    "cookie by scheme": {"headers": {"Cookie": f"theme=dark; crumb={SECRET}"}},
    "cookie by name": {"headers": {"Cookie": f"session={SECRET}"}},
    "credential repeated in the body": {"headers": {"X-Opens": SECRET}, "json": {"name": f"I am {SECRET}"}},
    "JWT in a text": {"json": {"name": f"see {JWT}"}},
    "JWT in a header": {"headers": {"X-Whatever": JWT}},
    "JWT in the query": {"params": {"q": JWT}},
}  # fmt: skip


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[httpx.Response, str]]:
    """`ask(method, path, **request)`: the answer, and all that the journal shows of the exchange."""
    file = tmp_path_factory.mktemp("vault") / "vault.yaml"
    file.write_text(DOCUMENT, encoding="utf-8")
    transport = httpx.WSGITransport(app=create_app(Options(apis=(str(file),))))
    client = httpx.Client(transport=transport, base_url="http://127.0.0.1:4010")

    def send(method: str, path: str, **request: Any) -> tuple[httpx.Response, str]:
        client.delete("/__admin/requests")
        answer = client.request(method, f"/v1{path}", **request)
        listed = client.get("/__admin/requests")
        [entry] = listed.json()["requests"]
        single = client.get(f"/__admin/requests/{entry['id']}")
        return answer, "\n".join((single.text, listed.text, _decoded(listed.text)))

    return send


def _decoded(text: str) -> str:
    """The bodies that are shown in Base64, as text."""
    bodies = [one[side]["body"] for one in json.loads(text)["requests"] for side in ("request", "response")
              if one[side]["bodyEncoding"] == "base64"]  # fmt: skip
    return "".join(
        base64.b64decode(body).decode(coding, "replace") for body in bodies for coding in ("latin-1", "utf-16")
    )


def leaks(text: str) -> list[str]:
    """The secrets that the text shows, in any of the spellings that they were sent in."""
    return [secret for secret in (SECRET, BASIC, JWT, JWT.rpartition(".")[2]) if secret in text]


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_a_secret_of_a_request_is_shown_nowhere(ask, request_):
    """Neither in the journal, whole or alone, nor in an answer that refuses it."""
    answer, shown = ask("POST", "/accounts", **request_)

    assert leaks(shown) == []
    assert answer.status_code < 400 or leaks(answer.text + str(answer.headers)) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/login"), ("POST", "/tokens/token"), ("GET", f"/reset/{SECRET}"), ("GET", f"/nowhere?token={SECRET}")],
)
def test_a_secret_of_an_answer_is_shown_nowhere(ask, method, path):
    """A token that is handed out, in body, Location, Link or Set-Cookie; one in the path that asked."""
    _, shown = ask(method, path)

    assert leaks(shown) == []


def test_what_is_no_secret_stands_as_it_was_sent(ask):
    """Whoever looks for a mistake sees all the rest."""
    sent = {
        "json": {"id": "a", "name": "Ann", "pin": "1"},
        "headers": {"Idempotency-Key": "once", "X-Request-Id": "r1"},
    }
    _, shown = ask("POST", "/accounts?limit=3&cursor=abc", **sent)

    seen = json.loads(shown.partition("\n")[0])["request"]
    assert (seen["query"], seen["json"]) == (
        {"limit": ["3"], "cursor": ["abc"]},
        {"id": "a", "name": "Ann", "pin": "***"},
    )
    assert (seen["headers"]["Idempotency-Key"], seen["headers"]["X-Request-Id"]) == ("once", "r1")


# Outgoing deliveries

HOOKS = f"""
openapi: 3.1.0
info: {{title: Hooks, version: "1"}}
paths: {{/pets: {{get: {{responses: {{"200": {{description: All.}}}}}}}}}}
webhooks:
  told:
    post:
      parameters:
        - {{name: X-Signature, in: header, schema: {{type: string}}, example: {SECRET}}}
        - {{name: Authorization, in: header, schema: {{type: string}}, example: Bearer {SECRET}}}
        - {{name: X-Note, in: header, schema: {{type: string}}, example: 'see https://a.example/?token={SECRET}'}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties: {{name: {{type: string}}, word: {{type: string, format: password}}}}
      responses: {{"200": {{description: Heard.}}}}
"""
BODIES: list[dict[str, Any]] = [
    {"word": SECRET, "name": "Ann"},
    {"name": "Ann", "inner": [{"apiKey": SECRET}]},
    {"name": f"eyJ {JWT}", "url": f"https://ann:{SECRET}@a.example/?access_token={SECRET}"},
    {"password": SECRET, "name": f"repeats {SECRET}"},
]


@pytest.mark.parametrize("body", BODIES)
def test_a_secret_of_a_delivery_is_shown_nowhere(tmp_path, body):
    """In its URL, headers and body, while it waits and afterwards, in the list and alone."""
    (tmp_path / "hooks.yaml").write_text(HOOKS, encoding="utf-8")
    transport = httpx.WSGITransport(app=create_app(Options(apis=(str(tmp_path / "hooks.yaml"),))))
    with httpx.Client(transport=transport, base_url="http://127.0.0.1:4010/__admin") as control:
        url = f"http://ann:{SECRET}@10.0.0.1/hook?token={SECRET}&sig={SECRET}"
        sent = control.post("/webhooks/told", json={"url": url, "body": body})
        settled = control.post("/outbox/settle", json={"timeout": 5})
        [delivery] = control.get("/outbox").json()["deliveries"]
        alone = control.get(f"/outbox/{delivery['id']}")

    assert (sent.status_code, delivery["state"]) == (202, "failed")
    assert leaks("".join((sent.text, settled.text, json.dumps(delivery), alone.text))) == []
    assert "Ann" in alone.text or "eyJ" in alone.text or "repeats" in alone.text
