"""Who may call the Spotzee API, what a key reaches, and what every answer carries."""

import re

import pytest

from tests.support import bearer
from tests.vendors.spotzee_world import (
    ADMIN,
    BATCH,
    EDITOR,
    GOOD,
    JANE,
    ORGANISATION,
    OTHER_PROJECT,
    PUBLISHABLE,
    PUBLISHER,
    READS,
    REVOKED,
    SMTPPROXY,
    SUPPORT,
    TYPES,
    assert_refused,
    assert_unharmed,
    outcomes,
)

# --- who may call --------------------------------------------------------------------------------


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


# --- projects do not meet ------------------------------------------------------------------------


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


# --- headers of every answer ---------------------------------------------------------------------


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
