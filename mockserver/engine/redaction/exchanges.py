"""Shows exchanges to whoever looks at them: the journal, a log, a report of a test."""

from __future__ import annotations

from mockserver.engine.redaction.redactor import BY_NAMES
from mockserver.engine.service import Service
from mockserver.messages import Exchange


def redacted(exchange: Exchange, service: Service | None) -> Exchange:
    """The exchange with its secrets masked, in path, query, headers, bodies and violations alike: what the service's
    document declares as secret, what names tell, and what has the form of a token. Nothing of an exchange is shown
    that did not come out of here. None: of no API.
    """
    return (BY_NAMES if service is None else service.redactor).exchange(exchange.as_sent())
