"""The contacts of a Spotzee project: listed, made and changed by a batch or a queue, deleted."""

import base64

import pytest

from tests.support import bearer
from tests.vendors.spotzee_neighbours import UPSERTS, USERS
from tests.vendors.spotzee_world import (
    ADMIN,
    EDITOR,
    FULL_PROJECT,
    JANE,
    OTHER_PROJECT,
    PUBLISHER,
    SUPPORT,
    assert_invalid,
    assert_refused,
    states_of,
)


def upsert(spotzee, *items, **headers):
    """What became of each item: the saved contact, or the code of its error."""
    response = spotzee.post(UPSERTS, json=items, headers=headers)
    assert response.status_code == 200
    return [
        result["contact"] if "contact" in result else result["error"]["code"] for result in response.json()["results"]
    ]


# Lists


def test_the_contacts_come_newest_first(spotzee):
    """By descending id, 25 to a page, those of the project alone."""
    response = spotzee.get(USERS)

    page = response.json()
    assert [contact["id"] for contact in page["results"]] == [*range(1340, 1315, -1)]
    assert (page["limit"], page["prevCursor"]) == (25, None)
    assert base64.urlsafe_b64decode(page["nextCursor"] + "==") == b'{"id":1316}'
    assert (response.headers["X-Total-Count"], response.headers["X-Limit"]) == ("266", "25")


def test_a_walk_through_the_contacts_meets_each_once(spotzee):
    """Page after page by the cursor, to the end."""
    seen, query = [], {"limit": 100, "sort": "external_id", "direction": "asc"}

    for _ in range(3):
        page = spotzee.get(USERS, params=query).json()
        seen += [contact["id"] for contact in page["results"]]
        query["cursor"] = page["nextCursor"]

    assert (len(seen), len(set(seen)), query["cursor"]) == (266, 266, None)


@pytest.mark.parametrize(
    ("words", "number"),
    [("cust-9f4b21", 1024), ("JANE@example", 1024), ("+61400123456", 1024), ("2c8a3e", 1024), ("vip+eu", 1030)],
)
def test_q_looks_into_identities_and_addresses(spotzee, words, number):
    """External id, e-mail address, phone number and anonymous id."""
    page = spotzee.get(USERS, params={"q": words}).json()

    assert [contact["id"] for contact in page["results"]] == [number]


def test_a_list_cannot_be_sorted_by_just_anything(spotzee):
    """The parameter is named."""
    response = spotzee.get(USERS, params={"sort": "data"})

    assert_refused(response, 400, "parameter_invalid_format", "sort")


def test_archived_contacts_are_left_out_where_they_cannot_be_read(switched):
    """A list and a read agree."""
    page = switched("spotzee", **{"archived-reads": "missing"}).get(USERS, params={"q": "cust-d05a9b"})

    assert page.json()["results"] == []


@pytest.mark.parametrize(
    ("key", "names"),
    [
        (SUPPORT, ["first_name", "last_name", "plan"]),
        (EDITOR, ["first_name", "last_name", "plan"]),
        (PUBLISHER, ["first_name", "last_name", "plan", "account_balance"]),
        (ADMIN, ["first_name", "last_name", "plan", "account_balance"]),
    ],
    ids=["support", "editor", "publisher", "admin"],
)
def test_a_classified_attribute_is_shown_from_a_role_on(spotzee, key, names):
    """To lower roles neither the contact itself nor a list of contacts shows it."""
    alone = spotzee.get(f"{USERS}/cust-17e9a2", headers=bearer(key)).json()
    [listed] = spotzee.get(USERS, params={"q": "cust-17e9a2"}, headers=bearer(key)).json()["results"]

    assert [*alone["data"]] == names
    assert listed == alone


def test_who_is_not_shown_an_attribute_does_not_lose_it(spotzee):
    """An upsert by a lower role lays its members over all that there are."""
    upserted = spotzee.post(
        UPSERTS, json=[{"external_id": "cust-17e9a2", "data": {"plan": "pro"}}], headers=bearer(EDITOR)
    )

    assert "account_balance" not in upserted.json()["results"][0]["contact"]["data"]
    assert spotzee.get(f"{USERS}/cust-17e9a2").json()["data"] == {
        "first_name": "Tom",
        "last_name": "Baker",
        "plan": "pro",
        "account_balance": -12.5,
    }


