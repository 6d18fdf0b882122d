"""BotSubscription answers its targets endpoints as its documentation prints them."""

import json
import os
import shutil
import subprocess
from uuid import UUID

import httpx
import pytest

from tests.support import bearer

TARGETS = "/v2/projects/YOUR_PROJECT_ID/targets"
OTHER_TARGETS = "/v2/projects/7d9f6a52-3c41-4e0b-9a86-52f0c1d7e834/targets"
PREMIUM = "11111111-1111-1111-1111-111111111111"
VIP = "22222222-2222-2222-2222-222222222222"
GUILD = "33333333-3333-3333-3333-333333333333"
NOBODY = "99999999-9999-4999-8999-999999999999"

SECOND_KEY = "bs_5a4fe08359c7f97380e408c717ef42c86939cd86"
REVOKED_KEY = "bs_c00dbbc9dadfbe1e232e93a729dd4752fade0abf"
OTHER_KEY = "bs_2f56c0ac09ef740a2b7c6409b5ef046ae6ccd42f"
READER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjF9.a4ayc_80_OGda4BO_1o_V0etpOqiLx1JwB5S3beHW0s"
EDITOR = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjJ9.1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR-Q2jpmbuwTqzU"
CASHIER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjN9.TgdAhWK-24tgzgXB3s_jrRa3IjCWfeAfZAt-Rym0n84"
OWNER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjR9.SyJ3d9TdH8Ycb4hPSGQdArTRIdP9Moywi1Ux_Kzav4o"

DOCUMENTED_CURL = """\
curl -X PATCH "https://api.botsubscription.com/v2/projects/YOUR_PROJECT_ID/targets" \\
  -H "Authorization: Bearer YOUR_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '[
    {
      "target_id": "11111111-1111-1111-1111-111111111111",
      "is_enabled": true
    },
    {
      "target_id": "22222222-2222-2222-2222-222222222222",
      "is_enabled": false
    }
  ]'
"""
DOCUMENTED_PATCH = [{"target_id": PREMIUM, "is_enabled": True}, {"target_id": VIP, "is_enabled": False}]
DOCUMENTED_PREMIUM = {
    "target_id": "11111111-1111-1111-1111-111111111111",
    "target_name": "Premium Members",
    "platform": "discord",
    "kind": "role",
    "external_id": "123456789012345678",
    "is_enabled": True,
    "plan_count": 3,
    "parent_target_id": "33333333-3333-3333-3333-333333333333",
    "participant_count": 150,
}
DOCUMENTED_VIP = {
    "target_id": "22222222-2222-2222-2222-222222222222",
    "target_name": "VIP Channel",
    "platform": "telegram",
    "kind": "channel",
    "external_id": "-1001234567890",
    "is_enabled": False,
    "plan_count": 1,
    "parent_target_id": None,
    "participant_count": 45,
}
DOCUMENTED_ANSWER = {
    "ok": True,
    "request_id": "11111111-1111-1111-1111-111111111111",
    "method": "PATCH",
    "path": "/v2/projects/YOUR_PROJECT_ID/targets",
    "code": 200,
    "total": 2,
    "message": "Successfully updated 2 target(s)",
    "data": [DOCUMENTED_PREMIUM, DOCUMENTED_VIP],
}


def verdict(answer):
    """The status and the vendor's error code; no code where the answer is not an error."""
    return answer.status_code, answer.json().get("error", {}).get("error_code")


def members(answer):
    """The names of a JSON object in the order in which they were sent."""
    return list(answer)


def targets(client):
    """Every target of the project, as the vendor's own list shows them."""
    return client.get(TARGETS, params={"limit": 100}).json()["data"]


def one(client, target_id):
    """One target, as the vendor's own read shows it."""
    return client.get(f"{TARGETS}/{target_id}").json()["data"][0]


def harmless(client, before):
    """Whether every target is as before, and the next good request is answered as ever."""
    unchanged = targets(client) == before
    good = client.patch(TARGETS, json=[{"target_id": PREMIUM, "target_name": "Still here"}])
    return unchanged and good.status_code == 200 and one(client, PREMIUM)["target_name"] == "Still here"


# The documented update


@pytest.mark.port
@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("sh")), reason="curl and a shell are not installed")
def test_the_documented_curl_line_answers_as_printed(botsubscription):
    """With only the host replaced, the documented command prints the documented body, save the request id."""
    here = str(botsubscription.base_url).rstrip("/")
    command = DOCUMENTED_CURL.replace("https://api.botsubscription.com", here)
    environment = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}

    printed = subprocess.run(["sh", "-c", command], capture_output=True, check=True, env=environment, timeout=30)

    answer = json.loads(printed.stdout)
    assert answer == {**DOCUMENTED_ANSWER, "request_id": answer["request_id"]}


