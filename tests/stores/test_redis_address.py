"""Addresses of a Redis are read, or refused in words that have no password in them."""

import re
from pathlib import Path

import pytest

from mockserver.problem import Unusable
from mockserver.stores.redis import redis_address
from mockserver.stores.redis.redis_address import CLUSTER, SENTINEL, SERVER, Host, read_redis_address
from mockserver.stores.store_address import REDIS_SCHEMES as STORE_SCHEMES


@pytest.mark.parametrize(
    ("url", "kind", "hosts", "db"),
    [
        ("redis://cache", SERVER, (Host("cache", 6379),), 0),
        ("redis://cache:7000/3", SERVER, (Host("cache", 7000),), 3),
        ("redis://cache/?db=4", SERVER, (Host("cache", 6379),), 4),
        ("redis://[::1]:7000/1", SERVER, (Host("::1", 7000),), 1),
        ("rediss://cache:7001", SERVER, (Host("cache", 7001),), 0),
        ("unix:///run/redis/redis.sock", SERVER, (), 0),
        ("unix:///run/redis/redis.sock?db=2", SERVER, (), 2),
        ("redis+sentinel://a,b:7000,c/mymaster", SENTINEL, (Host("a", 26379), Host("b", 7000), Host("c", 26379)), 0),
        ("redis+sentinel://a/mymaster/5", SENTINEL, (Host("a", 26379),), 5),
        ("redis+cluster://a:7000,b:7001", CLUSTER, (Host("a", 7000), Host("b", 7001)), 0),
        ("rediss+cluster://a/0", CLUSTER, (Host("a", 6379),), 0),
    ],
)
def test_each_form_of_an_address_is_read(url, kind, hosts, db):
    """Host, port and database, with the defaults of Redis and its sentinels."""
    address = read_redis_address(url)

    assert (address.kind, address.hosts, address.db) == (kind, hosts, db)
    assert (address.prefix, address.login, address.replicas) == ("mockserver", {}, 0)


def test_what_else_an_address_says_is_read():
    """Login, service, prefix, certificates; percent signs stand for what an address cannot have."""
    sentinel = read_redis_address(
        "rediss+sentinel://mock:p%40ss@a/main?prefix=team-a&replicas=1&sentinel_password=w%20x&ssl_ca_certs=/etc/ca.pem"
        "&ssl_check_hostname=false"
    )
    socket = read_redis_address("unix://:word@/run/my%20redis.sock")

    assert (sentinel.service, sentinel.prefix, sentinel.replicas) == ("main", "team-a", 1)
    assert sentinel.login == {"username": "mock", "password": "p@ss"}
    assert sentinel.sentinel_login == {"password": "w x"}
    assert sentinel.tls == {"ssl_ca_certs": "/etc/ca.pem", "ssl_check_hostname": False}
    assert (socket.path, socket.login) == ("/run/my redis.sock", {"password": "word"})


@pytest.mark.parametrize(
    "url",
    [
        "redis://mock:s3cret@cache:7000/1",
        "redis://:s3cret@cache",
        "unix://:s3cret@/run/redis.sock",
        "redis+sentinel://mock:s3cret@a,b/main?sentinel_password=s3cret",
        "rediss+cluster://mock:s3cret@a:1?ssl_password=s3cret",
    ],
)
def test_what_is_shown_of_an_address_has_no_password(url):
    """Nor the name of the user, nor parameters."""
    address = read_redis_address(url)

    assert "s3cret" not in address.shown
    assert "@" not in address.shown
    assert address.secrets[0] == "s3cret"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://cache", "--store http:// is no address of a Redis; expected redis://"),
        ("redis+other://cache", "--store redis+other:// is no address of a Redis"),
        ("unix+cluster:///x", "--store unix+cluster:// is no address of a Redis"),
        ("redis://", "--store redis:// has no host"),
        ("redis://mock:s3cret@", "--store redis:// has no host"),
        (
            "redis://a,b",
            "--store redis://a,b has several hosts; expected one, or redis+sentinel:// or redis+cluster://",
        ),
        ("redis://mock:s3cret@cache:port", "--store redis://cache:port: 'cache:port': Port could not be cast"),
        ("redis://cache:70000", "Port out of range"),
        ("redis://[::1", "--store redis://: Invalid IPv6 URL"),
        ("redis://cache/one", "--store redis://cache/one: 'one' is no number of a database"),
        ("redis://cache/1/2", "--store redis://cache/1/2: '1/2' is no number of a database"),
        ("redis://cache?db=-1", "--store ...?db= is no number"),
        ("redis+sentinel://a", "--store redis+sentinel://a does not say which Redis its sentinels watch"),
        ("redis+cluster://a/2", "a cluster has database 0 alone; keep worlds apart by ?prefix=NAME"),
        ("unix://run/redis.sock", "expected the path of a socket: unix:///run/redis/redis.sock"),
        ("unix:///", "expected the path of a socket"),
        (
            "redis://cache?socket_timeout=9",
            "--store redis://...?socket_timeout= is not known; expected one of db, prefix,",
        ),
        ("redis://mock:s3cret@cache?password=s3cret", "--store redis://...?password= is not known"),
        ("redis://cache?ssl_ca_certs=x", "--store redis://...?ssl_ca_certs= is not known"),
        ("redis://cache?prefix=a&prefix=b", "--store redis://...?prefix= is given 2 times"),
        ("redis://cache?prefix=", "expected 1 to 100 characters, without braces and spaces"),
        ("redis://cache?prefix=%7Ba%7D", "expected 1 to 100 characters, without braces and spaces"),
        ("redis://cache?prefix=" + "a" * 101, "expected 1 to 100 characters"),
        ("redis://cache?replicas=one", "--store ...?replicas= is no number"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url, said):
    """With what was seen and what was expected, and never with a password."""
    with pytest.raises(Unusable) as refused:
        read_redis_address(url)

    assert said in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("name", sorted({*redis_address.PARAMETERS, *STORE_SCHEMES}))
def test_what_an_address_may_have_is_documented(name):
    """Each parameter and each scheme stands in docs/stores.md."""
    text = (Path(__file__).parent.parent.parent / "docs" / "stores.md").read_text()

    assert re.search(rf"`{re.escape(name)}[`:=]|\?{name}=", text)
