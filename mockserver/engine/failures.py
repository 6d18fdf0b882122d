"""Describes failures of users' code, with the file and the line of the handler."""

from __future__ import annotations

import os
import sysconfig
import threading
import traceback
from pathlib import Path
from typing import Final

from mockserver.engine.redaction.printable import printable
from mockserver.json_text import Json, encode

_PACKAGE: Final = str(Path(__file__).parent.parent) + os.sep
_LIBRARIES: Final = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "purelib", "platlib")})
_LONGEST: Final = 500
"""Characters of an exception's text."""
FAILED: Final = "The mock itself failed; its log tells why."


class MisshapenAnswer(Exception):
    """A user's code gave an answer that cannot be sent; the text says whose, what was seen, what was expected."""


def is_interrupt(error: BaseException) -> bool:
    """Whether somebody ends the program, rather than code that raises the same: Python interrupts the main thread
    alone.
    """
    return isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread()


def as_exception(error: BaseException) -> Exception:
    """The error itself, or an exception in the place of one that would end a program."""
    if isinstance(error, Exception):
        return error
    return RuntimeError(f"{type(error).__name__}: {error}").with_traceback(error.__traceback__)


def traceback_text(error: BaseException) -> str:
    """The traceback as Python writes it, without what steers a terminal."""
    return "\n".join(map(printable, "".join(traceback.format_exception(error)).rstrip("\n").split("\n")))


def failure_text(error: BaseException) -> str:
    """`api.py:12, in close_task: KeyError: 'plan'` for an exception of a user's code, by the innermost of the lines
    that are no library's; for any other that the mock itself failed.
    """
    if isinstance(error, MisshapenAnswer):
        return str(error)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = frame.filename
        if file.startswith(("<", _PACKAGE, *_LIBRARIES)) or "site-packages" in file:
            continue
        said = "".join(traceback.format_exception_only(error)).strip()[:_LONGEST]
        return f"{_shown(file)}:{frame.lineno}, in {frame.name}: {said}"
    return FAILED


def unwritable_text(operation: str, body: Json) -> str:
    """Tells why a body that a handler returned cannot be written as JSON; empty where it can."""
    try:
        encode(body)
    except (TypeError, ValueError, RecursionError) as error:
        return f"The handler of {operation} returned what cannot be written as JSON: {error}."[:_LONGEST]
    return ""


def _shown(file: str) -> str:
    """The file, from the working directory where it is below it."""
    here = os.getcwd() + os.sep  # noqa: PTH109 - a text is compared with a text
    return file.removeprefix(here)
