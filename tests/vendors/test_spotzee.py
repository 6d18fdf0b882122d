"""What Spotzee documents about subscription states, as sentences."""

import base64
import http.client
import json
import re
import shutil
import subprocess

import pytest

BATCH = "/api/client/subscriptions/batch"
TYPES = "/api/client/subscriptions"
JANE = "/api/client/users/cust-9f4b21"
JANES_STATES = "/api/client/users/cust-9f4b21/subscriptions"
READS = [TYPES, JANE, JANES_STATES]

ADMIN = "sk_01HXY7Z9K8M5J2N4P6Q8R0S1T2"
PUBLISHER = "sk_01HXY80B3C7D9F1G2H4J6K8M0P"
EDITOR = "sk_01HXY81D5E8F0G2H4J6K8M0N2Q"
SMTPPROXY = "sk_01HXY82F7G9H1J3K5M7N9P1Q3R"
SUPPORT = "sk_01HXY83H9J0K2M4N6P8Q0R2S4T"
PUBLISHABLE = "pk_01HXY84K1M2N4P6Q8R0S2T4V6W"
ORGANISATION = "ok_01HXY85N3P4Q6R8S0T2V4W6X8Y"
REVOKED = "sk_01HXY86Q5R6S8T0V2W4X6Y8Z0A"
OTHER_PROJECT = "sk_01HXY87S7T8V0W2X4Y6Z8A0B2C"

GOOD = {"subscription_id": 7, "state": 2, "external_id": "cust-9f4b21"}
WHOLE = {"subscription_id": 7, "state": 1, "external_id": "cust-4be07c", "anonymous_id": "anon-91d5f0"}
UNKNOWN_CONTACT = {"code": "resource_missing", "message": "Contact identity could not be resolved."}
TEN_MEBIBYTES = 10 * 1024 * 1024

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


def bearer(key):
    """The header that a call with this key carries."""
    return {"Authorization": f"Bearer {key}"}


def states_of(spotzee, external_id):
    """The states of one contact by subscription type, as the vendor's own read shows them."""
    page = spotzee.get(f"/api/client/users/{external_id}/subscriptions", params={"limit": -1}).json()
    return {entry["subscription_id"]: entry["state"] for entry in page["results"]}


def outcomes(response):
    """What became of each toggle: its state, or the code of its error."""
    return [
        result["state"] if "state" in result else result["error"]["code"]
        for result in response.json()["results"]
    ]


def post_bytes(client, content, media_type="application/json", **headers):
    """The answer to a batch of exactly these bytes."""
    return client.post(BATCH, content=content, headers={"Content-Type": media_type, **headers})


def assert_refused(response, status, code, param=None):
    """The whole envelope of a refusal is there."""
    problem = response.json()
    assert (response.status_code, problem["code"], problem.get("param")) == (status, code, param)
    assert response.headers["Content-Type"].startswith("application/problem+json")
    assert problem["status"] == "error"
    assert problem["title"]
    assert problem["error"] == problem["message"]
    assert problem["type"] == f"https://docs.spotzee.com/main-api/errors#{code}"
    assert problem["request_id"] == response.headers["X-Request-Id"]


def assert_invalid(response, *expected):
    """The body was refused as a whole, and these fields were named with these codes."""
    assert_refused(response, 422, "validation_failed")
    problem = response.json()
    assert problem["title"] == "Request validation failed"
    assert {(field["param"], field["code"]) for field in problem["errors"]} == set(expected)
    assert all(field["message"] for field in problem["errors"])


def assert_unharmed(spotzee):
    """Nothing changed, and the next good request is fine."""
    before = {number: state for number, state in states_of(spotzee, "cust-9f4b21").items() if state != 1}
    assert before == {7: 0, 11: 0, 31: 2}

    after = spotzee.post(BATCH, json=[GOOD])
    assert (after.status_code, outcomes(after)) == (200, [2])


