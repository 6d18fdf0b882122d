"""What the tests of stores are given."""

from collections.abc import Iterator

import pytest

from tests.stores.implementations import STORES, Opened


@pytest.fixture(params=STORES)
def opened(request) -> Iterator[Opened]:
    """Two handles on an empty store of each implementation."""
    with STORES[request.param]() as opened:
        yield opened
