"""A document that a user brings, served in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from mockserver.server import Options, create_app

Serve = Callable[..., httpx.Client]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """`serve(document, **options)`: a client of the API that this text of a document describes, below its server."""
    clients: list[httpx.Client] = []

    def client(document: str, **options: object) -> httpx.Client:
        file = tmp_path / "zoo.yaml"
        file.write_text(document, encoding="utf-8")
        app = create_app(Options(apis=(str(file),), **options))  # type: ignore[arg-type]
        clients.append(httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://127.0.0.1:4010"))
        return clients[-1]

    yield client
    for opened in clients:
        opened.close()
