"""What a batch of toggles does, as Spotzee documents it."""

import json
import re
import shutil
import subprocess

import pytest

from tests.vendors.spotzee_world import (
    ADMIN,
    BATCH,
    GOOD,
    UNKNOWN_CONTACT,
    assert_unharmed,
    outcomes,
    states_of,
)

SEED_CURL = """\
curl --request POST \\
  --url https://apix.spotzee.com/api/client/subscriptions/batch \\
  --header 'Authorization: Bearer <token>' \\
  --header 'Content-Type: application/json' \\
  --data '
[
  {
    "subscription_id": 7,
    "state": 1,
    "external_id": "cust-9f4b21",
    "anonymous_id": "<string>"
  }
]
'
"""
SEED_BODY = [{"subscription_id": 7, "state": 1, "external_id": "cust-9f4b21", "anonymous_id": "<string>"}]
SEED_ANSWER = {
    "results": [
        {
            "index": 0,
            "subscription_id": 7,
            "external_id": "cust-9f4b21",
            "anonymous_id": "<string>",
            "state": 1,
        }
    ],
    "succeeded": 1,
    "failed": 0,
}


# --- the documented example ----------------------------------------------------------------------


@pytest.mark.port
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_documented_curl_line_works_as_printed(spotzee):
    """With the host and the token filled in, the printed line is answered with the documented body."""
    line = SEED_CURL.replace("https://apix.spotzee.com", str(spotzee.base_url).rstrip("/"))

    ran = subprocess.run(["sh", "-c", line.replace("<token>", ADMIN)], capture_output=True, check=True, timeout=30)

    assert json.loads(ran.stdout) == SEED_ANSWER


def test_the_documented_request_is_answered_field_for_field(spotzee):
    """The documented toggle succeeds; its identities come back as they were sent."""
    response = spotzee.post(BATCH, json=SEED_BODY)

    assert (response.status_code, response.json()) == (200, SEED_ANSWER)
    assert response.headers["Content-Type"].startswith("application/json")


def test_a_toggle_shows_in_the_states_of_the_contact(spotzee):
    """What the batch set is what the contact's states say afterwards."""
    before = states_of(spotzee, "cust-9f4b21")

    spotzee.post(BATCH, json=SEED_BODY)

    assert (before[7], states_of(spotzee, "cust-9f4b21")) == (0, {**before, 7: 1})


# --- what a batch does ---------------------------------------------------------------------------


@pytest.mark.parametrize("state", [0, 1, 2])
@pytest.mark.parametrize("number", [7, 8, 31, 36], ids=["was 0", "was 1", "was 2", "was never set"])
def test_every_state_can_follow_every_other(spotzee, number, state):
    """All three states can be written, whatever was there before."""
    response = spotzee.post(BATCH, json=[{**GOOD, "subscription_id": number, "state": state}])

    assert outcomes(response) == [state]
    assert states_of(spotzee, "cust-9f4b21")[number] == state


def test_identities_that_were_not_sent_do_not_come_back(spotzee):
    """An entry repeats the identities of its toggle and adds none."""
    response = spotzee.post(BATCH, json=[{"subscription_id": 7, "state": 0, "anonymous_id": "anon-91d5f0"}])

    assert response.json()["results"] == [{"index": 0, "subscription_id": 7, "anonymous_id": "anon-91d5f0", "state": 0}]


def test_the_state_that_already_holds_is_a_success_that_changes_nothing(spotzee, admin):
    """Setting the current state succeeds and leaves the time of the last change alone."""
    toggle = {**GOOD, "subscription_id": 31, "state": 2}

    response = spotzee.post(BATCH, json=[toggle])

    assert (outcomes(response), response.json()["succeeded"]) == ([2], 1)
    assert admin.get("/state/spotzee/states/1024:31").json()["updated_at"] == "2026-04-28T05:21:00.000Z"


def test_a_change_of_state_is_dated(spotzee, admin):
    """A toggle that changes the state moves the time of the last change."""
    spotzee.post(BATCH, json=[{**GOOD, "subscription_id": 31, "state": 0}])

    record = admin.get("/state/spotzee/states/1024:31").json()

    assert record["state"] == 0
    assert record["updated_at"] != "2026-04-28T05:21:00.000Z"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["updated_at"])


def test_a_toggle_that_fails_holds_up_none_of_the_others(spotzee):
    """Outcomes stand in the order of the request; the good ones are applied, the bad one says why not."""
    toggles = [
        {"subscription_id": 7, "state": 2, "external_id": "cust-9f4b21"},
        {"subscription_id": 7, "state": 1, "external_id": "cust-000000"},
        {"subscription_id": 10, "state": 0, "anonymous_id": "anon-7d10e4"},
    ]

    response = spotzee.post(BATCH, json=toggles)

    assert (response.status_code, response.json()) == (
        200,
        {
            "results": [
                {"index": 0, "subscription_id": 7, "external_id": "cust-9f4b21", "state": 2},
                {"index": 1, "subscription_id": 7, "external_id": "cust-000000", "error": UNKNOWN_CONTACT},
                {"index": 2, "subscription_id": 10, "anonymous_id": "anon-7d10e4", "state": 0},
            ],
            "succeeded": 2,
            "failed": 1,
        },
    )
    assert states_of(spotzee, "cust-9f4b21")[7] == 2
    assert states_of(spotzee, "anon-7d10e4")[10] == 0


