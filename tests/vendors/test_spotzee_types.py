"""The subscription types of a Spotzee project, and the states of one contact."""

import pytest

from tests.support import bearer
from tests.vendors.spotzee_world import (
    EDITOR,
    JANE,
    JANES_STATES,
    OTHER_PROJECT,
    PUBLISHER,
    SUPPORT,
    TYPES,
    assert_invalid,
    assert_refused,
    assert_unharmed,
    outcomes,
    states_of,
)

DIGEST = {"name": "Reading club", "channel": "push", "is_public": True}

# Types


def test_a_new_type_can_be_subscribed_to(spotzee):
    """It is shown, comes first in the list, and every contact counts as subscribed."""
    made = spotzee.post(TYPES, json=DIGEST).json()

    assert (made["id"], made["project_id"]) == (101, 42)
    assert {name: made[name] for name in DIGEST} == DIGEST
    assert spotzee.get(f"{TYPES}/101").json() == made
    assert spotzee.get(TYPES).json()["results"][0] == made
    assert states_of(spotzee, "cust-9f4b21")[101] == 1


def test_a_type_is_not_public_unless_it_is_said(spotzee):
    """`is_public` may be left out."""
    made = spotzee.post(TYPES, json={"name": "Internal", "channel": "webhook"}).json()

    assert made["is_public"] is False


def test_ids_of_types_are_never_given_twice(spotzee):
    """Each type is another."""
    numbers = [spotzee.post(TYPES, json=DIGEST).json()["id"] for _ in range(3)]

    assert numbers == [101, 102, 103]


def test_the_documented_type_is_there(spotzee):
    """By its id."""
    response = spotzee.get(f"{TYPES}/7")

    assert (response.status_code, response.json()["name"]) == (200, "Weekly newsletter")


def test_a_type_changes_its_name_and_visibility(spotzee):
    """Its channel stays, whatever is sent."""
    response = spotzee.patch(f"{TYPES}/7", json={"name": "Weekly letter", "is_public": False, "channel": "push"})

    changed = response.json()
    assert (changed["name"], changed["is_public"], changed["channel"]) == ("Weekly letter", False, "email")
    assert changed["updated_at"] > changed["created_at"] == "2026-01-12T22:05:00.000Z"
    assert spotzee.get(f"{TYPES}/7").json() == changed


@pytest.mark.parametrize(
    "number", ["999999", "15", "0", "-1"], ids=["unknown", "another project's", "zero", "negative"]
)
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_type_that_the_project_does_not_have_is_missing(spotzee, method, number):
    """Whatever is asked of it."""
    body = {"name": "X", "is_public": True} if method == "PATCH" else None

    response = spotzee.request(method, f"{TYPES}/{number}", json=body)

    assert_refused(response, 404, "resource_missing", "id")


@pytest.mark.parametrize("number", ["weekly", "7.5", "9007199254740992"])
def test_the_id_of_a_type_is_a_number(spotzee, number):
    """Anything else is named."""
    response = spotzee.get(f"{TYPES}/{number}")

    assert_refused(response, 400, "parameter_invalid_format", "subscriptionId")


@pytest.mark.parametrize(("path", "methods"), [("batch", "POST"), ("me", "PATCH")])
def test_batch_and_me_are_no_types(spotzee, path, methods):
    """A path that is written out goes before that of a type, also for methods that it does not take."""
    response = spotzee.get(f"{TYPES}/{path}")

    assert_refused(response, 405, "parameter_invalid_format")
    assert response.headers["Allow"] == methods


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", TYPES, {}, [("name", "parameter_missing"), ("channel", "parameter_missing")]),
        ("POST", TYPES, {**DIGEST, "name": ""}, [("name", "parameter_invalid_empty")]),
        ("POST", TYPES, {**DIGEST, "channel": "sms"}, [("channel", "parameter_invalid_format")]),
        ("POST", TYPES, {**DIGEST, "is_public": 1}, [("is_public", "parameter_invalid_format")]),
        ("PATCH", f"{TYPES}/7", {"name": "X"}, [("is_public", "parameter_missing")]),
        ("PATCH", f"{TYPES}/7", {"is_public": True}, [("name", "parameter_missing")]),
    ],
)
def test_a_type_that_cannot_be_is_refused(spotzee, method, path, body, expected):
    """Every field at fault is named."""
    response = spotzee.request(method, path, json=body)

    assert_invalid(response, *expected)


@pytest.mark.parametrize("key", [SUPPORT, EDITOR, PUBLISHER], ids=["support", "editor", "publisher"])
@pytest.mark.parametrize(("method", "path"), [("POST", TYPES), ("PATCH", f"{TYPES}/7")])
def test_types_are_written_by_admins(spotzee, key, method, path):
    """And by no lower role."""
    response = spotzee.request(method, path, json=DIGEST, headers=bearer(key))

    assert_refused(response, 403, "permission_denied")


