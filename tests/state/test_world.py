"""Worlds: transactions, snapshots, forks and resets; what one world does no other sees."""

import threading

import pytest

from mockserver.messages import Exchange, Request
from mockserver.problem import Problem
from mockserver.state.journal import Journal
from mockserver.state.records.collection import keep_all
from mockserver.state.world import DEFAULT_WORLD, SeedCollection, World
from mockserver.state.worlds import MAX_WORLDS, Worlds
from tests.support import Stop


def snapshot_of_the_fixtures():
    """One API, two collections: one task, no label."""
    return {
        "todo": {
            "tasks": SeedCollection("id", keep_all("id", [{"id": 1, "done": False}])),
            "labels": SeedCollection("name", {}),
        }
    }


@pytest.fixture
def origin():
    """What worlds begin with."""
    return snapshot_of_the_fixtures()


@pytest.fixture
def world(origin) -> World:
    """A world of its own."""
    return World("one", origin, seed=7)


def tasks(world: World):
    """The tasks of the world."""
    return world.of("todo")["tasks"]


# Transactions


def test_a_transaction_that_succeeds_stays(world):
    """What was written is there, and nothing is left to be undone."""
    with world.of("todo").transaction():
        tasks(world).update(1, {"done": True})

    assert (tasks(world)[1]["done"], world.log) == (True, [])


def test_a_transaction_that_fails_takes_back_every_collection(world):
    """Writes to several collections are undone together."""
    state = world.of("todo")

    with pytest.raises(Stop), state.transaction():
        state["tasks"].delete(1)
        state["labels"].insert({"name": "home"})
        raise Stop

    assert (len(state["tasks"]), len(state["labels"]), world.log) == (1, 0, [])


def test_a_transaction_that_fails_takes_back_those_inside_it(world):
    """An inner success is a success only if the outer one is."""
    state = world.of("todo")

    with pytest.raises(Stop), state.transaction():
        with state.transaction():
            state["tasks"].update(1, {"done": True})
        raise Stop

    assert state["tasks"][1]["done"] is False


def test_an_inner_failure_leaves_what_the_outer_wrote(world):
    """Partial success: one item is taken back, the others stay."""
    state = world.of("todo")

    with state.transaction():
        state["tasks"].insert({"id": 2})
        with pytest.raises(Stop), state.transaction():
            state["tasks"].insert({"id": 3})
            raise Stop
        state["tasks"].insert({"id": 4})

    assert [task["id"] for task in state["tasks"]] == [1, 2, 4]


# Snapshots, forks, resets


def test_a_snapshot_does_not_see_what_is_written_later(world):
    """It is one moment."""
    taken = world.snapshot()

    tasks(world).update(1, {"done": True})

    assert taken["todo"]["tasks"].records[1] == {"id": 1, "done": False}


def test_a_restored_world_does_not_write_into_its_snapshot(world):
    """The snapshot can be restored again, and is the same."""
    taken = world.snapshot()
    world.restore(taken)

    tasks(world).delete(1)

    assert 1 in taken["todo"]["tasks"].records


def test_a_restored_world_goes_on_in_time_and_in_its_journal(world):
    """Only the records are those of the snapshot."""
    taken = world.snapshot()
    world.clock.freeze(50)
    world.journal.append(exchange(1))

    world.restore(taken)

    assert (world.clock.now(), world.of("todo").clock.now(), len(world.journal)) == (50, 50, 1)


def test_what_is_restored_begins_with_full_meters_and_no_replies(world):
    """Budgets and idempotency keys are not carried over."""
    state = world.of("todo")
    state.meters["calls"] = [1]
    state.replies["key"] = "answer"

    world.restore(world.snapshot())

    assert (world.of("todo").meters, world.of("todo").replies) == ({}, {})


@pytest.mark.parametrize("writer", ["origin", "fork"])
def test_a_fork_and_its_origin_do_not_see_each_other(world, writer):
    """Whoever writes, the other one stays as it was."""
    sides = {"origin": world, "fork": world.fork("two")}
    other = sides["fork" if writer == "origin" else "origin"]

    tasks(sides[writer]).update(1, {"done": True})
    tasks(sides[writer]).insert({"id": 2})

    assert tasks(other).list() == [{"id": 1, "done": False}]


def test_a_fork_begins_with_what_its_origin_had_become(world):
    """Not with the fixtures."""
    tasks(world).insert({"id": 2})

    forked = world.fork("two")

    assert [task["id"] for task in tasks(forked)] == [1, 2]


