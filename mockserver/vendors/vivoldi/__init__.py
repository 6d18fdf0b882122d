"""Vivoldi: short links, the groups whose settings hold for all of their links at once, and what visitors meet."""

from __future__ import annotations

from mockserver.engine.api import Api, CollectionSpec
from mockserver.engine.steps.authenticate import Guard
from mockserver.vendors.vivoldi import groups, links, statistics, visits
from mockserver.vendors.vivoldi.access import LIMITS, PLANS, block_nameless, size_of
from mockserver.vendors.vivoldi.envelope import ASSUMPTIONS, render
from mockserver.vendors.vivoldi.webhooks import WEBHOOKS

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
    guard=Guard(scheme="APIKey", owner=("accounts", "account")),
    limits=LIMITS,
    any_media_type="content-type",
    screen=block_nameless,
    retry_after="retry-after",
    plan=size_of,
    webhooks=WEBHOOKS,
    assumptions=ASSUMPTIONS,
    credential=("Authorization", "APIKey 5oNyoLDuQ513cJ1rlYpJgHc9zu0H10F6"),
)
