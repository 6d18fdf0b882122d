"""The control API of a test's world, as its own tests ask it."""

from tests.control.conftest import control

__all__ = ["control"]
