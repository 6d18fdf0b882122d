"""Every status that the document of xQR declares for an operation is answered by at least one request.

But for 500, which only a mock that fails would answer: that is in test_failures.py, for all APIs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from mockserver.server import Options, load_services
from tests.support import bearer
from tests.vendors.xqr_world import (
    BULK,
    CLUB,
    DOCS,
    DOCUMENTED,
    HOOKS,
    LINKS,
    PRINTER,
    PRODUCTION,
    READ_ONLY,
    STATUS,
    SUMMER,
    UNKNOWN,
    WEBHOOK,
    control,
)


@dataclass(frozen=True)
class Ask:
    """One request; `first` is one before it, and `assume` what is switched for both."""

    method: str
    path: str
    json: Any = None
    key: str = PRODUCTION
    first: "Ask | None" = None
    assume: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None

    def send(self, xqr: httpx.Client) -> httpx.Response:
        """Its answer."""
        if self.first is not None:
            self.first.send(xqr)
        headers = bearer(self.key) if self.key else {"Authorization": ""}
        return xqr.request(self.method, self.path, json=self.json, content=self.content, headers=headers)


ANALYTICS, WORKSPACE, DASHBOARD = "/api/v1/analytics", "/api/v1/workspace", "/api/developer/webhooks"
NO_HOOK = f"wh_{UNKNOWN}"
PAGE = {"url": "https://example.com/page"}
HOOK = {"url": "https://example.com/hook", "events": ["*"]}

GOOD: dict[tuple[str, int], Ask] = {
    ("listLinks", 200): Ask("GET", LINKS),
    ("createLink", 201): Ask("POST", LINKS, PAGE),
    ("bulkCreateLinks", 201): Ask("POST", BULK, {"links": [PAGE]}),
    ("bulkUpdateLinkStatus", 200): Ask("PATCH", STATUS, DOCUMENTED),
    ("getLink", 200): Ask("GET", f"{LINKS}/{SUMMER}"),
    ("updateLink", 200): Ask("PATCH", f"{LINKS}/{SUMMER}", {"enabled": False}),
    ("deleteLink", 204): Ask("DELETE", f"{LINKS}/{SUMMER}"),
    ("getLinkQr", 200): Ask("GET", f"{LINKS}/{SUMMER}/qr"),
    ("getAnalyticsSummary", 200): Ask("GET", f"{ANALYTICS}/summary"),
    ("getLinkAnalytics", 200): Ask("GET", f"{ANALYTICS}/links/{SUMMER}"),
    ("getLinkStats", 200): Ask("GET", f"{ANALYTICS}/links/{SUMMER}/stats"),
    ("getTimeseries", 200): Ask("GET", f"{ANALYTICS}/timeseries?interval=day"),
    ("getGeography", 200): Ask("GET", f"{ANALYTICS}/geography"),
    ("getWorkspace", 200): Ask("GET", WORKSPACE),
    ("getUsage", 200): Ask("GET", f"{WORKSPACE}/usage"),
    ("listMembers", 200): Ask("GET", f"{WORKSPACE}/members"),
    ("listWebhooks", 200): Ask("GET", HOOKS),
    ("createWebhook", 201): Ask("POST", HOOKS, HOOK),
    ("getWebhook", 200): Ask("GET", f"{HOOKS}/{WEBHOOK}"),
    ("updateWebhook", 200): Ask("PATCH", f"{HOOKS}/{WEBHOOK}", {"description": "Paused"}),
    ("deleteWebhook", 204): Ask("DELETE", f"{HOOKS}/{WEBHOOK}"),
    ("listWebhookDeliveries", 200): Ask("GET", f"{HOOKS}/{WEBHOOK}/deliveries"),
    ("getWebhookSecret", 200): Ask("GET", f"{DASHBOARD}/{WEBHOOK}/secret"),
    ("sendWebhookTest", 200): Ask("POST", f"{DASHBOARD}/{WEBHOOK}/test"),
}

# With a body over the limit nobody looks further than its length.
LONG = b'{"note": "' + b"x" * (10 * 1024 * 1024) + b'"}'
REFUSED = {
    **{(name, 401): replace(ask, key="") for (name, _), ask in GOOD.items()},
    **{(name, 403): replace(ask, key=READ_ONLY if name == "getLinkQr" else PRINTER) for (name, _), ask in GOOD.items()},
    **{(name, 429): replace(ask, key=CLUB) for (name, _), ask in GOOD.items()},
    **{(name, 413): replace(ask, json=None, content=LONG) for (name, _), ask in GOOD.items() if ask.json is not None},
    **{
        (name, 404): replace(ask, path=ask.path.replace(SUMMER, UNKNOWN).replace(WEBHOOK, NO_HOOK))
        for (name, _), ask in GOOD.items()
        if SUMMER in ask.path or WEBHOOK in ask.path
    },
    **{(name, 400): replace(ask, json=[]) for (name, _), ask in GOOD.items() if ask.json is not None},
    **{
        (name, 400): replace(GOOD[name, status], path=path, assume={"malformed-link-id": "refuse"})
        for name, status, path in (
            ("getLink", 200, f"{LINKS}/summer24"),
            ("deleteLink", 204, f"{LINKS}/summer24"),
            ("getLinkAnalytics", 200, f"{ANALYTICS}/links/summer24"),
            ("getLinkStats", 200, f"{ANALYTICS}/links/summer24/stats"),
        )
    },
}

OTHERS: dict[tuple[str, int], Ask] = {
    ("listLinks", 400): Ask("GET", f"{LINKS}?limit=0"),
    ("createLink", 409): Ask("POST", LINKS, {**PAGE, "custom_slug": "summer24"}),
    ("bulkUpdateLinkStatus", 404): Ask(
        "PATCH", STATUS, {"ids": [UNKNOWN], "enabled": True}, assume={"unknown-ids": "refuse"}
    ),
    ("getLinkQr", 400): Ask("GET", f"{LINKS}/{SUMMER}/qr?format=gif"),
    ("getAnalyticsSummary", 400): Ask("GET", f"{ANALYTICS}/summary?period=1d"),
    ("getTimeseries", 400): Ask("GET", f"{ANALYTICS}/timeseries"),
    ("getTimeseries", 404): Ask("GET", f"{ANALYTICS}/timeseries?interval=day&link_id={UNKNOWN}"),
    ("listWebhookDeliveries", 400): Ask("GET", f"{HOOKS}/{WEBHOOK}/deliveries?offset=-1"),
    ("followLink", 302): Ask("GET", "/docs-v2"),
    ("followLink", 404): Ask("GET", "/nobody-has-this"),
    ("followLink", 410): Ask("GET", "/docs-v2", first=Ask("PATCH", f"{LINKS}/{DOCS}", {"enabled": False})),
}
ASKS = {**GOOD, **REFUSED, **OTHERS}


@pytest.mark.parametrize(("operation", "status"), ASKS, ids=str)
def test_a_declared_status_is_answered(
    server: Any, world: str, switched: Callable[..., httpx.Client], operation: str, status: int
) -> None:
    """By its own operation, and as the document declares it."""
    ask = ASKS[operation, status]
    client = switched("xqr", **ask.assume) if ask.assume else server.client(f"/~{world}/xqr")
    with client as xqr:
        answer = ask.send(xqr)
        [last] = xqr.get(f"{control(xqr)}/requests", params={"limit": 1}).json()["requests"]

    seen = (last["operation"], answer.status_code, answer.headers.get("Mock-Violation"))
    assert seen == (operation, status, None)


def test_no_declared_status_is_left_out() -> None:
    """The requests above are for all statuses of all operations, but for 500, and for no other."""
    operations = load_services(Options(apis=("xqr",)))["xqr"].spec.operations

    declared = {(operation.id, int(status)) for operation in operations for status in operation.answers}

    assert set(ASKS) == {(operation, status) for operation, status in declared if status != 500}
