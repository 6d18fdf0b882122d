"""Budgets: counted by world time, refused when used up, given back when refused for another reason."""

from datetime import UTC, datetime

import pytest

from mockserver.engine.service import Settings
from mockserver.engine.steps.rate_limit import Limit, Meter, Month, SlidingWindow, TokenBucket, Window
from tests.engine.todo import FREE, serve


def at(text: str) -> float:
    """Epoch seconds of a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOON = at("2026-03-20T12:00:00")


def taken(meter: Meter, size: int, moments: list[float]) -> list[int | float]:
    """What each request in turn reads: how many are left, or as a negative number how long to wait."""
    state = meter.begin(size, moments[0])
    readings = [meter.take(state, size, moment) for moment in moments]
    return [-reading.wait if reading.wait else reading.remaining for reading in readings]


# Meters


@pytest.mark.parametrize(
    ("meter", "size", "moments", "read"),
    [
        (Window(60), 2, [0, 10, 20, 59], [1, 0, -40, -1]),
        (Window(60), 2, [0, 10, 60, 61], [1, 0, 1, 0]),
        (Window(60), 2, [59, 60, 61, 62], [1, 1, 0, -58]),
        (Window(60), 2, [0, 1, 600], [1, 0, 1]),
        (Window(60, aligned=False), 2, [50, 60, 70, 110], [1, 0, -40, 1]),
        (Window(60), 0, [15], [-45]),
        (SlidingWindow(60), 2, [0, 10, 20, 90, 180], [1, 0, -70, 0, 1]),
        (SlidingWindow(60), 2, [0, 0, 60, 90], [1, 0, -30, 0]),
        (TokenBucket(), 2, [0, 0, 0, 0.5, 0.5], [1, 0, -0.5, 0, -0.5]),
        (TokenBucket(10), 5, [0, 0, 0, 0, 0, 0, 2, 100], [4, 3, 2, 1, 0, -2, 0, 4]),
        (TokenBucket(), 50, [NOON] * 50 + [NOON + 0.04] * 3, [*range(49, -1, -1), 1, 0, -0.02]),
        (Month(), 1, [at("2026-01-31T23:59:00"), at("2026-01-31T23:59:30"), at("2026-02-01T00:00:00")], [0, -30, 0]),
        (Month(), 1, [at("2025-12-31T23:59:59"), at("2026-01-01T00:00:00")], [0, 0]),
        (Month(), 1, [at("2028-02-28T00:00:00"), at("2028-02-29T00:00:00")], [0, -86400]),
        (Month(), 0, [at("2026-03-31T00:00:00")], [-86400]),
    ],
)
def test_a_meter_counts_by_the_clock_it_is_given(meter, size, moments, read):
    """So many requests fit; one too many says how long to wait, and is not counted."""
    assert taken(meter, size, moments) == pytest.approx(read, abs=1e-6)


@pytest.mark.parametrize(
    ("meter", "reset"),
    [
        (Window(60), NOON + 60),
        (Window(60, aligned=False), NOON + 61),
        (Month(), at("2026-04-01T00:00:00")),
        (TokenBucket(10), NOON + 11),
    ],
)
def test_a_reading_says_when_the_budget_is_whole_again(meter, reset):
    """In epoch seconds, one second after noon."""
    reading = meter.take(meter.begin(5, NOON + 1), 5, NOON + 1)

    assert reading.reset == reset


@pytest.mark.parametrize("meter", [Window(60), Window(60, aligned=False), SlidingWindow(60), Month(), TokenBucket(60)])
def test_what_is_given_back_can_be_taken_again(meter):
    """Giving back undoes the last request."""
    state = meter.begin(1, NOON)
    meter.take(state, 1, NOON)

    meter.give_back(state)

    assert meter.take(state, 1, NOON).wait == 0


@pytest.mark.parametrize("meter", [Window(60), Window(60, aligned=False), SlidingWindow(60), Month(), TokenBucket(60)])
def test_who_waits_as_told_is_served(meter):
    """After the seconds that a refusal names, rounded up, one more request fits."""
    state = meter.begin(2, NOON)
    waits = [meter.take(state, 2, NOON + 0.4).wait for _ in range(3)]

    wait = -(-waits[2] // 1)

    assert meter.take(state, 2, NOON + 0.4 + wait).wait == 0


# In the row

CALLS = {"free": 1, "pro": 3}


def limited(*limits: Limit, **changes):
    """The to-do list with these limits, its clock standing at noon."""
    todo = serve(limits=limits, **changes)
    todo.world.clock.freeze(NOON)
    return todo


def test_what_is_over_the_limit_is_a_429_that_says_when():
    """The answer says how many seconds to wait, rounded up."""
    todo = limited(Limit("calls", "caller", 2, Window(60)))
    todo.world.clock.advance(0.5)

    answers = [todo.client.get("/tasks") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "60"
    assert answers[2].json()["code"] == "rate-limited"


def test_every_answer_says_what_is_left():
    """Also the refusal."""
    todo = limited(Limit("calls", "caller", 2, Window(60)))

    answers = [todo.client.get("/tasks") for _ in range(3)]

    assert [answer.headers["Left-Calls"] for answer in answers] == ["1 of 2", "0 of 2", "0 of 2"]


def test_time_brings_the_budget_back():
    """World time, which a test can move."""
    todo = limited(Limit("calls", "caller", 1, Window(60)))
    todo.client.get("/tasks")

    todo.world.clock.advance(60)

    assert todo.client.get("/tasks").status_code == 200


def test_a_refusal_costs_nothing_of_the_other_limits():
    """The month is not used up by calls that the burst limit refused."""
    todo = limited(Limit("month", "owner", 10, Month()), Limit("burst", "caller", 1, TokenBucket()))

    answers = [todo.client.get("/tasks") for _ in range(3)]

    assert [answer.headers["Left-Month"] for answer in answers] == ["9 of 10", "9 of 10", "9 of 10"]


@pytest.mark.parametrize(
    ("per", "statuses"),
    [("caller", [200, 200, 200, 429]), ("owner", [200, 429, 200, 429]), ("address", [200, 429, 429, 429])],
)
def test_a_budget_is_whose_it_is_said_to_be(per, statuses):
    """Of one key, of all keys of one user, of one address."""
    todo = limited(Limit("calls", per, 1, Window(60)))

    keys = ["ann-1", "ann-read", "bob-1", "bob-1"]
    answers = [todo.client.get("/tasks", headers={"Authorization": f"Bearer {key}"}) for key in keys]

    assert [answer.status_code for answer in answers] == statuses


def test_an_address_spends_before_anyone_knows_who_calls():
    """Guessing keys uses the budget up."""
    todo = limited(Limit("guesses", "address", 1, Window(60)))

    answers = [todo.client.get("/tasks", headers={"Authorization": "Bearer guess"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [401, 429]


@pytest.mark.parametrize(("key", "left"), [("ann-1", "2 of 3"), ("bob-1", "0 of 1")])
def test_the_plan_decides_how_much_there_is(key, left):
    """The owner's plan, as its record has it."""
    todo = limited(Limit("calls", "owner", CALLS, Window(60), plan="plan"))

    answer = todo.client.get("/tasks", headers={"Authorization": f"Bearer {key}"})

    assert answer.headers["Left-Calls"] == left


