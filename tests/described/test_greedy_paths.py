"""Parameters of paths that take several segments: `{key+}`, `{+key}`, `{key*}`."""

import pytest

from mockserver.openapi.lint import lint

STORE = """
openapi: 3.0.3
info: {title: Store, version: "1"}
paths:
  /{bucket}/{key+}:
    parameters:
      - {name: bucket, in: path, required: true, schema: {type: string}}
      - {name: key, in: path, required: true, schema: {type: string}}
    get:
      responses:
        "200": {description: One., content: {application/octet-stream: {schema: {type: string, format: binary}}}}
        "404": {description: None.}
    put:
      requestBody: {content: {application/octet-stream: {schema: {type: string, format: binary}}}}
      responses: {"200": {description: Kept.}}
    delete: {responses: {"204": {description: Gone.}}}
  /pages/{+path}/raw:
    get:
      parameters: [{name: path, in: path, required: true, schema: {type: string}}]
      responses: {"200": {$ref: "#/components/responses/Page"}}
  /trees/{path*}:
    get:
      parameters: [{name: path*, in: path, required: true, schema: {type: string}}]
      responses: {"200": {$ref: "#/components/responses/Page"}}
  /trees/top/new:
    get: {responses: {"204": {description: Nothing.}}}
components:
  responses:
    Page:
      description: One.
      content: {application/json: {schema: {type: object, properties: {path: {type: string}}}}}
"""


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/pages/a/raw", 200, '{"path":"a"}'),
        ("/pages/a/b/raw/raw", 200, '{"path":"a/b/raw"}'),
        ("/trees/a/b/c", 200, '{"path":"a/b/c"}'),
        ("/trees/top/new", 204, ""),
        ("/trees", 404, None),
    ],
)
def test_such_a_parameter_takes_what_others_leave(serve, path, status, body):
    """One segment or more; paths that are more concrete go before it."""
    answer = serve(STORE).get(path)

    assert answer.status_code == status
    assert body is None or answer.text == body


def test_what_is_put_below_a_path_of_several_segments_is_read_there(serve):
    """And nowhere else, until it is deleted."""
    store = serve(STORE)

    store.put("/b/c/d.txt", content=b"Hello", headers={"Content-Type": "application/octet-stream"})
    read = store.get("/b/c/d.txt").content
    deleted = store.delete("/b/c/d.txt").status_code
    after = store.get("/b/c/d.txt").status_code

    assert (read, deleted, after) == (b"Hello", 204, 404)


def test_another_method_is_told_what_is_taken_there(serve):
    """405 with `Allow`."""
    answer = serve(STORE).post("/trees/a/b")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_lint_finds_the_parameter_of_such_a_path(tmp_path):
    """It has the name with or without the mark."""
    file = tmp_path / "store.yaml"
    file.write_text(STORE)

    assert lint(file) == ()
