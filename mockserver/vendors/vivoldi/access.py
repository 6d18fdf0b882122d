"""Clients, plans of accounts with the fields that they include, and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.engine.call import Call
from mockserver.engine.steps.authenticate import Guard
from mockserver.engine.steps.rate_limit import Limit, Window
from mockserver.json_text import Json
from mockserver.problem import FORBIDDEN, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.vivoldi.envelope import NOT_INCLUDED


def block_unidentified_clients(call: Call, _state: ApiState) -> None:
    """Raises a Problem 403 for a client without a User-Agent, whatever its key, except for visitors of links."""
    if call.operation is not None and not call.operation.security:
        return
    agent: str = call.request.headers.get("User-Agent", "").strip()
    if agent and not agent.startswith(COMMON_CLIENTS):
        return
    choice = call.assume("blocked-clients")
    if choice == "common" or (choice == "nameless" and not agent):
        raise Problem(403, "Send a User-Agent that names your company or product.", code=FORBIDDEN)


COMMON_CLIENTS = (
    "axios/", "curl/", "Go-http-client/", "Java/", "node", "okhttp/", "PostmanRuntime/", "python-httpx/",
    "python-requests/", "Python-urllib/", "Wget/",
)  # fmt: skip

# Plans

PLANS = ("free", "personal", "premium", "business", "business_plus", "enterprise")
PLAN_NAMES = {
    "personal": "Personal",
    "premium": "Premium",
    "business": "Business",
    "business_plus": "Business Plus",
    "enterprise": "Enterprise",
}


def includes(account: Record, plan: str) -> bool:
    """Whether the account's plan is this one or one above it."""
    return PLANS.index(account["plan"]) >= PLANS.index(plan)


def require_plan(call: Call, plan: str) -> None:
    """A Problem where the operation begins with a plan above the account's."""
    if not includes(call.owner, plan):
        raise Problem(200, f"This API is available from the {PLAN_NAMES[plan]} plan.", code=NOT_INCLUDED)


@dataclass(frozen=True, slots=True)
class VivoldiGuard:
    """Fields that have an effect from a plan upwards, with the account's global webhook on where they need it.

    `idle` are the values that ask for nothing, by field; the others of `fields` are only looked at beside one.
    """

    fields: frozenset[str]
    plan: str
    idle: Mapping[str, Json]
    assumption: str
    reason: str
    global_webhook: bool = False

    def admits(self, account: Record) -> bool:
        """Whether the account may use the fields."""
        return includes(account, self.plan) and (not self.global_webhook or account["global_webhook"] is True)


WEBHOOK = frozenset({"webhookEnableYn", "webhookCallbackUrl", "webhookMetric", "webhookFrequency"})
NOTIFICATIONS = VivoldiGuard(
    frozenset({"pushNotifyYn", "mailNotifyYn"}),
    "personal",
    {"pushNotifyYn": "N", "mailNotifyYn": "N"},
    "notifications-below-plan",
    "Notifications are available from the Personal plan.",
)
GROUP_GATES = (
    NOTIFICATIONS,
    VivoldiGuard(
        WEBHOOK,
        "enterprise",
        {"webhookEnableYn": "N"},
        "webhook-below-plan",
        "Webhooks are available on the Enterprise plan.",
    ),
    VivoldiGuard(
        WEBHOOK,
        "free",
        {"webhookEnableYn": "N"},
        "webhook-without-global",
        "The account's global webhook is not active.",
        global_webhook=True,
    ),
)
REDIRECT = VivoldiGuard(
    frozenset({"redirectType"}),
    "personal",
    {"redirectType": 302},
    "fields-below-plan",
    "redirectType can be set from the Personal plan.",
)
CREATION_GATES = (
    NOTIFICATIONS,
    REDIRECT,
    VivoldiGuard(
        frozenset({"reuseYn"}),
        "premium",
        {"reuseYn": "N"},
        "fields-below-plan",
        "reuseYn is available from the Premium plan.",
    ),
)
CHANGE_GATES = (
    NOTIFICATIONS,
    REDIRECT,
    VivoldiGuard(
        frozenset({"url"}),
        "premium",
        {"url": None},
        "fields-below-plan",
        "url can be changed from the Premium plan.",
    ),
)


def drop_unavailable_fields(call: Call, sent: dict[str, Json], gates: tuple[VivoldiGuard, ...]) -> None:
    """Removes the fields that the account's plan does not include. A Problem where that is refused."""
    for gate in gates:
        beyond = gate.fields & sent.keys()
        if not beyond or gate.admits(call.owner):
            continue
        asked = any(sent[name] != gate.idle[name] for name in beyond & gate.idle.keys())
        if asked and call.assume(gate.assumption) == "refuse":
            raise Problem(200, gate.reason, code=NOT_INCLUDED)
        for name in beyond:
            del sent[name]


# Limits

MINUTE = {
    "free": 30,
    "personal": 180,
    "premium": 300,
    "business": 480,
    "business_plus": 768,
    "enterprise": 1_200,
}
HOUR = {
    "free": 600,
    "personal": 10_000,
    "premium": 15_000,
    "business": 25_000,
    "business_plus": 40_000,
    "enterprise": 60_000,
}
OLDER_MINUTE = {"free": 30, "personal": 180, "premium": 300, "business": 480}
OLDER_HOUR = {"free": 300, "personal": 1_800, "premium": 3_000, "business": 4_800}
STATISTICS = frozenset({
    "clicksByDate", "clicksByDateV1", "clicksByHour", "clicksByHourV1", "clicksByGroup",
})  # fmt: skip


def limit_size(call: Call) -> str:
    """The name of the size of a limit: the plan, or the plan's statistics."""
    plan: str = call.owner["plan"]
    return plan + STATISTICS_SIZE if call.operation is not None and call.operation.id in STATISTICS else plan


STATISTICS_SIZE = " statistics"
NO_RETRY_AFTER = ("retry-after", "omit")


def budgets(option: str, minute: Mapping[str, int], hour: Mapping[str, int], *, aligned: bool) -> tuple[Limit, ...]:
    """A minute's and an hour's calls of a key, under this option of the assumption."""
    return tuple(
        Limit(
            name,
            "caller",
            _for_both(size),
            Window(seconds, aligned),
            when=("rate-limits", option),
            plan=limit_size,
            no_retry_after=NO_RETRY_AFTER,
        )
        for name, size, seconds in (("minute", minute, 60), ("hour", hour, 3600))
    )


def _for_both(size: Mapping[str, int]) -> dict[str, int]:
    return {**size, **{plan + STATISTICS_SIZE: calls for plan, calls in size.items()}}


LIMITS = (
    *budgets("newest", MINUTE, HOUR, aligned=True),
    *budgets("first-call", MINUTE, HOUR, aligned=False),
    *budgets("older", OLDER_MINUTE, OLDER_HOUR, aligned=True),
    Limit(
        "statistics",
        "caller",
        {plan + STATISTICS_SIZE: calls // 20 for plan, calls in MINUTE.items()},
        Window(60),
        when=("statistics-limit", "share"),
        plan=limit_size,
        no_retry_after=NO_RETRY_AFTER,
    ),
)

GUARD = Guard(scheme="APIKey", credentials="keys", owner=("accounts", "account"))
