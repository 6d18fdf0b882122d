"""BotSubscription: one target changed or deleted, and plans that hold targets."""

import pytest

from tests.support import bearer
from tests.vendors.botsubscription_world import (
    BRONZE,
    BRONZE_TERMS,
    GUILD,
    NEW_TARGET,
    NOBODY,
    OTHER_KEY,
    OTHER_PROJECT,
    PLANS,
    PREMIUM,
    TARGETS,
    VIP,
    target,
    verdict,
)

THEIR_TARGET = "b19b7ed6-756f-4bd6-a514-c398c757d2f4"
PREMIUM_ROLE = {
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


def plan(client, plan_id):
    """The plan as the API itself shows it."""
    return client.get(f"{PLANS}/{plan_id}").json()["data"]


# One target


def test_updating_one_target_answers_an_object(botsubscription):
    """The documented envelope: a total of 1, the counting message, and the target itself, not an array."""
    body = botsubscription.patch(f"{TARGETS}/{PREMIUM}", json={"is_enabled": True}).json()

    assert body == {
        "ok": True,
        "request_id": body["request_id"],
        "method": "PATCH",
        "path": "/v2/projects/YOUR_PROJECT_ID/targets/11111111-1111-1111-1111-111111111111",
        "code": 200,
        "total": 1,
        "message": "Successfully updated 1 target(s)",
        "data": PREMIUM_ROLE,
    }


def test_updating_one_target_is_seen_by_get(botsubscription):
    """It has the new name, is disabled, keeps its members, and nothing else changed."""
    botsubscription.patch(f"{TARGETS}/{PREMIUM}", json={"is_enabled": False, "target_name": " Gone fishing "})

    assert target(botsubscription, PREMIUM) == {**PREMIUM_ROLE, "is_enabled": False, "target_name": "Gone fishing"}


def test_an_update_of_nothing_changes_nothing(botsubscription):
    """A body without any of the fields is taken."""
    answer = botsubscription.patch(f"{TARGETS}/{PREMIUM}", json={})

    assert (answer.status_code, answer.json()["data"]) == (200, PREMIUM_ROLE)


@pytest.mark.parametrize("target_id", [NOBODY, THEIR_TARGET], ids=["unknown", "another project's"])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_missing_target_is_not_found(botsubscription, method, target_id):
    """Unlike reading it, changing or deleting a target that the project does not have is a 404."""
    answer = botsubscription.request(method, f"{TARGETS}/{target_id}", json={} if method == "PATCH" else None)

    body = answer.json()
    assert (answer.status_code, body["ok"], body["error"]) == (
        404,
        False,
        {"error_code": "NOT_FOUND", "message": "Target not found"},
    )


def test_a_deleted_target_is_gone(botsubscription):
    """204 without a body; from then on it reads as an empty result, and the list counts one less."""
    answer = botsubscription.delete(f"{TARGETS}/{VIP}")

    read, listed = botsubscription.get(f"{TARGETS}/{VIP}").json(), botsubscription.get(TARGETS).json()
    assert (answer.status_code, answer.content, read["ok"], read["data"], listed["total"]) == (204, b"", True, [], 33)


def test_a_target_is_deleted_once(botsubscription):
    """The second time it is missing."""
    botsubscription.delete(f"{TARGETS}/{VIP}")

    assert verdict(botsubscription.delete(f"{TARGETS}/{VIP}")) == (404, "NOT_FOUND")


def test_what_was_inside_a_deleted_guild_stands_alone(botsubscription):
    """Its roles and channels stay, without a parent."""
    botsubscription.delete(f"{TARGETS}/{GUILD}")

    assert target(botsubscription, PREMIUM) == {**PREMIUM_ROLE, "parent_target_id": None}


# Plans

SILVER = "b40928b5-b7a7-47c7-9fb0-08f86bebb273"


def test_a_plan_shows_its_targets_without_counting_plans(botsubscription):
    """The documented plan, with the fields of a held target in the documented order."""
    shown = plan(botsubscription, BRONZE)

    assert {name: value for name, value in shown.items() if name != "plan_targets"} == {
        **BRONZE_TERMS,
        "plan_id": BRONZE,
        "plan_data": {"plan_recurring": True, "plan_one_time": True},
    }
    assert shown["plan_targets"] == [
        {
            "target_name": "Members",
            "platform": "discord",
            "kind": "role",
            "external_id": "123456789012345678",
            "is_enabled": True,
            "target_id": "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb",
            "parent_target_id": "cccccccc-cccc-cccc-cccc-cccccccccccc",
            "participant_count": 0,
        }
    ]


def test_every_target_counts_the_plans_that_hold_it(botsubscription):
    """In a fresh world already: `plan_count` is how many plans of the list show the target."""
    plans = botsubscription.get(PLANS, params={"limit": 100}).json()["data"]
    held = [shown["target_id"] for plan in plans for shown in plan["plan_targets"]]

    targets = botsubscription.get(TARGETS, params={"limit": 100}).json()["data"]

    assert {each["target_id"]: each["plan_count"] for each in targets} == {
        each["target_id"]: held.count(each["target_id"]) for each in targets
    }


def test_a_deleted_plan_is_counted_no_more(botsubscription):
    """Premium Members was in three plans, and is in two; the plan itself is a 404."""
    answer = botsubscription.delete(f"{PLANS}/{SILVER}")

    left = target(botsubscription, PREMIUM)["plan_count"]
    assert (answer.status_code, left, verdict(botsubscription.get(f"{PLANS}/{SILVER}"))) == (204, 2, (404, "NOT_FOUND"))


def test_a_deleted_target_leaves_its_plans(botsubscription):
    """The plan stays, without it."""
    before = [shown["target_id"] for shown in plan(botsubscription, SILVER)["plan_targets"]]

    botsubscription.delete(f"{TARGETS}/{PREMIUM}")

    after = [shown["target_id"] for shown in plan(botsubscription, SILVER)["plan_targets"]]
    assert (before[0], after) == (PREMIUM, before[1:])


def test_a_plan_that_is_given_targets_is_counted(botsubscription, admin):
    """The vendor has no route for it; written past the API, it shows at once in both."""
    kept = admin.get(f"/state/botsubscription/plans/{BRONZE}").json()
    admin.patch(
        f"/state/botsubscription/plans/{BRONZE}", json={"_targets": [*kept["_targets"], VIP]}
    ).raise_for_status()

    assert target(botsubscription, VIP)["plan_count"] == 2
    assert VIP in [shown["target_id"] for shown in plan(botsubscription, BRONZE)["plan_targets"]]


def test_a_new_plan_holds_nothing_and_is_paid_once(botsubscription):
    """201 with the plan as an object; it can be read back."""
    answer = botsubscription.post(PLANS, json=BRONZE_TERMS)

    body = answer.json()
    made = {
        **BRONZE_TERMS,
        "plan_id": body["data"]["plan_id"],
        "plan_data": {"plan_recurring": False, "plan_one_time": True},
        "plan_targets": [],
    }
    assert (answer.status_code, body["code"], body["message"], body["data"]) == (
        201,
        201,
        "Plan created successfully",
        made,
    )
    assert plan(botsubscription, made["plan_id"]) == made


def test_an_updated_plan_keeps_what_was_left_out(botsubscription):
    """Of `plan_data` too, each of the two by itself."""
    before = plan(botsubscription, BRONZE)

    body = botsubscription.patch(
        f"{PLANS}/{BRONZE}", json={"plan_price": "12.50", "plan_data": {"plan_one_time": False}}
    ).json()

    after = {**before, "plan_price": "12.50", "plan_data": {"plan_recurring": True, "plan_one_time": False}}
    assert (body["message"], body["data"], plan(botsubscription, BRONZE)) == ("Plan updated successfully", after, after)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("plan_name", ""),
        ("plan_price", 10),
        ("plan_price", "ten"),
        ("plan_currency", "usd"),
        ("plan_duration", "1 fortnight"),
        ("plan_duration", "0 days"),
        ("plan_price_formatted", None),
        ("plan_data", {"plan_recurring": "yes"}),
    ],
)
def test_a_plan_with_a_wrong_field_is_refused(botsubscription, field, value):
    """422, and there are as many plans as before."""
    before = botsubscription.get(PLANS).json()["total"]

    answer = botsubscription.post(PLANS, json={**BRONZE_TERMS, field: value})

    assert (verdict(answer), botsubscription.get(PLANS).json()["total"]) == ((422, "VALIDATION_ERROR"), before)


def test_plans_are_paged(botsubscription):
    """20 unless asked, with their message; the third project has its own."""
    page = botsubscription.get(PLANS, params={"limit": 2, "offset": 1}).json()
    theirs = botsubscription.get(f"/v2/projects/{OTHER_PROJECT}/plans", headers=bearer(OTHER_KEY)).json()

    assert (page["message"], page["total"], [each["plan_name"] for each in page["data"]]) == (
        "Plans retrieved successfully",
        11,
        ["Silver", "Gold"],
    )
    assert [each["plan_name"] for each in theirs["data"]] == ["Supper Club", "Recipe Box"]


def test_a_target_that_the_bot_connects_is_listed(botsubscription, admin):
    """There is no route to create one: it comes through the control API, as if from the bot."""
    admin.put(f"/state/botsubscription/targets/{NOBODY}", json=NEW_TARGET).raise_for_status()

    assert target(botsubscription, NOBODY)["target_name"] == "Backstage"