def test_the_documented_update_answers_as_printed(botsubscription):
    """Every field of the documented answer comes back with its documented value."""
    answer = botsubscription.patch(TARGETS, json=DOCUMENTED_PATCH)

    body = answer.json()
    assert (answer.status_code, body) == (200, {**DOCUMENTED_ANSWER, "request_id": body["request_id"]})


def test_the_update_keeps_the_documented_field_order(botsubscription):
    """The envelope and each target list their fields in the order of the documentation."""
    body = botsubscription.patch(TARGETS, json=DOCUMENTED_PATCH).json()

    assert [members(body), members(body["data"][0])] == [
        ["ok", "request_id", "method", "path", "code", "total", "message", "data"],
        [
            "target_id",
            "target_name",
            "platform",
            "kind",
            "external_id",
            "is_enabled",
            "plan_count",
            "parent_target_id",
            "participant_count",
        ],
    ]


def test_an_update_is_seen_by_get(botsubscription):
    """After the documented update the two targets read as it left them."""
    botsubscription.patch(TARGETS, json=DOCUMENTED_PATCH)

    read = [one(botsubscription, PREMIUM), one(botsubscription, VIP)]

    assert read == [DOCUMENTED_PREMIUM, DOCUMENTED_VIP]


def test_an_update_is_seen_by_list(botsubscription):
    """After the documented update the list differs in the one field that it changed."""
    before = targets(botsubscription)

    botsubscription.patch(TARGETS, json=DOCUMENTED_PATCH)

    after = [{**target, "is_enabled": False} if target["target_id"] == VIP else target for target in before]
    assert (before[1]["is_enabled"], targets(botsubscription)) == (True, after)


def test_an_update_in_one_world_is_not_seen_in_another(botsubscription, raw):
    """Worlds do not share targets: a second world still has VIP Channel enabled."""
    botsubscription.patch(TARGETS, json=DOCUMENTED_PATCH)

    here = str(botsubscription.base_url)
    elsewhere = here.replace(f"~{raw.world}", f"~{raw.world}-elsewhere").rstrip("/")
    answer = httpx.get(f"{elsewhere}{TARGETS}/{VIP}", headers=bearer("YOUR_TOKEN"), trust_env=False)

    assert answer.json()["data"][0]["is_enabled"] is True


# What an update does


def test_the_answer_follows_the_order_of_the_request(botsubscription):
    """Targets are answered in the order in which the request named them."""
    body = botsubscription.patch(TARGETS, json=[{"target_id": GUILD}, {"target_id": VIP}, {"target_id": PREMIUM}])

    assert [target["target_id"] for target in body.json()["data"]] == [GUILD, VIP, PREMIUM]


def test_an_unknown_target_is_skipped(botsubscription):
    """Only what was updated is counted and answered; an id that no target has is left out."""
    patch = [{"target_id": NOBODY, "is_enabled": False}, {"target_id": VIP, "is_enabled": False}]

    body = botsubscription.patch(TARGETS, json=patch).json()

    assert (body["total"], body["message"], body["data"]) == (
        1,
        "Successfully updated 1 target(s)",
        [DOCUMENTED_VIP],
    )


def test_another_projects_target_is_skipped(botsubscription):
    """A target of another project is neither answered nor changed."""
    theirs = botsubscription.get(OTHER_TARGETS, headers=bearer(OTHER_KEY)).json()["data"]
    patch = [
        {"target_id": theirs[0]["target_id"], "is_enabled": False},
        {"target_id": VIP, "is_enabled": False},
    ]

    body = botsubscription.patch(TARGETS, json=patch).json()

    after = botsubscription.get(OTHER_TARGETS, headers=bearer(OTHER_KEY)).json()["data"]
    assert (body["total"], body["data"], after) == (1, [DOCUMENTED_VIP], theirs)


def test_nothing_matched_is_not_found(botsubscription):
    """When no item names a target of the project, the answer is 404 and nothing changed."""
    before = targets(botsubscription)

    answer = botsubscription.patch(TARGETS, json=[{"target_id": NOBODY, "is_enabled": False}])

    assert verdict(answer) == (404, "NOT_FOUND")
    assert harmless(botsubscription, before)


def test_of_duplicates_the_last_value_wins(botsubscription):
    """A target that is named twice is answered once, counted once, and has the later values."""
    patch = [
        {"target_id": VIP, "is_enabled": False, "target_name": "First"},
        {"target_id": VIP, "target_name": "Second"},
    ]

    body = botsubscription.patch(TARGETS, json=patch).json()

    assert (body["total"], body["message"], body["data"]) == (
        1,
        "Successfully updated 1 target(s)",
        [{**DOCUMENTED_VIP, "target_name": "Second"}],
    )