def test_a_contact_that_is_not_known_is_not_created(spotzee):
    """A failed lookup leaves no contact behind."""
    spotzee.post(BATCH, json=[{"subscription_id": 7, "state": 1, "external_id": "cust-000000"}])

    response = spotzee.get("/api/client/users/cust-000000")

    assert response.status_code == 404


def test_a_batch_in_which_everything_fails_is_still_answered(spotzee):
    """All toggles may fail; the answer is a 200 that says so."""
    toggles = [{"subscription_id": 7, "state": 1, "anonymous_id": f"anon-none-{number}"} for number in (1, 2)]

    response = spotzee.post(BATCH, json=toggles)

    assert (response.status_code, response.json()["succeeded"], response.json()["failed"]) == (200, 0, 2)
    assert [result["error"] for result in response.json()["results"]] == [UNKNOWN_CONTACT] * 2
    assert_unharmed(spotzee)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(999_999, id="unknown"),
        pytest.param(15, id="of another project"),
        pytest.param(0, id="zero"),
        pytest.param(-7, id="negative"),
        pytest.param(9_007_199_254_740_991, id="very large"),
    ],
)
def test_a_subscription_type_that_is_not_there_fails_its_toggle_alone(spotzee, number):
    """A type the project does not have is an outcome, and its id comes back as it was sent."""
    response = spotzee.post(BATCH, json=[{**GOOD, "subscription_id": number}, GOOD])

    assert (response.status_code, outcomes(response)) == (200, ["resource_missing", 2])
    assert response.json()["results"][0]["subscription_id"] == number
    assert response.json()["results"][0]["error"]["message"] != UNKNOWN_CONTACT["message"]


def test_the_external_id_decides_when_both_identities_are_given(spotzee):
    """The contact of the external id changes; the contact of the anonymous id does not."""
    before = states_of(spotzee, "cust-4be07c")

    spotzee.post(BATCH, json=[{**GOOD, "anonymous_id": "anon-91d5f0"}])

    assert states_of(spotzee, "cust-9f4b21")[7] == 2
    assert states_of(spotzee, "cust-4be07c") == before


def test_the_anonymous_id_is_no_second_try(spotzee):
    """Where the external id is unknown, a known anonymous id does not help."""
    toggle = {**GOOD, "external_id": "cust-000000", "anonymous_id": "anon-2c8a3e"}

    response = spotzee.post(BATCH, json=[toggle])

    assert outcomes(response) == ["resource_missing"]
    assert_unharmed(spotzee)


@pytest.mark.parametrize("external_id", [None, ""], ids=["null", "empty"])
def test_an_external_id_that_says_nothing_leaves_the_anonymous_id_to_decide(spotzee, external_id):
    """Null and empty count as absent, and come back as they were sent."""
    toggle = {"subscription_id": 7, "state": 2, "external_id": external_id, "anonymous_id": "anon-2c8a3e"}

    response = spotzee.post(BATCH, json=[toggle])

    assert response.json()["results"] == [{"index": 0, **toggle}]
    assert states_of(spotzee, "cust-9f4b21")[7] == 2


def test_the_last_of_two_toggles_for_the_same_contact_and_type_wins(spotzee):
    """Duplicates are applied in order, and both succeed."""
    response = spotzee.post(BATCH, json=[{**GOOD, "state": 1}, {**GOOD, "state": 2}])

    assert (outcomes(response), response.json()["succeeded"]) == ([1, 2], 2)
    assert states_of(spotzee, "cust-9f4b21")[7] == 2


def test_two_spellings_of_one_contact_are_one_contact(spotzee):
    """External and anonymous id lead to the same states; the last toggle wins."""
    by_anonymous_id = {"subscription_id": 7, "state": 1, "anonymous_id": "anon-2c8a3e"}

    spotzee.post(BATCH, json=[GOOD, by_anonymous_id])

    assert states_of(spotzee, "cust-9f4b21")[7] == 1


@pytest.mark.parametrize(
    "identity",
    [{"external_id": "cust-d05a9b"}, {"anonymous_id": "anon-35f1c8"}],
    ids=["external", "anonymous"],
)
def test_an_archived_contact_keeps_its_states(spotzee, admin, identity):
    """The toggle of an archived contact fails, and nothing is written."""
    response = spotzee.post(BATCH, json=[{"subscription_id": 7, "state": 0, **identity}])

    assert (response.status_code, outcomes(response)) == (200, ["archived_user_conflict"])
    assert admin.get("/state/spotzee/states/1040:7").json()["state"] == 1


def test_a_channel_that_cannot_reach_the_contact_can_be_toggled(spotzee):
    """A contact without a phone number may have a state for a text type."""
    response = spotzee.post(BATCH, json=[{"subscription_id": 10, "state": 0, "external_id": "cust-17e9a2"}])

    assert outcomes(response) == [0]


def test_fields_that_are_not_known_are_ignored(spotzee):
    """An extra field neither disturbs a toggle nor comes back."""
    response = spotzee.post(BATCH, json=[{**GOOD, "note": "from the till", "id": 1}])

    assert response.json()["results"] == [{"index": 0, **GOOD}]


def test_a_hundred_toggles_fit_into_one_batch(spotzee):
    """100 toggles are answered with 100 outcomes, numbered from zero."""
    response = spotzee.post(BATCH, json=[{**GOOD, "state": number % 3} for number in range(100)])

    assert [result["index"] for result in response.json()["results"]] == list(range(100))
    assert (response.json()["succeeded"], response.json()["failed"]) == (100, 0)