def test_another_plan_holds_from_the_next_call_and_what_was_used_stays_used():
    """One call was made on the free plan; the next one is the second of the three that `pro` has."""
    todo = limited(Limit("calls", "owner", CALLS, Window(60), plan="plan"))
    bob = {"Authorization": "Bearer bob-1"}
    todo.client.get("/tasks", headers=bob)
    refused = todo.client.get("/tasks", headers=bob)

    todo.world.of("todo")["users"].update("bob", {"plan": "pro"})

    assert refused.status_code == 429
    assert todo.client.get("/tasks", headers=bob).headers["Left-Calls"] == "1 of 3"


def test_a_plan_that_is_not_named_has_no_such_limit():
    """And its answers say nothing of it."""
    todo = limited(Limit("calls", "owner", {"free": 1}, Window(60), plan="plan"))

    answer = todo.client.get("/tasks")

    assert (answer.status_code, "Left-Calls" in answer.headers) == (200, False)


def test_limits_that_are_off_only_count():
    """Everything is reported, nothing is refused."""
    todo = limited(Limit("calls", "caller", 1, Window(60)), settings=Settings(enforce_limits=False))

    answers = [todo.client.get("/tasks") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.headers["Left-Calls"] for answer in answers] == ["0 of 1"] * 3


def test_a_limit_that_does_not_refuse_only_counts():
    """The one beside it still refuses."""
    todo = limited(Limit("shown", "caller", 1, Window(60), refuse=False), Limit("calls", "caller", 2, Window(60)))

    answers = [todo.client.get("/tasks") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


@pytest.mark.parametrize(("option", "left"), [("count", "1 of 3"), ("free", "2 of 3")])
def test_a_call_refused_for_another_reason_costs_what_is_assumed(option, left):
    """One bad call, then a good one."""
    todo = limited(
        Limit("calls", "caller", 3, Window(60), refused_calls="refused-calls"),
        assumptions=(FREE,),
        settings=Settings(assume={"refused-calls": option}),
    )

    todo.client.get("/tasks?limit=0")

    assert todo.client.get("/tasks").headers["Left-Calls"] == left


@pytest.mark.parametrize(("option", "status"), [("on", 429), ("off", 200)])
def test_a_limit_exists_under_its_option_only(option, status):
    """Another reading of the documents has another limit."""
    todo = limited(
        Limit("calls", "caller", 1, Window(60), when=("weekend", "on")), settings=Settings(assume={"weekend": option})
    )
    todo.client.get("/tasks")

    assert todo.client.get("/tasks").status_code == status


def test_worlds_have_their_own_budgets():
    """Using one up leaves the other."""
    todo = limited(Limit("calls", "caller", 1, Window(60)))
    todo.client.get("/tasks")

    answer = todo.client.get("/tasks", headers={"Mock-World": "two"})

    assert answer.status_code == 200


def test_a_restored_world_begins_with_full_budgets():
    """Records are remembered, calls are not."""
    todo = limited(Limit("calls", "caller", 1, Window(60)))
    todo.client.get("/tasks")

    todo.world.restore(todo.world.snapshot())

    assert todo.client.get("/tasks").status_code == 200


@pytest.mark.parametrize("meter", [SlidingWindow(60), TokenBucket()])
def test_a_plan_without_any_calls_is_refused(meter):
    """A size of 0 is a limit like any other: there is always too little."""
    state = meter.begin(0, NOON)

    reading = meter.take(state, 0, NOON)

    assert (reading.remaining, reading.wait > 0) == (0, True)
