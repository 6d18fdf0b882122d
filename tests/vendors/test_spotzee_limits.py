"""How often the Spotzee API may be asked: by an address, and by a key where keys have limits of their own."""

import http.client
import json
from collections.abc import Iterable

import pytest

from mockserver.engine.fixture_records import read_fixtures
from mockserver.engine.service import Service
from mockserver.messages import Exchange, Request
from mockserver.server import Options, load_services, shipped
from mockserver.state.world import World
from mockserver.state.worlds import Worlds
from tests.support import bearer
from tests.vendors.spotzee_world import ADMIN, BATCH, GOOD, OTHER_PROJECT, TYPES

MIDNIGHT = 1_777_334_400.0
TOGGLE = json.dumps([GOOD]).encode()
SUCCESS = [200]


class Timed:
    """A mock whose time stands still unless it is moved, asked without a wire in between."""

    def __init__(self, **assume: str) -> None:
        assumed = {f"spotzee.{name}": option for name, option in assume.items()}
        self.service: Service = load_services(Options(apis=("spotzee",), assume=assumed))["spotzee"]
        fixtures = read_fixtures(self.service.api, shipped("fixtures", "spotzee"))
        self.world: World = Worlds({"spotzee": fixtures})["timed"]
        self.world.clock.freeze(MIDNIGHT)

    def read(self, address: str = "192.0.2.1", key: str = ADMIN, **headers: str) -> Exchange:
        """One page of one type."""
        sent = {**bearer(key), **headers}
        return self.service.serve(Request("GET", TYPES, "limit=1", sent, b"", address), self.world)

    def write(self, address: str = "192.0.2.1", key: str = ADMIN) -> Exchange:
        """One toggle."""
        sent = {**bearer(key), "Content-Type": "application/json"}
        return self.service.serve(Request("POST", BATCH, "", sent, TOGGLE, address), self.world)

    def wait(self, seconds: float) -> None:
        """So much time goes by."""
        self.world.clock.advance(seconds)


def statuses(exchanges: Iterable[Exchange]) -> list[int]:
    """The statuses in the order in which each was first seen."""
    return list(dict.fromkeys(exchange.status for exchange in exchanges))


def meters(exchange: Exchange) -> dict[str, str]:
    """The X-RateLimit headers by the ends of their names."""
    return {name[12:]: text for name, text in exchange.headers if name.startswith("X-RateLimit-")}


# An address


@pytest.mark.port
def test_an_address_is_asked_to_wait_after_1000_requests_in_ten_seconds(spotzee):
    """The first request over the limit of the window is refused, and told for how long."""
    address = spotzee.base_url
    connection = http.client.HTTPConnection(address.host, address.port, timeout=30)
    path = f"{address.path.rstrip('/')}{TYPES}?limit=1"

    # Two windows' worth and one: wherever the ten seconds turn, one of the two is filled.
    served = 0
    while served <= 2_000:
        connection.request("GET", path, headers=bearer(ADMIN))
        response = connection.getresponse()
        content = response.read()
        if response.status != 200:
            break
        served += 1
    connection.close()

    problem = json.loads(content)
    assert (response.status, problem["code"], problem["title"]) == (429, "rate_limited", "Rate limit exceeded")
    assert served >= 1000
    assert 1 <= int(response.headers["Retry-After"]) <= 10
    assert "request_id" not in problem


def test_calls_without_a_key_count_too():
    """Every request of an address counts, whether it is let in or not; another address is not affected."""
    mock = Timed()

    refused = statuses(mock.read(key="nobody") for _ in range(1000))

    assert (refused, mock.read().status, mock.read("192.0.2.2").status) == ([401], 429, 200)


@pytest.mark.parametrize(("option", "expected"), [("fixed", 200), ("sliding", 429)])
def test_an_address_is_counted_anew(option, expected):
    """With fixed windows the next ten seconds begin at nothing; a sliding one still sees what came just before."""
    mock = Timed(**{"edge-windows": option})
    mock.wait(9)
    before = statuses(mock.read() for _ in range(1000))

    mock.wait(2)

    assert (before, mock.read().status) == (SUCCESS, expected)


def test_a_refusal_at_the_edge_names_how_addresses_are_counted():
    """Whether a request is one too many depends on how they are counted."""
    mock = Timed()

    exchanges = [mock.read() for _ in range(1001)]

    assert "spotzee.edge-windows=fixed" in exchanges[-1].assumptions
    assert "spotzee.edge-windows=fixed" not in exchanges[-2].assumptions


# A key


def test_a_key_has_one_budget_for_reads_and_one_for_writes():
    """The plan of the project says how much fits into ten seconds: requests per second, times ten, times the burst."""
    mock = Timed(**{"per-key-limits": "on"})

    read, write = meters(mock.read(key=OTHER_PROJECT)), meters(mock.write(key=OTHER_PROJECT))

    assert read == {"Limit": "3000", "Remaining": "2999", "Reset": "10", "Tier": "starter"}
    assert write == {"Limit": "1500", "Remaining": "1499", "Reset": "10", "Tier": "starter"}


def test_a_client_of_type_mcp_has_twice_as_much():
    """What was used before still counts."""
    mock = Timed(**{"per-key-limits": "on"})
    mock.read()

    twice = mock.read(**{"x-spotzee-client-type": "mcp"})

    assert meters(twice) == {"Limit": "30000", "Remaining": "29998", "Reset": "10", "Tier": "professional"}


def test_a_key_is_asked_to_wait_when_its_writes_are_used_up():
    """1,500 writes of a starter fit into ten seconds, from whatever addresses; it may still read."""
    mock = Timed(**{"per-key-limits": "on"})
    used = statuses(mock.write(f"192.0.2.{number % 3}", OTHER_PROJECT) for number in range(1500))

    refused = mock.write("192.0.2.9", OTHER_PROJECT)

    problem = json.loads(refused.content)
    assert (used, refused.status, problem["code"]) == (SUCCESS, 429, "rate_limited")
    assert problem["request_id"].startswith("req_")
    assert meters(refused)["Remaining"] == "0"
    assert refused.broken == ()
    assert mock.read("192.0.2.9", OTHER_PROJECT).status == 200


def test_a_key_may_go_on_as_its_window_slides():
    """The wait that was told is long enough, and a second less is not."""
    mock = Timed(**{"per-key-limits": "on"})
    for number in range(1500):
        mock.write(f"192.0.2.{number % 3}", OTHER_PROJECT)
    wait = int(dict(mock.write("192.0.2.9", OTHER_PROJECT).headers)["Retry-After"])

    mock.wait(wait - 1)
    early = mock.write("192.0.2.9", OTHER_PROJECT).status
    mock.wait(1)

    assert (early, mock.write("192.0.2.9", OTHER_PROJECT).status) == (429, 200)
