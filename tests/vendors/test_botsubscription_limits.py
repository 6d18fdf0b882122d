"""The three limits of BotSubscription, each met by itself: 20 a second, 100 a minute a key, 300 a minute an address."""

import pytest

from tests.support import bearer
from tests.vendors.botsubscription_world import SECOND_KEY, TARGETS

MINUTE_BEGINS = "2026-03-21T14:30:00Z"


@pytest.fixture
def clock(admin):
    """The control API of a world where a minute has just begun, and time stands still."""
    admin.post("/clock/freeze", json={"at": MINUTE_BEGINS}).raise_for_status()
    return admin


def later(clock, seconds):
    """It is so much later."""
    clock.post("/clock/advance", json={"seconds": seconds}).raise_for_status()


def statuses(client, number, **headers):
    """What so many reads in a row are answered."""
    return [client.get(TARGETS, headers=headers).status_code for _ in range(number)]


def test_a_second_has_twenty_requests(botsubscription, clock):
    """The 21st is refused until the next second."""
    answered = statuses(botsubscription, 21)

    refusal = botsubscription.get(TARGETS)
    assert (answered, refusal.headers.get("Retry-After")) == ([200] * 20 + [429], "1")
    later(clock, 1)
    assert statuses(botsubscription, 1) == [200]


def test_a_minute_has_a_hundred_requests_of_a_key(botsubscription, clock):
    """The 101st is refused until the next minute, and another key still has its own."""
    answered = []
    for _ in range(5):
        answered += statuses(botsubscription, 20)
        later(clock, 1)

    refusal = botsubscription.get(TARGETS)
    other = statuses(botsubscription, 1, **bearer(SECOND_KEY))
    assert (answered, refusal.status_code, refusal.headers.get("Retry-After")) == ([200] * 100, 429, "55")
    assert (refusal.headers["X-RateLimit-Remaining"], other) == ("0", [200])
    later(clock, 55)
    assert statuses(botsubscription, 1) == [200]


def test_a_minute_has_three_hundred_requests_of_an_address(botsubscription, clock):
    """Whoever asks from there, known or not; the 301st is refused until the next minute."""
    answered = statuses(botsubscription, 300, **bearer("nobody's"))

    refusal = botsubscription.get(TARGETS)
    assert (set(answered), refusal.status_code, refusal.headers.get("Retry-After")) == ({401}, 429, "60")
    later(clock, 60)
    assert statuses(botsubscription, 1) == [200]
