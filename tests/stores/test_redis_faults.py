"""Redis slow, away, restarted or full, and a network that loses answers: all is answered, or told, within a second."""

import re
import socket
import threading
import time

import pytest
from redis.exceptions import ResponseError

from mockserver.stores.redis.redis_address import read_redis_address
from mockserver.stores.redis.redis_connections import ANSWER_SECONDS, RedisConnections
from mockserver.stores.world_store import Committed, Since, StoredSnapshot, StoreUnavailable
from tests.fault_proxy import FaultProxy
from tests.stores.implementations import Told, commit, wait_until

WITHIN = 1.0


@pytest.fixture
def network(redis_server):
    """The network between the store and Redis."""
    with FaultProxy(redis_server.port) as proxy:
        yield proxy


@pytest.fixture
def far(network, redis_prefix, opens):
    """A store behind that network, whose scripts Redis knows."""
    other = opens(f"{network.url}?prefix=other")
    version = other.append(commit(redis_prefix, 0)).version
    other.compact(redis_prefix, StoredSnapshot(version, b""), version)
    other.release(other.lease(redis_prefix, "", 1))
    other.drop(redis_prefix, version)
    store = opens(f"{network.url}?prefix={redis_prefix}")
    store.since("w", 0)
    return store


@pytest.fixture
def near(redis_server, redis_prefix, opens):
    """Another replica, whose network is well."""
    return opens(f"{redis_server.url}?prefix={redis_prefix}")


def refused_within(work):
    """What the store said in the place of an answer, and after how many seconds."""
    began = time.monotonic()
    with pytest.raises(StoreUnavailable) as refused:
        work()
    return refused.value, time.monotonic() - began


# Lost answers


@pytest.mark.parametrize("silently", [False, True], ids=["cut", "silent"])
def test_a_commit_whose_answer_is_lost_is_applied_once(network, far, near, silently):
    """The store asks again by itself, with the same id."""
    network.lose_answers(1, to=b"EVALSHA", silently=silently)

    answer = far.append(commit("w", 0, b"a"))

    assert (answer, network.lost) == (Committed(1), 1)
    assert near.since("w", 0).commits == (b"a",)


def test_a_commit_whose_answers_are_all_lost_is_found_by_its_id(network, far, near):
    """It was applied; who asks again later is told so, whatever came in between."""
    lost = commit("w", 0, b"a")
    network.lose_answers(1_000, to=b"EVALSHA")
    refused, seconds = refused_within(lambda: far.append(lost))
    near.append(commit("w", 1, b"b"))
    network.lose_answers(0)

    answer = wait_until(lambda: far.append(lost))

    assert seconds < WITHIN
    assert not refused.nothing_done
    assert answer == Committed(1)
    assert near.since("w", 0).commits == (b"a", b"b")


def test_what_is_done_twice_because_its_answer_was_lost_is_done_once(network, far, near):
    """A snapshot, a lease and a drop."""
    far.append(commit("w", 0, b"a"))
    answers = []
    for work in (
        lambda: far.compact("w", StoredSnapshot(1, b"s"), 2),
        lambda: far.lease("courier:w", "far", 60),
        lambda: far.drop("w", 1),
    ):
        network.lose_answers(1, to=b"EVALSHA")
        answers.append(work())
    lease = answers[1]
    refused = near.lease("courier:w", "near", 60)
    far.release(lease)

    assert (answers[0], answers[2], refused, network.lost) == (True, True, None, 3)
    assert near.names() == ()
    assert near.lease("courier:w", "near", 60) is not None


def test_answers_that_are_lost_at_random_lose_and_double_nothing(network, far, near):
    """Of two hundred commits each is there once, in the order of their versions."""
    version, contents = 0, []
    for number in range(200):
        if number % 7 == 0:
            network.lose_answers(1, to=b"EVALSHA")
        if number % 11 == 0:
            network.cut()
        one = commit("w", version, str(number).encode())
        version = wait_until(lambda one=one: far.append(one)).version
        contents.append(one.content)

    assert near.since("w", 0) == Since(200, is_whole=True, commits=tuple(contents))
    assert network.lost == 29


# Slow


def test_a_slow_answer_is_waited_for(network, far):
    """A third of a second is no reason to give up."""
    network.delay = 0.3

    assert far.append(commit("w", 0, b"a")) == Committed(1)


