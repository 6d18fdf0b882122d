"""What the pages of Spotzee leave open: each option does what it says, and an answer names what it relied on."""

from collections.abc import Callable

import httpx
import pytest

from mockserver.vendors import APIS
from tests.support import Read, Send, Trial, bearer
from tests.vendors.spotzee_neighbours import KEYS, NEIGHBOURS, WEBHOOKS, status
from tests.vendors.spotzee_world import (
    BATCH,
    EDITOR,
    GOOD,
    JANE,
    JANES_STATES,
    SUPPORT,
    TEN_MEBIBYTES,
    TYPES,
    outcomes,
    post_bytes,
    states_of,
)

NOBODY = {"subscription_id": 7, "state": 1, "external_id": "cust-000000"}
NAMELESS = {"subscription_id": 7, "state": 1}
ONCE = {"Idempotency-Key": "toggle-0001"}


def batch(*toggles: object, **headers: str) -> Send:
    """Sends these toggles."""
    return lambda spotzee: spotzee.post(BATCH, json=toggles, headers=headers)


def get(path: str, **headers: str) -> Send:
    """Reads this path."""
    return lambda spotzee: spotzee.get(path, headers=headers)


def twice(spotzee: httpx.Client) -> httpx.Response:
    """The same batch under the same key once more."""
    first = spotzee.post(BATCH, json=[GOOD], headers=ONCE)
    again = spotzee.post(BATCH, json=[GOOD], headers=ONCE)
    again.extensions["first"] = first.headers["X-Request-Id"]
    return again


def outcome(response: httpx.Response, _spotzee: httpx.Client) -> object:
    """The status, and what became of each toggle, or the code."""
    return response.status_code, outcomes(response) if response.is_success else response.json()["code"]


def first_outcome(response: httpx.Response, _spotzee: httpx.Client) -> object:
    """The members of the first outcome."""
    return list(response.json()["results"][0])


def janes(member: str) -> Read:
    """What the contact of the batch shows afterwards."""
    return lambda _response, spotzee: spotzee.get(JANE).json()[member]


def ids(response: httpx.Response, _spotzee: httpx.Client) -> object:
    """The ids of the types on the page."""
    return [entry["id"] for entry in response.json()["results"]]


def untouched(response: httpx.Response, _spotzee: httpx.Client) -> object:
    """The state of a type that is not public and of one that is, neither ever chosen."""
    states = {entry["subscription_id"]: entry["state"] for entry in response.json()["results"]}
    return states.get(9), states.get(10)


def body(member: str) -> Read:
    """One member of the answer."""
    return lambda response, _spotzee: response.json()[member]


def header(*names: str) -> Read:
    """The texts of these headers."""
    return lambda response, _spotzee: [response.headers.get(name) for name in names]


def also_support(response: httpx.Response, spotzee: httpx.Client) -> object:
    """The status for an editor, and for the role support."""
    return response.status_code, batch(GOOD, **bearer(SUPPORT))(spotzee).status_code


def form(response: httpx.Response, _spotzee: httpx.Client) -> object:
    """The media type of an error, how many members it has, and where its code is explained."""
    problem = response.json()
    return response.headers["Content-Type"], len(problem), problem.get("type")


def has_first_id(response: httpx.Response, _spotzee: httpx.Client) -> object:
    """Whether the request id is the one of the first time."""
    return response.headers["X-Request-Id"] == response.extensions["first"]


INVALID, FORMAT = (422, "validation_failed"), (400, "parameter_invalid_format")
MISSING, DENIED = (404, "resource_missing"), (403, "permission_denied")
DOCS = "https://docs.spotzee.com/main-api/errors#resource_missing"
MOVED = "https://spotzee.com/docs/main-api/errors#resource_missing"
METERS = [f"X-RateLimit-{name}" for name in ("Limit", "Remaining", "Reset", "Tier")]

