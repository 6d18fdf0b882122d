"""BotSubscription: users, memberships, administrators, coupons, settings and API keys of a project."""

import re

import pytest

from tests.support import bearer
from tests.vendors.botsubscription_world import (
    ADMINS,
    COUPONS,
    JANE,
    JOHN,
    KEYS,
    MEMBERSHIPS,
    NOBODY,
    OTHER_KEY,
    OTHER_PROJECT,
    OWNER,
    READER,
    SECOND_KEY,
    SETTINGS,
    STAGING_KEY,
    TARGETS,
    USERS,
    verdict,
)

DOCUMENTED_JOHN = {
    "user_id": "123456789012345678",
    "user_first_seen": "2025-01-15T10:30:00.000Z",
    "user_last_seen": "2025-01-20T14:00:00.000Z",
    "is_admin": True,
    "is_banned": False,
    "user_name": {"first_name": "John", "username": "johndoe"},
    "balance": "0",
    "currency": "USD",
}
DOCUMENTED_SETTINGS = {
    "default_language": "en",
    "timezone_preference": "UTC",
    "date_format_preference": "d MMM 'yy, HH:mm",
    "time_format_preference": "24h",
    "collect_email_on_subscribe": True,
    "default_currency": "USD",
    "support_enabled": True,
    "ai_enabled": True,
    "policies": {
        "terms": {"type": "url", "value": "https://example.com/terms"},
        "privacy": {"type": "url", "value": "https://example.com/privacy"},
        "minimum_age": 18,
    },
}
NEWCOMER = "402771093318457344"

# Users and memberships


def test_the_list_of_users_says_where_it_is(botsubscription):
    """Ten unless asked, `limit` and `offset` after the total, the documented user first."""
    body = botsubscription.get(USERS).json()

    assert ([*body], body["total"], body["limit"], body["offset"], len(body["data"]), body["data"][0]) == (
        ["ok", "request_id", "method", "path", "code", "total", "limit", "offset", "message", "data"],
        245,
        10,
        0,
        10,
        DOCUMENTED_JOHN,
    )


def test_pages_of_users_follow_each_other(botsubscription):
    """Read page by page, everybody comes once."""
    pages = [botsubscription.get(USERS, params={"limit": 100, "offset": at}).json() for at in (0, 100, 200)]

    ids = [user["user_id"] for page in pages for user in page["data"]]
    assert (len(ids), len(set(ids)), [page["offset"] for page in pages]) == (245, 245, [0, 100, 200])


def test_a_user_is_an_object(botsubscription):
    """Without a total, with its message."""
    body = botsubscription.get(f"{USERS}/{JOHN}").json()

    assert (body["message"], body["data"], "total" in body) == ("User retrieved successfully", DOCUMENTED_JOHN, False)


@pytest.mark.parametrize(
    ("search", "found"),
    [("johnd", [JOHN]), ("OHNDO", [JOHN]), ("98765432109", [JANE]), ("nobody at all", [])],
    ids=["a username", "any case", "an id", "nobody"],
)
def test_users_are_found_by_a_part(botsubscription, search, found):
    """Of the id, the first name or the username."""
    body = botsubscription.get(f"{USERS}/search", params={"search": search}).json()

    assert ([user["user_id"] for user in body["data"]], body["total"]) == (found, len(found))


@pytest.mark.parametrize("query", ["", "?search=", "?search=jo"])
def test_a_search_needs_three_characters(botsubscription, query):
    """Fewer, or none at all, are a 422."""
    assert verdict(botsubscription.get(f"{USERS}/search{query}")) == (422, "VALIDATION_ERROR")


def test_users_of_another_project_are_not_there(botsubscription):
    """Neither in its list nor by their id."""
    theirs = f"/v2/projects/{OTHER_PROJECT}/users"

    listed = botsubscription.get(theirs, headers=bearer(OTHER_KEY)).json()["total"]

    assert (listed, verdict(botsubscription.get(f"{theirs}/{JOHN}", headers=bearer(OTHER_KEY)))) == (
        0,
        (404, "NOT_FOUND"),
    )