# --- the documented example -----------------------------------------------------------------------


@pytest.mark.port
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_documented_curl_line_works_as_printed(spotzee):
    """With the host and the token filled in, the printed line is answered with the documented body."""
    line = SEED_CURL.replace("https://apix.spotzee.com", str(spotzee.base_url).rstrip("/"))

    ran = subprocess.run(
        ["sh", "-c", line.replace("<token>", ADMIN)], capture_output=True, check=True, timeout=30
    )

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


# --- what a batch does ----------------------------------------------------------------------------


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

    assert response.json()["results"] == [
        {"index": 0, "subscription_id": 7, "anonymous_id": "anon-91d5f0", "state": 0}
    ]


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


# --- the reads ------------------------------------------------------------------------------------


def test_the_documented_contact_is_there(spotzee):
    """The contact of the documentation has its documented values."""
    response = spotzee.get(JANE)

    assert (response.status_code, response.json()) == (
        200,
        {
            "id": 1024,
            "project_id": 42,
            "external_id": "cust-9f4b21",
            "anonymous_id": "anon-2c8a3e",
            "email": "jane@example.com",
            "phone": "+61400123456",
            "timezone": "Australia/Sydney",
            "locale": "en-AU",
            "data": {"first_name": "Jane", "last_name": "Doe", "plan": "pro"},
            "has_push_device": True,
            "created_at": "2026-04-28T05:14:00.000Z",
            "updated_at": "2026-04-28T05:14:00.000Z",
        },
    )


@pytest.mark.parametrize(
    ("encoded", "number"), [("lena.vip%2Beu%40example.com", 1030), ("anon-7d10e4", 1031)]
)
def test_a_contact_is_found_by_its_percent_encoded_external_id(spotzee, encoded, number):
    """Reserved characters of an external id travel encoded; an anonymous contact repeats its id there."""
    response = spotzee.get(f"/api/client/users/{encoded}")

    assert response.json()["id"] == number


@pytest.mark.parametrize("suffix", ["", "/subscriptions"])
@pytest.mark.parametrize("external_id", ["cust-000000", "kst-00412", "1024"])
def test_a_contact_that_the_project_does_not_have_is_missing(spotzee, external_id, suffix):
    """Unknown, another project's and internal ids are all answered alike."""
    response = spotzee.get(f"/api/client/users/{external_id}{suffix}")

    assert_refused(response, 404, "resource_missing", "id")
    assert response.json()["title"] == "Resource missing"


def test_the_states_of_a_contact_name_every_type_of_the_project(spotzee):
    """Touched types show what was chosen, untouched ones count as subscribed, other projects' are absent."""
    page = spotzee.get(JANES_STATES, params={"limit": -1}).json()

    entries = {entry["subscription_id"]: entry for entry in page["results"]}
    assert sorted(entries) == [7, 8, 9, 10, 11, 12, 13, 14, *range(16, 23), *range(24, 37)]
    assert entries[7] == {"subscription_id": 7, "state": 0, "name": "Weekly newsletter", "channel": "email"}
    assert entries[10] == {"subscription_id": 10, "state": 1, "name": "Delivery updates", "channel": "text"}


def test_the_types_of_the_project_come_newest_first(spotzee):
    """Without parameters the first 25 types are shown by descending id, and the way to the rest."""
    response = spotzee.get(TYPES)

    page = response.json()
    assert [entry["id"] for entry in page["results"]] == [
        *range(36, 23, -1),
        *range(22, 15, -1),
        *range(14, 9, -1),
    ]
    assert (page["limit"], page["prevCursor"]) == (25, None)
    assert (response.headers["X-Total-Count"], response.headers["X-Limit"]) == ("28", "25")


