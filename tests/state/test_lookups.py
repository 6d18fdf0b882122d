"""What finds records without looking at each of them agrees with who looks at each, whatever was written."""

from collections.abc import Collection as Sized
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.problem import Problem
from mockserver.state.records import ordered_ids
from mockserver.state.records.collection import Collection, keep_all
from mockserver.state.records.ordered_ids import Series
from mockserver.state.records.record import Record
from mockserver.state.world import SeedCollection, World
from tests.support import Stop

BEGUN: list[dict[str, Any]] = [{"id": f"t{number}", "tags": [number % 2], "size": number} for number in range(4)]


@dataclass(frozen=True)
class BySize:
    """Finds records by each of their tags, the smallest first."""

    members = ("tags", "size")

    def keys(self, record: Record) -> Sized[Hashable]:
        return {*record.get("tags", ())}

    def rank(self, record: Record) -> int:
        size: int = record.get("size", 0)
        return size


def begun() -> World:
    """A world with four tasks."""
    return World("one", {"todo": {"tasks": SeedCollection("id", keep_all("id", [*BEGUN]))}})


def ids(records) -> list[str]:
    """Their ids, in their order."""
    return [record["id"] for record in records]


# A series


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch):
    """So that few ids fill many of them."""
    monkeypatch.setattr(ordered_ids, "LONGEST", 3)


RANKS = st.integers(0, 6)
STEPS = st.lists(st.tuples(st.booleans(), RANKS, st.integers(0, 12)), max_size=60)


@settings(deadline=None)
@given(STEPS)
def test_a_series_is_a_sorted_list(steps):
    """With its places, slices and highest rank; of equal ranks the first stays the first."""
    kept, model = Series(), list[tuple[int, int]]()

    for adds, rank, record_id in steps:
        if adds and (rank, record_id) not in model:
            kept.add(rank, record_id)
            model.append((rank, record_id))
            model.sort(key=lambda pair: pair[0])
        elif not adds:
            kept.remove(rank, record_id)
            model = [pair for pair in model if pair != (rank, record_id)]

    assert (len(kept), [*kept]) == (len(model), [record_id for _, record_id in model])
    assert [kept.place(*pair) for pair in model] == [*range(len(model))]
    assert kept.place(9, 1) is None
    assert kept.highest == (model[-1][0] if model else None)
    for start in range(len(model) + 2):
        assert kept.slice(start, start + 4) == [record_id for _, record_id in model[start : start + 4]]


def test_a_copied_series_goes_its_own_way():
    """Neither sees what is done to the other."""
    one = Series((number, number) for number in range(5))
    other = one.copy()

    one.remove(2, 2)
    other.add(9, 9)

    assert ([*one], [*other]) == ([0, 1, 3, 4], [0, 1, 2, 3, 4, 9])


# A collection with indexes


IDS = st.sampled_from([f"t{number}" for number in range(6)])
MEMBERS = st.fixed_dictionaries(
    {}, optional={"tags": st.lists(st.integers(0, 2), max_size=2), "size": st.integers(0, 3), "done": st.booleans()}
)
WRITES = st.tuples(st.sampled_from(["insert", "update", "replace", "delete"]), IDS, MEMBERS)
ASK = st.tuples(st.just("ask"), IDS, MEMBERS)
FORK = st.tuples(st.just("fork"), IDS, MEMBERS)
FAILING = st.tuples(st.just("fail"), st.lists(st.one_of(WRITES, ASK), max_size=5), MEMBERS)
JOURNEYS = st.lists(st.one_of(WRITES, WRITES, ASK, FORK, FAILING), max_size=25)


def write(tasks: Collection, kind: str, record_id: str, members: dict[str, Any]) -> None:
    """The write is done if it can be."""
    try:
        if kind == "delete":
            tasks.delete(record_id)
        elif kind == "update":
            tasks.update(record_id, members)
        else:
            getattr(tasks, kind)({"id": record_id, **members})
    except Problem:
        return


