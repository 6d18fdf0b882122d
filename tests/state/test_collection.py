"""Collections: records by id, oldest first, of which every write can be taken back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.problem import Problem
from mockserver.state.records.collection import Collection, Id, keep_all
from mockserver.state.records.record import Record
from mockserver.state.world import SeedCollection, World
from tests.support import Stop

TASKS: list[dict[str, Any]] = [
    {"id": "t1", "title": "Sweep", "done": False},
    {"id": "t2", "title": "Dust", "done": True},
    {"id": "t3", "title": "Mop", "done": False},
]


@pytest.fixture
def world() -> World:
    """A world with three tasks."""
    return World("one", {"todo": {"tasks": SeedCollection("id", keep_all("id", [*TASKS]))}})


@pytest.fixture
def tasks(world) -> Collection:
    """Three tasks."""
    collection: Collection = world.of("todo")["tasks"]
    return collection


def ids(records) -> list[Id]:
    """The records' ids, in their order."""
    return [record["id"] for record in records]


# Reading


def test_get_answers_with_the_record_or_none(tasks):
    """A missing record is None to who asks softly."""
    assert (tasks.get("t2"), tasks.get("t9")) == (TASKS[1], None)


def test_a_missing_record_is_a_404(tasks):
    """Who needs the record gets a Problem that names the collection and the id."""
    with pytest.raises(Problem, match="tasks has no record with the id 't9'") as caught:
        tasks["t9"]

    assert (caught.value.status, caught.value.code) == (404, "not-found")


def test_list_is_oldest_first(tasks):
    """Records come in the order in which they were born."""
    assert tasks.list() == TASKS


def test_list_keeps_what_it_is_told_to(tasks):
    """A predicate narrows the list and leaves its order."""
    open_tasks = tasks.list(lambda task: not task["done"])

    assert ids(open_tasks) == ["t1", "t3"]


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"done": False}, ["t1", "t3"]),
        ({"done": False, "title": "Mop"}, ["t3"]),
        ({"title": "Paint"}, []),
        ({"unknown": None}, ["t1", "t2", "t3"]),
        ({}, ["t1", "t2", "t3"]),
    ],
)
def test_where_compares_members(tasks, members, found):
    """All members named have to be equal; one that a record does not have is None."""
    assert ids(tasks.where(**members)) == found


def test_find_answers_with_the_records_of_one_value(tasks):
    """Oldest first; a value that no record has finds none, and so does one that cannot be looked up."""
    tasks.insert({"id": "t4", "title": ["Dust"], "done": True})

    assert ids(tasks.find("done", value=True)) == ["t2", "t4"]
    assert tasks.find("title", "Dusk") == []
    assert tasks.find("owner", "Ann") == []


@pytest.mark.parametrize(
    "write",
    [
        lambda tasks: tasks.insert({"id": "t4", "title": "Mop", "done": False}),
        lambda tasks: tasks.update("t1", {"title": "Mop"}),
        lambda tasks: tasks.replace({"id": "t1", "title": "Mop"}),
        lambda tasks: tasks.delete("t3"),
    ],
    ids=["insert", "update", "replace", "delete"],
)
def test_find_sees_what_was_written_and_what_was_taken_back(world, tasks, write):
    """However often it was asked before."""
    before = tasks.find("title", "Mop")

    with pytest.raises(Stop), world.of("todo").transaction():
        write(tasks)
        written = tasks.find("title", "Mop")
        raise Stop

    assert written != before
    assert tasks.find("title", "Mop") == before


def test_who_was_found_can_be_deleted_one_by_one(tasks):
    """The answer is a list of its own."""
    for task in tasks.find("done", value=False):
        tasks.delete(task["id"])

    assert ids(tasks.list()) == ["t2"]


def test_a_list_can_be_written_through_while_it_is_read(tasks):
    """Iterating goes over the records as they were when it began."""
    for task in tasks:
        tasks.delete(task["id"])

    assert len(tasks) == 0


# Writing


def test_an_inserted_record_is_the_newest(tasks):
    """It stands at the end and can be got."""
    tasks.insert({"id": "t4", "title": "Wax", "done": False})

    assert ids(tasks) == ["t1", "t2", "t3", "t4"]


def test_an_id_is_inserted_once(tasks):
    """A second record of an id is a 409, and the first one stays."""
    with pytest.raises(Problem, match="has a record with the id 't1' already") as caught:
        tasks.insert({"id": "t1", "title": "Other"})

    assert (caught.value.status, tasks["t1"]) == (409, TASKS[0])


def test_what_was_inserted_is_kept_by_value(tasks):
    """The mapping that was handed in can be changed without changing the record."""
    wax = {"id": "t4", "steps": ["open"]}
    tasks.insert(wax)

    wax["steps"] = []

    assert tasks["t4"] == {"id": "t4", "steps": ["open"]}


def test_an_update_lays_changes_over_the_record(tasks):
    """Members named are new, the others stay, and so does their order."""
    updated = tasks.update("t1", {"done": True, "by": "Ann"})

    assert [*updated.items()] == [("id", "t1"), ("title", "Sweep"), ("done", True), ("by", "Ann")]


def test_an_update_changes_no_record_that_was_read_before(tasks):
    """A record that somebody holds is a value of its own moment."""
    before = tasks["t1"]

    tasks.update("t1", {"done": True})

    assert before["done"] is False


def test_an_updated_record_keeps_its_place(tasks):
    """An update is no birth."""
    tasks.update("t1", {"done": True})

    assert ids(tasks) == ["t1", "t2", "t3"]