def test_an_item_without_changes_counts(botsubscription):
    """An item with neither optional field is a no-op that is answered and counted."""
    before = targets(botsubscription)

    body = botsubscription.patch(TARGETS, json=[{"target_id": PREMIUM}]).json()

    assert (body["total"], body["data"], targets(botsubscription)) == (1, [DOCUMENTED_PREMIUM], before)


def test_a_value_that_is_already_there_counts(botsubscription):
    """Sending the present value again counts as updated, so a repeated request gets the same answer."""
    botsubscription.patch(TARGETS, json=DOCUMENTED_PATCH)

    body = botsubscription.patch(TARGETS, json=DOCUMENTED_PATCH).json()

    assert (body["total"], body["data"]) == (2, [DOCUMENTED_PREMIUM, DOCUMENTED_VIP])


def test_fields_that_cannot_be_written_are_ignored(botsubscription):
    """Read-only and unknown fields of an item change nothing and are not answered."""
    patch = [
        {
            "target_id": VIP,
            "is_enabled": False,
            "platform": "discord",
            "kind": "guild",
            "external_id": "1",
            "plan_count": 99,
            "parent_target_id": GUILD,
            "participant_count": 0,
            "_project": "7d9f6a52-3c41-4e0b-9a86-52f0c1d7e834",
            "colour": "red",
        }
    ]

    answered = botsubscription.patch(TARGETS, json=patch).json()["data"]

    assert [answered, one(botsubscription, VIP)] == [[DOCUMENTED_VIP], DOCUMENTED_VIP]


def test_a_rename_leaves_the_rest(botsubscription):
    """Only the name changes when only the name is sent."""
    botsubscription.patch(TARGETS, json=[{"target_id": PREMIUM, "target_name": "Premium 🎉"}])

    assert one(botsubscription, PREMIUM) == {**DOCUMENTED_PREMIUM, "target_name": "Premium 🎉"}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("V", "V"), ("n" * 255, "n" * 255), ("  VIP Lounge\t", "VIP Lounge"), ("🎨" * 255, "🎨" * 255)],
    ids=["one character", "255 characters", "white space around", "255 emoji"],
)
def test_a_name_is_kept_without_white_space_around_it(botsubscription, sent, kept):
    """Names of 1 to 255 characters are taken, and lose the white space at their ends."""
    botsubscription.patch(TARGETS, json=[{"target_id": VIP, "target_name": sent}])

    assert one(botsubscription, VIP)["target_name"] == kept


def test_disabling_a_guild_leaves_its_roles(botsubscription):
    """Nothing cascades: of a disabled guild, the channels and roles stay as they were."""
    before = targets(botsubscription)

    botsubscription.patch(TARGETS, json=[{"target_id": GUILD, "is_enabled": False}])

    after = [{**target, "is_enabled": False} if target["target_id"] == GUILD else target for target in before]
    assert targets(botsubscription) == after


def test_members_keep_their_access(botsubscription):
    """Disabling a target only stops new access: the participants stay."""
    botsubscription.patch(TARGETS, json=[{"target_id": PREMIUM, "is_enabled": False}])

    assert one(botsubscription, PREMIUM) == {**DOCUMENTED_PREMIUM, "is_enabled": False}


def test_one_bad_item_stops_the_whole_update(botsubscription):
    """All items are checked before any is applied, wherever the bad one stands."""
    before = targets(botsubscription)
    patch = [{"target_id": VIP, "is_enabled": False}, {"target_id": PREMIUM, "is_enabled": "no"}]

    answer = botsubscription.patch(TARGETS, json=patch)

    assert verdict(answer) == (422, "VALIDATION_ERROR")
    assert harmless(botsubscription, before)


def test_a_hundred_items_fit(botsubscription):
    """The longest array that is taken has 100 items."""
    answer = botsubscription.patch(TARGETS, json=[{"target_id": PREMIUM}] * 100)

    assert (answer.status_code, answer.json()["total"]) == (200, 1)


def test_json_with_a_charset_is_json(botsubscription):
    """A parameter behind the media type does not make the body something else."""
    headers = {"Content-Type": "application/json; charset=utf-8"}

    answer = botsubscription.patch(TARGETS, content=json.dumps(DOCUMENTED_PATCH), headers=headers)

    assert (answer.status_code, answer.json()["total"]) == (200, 2)


# List and get


def test_list_answers_with_its_envelope(botsubscription):
    """The list has a total, no message, and its fields in the documented order."""
    body = botsubscription.get(TARGETS).json()

    assert (members(body), body["ok"], body["method"], body["path"], body["code"]) == (
        ["ok", "request_id", "method", "path", "code", "total", "data"],
        True,
        "GET",
        "/v2/projects/YOUR_PROJECT_ID/targets",
        200,
    )


