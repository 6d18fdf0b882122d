"""Each way to reach a Redis works, and what its settings lose is told."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import trustme

from mockserver.problem import Unusable
from mockserver.stores.redis.redis_store import open_redis_store
from mockserver.stores.world_store import Committed, StoreUnavailable
from tests.conftest import free_port
from tests.conftest import wait_for as wait_for_server
from tests.redis_server import ALWAYS, RedisServer
from tests.stores.implementations import commit, wait_until

ROOT = Path(__file__).parent.parent.parent
DOCUMENTATION = (ROOT / "docs" / "stores.md").read_text()


@pytest.fixture
def redis_with(tmp_path):
    """Starts Redis with these settings; it is ended with the test."""
    started: list[RedisServer] = []

    def start(settings, **more):
        folder = tmp_path / f"redis{len(started)}"
        folder.mkdir()
        started.append(RedisServer(folder, settings, **more))
        return started[-1]

    yield start
    for server in started:
        server.kill()


def wait_for(condition, seconds=20.0):
    """Returns when it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


# Ways


def test_a_socket_of_this_machine(redis_with, opens, tmp_path):
    """As a Redis beside the mock has it."""
    redis_with({"unixsocket": str(tmp_path / "redis.sock")})

    store = opens(f"unix://{tmp_path}/redis.sock?db=1")

    assert store.append(commit("w", 0, b"a")) == Committed(1)
    assert store.check().store == f"unix://{tmp_path}/redis.sock"


