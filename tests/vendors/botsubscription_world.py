"""What the tests of BotSubscription share: the documented ids and tokens, and one request for each operation."""

PROJECT = "/v2/projects/YOUR_PROJECT_ID"
TARGETS = f"{PROJECT}/targets"
PLANS = f"{PROJECT}/plans"
KEYS = f"{PROJECT}/integrations/api-keys"
WEBHOOKS = f"{PROJECT}/integrations/webhooks"
SETTINGS = f"{PROJECT}/settings"
USERS = f"{PROJECT}/users"
MEMBERSHIPS = f"{PROJECT}/memberships"
ADMINS = f"{PROJECT}/admins"
COUPONS = f"{PROJECT}/coupons"

PREMIUM = "11111111-1111-1111-1111-111111111111"
VIP = "22222222-2222-2222-2222-222222222222"
GUILD = "33333333-3333-3333-3333-333333333333"
BRONZE = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
STAGING_KEY = "22222222-2222-2222-2222-222222222222"
PAUSED_HOOK = "22222222-2222-2222-2222-222222222222"
JOHN = "123456789012345678"
JANE = "987654321098765432"
NOBODY = "99999999-9999-4999-8999-999999999999"

SECOND_KEY = "bs_5a4fe08359c7f97380e408c717ef42c86939cd86"
OTHER_KEY = "bs_2f56c0ac09ef740a2b7c6409b5ef046ae6ccd42f"
OTHER_PROJECT = "7d9f6a52-3c41-4e0b-9a86-52f0c1d7e834"
CASHIER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjN9.TgdAhWK-24tgzgXB3s_jrRa3IjCWfeAfZAt-Rym0n84"
READER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjF9.a4ayc_80_OGda4BO_1o_V0etpOqiLx1JwB5S3beHW0s"
OWNER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjR9.SyJ3d9TdH8Ycb4hPSGQdArTRIdP9Moywi1Ux_Kzav4o"
ENDED = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjV9.Zr3pVn0hQ7tK1sYdB6xWc9uJf4mLg2eAo8iTzRqNyUE"

BRONZE_TERMS = {
    "plan_name": "Bronze",
    "plan_price": "10",
    "plan_currency": "USD",
    "plan_duration": "1 hour",
    "plan_price_formatted": "$10.00",
}
NEW_TARGET = {
    "target_name": "Backstage",
    "platform": "discord",
    "kind": "role",
    "external_id": "523666538304873299",
    "is_enabled": True,
    "plan_count": 0,
    "parent_target_id": GUILD,
    "participant_count": 0,
    "_project": "YOUR_PROJECT_ID",
}

REQUESTS = {
    "listTargets": ("GET", TARGETS, None),
    "updateTargets": ("PATCH", TARGETS, [{"target_id": VIP, "is_enabled": False}]),
    "getTarget": ("GET", f"{TARGETS}/{PREMIUM}", None),
    "updateTarget": ("PATCH", f"{TARGETS}/{VIP}", {"is_enabled": False}),
    "deleteTarget": ("DELETE", f"{TARGETS}/{VIP}", None),
    "listPlans": ("GET", PLANS, None),
    "createPlan": ("POST", PLANS, BRONZE_TERMS),
    "getPlan": ("GET", f"{PLANS}/{BRONZE}", None),
    "updatePlan": ("PATCH", f"{PLANS}/{BRONZE}", {"plan_price": "12"}),
    "deletePlan": ("DELETE", f"{PLANS}/{BRONZE}", None),
    "listApiKeys": ("GET", KEYS, None),
    "createApiKey": ("POST", KEYS, {"label": "staging bot"}),
    "revokeApiKey": ("DELETE", f"{KEYS}/{STAGING_KEY}", None),
    "listWebhooks": ("GET", WEBHOOKS, None),
    "createWebhook": ("POST", WEBHOOKS, {"url": "https://myapp.com/webhooks/botsubscription"}),
    "deleteWebhook": ("DELETE", f"{WEBHOOKS}/{PAUSED_HOOK}", None),
    "listSettings": ("GET", SETTINGS, None),
    "updateSettings": ("PATCH", SETTINGS, {"default_language": "es"}),
    "getSetting": ("GET", f"{SETTINGS}/default_language", None),
    "updateSetting": ("PUT", f"{SETTINGS}/default_language", {"value": "es"}),
    "listUsers": ("GET", USERS, None),
    "searchUsers": ("GET", f"{USERS}/search?search=john", None),
    "getUser": ("GET", f"{USERS}/{JOHN}", None),
    "listMemberships": ("GET", MEMBERSHIPS, None),
    "listAdmins": ("GET", ADMINS, None),
    "addAdmin": ("POST", ADMINS, {"user_id": JOHN, "permissions": ["users:read"]}),
    "listPermissions": ("GET", f"{ADMINS}/permissions", None),
    "getAdmin": ("GET", f"{ADMINS}/{JOHN}", None),
    "updateAdmin": ("PUT", f"{ADMINS}/{JOHN}", {"permissions": ["users:read"]}),
    "validateCoupon": (
        "POST",
        f"{COUPONS}/validate",
        {
            "code": "SUMMER2024",
            "user_id": "user_123456789",
            "amount": 29.99,
            "currency": "USD",
            "plan_id": "plan_abc123",
        },
    ),
}
"""A request of each operation that is answered with its success: method, path, body."""


def verdict(answer):
    """The status and the vendor's error code; no code where the answer is not an error."""
    return answer.status_code, answer.json().get("error", {}).get("error_code")


def ask(client, operation, **changed):
    """The answer to the operation's request, some of it changed."""
    method, path, body = REQUESTS[operation]
    given = {"method": method, "url": path} | ({} if body is None else {"json": body})
    return client.request(**(given | changed))


def target(client, target_id):
    """The target as the API itself shows it."""
    return client.get(f"{TARGETS}/{target_id}").json()["data"][0]