def test_list_gives_twenty_unless_asked(botsubscription):
    """Without paging the list holds the first 20 of all that it counts, oldest first."""
    body = botsubscription.get(TARGETS).json()

    assert (body["total"], len(body["data"]), [target["target_id"] for target in body["data"][:3]]) == (
        34,
        20,
        [PREMIUM, VIP, GUILD],
    )


def test_list_shows_nothing_of_the_mocks_own(botsubscription):
    """Every target of the list has the nine documented fields and no other."""
    shown = {tuple(target) for target in targets(botsubscription)}

    assert shown == {tuple(DOCUMENTED_PREMIUM)}


@pytest.mark.parametrize(
    ("query", "first", "last", "count"),
    [
        ({"limit": "1"}, "Premium Members", "Premium Members", 1),
        ({"limit": "100"}, "Premium Members", "Morning Run Crew", 34),
        ({"limit": "2", "offset": "1"}, "VIP Channel", "Harbor Trading Club", 2),
        ({"offset": "20"}, "Journeyman", "Morning Run Crew", 14),
        ({"limit": "5", "offset": "33"}, "Morning Run Crew", "Morning Run Crew", 1),
        ({"colour": "red", "limit": "1"}, "Premium Members", "Premium Members", 1),
    ],
    ids=["one", "all", "the second and third", "the second page", "the last", "an unknown filter"],
)
def test_list_pages(botsubscription, query, first, last, count):
    """A page holds `limit` targets after the first `offset`."""
    names = [target["target_name"] for target in botsubscription.get(TARGETS, params=query).json()["data"]]

    assert (names[0], names[-1], len(names)) == (first, last, count)


def test_list_beyond_the_end_is_empty(botsubscription):
    """Past the last target the page is empty and the total stays."""
    body = botsubscription.get(TARGETS, params={"offset": "34"}).json()

    assert (body["ok"], body["total"], body["data"]) == (True, 34, [])


def test_list_echoes_its_path_without_the_query(botsubscription):
    """The query is not part of the path that the answer repeats."""
    body = botsubscription.get(TARGETS, params={"limit": "1", "offset": "1"}).json()

    assert body["path"] == "/v2/projects/YOUR_PROJECT_ID/targets"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=-1", "limit=abc", "limit=1.5", "offset=-1", "offset=abc", "offset=1.5"],
)
def test_list_refuses_paging_out_of_bounds(botsubscription, query):
    """A page size outside 1 to 100 or an offset below 0 or not a number is 422, and harms nothing."""
    before = targets(botsubscription)

    answer = botsubscription.get(f"{TARGETS}?{query}")

    assert verdict(answer) == (422, "VALIDATION_ERROR")
    assert harmless(botsubscription, before)


def test_get_answers_an_array_of_one(botsubscription):
    """One target comes as an array of one, counted, without a message."""
    body = botsubscription.get(f"{TARGETS}/{PREMIUM}").json()

    assert body == {
        "ok": True,
        "request_id": body["request_id"],
        "method": "GET",
        "path": "/v2/projects/YOUR_PROJECT_ID/targets/11111111-1111-1111-1111-111111111111",
        "code": 200,
        "total": 1,
        "data": [DOCUMENTED_PREMIUM],
    }


def test_get_of_a_missing_target_is_empty(botsubscription):
    """A target that does not exist is an empty result, not an error."""
    answer = botsubscription.get(f"{TARGETS}/{NOBODY}")

    body = answer.json()
    assert (answer.status_code, body) == (
        200,
        {
            "ok": True,
            "request_id": body["request_id"],
            "method": "GET",
            "path": "/v2/projects/YOUR_PROJECT_ID/targets/99999999-9999-4999-8999-999999999999",
            "code": 200,
            "total": 0,
            "data": [],
        },
    )


def test_get_of_another_projects_target_is_empty(botsubscription):
    """Through one project no target of another can be read."""
    theirs = botsubscription.get(OTHER_TARGETS, headers=bearer(OTHER_KEY)).json()["data"][0]["target_id"]

    body = botsubscription.get(f"{TARGETS}/{theirs}").json()

    assert (body["ok"], body["total"], body["data"]) == (True, 0, [])


def test_get_refuses_an_id_that_is_no_uuid(botsubscription):
    """Target ids are UUIDs; anything else is 422."""
    before = targets(botsubscription)

    answer = botsubscription.get(f"{TARGETS}/not-a-uuid")

    assert verdict(answer) == (422, "VALIDATION_ERROR")
    assert harmless(botsubscription, before)


def test_a_project_lists_only_its_own_targets(botsubscription):
    """The other project's key sees that project's six targets and its real id in the path."""
    body = botsubscription.get(OTHER_TARGETS, headers=bearer(OTHER_KEY)).json()

    assert (body["path"], body["total"], body["data"][0]["target_name"]) == (
        "/v2/projects/7d9f6a52-3c41-4e0b-9a86-52f0c1d7e834/targets",
        6,
        "Slow Kitchen",
    )


