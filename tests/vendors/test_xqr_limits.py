"""Both limits of xQR to their last call: the bucket of a key, which fills up again, and the month of a workspace."""

from collections.abc import Callable

import httpx
import pytest

from tests.support import bearer
from tests.vendors.xqr_world import ACME, LINKS, PRODUCTION, READ_ONLY, refusal

MARCH_ENDS = "2026-03-31T23:00:00Z"
Wait = Callable[[float], None]


@pytest.fixture
def wait(admin: httpx.Client) -> Wait:
    """Lets world time pass, in a world where it otherwise stands still an hour before a month ends."""
    admin.post("/clock/freeze", json={"at": MARCH_ENDS}).raise_for_status()

    def pass_by(seconds: float) -> None:
        admin.post("/clock/advance", json={"seconds": seconds}).raise_for_status()

    return pass_by


def statuses(xqr: httpx.Client, number: int, key: str = PRODUCTION) -> list[int]:
    """What so many reads in a row are answered."""
    return [xqr.get(LINKS, params={"limit": 1}, headers=bearer(key)).status_code for _ in range(number)]


@pytest.mark.parametrize(("key", "rate"), [(PRODUCTION, 10), (ACME, 50)])
def test_a_bucket_holds_what_the_plan_allows_in_a_second(xqr: httpx.Client, wait: Wait, key: str, rate: int) -> None:
    """One call more is refused; half a second makes room for half as many."""
    full = statuses(xqr, rate + 1, key)

    wait(0.5)

    assert full == [200] * rate + [429]
    assert statuses(xqr, rate // 2 + 1, key) == [200] * (rate // 2) + [429]


def test_the_month_of_a_workspace_ends_with_its_last_call(xqr: httpx.Client, wait: Wait) -> None:
    """Of a thousand calls, whichever of its keys makes them; then all wait for the next month."""
    answered: list[int] = []
    for key in (PRODUCTION, READ_ONLY) * 50:
        answered += statuses(xqr, 10, key)
        wait(1)

    refused = [xqr.get(LINKS, headers=bearer(key)) for key in (PRODUCTION, READ_ONLY)]

    assert (set(answered), len(answered)) == ({200}, 1000)
    assert [answer.json() for answer in refused] == [refusal(429, "RATE_LIMIT_EXCEEDED")] * 2
    assert {answer.headers["Retry-After"] for answer in refused} == {"3500"}
    assert statuses(xqr, 1, ACME) == [200]
    wait(3500)
    assert statuses(xqr, 1) == [200]
