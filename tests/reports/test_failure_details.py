"""A finding is made of a recorded failure: with a curl line that works, without what is secret, and of one place."""

from __future__ import annotations

from types import SimpleNamespace as Made

import pytest

from mockserver.contract.checking.recording.failure_details import FailureDetails, Occurrence
from mockserver.contract.reports.run_record import CheckFinding
from mockserver.openapi.model.document import load

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
security: [{key: []}]
paths:
  /items/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {name: {type: string}, pin: {type: string, format: password}}}
      responses:
        "200": {description: Done., content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
components:
  securitySchemes: {key: {type: apiKey, in: query, name: apikey}}
  schemas: {Item: {type: object, properties: {id: {type: string}, token: {type: string}}}}
"""
SERVER = "https://user:pass@shop.example/v1"


def details(tmp_path, **options):
    """The details of failures of the shop."""
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP)
    return FailureDetails("shop", load(file, "shop"), **options)


def recorded(uri="/items/1", headers=(), body=None, content=b"{}", media_type="application/json", status=200):
    """An exchange as Schemathesis records it."""
    request = Made(method="POST", uri=SERVER + uri, body=body, headers={name: [value] for name, value in headers})
    response = Made(
        status_code=status,
        headers={"content-type": [media_type]},
        content=content,
        verify=True,
        message="OK",
        elapsed=0.01,
    )
    return Made(request=request, response=response, timestamp=0.0)


def failure(code="ST101", message="It failed.", **members):
    """A failure of Schemathesis."""
    made = {"operation": "POST /items/{id}", "title": "Server error", "severity": Made(value="high"), "_unique_key": ""}
    return Made(code=code, message=message, **{**made, **members})


def finding(told: FailureDetails, exchange: object, failed: object | None = None) -> CheckFinding:
    """The finding of one occurrence."""
    return told.finding(Occurrence("check", failed or failure(), "POST", "/items/{id}", exchange))


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (("Authorization", "Bearer s3cr3t-value"), '-H "Authorization: Bearer $TOKEN"'),
        (("Authorization", "s3cr3t-value"), '-H "Authorization: $TOKEN"'),
        (("X-Api-Key", "s3cr3t-value"), '-H "X-Api-Key: $X_API_KEY"'),
        (("X-Partner", "s3cr3t-value"), '-H "X-Partner: $X_PARTNER"'),
        (("Cookie", "sid=s3cr3t-value; b=s3cr3t-value"), '-H "Cookie: sid=$SID; b=$B"'),
    ],
)
def test_a_variable_stands_for_a_credential_of_a_real_server(tmp_path, header, shown):
    """By its name, by the document, or since the user gave it; and it is nowhere else either."""
    told = details(tmp_path, secrets=["X-Partner"])

    found = finding(told, recorded(headers=[header], content=b'{"echo": "s3cr3t-value"}'))

    assert shown in found.curl[0]
    assert "s3cr3t-value" not in str(found)
    assert found.masked is True


def test_secrets_of_the_address_and_of_bodies_are_masked(tmp_path):
    """What the document declares as secret, user and password, and what the answer hands out."""
    exchange = recorded(
        "/items/1?apikey=s3cr3t-key&n=1",
        [("Content-Type", "application/json")],
        b'{"name":"a","pin":"s3cr3t-pin"}',
        b'{"token":"s3cr3t-token"}',
    )

    found = finding(details(tmp_path), exchange)

    (line,) = found.curl
    assert line.startswith("curl -i -H 'Content-Type: application/json' --data-raw '{")
    assert line.endswith("""'{"name":"a","pin":"***"}' "https://shop.example/v1/items/1?apikey=$APIKEY&n=1\"""")
    assert found.sent is not None
    assert found.sent.head == "POST https://shop.example/v1/items/1?apikey=***&n=1"
    assert "s3cr3t" not in str(found)


