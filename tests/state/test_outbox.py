"""The outbox of a world: what waits for its time, and what was delivered or failed."""

import json

import pytest

from mockserver.state import clock as clocks
from mockserver.state import outbox as module
from mockserver.state.outbox import DELIVERED, FAILED
from mockserver.state.world import World
from tests.support import Stop

URL = "http://127.0.0.1:8000/hook"


@pytest.fixture
def rings() -> list[str]:
    """The names of the worlds that rang, in that order."""
    return []


@pytest.fixture
def world(rings) -> World:
    """A world whose time stands still at 1000."""
    made = World("one", {}, listener=lambda ringing: rings.append(ringing.name))
    made.clock.freeze(1000)
    return made


def put(world: World, api: str = "todo", **changes):
    """One delivery more."""
    return world.of(api).outbox.put(**{"event": "task.created", "url": URL, "body": b'{"task":5}'} | changes)


def ids(world: World) -> list[int]:
    """The ids of all deliveries, oldest first."""
    return [delivery["id"] for delivery in world.outbox.deliveries]


# Putting


def test_a_delivery_is_due_at_once(world):
    """Every member of the record is there from the beginning."""
    delivery = put(world, endpoint="wh_1", secret="s3cret", delays=(60, 300), timeout=5, about={"task": [5]})

    assert delivery == {
        "id": 1,
        "api": "todo",
        "event": "task.created",
        "endpoint": "wh_1",
        "url": URL,
        "body": '{"task":5}',
        "secret": "s3cret",
        "about": {"task": [5]},
        "created": 1000,
        "due": 1000,
        "delays": [60, 300],
        "timeout": 5,
        "state": "due",
        "attempts": [],
    }


def test_a_delivery_is_a_value(world):
    """What a reader gets it cannot change the outbox with; it is JSON."""
    delivery = put(world, about={"task": [5]})

    with pytest.raises(TypeError):
        delivery["about"]["task"].append(6)

    assert json.loads(json.dumps(delivery)) == delivery


def test_the_apis_of_a_world_share_its_numbers(world):
    """An id is that of one delivery of the world, whoever sends it."""
    put(world, "todo")
    put(world, "notes")

    assert [(delivery["id"], delivery["api"]) for delivery in world.outbox.deliveries] == [(1, "todo"), (2, "notes")]


def test_a_transaction_that_fails_sends_nothing(world):
    """Neither what it put, nor what one inside it put; what came before stays."""
    state = world.of("todo")
    put(world)

    with pytest.raises(Stop), state.transaction():
        put(world)
        with state.transaction():
            put(world)
        raise Stop

    assert (ids(world), [delivery["id"] for delivery in world.outbox.take(1000)]) == ([1], [1])


def test_a_body_has_to_be_text(world):
    """It could not be shown otherwise."""
    with pytest.raises(UnicodeDecodeError):
        put(world, body=b"\xff")

    assert ids(world) == []


# Waiting


def test_what_is_due_is_taken_once(world):
    """In the order in which it fell due; what is postponed is taken again at its time."""
    first, second = put(world), put(world)
    world.outbox.postpone(first, 1060)

    taken = [[delivery["id"] for delivery in world.outbox.take(until)] for until in (1000, 1000, 1059, 1060, 2000)]

    assert taken == [[second["id"]], [], [], [first["id"]], []]


def test_the_next_delivery_is_known(world):
    """Among those that nobody took yet."""
    put(world)
    later = put(world)
    world.outbox.postpone(later, 1060)

    known = [world.outbox.next_due, world.outbox.take(1000) and world.outbox.next_due]

    assert known == [1000, 1060]


def test_what_was_taken_is_unsent_until_it_is_finished(world):
    """On its way is not yet delivered."""
    delivery = put(world)
    world.outbox.take(1000)

    unsent = [len(world.outbox.unsent(999)), len(world.outbox.unsent(1000))]
    world.outbox.finish(delivery, DELIVERED)

    assert [*unsent, len(world.outbox.unsent(1000))] == [0, 1, 0]