# Who may


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_without_a_credential_nothing_is_answered(botsubscription, anonymous, method):
    """A request without a token is 401 and changes nothing."""
    before = targets(botsubscription)
    body = DOCUMENTED_PATCH if method == "PATCH" else None

    answer = anonymous("botsubscription").request(method, TARGETS, json=body)

    assert verdict(answer) == (401, "UNAUTHORIZED")
    assert harmless(botsubscription, before)


BAD_CREDENTIALS = {
    "unknown": "Bearer not-a-token-we-know",
    "other case": "Bearer your_token",
    "longer": "Bearer YOUR_TOKEN2",
    "revoked": f"Bearer {REVOKED_KEY}",
    "no token": "Bearer",
    "no scheme": "YOUR_TOKEN",
    "basic scheme": "Basic WU9VUl9UT0tFTjo=",
    "other scheme": "Token YOUR_TOKEN",
}


@pytest.mark.parametrize("header", BAD_CREDENTIALS.values(), ids=BAD_CREDENTIALS)
def test_an_invalid_credential_is_refused(botsubscription, header):
    """A token that is unknown, revoked or not presented as a bearer token is 401 and changes nothing."""
    before = targets(botsubscription)

    answer = botsubscription.patch(TARGETS, json=DOCUMENTED_PATCH, headers={"Authorization": header})

    assert verdict(answer) == (401, "UNAUTHORIZED")
    assert harmless(botsubscription, before)


def test_a_key_is_blocked_as_soon_as_it_is_revoked(botsubscription, admin):
    """The next request after a key was revoked is refused."""
    record = {
        "token": SECOND_KEY,
        "project_id": "YOUR_PROJECT_ID",
        "kind": "api_key",
        "permissions": ["all"],
        "revoked_at": "2025-02-10T09:30:12.000Z",
    }
    good = botsubscription.get(TARGETS, headers=bearer(SECOND_KEY))
    admin.put(f"/state/botsubscription/keys/{SECOND_KEY}", json=record).raise_for_status()

    answer = botsubscription.get(TARGETS, headers=bearer(SECOND_KEY))

    assert [good.status_code, answer.status_code] == [200, 401]


PERMISSIONS = {
    "a key reads": ("GET", SECOND_KEY, 200),
    "a key updates": ("PATCH", SECOND_KEY, 200),
    "all reads": ("GET", OWNER, 200),
    "all updates": ("PATCH", OWNER, 200),
    "targets:read reads": ("GET", READER, 200),
    "targets:update updates": ("PATCH", EDITOR, 200),
    "targets:read does not update": ("PATCH", READER, 403),
    "targets:update does not read": ("GET", EDITOR, 403),
    "other permissions do not read": ("GET", CASHIER, 403),
    "other permissions do not update": ("PATCH", CASHIER, 403),
}


@pytest.mark.parametrize(("method", "token", "status"), PERMISSIONS.values(), ids=PERMISSIONS)
def test_permissions_decide(botsubscription, method, token, status):
    """Reading takes targets:read, updating targets:update, and `all` stands for both."""
    body = DOCUMENTED_PATCH if method == "PATCH" else None

    answer = botsubscription.request(method, TARGETS, json=body, headers=bearer(token))

    assert answer.status_code == status


def test_a_missing_permission_changes_nothing(botsubscription):
    """A user who may only look gets 403 for an update, and the targets stay."""
    before = targets(botsubscription)

    answer = botsubscription.patch(TARGETS, json=DOCUMENTED_PATCH, headers=bearer(READER))

    assert verdict(answer) == (403, "FORBIDDEN")
    assert harmless(botsubscription, before)


@pytest.mark.parametrize("method", ["GET", "PATCH"])
@pytest.mark.parametrize(
    "project",
    [
        "7d9f6a52-3c41-4e0b-9a86-52f0c1d7e834",
        "00000000-0000-4000-8000-000000000000",
        "your_project_id",
        "a%20b",
    ],
    ids=["another token's", "unknown", "other case", "malformed"],
)
def test_a_project_that_the_token_cannot_see_does_not_exist(botsubscription, method, project):
    """Unknown, malformed and other people's projects are all 404, and nothing changes."""
    before = targets(botsubscription)
    body = DOCUMENTED_PATCH if method == "PATCH" else None

    answer = botsubscription.request(method, f"/v2/projects/{project}/targets", json=body)

    assert verdict(answer) == (404, "NOT_FOUND")
    assert harmless(botsubscription, before)


def test_get_in_an_unknown_project_is_not_found(botsubscription):
    """The empty result is for missing targets only: a missing project is 404."""
    answer = botsubscription.get(f"/v2/projects/nowhere/targets/{PREMIUM}")

    assert verdict(answer) == (404, "NOT_FOUND")


# Bad input