def test_a_fork_shares_every_collection_until_it_writes(world):
    """Both read the very same dictionary; only the collection written to is copied."""
    here, there = world.of("todo"), world.fork("two").of("todo")
    shared = here["tasks"].share() is there["tasks"].share()

    there["tasks"].update(1, {"done": True})

    assert shared
    assert here["tasks"].share() is not there["tasks"].share()
    assert here["labels"].share() is there["labels"].share()


def test_a_collection_is_copied_once(world):
    """The second write goes where the first one went."""
    tasks(world).insert({"id": 2})
    own = tasks(world)._records  # noqa: SLF001 - whose identity is the promise

    tasks(world).insert({"id": 3})

    assert tasks(world)._records is own  # noqa: SLF001 - as above


def test_a_fork_has_its_origins_time_and_an_empty_journal(world):
    """It goes its own way from the same moment."""
    world.clock.freeze(100)
    world.journal.append(exchange(1))

    forked = world.fork("two")
    forked.clock.advance(10)

    assert (forked.clock.now(), world.clock.now(), len(forked.journal)) == (110, 100, 0)


def test_a_fork_draws_what_its_origin_would_draw(world):
    """The same requests give the same ids in both."""
    world.of("todo").chance.hex(8)

    forked = world.fork("two")

    assert forked.of("todo").chance.uuid() == world.of("todo").chance.uuid()


def test_a_reset_world_is_as_new(world, origin):
    """Records, time, journal and chance begin again."""
    first = world.of("todo").chance.uuid()
    tasks(world).delete(1)
    world.clock.freeze(5)
    world.journal.append(exchange(1))

    world.reset(origin)

    assert (len(tasks(world)), len(world.journal), world.clock.is_frozen) == (1, 0, False)
    assert world.of("todo").chance.uuid() == first


# Realms


def test_the_states_of_a_world_do_not_meet(world):
    """An API without fixtures has no collections."""
    assert (world.of("todo").names, world.of("other").names) == (["tasks", "labels"], [])


def test_a_state_knows_its_collections(world):
    """By name, and no other."""
    state = world.of("todo")

    assert ("tasks" in state, "users" in state) == (True, False)


def test_a_sequence_counts_from_one(world):
    """Each name has its own numbers, and none comes twice."""
    state = world.of("todo")

    numbers = [state.next_number("order"), state.next_number("order"), state.next_number("invoice")]

    assert numbers == [1, 2, 1]


def test_a_sequence_goes_on_in_a_fork(world):
    """The fork holds the records that have the first numbers."""
    world.of("todo").next_number("order")

    forked = world.fork("two")

    assert forked.of("todo").next_number("order") == 2


def test_a_restored_world_gives_no_number_twice(world):
    """A number that somebody saw is never given to something else."""
    world.of("todo").next_number("order")

    world.restore(world.snapshot())

    assert world.of("todo").next_number("order") == 2


# The journal


def exchange(number: int, size: int = 1) -> Exchange:
    """An exchange that costs `size` bytes to keep."""
    request = Request("GET", "/", "", {}, b"", "")
    return Exchange(number, 0.0, "one", "todo", "", request, 200, (), b"", (), (), (), "handler", 0.0, size)


def test_a_journal_keeps_the_last_exchanges():
    """Beyond the limit the oldest are dropped, and counted."""
    journal = Journal(limit=3)

    for number in range(1, 6):
        journal.append(exchange(number))

    assert ([kept.id for kept in journal], journal.dropped) == ([3, 4, 5], 2)


def test_a_journal_is_bounded_in_bytes():
    """Few big exchanges push the old ones out as many small ones do."""
    journal = Journal(limit=1000)

    for number in range(1, 6):
        journal.append(exchange(number, size=6 * 1024 * 1024))

    assert ([kept.id for kept in journal], journal.dropped) == ([4, 5], 3)


def test_an_exchange_bigger_than_the_journal_is_not_kept():
    """The bound holds, whatever comes."""
    journal = Journal(limit=1000)

    journal.append(exchange(1, size=17 * 1024 * 1024))

    assert (len(journal), journal.dropped) == (0, 1)


def test_what_is_removed_makes_room():
    """Its bytes no longer count."""
    journal = Journal(limit=1000)
    journal.append(exchange(1, size=15 * 1024 * 1024))

    removed = journal.remove(lambda kept: kept.id == 1)
    journal.append(exchange(2, size=15 * 1024 * 1024))

    assert ([kept.id for kept in removed], [kept.id for kept in journal], journal.dropped) == ([1], [2], 0)


