"""Whatever is handed in as a document is refused in a sentence, or served: planned, explained, asked."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import strategies as st

from mockserver.cli import listing
from mockserver.openapi.lint import lint
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Unusable
from mockserver.resources.route_lines import routes_of
from mockserver.server import Options, create_mock
from tests.fuzz.conftest import DOCUMENTS
from tests.fuzz.fuzzing import Edit, edits, finds, mutated_bytes, mutated_value, processor_seconds, search

NAMES = ["swagger", "oas30", "oas31", "oas32"]
TEXTS = {name: (DOCUMENTS / f"{name}.yaml").read_bytes() for name in [*NAMES, "overlay"]}
VALUES = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
SECONDS = 15.0
"""Processor time for one small document and a few requests, most of it for reading; what explodes takes more."""
BODIES: list[tuple[str, bytes]] = [
    ("application/json", b'{"name": "a", "title": "a", "text": "a"}'),
    ("application/json", b'[{"name": 1}]'),
    ("application/x-www-form-urlencoded", b"name=a&diet[kind]=meat&friends=1"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\na\r\n--x--\r\n'),
]


@contextmanager
def nothing_fails() -> Iterator[None]:
    """Raises AssertionError where the mock logs a failure of its own, with what it logged."""
    told: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("mockserver").addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger("mockserver").removeHandler(handler)
    assert not told, told[0]


def ask(client: httpx.Client, operation: Operation, number: int) -> None:
    """One request, as well as somebody can who reads nothing but the path."""
    path = operation.path
    while "{" in path and "}" in path.partition("{")[2]:
        path = path.partition("{")[0] + "1" + path.partition("{")[2].partition("}")[2]
    content_type, body = BODIES[number % len(BODIES)]
    sends = operation.method not in {"GET", "HEAD", "DELETE"}
    with suppress(httpx.InvalidURL, ValueError):
        client.request(
            operation.method,
            client.base_url.join("." + path) if path.startswith("/") else path,
            content=body if sends else None,
            headers={"Content-Type": content_type} if sends else {},
            params={"limit": "2", "page": "1", "filter[name]": "a"} if number % 2 else None,
        )


def use(file: Path, overlays: tuple[Path, ...] = ()) -> bool:
    """Reads the document, lints it, plans it, explains it and asks each operation. Whether it was fit for use."""
    with processor_seconds(SECONDS), nothing_fails():
        try:
            mock = create_mock(
                Options(apis=(f"zoo={file}",), overlays=tuple(map(str, overlays)), dynamic=bool(overlays))
            )
            lint(file, overlays)
        except Unusable:
            return False
        [service] = mock.services.values()
        for route in routes_of(service):
            listing.explanation(route)
        listing.collections_of(service)
        base = f"http://127.0.0.1:4010/zoo{service.spec.base_path}/"
        with httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url=base) as client:
            for number, operation in enumerate(service.spec.operations[:12]):
                ask(client, operation, number)
                ask(client, operation, number + 1)
            assert client.get("http://127.0.0.1:4010/__admin/apis/zoo/openapi.json").status_code == 200
            assert client.get("http://127.0.0.1:4010/__admin/state/zoo").status_code == 200
    return True


def text_of(value: Any, *, as_json: bool) -> bytes:
    """The document as its author would write it."""
    text = json.dumps(value) if as_json else yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    return text.encode("utf-8", "replace")


Change = tuple[str, list[Edit], list[Edit], bool]
CHANGES = st.tuples(st.sampled_from(NAMES), edits(6), st.just([]) | edits(2), st.booleans())


@pytest.fixture
def try_document(tmp_path: Path):
    """Uses a document of this text."""

    def attempt(text: bytes, overlay: bytes = b"") -> bool:
        file, laid = tmp_path / "document.yaml", tmp_path / "overlay.yaml"
        file.write_bytes(text)
        laid.write_bytes(overlay)
        return use(file, (laid,) if overlay else ())

    return attempt


@pytest.mark.parametrize("name", NAMES)
def test_the_documents_that_are_mutated_are_fit_for_use(try_document, name):
    """Else nothing but the refusal would be tried."""
    assert try_document(TEXTS[name])


@pytest.mark.parametrize("find", finds("documents"), ids=lambda path: path.stem)
def test_documents_found_before(try_document, find):
    """Each once hung, died or failed."""
    overlay, _, text = find.read_bytes().rpartition(b"### laid over:\n")

    try_document(text, overlay)


def test_mutated_structure(budget, try_document, figures):
    """Members and items are removed, replaced, renamed, repeated and moved."""

    def check(change: Change) -> None:
        name, todo, more, as_json = change
        text = mutated_bytes(text_of(mutated_value(VALUES[name], todo), as_json=as_json), more)
        figures.count(refused=not try_document(text))

    search(budget, CHANGES, check, batches=5)


def test_mutated_text(budget, try_document, figures):
    """What is no YAML, nearly YAML, or YAML of another kind."""

    def check(change: tuple[str, list[Edit]]) -> None:
        name, todo = change
        figures.count(refused=not try_document(mutated_bytes(TEXTS[name], todo)))

    search(budget, st.tuples(st.sampled_from(NAMES), edits(5)), check, batches=10)


def test_mutated_overlays(budget, try_document, figures):
    """Laid over a sound document."""

    def check(change: tuple[str, list[Edit], list[Edit], bool]) -> None:
        name, todo, more, as_json = change
        overlay = mutated_bytes(text_of(mutated_value(VALUES["overlay"], todo), as_json=as_json), more)
        figures.count(refused=not try_document(TEXTS[name], overlay))

    search(budget, CHANGES, check, batches=10)