NOT_JSON = {
    "empty": b"",
    "cut": b"[",
    "mismatched": b"{]",
    "words": b"not json",
    "trailing comma": b'[{"target_id": "11111111-1111-1111-1111-111111111111",}]',
    "single quotes": b"[{'target_id': '11111111-1111-1111-1111-111111111111'}]",
    "two values": b'[{"target_id": "11111111-1111-1111-1111-111111111111"}] []',
    "NaN": b'[{"target_id": "11111111-1111-1111-1111-111111111111", "is_enabled": NaN}]',
    "Infinity": b'[{"target_id": "11111111-1111-1111-1111-111111111111", "colour": Infinity}]',
    "duplicate keys": b'[{"target_id": "11111111-1111-1111-1111-111111111111", "x": [], "x": []}]',
    "lone surrogate": b'[{"target_id": "11111111-1111-1111-1111-111111111111", "target_name": "\\ud800"}]',
    "not UTF-8": b'[{"target_id": "11111111-1111-1111-1111-111111111111", "target_name": "\xff"}]',
    "100,000 opened": b"[" * 100_000,
    "100,000 nested": b"[" * 100_000 + b"]" * 100_000,
}


@pytest.mark.parametrize("content", NOT_JSON.values(), ids=NOT_JSON)
def test_a_body_that_is_not_json_is_refused(botsubscription, content):
    """What cannot be read as JSON is 400 and changes nothing."""
    before = targets(botsubscription)

    answer = botsubscription.patch(TARGETS, content=content, headers={"Content-Type": "application/json"})

    assert verdict(answer) == (400, "BAD_REQUEST")
    assert harmless(botsubscription, before)


WRONG_SHAPES = {
    "one item alone": {"target_id": VIP, "is_enabled": False},
    "wrapped": {"targets": [{"target_id": VIP, "is_enabled": False}]},
    "a string": "text",
    "a number": 7,
    "a boolean": True,
    "null": None,
    "no items": [],
    "101 items": [{"target_id": VIP, "is_enabled": False}] * 101,
    "a string in it": ["22222222-2222-2222-2222-222222222222"],
    "a number in it": [7],
    "null in it": [None],
    "an array in it": [[{"target_id": VIP, "is_enabled": False}]],
    "an empty item": [{}],
    "enabled but no id": [{"is_enabled": False}],
    "named but no id": [{"target_name": "Nameless"}],
}


