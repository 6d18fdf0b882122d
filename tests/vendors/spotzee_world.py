"""What the tests of the Spotzee API know of its shipped world: keys, contacts, and what nobody may have changed."""

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
BROWSER_OF_OTHER_PROJECT = "pk_01HXY88V9W0X2Y4Z6A8B0C2D4E"
FULL_PROJECT = "sk_01HXY89W0X1Y3Z5A7B9C1D3E5F"
TOKEN = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    ".eyJwcm9qZWN0X2lkIjo0MiwidXNlcl9pZCI6MTAyNCwiaWF0IjoxNzc3MzM0NDAwLCJleHAiOjQxMDI0NDQ4MDB9"
    ".IkQ3OuwDGzTd6wRSz4_QXAtj7vdVJHIRyci7SEG-NZQ"
)
OTHER_PROJECT = "sk_01HXY87S7T8V0W2X4Y6Z8A0B2C"

GOOD = {"subscription_id": 7, "state": 2, "external_id": "cust-9f4b21"}
WHOLE = {"subscription_id": 7, "state": 1, "external_id": "cust-4be07c", "anonymous_id": "anon-91d5f0"}
UNKNOWN_CONTACT = {"code": "resource_missing", "message": "Contact identity could not be resolved."}
TEN_MEBIBYTES = 10 * 1024 * 1024


def states_of(spotzee, external_id):
    """The states of one contact by subscription type, as the vendor's own read shows them."""
    page = spotzee.get(f"/api/client/users/{external_id}/subscriptions", params={"limit": -1}).json()
    return {entry["subscription_id"]: entry["state"] for entry in page["results"]}


def outcomes(response):
    """What became of each toggle: its state, or the code of its error."""
    return [result["state"] if "state" in result else result["error"]["code"] for result in response.json()["results"]]


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