@pytest.mark.parametrize(
    ("options", "code"),
    [({"shows_secrets": True}, "ST101"), ({"sample": ("X-Api-Key", "sample-key")}, "ST101"), ({}, "ST401")],
)
def test_what_is_no_secret_is_in_the_curl_line(tmp_path, options, code):
    """All if that is asked for, the sample credential of the mock, and a credential that was made up to be refused."""
    found = finding(details(tmp_path, **options), recorded(headers=[("X-Api-Key", "sample-key")]), failure(code))

    assert "-H 'X-Api-Key: sample-key'" in found.curl[0]


def test_a_language_that_the_user_asks_for_is_no_secret(tmp_path):
    """Nor is a media type."""
    found = finding(details(tmp_path, secrets=["Accept-Language"]), recorded(headers=[("Accept-Language", "de")]))

    assert (found.curl, found.masked) == (
        ["curl -i -X POST -H 'Accept-Language: de' https://shop.example/v1/items/1"],
        False,
    )


def broken(path, names=()):
    """A failure of a schema."""
    return failure(
        "ST108",
        '3 is not of type "string"',
        schema_path=path,
        instance_path=["id"],
        instance=3,
        schema={"type": "string"},
        validation_message='3 is not of type "string"',
        _name_to_uri=dict(names),
    )


@pytest.mark.parametrize(
    ("failed", "place"),
    [
        (
            broken(["properties", "id", "type"]),
            "#/paths/~1items~1{id}/post/responses/200/content/application~1json/schema/properties/id/type",
        ),
        (
            broken(["x-bundled", "schema7", "properties", "id", "type"], [("schema7", "#/components/schemas/Item")]),
            "#/components/schemas/Item/properties/id/type",
        ),
        (failure("ST103", _unique_key="202"), "202"),
        (failure("ST105", _unique_key="multipart/mixed; boundary=a8f"), "multipart/mixed"),
        (failure("ST901", _unique_key="my check|/home/me/hooks.py:12"), ""),
    ],
)
def test_the_place_is_the_same_in_every_run(tmp_path, failed, place):
    """A pointer into the document, and no number of a bundle, no boundary and no line of somebody's file."""
    assert finding(details(tmp_path), recorded(), failed).place == place


def test_a_broken_schema_says_what_was_expected_and_seen(tmp_path):
    """And of a long answer the part around it is shown."""
    content = b'{"id": 3, "note": "' + b"x" * 2_000 + b'"}'

    found = finding(details(tmp_path), recorded(content=content), broken(["properties", "id", "type"]))

    assert (found.pointer, found.keyword, found.expected, found.seen) == ("/id", "type", '"string"', "3")
    assert found.came is not None
    assert len(found.came.body) < 700


def test_a_secret_that_breaks_its_schema_is_not_told(tmp_path):
    """Neither as seen, nor in the message."""
    failed = failure(
        "ST108",
        '"s3cr3t-token" is too short',
        schema_path=["properties", "token", "minLength"],
        instance_path=["token"],
        instance="s3cr3t-token",
        schema={"minLength": 99},
        validation_message='"s3cr3t-token" is too short',
    )

    found = finding(details(tmp_path), recorded(content=b'{"token":"s3cr3t-token"}'), failed)

    assert "s3cr3t" not in str(found)
    assert found.expected == "99"


def test_what_an_accepted_request_breaks_is_told(tmp_path):
    """By the document, for a body in JSON; a secret in it is not."""
    headers = [("Content-Type", "application/json")]

    found = finding(details(tmp_path), recorded(headers=headers, body=b'{"name":3,"pin":77777777}'), failure("ST201"))

    assert found.why[:2] == ["It failed.", "body/name: expected a string, got an integer"]
    assert found.why[2].startswith("body/pin: ")
    assert "77777777" not in str(found)


def test_a_header_that_was_given_as_bytes_is_text(tmp_path):
    """As HTTP clients take it."""
    found = finding(details(tmp_path, shows_secrets=True), recorded(headers=[("X-Note", b"caf\xe9")]))

    assert "-H \"$(printf 'X-Note: caf\\351')\"" in found.curl[0]
