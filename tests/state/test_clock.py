"""World time: it runs, stands still, or is moved forward."""

import time

import pytest

from mockserver.state.clock import Clock


def test_a_running_clock_shows_the_machines_time():
    """To the second, epoch seconds."""
    clock = Clock()

    assert clock.now() == pytest.approx(time.time(), abs=1)


def test_a_frozen_clock_stands_where_it_was_told():
    """However often it is read."""
    clock = Clock()

    clock.freeze(1_000.5)

    assert (clock.now(), clock.now(), clock.is_frozen) == (1_000.5, 1_000.5, True)


def test_a_clock_is_frozen_where_it_is():
    """Without a moment it keeps its own."""
    clock = Clock(offset=500)

    clock.freeze()

    assert clock.now() == clock.now()
    assert clock.now() == pytest.approx(time.time() + 500, abs=1)


def test_a_frozen_clock_can_be_moved():
    """By seconds and parts of them; it still stands."""
    clock = Clock(frozen=100)

    clock.advance(60)
    clock.advance(0.25)

    assert (clock.now(), clock.is_frozen) == (160.25, True)


def test_a_running_clock_that_was_moved_runs_on():
    """From the later time."""
    clock = Clock()

    clock.advance(3600)

    assert clock.now() == pytest.approx(time.time() + 3600, abs=1)
    assert not clock.is_frozen


def test_freezing_again_moves_the_moment():
    """Forward or backward."""
    clock = Clock(frozen=100)

    clock.freeze(50)

    assert clock.now() == 50


def test_a_reset_clock_is_the_machines_again():
    """Neither frozen nor ahead."""
    clock = Clock(offset=9_999, frozen=100)

    clock.reset()

    assert clock.now() == pytest.approx(time.time(), abs=1)
    assert not clock.is_frozen


def test_a_fork_has_the_same_time_and_goes_its_own_way():
    """Moving one leaves the other."""
    clock = Clock(frozen=100)
    forked = clock.fork()

    forked.advance(5)

    assert (clock.now(), forked.now()) == (100, 105)


def test_what_was_due_where_time_was_moved_past_happens_then():
    """At its own time, and what is merely late happens now."""
    clock = Clock(frozen=100)

    clock.advance(60)

    assert [clock.when(due) for due in (90, 130, 160)] == [90, 130, 160]
    assert [clock.leapt_over(due) for due in (130, 160, 161)] == [True, True, False]


def test_what_is_late_while_time_runs_happens_now():
    """Nobody moved the clock past it."""
    clock = Clock()

    assert clock.when(time.time() - 60) == pytest.approx(time.time(), abs=1)


def test_a_clock_that_was_moved_back_has_leapt_over_less():
    """What lies ahead of it again is still to come."""
    clock = Clock(frozen=100)
    clock.advance(60)

    clock.freeze(50)

    assert [clock.leapt_over(due) for due in (50, 130)] == [True, False]
