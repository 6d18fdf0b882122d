"""Every code of the Spotzee catalogue: the request that earns it, or why none does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx
import pytest

from mockserver.engine.fixture_records import read_fixtures
from mockserver.engine.service import Service
from mockserver.messages import Request
from mockserver.server import Options, load_services, shipped
from mockserver.state.worlds import Worlds
from tests.support import bearer
from tests.vendors.spotzee_neighbours import KEYS, UPSERTS, USERS, send
from tests.vendors.spotzee_world import ADMIN, BATCH, FULL_PROJECT, GOOD, JANE, JANES_STATES, SUPPORT, TYPES

Send = Callable[[httpx.Client], httpx.Response]


@dataclass(frozen=True)
class Earned:
    """The request that is answered with a code, its status, and what has to be switched for it."""

    send: Send
    status: int
    assume: Mapping[str, str] = field(default_factory=dict)


def once(*calls: Send) -> Send:
    """One request after the other; the answer to the last."""
    return lambda spotzee: [call(spotzee) for call in calls][-1]


EARNED = {
    "parameter_missing": Earned(send("DELETE", USERS), 400),
    "parameter_invalid_empty": Earned(send("DELETE", f"{USERS}?user_id="), 400),
    "parameter_invalid_format": Earned(send("GET", f"{USERS}?limit=101"), 400),
    "parameter_unknown": Earned(
        send("POST", BATCH, [{**GOOD, "note": "x"}]),
        400,
        {"unknown-fields": "refuse", "field-errors": "bad-request"},
    ),
    "idempotency_key_invalid": Earned(send("POST", UPSERTS, [], **{"Idempotency-Key": " "}), 400),
    "version_unsupported": Earned(send("GET", USERS, **{"Spotzee-Version": "2025-01-01"}), 400),
    "version_required": Earned(send("GET", USERS), 400, {"version-required": "all"}),
    "authentication_required": Earned(send("GET", USERS, Authorization="Bearer x"), 401),
    "permission_denied": Earned(send("GET", KEYS, **bearer(SUPPORT)), 403),
    "resource_missing": Earned(send("GET", f"{USERS}/nobody"), 404),
    "resource_already_exists": Earned(
        send("POST", "/api/client/alias", {"external_id": "cust-9f4b21", "anonymous_id": "anon-91d5f0"}), 409
    ),
    "state_conflict": Earned(send("DELETE", f"{KEYS}/301"), 409),
    "archived_user_conflict": Earned(
        send("PATCH", f"{USERS}/cust-d05a9b/subscriptions", [{"subscription_id": 7, "state": 0}]), 409
    ),
    "user_capacity_exhausted": Earned(
        send("POST", "/api/client/identify", {"external_id": "crane-003"}, **bearer(FULL_PROJECT)), 409
    ),
    "idempotency_key_mismatch": Earned(
        once(
            send("POST", BATCH, [GOOD], **{"Idempotency-Key": "k1"}),
            send("PATCH", JANES_STATES, [{"subscription_id": 7, "state": 0}], **{"Idempotency-Key": "k1"}),
        ),
        409,
    ),
    "idempotency_in_progress": Earned(send("POST", BATCH, [GOOD], **{"Idempotency-Key": "still-running-0001"}), 409),
    "validation_failed": Earned(send("POST", TYPES, {}), 422),
}
ELSEWHERE = {
    "webhook_signature_invalid": "what comes in to the vendor from mail servers has no operation here",
    "quota_exceeded": "credits are spent in another API of the vendor, the extended one",
    "service_unavailable": "the mock has room; a fault that is asked for can say it",
    "internal_error": "a handler that fails: the test below",
    "rate_limited": "a thousand requests: tests/vendors/test_spotzee_limits.py",
}


def test_every_code_is_earned_or_says_why_not() -> None:
    """The two tables above hold the catalogue of the document, and meet nowhere."""
    codes = load_services(Options(apis=("spotzee",)))["spotzee"].spec.document["components"]["schemas"]["ErrorCode"]

    assert sorted([*EARNED, *ELSEWHERE]) == sorted(codes["enum"])
    assert len(codes["enum"]) == 22


@pytest.mark.parametrize("code", EARNED)
def test_a_code_is_earned(switched: Callable[..., httpx.Client], code: str) -> None:
    """With its status, its title and its page."""
    earned = EARNED[code]

    response = earned.send(switched("spotzee", **earned.assume))

    problem = response.json()
    assert (response.status_code, problem["code"], problem["status"]) == (earned.status, code, "error")
    assert problem["type"] == f"https://docs.spotzee.com/main-api/errors#{code}"
    assert problem["title"]
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_failing_handler_is_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """500 in the envelope, and not a word of what went wrong inside."""
    service: Service = load_services(Options(apis=("spotzee",)))["spotzee"]
    world = Worlds({"spotzee": read_fixtures(service.api, shipped("fixtures", "spotzee"))})["broken"]
    monkeypatch.delitem(world.of("spotzee")._collections, "subscriptions")  # noqa: SLF001 - so that something fails

    exchange = service.serve(Request("GET", f"{TYPES}", "", bearer(ADMIN), b"", "192.0.2.1"), world)

    assert exchange.status == 500
    assert b'"code":"internal_error"' in exchange.content
    assert b"subscriptions" not in exchange.content
    assert exchange.broken == ()


# A request that still runs


def test_a_key_whose_first_request_still_runs_is_asked_to_wait(spotzee, admin):
    """409 with Retry-After, on any operation; nothing is applied, and once it no longer runs the key is new."""
    headers = {"Idempotency-Key": "still-running-0001"}
    refused = spotzee.post(BATCH, json=[GOOD], headers=headers)

    admin.delete("/state/spotzee/running/still-running-0001")
    served = spotzee.post(BATCH, json=[GOOD], headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_in_progress")
    assert (refused.json()["param"], refused.headers["Retry-After"]) == ("Idempotency-Key", "1")
    assert (served.status_code, served.headers.get("Idempotent-Replayed")) == (200, None)


def test_any_key_can_be_said_to_run(spotzee, admin):
    """For the key that is named, and for no other caller."""
    admin.post("/state/spotzee/running", json={"key": "mine", "caller": ADMIN})
    headers = {"Idempotency-Key": "mine"}

    refused = spotzee.post(BATCH, json=[GOOD], headers=headers)
    served = spotzee.post(BATCH, json=[GOOD], headers=headers | bearer("sk_01HXY81D5E8F0G2H4J6K8M0N2Q"))

    assert (refused.status_code, served.status_code) == (409, 200)


def test_a_key_is_new_after_a_day(spotzee, admin):
    """On the world's clock: a second before 24 hours are over the answer is given again, then the request runs."""
    admin.post("/clock/freeze", json={"at": "2026-05-01T12:00:00.000Z"})
    headers = {"Idempotency-Key": "daily"}
    spotzee.post(BATCH, json=[GOOD], headers=headers)

    admin.post("/clock/advance", json={"seconds": 86_399})
    early = spotzee.post(BATCH, json=[GOOD], headers=headers)
    admin.post("/clock/advance", json={"seconds": 1})
    late = spotzee.post(BATCH, json=[{**GOOD, "state": 0}], headers=headers)

    assert (early.headers.get("Idempotent-Replayed"), late.headers.get("Idempotent-Replayed")) == ("true", None)
    assert late.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", USERS, [{"external_id": "cust-new"}]),
        ("POST", "/api/client/identify", {"external_id": "cust-new"}),
        ("POST", f"{JANE}/sessions", None),
        ("POST", TYPES, {"name": "Once", "channel": "email"}),
    ],
)
def test_every_write_can_be_repeated(spotzee, method, path, body):
    """204s without a body included; the stored answer is marked."""
    headers = {"Idempotency-Key": "again"}
    first = spotzee.request(method, path, json=body, headers=headers)

    again = spotzee.request(method, path, json=body, headers=headers)

    assert (again.status_code, again.content, again.headers["Idempotent-Replayed"]) == (
        first.status_code,
        first.content,
        "true",
    )


def test_a_deletion_takes_no_key(spotzee):
    """It runs each time."""
    headers = {"Idempotency-Key": "gone"}
    spotzee.delete(JANE, headers=headers)

    again = spotzee.delete(JANE, headers=headers)

    assert (again.status_code, again.headers.get("Idempotent-Replayed")) == (404, None)