@pytest.mark.parametrize("body", WRONG_SHAPES.values(), ids=WRONG_SHAPES)
def test_a_body_of_the_wrong_shape_is_refused(botsubscription, body):
    """Anything but an array of 1 to 100 objects with a target_id is 422 and changes nothing."""
    before = targets(botsubscription)

    answer = botsubscription.patch(TARGETS, content=json.dumps(body), headers={"Content-Type": "application/json"})

    assert verdict(answer) == (422, "VALIDATION_ERROR")
    assert harmless(botsubscription, before)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("target_id", None),
        ("target_id", 11111111),
        ("target_id", True),
        ("target_id", [VIP]),
        ("target_id", {"id": VIP}),
        ("target_id", ""),
        ("target_id", "VIP Channel"),
        ("target_id", "-1001234567890"),
        ("target_id", "22222222222222222222222222222222"),
        ("target_id", "{22222222-2222-2222-2222-222222222222}"),
        ("target_id", "22222222-2222-2222-2222-22222222222"),
        ("target_id", "2222222g-2222-2222-2222-222222222222"),
        ("target_id", " 22222222-2222-2222-2222-222222222222"),
        ("is_enabled", None),
        ("is_enabled", "false"),
        ("is_enabled", 0),
        ("is_enabled", 1.5),
        ("is_enabled", [False]),
        ("is_enabled", {}),
        ("target_name", None),
        ("target_name", 7),
        ("target_name", False),
        ("target_name", ["VIP"]),
        ("target_name", {"en": "VIP"}),
        ("target_name", ""),
        ("target_name", "   \t\n"),
        ("target_name", "n" * 256),
    ],
    ids=lambda value: (
        value if isinstance(value, str) and value.isidentifier() and len(value) < 20 else repr(value)[:30]
    ),
)
def test_a_field_of_the_wrong_kind_is_refused(botsubscription, field, value):
    """An id that is no UUID, a flag that is no boolean and a name that is no text of 1 to 255 are 422."""
    before = targets(botsubscription)
    item = {"target_id": VIP, "is_enabled": False, "target_name": "Changed", field: value}

    answer = botsubscription.patch(TARGETS, json=[item])

    assert verdict(answer) == (422, "VALIDATION_ERROR")
    assert harmless(botsubscription, before)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "multipart/form-data; boundary=x",
        "json",
    ],
)
def test_a_body_that_is_not_declared_as_json_is_refused(botsubscription, content_type):
    """A body of another media type is 415, whatever it holds, and changes nothing."""
    before = targets(botsubscription)

    answer = botsubscription.patch(
        TARGETS, content=json.dumps(DOCUMENTED_PATCH), headers={"Content-Type": content_type}
    )

    assert verdict(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert harmless(botsubscription, before)


def test_a_body_over_the_limit_is_refused(botsubscription):
    """One byte over 10 MiB is 413, even where the rest is white space, and changes nothing."""
    before = targets(botsubscription)
    content = json.dumps(DOCUMENTED_PATCH).encode().ljust(10 * 1024 * 1024 + 1)

    answer = botsubscription.patch(TARGETS, content=content, headers={"Content-Type": "application/json"})

    assert verdict(answer) == (413, "PAYLOAD_TOO_LARGE")
    assert harmless(botsubscription, before)


def test_a_chunked_body_over_the_limit_is_refused(botsubscription):
    """A body that does not announce its length meets the same limit."""
    before = targets(botsubscription)
    content = (chunk for chunk in [json.dumps(DOCUMENTED_PATCH).encode(), *[b" " * 1024 * 1024] * 10])

    answer = botsubscription.patch(TARGETS, content=content, headers={"Content-Type": "application/json"})

    assert verdict(answer) == (413, "PAYLOAD_TOO_LARGE")
    assert harmless(botsubscription, before)


def test_a_truncated_body_is_refused(botsubscription, raw):
    """A body that ends before its announced length is 400, even where what came is whole JSON."""
    before = targets(botsubscription)
    body = json.dumps(DOCUMENTED_PATCH).encode()
    head = (
        f"PATCH /~{raw.world}/botsubscription{TARGETS} HTTP/1.1\r\nHost: localhost\r\n"
        "Authorization: Bearer YOUR_TOKEN\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body) + 10}\r\nConnection: close\r\n\r\n"
    )

    answer = raw(head.encode() + body)

    assert (answer.split(b"\r\n")[0].split()[1], b'"BAD_REQUEST"' in answer) == (b"400", True)
    assert harmless(botsubscription, before)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_wrong_method_is_refused(botsubscription, method):
    """A method that the path does not know is 405 and changes nothing."""
    before = targets(botsubscription)

    answer = botsubscription.request(method, TARGETS, json=DOCUMENTED_PATCH)

    assert verdict(answer) == (405, "METHOD_NOT_ALLOWED")
    assert harmless(botsubscription, before)


def test_a_wrong_method_is_told_the_right_ones(botsubscription):
    """Allow names what the path does know."""
    answer = botsubscription.put(TARGETS, json=DOCUMENTED_PATCH)

    assert {"GET", "PATCH"} <= {method.strip() for method in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v2",
        "/v1/projects/YOUR_PROJECT_ID/targets",
        "/v2/projects/YOUR_PROJECT_ID/target",
        f"{TARGETS}/{PREMIUM}/plans",
        "/v2/projects//targets",
    ],
)
def test_an_unknown_path_is_not_found(botsubscription, path):
    """A path that no operation has is the vendor's own 404 and changes nothing."""
    before = targets(botsubscription)

    answer = botsubscription.patch(path, json=DOCUMENTED_PATCH)

    assert verdict(answer) == (404, "NOT_FOUND")
    assert harmless(botsubscription, before)


# Envelopes, request ids, rate limits

