"""Sends declared webhooks on request."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.control.routes.outbox_routes import show
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.api import Send
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import INVALID, NOT_FOUND, Problem


def send_webhook(call: Call, scope: ControlScope) -> Response:
    """Puts the webhook into the outbox, once for each receiver."""
    asked: Mapping[str, Json] = call.body or {}
    name: str = call.path["name"]
    api, send = _sender(name, asked.get("api", ""), scope)
    sent = send(name, scope.world.of(api), asked.get("url", ""), asked.get("body"), str(asked.get("id", "")))
    return Response(202, {"deliveries": [show(delivery, scope) for delivery in sent]})


def _sender(name: str, api: str, scope: ControlScope) -> tuple[str, Send]:
    """The API that sends the webhook: the requested one, else the only one that declares it."""
    services = [scope.service(api)] if api else [*scope.services.values()]
    declaring = [service for service in services if name in service.spec.document.get("webhooks", {})]
    if len(declaring) > 1:
        names = ", ".join(service.name for service in declaring)
        raise Problem(422, f"{names} declare a webhook {name!r}; say which in `api`.", code=INVALID)
    for service in declaring:
        if service.api.send is not None:
            return service.name, service.api.send
    known = [webhook for service in services for webhook in service.spec.document.get("webhooks", {})]
    said = f"No document that is served declares a webhook {name[:80]!r}; there is {', '.join(known) or 'none'}."
    raise Problem(404, said, code=NOT_FOUND)


HANDLERS: Mapping[str, Handler] = {"sendWebhook": send_webhook}
