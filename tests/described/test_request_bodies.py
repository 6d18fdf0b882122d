"""Bodies as clients send them: compressed, of a variant of a media type, in nameless parts, where none is taken."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

INBOX = """
openapi: 3.0.3
info: {title: Inbox, version: "1"}
paths:
  /events:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: integer}}}}}
      responses: {"202": {description: Taken.}}
  /orders:
    post:
      requestBody:
        content:
          application/json; version=1:
            schema: {type: object, required: [name], properties: {name: {type: string}}}
          application/json; version=2:
            schema: {type: object, required: [title], properties: {title: {type: string}}}
      responses: {"202": {description: Taken.}}
  /files:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties: {file: {type: string, format: binary}, note: {type: string}}
      responses: {"202": {description: Taken.}}
  /keys:
    get:
      parameters:
        - {name: q, in: query, allowEmptyValue: false, schema: {type: string}}
        - {name: r, in: query, schema: {type: string}}
      responses: {"200": {description: All.}}
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {key: {type: string, format: byte}}}}}
      responses: {"202": {description: Taken.}}
  /pings:
    post: {responses: {"204": {description: Done.}, "415": {description: No body is taken.}}}
  /pongs:
    post: {responses: {"204": {description: Done.}}}
  /readings:
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {"201": {description: Made.}, "422": {description: Refused.}}
"""
GOOD = b'{"id": 7}'
BOMB = gzip.compress(b" " * 20_000_000 + GOOD)


def raw_deflate(content: bytes) -> bytes:
    """Without the frame of zlib."""
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(content) + engine.flush()


def post(client, content: bytes, coding: str, path: str = "/events"):
    """The answer to the content as JSON, said to be in this coding."""
    return client.post(path, content=content, headers={"Content-Type": "application/json", "Content-Encoding": coding})


@pytest.mark.parametrize(
    ("coding", "sent"),
    [
        ("gzip", gzip.compress(GOOD)),
        ("X-GZip", gzip.compress(GOOD[:4]) + gzip.compress(GOOD[4:])),
        ("deflate", zlib.compress(GOOD)),
        ("deflate", raw_deflate(GOOD)),
        ("deflate, identity, gzip", gzip.compress(zlib.compress(GOOD))),
        ("identity", GOOD),
    ],
    ids=["gzip", "two members", "zlib", "raw", "three", "identity"],
)
def test_a_coded_body_is_read(serve, coding, sent):
    """Each coding is undone, the last one first."""
    inbox = serve(INBOX)

    answer = post(inbox, sent, coding)

    assert answer.status_code == 202


def test_a_brotli_body_is_read(serve):
    """Within the limit that holds for bodies, and to its end."""
    brotli = pytest.importorskip("brotli")
    inbox = serve(INBOX)
    sent = [brotli.compress(GOOD), brotli.compress(GOOD * 9)[:-3], brotli.compress(b" " * 20_000_000), b"no"]

    answers = [post(inbox, content, "br").status_code for content in sent]

    assert answers == [202, 400, 413, 400]


def test_a_coded_body_is_held_to_its_schema(serve):
    """As if it had been sent without coding, and the journal shows it so."""
    inbox = serve(INBOX)

    answer = post(inbox, gzip.compress(b'{"id": "seven"}'), "gzip")

    assert answer.status_code == 422
    assert answer.json()["validation"][0]["location"] == ["body", "id"]
    assert inbox.get("http://127.0.0.1:4010/__admin/requests").json()["requests"][0]["request"]["json"] == {
        "id": "seven"
    }


@pytest.mark.parametrize(
    ("coding", "sent", "status", "said"),
    [
        ("zstd", GOOD, 415, "Content-Encoding is 'zstd'; expected at most 8 of gzip, deflate, br, or none."),
        (
            "gzip, sdch",
            GOOD,
            415,
            "Content-Encoding is 'gzip, sdch'; expected at most 8 of gzip, deflate, br, or none.",
        ),
        ("gzip", GOOD, 400, "The body is no gzip: incorrect header check."),
        ("gzip", gzip.compress(GOOD)[:-3], 400, "The body is no gzip: it ended before its end."),
        ("gzip", gzip.compress(b"") * 101, 400, "The body is no gzip: it has more than 100 members."),
        ("deflate", zlib.compress(GOOD) + b"!", 400, "The body is no deflate: 1 bytes stand behind its end."),
        ("gzip", BOMB, 413, "Decoded, the body has more than 10485760 bytes, which is all that is taken."),
    ],
    ids=["zstd", "one of two", "no gzip", "cut short", "members", "more behind it", "bomb"],
)
def test_what_cannot_be_decoded_is_refused(serve, coding, sent, status, said):
    """With the reason."""
    inbox = serve(INBOX)

    answer = post(inbox, sent, coding)

    assert (answer.status_code, answer.json()["detail"]) == (status, said)


def test_an_unknown_coding_is_415_whatever_else_is_declared(serve):
    """A declared 422 says that the content is wrong, and nothing of the content was read."""
    inbox = serve(INBOX)

    assert post(inbox, GOOD, "zstd", "/readings").status_code == 415


def test_an_unknown_coding_is_told_the_known_ones(serve):
    """As RFC 9110 has it (15.5.16)."""
    inbox = serve(INBOX)

    assert post(inbox, GOOD, "zstd").headers["Accept-Encoding"] == "gzip, deflate, br"


@pytest.mark.parametrize(
    ("media_type", "sent", "status"),
    [
        ("application/json;version=1", {"name": "a"}, 202),
        ("application/json;version=2", {"name": "a"}, 422),
        ('application/json; charset=utf-8; version="2"', {"title": "a"}, 202),
        ("application/json;version=3", {"title": "a"}, 415),
        ("application/json", {"name": "a"}, 202),
    ],
)
def test_a_body_is_of_the_variant_that_it_says(serve, media_type, sent, status):
    """One that is not declared is no media type of the operation."""
    inbox = serve(INBOX)

    answer = inbox.post("/orders", content=json.dumps(sent), headers={"Content-Type": media_type})

    assert answer.status_code == status


def part(content: bytes, *parameters: str) -> bytes:
    """One part of a form."""
    disposition = "; ".join(["form-data", *parameters])
    return f"--cut\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n"


def test_a_part_without_a_name_stands_for_no_member(serve):
    """Least of all for the one that is required."""
    inbox = serve(INBOX)
    sent = part(b"x", 'filename="a.txt"') + part(b"hello", 'name="note"') + b"--cut--\r\n"

    answer = inbox.post("/files", content=sent, headers={"Content-Type": "multipart/form-data; boundary=cut"})

    assert answer.status_code == 422
    told = [(entry["location"], entry["message"]) for entry in answer.json()["validation"]]
    assert told == [(["body", "0"], "the part has no name"), (["body", "file"], "is required")]


def test_a_body_where_none_is_taken_meets_the_declared_415(serve):
    """Where the document does not declare that, the body is passed over."""
    inbox = serve(INBOX)

    statuses = [inbox.post(path, json=body).status_code for path in ("/pings", "/pongs") for body in ({"a": 1}, None)]

    assert statuses == [415, 204, 204, 204]


def test_a_body_where_none_is_declared_is_passed_over_and_told(serve):
    """The answer says so; one without a body says nothing."""
    shop = serve(
        """
        openapi: 3.0.3
        info: {title: Shop, version: "1"}
        paths: {/teas: {get: {responses: {"204": {description: None.}}}}}
        """
    )

    told = [shop.request("GET", "/teas", content=content).headers.get("Mock-Assumption") for content in ("{}", "")]

    assert told == ["zoo.ignored-body=GET /teas declares no body; the one that was sent is passed over", None]


@pytest.mark.parametrize(("query", "status"), [("q=", 422), ("q", 422), ("q=a", 200), ("r=", 200), ("", 200)])
def test_a_parameter_that_may_not_be_empty_is_not(serve, query, status):
    """`allowEmptyValue: false`, where it is said."""
    inbox = serve(INBOX)

    assert inbox.get(f"/keys?{query}").status_code == status


@pytest.mark.parametrize(
    ("key", "status"), [("aGVsbG8=", 202), ("", 202), ("aGVsbG8", 422), ("not base64!", 422), ("aGVs\n", 422)]
)
def test_base64_is_base64(serve, key, status):
    """`format: byte` (RFC 4648, section 4)."""
    inbox = serve(INBOX)

    assert inbox.post("/keys", json={"key": key}).status_code == status


def test_a_text_that_is_no_base64_is_told(serve):
    """In words that say what was expected."""
    inbox = serve(INBOX)

    answer = inbox.post("/keys", json={"key": "no!"})

    assert answer.json()["validation"][0]["message"] == '"no!" is no base64'


def test_a_form_field_of_2_0_that_may_not_be_empty_is_not(serve):
    """`allowEmptyValue: false` of a `formData` parameter."""
    shop = serve(
        """
        swagger: "2.0"
        info: {title: Shop, version: "1"}
        paths:
          /notes:
            post:
              consumes: [application/x-www-form-urlencoded]
              parameters: [{name: note, in: formData, type: string, allowEmptyValue: false}]
              responses: {"204": {description: Done.}}
        """
    )

    assert [shop.post("/notes", data={"note": text}).status_code for text in ("", "a")] == [422, 204]


def test_a_byte_order_mark_in_front_of_json_is_ignored(serve):
    """As some clients write it; a second one is none."""
    client = serve(MARKED)
    headers = {"Content-Type": "application/json"}

    answers = [client.post("/zoo/pets", content=mark + b'{"age": 3}', headers=headers) for mark in (MARK, MARK * 2)]

    assert [answer.status_code for answer in answers] == [201, 400]
    assert answers[0].json() == {"age": 3}


MARK = b"\xef\xbb\xbf"
MARKED = """
openapi: 3.0.3
info: {title: Zoo, version: "1"}
paths:
  /pets:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
components: {schemas: {Pet: {type: object, required: [age], properties: {age: {type: integer}}}}}
"""
