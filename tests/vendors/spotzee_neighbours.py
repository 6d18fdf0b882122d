"""The questions around the batch endpoint of Spotzee: the request that settles each, and what each option shows."""

import httpx

from tests.support import Read, Send, Trial, bearer
from tests.vendors.spotzee_world import BATCH, EDITOR, GOOD, JANE, JANES_STATES, PUBLISHABLE, SUPPORT, TOKEN, TYPES

USERS = "/api/client/users"
UPSERTS = "/api/client/users/batch"
KEYS = "/api/client/keys"
WEBHOOKS = "/api/client/webhooks"
LOCAL = {"name": "Test", "url": "http://localhost:9/hook", "event_types": ["delivery.delivered"]}


def send(method: str, path: str, body: object = None, **headers: str) -> Send:
    """One request."""
    return lambda spotzee: spotzee.request(method, path, json=body, headers=headers)


def status(response: httpx.Response, _spotzee: httpx.Client) -> object:
    """The status alone."""
    return response.status_code


def code(response: httpx.Response, _spotzee: httpx.Client) -> object:
    """The status and the code of a refusal."""
    return response.status_code, response.json()["code"] if response.is_error else ""


def saved(response: httpx.Response, _spotzee: httpx.Client) -> object:
    """What became of each upsert: the member that it shows, or the code of its error; or the refusal of all."""
    if response.is_error:
        return response.status_code
    results = response.json()["results"]
    return [result["error"]["code"] if "error" in result else [*result][-1] for result in results]


def afterwards(path: str, member: str) -> Read:
    """A member of what stands at a path after the request; None where nothing does."""
    return lambda _response, spotzee: spotzee.get(path).json().get(member)


def phone(response: httpx.Response, _spotzee: httpx.Client) -> object:
    """The number of the contact that was saved first, or the code of its error."""
    result = response.json()["results"][0]
    return result["error"]["code"] if "error" in result else result["contact"]["phone"]


def upserted(**members: object) -> Send:
    """One upsert of the documented contact."""
    return send("POST", UPSERTS, [{"external_id": "cust-9f4b21", **members}])


def taken(response: httpx.Response, spotzee: httpx.Client) -> object:
    """What became of an upsert with the anonymous id of a contact that has nothing else, and of one with another's."""
    item = {"external_id": "cust-9f4b21", "anonymous_id": "anon-91d5f0"}
    again = spotzee.post(UPSERTS, json=[item])
    return saved(response, spotzee), saved(again, spotzee), afterwards(f"{USERS}/anon-7d10e4", "id")(again, spotzee)


def twice(spotzee: httpx.Client) -> httpx.Response:
    """The same key and body for two operations."""
    body, headers = {"external_id": "cust-new", "anonymous_id": "anon-new"}, {"Idempotency-Key": "once-0001"}
    spotzee.post("/api/client/identify", json=body, headers=headers)
    return spotzee.post("/api/client/alias", json=body, headers=headers)


def attempts(_response: httpx.Response, spotzee: httpx.Client) -> object:
    """How often the delivery is tried; its headers are looked at by the tests of webhooks."""
    [delivery] = spotzee.get("http://127.0.0.1:4010/__admin/outbox").json()["deliveries"]
    return 1 + len(delivery["delays"])


BROWSER = {**bearer(PUBLISHABLE), "X-Spotzee-Contact-Token": TOKEN}


def after_deletion(spotzee: httpx.Client) -> httpx.Response:
    """A browser goes on with the session of a contact that its server deleted."""
    spotzee.delete(JANE)
    return spotzee.get(f"{USERS}/me", headers=BROWSER)