def test_a_journal_of_none_keeps_none():
    """A limit of 0 switches it off."""
    journal = Journal(limit=0)

    journal.append(exchange(1))

    assert len(journal) == 0


def test_ids_are_not_used_again():
    """Neither dropping nor removing gives an id back."""
    journal = Journal(limit=1)
    first = journal.next_id()
    journal.append(exchange(first))

    journal.remove(lambda _: True)

    assert (first, journal.next_id()) == (1, 2)


# Many worlds


@pytest.fixture
def worlds(origin) -> Worlds:
    """The worlds of one server."""
    return Worlds(origin, journal_limit=2)


def test_a_world_is_made_on_first_use(worlds):
    """And is the same one from then on."""
    made = worlds["ci-7"]

    assert (worlds["ci-7"] is made, [*worlds], made.journal.limit) == (True, ["ci-7"], 2)


def test_worlds_do_not_see_each_other(worlds):
    """Each begins with the fixtures."""
    tasks(worlds["a"]).delete(1)

    assert 1 in tasks(worlds["b"])


def test_the_fixtures_stay_what_they_were(worlds):
    """A world made after writes in another begins as that one began."""
    tasks(worlds["a"]).update(1, {"done": True})

    worlds.reset("a")

    assert tasks(worlds["a"])[1]["done"] is False


@pytest.mark.parametrize("name", [DEFAULT_WORLD, "a", "0", "t_1.x-Y", "w" * 64])
def test_a_name_of_letters_digits_and_marks_is_taken(worlds, name):
    """Names fit into a path and into a header."""
    assert worlds[name].name == name


@pytest.mark.parametrize("name", ["", "w" * 65, ".hidden", "-x", "a b", "a/b", "ü", "a\n", "a%20b", "~a"])
def test_any_other_name_is_a_400(worlds, name):
    """And makes no world."""
    with pytest.raises(Problem, match="is no name of a world") as caught:
        worlds[name]

    assert (caught.value.status, len(worlds)) == (400, 0)


def test_a_server_holds_so_many_worlds(worlds):
    """One more is a 503; those that are there still answer."""
    for number in range(MAX_WORLDS):
        worlds[f"w{number}"]

    with pytest.raises(Problem, match="holds 20000 worlds already") as caught:
        worlds["one-more"]

    assert (caught.value.status, worlds["w9999"].name) == (503, "w9999")


# Deleting


def test_a_deleted_world_makes_room(worlds):
    """Where no more worlds fit, one less lets another in."""
    for number in range(MAX_WORLDS):
        worlds[f"w{number}"]

    worlds.delete("w17")

    assert worlds["one-more"].name == "one-more"


def test_a_name_that_was_deleted_begins_anew(worlds):
    """The world of that name is another one."""
    before = worlds["a"]
    tasks(before).update(1, {"done": True})

    worlds.delete("a")

    assert [*worlds] == []
    assert tasks(worlds["a"])[1]["done"] is False
    assert tasks(before)[1]["done"] is True


def test_a_deleted_world_gives_back_what_its_journal_had(worlds):
    """What was written down is gone, and what is written down afterwards counts against nobody."""
    world, other = worlds["a"], worlds["b"]
    before = world.journal
    before.append(exchange(1, size=1024 * 1024))

    worlds.delete("a")
    world.journal.append(exchange(2, size=1024 * 1024))

    assert ([*before], [kept.id for kept in world.journal]) == ([], [2])
    assert world.journal.allowance is not other.journal.allowance


def test_a_world_is_deleted_once_its_lock_is_free(worlds):
    """The request that holds it goes on in the world that it is in."""
    world = worlds["a"]
    deleting = threading.Thread(target=worlds.delete, args=("a",))

    with world.lock:
        deleting.start()
        deleting.join(0.1)
        was_waiting = deleting.is_alive()
        tasks(world).update(1, {"done": True})
    deleting.join(5)

    assert (was_waiting, deleting.is_alive(), "a" in [*worlds]) == (True, False, False)


@pytest.mark.parametrize(("name", "status"), [(DEFAULT_WORLD, 409), ("never-used", 404)])
def test_what_cannot_be_deleted_is_a_problem(worlds, name, status):
    """The default world stays, used or not."""
    with pytest.raises(Problem) as caught:
        worlds.delete(name)

    assert caught.value.status == status
