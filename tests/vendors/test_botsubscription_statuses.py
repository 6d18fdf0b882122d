"""Every status that BotSubscription's document declares is answered by some request."""

import json

import httpx
import pytest

from mockserver.server import Options, create_app, load_services
from tests.conftest import Server
from tests.support import bearer
from tests.vendors.botsubscription_world import (
    ADMINS,
    CASHIER,
    COUPONS,
    KEYS,
    NOBODY,
    PLANS,
    PROJECT,
    REQUESTS,
    SETTINGS,
    TARGETS,
    USERS,
    WEBHOOKS,
)

SUCCESS = {
    "deleteTarget": 204,
    "createPlan": 201,
    "deletePlan": 204,
    "deleteWebhook": 204,
    "updateSettings": 204,
    "updateSetting": 204,
    "addAdmin": 201,
}
WITH_BODY = [operation for operation, (_, _, body) in REQUESTS.items() if body is not None]

MISSING = {
    "updateTargets": {"json": [{"target_id": NOBODY}]},
    "updateTarget": {"url": f"{TARGETS}/{NOBODY}"},
    "deleteTarget": {"url": f"{TARGETS}/{NOBODY}"},
    "getPlan": {"url": f"{PLANS}/{NOBODY}"},
    "updatePlan": {"url": f"{PLANS}/{NOBODY}"},
    "deletePlan": {"url": f"{PLANS}/{NOBODY}"},
    "revokeApiKey": {"url": f"{KEYS}/{NOBODY}"},
    "deleteWebhook": {"url": f"{WEBHOOKS}/{NOBODY}"},
    "getSetting": {"url": f"{SETTINGS}/invalid_key"},
    "updateSetting": {"url": f"{SETTINGS}/invalid_key"},
    "getUser": {"url": f"{USERS}/1"},
    "addAdmin": {"json": {"user_id": "1", "permissions": []}},
    "getAdmin": {"url": f"{ADMINS}/1"},
    "updateAdmin": {"url": f"{ADMINS}/1"},
    "validateCoupon": {"json": {"code": "NONE", "user_id": "1", "amount": 1, "currency": "USD"}},
}
"""What the operation's own records can be missing; for the others it is the project."""

INVALID = {
    "listTargets": {"params": {"limit": 0}},
    "updateTargets": {"json": []},
    "getTarget": {"url": f"{TARGETS}/x"},
    "updateTarget": {"json": {"is_enabled": 1}},
    "deleteTarget": {"url": f"{TARGETS}/x"},
    "listPlans": {"params": {"limit": 101}},
    "createPlan": {"json": {}},
    "getPlan": {"url": f"{PLANS}/x"},
    "updatePlan": {"json": {"plan_price": 12}},
    "deletePlan": {"url": f"{PLANS}/x"},
    "createApiKey": {"json": {}},
    "revokeApiKey": {"url": f"{KEYS}/x"},
    "createWebhook": {"json": {"url": "http://example.com/hook"}},
    "deleteWebhook": {"url": f"{WEBHOOKS}/x"},
    "updateSettings": {"json": {"default_currency": 7}},
    "updateSetting": {"json": {"value": 7}},
    "listUsers": {"params": {"offset": -1}},
    "searchUsers": {"url": f"{USERS}/search?search=jo"},
    "listMemberships": {"params": {"limit": "x"}},
    "listAdmins": {"params": {"limit": 0}},
    "addAdmin": {"json": {"user_id": "1"}},
    "updateAdmin": {"json": {"permissions": "all"}},
    "validateCoupon": {"url": f"{COUPONS}/validate", "json": {"code": "SUMMER2024"}},
}
"""A request that is invalid by itself; those that take nothing but a project have an invalid one where that is one."""

STRICT = {"malformed-projects": "invalid"}
LOOSE = {"malformed-projects": "invalid", "invalid-values": "bad-request"}


def rows():
    """(operation, status) -> what is changed of the operation's request, and the assumptions that are switched."""
    for operation in REQUESTS:
        elsewhere = {"url": REQUESTS[operation][1].replace("YOUR_PROJECT_ID", "nowhere")}
        invalid = INVALID.get(operation, elsewhere)
        yield (operation, SUCCESS.get(operation, 200)), ({}, {})
        yield (operation, 400), ({"content": b"["}, {}) if operation in WITH_BODY else (invalid, LOOSE)
        yield (operation, 401), ({"headers": bearer("nobody's")}, {})
        yield (operation, 403), ({"headers": bearer(CASHIER)}, {})
        yield (operation, 404), (MISSING.get(operation, elsewhere), {})
        if operation in WITH_BODY:
            yield (operation, 413), ({"content": b" " * (10 * 1024 * 1024 + 1)}, {})
            yield (operation, 415), ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, {})
        yield (operation, 422), (invalid, STRICT if invalid is elsewhere else {})
        yield (operation, 429), ({}, {})


TABLE = dict(rows())


@pytest.fixture(scope="module")
def mocks():
    """Mocks in this process, one for each set of switched assumptions."""
    made = {}

    def mock(switched):
        key = json.dumps(switched)
        if key not in made:
            assume = {f"botsubscription.{name}": option for name, option in switched.items()}
            made[key] = Server("http://127.0.0.1:4010", create_app(Options(apis=("botsubscription",), assume=assume)))
        return made[key]

    return mock


@pytest.mark.parametrize(("operation", "status"), TABLE, ids=str)
def test_every_declared_status_is_answered(mocks, world, operation, status):
    """The request of the table gets this status, in the form that the document declares."""
    changed, switched = TABLE[operation, status]
    method, url, body = REQUESTS[operation]
    given = {"method": method, "url": url} | ({} if body is None else {"json": body}) | changed
    if "content" in changed:
        given = {name: value for name, value in given.items() if name != "json"}
        given["headers"] = {"Content-Type": "application/json"} | given.get("headers", {})

    with mocks(switched).client(f"/~{world}/__admin") as admin:
        admin.post("/clock/freeze", json={}).raise_for_status()
    with mocks(switched).client(f"/~{world}/botsubscription", bearer("YOUR_TOKEN")) as client:
        answers = [client.request(**given) for _ in range(21 if status == 429 else 1)]
    with mocks(switched).client(f"/~{world}/__admin") as admin:
        [last] = admin.get("/requests", params={"limit": 1}).json()["requests"]

    seen = (last["operation"], answers[-1].status_code, "Mock-Violation" in answers[-1].headers)
    assert seen == (operation, status, False)


def test_the_table_is_complete():
    """Its keys are all that the document declares; 500 is in test_failures.py: only a mock that fails answers it."""
    declared = {
        (operation.id, int(status))
        for operation in load_services(Options(apis=("botsubscription",)))["botsubscription"].spec.operations
        for status in operation.answers
        if status != "500"
    }

    assert set(TABLE) == declared


def test_a_success_without_a_body_has_none(mocks, world):
    """204 is nothing but its headers."""
    with mocks({}).client(f"/~{world}/botsubscription", bearer("YOUR_TOKEN")) as client:
        answer: httpx.Response = client.delete(f"{PROJECT}/targets/22222222-2222-2222-2222-222222222222")

    assert (answer.status_code, answer.content, "Content-Type" in answer.headers) == (204, b"", False)
