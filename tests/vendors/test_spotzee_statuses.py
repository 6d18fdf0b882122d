"""Every documented status of every operation of the Spotzee API, and the request that produces it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from mockserver.engine.call import Call
from mockserver.engine.fixture_records import read_fixtures
from mockserver.engine.service import Service, Settings
from mockserver.json_text import Json, encode
from mockserver.messages import Request
from mockserver.problem import FORBIDDEN, INVALID, NOT_FOUND, Problem, Violation
from mockserver.server import Options, load_services, shipped
from mockserver.state.world import ApiState, World
from mockserver.state.worlds import Worlds
from tests.support import bearer
from tests.vendors.spotzee_neighbours import BROWSER, KEYS, UPSERTS, USERS, WEBHOOKS
from tests.vendors.spotzee_world import (
    ADMIN,
    BATCH,
    BROWSER_OF_OTHER_PROJECT,
    GOOD,
    JANE,
    JANES_STATES,
    OTHER_PROJECT,
    SUPPORT,
    TEN_MEBIBYTES,
    TYPES,
)

MY_STATES, ME = f"{TYPES}/me", f"{USERS}/me"
TOGGLES = [{"subscription_id": 7, "state": 2}]
HOOK = {"name": "Test", "url": "https://example.com/hook", "event_types": ["delivery.delivered"]}
EVENTS = "/api/client/events"


@dataclass(frozen=True)
class Ask:
    """One request, as the default key sends it unless its headers name another; what has to be switched, and what is
    sent before.
    """

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    assume: Mapping[str, str] = field(default_factory=dict)
    before: "tuple[Ask, ...]" = ()

    def send(self, spotzee: httpx.Client) -> httpx.Response:
        """The answer."""
        for ask in self.before:
            ask.send(spotzee)
        content = self.body if isinstance(self.body, bytes) or self.body is None else encode(self.body)
        media_type = {} if content is None else {"Content-Type": "application/json"}
        return spotzee.request(self.method, self.path, content=content, headers={**media_type, **self.headers})

    def with_headers(self, **headers: str) -> "Ask":
        """The same with more headers."""
        return replace(self, headers={**self.headers, **headers})


SERVED = {
    "batchToggleSubscriptions": Ask("POST", BATCH, [GOOD]),
    "toggleMySubscriptions": Ask("PATCH", MY_STATES, TOGGLES, BROWSER),
    "listSubscriptionTypes": Ask("GET", TYPES),
    "createSubscriptionType": Ask("POST", TYPES, {"name": "Reading club", "channel": "email"}),
    "getSubscriptionType": Ask("GET", f"{TYPES}/7"),
    "updateSubscriptionType": Ask("PATCH", f"{TYPES}/7", {"name": "Weekly", "is_public": False}),
    "listContacts": Ask("GET", USERS),
    "queueContactUpserts": Ask("PATCH", USERS, [{"external_id": "a"}]),
    "deleteContacts": Ask("DELETE", f"{USERS}?user_id=cust-9f4b21"),
    "upsertContacts": Ask("POST", UPSERTS, [{"external_id": "a"}]),
    "getMyContact": Ask("GET", ME, None, BROWSER),
    "getContact": Ask("GET", JANE),
    "deleteContact": Ask("DELETE", JANE),
    "listContactSubscriptions": Ask("GET", JANES_STATES),
    "toggleContactSubscriptions": Ask("PATCH", JANES_STATES, TOGGLES),
    "createContactSession": Ask("POST", f"{JANE}/sessions"),
    "getProject": Ask("GET", "/api/client/me"),
    "listKeys": Ask("GET", KEYS),
    "createKey": Ask("POST", KEYS, {"name": "Till"}),
    "getKey": Ask("GET", f"{KEYS}/306"),
    "updateKey": Ask("PATCH", f"{KEYS}/306", {"name": "Till"}),
    "deleteKey": Ask("DELETE", f"{KEYS}/306"),
    "identifyContact": Ask("POST", "/api/client/identify", {"external_id": "a"}),
    "aliasContact": Ask("POST", "/api/client/alias", {"external_id": "a", "anonymous_id": "b"}),
    "postEvents": Ask("POST", EVENTS, [{"name": "seen", "external_id": "a"}]),
    "listWebhooks": Ask("GET", WEBHOOKS),
    "createWebhook": Ask("POST", WEBHOOKS, HOOK),
    "getWebhook": Ask("GET", f"{WEBHOOKS}/7"),
    "updateWebhook": Ask("PATCH", f"{WEBHOOKS}/7", {"name": "Mail"}),
    "deleteWebhook": Ask("DELETE", f"{WEBHOOKS}/7"),
    "rotateWebhookSecret": Ask("POST", f"{WEBHOOKS}/7/rotate-secret"),
    "testWebhook": Ask("POST", f"{WEBHOOKS}/7/test"),
}
EMPTY = {
    "queueContactUpserts",
    "deleteContacts",
    "deleteContact",
    "deleteKey",
    "identifyContact",
    "aliasContact",
    "postEvents",
    "deleteWebhook",
    "testWebhook",
}
MISSING = {
    "batchToggleSubscriptions": Ask(
        "POST", BATCH, [{**GOOD, "subscription_id": 999_999}], assume={"unknown-types": "missing"}
    ),
    "toggleMySubscriptions": Ask("PATCH", MY_STATES, [{"subscription_id": 999_999, "state": 1}], BROWSER),
    "getSubscriptionType": Ask("GET", f"{TYPES}/999"),
    "updateSubscriptionType": Ask("PATCH", f"{TYPES}/999", {"name": "X", "is_public": True}),
    "deleteContacts": Ask("DELETE", f"{USERS}?user_id=nobody", assume={"unknown-deletions": "missing"}),
    "getMyContact": Ask("GET", ME, None, BROWSER, assume={"orphan-tokens": "missing"}, before=(Ask("DELETE", JANE),)),
    "getContact": Ask("GET", f"{USERS}/nobody"),
    "deleteContact": Ask("DELETE", f"{USERS}/nobody"),
    "listContactSubscriptions": Ask("GET", f"{USERS}/nobody/subscriptions"),
    "toggleContactSubscriptions": Ask("PATCH", f"{USERS}/nobody/subscriptions", TOGGLES),
    "createContactSession": Ask("POST", f"{USERS}/nobody/sessions"),
    "getKey": Ask("GET", f"{KEYS}/999"),
    "updateKey": Ask("PATCH", f"{KEYS}/999", {}),
    "deleteKey": Ask("DELETE", f"{KEYS}/999"),
    "getWebhook": Ask("GET", f"{WEBHOOKS}/999"),
    "updateWebhook": Ask("PATCH", f"{WEBHOOKS}/999", {}),
    "deleteWebhook": Ask("DELETE", f"{WEBHOOKS}/999"),
    "rotateWebhookSecret": Ask("POST", f"{WEBHOOKS}/999/rotate-secret"),
    "testWebhook": Ask("POST", f"{WEBHOOKS}/999/test"),
}
ARCHIVED = f"{USERS}/cust-d05a9b"
CONFLICTS = {
    "deleteContact": Ask("DELETE", ARCHIVED, assume={"archived-deletions": "refuse"}),
    "deleteContacts": Ask("DELETE", f"{USERS}?user_id=cust-d05a9b", assume={"archived-deletions": "refuse"}),
    "deleteKey": Ask("DELETE", f"{KEYS}/304"),
}
OPEN_TO_SUPPORT = {
    "listSubscriptionTypes",
    "getSubscriptionType",
    "listContacts",
    "getContact",
    "listContactSubscriptions",
    "getProject",
}
BY_BROWSERS = {"toggleMySubscriptions", "getMyContact"}
HUGE = b" " * (TEN_MEBIBYTES + 1)


def table() -> dict[tuple[str, str], Ask]:
    """The request that produces each status of each operation."""
    asks: dict[tuple[str, str], Ask] = {}
    for name, ask in SERVED.items():
        asks[name, "204" if name in EMPTY else "200"] = ask
        asks[name, "400"] = ask.with_headers(**{"Spotzee-Version": "2025-01-01"})
        asks[name, "401"] = ask.with_headers(Authorization="Bearer sk_00000000000000000000000000")
        if name in BY_BROWSERS:
            forbidden = replace(ask, assume={"me-secret-keys": "forbidden"})
            asks[name, "403"] = forbidden.with_headers(**bearer(ADMIN))
        elif name not in OPEN_TO_SUPPORT:
            asks[name, "403"] = ask.with_headers(**bearer(SUPPORT))
        if name in MISSING:
            asks[name, "404"] = MISSING[name]
        if ask.method in ("POST", "PATCH"):
            key = {"Idempotency-Key": "once-0001"}
            first = Ask("POST", EVENTS, [{"name": "first", "external_id": "a"}], {**ask.headers, **key})
            asks[name, "409"] = replace(ask.with_headers(**key), before=(first,))
        elif name in CONFLICTS:
            asks[name, "409"] = CONFLICTS[name]
        if ask.body is not None:
            asks[name, "413"] = replace(ask, body=HUGE)
            asks[name, "422"] = replace(ask, body=7)
    return asks


TABLE = table()

# The vendor lists one set of statuses for every operation. What it says stays in the document, also where no request
# can bring it about; why not is said here, operation by operation.
LISTS = {"listSubscriptionTypes", "listContacts", "listKeys", "listWebhooks"}
MAKERS = {
    "createSubscriptionType",
    "createKey",
    "createWebhook",
    "queueContactUpserts",
    "upsertContacts",
    "identifyContact",
    "aliasContact",
    "postEvents",
}
BODILESS_POSTS = {"createContactSession", "rotateWebhookSecret", "testWebhook"}
NONE_LISTED = "a list that has nothing in it is empty, not missing"
NONE_NAMED = "whoever it names is made where there is none, or passed over; it names nothing else"
OWN_PROJECT = "it reads the project of the key, without which the key is unknown: 401"
ONLY_READS = "it changes nothing that could collide, and an Idempotency-Key is ignored on GET"
ALWAYS_GOES = "an endpoint can be deleted in every state, and an Idempotency-Key is ignored on DELETE"
NO_BODY = "422 is for fields of a body, and it takes none; what is wrong with a path, a query or a header is a 400"
NO_ROLE = "the lowest role there is may do it"
FOR_ALL = "a test below, for all operations at once"
ELSEWHERE = "only a mock that fails answers it: test_failures.py"


def why_not(name: str, status: str) -> str:
    """Why a documented status has no request of its own; empty: it has to have one."""
    ask = SERVED[name]
    reasons = {
        "500": ELSEWHERE,
        "429": FOR_ALL,
        "403": NO_ROLE if name in OPEN_TO_SUPPORT else "",
        "404": NONE_LISTED if name in LISTS else NONE_NAMED if name in MAKERS else "",
        "409": ONLY_READS if ask.method == "GET" else "",
        "422": NO_BODY if ask.method in ("GET", "DELETE") or name in BODILESS_POSTS else "",
    }
    alone = {("getProject", "404"): OWN_PROJECT, ("deleteWebhook", "409"): ALWAYS_GOES}
    return alone.get((name, status)) or reasons.get(status, "")


def documented() -> set[tuple[str, str]]:
    """Each operation with each of its statuses."""
    spec = load_services(Options(apis=("spotzee",)))["spotzee"].spec
    return {(operation.id, status) for operation in spec.operations for status in operation.answers}


def test_the_table_is_the_document() -> None:
    """Every status that is documented has its request, or a reason for having none."""
    assert set(TABLE) == {pair for pair in documented() if not why_not(*pair)}


PLAIN = {pair: ask for pair, ask in TABLE.items() if not ask.assume}
SWITCHED = {pair: ask for pair, ask in TABLE.items() if ask.assume}


@pytest.mark.parametrize(("operation", "status"), PLAIN)
def test_a_status_is_produced(spotzee, admin, operation, status):
    """By its request, for its operation, and as the document has it."""
    response = PLAIN[operation, status].send(spotzee)

    assert (response.status_code, response.headers.get("Mock-Violation")) == (int(status), None)
    assert admin.get("/requests", params={"limit": 1}).json()["requests"][0]["operation"] == operation


@pytest.mark.parametrize(("operation", "status"), SWITCHED)
def test_a_status_is_produced_where_it_is_assumed(
    switched: Callable[..., httpx.Client], operation: str, status: str
) -> None:
    """The same, for what another option would do."""
    ask = SWITCHED[operation, status]

    response = ask.send(switched("spotzee", **ask.assume))

    assert (response.status_code, response.headers.get("Mock-Violation")) == (int(status), None)


REFUSALS = {"403": FORBIDDEN, "404": NOT_FOUND, "409": "state_conflict", "422": INVALID}
UNREACHED = sorted((name, status) for name, status in documented() if why_not(name, status) and status in REFUSALS)


@pytest.fixture(scope="module")
def served() -> Service:
    """The API as it is by default."""
    return load_services(Options(apis=("spotzee",)))["spotzee"]


@pytest.mark.parametrize(("operation", "status"), UNREACHED)
def test_a_status_that_no_request_leads_to_has_its_form(served: Service, operation: str, status: str) -> None:
    """Where a handler of the user's own refuses, it is said as the document has it, and client code can be tried."""
    places = (Violation("body", "/name", "format", "Not today."),) if status == "422" else ()

    def refuse(_call: Call, _world: ApiState) -> Json:
        raise Problem(int(status), "Not today.", code=REFUSALS[status], violations=places)

    api = replace(served.api, handlers={**served.api.handlers, operation: refuse})
    world = Worlds({"spotzee": read_fixtures(api, shipped("fixtures", "spotzee"))})["refusing"]
    ask = SERVED[operation]
    path, _, query = ask.path.partition("?")
    headers = {**bearer(ADMIN), "Content-Type": "application/json", **ask.headers}
    body = b"" if ask.body is None else encode(ask.body)

    service = Service(api, served.spec, Settings())
    exchange = service.serve(Request(ask.method, path, query, headers, body, "192.0.2.1"), world)

    assert (exchange.status, exchange.operation, exchange.broken) == (int(status), operation, ())


