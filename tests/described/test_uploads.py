"""Bytes that were sent are answered as they were sent, until they are deleted."""

import pytest

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))

DOCUMENT = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /users:
    get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: &user
      {type: object, required: [id], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: *user}}}
      responses: {"201": {description: Made., content: {application/json: {schema: *user}}}}
  /users/{id}:
    parameters: &id [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: *user}}}
        "404": &none {description: None.}
    delete: {responses: {"204": {description: Gone.}}}
  /users/{id}/avatar:
    parameters: *id
    get:
      responses:
        "200": {description: Its avatar., content: {image/png: {}, "image/*": {}}}
        "404": *none
    put:
      requestBody: {content: {"image/*": {schema: {type: string, format: binary}}}}
      responses: {"204": {description: Kept.}, "404": *none}
    post:
      requestBody: {content: {multipart/form-data: {schema: &form {type: object, properties: {
        file: {type: string, format: binary}, title: {type: string}}}}}}
      responses: {"204": {description: Kept.}}
    delete: {responses: {"204": {description: Gone.}}}
  /users/{id}/bio:
    parameters: *id
    get: {responses: {"200": {description: Its text., content: {text/plain: {schema: {type: string}}}}}}
    put:
      requestBody: {content: {text/plain: {schema: {type: string}}}}
      responses: {"204": {description: Kept.}}
  /documents:
    get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: &document
      {type: object, required: [id], properties: {id: {type: string, readOnly: true}, title: {type: string},
      filename: {type: string, readOnly: true}, size: {type: integer}, mimeType: {type: string},
      sha256: {type: string}}}}}}}}}
    post:
      requestBody: {content: {multipart/form-data: {schema: *form}}}
      responses: {"201": {description: Made., content: {application/json: {schema: *document}}}}
  /documents/{id}:
    parameters: &key [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: One., content: {application/json: {schema: *document}}}, "404": *none}}
    delete: {responses: {"204": {description: Gone.}}}
  /documents/{id}/download:
    parameters: *key
    get:
      responses:
        "200": {description: Its bytes., content: {application/octet-stream: {}, application/pdf: {}}}
        "404": *none
"""


@pytest.fixture
def zoo(serve):
    """A zoo with a new user, 4."""
    client = serve(DOCUMENT)
    assert client.post("/zoo/users", json={"name": "Ann"}).json()["id"] == 4
    return client


@pytest.mark.parametrize(
    ("path", "content", "media_type"),
    [("avatar", PNG, "image/webp"), ("bio", "Grüße, tee".encode(), "text/plain; charset=utf-8")],
)
def test_what_was_put_is_what_is_read(zoo, path, content, media_type):
    """Byte by byte, in its own media type."""
    put = zoo.put(f"/zoo/users/4/{path}", content=content, headers={"Content-Type": media_type})
    answer = zoo.get(f"/zoo/users/4/{path}")

    assert (put.status_code, answer.status_code) == (204, 200)
    assert (answer.content, answer.headers["Content-Type"]) == (content, media_type)
    assert "Mock-Violation" not in answer.headers


def test_a_file_of_a_form_has_its_name(zoo):
    """As the client called it, in any letters."""
    zoo.post("/zoo/users/4/avatar", files={"file": ("Bär.png", PNG, "image/png")})
    answer = zoo.get("/zoo/users/4/avatar")

    assert (answer.content, answer.headers["Content-Type"]) == (PNG, "image/png")
    assert answer.headers["Content-Disposition"] == "attachment; filename=\"B_r.png\"; filename*=UTF-8''B%C3%A4r.png"


def test_a_new_record_has_no_bytes_until_they_are_sent_nor_once_they_are_deleted(zoo):
    """Others, which the mock made up, have some that it makes up too."""
    statuses = [
        zoo.get("/zoo/users/1/avatar").status_code,
        zoo.get("/zoo/users/4/avatar").status_code,
        zoo.put("/zoo/users/4/avatar", content=PNG, headers={"Content-Type": "image/png"}).status_code,
        zoo.get("/zoo/users/4/avatar").status_code,
        zoo.delete("/zoo/users/4/avatar").status_code,
        zoo.get("/zoo/users/4/avatar").status_code,
    ]

    assert statuses == [200, 404, 204, 200, 204, 404]


def test_bytes_go_with_what_they_belong_to(zoo):
    """A user that is deleted, or never was, has no avatar."""
    picture = {"content": PNG, "headers": {"Content-Type": "image/png"}}
    zoo.put("/zoo/users/4/avatar", **picture)

    zoo.delete("/zoo/users/4")

    assert zoo.get("/zoo/users/4/avatar").status_code == 404
    assert zoo.put("/zoo/users/99/avatar", **picture).status_code == 404


def test_a_record_that_is_made_of_a_file_tells_of_it(zoo):
    """Its name, its size, its type and its digest; the bytes themselves stand below it."""
    file = ("report.pdf", b"%PDF-1.7 ...", "application/pdf")

    made = zoo.post("/zoo/documents", files={"file": file}, data={"title": "Report"}).json()
    answer = zoo.get(f"/zoo/documents/{made['id']}/download")
    zoo.delete(f"/zoo/documents/{made['id']}")

    assert made == {
        "id": made["id"],
        "title": "Report",
        "filename": "report.pdf",
        "size": 12,
        "mimeType": "application/pdf",
        "sha256": "cd98c5bce101ab55699a781edbbbe1200ca6e9379791420c3eb9b9fb73cbb173",
    }
    assert (answer.content, answer.headers["Content-Type"]) == (b"%PDF-1.7 ...", "application/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report.pdf"'
    assert zoo.get(f"/zoo/documents/{made['id']}/download").status_code == 404