def test_a_subscription_type_has_its_documented_fields(spotzee):
    """The documented type is the documented record."""
    page = spotzee.get(TYPES, params={"q": "Weekly newsletter"}).json()

    assert page["results"] == [
        {
            "id": 7,
            "project_id": 42,
            "name": "Weekly newsletter",
            "channel": "email",
            "is_public": True,
            "created_at": "2026-01-12T22:05:00.000Z",
            "updated_at": "2026-04-02T03:40:00.000Z",
        }
    ]


@pytest.mark.parametrize(("path", "member"), [(TYPES, "id"), (JANES_STATES, "subscription_id")])
def test_the_next_cursor_leads_to_the_rest(spotzee, path, member):
    """The second page holds what the first did not, and ends the list."""
    first = spotzee.get(path).json()

    rest = spotzee.get(path, params={"cursor": first["nextCursor"]}).json()

    assert [entry[member] for entry in rest["results"]] == [9, 8, 7]
    assert rest["nextCursor"] is None


@pytest.mark.parametrize("path", [TYPES, JANES_STATES])
def test_the_previous_cursor_leads_back(spotzee, path):
    """From the second page the way back ends at the first, which has none before it."""
    first = spotzee.get(path, params={"limit": 5}).json()
    second = spotzee.get(path, params={"limit": 5, "cursor": first["nextCursor"], "page": "next"}).json()

    again = spotzee.get(path, params={"limit": 5, "cursor": second["prevCursor"], "page": "prev"}).json()

    assert again == first


def test_a_walk_through_a_sorted_list_meets_every_entry_once(spotzee):
    """Pages of any size keep the order of the sorted field."""
    names, query = [], {"sort": "name", "direction": "asc", "limit": 9}

    for _ in range(4):
        page = spotzee.get(TYPES, params=query).json()
        names += [entry["name"] for entry in page["results"]]
        query["cursor"] = page["nextCursor"]

    assert len(set(names)) == len(names) == 28
    assert names[:4] == ["Abandoned basket", "App announcements", "Author events", "Back in stock"]
    assert names[-2:] == ["Weekly newsletter", "Winter catalogue"]
    assert query["cursor"] is None


def test_a_cursor_is_an_id_in_base64url(spotzee):
    """A cursor has the form of the documented sample."""
    cursor = spotzee.get(TYPES).json()["nextCursor"]

    decoded = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))

    assert list(decoded) == ["id"]
    assert isinstance(decoded["id"], int)


@pytest.mark.parametrize(("limit", "shown"), [(-1, 28), (0, 25), (1, 1), (25, 25), (100, 28)])
@pytest.mark.parametrize("path", [TYPES, JANES_STATES])
def test_limit_says_how_many_entries_a_page_holds(spotzee, path, limit, shown):
    """-1 is all of them, 0 is the default."""
    page = spotzee.get(path, params={"limit": limit}).json()

    assert len(page["results"]) == shown
    assert (page["nextCursor"] is None) == (shown == 28)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("newsletter", ["Weekly newsletter"]),
        ("NEWS", ["Shop opening news", "Weekly newsletter"]),
        ("no such type", []),
    ],
)
@pytest.mark.parametrize("path", [TYPES, JANES_STATES])
def test_q_keeps_the_types_whose_name_contains_it(spotzee, path, words, names):
    """The search reads the project's own names, in any case of letters."""
    response = spotzee.get(path, params={"q": words})

    assert [entry["name"] for entry in response.json()["results"]] == names
    assert response.headers["X-Total-Count"] == str(len(names))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "101"),
        ("limit", "-2"),
        ("limit", "many"),
        ("limit", "2.5"),
        ("limit", ""),
        ("page", "last"),
        ("direction", "down"),
        ("sort", "colour"),
        ("cursor", "not-a-cursor"),
        ("cursor", "eyJuYW1lIjo3fQ"),
        ("cursor", ""),
    ],
)
@pytest.mark.parametrize("path", [TYPES, JANES_STATES])
def test_a_query_parameter_that_cannot_be_used_is_named(spotzee, path, name, value):
    """Each parameter of a list is checked, and the refusal says which one it was."""
    response = spotzee.get(path, params={name: value})

    assert_refused(response, 400, "parameter_invalid_format", name)
    assert_unharmed(spotzee)


