"""A Redis that is killed and comes back: what it acknowledged is there, and what it lost misleads nobody."""

import random
import threading
import time

import pytest

from mockserver.stores.world_store import Behind, Committed, Since, StoredSnapshot, StoreUnavailable
from tests.stores.implementations import commit


@pytest.mark.parametrize("seed", range(3))
def test_every_acknowledged_commit_survives_a_redis_that_is_killed(redis_of_its_own, seed, opens):
    """Four writers append while Redis is killed again and again; each commit that they were told of is there once."""
    acknowledged: list[list[bytes]] = [[] for _ in range(4)]
    is_over = threading.Event()

    def write(number):
        store = opens(redis_of_its_own.url)
        version, turn = 0, 0
        one = commit(f"w{number}", version, f"{turn}".encode() * 50)
        while not is_over.is_set() or len(acknowledged[number]) <= turn:
            try:
                answer = store.append(one)
            except StoreUnavailable:
                time.sleep(0.01)
                continue
            assert isinstance(answer, Committed)
            acknowledged[number].append(one.content)
            turn, version = turn + 1, answer.version
            if is_over.is_set():
                break
            one = commit(f"w{number}", version, f"{turn}".encode() * 50)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    chance = random.Random(seed)
    for _ in range(6):
        time.sleep(chance.uniform(0.02, 0.3))
        redis_of_its_own.restart()
    is_over.set()
    for writer in writers:
        writer.join(20)
    store = opens(redis_of_its_own.url)
    kept = [[*store.since(f"w{number}", 0).commits] for number in range(4)]

    assert kept == acknowledged
    assert min(map(len, kept)) > 6


def test_a_lease_survives_a_restart_and_its_number_never_comes_again(redis_of_its_own, opens):
    """Also where Redis lost all that it had."""
    store = opens(redis_of_its_own.url)
    before = store.lease("courier:w", "one", 60)
    redis_of_its_own.restart()
    same = store.lease("courier:w", "one", 60)
    with redis_of_its_own.client() as admin:
        admin.flushall()

    after = store.lease("courier:w", "other", 60)

    assert same == before
    assert after.fence > before.fence


# What was lost


@pytest.fixture
def rolled_back(redis_of_its_own, opens):
    """Two handles of a Redis that forgot the last two of four commits, as a failover may do, and got another since."""
    one, other = (opens(redis_of_its_own.url) for _ in range(2))
    version = 0
    for content in (b"a", b"b"):
        version = one.append(commit("w", version, content)).version
    other.since("w", 0)
    with redis_of_its_own.client() as admin:
        kept = {key: admin.dump(key) for key in admin.keys("*")}
        for content in (b"lost", b"lost too"):
            version = one.append(commit("w", version, content)).version
        admin.flushall()
        for key, value in kept.items():
            admin.restore(key, 0, value)
    other.append(commit("w", 2, b"c"))
    return one, other


def test_a_replica_that_knows_lost_commits_begins_anew(rolled_back):
    """Its next commit is refused with all that there is, although others have the version it knows by now."""
    one, other = rolled_back
    newest = other.append(commit("w", 3, b"d")).version

    answer = one.append(commit("w", 4, b"e"))

    whole = Since(newest, is_whole=True, commits=(b"a", b"b", b"c", b"d"))
    assert (newest, answer) == (4, Behind(whole))
    assert one.append(commit("w", 4, b"e")) == Committed(5)


def test_reading_on_from_a_lost_commit_gives_all(rolled_back):
    """Its version is one of the others' now, with another content before it."""
    one, other = rolled_back
    for version in (3, 4):
        other.append(commit("w", version, b"d"))

    assert one.since("w", 4) == Since(5, is_whole=True, commits=(b"a", b"b", b"c", b"d", b"d"))
    assert one.since("w", 5) == Since(5)


def test_a_snapshot_of_lost_commits_is_refused(rolled_back):
    """Whoever made it did so of what is no longer there."""
    one, other = rolled_back
    other.append(commit("w", 3, b"d"))

    assert not one.compact("w", StoredSnapshot(4, b"a b lost lost-too"), 5)
    assert not one.drop("w", 4)


def test_a_commit_that_depends_on_a_lost_directory_is_refused(redis_of_its_own, opens):
    """Its version is there, but means another content."""
    one, other = (opens(redis_of_its_own.url) for _ in range(2))
    one.append(commit("~", 0, b"lost"))
    with redis_of_its_own.client() as admin:
        admin.flushall()
    other.append(commit("~", 0, b"kept"))

    answer = one.append(commit("w", 0, b"a", directory=1))

    assert answer == Behind(Since(0), Since(1, is_whole=True, commits=(b"kept",)))
