"""Sessions in other media types than JSON, recorded and replayed."""

from __future__ import annotations

from pathlib import Path

import httpx

from mockserver.server import running
from tests.proxy.conftest import RawUpstream, Talk, answering, proxying

DOCUMENT = """
openapi: 3.1.0
info: {title: media, version: "1"}
paths:
  /hours:
    post:
      operationId: grant
      requestBody:
        content:
          application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Grant"}}
          application/xml: {schema: {$ref: "#/components/schemas/Grant"}}
          multipart/form-data: {schema: {$ref: "#/components/schemas/Grant"}}
      responses: {"200": {description: ok, content: {text/plain: {schema: {type: string}}}}}
  /picture: {get: {operationId: picture, responses: {"200": {description: ok, content: {image/png: {}}}}}}
  /feed: {get: {operationId: feed, responses: {"200": {description: ok, content: {application/xml: {schema: {type: object}}}}}}}
  /events: {get: {operationId: events, responses: {"200": {description: ok, content: {text/event-stream: {}}}}}}
  /lines: {get: {operationId: lines, responses: {"200": {description: ok, content: {application/x-ndjson: {}}}}}}
  /form: {get: {operationId: form, responses: {"200": {description: ok, content: {application/x-www-form-urlencoded: {}}}}}}
components:
  schemas:
    Grant: {type: object, xml: {name: grant}, properties: {kind: {type: string}, hours: {type: integer}, secret: {type: string}}}
"""  # noqa: E501
READ: dict[str, tuple[bytes, bytes]] = {
    "/picture": (b"image/png", b"\x89PNG\r\n\x1a\n\x00\xff\xc3\xa9" * 9),
    "/feed": (b"application/xml; charset=utf-8", b'<?xml version="1.0"?>\n<feed a="1"><e/>caf\xc3\xa9</feed>'),
    "/events": (b"text/event-stream", b"event: a\nid: 1\ndata: x\n\ndata: y\n\n"),
    "/lines": (b"application/x-ndjson", b'{"a":1}\n{"a":2}\n'),
    "/form": (b"application/x-www-form-urlencoded", b"scope=a+b&expires=60&kind=bearer"),
}
SECRET = "s3cret-9f8e7d6c"


def _upstream(talk: Talk) -> None:
    path = talk.line.decode().split(" ")[1]
    if path == "/hours":
        kind = b"night" if b"night" in talk.body else b"day"
        answering(b"open by " + kind, b"Content-Type: text/plain")(talk)
    else:
        media_type, content = READ[path]
        answering(content, b"Content-Type: " + media_type)(talk)


def _session(root: str) -> list[bytes]:
    grants = [{"kind": kind, "hours": "7", "secret": SECRET} for kind in ("night", "day")]
    with httpx.Client(base_url=root) as client:
        answers = [client.get(path) for path in READ]
        for grant in grants:
            answers.append(client.post("/hours", data=grant))
            answers.append(client.post("/hours", files={name: (None, text) for name, text in grant.items()}))
            xml = "".join(f"<{name}>{text}</{name}>" for name, text in grant.items())
            headers = {"Content-Type": "application/xml"}
            answers.append(client.post("/hours", content=f"<grant>{xml}</grant>", headers=headers))
    assert {answer.status_code for answer in answers} == {200}
    return [answer.content.strip() for answer in answers]


def test_what_is_no_json_replays(tmp_path: Path) -> None:
    """Answers byte by byte, also those that are no text; requests are told from each other by what they say."""
    (tmp_path / "media.yaml").write_text(DOCUMENT)
    upstream = RawUpstream(_upstream)
    with proxying(tmp_path / "media.yaml", upstream.root, record=str(tmp_path / "seen")) as proxy:
        seen = _session(proxy.root)
    upstream.end()

    with running(tmp_path / "seen") as mock:
        replayed = _session(mock.root)

    assert replayed == seen
    assert proxy.parts.recorder is not None
    assert proxy.parts.recorder.outcome is not None
    assert proxy.parts.recorder.outcome.differing == ()
    assert SECRET not in "".join(file.read_text() for file in (tmp_path / "seen").iterdir())
