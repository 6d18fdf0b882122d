"""Keys, permissions and limits."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.call import Call
from mockserver.engine.steps.authenticate import Guard
from mockserver.engine.steps.rate_limit import Limit, Meter, TokenBucket, Window
from mockserver.problem import FORBIDDEN, INVALID, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.botsubscription.envelope import REVOKED, UNSEEN, UUID


def check_key(key: Record, _call: Call) -> None:
    """Raises a Problem 401 for a revoked key."""
    if key["revoked_at"] is not None:
        raise Problem(401, "This API key was revoked.", code=REVOKED)


def permit(call: Call, _state: ApiState, permissions: tuple[str, ...]) -> None:
    """Raises a Problem unless the project is the caller's, who holds each permission, or `all`."""
    project = call.path["project_id"]
    if project != call.owner_id:
        if not UUID.fullmatch(project) and call.assume("malformed-projects") == "invalid":
            raise Problem(422, "project_id: expected a UUID", code=INVALID)
        raise Problem(404, "Project not found", code=UNSEEN)
    held = call.caller["permissions"]
    for permission in permissions:
        if permission not in held and "all" not in held and call.assume("missing-permission") != "allow":
            raise Problem(403, f"The permission {permission} is missing.", code=FORBIDDEN)


GUARD = Guard(
    scheme="Bearer",
    credentials="keys",
    owner=("projects", "project_id"),
    check=check_key,
    permit=permit,
    scheme_case="scheme-case",
    permit_order="permission-order",
)

MINUTES: Mapping[str, Meter] = {
    "fixed": Window(60),
    "from-first": Window(60, aligned=False),
    "refilling": TokenBucket(60),
}
LIMITS = (
    *(Limit("address", "address", 300, meter, when=("rate-window", option)) for option, meter in MINUTES.items()),
    *(Limit("key", "caller", 100, meter, when=("rate-window", option)) for option, meter in MINUTES.items()),
    Limit("burst", "caller", 20, Window(1), when=("burst-scope", "key")),
    Limit("burst", "address", 20, Window(1), when=("burst-scope", "address")),
)
