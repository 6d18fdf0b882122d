"""The checks of our own by name, and their registration with Schemathesis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Final, NamedTuple

import requests
import schemathesis
from schemathesis import GenerationMode

from mockserver.contract.checking.checks.checked_api import CheckedApi, Member
from mockserver.contract.checking.checks.follow_up import FollowUps, Unclear
from mockserver.contract.checking.checks.id_checks import ids_are_not_reused
from mockserver.contract.checking.checks.list_checks import (
    filters_return_only_matches,
    list_and_item_agree,
    paging_covers_each_item_once,
)
from mockserver.contract.checking.checks.mislabelled_json import mislabelled_json_fits_schema
from mockserver.contract.checking.checks.own_failure import OwnFailure
from mockserver.contract.checking.checks.record_checks import (
    read_your_writes,
    repeatable_put_and_delete,
)
from mockserver.contract.checking.checks.request_checks import (
    conditional_requests,
    idempotency_key_replay,
    no_partial_change_after_refusal,
)
from mockserver.contract.checking.checks.seed_examples import seed_examples_answered_as_printed
from mockserver.contract.checking.checks.write_log import WriteLog
from mockserver.contract.checking.repeated_keys import RepeatedKeys
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Unusable

TIMES: Final = 3
"""How often a check looks at one operation."""

ATTEMPTS: Final = 12
"""How often a check tries to look at one operation, where it cannot tell."""

LOOKS_BY_MEMBER: Final = 30
"""How often `read_your_writes` looks at one operation, whose members it looks at MEMBER_TIMES each."""

OF_RECORDS: Final[Mapping[str, Callable[[FollowUps, Member], bool | None]]] = {
    "read_your_writes": read_your_writes,
    "list_and_item_agree": list_and_item_agree,
    "repeatable_put_and_delete": repeatable_put_and_delete,
    "idempotency_key_replay": idempotency_key_replay,
    "no_partial_change_after_refusal": no_partial_change_after_refusal,
    "paging_covers_each_item_once": paging_covers_each_item_once,
    "filters_return_only_matches": filters_return_only_matches,
    "conditional_requests": conditional_requests,
    "ids_are_not_reused": ids_are_not_reused,
}
"""Each looks at a request that succeeded, and says whether it could tell something; None: the request has nothing to
look at, and is not counted. It raises a failure, or Unclear.
"""

OF_OPERATIONS: Final[Mapping[str, Callable[[FollowUps, Operation], bool]]] = {
    "seed_examples_answered_as_printed": seed_examples_answered_as_printed,
}
"""The same, whatever is known of the records of the operation."""

OF_ANSWERS: Final[Mapping[str, Callable[[CheckedApi, Any, Any], bool]]] = {
    "mislabelled_json_fits_schema": mislabelled_json_fits_schema,
}
"""Each looks at every answer, and sends nothing. It raises failures; True: there was nothing to see."""

OWN_CHECKS: Final = (*OF_RECORDS, *OF_OPERATIONS, *OF_ANSWERS)
"""The names of all."""

_ODD: Final = (
    Unclear, AttributeError, LookupError, TypeError, ValueError, ArithmeticError, RecursionError, Unusable,
    requests.RequestException,
)  # fmt: skip
"""What a check meets that can tell nothing: documents and answers may be of any form."""


class BoundCheck(NamedTuple):
    """One check on one API, as often as it may look."""

    name: str
    api: CheckedApi
    log: WriteLog
    keys: RepeatedKeys
    looked: Counter[str]
    tried: Counter[str]
    lock: Lock

    def __call__(self, ctx: Any, response: Any, case: Any) -> bool | None:
        """Looks at an answer. Raises a failure of Schemathesis; True: there was nothing to see."""
        label = case.operation.label
        if not _is_plain_success(response, case) or self._is_enough(label):
            return True
        if self.keys.may_be_replayed(response.request.headers):
            return True
        told: bool | None
        try:
            told = self._look(FollowUps(self.api, self.log, ctx, case, response), case.operation)
        except _ODD:
            told = False
        except OwnFailure:
            self._count(label, looks=self._most // TIMES)
            raise
        if told is not None:
            self._count(label, looks=int(told))
        return None if told else True

    @property
    def _most(self) -> int:
        return LOOKS_BY_MEMBER if self.name == read_your_writes.__name__ else TIMES

    def _is_enough(self, label: str) -> bool:
        return self.looked[label] >= self._most or self.tried[label] >= ATTEMPTS

    def _look(self, follow: FollowUps, tested: Any) -> bool | None:
        key = tested.method.upper(), tested.path
        if self.name in OF_OPERATIONS:
            return OF_OPERATIONS[self.name](follow, self.api.operations[key])
        member = self.api.members.get(key)
        return member is not None and OF_RECORDS[self.name](follow, member)

    def _count(self, label: str, *, looks: int) -> None:
        """Counts looks; none is a try in vain. A failure is a third of all, so that it is shown three times at most."""
        with self.lock:
            self.tried[label] += not looks
            self.looked[label] += looks


def _is_plain_success(response: Any, case: Any) -> bool:
    """Whether a valid request of the operation itself succeeded."""
    meta = case.meta
    is_valid = meta is None or meta.generation.mode is GenerationMode.POSITIVE
    return is_valid and 200 <= response.status_code < 300 and case.method.upper() == case.operation.method.upper()


def register(api: CheckedApi, keys: RepeatedKeys) -> None:
    """Registers every check with Schemathesis, and counts the writes of its workers. `keys` notes what is sent."""
    log = WriteLog()

    @schemathesis.hook
    def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
        log.begin(case.method, case.id)

    @schemathesis.hook
    def after_call(_context: Any, _case: Any, _response: Any) -> None:
        log.end()

    for name in (*OF_RECORDS, *OF_OPERATIONS):
        schemathesis.check(_function(name, BoundCheck(name, api, log, keys, Counter(), Counter(), Lock())))
    for name, look in OF_ANSWERS.items():
        schemathesis.check(_named(name, _of_answers(api, look)))


def announce() -> None:
    """Makes the names of the checks known to Schemathesis, so that it takes them in arguments."""
    for name in OWN_CHECKS:
        schemathesis.check(_named(name, lambda _ctx, _response, _case: True))


def _named(name: str, function: Callable[[Any, Any, Any], bool | None]) -> Callable[[Any, Any, Any], bool | None]:
    function.__name__ = function.__qualname__ = name
    return function


def _of_answers(
    api: CheckedApi, look: Callable[[CheckedApi, Any, Any], bool]
) -> Callable[[Any, Any, Any], bool | None]:
    def check(_ctx: Any, response: Any, case: Any) -> bool | None:
        try:
            return look(api, response, case) or None
        except _ODD:
            return True

    return check


def _function(name: str, bound: BoundCheck) -> Callable[[Any, Any, Any], bool | None]:
    """A function of that name, since Schemathesis calls checks by the names of their functions."""

    def check(ctx: Any, response: Any, case: Any) -> bool | None:
        return bound(ctx, response, case)

    return _named(name, check)
