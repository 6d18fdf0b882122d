"""What workers of a run must not do at the same time, they do one after the other."""

import time
from concurrent.futures import ThreadPoolExecutor

from mockserver.contract.checking.schemathesis_tool import one_at_a_time


def test_threads_wait_for_one_another():
    """And each gets its own result."""
    running: list[int] = []
    most: list[int] = []

    @one_at_a_time
    def parse(number: int) -> int:
        running.append(number)
        most.append(len(running))
        time.sleep(0.01)
        running.remove(number)
        return number

    with ThreadPoolExecutor(4) as pool:
        parsed = [*pool.map(parse, range(8))]

    assert (parsed, max(most)) == ([*range(8)], 1)