REFUSALS = pytest.mark.parametrize(
    ("method", "path", "token", "content", "content_type", "status", "error_code"),
    [
        ("PATCH", TARGETS, "YOUR_TOKEN", "[", "application/json", 400, "BAD_REQUEST"),
        ("GET", TARGETS, "nobody's-token", None, None, 401, "UNAUTHORIZED"),
        ("PATCH", TARGETS, READER, "[]", "application/json", 403, "FORBIDDEN"),
        ("GET", "/v2/projects/nowhere/targets", "YOUR_TOKEN", None, None, 404, "NOT_FOUND"),
        ("GET", "/v2/nowhere", "YOUR_TOKEN", None, None, 404, "NOT_FOUND"),
        ("DELETE", TARGETS, "YOUR_TOKEN", None, None, 405, "METHOD_NOT_ALLOWED"),
        ("PATCH", TARGETS, "YOUR_TOKEN", "[]", "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("PATCH", TARGETS, "YOUR_TOKEN", "[]", "application/json", 422, "VALIDATION_ERROR"),
    ],
    ids=["400", "401", "403", "404 project", "404 path", "405", "415", "422"],
)


def refused(client, method, path, token, content, content_type):
    """The answer to one row of the table above."""
    headers = bearer(token) | ({"Content-Type": content_type} if content_type else {})
    return client.request(method, path, content=content, headers=headers)


@REFUSALS
def test_every_error_has_the_whole_envelope(
    botsubscription, method, path, token, content, content_type, status, error_code
):
    """An error says ok:false, who asked for what, and one code and message; also where no route matched."""
    answer = refused(botsubscription, method, path, token, content, content_type)

    body = answer.json()
    assert (answer.status_code, body) == (
        status,
        {
            "ok": False,
            "request_id": body["request_id"],
            "method": method,
            "path": path,
            "code": status,
            "error": {"error_code": error_code, "message": body["error"]["message"]},
        },
    )


@REFUSALS
def test_every_error_is_json_with_the_rate_limit_headers(
    botsubscription, method, path, token, content, content_type, status, error_code
):
    """Errors come as JSON, with the rate limit headers that every reply has."""
    answer = refused(botsubscription, method, path, token, content, content_type)

    sent = [answer.headers.get(f"X-RateLimit-{name}", "missing") for name in ("Limit", "Remaining", "Reset")]
    assert (answer.headers["Content-Type"].split(";")[0], [value.isdigit() for value in sent]) == (
        "application/json",
        [True, True, True],
    )


def test_an_error_keeps_the_documented_field_order(botsubscription):
    """The envelope of an error lists its fields in the order of the documentation."""
    body = botsubscription.patch(TARGETS, json=[]).json()

    assert [members(body), members(body["error"])] == [
        ["ok", "request_id", "method", "path", "code", "error"],
        ["error_code", "message"],
    ]


def test_a_validation_error_says_where(botsubscription):
    """The message names the place of what is wrong."""
    body = botsubscription.patch(TARGETS, json=[{"target_id": VIP}, {"target_id": VIP, "is_enabled": 0}]).json()

    assert "is_enabled" in body["error"]["message"]


def test_request_ids_are_new_uuids(botsubscription):
    """Each answer, good or bad, has its own UUID of version 4."""
    answers = [
        botsubscription.get(TARGETS),
        botsubscription.get(f"{TARGETS}/{PREMIUM}"),
        botsubscription.patch(TARGETS, json=DOCUMENTED_PATCH),
        botsubscription.patch(TARGETS, json=[]),
    ]

    ids = [UUID(answer.json()["request_id"]) for answer in answers]

    assert (len(set(ids)), {made.version for made in ids}) == (4, {4})


def test_messages_are_english_whatever_is_asked(botsubscription):
    """Another language in Accept-Language is taken and answered in English."""
    answer = botsubscription.patch(TARGETS, json=DOCUMENTED_PATCH, headers={"Accept-Language": "bg"})

    assert answer.json()["message"] == "Successfully updated 2 target(s)"


def test_each_request_spends_one_of_a_hundred(botsubscription):
    """Of 100 requests a minute, each answer of one window has one less left than the answer before."""
    answers = [botsubscription.get(TARGETS) for _ in range(4)]

    budgets = [[int(answer.headers[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining")] for answer in answers]
    resets = [answer.headers["X-RateLimit-Reset"] for answer in answers]
    same_window = [budget for budget, reset in zip(budgets, resets, strict=True) if reset == resets[-1]]
    assert same_window == [[100, 99], [100, 98], [100, 97], [100, 96]][: len(same_window)]


def test_each_key_has_its_own_budget(botsubscription):
    """What one key spends, another has still."""
    botsubscription.get(TARGETS)
    botsubscription.get(TARGETS)

    other = botsubscription.get(TARGETS, headers=bearer(SECOND_KEY))

    assert other.headers["X-RateLimit-Remaining"] == "99"


def spend_all(client):
    """The first refusal: at the latest after the requests of two whole windows."""
    for _ in range(202):
        answer = client.patch(TARGETS, json=[{"target_id": PREMIUM}])
        if answer.status_code != 200:
            return answer
    pytest.fail("202 requests in a row, and none was refused.")


def test_too_many_requests_are_refused(botsubscription):
    """Who asks too fast gets 429 with both styles of error code and the seconds to wait."""
    answer = spend_all(botsubscription)

    body = answer.json()
    wait = body["error"]["retry_after"]
    assert (answer.status_code, body) == (
        429,
        {
            "ok": False,
            "request_id": body["request_id"],
            "method": "PATCH",
            "path": "/v2/projects/YOUR_PROJECT_ID/targets",
            "code": 429,
            "error": {
                "message": f"Rate limit exceeded. Please retry after {wait} seconds.",
                "code": "RATE_LIMIT_EXCEEDED",
                "error_code": "RATE_LIMIT_EXCEEDED",
                "retry_after": wait,
            },
        },
    )


def test_a_refusal_says_how_long_to_wait_in_its_header_too(botsubscription):
    """Retry-After is the whole number of seconds that the body names, from 1 to 60."""
    answer = spend_all(botsubscription)

    wait = answer.json()["error"]["retry_after"]
    assert (answer.headers["Retry-After"], wait in range(1, 61)) == (str(wait), True)
