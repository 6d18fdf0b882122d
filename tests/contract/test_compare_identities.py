"""Records that are known by another member than `id`, or by nothing but their address, are compared by that."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from mockserver.contract.compare.compare_options import CompareOptions
from mockserver.contract.compare.compare_run import compare

PROJECTS = """
openapi: 3.1.0
info: {title: Projects, version: "1"}
paths:
  /projects:
    get:
      operationId: listProjects
      responses:
        "200":
          description: all
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Project"}}}}
    post:
      operationId: createProject
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [title], properties: {title: {type: string, minLength: 1}}}
      responses:
        "201": {description: made, headers: {Location: {schema: {type: string}}}}
        "422": {description: wrong}
  /projects/{ref}:
    parameters: [{name: ref, in: path, required: true, schema: {type: string}}]
    get:
      operationId: readProject
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Project"}}}}
        "404": {description: none}
    delete:
      operationId: deleteProject
      responses: {"204": {description: gone}, "404": {description: none}}
components:
  schemas:
    Project:
      type: object
      required: [ref, title]
      properties: {ref: {type: string}, title: {type: string}}
"""


class Projects(BaseHTTPRequestHandler):
    """Keeps projects, whose refs it makes itself and tells in `Location` alone; `newest_first` is their order."""

    protocol_version = "HTTP/1.1"
    kept: ClassVar[dict[str, str]] = {}
    made = 0
    newest_first = False

    def do_GET(self) -> None:
        shown = [{"ref": ref, "title": title} for ref, title in self.kept.items()]
        ref = self.path.rpartition("/")[2]
        if self.path == "/projects":
            self._answer(200, shown[::-1] if self.newest_first else shown)
        elif ref in self.kept:
            self._answer(200, {"ref": ref, "title": self.kept[ref]})
        else:
            self._answer(404)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"] or 0))
        try:
            title = json.loads(content)["title"]
        except (ValueError, KeyError, TypeError):
            title = None
        if not isinstance(title, str) or not title:
            self._answer(422)
            return
        type(self).made += 1
        self.kept[f"PRJ-{self.made}"] = title
        self._answer(201, None, Location=f"/projects/PRJ-{self.made}")

    def do_DELETE(self) -> None:
        self._answer(404 if self.kept.pop(self.path.rpartition("/")[2], None) is None else 204)

    def _answer(self, status: int, body: object = None, **headers: str) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_given: object) -> None:
        """Writes no lines."""


@contextmanager
def projects(*, newest_first: bool) -> Iterator[str]:
    """The address of a server of projects."""
    handler = type("Handler", (Projects,), {"kept": {}, "made": 0, "newest_first": newest_first})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("newest_first", "expected"), [(False, []), (True, [("listProjects", "order")])])
def test_records_are_known_by_what_the_document_says(
    newest_first: bool, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    """Their ref, which the answer to a creation tells in `Location` alone: they are read, deleted and listed by it."""
    document = tmp_path / "projects.yaml"
    document.write_text(PROJECTS)

    with projects(newest_first=newest_first) as url:
        result = compare(CompareOptions(str(document), url, writes=True, sequences=14))

    found = [(one.divergence.step.operation, one.divergence.differences[0].kind.value) for one in result.found]
    assert found == expected
    assert result.unplayed == 0
    assert result.steps > 100
