"""Idempotency keys that were sent before: the answer to one may tell of a record that is gone by now."""

from collections import Counter
from threading import Lock
from types import SimpleNamespace
from typing import Any

import pytest
from schemathesis import GenerationMode

from mockserver.contract.checking.checks.check_table import BoundCheck
from mockserver.contract.checking.checks.write_log import WriteLog
from mockserver.contract.checking.repeated_keys import RepeatedKeys


@pytest.mark.parametrize(
    ("sent", "header", "expected"),
    [
        (["a", "a"], "a", True),
        (["a"], "a", False),
        (["a", "b"], "b", False),
        (["a", "a"], None, False),
    ],
)
def test_an_answer_to_a_key_that_came_twice_may_be_that_of_the_first(sent, header, expected):
    """Whatever was done to its record since."""
    keys = RepeatedKeys()
    for key in sent:
        keys.note(SimpleNamespace(method="POST", url="/orders", body=b"{}", headers={"Idempotency-Key": key}))

    assert keys.may_be_replayed({"X-Idempotency-Key": header} if header else {}) is expected


@pytest.mark.parametrize(("times", "looks"), [(1, 1), (2, 0)])
def test_no_check_looks_at_an_answer_that_may_be_replayed(times, looks):
    """The record that it tells of may have been deleted by a test between."""
    keys = RepeatedKeys()
    request = SimpleNamespace(method="POST", url="/orders", body=b"{}", headers={"Idempotency-Key": "a"})
    for _ in range(times):
        keys.note(request)
    api: Any = SimpleNamespace(members={})
    check = BoundCheck("read_your_writes", api, WriteLog(), keys, Counter(), Counter(), Lock())
    operation = SimpleNamespace(method="post", path="/orders", label="POST /orders")
    meta = SimpleNamespace(generation=SimpleNamespace(mode=GenerationMode.POSITIVE))
    case: Any = SimpleNamespace(operation=operation, method="POST", meta=meta, id="1")

    check(None, SimpleNamespace(status_code=201, request=request, headers={}, content=b""), case)

    assert sum(check.tried.values()) == looks
