"""What the Spotzee API says to a request that it cannot take, and that nothing changes then."""

import json

import pytest

from tests.vendors.spotzee_world import (
    ADMIN,
    BATCH,
    GOOD,
    TEN_MEBIBYTES,
    WHOLE,
    assert_invalid,
    assert_refused,
    assert_unharmed,
    outcomes,
    post_bytes,
)


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
        pytest.param(json.dumps({"subscriptions": [GOOD]}).encode(), "parameter_invalid_format", id="a wrapper"),
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
        pytest.param(b'[{"subscription_id":7,"state":2,"external_id":"cust-9f4b21"},]', id="comma at the end"),
        pytest.param(b'[{"subscription_id":7,"state":2,"external_id":"cust-9f4b21"}] []', id="two values"),
        pytest.param(b"[{'subscription_id':7,'state':2,'external_id':'cust-9f4b21'}]", id="single quotes"),
        pytest.param(b'[{"subscription_id":7,"state":NaN,"external_id":"cust-9f4b21"}]', id="NaN"),
        pytest.param(b'[{"subscription_id":Infinity,"state":2,"external_id":"cust-9f4b21"}]', id="Infinity"),
        pytest.param(b'[{"subscription_id":7,"state":1,"state":2,"external_id":"cust-9f4b21"}]', id="key twice"),
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


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_another_method_is_told_which_ones_there_are(spotzee, method):
    """The refusal is the vendor's, with the one method that would do: `batch` is never read as the id of a type."""
    response = spotzee.request(method, BATCH, json=[GOOD])

    assert_refused(response, 405, "parameter_invalid_format")
    assert response.headers["Allow"] == "POST"
    assert_unharmed(spotzee)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/api/client/nothing", "/api/client/users/cust-9f4b21/orders", "/api/admin/projects"])
def test_a_path_that_does_not_exist_is_missing(spotzee, method, path):
    """Where there is no operation, the vendor's own error says so."""
    response = spotzee.request(method, path, json=[GOOD] if method == "POST" else None)

    assert_refused(response, 404, "resource_missing")
    assert_unharmed(spotzee)
