"""Headers of answers of which a document says no more than their schema, or has in a media type."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

DATED = """
openapi: 3.0.3
info: {title: Reports, version: "1"}
paths:
  /report:
    get:
      responses:
        "200":
          description: One.
          headers:
            Cache-Control: {schema: {type: string}}
            Content-Disposition: {description: The name of the file., schema: {type: string}}
            Expires: {schema: {type: string}}
            Retry-After: {schema: {type: string}}
            Sunset: {schema: {type: string}}
            Vary: {schema: {type: string, enum: [Origin]}}
            X-Frame-Options: {schema: {type: string}, example: SAMEORIGIN}
            X-Other: {schema: {type: string}}
            X-Meta: {content: {application/json: {schema: {type: object}, example: {page: 1, name: "é"}}}}
            X-Made: {content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}}}}
            X-Pairs: {explode: true, schema: {type: object}, example: {a: 1, b: 2}}
          content: {application/json: {example: 1}}
"""


def test_a_header_that_http_knows_is_well_formed(serve):
    """Where the document has no example of it; other texts are made of their schemas."""
    client = serve(DATED)

    headers = client.get("/zoo/report").headers

    assert headers["cache-control"] == "no-cache"
    assert headers["content-disposition"] == "attachment"
    assert headers["retry-after"] == "1"
    assert headers["vary"] == "Origin"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["x-other"] == "string"
    assert parsedate_to_datetime(headers["expires"]) < parsedate_to_datetime(headers["sunset"])


def test_a_header_is_written_as_it_is_declared(serve):
    """In its media type, or with its members exploded."""
    client = serve(DATED)

    headers = client.get("/zoo/report").headers

    assert headers["x-meta"] == '{"page":1,"name":"\\u00e9"}'
    assert headers["x-made"] == '{"n":0}'
    assert headers["x-pairs"] == "a=1,b=2"
    assert "mock-violation" not in headers
