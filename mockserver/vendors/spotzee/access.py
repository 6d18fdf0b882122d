"""Keys, roles and limits."""

from __future__ import annotations

from dataclasses import replace

from mockserver.engine.call import Call
from mockserver.engine.steps.authenticate import Guard
from mockserver.engine.steps.rate_limit import Limit, SlidingWindow, Window
from mockserver.problem import FORBIDDEN, INVALID, UNAUTHENTICATED, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.envelope import RELEASE
from mockserver.vendors.spotzee.tokens import contact_of_token

ROLES = ("support", "smtpproxy", "editor", "publisher", "admin")
SECRET, PUBLISHABLE, TOKEN = "secretKey", "publishableKey", "contactToken"


def check_key(key: Record, call: Call) -> None:
    """Raises a Problem unless the key is not revoked and of a kind that the operation names."""
    kinds = security_schemes_of(call)
    scheme = {"secret": SECRET, "public": PUBLISHABLE}.get(key["scope"], "")
    if key["_revoked"] or not scheme:
        raise Problem(401, "Send a project key as a Bearer token.", code=UNAUTHENTICATED)
    if TOKEN in kinds and (scheme == SECRET or call.assume("me-routes") == "refuse"):
        if scheme == SECRET and call.assume("me-secret-keys") == "forbidden":
            raise Problem(403, "A secret key opens no route of the contact itself.", code=FORBIDDEN)
        raise Problem(401, "Send a publishable key with a session token.", code=UNAUTHENTICATED)
    if scheme == PUBLISHABLE and call.operation and call.operation.id in IDENTIFYING:
        call.assume("identifying-keys")
    if scheme not in kinds:
        raise Problem(401, "Send a secret project key as a Bearer token.", code=UNAUTHENTICATED)


IDENTIFYING = {"identifyContact", "aliasContact"}


def security_schemes_of(call: Call) -> set[str]:
    """The security schemes that the operation names."""
    return {name for needed in call.operation.security for name in needed} if call.operation else set()


def permit(call: Call, state: ApiState, roles: tuple[str, ...]) -> None:
    """Raises a Problem unless the key's role is at least the operation's, the contact's token is valid where one is
    needed, and the release is known.
    """
    if TOKEN in security_schemes_of(call):
        contact_of_token(call, state)
    if call.caller["scope"] == "secret":
        require_role(call, roles)
    refuse_version(call)


def require_role(call: Call, roles: tuple[str, ...]) -> None:
    """Raises a Problem 403 unless the key's role is at least each of these."""
    role = call.caller["role"]
    if role != ROLES[-1] and call.operation and (assumption := ASSUMED_ROLES.get(call.operation.id)):
        call.assume(assumption)
    for needed in roles:
        if ROLES.index(role) < ROLES.index(needed):
            raise Problem(403, f"The role {role} may not do this; it takes {needed}.", code=FORBIDDEN)


def refuse_version(call: Call) -> None:
    """Raises a Problem 400 for an unknown release, also where the answer would be a replayed one."""
    release = call.request.headers.get("Spotzee-Version")
    if release is None or release == RELEASE or call.operation is None:
        return
    [version] = [parameter for parameter in call.operation.parameters if parameter.name == "Spotzee-Version"]
    violations = tuple(
        replace(violation, pointer=f"/Spotzee-Version{violation.pointer}")
        for violation in version.validator.violations(release, "header")
    )
    if violations:
        raise Problem(400, "Spotzee-Version is no release.", code=INVALID, violations=violations)


ASSUMED_ROLES = {
    "batchToggleSubscriptions": "toggle-role",
    "toggleContactSubscriptions": "toggle-role",
    "createContactSession": "session-role",
    "listKeys": "settings-role",
    "getKey": "settings-role",
    "listWebhooks": "settings-role",
    "getWebhook": "settings-role",
}
"""The operations whose role no page names."""


def plan(call: Call) -> str:
    """The name of a key's budget: its project's plan, whether it reads or writes, and `mcp` where that doubles it."""
    request = call.request
    kind = "read" if request.method in ("GET", "HEAD", "OPTIONS") else "write"
    doubled = " mcp" if request.headers.get("x-spotzee-client-type") == "mcp" else ""
    return f"{call.owner['_plan']} {kind}{doubled}"


def ten_seconds(kind: str, *plans: tuple[str, int, float]) -> dict[str, int]:
    """Requests in ten seconds by the name of the budget, from requests per second and the factor of a burst."""
    sizes = {f"{name} {kind}": int(rate * 10 * burst) for name, rate, burst in plans}
    return sizes | {f"{name} mcp": 2 * size for name, size in sizes.items()}


READS = ten_seconds("read", ("starter", 200, 1.5), ("professional", 1_000, 1.5), ("enterprise", 5_000, 2))
WRITES = ten_seconds("write", ("starter", 100, 1.5), ("professional", 500, 1.5), ("enterprise", 2_500, 2))
ON = ("per-key-limits", "on")
# Both rules of the edge are documented as live, though a thousand in ten seconds is always used up first.
LIMITS = (
    Limit("minute", "address", 8_000, Window(60), when=("edge-windows", "fixed")),
    Limit("ten-seconds", "address", 1_000, Window(10), when=("edge-windows", "fixed")),
    Limit("minute", "address", 8_000, SlidingWindow(60), when=("edge-windows", "sliding")),
    Limit("ten-seconds", "address", 1_000, SlidingWindow(10), when=("edge-windows", "sliding")),
    Limit("read", "caller", READS, SlidingWindow(10), when=ON, plan=plan),
    Limit("write", "caller", WRITES, SlidingWindow(10), when=ON, plan=plan),
)

GUARD = Guard(
    scheme="Bearer",
    credentials="keys",
    owner=("projects", "project_id"),
    check=check_key,
    permit=permit,
    scheme_case="scheme-case",
    permit_order="role-check",
)
