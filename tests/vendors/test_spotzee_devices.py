"""What the devices of contacts tell Spotzee: who somebody is, that two are one, what happened."""

import pytest

from tests.support import bearer
from tests.vendors.spotzee_neighbours import USERS
from tests.vendors.spotzee_world import EDITOR, JANE, PUBLISHABLE, SUPPORT, assert_invalid, assert_refused

IDENTIFY, ALIAS, EVENTS = "/api/client/identify", "/api/client/alias", "/api/client/events"
CALLS = [
    (IDENTIFY, {"external_id": "cust-9f4b21"}),
    (ALIAS, {"external_id": "cust-9f4b21", "anonymous_id": "anon-new"}),
    (EVENTS, [{"name": "seen", "external_id": "cust-9f4b21"}]),
]


@pytest.mark.parametrize(("path", "body"), CALLS)
@pytest.mark.parametrize("key", [PUBLISHABLE, EDITOR], ids=["publishable", "editor"])
def test_a_device_may_tell(spotzee, path, body, key):
    """With the key that stands in a web page, or with a server's; the answer is empty."""
    response = spotzee.post(path, json=body, headers=bearer(key))

    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_a_server_that_may_only_read_may_not_tell(spotzee, path, body):
    """Contacts are written by editors."""
    response = spotzee.post(path, json=body, headers=bearer(SUPPORT))

    assert_refused(response, 403, "permission_denied")


def test_an_identified_contact_has_what_was_sent(spotzee):
    """It is made where there was none."""
    spotzee.post(IDENTIFY, json={"anonymous_id": "anon-new", "email": "new@example.com", "data": {"plan": "free"}})

    contact = spotzee.get(f"{USERS}/anon-new").json()

    assert (contact["email"], contact["data"]) == ("new@example.com", {"plan": "free"})


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "external_id", "parameter_missing"),
        ({"external_id": "a", "email": "nobody"}, "email", "parameter_invalid_format"),
        ({"external_id": "a", "phone": "12"}, "phone", "parameter_invalid_format"),
        ({"external_id": "a", "locale": 7}, "locale", "parameter_invalid_format"),
        ([], "body", "parameter_invalid_format"),
    ],
    ids=str,
)
def test_a_contact_that_cannot_be_identified_is_refused(spotzee, body, param, code):
    """The field is named, without an index."""
    response = spotzee.post(IDENTIFY, json=body)

    assert_invalid(response, (param, code))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"external_id": "cust-d05a9b"}, "archived_user_conflict"),
        ({"external_id": "cust-9f4b21", "anonymous_id": "anon-91d5f0"}, "resource_already_exists"),
    ],
)
def test_a_contact_that_is_in_the_way_is_a_conflict(spotzee, body, code):
    """Archived, or another one that has the anonymous id."""
    response = spotzee.post(IDENTIFY, json=body)

    assert_refused(response, 409, code)


def test_an_alias_joins_two_identities(spotzee):
    """The contact that was known anonymously is found by its external id from now on."""
    spotzee.post(ALIAS, json={"anonymous_id": "anon-7d10e4", "external_id": "cust-new"})

    assert spotzee.get(f"{USERS}/cust-new").json()["id"] == 1031
    assert spotzee.get(f"{USERS}/anon-7d10e4").status_code == 404


def test_an_alias_needs_both_identities(spotzee):
    """Each that is missing or empty is named."""
    response = spotzee.post(ALIAS, json={"anonymous_id": ""})

    assert_invalid(response, ("external_id", "parameter_missing"), ("anonymous_id", "parameter_invalid_empty"))


def test_an_event_is_on_record_for_its_contact(spotzee, admin):
    """Of a contact that is known by either identity; one of nobody is dropped."""
    events = [
        {"name": "one", "external_id": "cust-9f4b21", "data": {"n": 1}},
        {"name": "two", "anonymous_id": "anon-2c8a3e"},
        {"name": "three", "anonymous_id": "anon-nobody"},
    ]

    spotzee.post(EVENTS, json=events)

    records = admin.get("/state/spotzee/events").json()["records"]
    assert [(record["user_id"], record["name"], record["data"]) for record in records[2:]] == [
        (1024, "one", {"n": 1}),
        (1024, "two", {}),
    ]


def test_the_user_of_an_event_is_upserted(spotzee):
    """Known or not."""
    events = [
        {"name": "seen", "external_id": "cust-9f4b21", "user": {"locale": "en-GB"}},
        {"name": "seen", "anonymous_id": "anon-new", "user": {"data": {"plan": "free"}}},
        {"name": "seen", "external_id": "cust-bad", "user": {"email": "nobody"}},
    ]

    response = spotzee.post(EVENTS, json=events)

    assert response.status_code == 204
    assert spotzee.get(JANE).json()["locale"] == "en-GB"
    assert spotzee.get(f"{USERS}/anon-new").json()["data"] == {"plan": "free"}
    assert spotzee.get(f"{USERS}/cust-bad").status_code == 404


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ([], "body", "parameter_invalid_empty"),
        ([{"name": "seen", "external_id": "a"}] * 101, "body", "parameter_invalid_format"),
        ([{"external_id": "a"}], "0.name", "parameter_missing"),
        ([{"name": "", "external_id": "a"}], "0.name", "parameter_invalid_empty"),
        ([{"name": "seen"}], "0.external_id", "parameter_missing"),
        ([{"name": "seen", "external_id": "a", "user": {"locale": 7}}], "0.user.locale", "parameter_invalid_format"),
    ],
)
def test_events_that_cannot_be_taken_are_refused(spotzee, body, param, code):
    """The field is named by its place."""
    response = spotzee.post(EVENTS, json=body)

    assert_invalid(response, (param, code))