TRIALS = NEIGHBOURS | {
    "all-failed": Trial(batch(NOBODY), outcome, {"accept": (200, ["resource_missing"]), "refuse": MISSING}),
    "unknown-types": Trial(
        batch(GOOD, {**GOOD, "subscription_id": 999_999}),
        outcome,
        {"item": (200, [2, "resource_missing"]), "missing": MISSING, "invalid": INVALID},
    ),
    "no-identity": Trial(batch(GOOD, NAMELESS), outcome, {"refuse": INVALID, "item": (200, [2, "parameter_missing"])}),
    "empty-identities": Trial(
        batch({"subscription_id": 7, "state": 2, "external_id": "", "anonymous_id": "anon-2c8a3e"}),
        outcome,
        {"absent": (200, [2]), "refuse": INVALID},
    ),
    "both-identities": Trial(
        batch({**NOBODY, "anonymous_id": "anon-2c8a3e"}, {**GOOD, "anonymous_id": "anon-91d5f0"}),
        outcome,
        {
            "external": (200, ["resource_missing", 2]),
            "fall-back": (200, [1, 2]),
            "must-agree": (200, ["resource_missing", "resource_missing"]),
        },
    ),
    "new-anonymous-ids": Trial(
        batch({**GOOD, "anonymous_id": "anon-new"}),
        janes("anonymous_id"),
        {"ignore": "anon-2c8a3e", "link": "anon-new"},
    ),
    "bad-items": Trial(
        batch(GOOD, {**GOOD, "state": 3}),
        outcome,
        {"refuse": INVALID, "item": (200, [2, "parameter_invalid_format"])},
    ),
    "field-errors": Trial(batch({**GOOD, "state": 3}), outcome, {"unprocessable": INVALID, "bad-request": FORMAT}),
    "digit-strings": Trial(batch({**GOOD, "subscription_id": "7"}), outcome, {"refuse": INVALID, "accept": (200, [2])}),
    "large-numbers": Trial(
        batch({**GOOD, "subscription_id": 2**53}),
        outcome,
        {"refuse": INVALID, "look-up": (200, ["resource_missing"])},
    ),
    "unknown-fields": Trial(batch({**GOOD, "note": "x"}), outcome, {"ignore": (200, [2]), "refuse": INVALID}),
    "repeated-toggles": Trial(
        batch({**GOOD, "state": 1}, GOOD), outcome, {"apply": (200, [1, 2]), "refuse": (200, [1, "state_conflict"])}
    ),
    "archived-contacts": Trial(
        batch({"subscription_id": 7, "state": 0, "external_id": "cust-d05a9b"}),
        outcome,
        {"refuse": (200, ["archived_user_conflict"]), "accept": (200, [0])},
    ),
    "failed-states": Trial(
        batch(NOBODY),
        first_outcome,
        {
            "hide": ["index", "subscription_id", "external_id", "error"],
            "show": ["index", "subscription_id", "external_id", "state", "error"],
        },
    ),
    "identity-echo": Trial(
        batch(GOOD),
        first_outcome,
        {
            "sent": ["index", "subscription_id", "external_id", "state"],
            "both": ["index", "subscription_id", "external_id", "anonymous_id", "state"],
        },
    ),
    "contact-updated-at": Trial(
        batch(GOOD),
        lambda _response, spotzee: spotzee.get(JANE).json()["updated_at"] == "2026-04-28T05:14:00.000Z",
        {"kept": True, "now": False},
    ),
    "untouched-states": Trial(
        get(f"{JANES_STATES}?limit=-1"),
        untouched,
        {"subscribed": (1, 1), "public-unsubscribed": (1, 0), "hidden": (None, None)},
    ),
    "unnamed-contacts": Trial(
        get("/api/client/users/anon-7d10e4"), body("external_id"), {"repeat": "anon-7d10e4", "null": None}
    ),
    "archived-reads": Trial(get("/api/client/users/cust-d05a9b"), status, {"show": 200, "missing": 404}),
    "list-order": Trial(get(f"{TYPES}?limit=2"), ids, {"descending": [36, 35], "ascending": [7, 8]}),
    "sort-fields": Trial(get(f"{TYPES}?sort=name"), status, {"shown": 200, "id": 400}),
    "search": Trial(
        get(f"{TYPES}?q=news"), header("X-Total-Count"), {"anywhere": ["2"], "start": ["0"], "ignore": ["28"]}
    ),
    "limit-zero": Trial(get(f"{TYPES}?limit=0"), status, {"default": 200, "refuse": 400}),
    "unlimited-pages": Trial(get(f"{TYPES}?limit=-1"), body("limit"), {"as-sent": -1, "count": 28}),
    "bad-cursors": Trial(get(f"{TYPES}?cursor=x"), status, {"refuse": 400, "ignore": 200}),
    "lost-cursors": Trial(
        get(f"{TYPES}?sort=name&direction=asc&limit=1&cursor=eyJpZCI6MTV9"), ids, {"end": [], "begin": [17]}
    ),
    "prev-without-cursor": Trial(get(f"{TYPES}?page=prev&limit=1"), ids, {"first-page": [36], "last-page": [7]}),
    "list-headers": Trial(get(TYPES), header("X-Total-Count", "X-Limit"), {"send": ["28", "25"], "omit": [None, None]}),
    "toggle-role": Trial(
        batch(GOOD, **bearer(EDITOR)),
        also_support,
        {"editor": (200, 403), "support": (200, 200), "admin": (403, 403)},
    ),
    "role-check": Trial(batch(**bearer(SUPPORT)), outcome, {"role-first": DENIED, "body-first": INVALID}),
    "scheme-case": Trial(
        lambda spotzee: spotzee.get(
            TYPES, headers={"Authorization": bearer(EDITOR)["Authorization"].lower()[:6] + " " + EDITOR}
        ),
        status,
        {"exact": 401, "ignore": 200},
    ),
    "challenge": Trial(get(TYPES, Authorization=""), header("WWW-Authenticate"), {"send": ["Bearer"], "omit": [None]}),
    "error-form": Trial(
        get("/api/client/users/cust-000000"),
        form,
        {
            "whole": ("application/problem+json", 8, DOCS),
            "plain-json": ("application/json", 8, DOCS),
            "least": ("application/problem+json", 5, None),
            "moved-docs": ("application/problem+json", 8, MOVED),
        },
    ),
    "version-check": Trial(get(TYPES, **{"Spotzee-Version": "2025-01-01"}), status, {"refuse": 400, "ignore": 200}),
    "version-echo": Trial(
        get(TYPES), header("Spotzee-Version"), {"always": ["2026-04-28"], "when-sent": [None]}, named=False
    ),
    "content-type": Trial(
        lambda spotzee: post_bytes(
            spotzee, b'[{"subscription_id":7,"state":2,"external_id":"cust-9f4b21"}]', "text/plain"
        ),
        outcome,
        {"refuse": FORMAT, "ignore": (200, [2])},
    ),
    "large-body": Trial(
        lambda spotzee: post_bytes(spotzee, b"[" + b" " * TEN_MEBIBYTES + b"]"),
        status,
        {"too-large": 413, "bad-request": 400},
    ),
    "wrong-method": Trial(
        lambda spotzee: spotzee.put(BATCH, json=[GOOD]),
        outcome,
        {"not-allowed": (405, "parameter_invalid_format"), "missing": MISSING},
    ),
    "idempotency": Trial(twice, header("Idempotent-Replayed"), {"enforce": ["true"], "ignore": [None]}),
    "replay-request-id": Trial(twice, has_first_id, {"new": False, "first": True}),
    "per-key-limits": Trial(
        get(TYPES),
        header(*METERS),
        {"off": [None, None, None, None], "on": ["15000", "14999", "10", "professional"]},
        named=False,
    ),
}
ASSUMPTIONS = [*APIS["spotzee"].assumptions]
TIMED = {"edge-windows"}
EACH = [pytest.param(name, option, id=f"{name}={option}") for name, trial in TRIALS.items() for option in trial.seen]
DEFAULTS = [(each.name, each.default) for each in ASSUMPTIONS if each.name in TRIALS and TRIALS[each.name].named]


