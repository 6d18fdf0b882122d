"""The control API, `/__admin`: looks into a mock and steers it."""

from mockserver.control.access import Access, is_loopback
from mockserver.control.wsgi import Control, create_control

__all__ = ["Access", "Control", "create_control", "is_loopback"]