# Upserts


def test_a_new_contact_is_made(spotzee):
    """It has what was sent, an id of its own, and nothing else; GET shows the same."""
    item = {"external_id": "cust-new", "email": "new@example.com", "data": {"plan": "pro"}}

    [made] = upsert(spotzee, item)

    moments = made.pop("created_at"), made.pop("updated_at")
    assert moments[0] == moments[1]
    assert made == {
        "id": 386926,
        "project_id": 42,
        "external_id": "cust-new",
        "anonymous_id": None,
        "email": "new@example.com",
        "phone": None,
        "timezone": None,
        "locale": None,
        "data": {"plan": "pro"},
        "has_push_device": False,
    }
    assert spotzee.get(f"{USERS}/cust-new").json()["id"] == 386926


def test_an_outcome_has_its_index_and_identities(spotzee):
    """They stand beside the contact, and what failed beside its error; the counts add up."""
    items = [{"external_id": "cust-9f4b21"}, {"anonymous_id": "anon-x", "email": "nobody"}]

    body = spotzee.post(UPSERTS, json=items).json()

    first, second = body["results"]
    assert [*first] == ["index", "external_id", "contact"]
    assert second == {
        "index": 1,
        "anonymous_id": "anon-x",
        "error": {"code": "validation_failed", "message": "email: Must be a valid email address"},
    }
    assert (body["succeeded"], body["failed"]) == (1, 1)


def test_what_is_not_sent_stays(spotzee):
    """An upsert lays its members over the contact, attributes included; null clears."""
    [changed] = upsert(spotzee, {"external_id": "cust-9f4b21", "phone": None, "data": {"plan": None, "genre": "crime"}})

    assert (changed["id"], changed["email"], changed["phone"]) == (1024, "jane@example.com", None)
    assert changed["data"] == {"first_name": "Jane", "last_name": "Doe", "genre": "crime"}
    assert changed["updated_at"] > "2026-04-28T05:14:00.000Z"
    assert changed["created_at"] == "2026-04-28T05:14:00.000Z"


def test_null_takes_all_attributes_away(spotzee):
    """Of `data` as a whole."""
    [changed] = upsert(spotzee, {"external_id": "cust-9f4b21", "data": None})

    assert changed["data"] == {}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("+61 400 123 999", "+61400123999"),
        ("0061 (400) 123-999", "+61400123999"),
        ("0400 123 999", "+61400123999"),
        ("+49 151.555.01234", "+4915155501234"),
    ],
)
def test_phone_numbers_are_brought_to_one_form(spotzee, sent, kept):
    """E.164; a number without a country is one of the project's."""
    [changed] = upsert(spotzee, {"external_id": "cust-9f4b21", "phone": sent})

    assert changed["phone"] == kept


@pytest.mark.parametrize(
    "item",
    [
        {"phone": "12"},
        {"phone": "call me"},
        {"phone": "+0400123999"},
        {"email": "nobody"},
        {"email": "a..b@example.com"},
        {"email": "a@-b.example"},
        {"email": ""},
        {"email": "x" * 65 + "@example.com"},
    ],
    ids=str,
)
def test_what_nobody_can_be_reached_by_fails_its_item(spotzee, item):
    """The others are saved, and the contact stays as it was."""
    outcomes = upsert(spotzee, {"external_id": "cust-9f4b21", "locale": "en-GB", **item}, {"external_id": "cust-new"})

    assert outcomes[0] == "validation_failed"
    assert outcomes[1]["external_id"] == "cust-new"
    assert spotzee.get(JANE).json()["locale"] == "en-AU"


