"""The control API, `/__admin`: looks into a mock and steers it."""

from mockserver.control.access import Access
from mockserver.control.wsgi import Control, create_control

__all__ = ["Access", "Control", "create_control"]