# --- projects do not meet -------------------------------------------------------------------------


def test_the_same_external_id_in_two_projects_is_two_contacts(spotzee):
    """A key changes the contact of its own project and no other."""
    toggle = {"subscription_id": 15, "state": 2, "external_id": "cust-9f4b21"}

    response = spotzee.post(BATCH, json=[toggle], headers=bearer(OTHER_PROJECT))

    assert outcomes(response) == [2]
    assert spotzee.get(JANE, headers=bearer(OTHER_PROJECT)).json()["id"] == 2101
    assert_unharmed(spotzee)


@pytest.mark.parametrize(
    "toggle",
    [
        {"subscription_id": 7, "state": 2, "external_id": "cust-9f4b21"},
        {"subscription_id": 15, "state": 2, "external_id": "cust-4be07c"},
        {"subscription_id": 15, "state": 2, "anonymous_id": "anon-2c8a3e"},
    ],
    ids=["type", "external id", "anonymous id"],
)
def test_what_belongs_to_another_project_is_missing(spotzee, toggle):
    """Types and contacts of another project cannot be reached by a toggle."""
    response = spotzee.post(BATCH, json=[toggle], headers=bearer(OTHER_PROJECT))

    assert outcomes(response) == ["resource_missing"]
    assert_unharmed(spotzee)


def test_lists_show_the_types_of_the_keys_own_project(spotzee):
    """The other project sees its four types and none besides."""
    page = spotzee.get(TYPES, headers=bearer(OTHER_PROJECT)).json()

    assert [entry["id"] for entry in page["results"]] == [38, 37, 23, 15]


# --- who may call ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("Bearer", id="no key"),
        pytest.param(ADMIN, id="no scheme"),
        pytest.param(f"Basic {ADMIN}", id="other scheme"),
        pytest.param("Bearer sk_01HXY9ZZZZZZZZZZZZZZZZZZZZ", id="unknown"),
        pytest.param("Bearer <token>", id="malformed"),
        pytest.param(f"Bearer {ADMIN}x", id="one character too many"),
        pytest.param(f"Bearer {REVOKED}", id="revoked"),
        pytest.param(f"Bearer {PUBLISHABLE}", id="publishable"),
        pytest.param(f"Bearer {ORGANISATION}", id="organisation"),
    ],
)
@pytest.mark.parametrize("path", [BATCH, *READS])
def test_a_call_without_a_secret_key_of_the_project_is_not_served(spotzee, anonymous, path, authorization):
    """No key, and every key but a valid secret one, is asked to authenticate."""
    headers = {} if authorization is None else {"Authorization": authorization}
    method, body = ("POST", [GOOD]) if path == BATCH else ("GET", None)

    response = anonymous("spotzee").request(method, path, json=body, headers=headers)

    assert_refused(response, 401, "authentication_required")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert_unharmed(spotzee)


@pytest.mark.parametrize("key", [SUPPORT, SMTPPROXY], ids=["support", "smtpproxy"])
def test_a_role_below_editor_may_not_toggle(spotzee, key):
    """The key is known, but it may only read."""
    response = spotzee.post(BATCH, json=[GOOD], headers=bearer(key))

    assert_refused(response, 403, "permission_denied")
    assert_unharmed(spotzee)


@pytest.mark.parametrize("key", [EDITOR, PUBLISHER, ADMIN], ids=["editor", "publisher", "admin"])
def test_editors_and_higher_roles_may_toggle(spotzee, key):
    """From editor up, a toggle is applied."""
    response = spotzee.post(BATCH, json=[GOOD], headers=bearer(key))

    assert outcomes(response) == [2]


