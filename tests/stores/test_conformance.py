"""What every store does, by example: each test runs on all implementations."""

import threading
import time

import pytest

from mockserver.stores.world_store import (
    DIRECTORY,
    REMEMBERED,
    Behind,
    Busy,
    Committed,
    LeaseLost,
    Since,
    StoredSnapshot,
    courier_lease,
    writer_lease,
)
from tests.stores.implementations import Told, commit


def fill(store, world, *contents, after=0):
    """Appends these, one after the other; returns the last version."""
    for content in contents:
        after = store.append(commit(world, after, content)).version
    return after


# Commits


def test_a_world_that_is_not_there_has_nothing(opened):
    """Version 0, and no commit."""
    assert opened.one.since("w", 0) == Since(0)
    assert opened.one.names() == ()


def test_what_one_appends_the_other_reads(opened):
    """In order, with consecutive versions."""
    first = opened.one.append(commit("w", 0, b"a")).version
    second = opened.other.append(commit("w", first, b"b"))

    assert second == Committed(first + 1)
    assert opened.one.since("w", first) == Since(first + 1, commits=(b"b",))
    assert opened.other.since("w", 0) == Since(first + 1, is_whole=True, commits=(b"a", b"b"))
    assert [*opened.other.since("w", 0).numbered()] == [(first, b"a"), (first + 1, b"b")]
    assert opened.one.since("w", first + 1) == Since(first + 1)


@pytest.mark.parametrize("content", [b"", b"\0", bytes(range(256)), b"\xff" * 300_000], ids=len)
def test_contents_are_any_bytes(opened, content):
    """Empty, with zero bytes, or large."""
    opened.one.append(commit("w", 0, content))

    assert opened.other.since("w", 0).commits == (content,)


def test_a_commit_that_comes_late_is_told_what_came_first(opened):
    """And is not applied."""
    first = fill(opened.one, "w", b"a")
    newest = fill(opened.one, "w", b"b", b"c", after=first)

    answer = opened.other.append(commit("w", first, b"late"))

    assert answer == Behind(Since(newest, commits=(b"b", b"c")))
    assert opened.other.since("w", first).commits == (b"b", b"c")


def test_a_first_commit_of_a_world_that_is_there_is_told_all(opened):
    """Two replicas begin one world at once."""
    newest = fill(opened.one, "w", b"a", b"b")

    answer = opened.other.append(commit("w", 0, b"late"))

    assert answer == Behind(Since(newest, is_whole=True, commits=(b"a", b"b")))


def test_a_commit_after_a_version_that_nobody_made_is_refused(opened):
    """What is known of the world is none of it."""
    newest = fill(opened.one, "w", b"a")

    answer = opened.one.append(commit("w", newest + 7))

    assert answer == Behind(Since(newest, is_whole=True, commits=(b"a",)))


def test_a_commit_after_a_version_of_a_world_that_is_not_there_is_refused(opened):
    """It was dropped, as far as the one that asks can tell."""
    answer = opened.one.append(commit("w", 3))

    assert answer == Behind(Since(0, is_whole=True))
    assert opened.one.names() == ()


def test_worlds_are_told_apart(opened):
    """Each has its own commits and versions."""
    fill(opened.one, "a", b"1", b"2")
    fill(opened.one, "A", b"3")
    fill(opened.one, "a.b-c_d", b"4")

    assert opened.other.names() == ("A", "a", "a.b-c_d")
    assert [opened.other.since(name, 0).commits for name in ("A", "a", "a.b-c_d")] == [(b"3",), (b"1", b"2"), (b"4",)]


# The directory


def test_a_commit_may_depend_on_the_directory(opened):
    """It is applied where the directory has the expected version, and else told what is new in both."""
    nothing = opened.one.append(commit("w", 0, b"a", directory=0)).version
    newest = fill(opened.one, DIRECTORY, b"d", b"e")

    behind = opened.other.append(commit("w", nothing, b"b", directory=newest - 1))
    applied = opened.other.append(commit("w", nothing, b"b", directory=newest))

    assert behind == Behind(Since(nothing), Since(newest, commits=(b"e",)))
    assert applied == Committed(nothing + 1)


