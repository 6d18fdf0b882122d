"""Runs Schemathesis with its failures judged (judgement.py), in a process of its own:
`python -m mockserver.contract.checking.schemathesis_tool DOCUMENT RECORD ARGUMENTS`.
Each judgement is a line of JSON in the file RECORD; the record of the run stands beside the document. ARGUMENTS is a
file with a list of those of Schemathesis, since everybody on the machine can read the arguments of a process.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock, RLock
from typing import Any

import schemathesis
from schemathesis.cli import schemathesis as command_line

from mockserver.contract.checking.checks.check_table import register
from mockserver.contract.checking.checks.checked_api import CheckedApi
from mockserver.contract.checking.judgement import Judge
from mockserver.contract.checking.own_ids import give_own_id
from mockserver.contract.checking.recording.bounded_answers import bound_answers
from mockserver.contract.checking.recording.named_records import NamedRecords
from mockserver.contract.checking.recording.run_recorder import RecordedTarget, install_recorder, read_once
from mockserver.contract.checking.sent_request import operations_of
from mockserver.contract.checking.started_process import INTERRUPTED, take_interrupts
from mockserver.openapi.model.document import load
from mockserver.problem import Unusable


def install(document: Path, record: Path) -> None:
    """Makes Schemathesis record its run, and not report the failures that are not the server's fault."""
    spec, target = load(document, document.stem), RecordedTarget.read(document)
    api = CheckedApi(spec)
    judge = Judge(operations_of(spec))
    install_recorder(spec, target, document, NamedRecords(api), judge.keys)
    register(api, judge.keys)
    lock = Lock()

    bound_answers(target.max_time)
    ast.parse = one_at_a_time(ast.parse)

    @schemathesis.hook
    def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
        with suppress(AttributeError, LookupError, TypeError, ValueError, Unusable):
            give_own_id(api, case)

    @schemathesis.hook
    def after_call(_context: Any, _case: Any, response: Any) -> None:
        judge.note(response)

    @schemathesis.hook
    def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:
        judgement = None
        # Hooks of the user may change a case to any shape; what cannot be judged remains a failure.
        with suppress(AttributeError, LookupError, TypeError, ValueError, Unusable):
            judgement = judge(failure, case, response)
        if judgement is None:
            return True
        with lock, record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(judgement) + "\n")
        return target.strict and judgement.status != 0


def one_at_a_time(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, called by one thread at a time. Workers that parse at the same time may end one another's tests in
    Python 3.11: "AST constructor recursion depth mismatch", python/cpython#106905.
    """
    lock = RLock()

    def locked(*given: Any, **named: Any) -> Any:
        with lock:
            return function(*given, **named)

    return locked


if __name__ == "__main__":
    try:
        install(Path(sys.argv[1]), Path(sys.argv[2]))
        take_interrupts()
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    command_line(args=json.loads(read_once(Path(sys.argv[3]))), prog_name="schemathesis")
