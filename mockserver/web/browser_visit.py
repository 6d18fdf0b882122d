"""Recognizes a browser's visit to the address of the server itself, which is answered with the page."""

from __future__ import annotations

from mockserver.engine.answers.negotiate import prefers_html
from mockserver.engine.interventions.intervene import stub_for
from mockserver.engine.interventions.matching.request_pattern import AskedRequest
from mockserver.messages import Request
from mockserver.state.world import World


def asks_for_page(request: Request, world: World) -> bool:
    """Whether a client that prefers HTML asks for `/`, or for `/~world/`, where no stub is to answer."""
    asked = request.asked
    is_root = asked == "/" or (asked.startswith("/~") and asked.find("/", 1) == len(asked) - 1)
    if not is_root or request.method != "GET" or not prefers_html(request.headers.get("Accept") or ""):
        return False
    given = world.interventions
    return given is None or stub_for(AskedRequest(request), given) is None
