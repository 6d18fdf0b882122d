"""What the tests of stores are given."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from tests.stores.implementations import NEEDED, STORES, Opened


@pytest.fixture(params=STORES)
def opened(request) -> Iterator[Opened]:
    """Two handles on an empty store of each implementation."""
    if request.param in NEEDED:
        request.getfixturevalue(NEEDED[request.param])
    with STORES[request.param]() as opened:
        yield opened


@pytest.fixture
def opens() -> Iterator[Callable[[str], Any]]:
    """Opens Redis stores by their addresses, which are closed at the end."""
    from mockserver.stores.redis.redis_store import open_redis_store

    with ExitStack() as stores:
        yield lambda url: stores.enter_context(closing(open_redis_store(url)))