def named(response: httpx.Response) -> list[str]:
    """The choices that the answer says it relied on."""
    text = response.headers.get("Mock-Assumption")
    return text.split(", ") if text else []


def test_every_option_is_tried() -> None:
    """The table above holds every assumption of the API with all its options, but for those that take time."""
    tried = {name: set(trial.seen) for name, trial in TRIALS.items()}

    assert tried == {each.name: set(each.options) for each in ASSUMPTIONS if each.name not in TIMED}


@pytest.mark.parametrize(("name", "option"), EACH)
def test_an_option_does_what_it_says(switched: Callable[..., httpx.Client], name: str, option: str) -> None:
    """The request that settles the question is answered as the option has it, and as the document declares."""
    spotzee, trial = switched("spotzee", **{name: option}), TRIALS[name]

    response = trial.send(spotzee)

    assert (trial.read(response, spotzee), response.headers.get("Mock-Violation")) == (trial.seen[option], None)


@pytest.mark.parametrize(("name", "option"), DEFAULTS)
def test_an_answer_names_the_default_it_relied_on(spotzee: httpx.Client, name: str, option: str) -> None:
    """Where nothing is switched, the answer to that request names the assumption and its default."""
    response = TRIALS[name].send(spotzee)

    assert f"spotzee.{name}={option}" in named(response)