@pytest.mark.parametrize("path", READS)
def test_the_lowest_role_may_read(spotzee, path):
    """Every read is open to support."""
    response = spotzee.get(path, headers=bearer(SUPPORT))

    assert response.status_code == 200


# --- headers of every answer ----------------------------------------------------------------------


@pytest.mark.parametrize("path", [*READS, "/api/client/users/cust-000000", "/api/client/nothing", BATCH])
def test_every_answer_has_a_request_id_of_its_own(spotzee, path):
    """The server makes the id, new for every request, whatever the client sent."""
    sent = "req_01HXY7Z9K8M5J2N4P6Q8R0S1T2"

    given = {spotzee.get(path, headers={"X-Request-Id": sent}).headers["X-Request-Id"] for _ in range(2)}

    assert len(given - {sent}) == 2
    assert all(re.fullmatch(r"req_[0-9A-HJKMNP-TV-Z]{26}", request_id) for request_id in given)


@pytest.mark.parametrize("path", [*READS, "/api/client/users/cust-000000"])
def test_a_known_version_is_echoed(spotzee, path):
    """The one release there is can be asked for."""
    response = spotzee.get(path, headers={"Spotzee-Version": "2026-04-28"})

    assert response.headers["Spotzee-Version"] == "2026-04-28"


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("2025-01-01", "version_unsupported"),
        ("2026-04-29", "version_unsupported"),
        ("latest", "parameter_invalid_format"),
        ("28.04.2026", "parameter_invalid_format"),
        ("2026-13-45", "parameter_invalid_format"),
    ],
)
def test_a_version_that_does_not_exist_is_refused(spotzee, version, code):
    """A date that is no release and a text that is no date are told apart."""
    response = spotzee.post(BATCH, json=[GOOD], headers={"Spotzee-Version": version})

    assert_refused(response, 400, code, "Spotzee-Version")
    assert_unharmed(spotzee)


@pytest.mark.parametrize("kind", ["sdk-js", "mcp", "toaster"])
def test_the_client_type_is_never_an_error(spotzee, kind):
    """Known and unknown client types are served alike."""
    response = spotzee.post(BATCH, json=[GOOD], headers={"x-spotzee-client-type": kind})

    assert outcomes(response) == [2]


@pytest.mark.port
def test_an_address_is_asked_to_wait_after_8000_requests_in_a_minute(spotzee):
    """The first request over the limit of the window is refused, and told for how long."""
    address = spotzee.base_url
    connection = http.client.HTTPConnection(address.host, address.port, timeout=30)
    path = f"{address.path.rstrip('/')}{TYPES}?limit=1"

    # Two windows' worth and one: wherever the minute turns, one of the two is filled.
    served = 0
    while served <= 16_000:
        connection.request("GET", path, headers=bearer(ADMIN))
        response = connection.getresponse()
        content = response.read()
        if response.status != 200:
            break
        served += 1
    connection.close()

    problem = json.loads(content)
    assert (response.status, problem["code"], problem["title"]) == (
        429,
        "rate_limited",
        "Rate limit exceeded",
    )
    assert served >= 8000
    assert 1 <= int(response.headers["Retry-After"]) <= 60


# --- repeating a call safely ----------------------------------------------------------------------


def test_a_repeated_key_is_answered_from_memory(spotzee):
    """The same key and body get the stored answer, marked as such; nothing is applied twice."""
    once = {"Idempotency-Key": "toggle-0001"}
    first = spotzee.post(BATCH, json=[GOOD], headers=once)
    spotzee.post(BATCH, json=[{**GOOD, "state": 0}])

    again = spotzee.post(BATCH, json=[GOOD], headers=once)

    assert (again.status_code, again.content) == (200, first.content)
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert states_of(spotzee, "cust-9f4b21")[7] == 0