def test_a_contact_may_be_known_anonymously_first(spotzee):
    """It repeats its anonymous id until it has an external one, and is the same contact then."""
    [anonymous] = upsert(spotzee, {"anonymous_id": "anon-new", "locale": "en-NZ"})

    [named] = upsert(spotzee, {"anonymous_id": "anon-new", "external_id": "cust-new"})

    assert anonymous["external_id"] == "anon-new"
    assert (named["id"], named["external_id"], named["locale"]) == (anonymous["id"], "cust-new", "en-NZ")
    assert spotzee.get(f"{USERS}/anon-new").status_code == 404


def test_a_contact_is_found_by_its_anonymous_id(spotzee):
    """And keeps its external one."""
    [changed] = upsert(spotzee, {"anonymous_id": "anon-2c8a3e", "locale": "en-GB"})

    assert (changed["id"], changed["external_id"]) == (1024, "cust-9f4b21")


def test_two_contacts_of_one_person_are_joined(spotzee):
    """What the anonymous one chose counts where the named one had not chosen; the anonymous one is gone."""
    [joined] = upsert(spotzee, {"external_id": "cust-17e9a2", "anonymous_id": "anon-c1e86f"})

    assert (joined["id"], joined["anonymous_id"]) == (1027, "anon-c1e86f")
    assert states_of(spotzee, "cust-17e9a2")[7] == 0
    assert spotzee.get(f"{USERS}/anon-c1e86f").status_code == 404


def test_an_anonymous_state_counts_where_nothing_was_chosen(spotzee):
    """The one known anonymously had unsubscribed from type 7, and so has the contact that takes it in."""
    before = states_of(spotzee, "cust-e91b54")[7], states_of(spotzee, "cust-b6055a")[21]
    upsert(spotzee, {"external_id": "cust-6a82cf", "anonymous_id": "anon-7d10e4"})

    assert before == (2, 1)
    assert states_of(spotzee, "cust-6a82cf")[7] == 0


def test_an_anonymous_id_that_moves_is_gone_where_it_was(switched):
    """The other contact stays without it, and a new contact may have it too."""
    spotzee = switched("spotzee", **{"taken-anonymous-ids": "move"})

    [made] = upsert(spotzee, {"external_id": "cust-new", "anonymous_id": "anon-91d5f0"})

    assert (made["id"], made["anonymous_id"]) == (386926, "anon-91d5f0")
    assert spotzee.get(f"{USERS}/cust-4be07c").json()["anonymous_id"] is None


def test_a_name_cannot_be_had_twice(spotzee):
    """An anonymous id that is somebody's external id stands for nobody else."""
    outcomes = upsert(spotzee, {"anonymous_id": "cust-9f4b21"})

    assert outcomes == ["resource_already_exists"]


def test_an_archived_contact_is_not_changed(spotzee):
    """Its item fails."""
    outcomes = upsert(spotzee, {"external_id": "cust-d05a9b", "locale": "en-GB"})

    assert outcomes == ["archived_user_conflict"]
    assert spotzee.get(f"{USERS}/cust-d05a9b").json()["locale"] == "en-AU"


def test_a_full_organisation_takes_no_new_contact(spotzee):
    """Those that it has can be changed; once one is deleted there is room again."""
    full = bearer(FULL_PROJECT)

    before = upsert(spotzee, {"external_id": "crane-003"}, {"external_id": "crane-001", "locale": "en-GB"}, **full)
    spotzee.delete(f"{USERS}/crane-002", headers=full)
    after = upsert(spotzee, {"external_id": "crane-003"}, **full)

    assert (before[0], before[1]["locale"]) == ("user_capacity_exhausted", "en-GB")
    assert after[0]["external_id"] == "crane-003"


def test_the_same_external_id_is_another_contact_in_another_project(spotzee):
    """Each key changes its own."""
    [changed] = upsert(spotzee, {"external_id": "cust-9f4b21", "locale": "mi-NZ"}, **bearer(OTHER_PROJECT))

    assert changed["id"] == 2101
    assert spotzee.get(JANE).json()["locale"] == "en-AU"