def test_an_answer_names_the_option_it_was_switched_to(switched: Callable[..., httpx.Client]) -> None:
    """What stands in the header is what held for this request."""
    response = batch(NOBODY)(switched("spotzee", **{"all-failed": "refuse"}))

    assert "spotzee.all-failed=refuse" in named(response)


def test_a_plain_read_relies_on_nothing(spotzee: httpx.Client) -> None:
    """Where every page says what happens, no assumption is named."""
    response = spotzee.get(JANE)

    assert named(response) == []


def test_a_toggle_that_changes_nothing_relies_on_what_it_repeats_alone(spotzee: httpx.Client) -> None:
    """Of a toggle to the state that holds, only which identities come back is assumed."""
    response = spotzee.post(BATCH, json=[{**GOOD, "state": 0}])

    assert named(response) == ["spotzee.identity-echo=sent"]


# Where one option has more than one side


@pytest.mark.parametrize("path", [f"{KEYS}/306", f"{WEBHOOKS}/7"])
def test_what_was_deleted_may_be_shown(switched: Callable[..., httpx.Client], path: str) -> None:
    """As a read shows it, and it is gone all the same."""
    spotzee = switched("spotzee", **{"deletion-answers": "record"})
    before = spotzee.get(path).json()

    response = spotzee.delete(path)

    assert (response.status_code, "Mock-Violation" in response.headers) == (200, False)
    assert {**response.json(), "updated_at": ""} == {**before, "updated_at": ""}
    assert spotzee.get(path).status_code == 404


UNCHANGED = {
    f"{TYPES}/7": {"name": "Weekly newsletter", "is_public": True},
    f"{KEYS}/306": {"role": "editor"},
    f"{WEBHOOKS}/7": {},
}


@pytest.mark.parametrize(("path", "body"), UNCHANGED.items(), ids=["type", "key", "endpoint"])
@pytest.mark.parametrize("option", ["touch", "keep"])
def test_a_change_to_what_is_there_may_be_none(
    switched: Callable[..., httpx.Client], option: str, path: str, body: object
) -> None:
    """Then `updated_at` stays, as nothing else moved."""
    spotzee = switched("spotzee", **{"unchanged-records": option})
    before = spotzee.get(path).json()

    after = spotzee.patch(path, json=body).json()

    assert {**after, "updated_at": ""} == {**before, "updated_at": ""}
    assert (after["updated_at"] == before["updated_at"]) is (option == "keep")


WHOLE_REFUSALS = {
    "an unknown type is a 404": ({"unknown-types": "missing"}, [GOOD, {**GOOD, "subscription_id": 999_999}]),
    "an unknown type is a 422": ({"unknown-types": "invalid"}, [GOOD, {**GOOD, "subscription_id": 999_999}]),
    "a field is unknown": ({"unknown-fields": "refuse"}, [GOOD, {**GOOD, "note": "x"}]),
    "an identity is empty": ({"empty-identities": "refuse"}, [GOOD, {**GOOD, "anonymous_id": ""}]),
    "nobody is named": ({"field-errors": "bad-request"}, [GOOD, NAMELESS]),
}


@pytest.mark.parametrize(("assume", "toggles"), WHOLE_REFUSALS.values(), ids=WHOLE_REFUSALS)
def test_a_refused_batch_changes_nothing(
    switched: Callable[..., httpx.Client], assume: dict[str, str], toggles: list[object]
) -> None:
    """A batch that is refused as a whole leaves the contact of its good toggle as it was."""
    spotzee = switched("spotzee", **assume)

    response = spotzee.post(BATCH, json=toggles)

    assert (response.is_error, states_of(spotzee, "cust-9f4b21")[7]) == (True, 0)


FIELDS = {
    "an unknown type": (
        {"unknown-types": "invalid"},
        {**GOOD, "subscription_id": 15},
        "subscription_id",
        "invalid_format",
    ),
    "an unknown field": ({"unknown-fields": "refuse"}, {**GOOD, "note": "x"}, "note", "unknown"),
    "an empty identity": (
        {"empty-identities": "refuse"},
        {**NAMELESS, "external_id": ""},
        "external_id",
        "invalid_empty",
    ),
}


@pytest.mark.parametrize(("assume", "toggle", "field", "code"), FIELDS.values(), ids=FIELDS)
def test_a_field_that_may_be_refused_is_named(
    switched: Callable[..., httpx.Client], assume: dict[str, str], toggle: object, field: str, code: str
) -> None:
    """The refusal names the field by its place in the body."""
    response = switched("spotzee", **assume).post(BATCH, json=[GOOD, toggle])

    seen = [(error["param"], error["code"]) for error in response.json()["errors"]]
    assert seen == [(f"1.{field}", f"parameter_{code}")]