def test_a_refusal_is_remembered_too(spotzee):
    """A body that was refused is refused again from memory."""
    once = {"Idempotency-Key": "toggle-0002"}
    first = spotzee.post(BATCH, json=[], headers=once)

    again = spotzee.post(BATCH, json=[], headers=once)

    assert (first.status_code, again.status_code, again.headers["Idempotent-Replayed"]) == (422, 422, "true")
    assert_unharmed(spotzee)


@pytest.mark.parametrize(
    "body",
    [b'[{"subscription_id":7,"state":0,"external_id":"cust-9f4b21"}]', b"[]"],
    ids=["valid", "invalid"],
)
def test_a_key_cannot_be_used_for_another_body(spotzee, body):
    """The second use of a key with different bytes is refused and not applied."""
    spotzee.post(BATCH, json=[GOOD], headers={"Idempotency-Key": "toggle-0003"})

    response = post_bytes(spotzee, body, **{"Idempotency-Key": "toggle-0003"})

    assert (response.status_code, response.json()["code"]) == (409, "idempotency_key_mismatch")
    assert response.json()["title"] == "Idempotency key mismatch"
    assert states_of(spotzee, "cust-9f4b21")[7] == 2


def test_a_key_belongs_to_the_api_key_that_sent_it(spotzee):
    """Two API keys may use the same idempotency key for different bodies."""
    once = {"Idempotency-Key": "toggle-0004"}
    spotzee.post(BATCH, json=[GOOD], headers=once)

    response = spotzee.post(BATCH, json=[{**GOOD, "state": 0}], headers={**once, **bearer(EDITOR)})

    assert (outcomes(response), response.headers.get("Idempotent-Replayed")) == ([0], None)


@pytest.mark.parametrize("key", [PUBLISHABLE, SUPPORT], ids=["401", "403"])
def test_a_refused_caller_uses_up_no_key(spotzee, key):
    """Who may not call leaves nothing behind for who may."""
    once = {"Idempotency-Key": "toggle-0005"}
    spotzee.post(BATCH, json=[{**GOOD, "state": 0}], headers={**once, **bearer(key)})

    response = spotzee.post(BATCH, json=[GOOD], headers=once)

    assert (outcomes(response), response.headers.get("Idempotent-Replayed")) == ([2], None)


@pytest.mark.parametrize("key", ["", "k" * 256], ids=["empty", "256 characters"])
def test_an_idempotency_key_that_cannot_be_used_is_refused(spotzee, key):
    """A key has 1 to 255 characters."""
    response = spotzee.post(BATCH, json=[GOOD], headers={"Idempotency-Key": key})

    assert_refused(response, 400, "idempotency_key_invalid", "Idempotency-Key")
    assert_unharmed(spotzee)


def test_an_idempotency_key_of_255_characters_is_fine(spotzee):
    """The longest key is taken."""
    response = spotzee.post(BATCH, json=[GOOD], headers={"Idempotency-Key": "k" * 255})

    assert outcomes(response) == [2]


def test_reads_ignore_an_idempotency_key(spotzee):
    """A read with a key that no write could use is served as ever."""
    response = spotzee.get(JANE, headers={"Idempotency-Key": "k" * 256})

    assert (response.status_code, response.headers.get("Idempotent-Replayed")) == (200, None)


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["subscription_id", "state"])
def test_a_required_field_that_is_missing_refuses_the_whole_batch(spotzee, field):
    """The field is named by its place in the body, and the good toggle before it is not applied either."""
    item = {name: value for name, value in WHOLE.items() if name != field}

    response = spotzee.post(BATCH, json=[GOOD, item])

    assert_invalid(response, (f"1.{field}", "parameter_missing"))
    assert_unharmed(spotzee)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("subscription_id", value) for value in ["7", "", 7.5, None, True, [7], {"id": 7}, 2**53, 10**30]),
        *(("state", value) for value in [3, -1, "1", 0.5, None, True, False, [1], {}]),
        *(("external_id", value) for value in [5, True, ["cust-4be07c"], {}]),
        *(("anonymous_id", value) for value in [5, False, ["anon-91d5f0"], {}]),
    ],
    ids=json.dumps,
)
def test_a_value_that_a_field_cannot_have_refuses_the_whole_batch(spotzee, field, value):
    """Wrong types and states that do not exist are named by their place in the body."""
    response = spotzee.post(BATCH, json=[GOOD, {**WHOLE, field: value}])

    assert_invalid(response, (f"1.{field}", "parameter_invalid_format"))
    assert_unharmed(spotzee)


