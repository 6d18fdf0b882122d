"""Handlers that a user writes: a Python file with a table `HANDLERS`, read once at the start."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from mockserver.engine.api import Api, Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json, copied
from mockserver.messages import Response
from mockserver.openapi.model.document import Document
from mockserver.problem import Unusable
from mockserver.state.world import ApiState


def with_handlers(api: Api, spec: Document, files: Sequence[Path]) -> Api:
    """The API with the handlers of these files in the place of its own, which `call.default()` still calls.

    A table's keys are operation ids, or a method and a path: `"PATCH /things/{id}"`. Raises Unusable.
    """
    handlers, answered_by = dict(api.handlers), dict(api.answered_by)
    for file in files:
        for key, handler in read_handlers(file).items():
            operation = _operation_id(key, spec, file)
            handlers[operation] = _over(handlers[operation], handler)
            answered_by.pop(operation, None)
    return replace(api, handlers=handlers, answered_by=answered_by) if files else api


def read_handlers(file: Path) -> Mapping[str, Handler]:
    """The table `HANDLERS` of a Python file. Raises Unusable for a file that cannot be run or has no such table."""
    module_spec = spec_from_file_location(f"mockserver_handlers_{file.stem}", file)
    if module_spec is None or module_spec.loader is None:
        raise Unusable(f"--handlers {file}: expected a Python file, such as handlers.py")
    module = module_from_spec(module_spec)
    try:
        module_spec.loader.exec_module(module)
    except Exception as error:  # noqa: BLE001 - whatever a user's file does, it is said in a line
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise Unusable(f"{type(error).__name__}: {error}", where=f"{last.filename}:{last.lineno}") from None
    table = getattr(module, "HANDLERS", None)
    if not isinstance(table, Mapping) or not all(isinstance(key, str) and callable(table[key]) for key in table):
        raise Unusable("expected a table HANDLERS = {operation id: function of (call, state)}", where=str(file))
    return table


def _operation_id(key: str, spec: Document, file: Path) -> str:
    for operation in spec.operations:
        if key in (operation.id, f"{operation.method} {operation.path}"):
            return operation.id
    known = ", ".join(operation.id for operation in spec.operations[:20])
    raise Unusable(
        f"HANDLERS has {key!r}, which is no operation of {spec.name}; operations are {known}", where=str(file)
    )


def _over(own: Handler, handler: Handler) -> Handler:
    """The user's handler, which may ask for what the mock itself would have answered."""

    def answer(call: Call, state: ApiState) -> Response | Json:
        def default() -> Response | Json:
            found = own(call, state)
            # The user's handler may change it, and the mock answers with the same value again.
            call.proven = None
            return found._replace(body=copied(found.body)) if isinstance(found, Response) else copied(found)

        call.default = default
        return handler(call, state)

    return answer