@pytest.mark.parametrize(
    "move",
    [lambda clock: clock.advance(1), lambda clock: clock.freeze(5), lambda clock: clock.freeze(), lambda c: c.reset()],
)
def test_whoever_sends_is_told_of_moved_time(world, rings, move):
    """However it was moved."""
    put(world)

    move(world.clock)

    assert rings == ["one", "one"]


def test_a_world_that_sends_nothing_never_rings(world, rings):
    """Whatever its clock does."""
    world.clock.advance(60)

    world.of("todo")

    assert rings == []


# Bounds


def test_the_oldest_finished_deliveries_are_dropped(world):
    """Beyond 1,000; those that wait stay, however old they are."""
    waiting = put(world)
    finished = [world.outbox.finish(put(world), DELIVERED) for _ in range(1_002)]

    kept = ids(world)

    assert (len(kept), kept[:2]) == (1_001, [waiting["id"], finished[2]["id"]])


def test_one_that_waits_again_is_not_dropped(world, monkeypatch):
    """It is finished once more before that."""
    monkeypatch.setattr(module, "MAX_FINISHED", 2)
    again = world.outbox.finish(put(world), FAILED)
    world.outbox.postpone(again, 1000)

    for _ in range(3):
        world.outbox.finish(put(world), DELIVERED)

    assert ids(world) == [1, 3, 4]


def test_too_many_that_wait_have_failed(world, monkeypatch):
    """A receiver that never answers does not fill the memory."""
    monkeypatch.setattr(module, "MAX_WAITING", 2)
    put(world)
    put(world)

    third = put(world)

    assert (third["state"], len(third["attempts"]), third["attempts"][0]["status"]) == ("failed", 1, None)
    assert third["attempts"][0]["error"].startswith("not sent: ")


# Endpoints


def test_the_deliveries_of_an_endpoint_are_found(world):
    """Those of this API alone."""
    put(world, endpoint="a")
    put(world, endpoint="b")
    put(world, "notes", endpoint="a")

    found = world.of("todo").outbox.of("a")

    assert [delivery["id"] for delivery in found] == [1]


def test_what_waits_for_an_endpoint_can_be_withdrawn(world):
    """It has failed without an attempt; what was delivered stays delivered."""
    world.outbox.finish(put(world, endpoint="a"), DELIVERED)
    put(world, endpoint="a")
    put(world, endpoint="b")

    withdrawn = world.of("todo").outbox.withdraw("a")

    assert [(delivery["id"], delivery["attempts"]) for delivery in withdrawn] == [(2, [])]
    assert [delivery["state"] for delivery in world.outbox.deliveries] == ["delivered", "failed", "due"]


# Worlds


def test_a_fork_sends_nothing_twice(world):
    """Its outbox is empty; that of its origin stays."""
    put(world)

    forked = world.fork("two")

    assert (ids(world), ids(forked), forked.outbox.take(1000)) == ([1], [], [])


def test_a_fork_rings_for_itself(world, rings):
    """Its deliveries are its own."""
    forked = world.fork("two")

    put(forked)

    assert (ids(world), ids(forked), rings) == ([], [1], ["two"])


@pytest.mark.parametrize("begin", [lambda world: world.restore(world.snapshot()), lambda world: world.reset({})])
def test_a_world_that_begins_again_sends_nothing_of_before(world, begin):
    """Restored or reset, its outbox is empty."""
    put(world)

    begin(world)

    assert (ids(world), world.outbox.take(9e9)) == ([], [])


def test_numbers_go_on_in_a_restored_world_and_begin_anew_in_a_reset_one(world):
    """As its other sequences do."""
    put(world)

    world.restore(world.snapshot())
    restored = put(world)["id"]
    world.reset({})

    assert (restored, put(world)["id"]) == (2, 1)