def test_tls(redis_with, opens, tmp_path):
    """The certificate is held against the authority that the address names, and else refused."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    own = authority.issue_cert("127.0.0.1")
    own.private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    port = free_port()
    files = {"tls-cert-file": "own.pem", "tls-key-file": "own.pem", "tls-ca-cert-file": "ca.pem"}
    try:
        redis_with(
            {"tls-port": str(port), "tls-auth-clients": "no", **{k: str(tmp_path / v) for k, v in files.items()}}
        )
    except RuntimeError as error:
        if "tls-port" in str(error):
            pytest.skip("this redis-server was built without TLS")
        raise

    known = opens(f"rediss://127.0.0.1:{port}?ssl_ca_certs={tmp_path}/ca.pem")

    assert known.append(commit("w", 0, b"a")) == Committed(1)
    with pytest.raises(Unusable, match=r"the certificate of Redis is not to be trusted; \?ssl_ca_certs=FILE names its"):
        opens(f"rediss://127.0.0.1:{port}")


def test_a_user_with_a_password_and_few_rights(redis_with, opens):
    """Those that docs/stores.md lists are enough."""
    [rights] = re.findall(r"ACL SETUSER mock on >PASSWORD ([^`]+)", DOCUMENTATION)
    redis = redis_with({"user": f"mock on >s3cret resetkeys resetchannels -@all {' '.join(rights.split())}"})

    store = opens(f"redis://mock:s3cret@127.0.0.1:{redis.port}")
    told = []
    store.watch(lambda *heard: told.append(heard))
    version = store.append(commit("w", 0, b"a", due=3.0)).version
    store.release(store.lease("l", "me", 5))

    assert (store.names(), store.due(5.0)) == (("w",), ("w",))
    assert store.drop("w", version)
    assert store.check().warnings == (
        (
            "Redis has appendonly no: when it ends or crashes, all acknowledged requests since its last snapshot are "
            "lost, and all worlds where it makes none; appendonly yes with appendfsync always keeps all."
        ),
    )


@pytest.mark.parametrize("login", ["", "mock:wrong@", ":wrong@", "nobody:s3cret@"])
def test_a_login_that_is_refused_ends_the_start(redis_with, login):
    """With a message that has no password in it."""
    redis = redis_with({"user": "default off"})

    with pytest.raises(Unusable) as refused:
        open_redis_store(f"redis://{login}127.0.0.1:{redis.port}")

    assert str(refused.value) == (
        f"--store: Redis refuses the login: its user or password is missing or wrong (redis://127.0.0.1:{redis.port})"
    )


def test_a_database_that_the_redis_does_not_have_ends_the_start(redis_with):
    """Asking again would not help."""
    redis = redis_with({})

    with pytest.raises(Unusable) as refused:
        open_redis_store(f"redis://127.0.0.1:{redis.port}/99")

    assert str(refused.value) == (
        f"--store: Redis has no database of the number in the address (redis://127.0.0.1:{redis.port}/99)"
    )


# Failover


def test_sentinels_tell_where_the_master_is_also_after_a_failover(redis_with, opens):
    """The master dies, its replica takes over, and the store goes on there by itself."""
    master = redis_with(ALWAYS)
    replica = redis_with({**ALWAYS, "replicaof": f"127.0.0.1 {master.port}"})
    sentinel = redis_with(
        {
            "sentinel monitor": f"main 127.0.0.1 {master.port} 1",
            "sentinel down-after-milliseconds": "main 300",
            "sentinel failover-timeout": "main 2000",
        },
        sentinel=True,
    )
    with replica.client() as asked:
        wait_for(lambda: asked.info("replication")["master_link_status"] == "up")
    with sentinel.client() as asked:
        wait_for(lambda: asked.sentinel_master("main")["num-slaves"] == 1)
    store = opens(f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{sentinel.port}/main?replicas=1")
    other = opens(f"redis+sentinel://127.0.0.1:{sentinel.port}/main")
    first = store.append(commit("w", 0, b"a"))
    master.kill()

    second = wait_until(lambda: other.append(commit("w", 1, b"b")), 20.0)

    assert (first, second) == (Committed(1), Committed(2))
    assert other.since("w", 0).commits == (b"a", b"b")
    with replica.client() as asked:
        assert asked.info("replication")["role"] == "master"


def test_sentinels_that_know_no_redis_of_that_name_are_told(redis_with, opens):
    """As one that is away: it may come."""
    master = redis_with({})
    sentinel = redis_with({"sentinel monitor": f"main 127.0.0.1 {master.port} 1"}, sentinel=True)

    store = opens(f"redis+sentinel://127.0.0.1:{sentinel.port}/other")

    assert store.check().problem == f"Redis cannot be reached (redis+sentinel://127.0.0.1:{sentinel.port}/other)"


def test_a_commit_that_no_replica_has_is_not_acknowledged_where_one_is_asked_for(redis_with, opens):
    """It is found by its id once there is a replica again."""
    master = redis_with(ALWAYS)
    replica = redis_with({**ALWAYS, "replicaof": f"127.0.0.1 {master.port}"})
    with replica.client() as asked:
        wait_for(lambda: asked.info("replication")["master_link_status"] == "up")
    store = opens(f"redis://127.0.0.1:{master.port}?replicas=1")
    first = store.append(commit("w", 0, b"a"))
    replica.kill()
    second = commit("w", 1, b"b")

    with pytest.raises(StoreUnavailable) as refused:
        store.append(second)
    replica.start()
    answer = wait_until(lambda: store.append(second), 20.0)

    shown = f"redis://127.0.0.1:{master.port}"
    assert str(refused.value) == f"0 of 1 replicas of Redis have the commit ({shown})"
    assert (first, answer) == (Committed(1), Committed(2))
    with replica.client() as asked:
        assert asked.lrange("{mockserver}:commits:w", 0, -1) == [b"a", b"b"]


# Cluster


@pytest.fixture
def cluster(redis_with):
    """Two nodes with half of the slots each."""
    nodes = [redis_with({"cluster-enabled": "yes", **ALWAYS}) for _ in range(2)]
    for node, slots in zip(nodes, (range(8192), range(8192, 16384)), strict=True):
        with node.client() as asked:
            asked.execute_command("CLUSTER", "ADDSLOTS", *slots)
            asked.execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[0].port, nodes[0].port + 10_000)
    for node in nodes:
        with node.client() as asked:
            wait_for(
                lambda asked=asked: b"cluster_state:ok" in asked.execute_command("CLUSTER", "INFO", NEVER_DECODE=True)
            )
    return nodes


@pytest.mark.parametrize("prefix", ["a", "b", "c", "d"])
def test_a_cluster_keeps_all_worlds_of_a_prefix_on_one_node(cluster, opens, prefix):
    """Whichever node is named in the address."""
    store = opens(f"redis+cluster://127.0.0.1:{free_port()},127.0.0.1:{cluster[1].port}?prefix={prefix}")
    told = []
    end = store.watch(lambda *heard: told.append(heard))
    other = opens(f"redis+cluster://127.0.0.1:{cluster[0].port}?prefix={prefix}")
    other.append(commit("~", 0, b"d"))
    other.append(commit("w", 0, b"a", directory=1))

    assert store.append(commit("w", 1, b"b", directory=1)) == Committed(2)
    assert store.names() == ("w", "~")
    wait_for(lambda: told == [("~", 1), ("w", 1)])
    end()


def test_a_slot_that_moves_to_another_node_is_followed(cluster, opens):
    """With all that was kept there."""
    store = opens(f"redis+cluster://127.0.0.1:{cluster[0].port}?prefix=a")
    store.append(commit("w", 0, b"a"))
    ports = [server.port for server in cluster]
    with cluster[0].client() as first, cluster[1].client() as second:
        slot = first.execute_command("CLUSTER", "KEYSLOT", "{a}")
        nodes = (first, second) if slot <= 8191 else (second, first)
        target = nodes[1].execute_command("CLUSTER", "MYID")
        nodes[1].execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", nodes[0].execute_command("CLUSTER", "MYID"))
        nodes[0].execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", target)
        keys = nodes[0].execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100)
        port = ports[1] if slot <= 8191 else ports[0]
        nodes[0].execute_command("MIGRATE", "127.0.0.1", port, "", 0, 5000, "KEYS", *keys)
        for node in nodes[::-1]:
            node.execute_command("CLUSTER", "SETSLOT", slot, "NODE", target)

    assert store.append(commit("w", 1, b"b")) == Committed(2)
    assert store.since("w", 0).commits == (b"a", b"b")


# What is lost


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({**ALWAYS}, []),
        ({"appendonly": "no"}, ["Redis has appendonly no: when it ends or crashes, all acknowledged"]),
        (
            {"appendonly": "yes", "appendfsync": "everysec"},
            ["Redis has appendfsync everysec: when its machine crashes, up to two seconds of acknowledged requests"],
        ),
        (
            {"appendonly": "yes", "appendfsync": "no"},
            ["Redis has appendfsync no: when its machine crashes, some 30 seconds of acknowledged requests are lost"],
        ),
        (
            {**ALWAYS, "no-appendfsync-on-rewrite": "yes"},
            ["Redis has no-appendfsync-on-rewrite yes: when its machine crashes while it rewrites its log"],
        ),
        (
            {**ALWAYS, "maxmemory": "100mb", "maxmemory-policy": "allkeys-lru"},
            ["Redis has maxmemory-policy allkeys-lru: once its memory is full, whole worlds, or parts of them, go"],
        ),
        (
            {**ALWAYS, "maxmemory": "100mb", "maxmemory-policy": "volatile-ttl"},
            ["Redis has maxmemory-policy volatile-ttl: once its memory is full, leases end early"],
        ),
        ({**ALWAYS, "maxmemory-policy": "allkeys-lru"}, []),
        ({**ALWAYS, "maxmemory": "100mb", "maxmemory-policy": "noeviction"}, []),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_settings_that_lose_what_was_acknowledged_are_told(redis_with, opens, settings, told):
    """A sentence each, with what is lost and what keeps it."""
    redis = redis_with(settings)

    health = opens(redis.url).check()

    said = [
        f"{name} {value}" for name, value in settings.items() if f"Redis has {name} {value}" in str(health.warnings)
    ]
    assert health.problem is None
    assert len(health.warnings) == len(told)
    assert [setting for setting in said if re.sub("-(lru|ttl)", "-…", setting) not in DOCUMENTATION] == []
    assert [
        warning for warning, begins in zip(health.warnings, told, strict=True) if not warning.startswith(begins)
    ] == []


def test_a_server_says_once_at_its_start_what_redis_loses(redis_with):
    """On standard error, and nothing where nothing is lost."""
    lossy, safe = redis_with({}), redis_with(ALWAYS)

    said = []
    for redis in (lossy, safe):
        command = [
            sys.executable,
            "-m",
            "mockserver",
            "serve",
            "examples/pets.yaml",
            "--port",
            str(port := free_port()),
        ]
        with subprocess.Popen(
            [*command, "--store", redis.url], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            wait_for_server(f"http://127.0.0.1:{port}/__admin/health", process)
            process.terminate()
            said.append(process.communicate(timeout=20)[1])

    assert said[0].count("Redis has appendonly no: when it ends or crashes, all acknowledged requests") == 1
    assert "Redis has" not in said[1]


def test_a_replica_is_told_to_be_none_to_write_to(redis_with, opens):
    """And its master, that it copies after it has answered."""
    master = redis_with(ALWAYS)
    replica = redis_with({**ALWAYS, "replicaof": f"127.0.0.1 {master.port}"})
    with replica.client() as asked:
        wait_for(lambda: asked.info("replication")["master_link_status"] == "up")

    problem = opens(replica.url).check().problem
    warnings = opens(master.url).check().warnings
    waiting = opens(f"{master.url}?replicas=1").check().warnings

    assert problem == (
        "this Redis is a replica, which takes no writes; give the address of its master, or of the sentinels"
    )
    assert warnings == (
        (
            "Redis copies to its replicas after it has answered: a failover may lose the last acknowledged requests; "
            "?replicas=1 waits until one replica has them."
        ),
    )
    assert waiting == ()


def test_nothing_of_redis_is_imported_before_it_is_used():
    """Reading an address costs nothing."""
    code = (
        "import sys, mockserver.server, mockserver.stores.redis.redis_address as address\n"
        "address.read_redis_address('redis://cache')\n"
        "print('redis' in sys.modules, 'hiredis' in sys.modules)"
    )

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed == "False False\n"
