"""Schemathesis' command line with a second look at what it finds (verdict.py), in a process of its own:
`python -m mockserver.contract.schemathesis_tool DOCUMENT RECORD ARGUMENT...`.
Each judgement is a line of JSON in the file RECORD.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import schemathesis
from schemathesis.cli import schemathesis as command_line

from mockserver.contract.judgement import Judge
from mockserver.contract.sent_request import operations_of
from mockserver.openapi.model.document import load
from mockserver.problem import Unusable


def install(document: Path, record: Path) -> None:
    """From now on a failure that is no fault of the server is written down, and is no failure."""
    judge = Judge(operations_of(load(document, document.stem)))
    lock = Lock()

    @schemathesis.hook
    def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:
        verdict = None
        # A case may be of any shape, by hooks of the user's too: what cannot be looked at stays a failure.
        with suppress(AttributeError, LookupError, TypeError, ValueError, Unusable):
            verdict = judge(failure, case, response)
        if verdict is None:
            return True
        with lock, record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(verdict) + "\n")
        return False


if __name__ == "__main__":
    install(Path(sys.argv[1]), Path(sys.argv[2]))
    command_line(args=sys.argv[3:], prog_name="schemathesis")