@pytest.mark.parametrize(
    "identities",
    [
        {},
        {"external_id": None},
        {"anonymous_id": None},
        {"external_id": ""},
        {"anonymous_id": ""},
        {"external_id": None, "anonymous_id": None},
        {"external_id": "", "anonymous_id": ""},
        {"external_id": None, "anonymous_id": ""},
    ],
    ids=json.dumps,
)
def test_a_toggle_without_an_identity_refuses_the_whole_batch(spotzee, identities):
    """One of the two identities has to say something; the first of them is the one that is missed."""
    response = spotzee.post(BATCH, json=[GOOD, {"subscription_id": 7, "state": 1, **identities}])

    assert_invalid(response, ("1.external_id", "parameter_missing"))
    assert_unharmed(spotzee)


@pytest.mark.parametrize("item", [5, "cust-9f4b21", None, True, [], [GOOD]], ids=json.dumps)
def test_a_toggle_that_is_no_object_is_refused(spotzee, item):
    """Whatever stands in the place of a toggle is named by its index."""
    response = spotzee.post(BATCH, json=[GOOD, item])

    assert_invalid(response, ("1", "parameter_invalid_format"))
    assert_unharmed(spotzee)


def test_all_bad_fields_are_named_at_once(spotzee):
    """One answer tells everything that has to be mended."""
    toggles = [{}, GOOD, {**GOOD, "subscription_id": "7", "state": 9}]

    response = spotzee.post(BATCH, json=toggles)

    assert_invalid(
        response,
        ("0.subscription_id", "parameter_missing"),
        ("0.state", "parameter_missing"),
        ("0.external_id", "parameter_missing"),
        ("2.subscription_id", "parameter_invalid_format"),
        ("2.state", "parameter_invalid_format"),
    )
    assert_unharmed(spotzee)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"[]", "parameter_invalid_empty", id="empty array"),
        pytest.param(json.dumps([GOOD] * 101).encode(), "parameter_invalid_format", id="101 toggles"),
        pytest.param(json.dumps(GOOD).encode(), "parameter_invalid_format", id="a toggle without its array"),
        pytest.param(
            json.dumps({"subscriptions": [GOOD]}).encode(), "parameter_invalid_format", id="a wrapper"
        ),
        pytest.param(b"{}", "parameter_invalid_format", id="empty object"),
        pytest.param(b'"text"', "parameter_invalid_format", id="text"),
        pytest.param(b"7", "parameter_invalid_format", id="number"),
        pytest.param(b"true", "parameter_invalid_format", id="boolean"),
        pytest.param(b"null", "parameter_invalid_format", id="null"),
    ],
)
def test_a_body_that_is_no_array_of_1_to_100_is_refused(spotzee, content, code):
    """The body as a whole is named `body`."""
    response = post_bytes(spotzee, content)

    assert_invalid(response, ("body", code))
    assert_unharmed(spotzee)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"not json", id="text"),
        pytest.param(b'[{"subscription_id":7,"state":2,"external_id":"cust-9f4b21"}', id="cut off"),
        pytest.param(
            b'[{"subscription_id":7,"state":2,"external_id":"cust-9f4b21"},]', id="comma at the end"
        ),
        pytest.param(b'[{"subscription_id":7,"state":2,"external_id":"cust-9f4b21"}] []', id="two values"),
        pytest.param(b"[{'subscription_id':7,'state':2,'external_id':'cust-9f4b21'}]", id="single quotes"),
        pytest.param(b'[{"subscription_id":7,"state":NaN,"external_id":"cust-9f4b21"}]', id="NaN"),
        pytest.param(b'[{"subscription_id":Infinity,"state":2,"external_id":"cust-9f4b21"}]', id="Infinity"),
        pytest.param(
            b'[{"subscription_id":7,"state":1,"state":2,"external_id":"cust-9f4b21"}]', id="key twice"
        ),
        pytest.param(b'[{"subscription_id":7,"state":2,"external_id":"\xff\xfe"}]', id="no UTF-8"),
        pytest.param(b'[{"subscription_id":7,"state":2,"external_id":"\\ud800"}]', id="half a character"),
        pytest.param(b"[" * 100_000, id="100,000 brackets"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="100,000 levels"),
    ],
)
def test_what_is_no_json_is_refused(spotzee, content):
    """Bytes that cannot be read exactly are refused before any field is looked at."""
    response = post_bytes(spotzee, content)

    assert (response.status_code, response.json()["code"]) == (400, "parameter_invalid_format")
    assert "errors" not in response.json()
    assert_unharmed(spotzee)