def test_memberships_can_be_those_of_one_user(botsubscription):
    """The documented membership, as printed."""
    body = botsubscription.get(MEMBERSHIPS, params={"user_id": JOHN}).json()

    assert (body["total"], body["message"], body["data"]) == (
        1,
        "All memberships retrieved successfully",
        [
            {
                "user_id": "123456789012345678",
                "plan_id": "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa",
                "membership_id": "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb",
                "payment_request_id": "cccccccc-cccc-cccc-cccc-cccccccccccc",
                "membership_start_date": "2025-12-29T10:32:27.560Z",
                "membership_end_date": "2026-01-12T10:32:27.560Z",
                "user_name": {"first_name": "John", "username": "johndoe"},
                "plan_name": "Silver",
                "plan_duration": "1 day",
                "subscription_id": None,
                "subscription_status": None,
            }
        ],
    )


def test_memberships_come_twenty_at_a_time(botsubscription):
    """Of some hundred."""
    body = botsubscription.get(MEMBERSHIPS).json()

    assert (body["total"], len(body["data"])) == (321, 20)


# Admins


def test_the_documented_admins_come_first(botsubscription):
    """With their names and permissions, as printed."""
    body = botsubscription.get(ADMINS, params={"limit": 2}).json()

    assert (body["message"], body["data"]) == (
        "Admins fetched successfully",
        [
            {
                "user_id": "123456789012345678",
                "user_name": {"first_name": "John", "username": "john_admin"},
                "permissions": ["users:read", "plans:read", "memberships:read"],
            },
            {
                "user_id": "987654321098765432",
                "user_name": {"first_name": "Jane", "username": "jane_manager"},
                "permissions": ["all"],
            },
        ],
    )


def test_a_user_becomes_an_admin(botsubscription):
    """The user shows as one, and can be read as one."""
    user = botsubscription.get(USERS, params={"limit": 1, "offset": 20}).json()["data"][0]

    answer = botsubscription.post(
        ADMINS, json={"user_id": user["user_id"], "permissions": ["plans:read", "plans:read"]}
    )

    made = {"user_id": user["user_id"], "user_name": user["user_name"], "permissions": ["plans:read"]}
    assert (answer.status_code, answer.json()["data"]) == (201, made)
    assert botsubscription.get(f"{ADMINS}/{user['user_id']}").json()["data"] == made
    assert (user["is_admin"], botsubscription.get(f"{USERS}/{user['user_id']}").json()["data"]["is_admin"]) == (
        False,
        True,
    )


def test_somebody_unknown_cannot_become_an_admin(botsubscription):
    """The user must exist already."""
    answer = botsubscription.post(ADMINS, json={"user_id": "1", "permissions": []})

    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "User not found")


def test_new_permissions_hold_at_once(botsubscription):
    """The token of a user who could only look can change things from the next request on, and look no more."""
    before = botsubscription.get(TARGETS, headers=bearer(READER)).status_code

    body = botsubscription.put(f"{ADMINS}/{NEWCOMER}", json={"permissions": ["targets:update"]}).json()

    after = botsubscription.get(TARGETS, headers=bearer(READER)).status_code
    assert (before, body["message"], after) == (200, "Admin updated successfully", 403)


def test_there_are_eighty_permissions(botsubscription):
    """As the vendor counts, in alphabetical order, those that operations ask for among them."""
    body = botsubscription.get(f"{ADMINS}/permissions").json()

    assert (body["total"], len(body["data"]), body["data"][:2], body["data"] == sorted(body["data"])) == (
        80,
        80,
        ["admins:add", "admins:edit"],
        True,
    )
    assert {"all", "targets:read", "targets:update", "targets:delete", "users:read"} <= set(body["data"])


# Coupons