def test_a_redis_that_hangs_is_told_within_a_second(network, far):
    """By the first who asks; all others are told at once, so that nobody waits behind them."""
    network.is_hanging = True

    first, seconds = refused_within(lambda: far.append(commit("w", 0, b"a")))
    others = [refused_within(lambda: far.since("w", 0))[1] for _ in range(50)]

    assert seconds < WITHIN
    assert max(others) < 0.1
    assert first.reason == f"Redis does not answer in time (redis://127.0.0.1:{network.port}/0)"
    assert 0 < first.retry_after <= 5


def test_a_question_that_takes_its_time_is_waited_for_where_redis_answers_others(redis_server):
    """It is long, or its answer is; nobody else is told that Redis is away."""
    connections = RedisConnections(read_redis_address(redis_server.url))
    began = time.monotonic()

    answer = connections.ask("BLPOP", "nothing", ANSWER_SECONDS + 0.3)

    assert (answer, connections.outage) == (None, None)
    assert time.monotonic() - began > ANSWER_SECONDS
    connections.close()


def test_a_redis_that_hangs_amid_a_question_that_takes_its_time_is_told_too(network):
    """Also where the question is known to take long."""
    connections = RedisConnections(read_redis_address(network.url))
    connections.ask("BLPOP", "nothing", ANSWER_SECONDS + 0.3)
    hang = threading.Timer(0.6, setattr, (network, "is_hanging", True))

    hang.start()
    first, seconds = refused_within(lambda: connections.ask("BLPOP", "nothing", 3))
    network.is_hanging = False
    wait_until(lambda: connections.ask("PING"))
    network.is_hanging = True
    again, seconds_again = refused_within(lambda: connections.ask("BLPOP", "nothing", 3))
    connections.close()

    assert max(seconds, seconds_again) < WITHIN
    assert {first.reason, again.reason} == {f"Redis does not answer in time (redis://127.0.0.1:{network.port}/0)"}


def test_after_redis_hung_all_goes_on_by_itself(network, far, near):
    """Nobody has to ask for it. What hung is applied once it comes through, or never."""
    network.is_hanging = True
    hung = commit("w", 0, b"a")
    refused_within(lambda: far.append(hung))
    network.is_hanging = False

    answer = wait_until(lambda: far.append(hung))

    assert answer == Committed(1)
    assert near.since("w", 0).commits == (b"a",)


