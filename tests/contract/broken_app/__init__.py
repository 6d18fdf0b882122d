"""A real server for tests of checks: `tracking()` serves it right, `tracking("lost-write")` with a bug planted."""

from tests.contract.broken_app.application import BUGS, DOCUMENT, KEY, application
from tests.contract.broken_app.server import tracking

__all__ = ["BUGS", "DOCUMENT", "KEY", "application", "tracking"]
