"""World time over the wire."""

import time
from datetime import datetime
from typing import Any

import pytest

FROZEN = {"now": "2026-03-21T14:30:00.000Z", "epoch": 1_774_103_400, "frozen": True}


def shown(answer) -> dict[str, Any]:
    """The clock, without what depends on the machine's."""
    assert answer.status_code == 200
    return {name: value for name, value in answer.json().items() if name != "offset"}


def test_a_clock_that_nobody_touched_is_the_machines(control):
    """It runs."""
    clock = control.get("/clock").json()

    assert (clock["frozen"], clock["offset"]) == (False, 0)
    assert clock["epoch"] == pytest.approx(time.time(), abs=5)
    assert datetime.fromisoformat(clock["now"]).timestamp() == pytest.approx(clock["epoch"], abs=0.001)


MOMENTS = [
    "2026-03-21T14:30:00Z",
    "2026-03-21T15:30:00.000+01:00",
    "2026-03-21t14:30:00z",
    1_774_103_400,
    1_774_103_400.0,
]


@pytest.mark.parametrize("at", MOMENTS)
def test_time_is_frozen_at_a_moment(control, at):
    """However it is written; it then stands still."""
    first = control.post("/clock/freeze", json={"at": at})

    assert [shown(first), shown(control.get("/clock"))] == [FROZEN, FROZEN]


def test_time_is_frozen_where_it_is(control):
    """Without a moment, and without a body."""
    frozen = control.post("/clock/freeze").json()

    assert (frozen["frozen"], frozen["epoch"]) == (True, pytest.approx(time.time(), abs=5))
    assert control.get("/clock").json()["epoch"] == frozen["epoch"]


def test_the_world_lives_in_that_time(control, xqr):
    """What it writes down bears it."""
    control.post("/clock/freeze", json={"at": "2026-03-21T14:30:00Z"})

    xqr.get("/api/v1/links")

    assert control.get("/requests/1").json()["at"] == "2026-03-21T14:30:00.000Z"


STEPS = {
    "seconds": ({"seconds": 90}, "2026-03-21T14:31:30.000Z"),
    "part of a second": ({"seconds": 0.25}, "2026-03-21T14:30:00.250Z"),
    "nothing": ({"seconds": 0}, "2026-03-21T14:30:00.000Z"),
    "minutes": ({"duration": "PT5M"}, "2026-03-21T14:35:00.000Z"),
    "all of it": ({"duration": "P1W2DT3H4M5.5S"}, "2026-03-30T17:34:05.500Z"),
}


@pytest.mark.parametrize(("step", "now"), STEPS.values(), ids=STEPS)
def test_frozen_time_is_moved_forward(control, step, now):
    """By seconds, or by a duration; it still stands."""
    control.post("/clock/freeze", json={"at": "2026-03-21T14:30:00Z"})

    moved = control.post("/clock/advance", json=step).json()

    assert (moved["now"], moved["frozen"]) == (now, True)


def test_running_time_that_was_moved_runs_on(control):
    """That far ahead of the machine's."""
    moved = control.post("/clock/advance", json={"duration": "PT1H"}).json()

    assert (moved["frozen"], moved["offset"]) == (False, 3600)
    assert control.get("/clock").json()["epoch"] >= moved["epoch"]


def test_time_that_was_reset_is_the_machines(control):
    """Neither frozen nor ahead."""
    control.post("/clock/advance", json={"seconds": 99})
    control.post("/clock/freeze")

    clock = control.post("/clock/reset").json()

    assert (clock["frozen"], clock["offset"]) == (False, 0)


def test_a_reset_world_has_running_time(control):
    """It is as new."""
    control.post("/clock/freeze", json={"at": 1000})

    control.post("/reset")

    assert control.get("/clock").json()["offset"] == 0


REFUSED = {
    "back": ("advance", {"seconds": -1}, "/seconds", "minimum"),
    "no number": ("advance", {"seconds": "60"}, "/seconds", "type"),
    "two": ("advance", {"seconds": 1, "duration": "PT1S"}, "", "maxProperties"),
    "none": ("advance", {}, "", "minProperties"),
    "months": ("advance", {"duration": "P1M"}, "/duration", "pattern"),
    "empty duration": ("advance", {"duration": "PT"}, "/duration", "pattern"),
    "negative duration": ("advance", {"duration": "-PT1S"}, "/duration", "pattern"),
    "another member": ("advance", {"minutes": 1}, "", "additionalProperties"),
    "no moment": ("freeze", {"at": "yesterday"}, "/at", "format"),
    "before 1970": ("freeze", {"at": -1}, "/at", "minimum"),
    "no year": ("freeze", {"at": "1969-12-31T23:59:59Z"}, "/at", "format"),
    "the year 9999": ("freeze", {"at": "9999-12-31T23:59:59Z"}, "/at", "format"),
    "the end of June": ("freeze", {"at": "2016-12-31T23:59:60Z"}, "/at", "format"),
}


@pytest.mark.parametrize(("step", "body", "pointer", "keyword"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_step_of_time_changes_nothing(control, step, body, pointer, keyword):
    """Time does not run backward, and has a beginning and an end."""
    before = control.post("/clock/freeze", json={"at": "2026-03-21T14:30:00Z"})

    answer = control.post(f"/clock/{step}", json=body)

    seen = {(violation["pointer"], violation["keyword"]) for violation in answer.json()["violations"]}
    assert (answer.status_code, (pointer, keyword) in seen) == (422, True)
    assert shown(control.get("/clock")) == shown(before) == FROZEN


def test_time_ends_before_it_cannot_be_written_down(control):
    """What is later than 9000 is refused."""
    control.post("/clock/freeze", json={"at": "8999-12-31T23:59:00Z"})

    answer = control.post("/clock/advance", json={"seconds": 61})

    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "body/seconds: world time ends at 9000-01-01T00:00:00.000Z",
    )
