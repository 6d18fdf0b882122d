"""Authenticates callers and checks their permission: 401 and 403."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from mockserver.engine.call import Call
from mockserver.engine.steps.step import Step
from mockserver.problem import FORBIDDEN, UNAUTHENTICATED, Problem
from mockserver.state.records.collection import Collection
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

PERMISSION: Final = "permission"
VALIDATE: Final = "validate_request"
Check = Callable[[Call, ApiState], None]


class Authenticator(Protocol):
    """Lets those through who may call: by their secret (Guard), or as a document's security schemes say
    (SecuritySchemes).
    """

    @property
    def permit_order(self) -> str:
        """The assumption whose option `body-first` validates a request before the permission is checked; empty: the
        permission is always checked first.
        """

    def authenticate(self, call: Call, state: ApiState) -> None:
        """The call knows who makes it. Raises a Problem 401."""

    def permission(self, scopes: tuple[str, ...]) -> Check | None:
        """The check whether the caller may use an operation that asks for `scopes`; None: there is nothing to check."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Knows callers by the secret in `Authorization: {scheme} {secret}`: 401 where it is not known.

    `credentials` is the collection whose records are the credentials, told apart by their secret. `owner` is the
    collection that holds what a credential belongs to, and the credential's member with its id; None: a credential
    belongs to nobody, and `call.owner` is the credential itself. `scopes` is the credential's member that lists what it
    may do: a scope that the document asks for and that is not listed is a 403, unless `*` is listed; empty: all may do
    all. `check` refuses a known credential that is no longer good (it raises a Problem). `permit` refuses an operation
    to a caller (it raises a Problem), given the scopes that the document asks for, for rules that `scopes` cannot say.

    `scheme_case` names the assumption whose option `ignore` takes the scheme in any case, `permit_order` the one whose
    option `body-first` holds a request against its contract before it asks whether the caller may. Empty: neither.
    """

    scheme: str
    credentials: str
    owner: tuple[str, str] | None = None
    scopes: str = ""
    check: Callable[[Record, Call], None] | None = None
    permit: Callable[[Call, ApiState, tuple[str, ...]], None] | None = None
    scheme_case: str = ""
    permit_order: str = ""

    def authenticate(self, call: Call, state: ApiState) -> None:
        """`call.caller` is the record of the credential, `call.owner` the record of what it belongs to."""
        given = call.request.headers.get("Authorization")
        if not given:
            raise Problem(401, "No Authorization header was sent.", code=UNAUTHENTICATED)
        scheme, _, secret = given.partition(" ")
        keys = state[self.credentials]
        record = keys.get(secret) if scheme == self.scheme else self._in_another_case(scheme, secret, call, keys)
        if record is None and not (secret and scheme == self.scheme):
            expected = f"`{self.scheme} <credential>`"
            raise Problem(401, f"The Authorization header is not of the form {expected}.", code=UNAUTHENTICATED)
        if record is None:
            raise Problem(401, "The credential is not known.", code=UNAUTHENTICATED)
        if self.check is not None:
            self.check(record, call)
        call.secret, call.caller = secret, record
        if self.owner is None:
            call.owner_id, call.owner = secret, record
            return
        collection, member = self.owner
        owner_id = record[member]
        owner = state[collection].get(owner_id)
        if owner is None:
            raise Problem(401, "The credential belongs to nobody.", code=UNAUTHENTICATED)
        call.owner_id, call.owner = owner_id, owner

    def permission(self, scopes: tuple[str, ...]) -> Check | None:
        """The check of the caller's permission, by `permit` or by the scopes; a Problem 403. None where the operation
        asks for no scopes and there is no `permit`.
        """
        own = self.permit
        if own is None and not (self.scopes and scopes):
            return None
        ask = own if own is not None else self._require_scopes

        def permission(call: Call, state: ApiState) -> None:
            ask(call, state, scopes)

        return permission

    def _require_scopes(self, call: Call, _state: ApiState, scopes: tuple[str, ...]) -> None:
        held = call.caller.get(self.scopes, ())
        for scope in scopes:
            if scope not in held and "*" not in held:
                raise Problem(403, f"This operation needs the scope {scope}.", code=FORBIDDEN)

    def _in_another_case(self, scheme: str, secret: str, call: Call, keys: Collection) -> Record | None:
        """The record of the credential, if only the case of the scheme is in its way, and that is let pass."""
        if not self.scheme_case or scheme.lower() != self.scheme.lower():
            return None
        record = keys.get(secret)
        return record if record is not None and call.assume(self.scheme_case) == "ignore" else None


def order_checks(permission: Check | None, validate: Check, order: str, choices: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps that check the permission and validate the request, in the order that the assumption `order` decides.
    Where both refuse a call, the exchange records the assumption.
    """
    valid = Step(VALIDATE, validate)
    if permission is None:
        return (valid,)
    first, second = Step(PERMISSION, permission), valid
    if not order:
        return first, second
    if choices[order] == "body-first":
        return Step(VALIDATE, _ordered(validate, permission, order)), first
    return Step(PERMISSION, _ordered(permission, validate, order)), second


def _ordered(first: Check, second: Check, order: str) -> Check:
    """The first check, which records the assumption `order` where both refuse the call."""

    def check(call: Call, state: ApiState) -> None:
        try:
            first(call, state)
        except Problem:
            if _refuses(second, call, state):
                call.assume(order)
            raise

    return check


def _refuses(check: Check, call: Call, state: ApiState) -> bool:
    """Whether the check refuses the call too; the assumptions that it relied on are not recorded."""
    used = call.used
    try:
        check(call, state)
    except Problem:
        return True
    finally:
        call.used = used
    return False
