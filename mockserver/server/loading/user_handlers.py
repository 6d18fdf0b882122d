"""Reads a user's handlers from a Python file with a table `HANDLERS`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mockserver.engine.api import Api, Handler
from mockserver.openapi.model.document import Document
from mockserver.problem import Unusable
from mockserver.server.loading.completed_api import with_handlers
from mockserver.server.loading.user_code import run_file, telling_failures


def with_files(api: Api, spec: Document, files: Sequence[Path]) -> Api:
    """The API with the handlers of these files in place of its own. Raises Unusable."""
    for file in files:
        api = with_handlers(api, spec, read_handlers(file), file)
    return api


def read_handlers(file: Path) -> Mapping[str, Handler]:
    """The table `HANDLERS` of a Python file. Raises Unusable for a file that fails or has no such table."""
    module = run_file(file)
    with telling_failures(file):
        table = getattr(module, "HANDLERS", None)
        if isinstance(table, Mapping) and all(isinstance(key, str) and callable(table[key]) for key in table):
            return {key: table[key] for key in table}
    raise Unusable("expected a table HANDLERS = {operation id: function of (call, state)}", where=str(file))
