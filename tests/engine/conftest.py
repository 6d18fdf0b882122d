"""A to-do list for every test that asks for one."""

import pytest

from tests.engine.todo import Todo, serve


@pytest.fixture
def todo() -> Todo:
    """The to-do list as it is, in this process."""
    return serve()