def test_the_directory_is_a_world_among_the_others(opened):
    """It has a name, and commits."""
    fill(opened.one, DIRECTORY, b"d")

    assert opened.other.names() == (DIRECTORY,)
    assert opened.other.since(DIRECTORY, 0).commits == (b"d",)


# Lost answers


def test_a_commit_that_is_asked_for_again_is_applied_once(opened):
    """Its answer was lost: it is told its version, whether or not others went on."""
    first = commit("w", 0, b"a")
    version = opened.one.append(first).version
    second = commit("w", version, b"b")
    opened.one.append(second)

    assert opened.one.append(second) == Committed(version + 1)
    assert opened.other.append(first) == Committed(version)
    assert opened.one.since("w", 0).commits == (b"a", b"b")


def test_a_commit_is_known_after_it_was_compacted(opened):
    """As long as it is among the newest."""
    first = commit("w", 0, b"a")
    version = opened.one.append(first).version
    second = commit("w", version, b"b")
    newest = opened.one.append(second).version
    opened.one.compact("w", StoredSnapshot(newest, b"s"), newest + 1)

    assert opened.one.append(first) == Committed(version)
    assert opened.other.append(second) == Committed(newest)


def test_ids_of_old_commits_that_were_compacted_are_forgotten(opened):
    """So that the ids of a world do not grow for ever."""
    first = commit("w", 0, b"a")
    second = commit("w", opened.one.append(first).version, b"b")
    opened.one.append(second)
    newest = fill(opened.one, "w", *[b"x"] * (REMEMBERED - 1), after=second.after + 1)
    opened.one.compact("w", StoredSnapshot(newest, b"s"), newest + 1)

    assert isinstance(opened.one.append(first), Behind)
    assert opened.one.append(second) == Committed(second.after + 1)


def test_a_commit_asked_for_again_is_found_before_anything_else_is_looked_at(opened):
    """Another holds the writer's lease by now, and the directory went on."""
    lost = commit("w", 0, b"a", directory=0)
    version = opened.one.append(lost).version
    fill(opened.other, DIRECTORY, b"d")
    opened.other.lease(writer_lease("w"), "other", 60)

    assert opened.one.append(lost) == Committed(version)


# Snapshots


def test_a_snapshot_stands_for_the_commits_before_it(opened):
    """Who knows nothing gets both; who knows enough gets the commits alone."""
    first = fill(opened.one, "w", b"a")
    newest = fill(opened.one, "w", b"b", b"c", b"d", after=first)

    done = opened.one.compact("w", StoredSnapshot(newest - 1, b"abc"), newest)

    assert done
    assert opened.other.since("w", 0) == Since(newest, True, StoredSnapshot(newest - 1, b"abc"), (b"d",))
    assert opened.other.since("w", first) == Since(newest, True, StoredSnapshot(newest - 1, b"abc"), (b"d",))
    assert opened.other.since("w", newest - 1) == Since(newest, commits=(b"d",))


def test_commits_that_are_in_a_snapshot_may_be_kept(opened):
    """For what else they carry."""
    newest = fill(opened.one, "w", b"a", b"b", b"c", b"d")

    opened.one.compact("w", StoredSnapshot(newest - 1, b"abc"), newest - 2)

    assert opened.other.since("w", 0) == Since(newest, True, StoredSnapshot(newest - 1, b"abc"), (b"b", b"c", b"d"))
    assert opened.other.since("w", newest - 3) == Since(newest, commits=(b"b", b"c", b"d"))


def test_commits_beyond_a_snapshot_are_never_removed(opened):
    """Whatever is asked for."""
    newest = fill(opened.one, "w", b"a", b"b", b"c")

    opened.one.compact("w", StoredSnapshot(newest - 1, b"ab"), newest + 100)

    assert opened.one.since("w", 0) == Since(newest, True, StoredSnapshot(newest - 1, b"ab"), (b"c",))


def test_an_older_snapshot_replaces_none_that_is_newer(opened):
    """Two replicas compact at once."""
    newest = fill(opened.one, "w", b"a", b"b", b"c")
    opened.one.compact("w", StoredSnapshot(newest, b"abc"), newest - 1)

    done = opened.other.compact("w", StoredSnapshot(newest - 1, b"ab"), newest)

    assert not done
    assert opened.one.since("w", 0) == Since(newest, True, StoredSnapshot(newest, b"abc"), (b"b", b"c"))


