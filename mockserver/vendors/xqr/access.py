"""Keys, scopes and plans of xQR, and its two layers of limits."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.engine.call import Call
from mockserver.engine.steps.authenticate import Guard
from mockserver.engine.steps.rate_limit import Limit, Month, TokenBucket, Window
from mockserver.engine.timestamps import epoch_seconds
from mockserver.problem import FORBIDDEN, UNAUTHENTICATED, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.xqr.envelope import not_included


def check_key(key: Record, call: Call) -> None:
    """Raises a Problem 401 for a revoked or expired key, and for a session outside the dashboard."""
    if key["state"] != "active":
        check_state(key["state"], call)
    expires_at = key["expires_at"]
    if expires_at is not None and epoch_seconds(expires_at) <= call.at:
        raise Problem(401, "This API key has expired.", code="EXPIRED_API_KEY")


def check_state(state: str, call: Call) -> None:
    """Raises a Problem 401 for a revoked key, and for a session where the operation is not the dashboard's."""
    if state == "revoked":
        raise Problem(401, "This API key was revoked.", code="REVOKED_API_KEY")
    if not is_dashboard(call):
        raise Problem(401, "This is a session of the dashboard, not an API key.", code=UNAUTHENTICATED)


def is_dashboard(call: Call) -> bool:
    """Whether the operation belongs to the vendor's dashboard."""
    return call.operation is not None and call.operation.path.startswith("/developer/")


def check_session(call: Call) -> None:
    """Raises a Problem unless the caller is a session of the dashboard, or a key that may stand for one."""
    if call.caller["state"] == "session":
        return
    if call.assume("dashboard-key") == "refuse":
        raise Problem(401, "The dashboard takes no API key.", code=UNAUTHENTICATED)
    require(call, "webhooks:write")


def permit(call: Call, _state: ApiState, scopes: tuple[str, ...]) -> None:
    """Raises a Problem 403 unless the key holds each scope, or `*`."""
    if call.owner["plan"] == "free" and call.assume("free-plan") == "forbidden":
        raise not_included("the API")
    held = call.caller["scopes"]
    for scope in scopes:
        if scope not in held and "*" not in held:
            require(call, scope)


def require(call: Call, scope: str) -> None:
    """Raises a Problem 403 unless the key holds the scope, `*`, or a scope that implies it."""
    held = call.caller["scopes"]
    if scope not in held and "*" not in held and not implied(call, scope, held):
        raise Problem(403, f"This endpoint requires the {scope} scope.", code=FORBIDDEN)


def implied(call: Call, scope: str, held: Sequence[str]) -> bool:
    """Whether the key may read because it may write."""
    resource, _, right = scope.partition(":")
    return right == "read" and f"{resource}:write" in held and call.assume("scope-match") == "write-reads"


BURST = {"pro": 10, "business": 50, "enterprise": 200}
TWO_SECONDS = {plan: 2 * rate for plan, rate in BURST.items()}
MONTH = {"pro": 1_000, "business": 25_000, "enterprise": 100_000}
SAMPLE_MONTH = {**MONTH, "pro": 50_000}
WINDOW = {"free": 0, **{plan: 60 * rate for plan, rate in BURST.items()}}
FLAT = {"free": 0, **dict.fromkeys(BURST, 600)}
MAX_WEBHOOKS = {"free": 0, "pro": 3, "business": 20}
"""Webhooks that a workspace may have by its plan; a plan not named may have any number."""

SILENT = ("month-retry-after", "absent")
LIMITS = (
    Limit("burst", "caller", BURST, TokenBucket(), when=("burst-capacity", "one-second"), plan="plan"),
    Limit("burst", "caller", TWO_SECONDS, TokenBucket(2), when=("burst-capacity", "two-seconds"), plan="plan"),
    Limit("month", "owner", {"free": 0}, Month(), when=("free-plan", "used-up"), plan="plan", no_retry_after=SILENT),
    *(
        Limit("month", "owner", sizes, Month(), True, ("monthly-quota", option), "refused-calls", "plan", SILENT)
        for option, sizes in (("plan-table", MONTH), ("usage-sample", SAMPLE_MONTH))
    ),
    *(
        Limit("window", "caller", sizes, Window(span), False, ("window", option), "refused-calls", plan="plan")
        for option, sizes, span in (("minute", WINDOW, 60), ("minute-flat", FLAT, 60), ("hour-flat", FLAT, 3600))
    ),
)

GUARD = Guard(
    scheme="Bearer",
    credentials="keys",
    owner=("workspaces", "workspace"),
    check=check_key,
    permit=permit,
    scheme_case="scheme-case",
    permit_order="scope-order",
)
