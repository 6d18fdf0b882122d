"""The value `API`: the handlers, collections and rules of Vivoldi, put together."""

from __future__ import annotations

from mockserver.engine.api import Api, CollectionSpec
from mockserver.vendors.vivoldi import groups, links, statistics, visits, webhooks
from mockserver.vendors.vivoldi.access import GUARD, LIMITS, PLANS, block_unidentified_clients
from mockserver.vendors.vivoldi.envelope import ASSUMPTIONS, render

TEXT_OR_NULL = {"type": ["string", "null"]}
HANDLERS = {**groups.HANDLERS, **links.HANDLERS, **statistics.HANDLERS, **visits.HANDLERS}

API = Api(
    name="vivoldi",
    handlers=HANDLERS,
    collections={
        "accounts": CollectionSpec(
            "comp_idx",
            values={"plan": {"enum": [*PLANS]}, **dict.fromkeys(("webhook_url", "webhook_secret"), TEXT_OR_NULL)},
        ),
        "keys": CollectionSpec("key"),
        "groups": CollectionSpec("idx", schema="LinkGroupSettings"),
        "links": CollectionSpec("_id", schema="StoredLink"),
        "days": CollectionSpec("id"),
        "visitors": CollectionSpec("id"),
        "alerts": CollectionSpec("id"),
    },
    render=render,
    invalid_status=200,
    guard=GUARD,
    limits=LIMITS,
    any_media_type="content-type",
    screen=block_unidentified_clients,
    webhooks=webhooks.OUTBOUND,
    assumptions=ASSUMPTIONS,
    credential=("Authorization", "APIKey 5oNyoLDuQ513cJ1rlYpJgHc9zu0H10F6"),
)