def agree(tasks: Collection) -> None:
    """What the lookups say is what looking at each record says."""
    records = tasks.list()
    assert ids(tasks.all()) == ids(records)
    assert [tasks.all().place(record["id"]) for record in records] == [*range(len(records))]
    assert ids(tasks.all()[1:3]) == ids(records[1:3])
    for done in (True, False):
        assert ids(tasks.find("done", done)) == [record["id"] for record in records if record.get("done") is done]
    for tag in range(3):
        tagged = [record for record in records if tag in record.get("tags", ())]
        found = tasks.under(BySize(), tag)
        assert sorted(ids(found)) == sorted(ids(tagged))
        assert [record.get("size", 0) for record in found] == sorted(record.get("size", 0) for record in tagged)
        assert tasks.highest(BySize(), tag) == max((record.get("size", 0) for record in tagged), default=None)


def go(world: World, journey: list[Any]) -> list[World]:
    """The worlds in which the journey was made: each fork goes on beside its origin, and both are written to."""
    worlds = [world]
    for kind, wanted, members in journey:
        if kind == "fork" and len(worlds) < 4:
            worlds.append(worlds[-1].fork(f"w{len(worlds)}"))
        for number, each in enumerate(worlds):
            tasks = each.of("todo")["tasks"]
            if kind == "ask":
                agree(tasks)
            elif kind == "fail":
                try:
                    with each.of("todo").transaction():
                        go(each, wanted)
                        raise Stop
                except Stop:
                    continue
            elif kind != "fork":
                write(tasks, kind, wanted, {**members, "size": number})
    return worlds


@settings(deadline=None)
@given(JOURNEYS)
def test_lookups_agree_with_who_looks_at_each_record(journey):
    """In every world, after inserts, updates, replacements, deletions, rollbacks and forks, whenever they were made."""
    worlds = go(begun(), journey)

    for world in worlds:
        agree(world.of("todo")["tasks"])
        agree(World("again", world.snapshot()).of("todo")["tasks"])


@settings(deadline=None)
@given(st.lists(st.one_of(WRITES, ASK), max_size=12))
def test_a_fork_sees_nothing_of_what_its_origin_does(journey):
    """Neither among its records nor by its lookups, though they shared both."""
    world = begun()
    agree(world.of("todo")["tasks"])
    fork = world.fork("two")

    go(world, journey)

    assert fork.of("todo")["tasks"].list() == BEGUN
    agree(fork.of("todo")["tasks"])


def test_an_index_is_made_once_and_kept_up():
    """A write looks at the record that is written, an answer at those that are found; forks ask the same index."""
    looked_at = []

    @dataclass(frozen=True)
    class Counting(BySize):
        def keys(self, record: Record) -> Sized[Hashable]:
            looked_at.append(record["id"])
            return super().keys(record)

    world = World("one", {"todo": {"tasks": SeedCollection("id", keep_all("id", [*BEGUN]))}})
    tasks = world.of("todo")["tasks"]
    tasks.under(Counting(), 1)
    looked_at.clear()
    tasks.insert({"id": "new", "tags": [1], "size": 9})
    found = ids(world.fork("two").of("todo")["tasks"].under(Counting(), 1))

    assert found == ["t1", "t3", "new"]
    assert looked_at == ["new"]


def test_an_update_of_other_members_asks_no_index():
    """Only what keys are made of can change them."""
    asked = []

    @dataclass(frozen=True)
    class Counting(BySize):
        def keys(self, record: Record) -> Sized[Hashable]:
            asked.append(record["id"])
            return super().keys(record)

    tasks = begun().of("todo")["tasks"]
    tasks.under(Counting(), 1)
    asked.clear()
    tasks.update_all(["t1", "t2"], {"done": True})
    tasks.replace({**tasks["t3"], "title": "Mop"})

    assert asked == []


def test_a_view_is_a_sequence():
    """Of the records as they are, counted from either end."""
    tasks = begun().of("todo")["tasks"]
    tasks.insert({"id": "t9", "owner": "ann"})
    view = tasks.all()

    assert (view.place("t9"), view.place("t7"), len(view)) == (4, None, 5)
    assert (view[-1]["id"], view[0]["id"], ids(view[3:])) == ("t9", "t0", ["t3", "t9"])
    with pytest.raises(IndexError):
        view[5]
