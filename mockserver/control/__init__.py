"""The control API, `/__admin`, which inspects and controls a mock."""

from mockserver.control.access import Access
from mockserver.control.server_status import ServerStatus
from mockserver.control.wsgi import Control, create_control

__all__ = ["Access", "Control", "ServerStatus", "create_control"]