@pytest.fixture(scope="module")
def used_up() -> tuple[Service, World]:
    """A mock where time stands still and both keys of a project have used up what they may read and write."""
    service = load_services(Options(apis=("spotzee",), assume={"spotzee.per-key-limits": "on"}))["spotzee"]
    world = Worlds({"spotzee": read_fixtures(service.api, shipped("fixtures", "spotzee"))})["busy"]
    world.clock.freeze(1_777_334_400.0)
    for key in (OTHER_PROJECT, BROWSER_OF_OTHER_PROJECT):
        service.serve(Request("GET", TYPES if key == OTHER_PROJECT else ME, "", bearer(key), b"", "192.0.2.1"), world)
        service.serve(Request("POST", EVENTS, "", bearer(key), b"[]", "192.0.2.1"), world)
    for (name, _), state in world.of("spotzee").meters.items():
        state[1] = {"read": 3_000, "write": 1_500}.get(name, 0)
    return service, world


@pytest.mark.parametrize("operation", SERVED)
def test_a_key_that_has_used_up_its_requests_is_told_so(used_up: tuple[Service, World], operation: str) -> None:
    """429 from every operation, whatever its kind."""
    service, world = used_up
    ask = SERVED[operation]
    key = BROWSER_OF_OTHER_PROJECT if operation in BY_BROWSERS else OTHER_PROJECT
    path, _, query = ask.path.partition("?")

    exchange = service.serve(Request(ask.method, path, query, bearer(key), b"", "192.0.2.99"), world)

    assert (exchange.status, exchange.operation, exchange.broken) == (429, operation, ())