@pytest.mark.parametrize(
    ("changed", "eligible", "reasons", "applied", "final"),
    [
        ({}, True, [], "6", "23.99"),
        ({"code": "WELCOME5"}, True, [], "5", "24.99"),
        ({"code": "WELCOME5", "amount": 3}, True, [], "3", "0"),
        ({"code": "WELCOME5", "currency": "EUR"}, False, ["CURRENCY_MISMATCH"], "0", "29.99"),
        ({"code": "GOLDRUSH"}, False, ["PLAN_NOT_ELIGIBLE"], "0", "29.99"),
        ({"code": "EARLYBIRD"}, False, ["COUPON_USED_UP"], "0", "29.99"),
        ({"code": "NEWYEAR2024"}, False, ["COUPON_EXPIRED"], "0", "29.99"),
        ({"code": "SOMEDAY"}, False, ["COUPON_NOT_STARTED"], "0", "29.99"),
        ({"code": "RETIRED"}, False, ["COUPON_ARCHIVED"], "0", "29.99"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_coupon_says_what_it_takes_off(botsubscription, changed, eligible, reasons, applied, final):
    """Or why it cannot be used, and then takes nothing."""
    documented = {"code": "SUMMER2024", "user_id": "user_123456789", "amount": 29.99, "currency": "USD"}

    body = botsubscription.post(f"{COUPONS}/validate", json=documented | changed).json()

    data = body["data"]
    assert (data["eligible"], data["reasons"], data["applied_amount"], data["final_amount"]) == (
        eligible,
        reasons,
        applied,
        final,
    )


def test_the_documented_coupon_answers_as_printed(botsubscription):
    """Neither a message nor a total."""
    sent = {
        "code": "SUMMER2024",
        "user_id": "user_123456789",
        "amount": 29.99,
        "currency": "USD",
        "plan_id": "plan_abc123",
    }

    body = botsubscription.post(f"{COUPONS}/validate", json=sent).json()

    assert body == {
        "ok": True,
        "request_id": body["request_id"],
        "method": "POST",
        "path": "/v2/projects/YOUR_PROJECT_ID/coupons/validate",
        "code": 200,
        "data": {
            "coupon_id": "11111111-1111-1111-1111-111111111111",
            "eligible": True,
            "reasons": [],
            "original_amount": "29.99",
            "applied_amount": "6",
            "final_amount": "23.99",
            "currency": "USD",
        },
    }


# Settings


def test_the_documented_settings_are_listed(botsubscription):
    """As printed."""
    body = botsubscription.get(SETTINGS).json()

    assert (body["message"], body["data"]) == ("Settings retrieved successfully", DOCUMENTED_SETTINGS)


def test_one_setting_is_an_object_of_one(botsubscription):
    """Under its own name."""
    assert botsubscription.get(f"{SETTINGS}/default_language").json()["data"] == {"default_language": "en"}


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_unknown_setting_is_not_found(botsubscription, method):
    """With the vendor's message, in which the key has humps."""
    body = {"value": 1} if method == "PUT" else None

    answer = botsubscription.request(method, f"{SETTINGS}/invalid_key", json=body)

    assert (answer.status_code, answer.json()["error"]) == (
        404,
        {"error_code": "NOT_FOUND", "message": "Setting not found: invalidKey"},
    )


def test_settings_change_one_by_one_and_together(botsubscription):
    """204 both times, and the list shows all of it."""
    one = botsubscription.put(f"{SETTINGS}/default_language", json={"value": "es"})
    several = botsubscription.patch(SETTINGS, json={"timezone_preference": "America/New_York", "ai_enabled": False})

    after = {
        **DOCUMENTED_SETTINGS,
        "default_language": "es",
        "timezone_preference": "America/New_York",
        "ai_enabled": False,
    }
    assert (one.status_code, several.status_code, botsubscription.get(SETTINGS).json()["data"]) == (204, 204, after)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("default_language", "english"),
        ("timezone_preference", ""),
        ("date_format_preference", 7),
        ("time_format_preference", "36h"),
        ("collect_email_on_subscribe", "yes"),
        ("default_currency", "usd"),
        ("support_enabled", None),
        ("ai_enabled", 1),
        ("policies", []),
        ("policies", {"minimum_age": -1}),
        ("policies", {"terms": "https://example.com"}),
        ("policies", {"terms": {"type": "url"}}),
        ("policies", {"cookies": {"type": "url", "value": "x"}}),
    ],
)
def test_a_value_that_a_setting_cannot_have_is_refused(botsubscription, key, value):
    """By PUT as by PATCH, where the others are not changed either."""
    answers = [
        botsubscription.put(f"{SETTINGS}/{key}", json={"value": value}),
        botsubscription.patch(SETTINGS, json={"default_currency": "EUR", key: value}),
    ]

    assert [verdict(answer) for answer in answers] == [(422, "VALIDATION_ERROR")] * 2
    assert botsubscription.get(SETTINGS).json()["data"] == DOCUMENTED_SETTINGS


def test_a_project_without_settings_has_the_usual_ones(botsubscription):
    """The third project of the fixtures never set anything."""
    key = bearer("bs_a4c123b1612dd272d1371c17149d439536b3216f")

    answer = botsubscription.get("/v2/projects/93425026-6bb8-4f81-a75d-63f538e1a123/settings", headers=key)

    assert (answer.status_code, answer.json()["data"]["default_language"]) == (200, "en")


# API keys


def test_keys_are_listed_without_their_secrets(botsubscription):
    """The documented key among them; of a secret there are four characters, of a user's token nothing."""
    body = botsubscription.get(KEYS).json()

    assert (body["message"], [key["label"] for key in body["data"]["keys"]]) == (
        "API keys retrieved successfully",
        ["documentation", "staging bot", "old dashboard"],
    )
    assert body["data"]["keys"][1] == {
        "id": "22222222-2222-2222-2222-222222222222",
        "label": "staging bot",
        "last_four": "cd86",
        "created_at": "2025-02-10T09:30:12.000Z",
        "created_by": None,
        "updated_at": "2025-02-10T09:30:12.000Z",
        "updated_by": "123456789012345678",
        "revoked_at": None,
        "revoked_by": None,
    }


def test_a_new_key_is_shown_once_and_works(botsubscription):
    """Its secret opens the project; the list shows only how it ends."""
    made = botsubscription.post(KEYS, json={"label": "staging bot"}).json()

    secret, metadata = made["data"]["key"], made["data"]["metadata"]
    listed = botsubscription.get(KEYS, headers=bearer(secret))
    assert (made["code"], made["message"], re.fullmatch("bs_[0-9a-f]{40}", secret) is not None) == (
        200,
        "API key created successfully",
        True,
    )
    assert (listed.status_code, listed.json()["data"]["keys"][-1], metadata["last_four"]) == (
        200,
        metadata,
        secret[-4:],
    )
    assert secret not in listed.text


def test_a_key_says_who_made_it(botsubscription):
    """The user behind the token; nobody where it was an API key."""
    by_key = botsubscription.post(KEYS, json={"label": "one"}).json()["data"]["metadata"]["created_by"]
    by_user = botsubscription.post(KEYS, json={"label": "two"}, headers=bearer(OWNER)).json()["data"]["metadata"]

    assert (by_key, by_user["created_by"], by_user["updated_by"]) == (None, JANE, JANE)


def test_a_revoked_key_is_blocked_at_once(botsubscription):
    """The answer has the moment; the next request with it is 401."""
    before = botsubscription.get(TARGETS, headers=bearer(SECOND_KEY)).status_code

    body = botsubscription.delete(f"{KEYS}/{STAGING_KEY}", headers=bearer(OWNER)).json()

    after = verdict(botsubscription.get(TARGETS, headers=bearer(SECOND_KEY)))
    assert (before, body["code"], body["message"], body["data"]["revoked_by"], after) == (
        200,
        200,
        "API key revoked successfully",
        JANE,
        (401, "UNAUTHORIZED"),
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["data"]["revoked_at"])


def test_a_key_can_revoke_itself(botsubscription):
    """And is good for nothing from then on, also not for that."""
    answers = [botsubscription.delete(f"{KEYS}/{STAGING_KEY}", headers=bearer(SECOND_KEY)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 401]


def test_keys_of_another_project_are_not_there(botsubscription):
    """Through one project no key of another is revoked, nor one that there never was."""
    theirs = botsubscription.get(
        f"/v2/projects/{OTHER_PROJECT}/integrations/api-keys", headers=bearer(OTHER_KEY)
    ).json()["data"]["keys"][0]["id"]

    answers = [botsubscription.delete(f"{KEYS}/{key_id}") for key_id in (theirs, NOBODY)]

    assert [verdict(answer) for answer in answers] == [(404, "NOT_FOUND")] * 2
