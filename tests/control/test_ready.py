"""Readiness, as load balancers and probes ask for it."""

import httpx
import pytest

from mockserver.control import ServerStatus
from mockserver.server import Mock, Options, create_mock
from mockserver.stores.world_store import Since, StoreHealth, StoreUnavailable


def test_a_server_without_a_store_is_ready(control):
    """There is nothing that it could wait for."""
    answer = control.get("/ready")

    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "store": {"kind": "memory", "latencyMs": 0, "losses": [], "notices": []}},
    )
    assert answer.headers["Cache-Control"] == "no-store"


class FakeStore:
    """What is asked of a store for its readiness."""

    def __init__(self) -> None:
        self.health = StoreHealth("redis://cache/0")
        self.outage: StoreUnavailable | None = None

    def since(self, _world: str, _version: int) -> Since:
        if self.outage is not None:
            raise self.outage
        return Since(0)

    def check(self) -> StoreHealth:
        return self.health


@pytest.fixture
def mock() -> Mock:
    """A mock whose process has a store."""
    mock = create_mock(Options(apis=("xqr",)))
    mock.status.store, mock.status.store_kind = FakeStore(), "redis"  # type: ignore[assignment]
    return mock


@pytest.fixture
def status(mock: Mock) -> ServerStatus:
    """The state of its process."""
    return mock.status


@pytest.fixture
def ready(mock):
    """Asks whether it is ready."""
    with httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://localhost/__admin") as client:
        yield lambda: client.get("/ready")


def test_what_the_settings_of_a_store_lose_is_told(ready, status):
    """In the sentences that the server logs at its start; where the store is, is told to nobody without a token."""
    status.store.health = StoreHealth("redis://cache/0", None, ("Redis has appendonly no.",))

    answer = ready()

    assert answer.status_code == 200
    assert answer.json()["store"]["kind"] == "redis"
    assert answer.json()["store"]["losses"] == ["Redis has appendonly no."]
    assert answer.json()["store"]["latencyMs"] >= 0
    assert "cache" not in answer.text


def test_a_store_that_does_not_answer_makes_the_server_unready(ready, status):
    """The answer says why, and when to ask again."""
    status.store.outage = StoreUnavailable("Redis does not answer.", 2.0)

    answer = ready()

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "Redis does not answer."


def test_a_store_that_takes_no_writes_makes_the_server_unready(ready, status):
    """It answers, and is of no use."""
    status.store.health = StoreHealth("redis://cache/0", "this Redis is a replica, which takes no writes")

    answer = ready()

    assert answer.status_code == 503
    assert answer.json()["detail"] == "The store cannot be used: this Redis is a replica, which takes no writes."


def test_a_server_that_ends_is_not_ready(ready, status):
    """Whatever its store says."""
    status.begin_draining()

    answer = ready()

    assert answer.status_code == 503
    assert answer.json()["detail"] == "The server is about to end; send requests to another one."