# Closing


def test_a_closed_outbox_takes_nothing_more(world, rings):
    """What waited is gone, and what comes has failed at once, with the reason."""
    put(world)
    world.outbox.close()
    rings.clear()

    put(world)

    [late] = world.outbox.deliveries
    assert (late["state"], late["attempts"][0]["error"]) == (FAILED, "not sent: this world was deleted")
    assert (world.outbox.next_due, rings) == (None, [])


def test_whoever_sends_is_told_that_an_outbox_was_closed(world, rings):
    """An alarm that was set for it is of no use any more."""
    put(world)
    rings.clear()

    world.outbox.close()

    assert rings == ["one"]


def test_whether_all_is_sent_is_asked_cheaply(world, monkeypatch):
    """After each attempt, without a look at all that waits; what is put later is not waited for."""
    looks = []
    unsent = module.Outbox.unsent

    def counted(outbox, until):
        looks.append(until)
        return unsent(outbox, until)

    monkeypatch.setattr(module.Outbox, "unsent", counted)
    deliveries = [put(world) for _ in range(50)]
    is_sent = world.outbox.sent(1000)
    world.clock.advance(1)
    put(world)

    answers = []
    for delivery in deliveries:
        answers.append(is_sent())
        world.outbox.finish(delivery, DELIVERED)

    assert (any(answers), is_sent(), looks) == (False, True, [1000, 1000])


def test_what_waits_again_is_not_sent(world):
    """And an outbox that was emptied is."""
    first, second = put(world), put(world)
    is_sent = world.outbox.sent(1100)
    assert not is_sent()

    world.outbox.finish(second, DELIVERED)
    world.outbox.postpone(first, 1060)
    waited = is_sent()
    world.outbox.empty()

    assert (waited, is_sent()) == (False, True)


class Machine:
    """The time of a machine, which passes and can be set."""

    def __init__(self, monkeypatch):
        self.shown, self.passed = 10_000.0, 0.0
        monkeypatch.setattr(clocks, "machine_time", lambda: self.shown)
        monkeypatch.setattr(clocks, "elapsed", lambda: self.passed)

    def run(self, seconds):
        """Time passes."""
        self.shown += seconds
        self.passed += seconds


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_delivery_waits_as_long_whatever_the_machines_time_is_set_to(monkeypatch, hours):
    """An hour back or forth: the retry is due a minute later, and shown so."""
    machine = Machine(monkeypatch)
    world = World("two", {})
    [delivery] = world.outbox.take(put(world)["due"])
    world.outbox.postpone(delivery, world.clock.now() + 60)

    machine.run(10)
    machine.shown += hours * 3600
    world.outbox.follow(world.clock)
    machine.run(49)
    before = world.outbox.take(world.clock.now())
    machine.run(1)
    after = world.outbox.take(world.clock.now())

    assert (len(before), len(after)) == (0, 1)
    assert after[0]["due"] == 10_060 + hours * 3600


def test_a_delivery_that_was_put_after_the_time_was_set_does_not_move(monkeypatch):
    """Only what waited before does."""
    machine = Machine(monkeypatch)
    world = World("two", {})
    machine.shown -= 3600

    put(world)

    assert [delivery["due"] for delivery in world.outbox.take(world.clock.now())] == [6_400]


def test_time_that_stands_still_is_not_set(monkeypatch):
    """A frozen clock has nothing to do with the machine's, neither then nor when it runs again."""
    machine = Machine(monkeypatch)
    world = World("two", {})
    world.clock.freeze()
    [delivery] = world.outbox.take(put(world)["due"])
    world.outbox.postpone(delivery, world.clock.now() + 60)

    machine.shown -= 3600
    world.outbox.follow(world.clock)
    world.clock.reset()
    world.outbox.follow(world.clock)

    assert world.outbox.next_due == 10_060
