"""The project that a Spotzee key opens, and its keys."""

import re

import pytest

from tests.support import bearer
from tests.vendors.spotzee_neighbours import KEYS
from tests.vendors.spotzee_world import (
    ADMIN,
    BATCH,
    EDITOR,
    GOOD,
    OTHER_PROJECT,
    PUBLISHER,
    SUPPORT,
    TYPES,
    assert_invalid,
    assert_refused,
)

ME = "/api/client/me"


@pytest.mark.parametrize(("key", "role"), [(ADMIN, "admin"), (SUPPORT, "support")])
def test_a_key_shows_its_project_and_its_role(spotzee, key, role):
    """Nothing of what is the mock's own."""
    response = spotzee.get(ME, headers=bearer(key))

    assert response.json() == {
        "id": 42,
        "organization_id": 7,
        "name": "Harbour Lane Books",
        "locale": "en-AU",
        "timezone": "Australia/Sydney",
        "has_provider": True,
        "created_at": "2026-01-08T23:30:00.000Z",
        "updated_at": "2026-04-20T04:12:00.000Z",
        "role": role,
    }


def test_keys_are_listed_without_their_values(spotzee):
    """Those of the project that are not revoked, newest first, masked but for prefix and last four characters."""
    response = spotzee.get(KEYS)

    keys = [(key["id"], key["scope"], key["role"], key["value"]) for key in response.json()["results"]]
    assert keys == [
        (307, "public", "admin", "pk_...4V6W"),
        (306, "secret", "editor", "sk_...F4G6"),
        (305, "secret", "support", "sk_...2S4T"),
        (304, "secret", "smtpproxy", "sk_...1Q3R"),
        (303, "secret", "editor", "sk_...0N2Q"),
        (302, "secret", "publisher", "sk_...8M0P"),
        (301, "secret", "admin", "sk_...S1T2"),
    ]
    assert ADMIN not in response.text


def test_a_new_key_works_at_once(spotzee):
    """Its value is shown this once; without more it is a secret key that may read."""
    made = spotzee.post(KEYS, json={"name": "Till"}).json()

    assert re.fullmatch(r"sk_[0-9A-HJKMNP-TV-Z]{26}", made["value"])
    assert (made["id"], made["scope"], made["role"], made["description"]) == (401, "secret", "support", None)
    assert spotzee.get(f"{KEYS}/401").json()["value"] == f"sk_...{made['value'][-4:]}"
    assert spotzee.get(TYPES, headers=bearer(made["value"])).status_code == 200
    assert spotzee.post(BATCH, json=[GOOD], headers=bearer(made["value"])).status_code == 403


def test_a_publishable_key_is_made_too(spotzee):
    """It opens what devices send, and nothing else."""
    made = spotzee.post(KEYS, json={"name": "App", "scope": "public", "role": "admin"}).json()

    told = spotzee.post("/api/client/identify", json={"anonymous_id": "a"}, headers=bearer(made["value"]))
    assert made["value"].startswith("pk_")
    assert told.status_code == 204
    assert spotzee.get(TYPES, headers=bearer(made["value"])).status_code == 401


def test_a_role_holds_from_the_next_request_on(spotzee):
    """Up and down."""
    before = spotzee.post(BATCH, json=[GOOD], headers=bearer(SUPPORT)).status_code

    changed = spotzee.patch(f"{KEYS}/305", json={"role": "editor", "description": "Now with a say."}).json()

    assert (before, changed["role"], changed["description"]) == (403, "editor", "Now with a say.")
    assert changed["name"] == "Help desk"
    assert spotzee.post(BATCH, json=[GOOD], headers=bearer(SUPPORT)).status_code == 200


def test_a_deleted_key_opens_nothing(spotzee):
    """At once, and it is no longer shown."""
    response = spotzee.delete(f"{KEYS}/303")

    assert (response.status_code, response.content) == (204, b"")
    assert_refused(spotzee.get(TYPES, headers=bearer(EDITOR)), 401, "authentication_required")
    assert_refused(spotzee.get(f"{KEYS}/303"), 404, "resource_missing", "id")
    assert 303 not in [key["id"] for key in spotzee.get(KEYS).json()["results"]]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_system_key_stays(spotzee, method):
    """It is in a state that forbids it."""
    response = spotzee.request(method, f"{KEYS}/304", json={"role": "support"} if method == "PATCH" else None)

    assert_refused(response, 409, "state_conflict")
    assert spotzee.get(f"{KEYS}/304").json()["role"] == "smtpproxy"


@pytest.mark.parametrize("number", [999, 309, 310], ids=["unknown", "revoked", "another project's"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_key_that_the_project_does_not_have_is_missing(spotzee, method, number):
    """Whatever is asked of it."""
    response = spotzee.request(method, f"{KEYS}/{number}", json={} if method == "PATCH" else None)

    assert_refused(response, 404, "resource_missing", "id")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", KEYS), ("POST", KEYS), ("GET", f"{KEYS}/305"), ("PATCH", f"{KEYS}/305"), ("DELETE", f"{KEYS}/305")],
)
def test_keys_are_an_admins_affair(spotzee, method, path):
    """No lower role sees or changes them."""
    body = {"name": "X", "role": "admin"} if method in ("POST", "PATCH") else None

    response = spotzee.request(method, path, json=body, headers=bearer(PUBLISHER))

    assert_refused(response, 403, "permission_denied")


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "name", "parameter_missing"),
        ({"name": ""}, "name", "parameter_invalid_empty"),
        ({"name": "X", "scope": "organisation"}, "scope", "parameter_invalid_format"),
        ({"name": "X", "role": "owner"}, "role", "parameter_invalid_format"),
    ],
)
def test_a_key_that_cannot_be_is_refused(spotzee, body, param, code):
    """The field is named."""
    response = spotzee.post(KEYS, json=body)

    assert_invalid(response, (param, code))


def test_a_key_is_made_once_under_an_idempotency_key(spotzee):
    """The repeated answer shows the same value again."""
    once = {"Idempotency-Key": "key-0001"}
    first = spotzee.post(KEYS, json={"name": "Till"}, headers=once).json()

    again = spotzee.post(KEYS, json={"name": "Till"}, headers=once).json()

    assert again == first
    assert len(spotzee.get(KEYS, params={"q": "Till"}).json()["results"]) == 1


def test_projects_have_keys_of_their_own(spotzee):
    """The other project sees its two."""
    page = spotzee.get(KEYS, headers=bearer(OTHER_PROJECT)).json()

    assert [key["id"] for key in page["results"]] == [311, 310]