def test_update_all_changes_each_record_named(tasks):
    """The same changes for many."""
    tasks.update_all(["t1", "t3", "t1"], {"done": True})

    assert [task["done"] for task in tasks] == [True, True, True]


@pytest.mark.parametrize(
    "write",
    [
        lambda tasks: tasks.update("t9", {"done": True}),
        lambda tasks: tasks.update_all(["t9"], {"done": True}),
        lambda tasks: tasks.delete("t9"),
    ],
    ids=["update", "update_all", "delete"],
)
def test_a_write_to_a_missing_record_is_a_404(tasks, write):
    """What is not there cannot be changed, and nothing is."""
    with pytest.raises(Problem) as caught:
        write(tasks)

    assert (caught.value.status, tasks.list()) == (404, TASKS)


def test_a_replaced_record_has_nothing_of_the_old_one_but_its_place(tasks):
    """The new value stands where the old one stood."""
    tasks.replace({"id": "t2", "title": "Polish"})

    assert tasks.list() == [TASKS[0], {"id": "t2", "title": "Polish"}, TASKS[2]]


def test_replacing_what_is_not_there_inserts_it(tasks):
    """A record of a new id is the newest."""
    tasks.replace({"id": "t0", "title": "Plan"})

    assert ids(tasks) == ["t1", "t2", "t3", "t0"]


def test_a_deleted_record_is_handed_back_and_gone(tasks):
    """Its id is free again, and the next record of it is the newest."""
    gone = tasks.delete("t2")
    tasks.insert(gone)

    assert (gone, ids(tasks)) == (TASKS[1], ["t1", "t3", "t2"])


# Taking back


def test_a_delete_that_is_taken_back_leaves_the_order_of_birth(world, tasks):
    """The record stands again where it stood, not at the end."""
    with pytest.raises(Stop), world.of("todo").transaction():
        tasks.delete("t1")
        tasks.insert({"id": "t4"})
        raise Stop

    assert tasks.list() == TASKS


def test_an_id_that_was_deleted_and_used_again_comes_back_as_it_was(world, tasks):
    """Undone are both, in the right order."""
    with pytest.raises(Stop), world.of("todo").transaction():
        tasks.delete("t2")
        tasks.insert({"id": "t2", "title": "Another"})
        raise Stop

    assert tasks.list() == TASKS


def test_a_half_done_update_of_many_is_taken_back(world, tasks):
    """A missing record in the middle undoes those before it."""
    with pytest.raises(Problem), world.of("todo").transaction():
        tasks.update_all(["t1", "t9", "t3"], {"done": True})

    assert tasks.list() == TASKS


IDS = st.sampled_from(["t1", "t2", "t3", "t4", "t5"])
CHANGES = st.dictionaries(st.sampled_from(["title", "done", "steps"]), st.lists(st.integers(), max_size=2))
WRITES = st.one_of(
    st.tuples(st.just("insert"), IDS, CHANGES),
    st.tuples(st.just("update"), IDS, CHANGES),
    st.tuples(st.just("replace"), IDS, CHANGES),
    st.tuples(st.just("delete"), IDS, CHANGES),
    st.tuples(st.just("update_all"), st.lists(IDS, max_size=4), CHANGES),
)


def write_all(tasks: Collection, writes) -> None:
    """Every write is done that can be done."""
    for kind, wanted, changes in writes:
        try:
            if kind in ("insert", "replace"):
                getattr(tasks, kind)({"id": wanted, **changes})
            elif kind == "delete":
                tasks.delete(wanted)
            else:
                getattr(tasks, kind)(wanted, changes)
        except Problem:
            continue


def fresh() -> tuple[World, Collection]:
    """A world with three tasks, and these."""
    world = World("one", {"todo": {"tasks": SeedCollection("id", keep_all("id", [*TASKS]))}})
    return world, world.of("todo")["tasks"]


@settings(deadline=None)
@given(before=st.lists(WRITES, max_size=6), inside=st.lists(WRITES, max_size=10))
def test_a_transaction_that_fails_leaves_the_collection_as_it_was(before, inside):
    """Whatever was written inside it: the same records, in the same order, of the same birth."""
    world, tasks = fresh()
    write_all(tasks, before)
    was = [(record.birth, [*record.items()]) for record in tasks]

    with pytest.raises(Stop), world.of("todo").transaction():
        write_all(tasks, inside)
        raise Stop

    assert [(record.birth, [*record.items()]) for record in tasks] == was


@settings(deadline=None)
@given(before=st.lists(WRITES, max_size=6), after=st.lists(WRITES, max_size=10))
def test_a_restored_world_is_as_it_was_at_its_snapshot(before, after):
    """Whatever was written after the snapshot; and the snapshot can be restored more than once."""
    world, tasks = fresh()
    write_all(tasks, before)
    was, snapshot = tasks.list(), world.snapshot()

    for _ in range(2):
        write_all(world.of("todo")["tasks"], after)
        world.restore(snapshot)

        assert world.of("todo")["tasks"].list() == was


@settings(deadline=None)
@given(st.lists(WRITES, max_size=10))
def test_the_order_is_always_that_of_birth(writes):
    """No sequence of writes mixes up who is older."""
    _, tasks = fresh()

    write_all(tasks, writes)

    births = [record.birth for record in tasks]
    assert births == sorted(births)
    assert all(type(record) is Record for record in tasks)