def test_a_snapshot_of_a_version_that_is_not_there_is_refused(opened):
    """Of a world that was dropped, or has not come so far."""
    newest = fill(opened.one, "w", b"a")

    assert not opened.one.compact("w", StoredSnapshot(newest + 1, b"s"), newest)
    assert not opened.one.compact("other", StoredSnapshot(newest, b"s"), newest)
    assert opened.one.since("w", 0) == Since(newest, True, None, (b"a",))


def test_a_world_goes_on_after_a_snapshot_that_keeps_no_commit(opened):
    """Its versions are counted on."""
    newest = fill(opened.one, "w", b"a", b"b")
    opened.one.compact("w", StoredSnapshot(newest, b"ab"), newest + 1)
    whole = opened.other.since("w", 0)

    answer = opened.other.append(commit("w", newest, b"c"))

    assert whole == Since(newest, True, StoredSnapshot(newest, b"ab"), ())
    assert answer == Committed(newest + 1)
    assert opened.one.since("w", 0) == Since(newest + 1, True, StoredSnapshot(newest, b"ab"), (b"c",))


# Worlds that go


def test_a_dropped_world_is_gone(opened):
    """With its commits, its snapshot and its time."""
    newest = fill(opened.one, "w", b"a", b"b")
    opened.one.append(commit("w", newest, b"c", due=5.0))
    opened.one.compact("w", StoredSnapshot(newest, b"s"), newest)

    done = opened.other.drop("w", newest + 1)

    assert done
    assert (opened.one.names(), opened.one.due(100.0)) == ((), ())
    assert opened.one.since("w", 0) == Since(0)
    assert opened.one.since("w", newest) == Since(0, is_whole=True)


def test_a_world_that_went_on_is_not_dropped(opened):
    """Who drops it has not seen all."""
    newest = fill(opened.one, "w", b"a", b"b")

    assert not opened.other.drop("w", newest - 1)
    assert opened.one.since("w", 0).commits == (b"a", b"b")


def test_dropping_a_world_that_is_not_there_is_done(opened):
    """The answer may have been lost."""
    newest = fill(opened.one, "w", b"a")
    opened.one.drop("w", newest)

    assert opened.one.drop("w", newest)
    assert opened.one.drop("never", 1)


def test_a_world_that_begins_again_never_has_an_old_version(opened):
    """A replica that knows the dropped one is told that nothing of it holds."""
    old = fill(opened.one, "w", b"a", b"b", b"c")
    opened.one.drop("w", old)

    new = fill(opened.one, "w", b"d")
    newest = fill(opened.one, "w", b"e", after=new)

    assert new > old
    for known in range(1, new):
        assert opened.other.since("w", known) == Since(newest, is_whole=True, commits=(b"d", b"e"))
        assert opened.other.append(commit("w", known)) == Behind(Since(newest, is_whole=True, commits=(b"d", b"e")))
        assert not opened.other.compact("w", StoredSnapshot(known, b"abc"), known)
        assert not opened.other.drop("w", known)


# What is due


def test_worlds_are_told_when_their_next_delivery_is_due(opened):
    """Soonest first; each commit says anew what is."""
    at = fill(opened.one, "none", b"")
    late = opened.one.append(commit("late", 0, due=30.5)).version
    opened.one.append(commit("soon", 0, due=10.25))
    done = opened.one.append(commit("done", 0, due=5.0)).version
    opened.one.append(commit("done", done, due=None))

    assert opened.other.due(10.0) == ()
    assert opened.other.due(10.25) == ("soon",)
    assert opened.other.due(31.0) == ("soon", "late")
    assert opened.other.due(31.0, most=1) == ("soon",)

    opened.one.append(commit("late", late, due=1.0))
    opened.one.append(commit("none", at, due=1_700_000_000.125))

    assert opened.other.due(1_700_000_000.0) == ("late", "soon")
    assert opened.other.due(1_700_000_000.125) == ("late", "soon", "none")


# Leases


def test_a_lease_is_one_holders(opened):
    """Another gets it when it was released, with a greater number."""
    first = opened.one.lease("courier:w", "one", 60)
    refused = opened.other.lease("courier:w", "other", 60)
    elsewhere = opened.other.lease("courier:v", "other", 60)
    opened.one.release(first)
    second = opened.other.lease("courier:w", "other", 60)

    assert (first.name, refused, elsewhere.name) == ("courier:w", None, "courier:v")
    assert second.fence > elsewhere.fence > first.fence


