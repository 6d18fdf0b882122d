"""What the reads of the Spotzee API promise."""

import base64
import json

import pytest

from tests.vendors.spotzee_world import (
    JANE,
    JANES_STATES,
    TYPES,
    assert_refused,
    assert_unharmed,
)


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


@pytest.mark.parametrize(("encoded", "number"), [("lena.vip%2Beu%40example.com", 1030), ("anon-7d10e4", 1031)])
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
