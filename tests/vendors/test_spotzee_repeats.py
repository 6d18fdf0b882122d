"""How a call to the Spotzee API is repeated safely."""

import pytest

from tests.support import bearer
from tests.vendors.spotzee_world import (
    BATCH,
    EDITOR,
    GOOD,
    JANE,
    PUBLISHABLE,
    SUPPORT,
    assert_refused,
    assert_unharmed,
    outcomes,
    post_bytes,
    states_of,
)


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


def test_a_body_that_was_no_json_is_refused_from_memory(spotzee):
    """The bytes are what is compared, whatever they are; others are another request."""
    once = {"Idempotency-Key": "toggle-0006"}
    first = post_bytes(spotzee, b"[{", **once)

    again, other = post_bytes(spotzee, b"[{", **once), spotzee.post(BATCH, json=[GOOD], headers=once)

    assert (first.status_code, again.status_code, again.headers.get("Idempotent-Replayed")) == (400, 400, "true")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_mismatch")


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
