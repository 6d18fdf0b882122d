"""A feed gives what was published and committed, to whoever listens."""

import pytest

from mockserver.state.event_feed import LiveEvent
from mockserver.state.worlds import Worlds

NOTE = LiveEvent("todo", "everybody", "tasks", "task.done", {"id": 1})


@pytest.fixture
def world():
    """A world of its own."""
    return Worlds({"todo": {}})["default"]


def test_what_is_published_can_be_taken_once(world):
    """In its order; the ear was told each time."""
    told = []
    world.feed.listen(lambda: told.append(1))

    world.feed.publish(NOTE)
    world.feed.publish(NOTE._replace(event="task.moved"))

    assert ([note.event for note in world.feed.take()], world.feed.take(), told) == (
        ["task.done", "task.moved"],
        [],
        [1, 1],
    )


def test_where_nobody_listens_nothing_is_kept(world):
    """Neither before nor afterwards."""
    world.feed.publish(NOTE)
    world.feed.listen(lambda: None)
    heard = world.feed.has_subscriber
    world.feed.publish(NOTE)

    world.feed.listen(None)

    assert (heard, world.feed.has_subscriber, world.feed.take()) == (True, False, [])


def test_a_transaction_that_fails_publishes_nothing(world):
    """What it published before it began stays; what an inner one takes back, the outer one keeps the rest of."""
    world.feed.listen(lambda: None)
    state = world.of("todo")
    world.feed.publish(NOTE)

    with state.transaction():
        world.feed.publish(NOTE._replace(event="task.kept"))
        with pytest.raises(ValueError), state.transaction():
            world.feed.publish(NOTE._replace(event="task.gone"))
            raise ValueError

    assert [note.event for note in world.feed.take()] == ["task.done", "task.kept"]


def test_a_fork_has_a_feed_of_its_own(world):
    """Nobody listens to it yet."""
    world.feed.listen(lambda: None)

    forked = world.fork("elsewhere")

    assert (forked.feed.has_subscriber, forked.feed.take()) == (False, [])


def test_a_reset_leaves_the_listeners(world):
    """A client stays connected when its world begins anew."""
    told = []
    world.feed.listen(lambda: told.append(1))

    world.reset({"todo": {}})
    world.feed.publish(NOTE)

    assert (len(world.feed.take()), told) == (1, [1])