ALONE = {
    "no object": (5, "parameter_invalid_format"),
    "no type": ({"state": 1, "external_id": "cust-9f4b21"}, "parameter_missing"),
    "no state": ({"subscription_id": 7, "external_id": "cust-9f4b21"}, "parameter_missing"),
    "text as type": ({**GOOD, "subscription_id": "7"}, "parameter_invalid_format"),
    "list as type": ({**GOOD, "subscription_id": [7]}, "parameter_invalid_format"),
    "half a type": ({**GOOD, "subscription_id": 7.5}, "parameter_invalid_format"),
    "a very large type": ({**GOOD, "subscription_id": 10**30}, "parameter_invalid_format"),
    "true as state": ({**GOOD, "state": True}, "parameter_invalid_format"),
    "text as state": ({**GOOD, "state": "1"}, "parameter_invalid_format"),
    "number as identity": ({**GOOD, "external_id": 5}, "parameter_invalid_format"),
    "nobody": (NAMELESS, "parameter_missing"),
}


@pytest.mark.parametrize(("toggle", "code"), ALONE.values(), ids=ALONE)
def test_a_bad_toggle_may_fail_alone(switched: Callable[..., httpx.Client], toggle: object, code: str) -> None:
    """Whatever is wrong with one toggle, the good one beside it is applied, and nothing breaks the document."""
    spotzee = switched("spotzee", **{"bad-items": "item"})

    response = spotzee.post(BATCH, json=[toggle, GOOD])

    assert (outcome(response, spotzee), "Mock-Violation" in response.headers) == ((200, [code, 2]), False)


def test_digits_come_back_as_a_number(switched: Callable[..., httpx.Client]) -> None:
    """The outcome of a toggle whose type was sent as text shows the number."""
    response = switched("spotzee", **{"digit-strings": "accept"}).post(BATCH, json=[{**GOOD, "subscription_id": "7"}])

    assert response.json()["results"][0]["subscription_id"] == 7


def test_a_linked_anonymous_id_is_known_in_the_same_batch(switched: Callable[..., httpx.Client]) -> None:
    """The toggle after the one that links finds the contact by its new id."""
    toggles = [{**GOOD, "anonymous_id": "anon-new"}, {"subscription_id": 8, "state": 0, "anonymous_id": "anon-new"}]

    response = switched("spotzee", **{"new-anonymous-ids": "link"}).post(BATCH, json=toggles)

    assert outcomes(response) == [2, 0]


def test_a_toggle_that_fails_links_nothing(switched: Callable[..., httpx.Client]) -> None:
    """Where the type is not there, the contact keeps its anonymous id."""
    spotzee = switched("spotzee", **{"new-anonymous-ids": "link"})

    spotzee.post(BATCH, json=[{**GOOD, "subscription_id": 999_999, "anonymous_id": "anon-new"}])

    assert spotzee.get(JANE).json()["anonymous_id"] == "anon-2c8a3e"


def test_a_refused_role_is_never_remembered(switched: Callable[..., httpx.Client]) -> None:
    """Where the body is looked at first, the 403 that follows is still not kept under the key."""
    spotzee = switched("spotzee", **{"role-check": "body-first"})
    batch(GOOD, **ONCE, **bearer(SUPPORT))(spotzee)

    again = batch(GOOD, **ONCE, **bearer(SUPPORT))(spotzee)

    assert (again.status_code, "Idempotent-Replayed" in again.headers) == (403, False)


def test_a_bad_key_is_nothing_where_keys_have_no_effect(switched: Callable[..., httpx.Client]) -> None:
    """Where idempotency is not enforced, a key that is too long disturbs nobody."""
    response = batch(GOOD, **{"Idempotency-Key": "k" * 256})(switched("spotzee", idempotency="ignore"))

    assert outcomes(response) == [2]


def test_a_version_that_was_sent_is_echoed(switched: Callable[..., httpx.Client]) -> None:
    """Where not every answer carries the version, the one to a request that has it does."""
    response = get(TYPES, **{"Spotzee-Version": "2026-04-28"})(switched("spotzee", **{"version-echo": "when-sent"}))

    assert response.headers["Spotzee-Version"] == "2026-04-28"
