"""A contact's own side of Spotzee: a session token from the project's server, and what a browser does with it."""

import base64
import hashlib
import hmac
import json

import pytest

from tests.support import bearer
from tests.vendors.spotzee_neighbours import USERS
from tests.vendors.spotzee_world import (
    BROWSER_OF_OTHER_PROJECT,
    JANE,
    OTHER_PROJECT,
    PUBLISHABLE,
    SUPPORT,
    assert_invalid,
    assert_refused,
    states_of,
)

ME, MY_STATES = "/api/client/users/me", "/api/client/subscriptions/me"
CONTACT_TOKEN, USER_TOKEN = "X-Spotzee-Contact-Token", "X-Spotzee-User-Token"
NOON = "2026-05-01T12:00:00.000Z"
SECRET = b"harbour-lane-books-signs-sessions-with-this"


@pytest.fixture
def token(spotzee, admin):
    """A token of the documented contact, made at noon, where time stands still."""
    admin.post("/clock/freeze", json={"at": NOON})
    return spotzee.post(f"{JANE}/sessions").json()["token"]


def part(text):
    """One part of a JWT, decoded."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_token_is_a_signed_jwt_of_fifteen_minutes(spotzee, admin):
    """HMAC-SHA256 over head and claims, which name project and contact and the end of the session."""
    admin.post("/clock/freeze", json={"at": NOON})

    response = spotzee.post(f"{JANE}/sessions")

    session = response.json()
    head, claims, signature = session["token"].split(".")
    assert [*session] == ["token", "expires_at"]
    assert session["expires_at"] == "2026-05-01T12:15:00.000Z"
    assert json.loads(part(head)) == {"alg": "HS256", "typ": "JWT"}
    assert part(claims) == b'{"project_id":42,"user_id":1024,"iat":1777636800,"exp":1777637700}'
    assert part(signature) == hmac.new(SECRET, f"{head}.{claims}".encode(), hashlib.sha256).digest()


@pytest.mark.parametrize("header", [CONTACT_TOKEN, USER_TOKEN])
def test_a_token_opens_its_contact(spotzee, token, header):
    """Under either of its names, with a publishable key."""
    response = spotzee.get(ME, headers={**bearer(PUBLISHABLE), header: token})

    assert (response.status_code, response.json()["id"]) == (200, 1024)


def test_a_contact_sets_its_own_states(spotzee, token):
    """The answer is the list of its states as they now are."""
    headers = {**bearer(PUBLISHABLE), CONTACT_TOKEN: token}

    response = spotzee.patch(MY_STATES, json=[{"subscription_id": 36, "state": 0}], headers=headers)

    page = response.json()
    assert page["results"][0] == {"subscription_id": 36, "state": 0, "name": "Winter catalogue", "channel": "email"}
    assert (len(page["results"]), page["limit"], response.headers["X-Total-Count"]) == (25, 25, "28")
    assert states_of(spotzee, "cust-9f4b21")[36] == 0


def test_the_list_after_a_change_goes_on_by_its_cursor(spotzee, token):
    """Where the server reads the rest of it."""
    headers = {**bearer(PUBLISHABLE), CONTACT_TOKEN: token}
    page = spotzee.patch(MY_STATES, json=[{"subscription_id": 36, "state": 0}], headers=headers).json()

    rest = spotzee.get(f"{JANE}/subscriptions", params={"cursor": page["nextCursor"]}).json()

    assert [entry["subscription_id"] for entry in rest["results"]] == [9, 8, 7]


@pytest.mark.parametrize(("seconds", "status"), [(899, 200), (900, 401)])
def test_a_token_ends_after_fifteen_minutes(spotzee, admin, token, seconds, status):
    """On the world's clock, to the second."""
    admin.post("/clock/advance", json={"seconds": seconds})

    response = spotzee.get(ME, headers={**bearer(PUBLISHABLE), CONTACT_TOKEN: token})

    assert response.status_code == status


@pytest.mark.parametrize("path", [ME, MY_STATES])
@pytest.mark.parametrize("bad", ["", "nonsense", "a.b.c", "forged", "cut"])
def test_without_a_good_token_nothing_is_opened(spotzee, token, path, bad):
    """None, one that is no token, one that another key signed, one that is not whole: the header is named."""
    head, claims, _ = token.split(".")
    forged = base64.urlsafe_b64encode(hmac.new(b"x" * 32, f"{head}.{claims}".encode(), hashlib.sha256).digest())
    text = {"forged": f"{head}.{claims}.{forged.decode().rstrip('=')}", "cut": token[:-2]}.get(bad, bad)
    headers = bearer(PUBLISHABLE) | ({CONTACT_TOKEN: text} if text else {})

    response = spotzee.request("GET" if path == ME else "PATCH", path, headers=headers, json=[] if path != ME else None)

    assert_refused(response, 401, "authentication_required", CONTACT_TOKEN)


def test_a_token_of_no_algorithm_opens_nothing(spotzee, token):
    """Its signature is what counts."""
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    text = f"{head}.{token.split('.')[1]}."

    response = spotzee.get(ME, headers={**bearer(PUBLISHABLE), USER_TOKEN: text})

    assert_refused(response, 401, "authentication_required", USER_TOKEN)


def test_a_token_is_good_in_its_own_project(spotzee, token):
    """Another project's key does not open the contact with it."""
    response = spotzee.get(ME, headers={**bearer(BROWSER_OF_OTHER_PROJECT), CONTACT_TOKEN: token})

    assert_refused(response, 401, "authentication_required", CONTACT_TOKEN)


def test_the_token_of_a_deleted_contact_opens_nothing(spotzee, token):
    """There is nobody left."""
    spotzee.delete(JANE)

    response = spotzee.get(ME, headers={**bearer(PUBLISHABLE), CONTACT_TOKEN: token})

    assert_refused(response, 401, "authentication_required", CONTACT_TOKEN)


@pytest.mark.parametrize("key", [OTHER_PROJECT, SUPPORT], ids=["other project", "support"])
def test_a_secret_key_does_not_open_a_browsers_routes(spotzee, token, key):
    """Not even with a token."""
    response = spotzee.get(ME, headers={**bearer(key), CONTACT_TOKEN: token})

    assert_refused(response, 401, "authentication_required")


def test_a_publishable_key_has_no_session_made(spotzee):
    """That is for the project's server."""
    response = spotzee.post(f"{JANE}/sessions", headers=bearer(PUBLISHABLE))

    assert_refused(response, 401, "authentication_required")


def test_a_contact_that_is_not_there_has_no_session(spotzee):
    """It is missing as everywhere."""
    response = spotzee.post(f"{USERS}/cust-000000/sessions")

    assert_refused(response, 404, "resource_missing", "id")


def test_an_unknown_type_leaves_all_as_it_was(spotzee, token):
    """Of its toggles none is applied."""
    headers = {**bearer(PUBLISHABLE), CONTACT_TOKEN: token}
    toggles = [{"subscription_id": 7, "state": 2}, {"subscription_id": 15, "state": 0}]

    response = spotzee.patch(MY_STATES, json=toggles, headers=headers)

    assert_refused(response, 404, "resource_missing", "1.subscription_id")
    assert states_of(spotzee, "cust-9f4b21")[7] == 0


def test_toggles_that_cannot_be_taken_are_refused(spotzee, token):
    """With every field at fault."""
    response = spotzee.patch(MY_STATES, json=[{"state": 3}], headers={**bearer(PUBLISHABLE), CONTACT_TOKEN: token})

    assert_invalid(response, ("0.subscription_id", "parameter_missing"), ("0.state", "parameter_invalid_format"))
