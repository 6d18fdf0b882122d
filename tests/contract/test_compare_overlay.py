"""What another server does beyond its document is proposed as an overlay, with which the mock does so too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from flask import Flask, request
from werkzeug.serving import make_server

from mockserver import running
from mockserver.cli import main
from mockserver.contract.compare.compare_options import CompareOptions
from mockserver.contract.compare.compare_report import proposed_overlay
from mockserver.contract.compare.compare_run import CompareResult, compare
from mockserver.json_text import Json

NOTES = """
{version}
info: {{title: Notes, version: "1"}}
paths:
  /notes:
    get:
      operationId: listNotes
      responses:
        "200":
          description: all
          {content}
"""
NOTE = """{type: object, required: [id, state], properties: {id: {type: integer},
            state: {type: string, enum: [open, done]}, note: {type: string}}}"""
LIST = f"{{type: array, items: {NOTE}}}"
NEW = f"content: {{application/json: {{schema: {LIST}}}}}"
DOCUMENTS = {
    "3.1": NOTES.format(version="openapi: 3.1.0", content=NEW),
    "3.0": NOTES.format(version="openapi: 3.0.3", content=NEW),
    "2.0": NOTES.format(version='swagger: "2.0"\nproduces: [application/json]', content=f"schema: {LIST}"),
}


@contextmanager
def notes(kept: list[dict[str, Any]], *, takes: bool) -> Iterator[str]:
    """A server that lists these notes; if it `takes` parameters, by `limit` and by `state`."""
    app = Flask("notes")

    @app.get("/notes")
    def _list() -> list[dict[str, Any]]:
        shown = kept
        if takes and "state" in request.args:
            shown = [one for one in kept if one["state"] == request.args["state"]]
        return shown[: int(request.args.get("limit", "100"))] if takes else shown

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def compared(document: Path, url: str, *overlays: str) -> CompareResult:
    """The notes of a server, compared with the mock of their document."""
    return compare(CompareOptions(str(document), url, overlays=overlays))


@pytest.mark.parametrize(
    ("kept", "update"),
    [
        (
            [{"id": 1, "state": "late", "note": "a"}],
            {version: {"enum": ["late"]} for version in DOCUMENTS},
        ),
        (
            [{"id": 1, "state": "open", "note": None}],
            {"3.1": {"type": ["string", "null"]}, "3.0": {"nullable": True}, "2.0": {"x-nullable": True}},
        ),
        (
            [{"id": 1, "state": "late", "note": None}, {"id": 2, "state": "late", "note": "a"}],
            {
                "3.1": {"enum": ["late"], "type": ["string", "null"]},
                "3.0": {"enum": ["late"], "nullable": True},
                "2.0": {"enum": ["late"], "x-nullable": True},
            },
        ),
    ],
    ids=["enum", "null", "both"],
)
@pytest.mark.parametrize("version", DOCUMENTS)
def test_a_value_that_the_document_forbids_is_let_in_by_an_overlay(
    version: str, kept: list[dict[str, Any]], update: dict[str, Json], tmp_path: Path
) -> None:
    """One more value of an enum, null, or both, in the words of each version; with the overlay nothing differs."""
    document, overlay = tmp_path / "notes.yaml", tmp_path / "overlay.yaml"
    document.write_text(DOCUMENTS[version])

    with notes(kept, takes=False) as url:
        result = compared(document, url)
        proposed = proposed_overlay(result)
        overlay.write_text(yaml.safe_dump(proposed))
        again = compared(document, url, str(overlay))

    assert {name: value for action in proposed["actions"] for name, value in action["update"].items()} == update[
        version
    ]
    assert len(proposed["actions"]) == len(update[version])
    assert {one.is_tried for found in result.found for one in found.proposals} == {True}
    assert [found.divergence.step.operation for found in again.found] == []


@pytest.mark.parametrize("version", DOCUMENTS)
def test_a_parameter_that_the_server_takes_is_proposed_and_is_no_difference(version: str, tmp_path: Path) -> None:
    """By its effect: a size, and a filter; a server that ignores them has none."""
    document, overlay = tmp_path / "notes.yaml", tmp_path / "overlay.yaml"
    document.write_text(DOCUMENTS[version])
    kept = [{"id": 1, "state": "open", "note": "a"}, {"id": 2, "state": "done", "note": "b"}]

    with notes(kept, takes=True) as url:
        result = compared(document, url)
        overlay.write_text(yaml.safe_dump(proposed_overlay(result)))
        again = compared(document, url, str(overlay))
    with notes(kept, takes=False) as url:
        other = compared(document, url)

    names = ["declares the parameter `limit` of listNotes", "declares the parameter `state` of listNotes"]
    assert [one.text for one in result.parameters] == names
    assert (result.found, again.parameters, other.parameters) == ([], (), ())


KEPT = """
openapi: 3.1.0
info: {title: Kept, version: "1"}
paths:
  /notes:
    post:
      operationId: addNote
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [text], properties: {text: {type: string}}}}}
      responses:
        "201":
          description: new
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: integer}, text: {type: string}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    put:
      operationId: replaceNote
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [text], properties: {text: {type: string}}}}}
      responses: {"204": {description: done}}
    delete:
      operationId: deleteNote
      responses: {"204": {description: gone}}
"""
"""Notes, of which the document does not say what is answered where there is none."""


def test_a_response_is_declared_for_each_operation_that_has_it(tmp_path: Path) -> None:
    """Also for those that are told beside the first one: with the overlay none of them differs."""
    document, real, overlay = (tmp_path / name for name in ("kept.yaml", "real.yaml", "overlay.yaml"))
    document.write_text(KEPT)
    real.write_text(
        re.sub(r'"204": \{description: (\w+)\}', r'"204": {description: \1}, "404": {description: none}', KEPT)
    )

    with running(str(real)) as other:
        given = CompareOptions(str(document), other.url, writes=True, sequences=10)
        result = compare(given)
        overlay.write_text(yaml.safe_dump(proposed_overlay(result)))
        again = compare(replace(given, overlays=(str(overlay),)))

    told = {one.text: one.is_tried for found in result.found for one in found.proposals}
    assert told == {f"declares the response 404 of {name}": True for name in ("replaceNote", "deleteNote")}
    assert again.found == []


def test_a_kept_case_of_reads_is_green_where_only_records_differ(tmp_path: Path) -> None:
    """It says that it compares shapes: red as long as the server breaks the document, then green beside any records."""
    document, cases = tmp_path / "notes.yaml", tmp_path / "cases"
    document.write_text(DOCUMENTS["3.1"])
    arguments = ["compare", str(document), "--url"]

    with notes([{"id": 1, "state": "late", "note": "a"}], takes=False) as url:
        kept = CliRunner().invoke(main, [*arguments, url, "--write", str(cases)])
        [case] = cases.glob("*branch.yaml")
        red = CliRunner().invoke(main, [*arguments, url, "--replay", str(case)])
    with notes([{"id": 7, "state": "done"}, {"id": 9, "state": "open", "note": "b"}], takes=False) as url:
        green = CliRunner().invoke(main, [*arguments, url, "--replay", str(case)])

    assert "compares: shapes\n" in case.read_text()
    assert "The kept cases compare shapes" in kept.output
    assert (kept.exit_code, red.exit_code, green.exit_code) == (1, 1, 0), green.output