def test_a_body_shorter_than_announced_is_refused(spotzee, raw):
    """A request that breaks off is not applied, even where the part that came is complete JSON."""
    body = b'[{"subscription_id":7,"state":2,"external_id":"cust-9f4b21"}]'
    head = (
        f"POST /~{raw.world}/spotzee{BATCH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {ADMIN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body) + 10}\r\nConnection: close\r\n\r\n"
    )

    answer = raw(head.encode() + body)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"parameter_invalid_format" in answer
    assert_unharmed(spotzee)


def test_a_body_over_the_limit_is_refused(spotzee):
    """More than 10 MiB are too many."""
    response = post_bytes(spotzee, b"[" + b" " * TEN_MEBIBYTES + b"]")

    assert (response.status_code, response.json()["code"]) == (413, "parameter_invalid_format")
    assert_unharmed(spotzee)


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "json", None]
)
def test_a_body_that_is_not_sent_as_json_is_refused(spotzee, media_type):
    """The media type is a header like any other: what is wrong with it is named."""
    headers = {} if media_type is None else {"Content-Type": media_type}

    response = spotzee.post(BATCH, content=json.dumps([GOOD]), headers=headers)

    assert_refused(response, 400, "parameter_invalid_format", "Content-Type")
    assert_unharmed(spotzee)


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_announced_in_any_spelling(spotzee, media_type):
    """Parameters and letter case of the media type do not matter."""
    response = post_bytes(spotzee, json.dumps([GOOD]).encode(), media_type)

    assert outcomes(response) == [2]


def test_a_caller_is_asked_to_authenticate_before_the_body_is_read(spotzee, anonymous):
    """Who is not known learns nothing about the body."""
    response = post_bytes(anonymous("spotzee"), b"not json")

    assert_refused(response, 401, "authentication_required")
    assert_unharmed(spotzee)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_another_method_is_told_which_one_there_is(spotzee, method):
    """The refusal is the vendor's, with the method that would do."""
    response = spotzee.request(method, BATCH, json=[GOOD])

    assert_refused(response, 405, "parameter_invalid_format")
    assert response.headers["Allow"] == "POST"
    assert_unharmed(spotzee)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path", ["/api/client/nothing", "/api/client/users/cust-9f4b21/orders", "/api/admin/projects"]
)
def test_a_path_that_does_not_exist_is_missing(spotzee, method, path):
    """Where there is no operation, the vendor's own error says so."""
    response = spotzee.request(method, path, json=[GOOD] if method == "POST" else None)

    assert_refused(response, 404, "resource_missing")
    assert_unharmed(spotzee)