def test_a_lease_is_renewed_by_its_holder(opened):
    """It stays the same one."""
    first = opened.one.lease("courier:w", "one", 60)

    assert opened.one.lease("courier:w", "one", 60) == first


def test_a_lease_ends_by_itself(opened):
    """Its holder may have died."""
    first = opened.one.lease("courier:w", "one", 0.05)
    time.sleep(0.15)

    second = opened.other.lease("courier:w", "other", 60)

    assert second.fence > first.fence
    assert opened.one.lease("courier:w", "one", 60) is None


def test_releasing_a_lease_that_was_lost_takes_it_from_nobody(opened):
    """The other's goes on."""
    first = opened.one.lease("courier:w", "one", 60)
    opened.one.release(first)
    second = opened.other.lease("courier:w", "other", 60)

    opened.one.release(first)

    assert opened.one.lease("courier:w", "one", 60) is None
    assert opened.other.lease("courier:w", "other", 60) == second


def test_a_writer_lease_keeps_others_from_appending(opened):
    """To this world alone, until it ends."""
    mine = opened.one.lease(writer_lease("w"), "one", 60)

    busy = opened.other.append(commit("w", 0, b"a"))
    elsewhere = opened.other.append(commit("v", 0, b"a"))
    applied = opened.one.append(commit("w", 0, b"b", lease=mine))
    opened.one.release(mine)
    after = opened.other.append(commit("w", applied.version, b"c"))

    assert isinstance(busy, Busy)
    assert 50 < busy.seconds <= 60
    assert isinstance(elsewhere, Committed)
    assert after == Committed(applied.version + 1)


def test_a_commit_whose_lease_is_lost_is_not_applied(opened):
    """Whether it ran out or is another's."""
    lost = opened.one.lease(courier_lease("w"), "one", 60)
    opened.one.release(lost)
    released = opened.one.append(commit("w", 0, b"a", lease=lost))
    opened.other.lease(courier_lease("w"), "other", 60)
    taken = opened.one.append(commit("w", 0, b"a", lease=lost))

    assert released == taken == LeaseLost("courier:w")
    assert opened.one.since("w", 0) == Since(0)


def test_a_courier_lease_keeps_nobody_from_appending(opened):
    """It is asked about by the commits that need it."""
    courier = opened.one.lease(courier_lease("w"), "one", 60)

    first = opened.other.append(commit("w", 0, b"a"))
    second = opened.one.append(commit("w", first.version, b"b", lease=courier))

    assert second == Committed(first.version + 1)


# Watching


def test_what_another_appends_is_told(opened):
    """World and version; after a drop, 0."""
    told = Told()
    end = opened.one.watch(told)
    if opened.one is not opened.other:
        version = fill(opened.other, "w", b"a")
        appended = told.wait_for(("w", version))
        opened.other.drop("w", version)

        assert appended
        assert told.wait_for(("w", 0))
    end()

    fill(opened.other, "w", b"b")

    assert not told.wait_for(("w", 2), 0.1)


def test_what_a_handle_appends_itself_is_not_told_to_it(opened):
    """It knows already."""
    told = Told()
    end = opened.one.watch(told)

    fill(opened.one, "w", b"a")

    assert not told.wait_for(("w", 1), 0.1)
    end()


# Many at once


def test_of_commits_at_once_each_version_is_one_ones(opened):
    """Eight threads append 25 each to one world; all are there, each once, in the order of their versions."""
    versions: dict[int, bytes] = {}

    def work(number: int) -> None:
        store = opened[number % 2]
        known = store.since("w", 0).version
        for turn in range(25):
            content = f"{number}.{turn}".encode()
            answer = store.append(commit("w", known, content))
            while isinstance(answer, Behind):
                known = answer.world.version
                answer = store.append(commit("w", known, content))
            known = answer.version
            versions[known] = content

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert dict(opened.one.since("w", 0).numbered()) == versions
    assert len(versions) == 200


# Health


def test_an_open_store_is_well(opened):
    """And says what it is."""
    health = opened.one.check()

    assert health.problem is None
    assert health.store