def test_many_who_ask_a_redis_that_hangs_are_all_told_within_a_second(network, far):
    """A hundred threads at once, which are more than there may be connections."""
    network.is_hanging = True
    waited = []

    def ask():
        waited.append(refused_within(lambda: far.since("w", 0))[1])

    threads = [threading.Thread(target=ask) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert len(waited) == 100
    assert max(waited) < WITHIN + 0.5  # a hundred threads begin on two cores


# Away


def test_connections_that_were_cut_are_made_anew(network, far):
    """Whoever asks next notices nothing."""
    far.append(commit("w", 0, b"a"))
    network.cut()

    answer = far.append(commit("w", 1, b"b"))

    assert answer == Committed(2)


def test_a_redis_that_is_away_is_told_within_a_second_and_found_when_it_is_back(redis_of_its_own, opens):
    """Its data is what it acknowledged."""
    store = opens(redis_of_its_own.url)
    store.append(commit("w", 0, b"a"))
    redis_of_its_own.stop()
    refused, seconds = refused_within(lambda: store.append(commit("w", 1, b"b")))
    later, _ = refused_within(lambda: store.append(commit("w", 1, b"b")))
    health = store.check()
    redis_of_its_own.start()

    answer = wait_until(lambda: store.append(commit("w", 1, b"b")))

    assert seconds < WITHIN
    assert refused.reason == f"Redis cannot be reached ({redis_of_its_own.url})"
    assert health.problem == refused.reason
    assert later.nothing_done
    assert (answer, store.check().problem) == (Committed(2), None)


def test_that_redis_went_and_came_back_is_logged_once_each(redis_of_its_own, opens, caplog):
    """However many questions were refused."""
    store = opens(redis_of_its_own.url)
    store.append(commit("w", 0, b"a"))
    redis_of_its_own.stop()
    for _ in range(3):
        refused_within(lambda: store.append(commit("w", 1, b"b")))
    redis_of_its_own.start()

    wait_until(lambda: store.append(commit("w", 1, b"b")))

    url = redis_of_its_own.url
    away = f"the store is away, and requests are answered 503 until it is back: Redis cannot be reached ({url})"
    assert [record.getMessage() for record in caplog.records if record.name.startswith("mockserver")] == [
        away,
        f"the store is back: Redis answers ({url})",
    ]


def test_a_quick_restart_is_waited_for(redis_of_its_own, opens):
    """Whoever asks meanwhile gets an answer."""
    store = opens(redis_of_its_own.url)
    store.append(commit("w", 0, b"a"))
    redis_of_its_own.kill()
    restart = threading.Timer(0.2, redis_of_its_own.start)
    restart.start()

    answer = store.append(commit("w", 1, b"b"))

    restart.join()
    assert answer == Committed(2)


def test_a_store_that_is_opened_before_redis_is_there_goes_on_when_it_comes(redis_of_its_own, opens):
    """As replicas and Redis are started at once."""
    redis_of_its_own.stop()
    store = opens(redis_of_its_own.url)
    problem = store.check().problem
    redis_of_its_own.start()

    answer = wait_until(lambda: store.append(commit("w", 0, b"a")))

    assert problem == f"Redis cannot be reached ({redis_of_its_own.url})"
    assert answer == Committed(1)


def test_a_host_that_takes_no_connection_is_told_within_a_second(opens):
    """Its queue is full, so packets are dropped, as a firewall does."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        held = [socket.socket() for _ in range(3)]
        for one in held:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        store = opens(f"redis://127.0.0.1:{port}")

        _, seconds = refused_within(lambda: store.since("w", 0))

        for one in held:
            one.close()
    assert seconds < WITHIN


def test_watching_goes_on_after_the_network_was_cut(network, far, near):
    """What was appended meanwhile may be left out; what comes later is told."""
    told = Told()
    end = far.watch(told)
    network.cut()
    version = 0
    deadline = time.monotonic() + 10
    while not told.calls and time.monotonic() < deadline:
        version = near.append(commit("w", version, b"x")).version
        told.wait_for(("w", version), 0.05)

    assert told.calls
    end()


# Answers that are errors


def test_a_full_redis_is_told_with_the_reason_and_reads_go_on(redis_of_its_own, opens):
    """It takes no commit, or part of one; once it has room, all goes on."""
    store = opens(redis_of_its_own.url)
    version = store.append(commit("w", 0, b"a")).version
    with redis_of_its_own.client() as admin:
        admin.config_set("maxmemory", "1")
        admin.config_set("maxmemory-policy", "noeviction")
        refused, _ = refused_within(lambda: store.append(commit("w", version, b"b" * 10)))
        read = store.since("w", 0)
        admin.config_set("maxmemory", "0")

    answer = store.append(commit("w", version, b"b"))

    assert refused.reason == f"Redis is full (maxmemory) and takes no writes ({redis_of_its_own.url})"
    assert refused.nothing_done
    assert read == Since(1, is_whole=True, commits=(b"a",))
    assert answer == Committed(2)


def test_a_full_redis_is_known_without_a_write(redis_of_its_own, opens):
    """Its health says so, before a commit was refused, and writes nothing to find out."""
    store = opens(redis_of_its_own.url)
    with redis_of_its_own.client() as admin:
        before = store.check().problem
        admin.config_set("maxmemory", "1")
        admin.config_set("maxmemory-policy", "noeviction")
        written = admin.info("commandstats").get("cmdstat_set")
        full = store.check().problem
        tried = admin.info("commandstats").get("cmdstat_set")
        admin.config_set("maxmemory", "0")

    assert before is None
    assert re.fullmatch(
        r"Redis is full \(maxmemory\) and takes no writes: it has [0-9,]{7,} bytes, and may have 1", full or ""
    )
    assert tried == written
    assert store.check().problem is None


def test_a_redis_that_refused_a_commit_is_unhealthy_until_it_takes_one(redis_of_its_own, opens):
    """Also where its settings do not tell: here it would evict, and has nothing that it may evict."""
    store = opens(redis_of_its_own.url)
    with redis_of_its_own.client() as admin:
        admin.config_set("maxmemory", "1")
        admin.config_set("maxmemory-policy", "volatile-ttl")
        unknown = store.check().problem
        refused_within(lambda: store.append(commit("w", 0, b"a")))
        refused, again = store.check().problem, store.check().problem
        admin.config_set("maxmemory", "0")

    assert unknown is None
    assert refused == again == f"Redis is full (maxmemory) and takes no writes ({redis_of_its_own.url})"
    assert store.check().problem is None


def test_a_redis_without_the_replicas_that_are_asked_for_is_unhealthy(redis_of_its_own, opens):
    """Once a commit had too few copies."""
    store = opens(f"{redis_of_its_own.url}?replicas=1")
    refused_within(lambda: store.append(commit("w", 0, b"a")))

    problem = store.check().problem

    assert (problem or "").startswith("0 of 1 replicas of Redis have the commit")


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("min-replicas-to-write", "1", "Redis has too few replicas (min-replicas-to-write) and takes no writes"),
        ("requirepass", "s3cret", "Redis refuses the login: its user or password is missing or wrong"),
    ],
)
def test_a_redis_that_refuses_is_told_with_the_reason(redis_of_its_own, setting, value, reason, opens):
    """And when it no longer does, all goes on."""
    store = opens(redis_of_its_own.url)
    with redis_of_its_own.client() as admin:
        before = admin.config_get(setting)[setting]
        admin.config_set(setting, value)
        admin.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        refused, seconds = refused_within(lambda: store.append(commit("w", 0, b"a")))
        health = store.check().problem
        admin.config_set(setting, before)

    answer = wait_until(lambda: store.append(commit("w", 0, b"a")))

    assert (refused.reason, answer) == (f"{reason} ({redis_of_its_own.url})", Committed(1))
    assert (health, store.check().problem) == (refused.reason, None)
    assert seconds < WITHIN


def test_a_master_that_became_a_replica_is_told_and_goes_on_when_it_is_one_again(redis_of_its_own, opens):
    """Writes are refused there, which is not taken for a commit."""
    store = opens(redis_of_its_own.url)
    store.append(commit("w", 0, b"a"))
    with redis_of_its_own.client() as admin:
        admin.execute_command("REPLICAOF", "127.0.0.1", "1")
        refused, seconds = refused_within(lambda: store.append(commit("w", 1, b"b")))
        problem = store.check().problem
        admin.execute_command("REPLICAOF", "NO", "ONE")

    answer = wait_until(lambda: store.append(commit("w", 1, b"b")))

    assert seconds < WITHIN
    assert refused.reason == problem == f"this Redis is a replica, which takes no writes ({redis_of_its_own.url})"
    assert answer == Committed(2)


def killed(client):
    """Runs a script that does not end by itself."""
    with pytest.raises(ResponseError):
        client.eval("while true do end", 0)


def test_a_redis_that_is_busy_with_a_script_is_told(redis_of_its_own, opens):
    """Somebody else's runs for ever, until it is killed."""
    store = opens(redis_of_its_own.url)
    store.append(commit("w", 0, b"a"))
    with redis_of_its_own.client() as admin, redis_of_its_own.client() as other:
        admin.config_set("lua-time-limit", "50")
        endless = threading.Thread(target=killed, args=(other,))
        endless.start()
        time.sleep(0.2)
        _, seconds = refused_within(lambda: store.append(commit("w", 1, b"b")))
        said = f"Redis is busy with a script of somebody else ({redis_of_its_own.url})"
        deadline = time.monotonic() + 10
        while store.check().problem != said and time.monotonic() < deadline:
            time.sleep(0.02)
        problem = store.check().problem
        admin.execute_command("SCRIPT", "KILL")
        endless.join(5)

    answer = wait_until(lambda: store.append(commit("w", 1, b"b")))

    assert seconds < WITHIN
    assert problem == said
    assert answer == Committed(2)


def test_scripts_that_redis_forgot_are_sent_again(near, redis_server):
    """A restart, or SCRIPT FLUSH, takes them away."""
    near.append(commit("w", 0, b"a"))
    with redis_server.client() as admin:
        admin.script_flush()

    assert near.append(commit("w", 1, b"b")) == Committed(2)
