"""Runs a user's Python files once at the start."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from mockserver.engine.failures import is_interrupt
from mockserver.problem import Unusable


def run_file(file: Path) -> ModuleType:
    """The module in this file, which may import its neighbours by `from . import`. Raises Unusable with file and line
    if it fails.
    """
    name = "mockserver_user_" + re.sub(r"\W", "_", str(file.resolve()))
    spec = spec_from_file_location(name, file, submodule_search_locations=[str(file.resolve().parent)])
    if spec is None or spec.loader is None:
        raise Unusable("expected a Python file, such as handlers.py", where=str(file))
    _unload(name)
    module = sys.modules[name] = module_from_spec(spec)
    try:
        with _no_bytecode(), telling_failures(file):
            spec.loader.exec_module(module)
    except Unusable:
        _unload(name)
        raise
    return module


@contextmanager
def telling_failures(file: Path) -> Iterator[None]:
    """Raises Unusable, with file and line, for whatever the user's code raises in the block: `sys.exit` too."""
    try:
        yield
    except Unusable:
        raise
    except BaseException as error:
        if is_interrupt(error):
            raise
        raise Unusable(f"{type(error).__name__}: {_reason(error)}", where=_where(error, file)) from None


@contextmanager
def _no_bytecode() -> Iterator[None]:
    """Disables bytecode files, which Python would also use for a file that is changed within the same second."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _unload(name: str) -> None:
    """Removes the module and its neighbours, so that they are run again next time."""
    for known in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
        del sys.modules[known]


def _reason(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"{error.code!r}; a file of handlers is run by the mock, and may not end it"
    return error.msg if isinstance(error, SyntaxError) else str(error)


def _where(error: BaseException, file: Path) -> str:
    """The file and line of the failure: of a syntax error itself, else of the innermost line in the user's files."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    folder = file.resolve().parent
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).resolve().is_relative_to(folder)]
    return f"{own[-1].filename}:{own[-1].lineno}" if own else str(file)