@pytest.mark.parametrize("path", [UPSERTS, USERS])
@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ([], "body", "parameter_invalid_empty"),
        ([{"external_id": "a"}] * 101, "body", "parameter_invalid_format"),
        ({"contacts": []}, "body", "parameter_invalid_format"),
        ([{"email": "a@example.com"}], "0.external_id", "parameter_missing"),
        ([{"external_id": "a", "locale": "x" * 256}], "0.locale", "parameter_invalid_format"),
        ([{"external_id": "a", "timezone": "x" * 51}], "0.timezone", "parameter_invalid_format"),
        ([{"external_id": "a", "data": [1]}], "0.data", "parameter_invalid_format"),
        ([{"external_id": 7}], "0.external_id", "parameter_invalid_format"),
    ],
)
def test_items_that_cannot_be_taken_refuse_all(spotzee, path, body, param, code):
    """The same for the batch and the queue; nothing is saved."""
    response = spotzee.request("POST" if path == UPSERTS else "PATCH", path, json=body)

    assert_invalid(response, (param, code))
    assert spotzee.get(f"{USERS}/a").status_code == 404


def test_a_queue_says_nothing_of_its_items(spotzee):
    """204 without a body; what can be saved is, the rest is dropped."""
    items = [{"external_id": "cust-new", "locale": "en-AU"}, {"external_id": "cust-bad", "email": "nobody"}]

    response = spotzee.patch(USERS, json=items)

    assert (response.status_code, response.content) == (204, b"")
    assert spotzee.get(f"{USERS}/cust-new").json()["locale"] == "en-AU"
    assert spotzee.get(f"{USERS}/cust-bad").status_code == 404


def test_a_repeated_upsert_is_answered_from_memory(spotzee):
    """The contact is made once."""
    once = {"Idempotency-Key": "upsert-0001"}
    first = spotzee.post(UPSERTS, json=[{"external_id": "cust-new"}], headers=once)

    again = spotzee.post(UPSERTS, json=[{"external_id": "cust-new"}], headers=once)

    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")


# Deletions


def test_a_deleted_contact_is_gone_with_its_states(spotzee, admin):
    """A second deletion finds nobody, and a toggle does not either."""
    response = spotzee.delete(JANE)

    assert (response.status_code, response.content) == (204, b"")
    assert_refused(spotzee.get(JANE), 404, "resource_missing", "id")
    assert_refused(spotzee.delete(JANE), 404, "resource_missing", "id")
    assert admin.get("/state/spotzee/states/1024:7").status_code == 404


def test_an_external_id_that_is_free_again_is_a_new_contact(spotzee):
    """With an id that was never given before."""
    upsert(spotzee, {"external_id": "cust-new"})
    spotzee.delete(f"{USERS}/cust-new")

    [made] = upsert(spotzee, {"external_id": "cust-new"})

    assert made["id"] == 386927


def test_many_contacts_are_deleted_at_once(spotzee):
    """Those that are named, and unknown names are passed over."""
    response = spotzee.delete(USERS, params={"user_id": ["cust-9f4b21", "cust-000000", "cust-4be07c", "cust-4be07c"]})

    assert response.status_code == 204
    assert [spotzee.get(f"{USERS}/{name}").status_code for name in ("cust-9f4b21", "cust-4be07c", "cust-c83d15")] == [
        404,
        404,
        200,
    ]


@pytest.mark.parametrize(
    ("query", "code"), [("", "parameter_missing"), ("?user_id=", "parameter_invalid_empty")], ids=["none", "empty"]
)
def test_a_deletion_names_somebody(spotzee, query, code):
    """Without a name nothing is deleted."""
    response = spotzee.delete(USERS + query)

    assert_refused(response, 400, code, "user_id")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", UPSERTS, [{"external_id": "a"}]),
        ("PATCH", USERS, [{"external_id": "a"}]),
        ("DELETE", f"{USERS}?user_id=cust-9f4b21", None),
        ("DELETE", JANE, None),
    ],
)
def test_contacts_are_written_by_editors(spotzee, method, path, body):
    """The role support may read, the role editor may write."""
    refused = spotzee.request(method, path, json=body, headers=bearer(SUPPORT))
    served = spotzee.request(method, path, json=body, headers=bearer(EDITOR))

    assert_refused(refused, 403, "permission_denied")
    assert served.is_success