# One contact


def test_one_contact_is_toggled(spotzee):
    """The answer is the contact; its states are as asked for, the last toggle of a type wins."""
    toggles = [
        {"subscription_id": 7, "state": 1},
        {"subscription_id": 10, "state": 0},
        {"subscription_id": 7, "state": 2},
    ]

    response = spotzee.patch(JANES_STATES, json=toggles)

    assert (response.status_code, response.json()) == (200, spotzee.get(JANE).json())
    assert {number: states_of(spotzee, "cust-9f4b21")[number] for number in (7, 8, 10)} == {7: 2, 8: 1, 10: 0}


def test_a_state_that_holds_already_changes_nothing(spotzee, admin):
    """The time of its last change stays."""
    spotzee.patch(JANES_STATES, json=[{"subscription_id": 31, "state": 2}])

    assert admin.get("/state/spotzee/states/1024:31").json()["updated_at"] == "2026-04-28T05:21:00.000Z"


@pytest.mark.parametrize("number", [999_999, 15], ids=["unknown", "another project's"])
def test_a_type_that_is_not_there_refuses_all_toggles_of_one(spotzee, number):
    """Nothing is applied."""
    response = spotzee.patch(
        JANES_STATES, json=[{"subscription_id": 7, "state": 2}, {"subscription_id": number, "state": 0}]
    )

    assert_refused(response, 404, "resource_missing", "1.subscription_id")
    assert_unharmed(spotzee)


def test_an_archived_contact_is_a_conflict(spotzee):
    """As a whole request, for there is one contact alone."""
    response = spotzee.patch("/api/client/users/cust-d05a9b/subscriptions", json=[{"subscription_id": 7, "state": 0}])

    assert_refused(response, 409, "archived_user_conflict")


def test_a_contact_that_is_not_there_cannot_be_toggled(spotzee):
    """It is missing."""
    response = spotzee.patch("/api/client/users/cust-000000/subscriptions", json=[{"subscription_id": 7, "state": 0}])

    assert_refused(response, 404, "resource_missing", "id")


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ([], "body", "parameter_invalid_empty"),
        ([{"subscription_id": 7, "state": 1}] * 101, "body", "parameter_invalid_format"),
        ([{"subscription_id": "7", "state": 1}], "0.subscription_id", "parameter_invalid_format"),
        ([{"subscription_id": 7, "state": 3}], "0.state", "parameter_invalid_format"),
        ([{"state": 1}], "0.subscription_id", "parameter_missing"),
    ],
)
def test_toggles_of_one_that_cannot_be_taken_are_refused(spotzee, body, param, code):
    """The same rules as in the batch."""
    response = spotzee.patch(JANES_STATES, json=body)

    assert_invalid(response, (param, code))
    assert_unharmed(spotzee)


@pytest.mark.parametrize(("key", "status"), [(SUPPORT, 403), (EDITOR, 200)], ids=["support", "editor"])
def test_one_contact_is_toggled_by_editors(spotzee, key, status):
    """As in the batch."""
    response = spotzee.patch(JANES_STATES, json=[{"subscription_id": 7, "state": 2}], headers=bearer(key))

    assert response.status_code == status


def test_a_toggle_of_one_that_has_fields_too_many_may_be_refused(switched):
    """Where fields that nobody documents are."""
    spotzee = switched("spotzee", **{"unknown-fields": "refuse"})

    response = spotzee.patch(JANES_STATES, json=[{"subscription_id": 7, "state": 2, "note": "x"}])

    assert_invalid(response, ("0.note", "parameter_unknown"))


def test_digits_may_name_a_type_of_one_contact(switched):
    """Where they do in the batch."""
    spotzee = switched("spotzee", **{"digit-strings": "accept"})

    spotzee.patch(JANES_STATES, json=[{"subscription_id": "7", "state": 2}])

    assert states_of(spotzee, "cust-9f4b21")[7] == 2


def test_another_project_has_types_of_its_own(spotzee):
    """A new type is seen by its project alone."""
    other = bearer(OTHER_PROJECT)

    made = spotzee.post(TYPES, json=DIGEST, headers=other).json()

    toggle = {"subscription_id": made["id"], "state": 0, "external_id": "cust-9f4b21"}
    assert made["project_id"] == 58
    assert outcomes(spotzee.post(f"{TYPES}/batch", json=[toggle])) == ["resource_missing"]
    assert outcomes(spotzee.post(f"{TYPES}/batch", json=[toggle], headers=other)) == [0]