NEIGHBOURS = {
    "contact-member": Trial(upserted(), saved, {"contact": ["contact"], "user": ["user"]}),
    "bad-emails": Trial(
        send("POST", UPSERTS, [{"external_id": "a"}, {"external_id": "b", "email": "nobody"}]),
        saved,
        {"item": ["contact", "validation_failed"], "refuse": 422},
    ),
    "bad-phones": Trial(upserted(phone="12"), phone, {"item": "validation_failed", "drop": "+61400123456"}),
    "national-numbers": Trial(
        upserted(phone="0400 999 888"), phone, {"complete": "+61400999888", "refuse": "validation_failed"}
    ),
    "merged-data": Trial(
        upserted(data={"plan": "team"}),
        afterwards(JANE, "data"),
        {"merge": {"first_name": "Jane", "last_name": "Doe", "plan": "team"}, "replace": {"plan": "team"}},
    ),
    "taken-anonymous-ids": Trial(
        upserted(anonymous_id="anon-7d10e4"),
        taken,
        {
            "join": (["contact"], ["resource_already_exists"], None),
            "move": (["contact"], ["contact"], None),
            "refuse": (["resource_already_exists"], ["resource_already_exists"], 1031),
        },
    ),
    "second-anonymous-ids": Trial(
        send("POST", "/api/client/alias", {"external_id": "cust-9f4b21", "anonymous_id": "anon-phone"}),
        afterwards(JANE, "anonymous_id"),
        {"replace": "anon-phone", "keep": "anon-2c8a3e"},
    ),
    "unknown-deletions": Trial(
        send("DELETE", f"{USERS}?user_id=cust-9f4b21&user_id=cust-000000"),
        lambda response, spotzee: (response.status_code, spotzee.get(JANE).status_code),
        {"ignore": (204, 404), "missing": (404, 200)},
    ),
    "deletion-answers": Trial(send("DELETE", f"{KEYS}/306"), code, {"empty": (204, ""), "record": (200, "")}),
    "unchanged-records": Trial(
        upserted(email="jane@example.com"),
        lambda _response, spotzee: spotzee.get(JANE).json()["updated_at"] == "2026-04-28T05:14:00.000Z",
        {"touch": False, "keep": True},
    ),
    "classified-attributes": Trial(
        send("GET", f"{USERS}/cust-17e9a2", **bearer(SUPPORT)),
        lambda response, _spotzee: "account_balance" in response.json()["data"],
        {"by-role": False, "show": True},
    ),
    "sdk-answers": Trial(
        send("POST", "/api/client/identify", {"external_id": "cust-9f4b21"}), status, {"empty": 204, "contact": 200}
    ),
    "events-of-nobody": Trial(
        send("POST", "/api/client/events", [{"name": "seen", "external_id": "cust-new"}]),
        afterwards(f"{USERS}/cust-new", "external_id"),
        {"drop": None, "create": "cust-new"},
    ),
    "repeated-names": Trial(
        send("POST", TYPES, {"name": "Weekly newsletter", "channel": "email"}),
        code,
        {"accept": (200, ""), "refuse": (409, "resource_already_exists")},
    ),
    "patched-channels": Trial(
        send("PATCH", f"{TYPES}/7", {"name": "Weekly newsletter", "is_public": True, "channel": "push"}),
        code,
        {"ignore": (200, ""), "refuse": (422, "validation_failed")},
    ),
    "unknown-types-of-one": Trial(
        send("PATCH", JANES_STATES, [{"subscription_id": 7, "state": 2}, {"subscription_id": 999_999, "state": 1}]),
        lambda response, spotzee: (
            response.status_code,
            spotzee.get(f"{JANES_STATES}?limit=-1").json()["results"][-1]["state"],
        ),
        {"missing": (404, 0), "skip": (200, 2)},
    ),
    "webhook-address": Trial(
        send("POST", WEBHOOKS, LOCAL), code, {"loopback": (200, ""), "https": (422, "validation_failed")}
    ),
    "webhook-signature": Trial(send("POST", f"{WEBHOOKS}/7/test"), attempts, {"live": 1, "announced": 7}),
    "test-sends": Trial(send("POST", f"{WEBHOOKS}/7/test"), status, {"offer": 204, "missing": 404}),
    "session-role": Trial(
        send("POST", f"{JANE}/sessions", **bearer(EDITOR)),
        lambda response, spotzee: (
            response.status_code,
            spotzee.post(f"{JANE}/sessions", headers=bearer(SUPPORT)).status_code,
        ),
        {"editor": (200, 403), "support": (200, 200)},
    ),
    "settings-role": Trial(send("GET", KEYS, **bearer(SUPPORT)), status, {"admin": 403, "support": 200}),
    "me-routes": Trial(send("GET", f"{USERS}/me", **BROWSER), status, {"serve": 200, "refuse": 401}),
    "identifying-keys": Trial(
        send("POST", "/api/client/alias", {"external_id": "cust-9f4b21", "anonymous_id": "a"}, **bearer(PUBLISHABLE)),
        lambda response, spotzee: (
            response.status_code,
            spotzee.post(
                "/api/client/identify", json={"external_id": "cust-9f4b21"}, headers=bearer(PUBLISHABLE)
            ).status_code,
        ),
        {"any": (204, 204), "secret": (401, 401)},
    ),
    "me-secret-keys": Trial(send("GET", f"{USERS}/me"), status, {"unauthenticated": 401, "forbidden": 403}),
    "orphan-tokens": Trial(
        after_deletion,
        code,
        {"unauthenticated": (401, "authentication_required"), "missing": (404, "resource_missing")},
    ),
    "queued-work": Trial(
        send("PATCH", USERS, [{"external_id": "cust-new"}]),
        lambda response, spotzee: (response.status_code, spotzee.get(f"{USERS}/cust-new").status_code),
        {"at-once": (204, 200), "later": (204, 404)},
    ),
    "archived-deletions": Trial(
        send("DELETE", f"{USERS}?user_id=cust-9f4b21&user_id=cust-d05a9b"),
        lambda response, spotzee: (response.status_code, spotzee.get(JANE).status_code),
        {"accept": (204, 404), "refuse": (409, 200)},
    ),
    "system-keys": Trial(send("DELETE", f"{KEYS}/304"), code, {"refuse": (409, "state_conflict"), "accept": (204, "")}),
    "version-required": Trial(
        send("POST", BATCH, [GOOD]), code, {"none": (200, ""), "all": (400, "version_required")}, named=False
    ),
    "replay-scope": Trial(
        twice,
        lambda response, _spotzee: (response.status_code, response.headers.get("Idempotent-Replayed")),
        {"request": (409, None), "body": (204, "true")},
    ),
}
