"""The value `API`: the handlers, collections and rules of Spotzee, put together."""

from __future__ import annotations

from mockserver.engine.api import Api, CollectionSpec
from mockserver.engine.steps.idempotency import Idempotency
from mockserver.vendors.spotzee import (
    contacts,
    projects,
    sessions,
    states,
    subscription_types,
    toggles,
    upserts,
    webhooks,
)
from mockserver.vendors.spotzee.access import GUARD, LIMITS, ROLES
from mockserver.vendors.spotzee.envelope import ASSUMPTIONS, headers, mint_request_id, render
from mockserver.vendors.spotzee.queue import run_due_work

SECRET_KEY = ("Authorization", "Bearer sk_01HXY7Z9K8M5J2N4P6Q8R0S1T2")
PUBLISHABLE_KEY = ("Authorization", "Bearer pk_01HXY84K1M2N4P6Q8R0S2T4V6W")
SESSION = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    ".eyJwcm9qZWN0X2lkIjo0MiwidXNlcl9pZCI6MTAyNCwiaWF0IjoxNzc3MzM0NDAwLCJleHAiOjQxMDI0NDQ4MDB9"
    ".IkQ3OuwDGzTd6wRSz4_QXAtj7vdVJHIRyci7SEG-NZQ"
)
"""A session of the documented contact that lasts until 2100, so that there is one to try the browser's routes with."""

WORKS = {**contacts.WORKS, **upserts.WORKS}
"""The kinds of work that can be queued."""

API = Api(
    name="spotzee",
    handlers={
        **toggles.HANDLERS,
        **states.HANDLERS,
        **subscription_types.HANDLERS,
        **contacts.HANDLERS,
        **upserts.HANDLERS,
        **sessions.HANDLERS,
        **projects.HANDLERS,
        **webhooks.HANDLERS,
    },
    collections={
        "projects": CollectionSpec("id"),
        "keys": CollectionSpec("value", values={"role": {"enum": [*ROLES]}}),
        "users": CollectionSpec("id", schema="Contact"),
        "subscriptions": CollectionSpec("id", schema="SubscriptionType"),
        "states": CollectionSpec("_id"),
        "events": CollectionSpec("id"),
        "webhooks": CollectionSpec("id"),
        "running": CollectionSpec("key"),
        "queued": CollectionSpec("id", values={"due": {"type": "number"}, "work": {"enum": [*WORKS]}}),
    },
    render=render,
    guard=GUARD,
    limits=LIMITS,
    screen=run_due_work(WORKS),
    replay=Idempotency(
        header="Idempotency-Key",
        ttl=24 * 3600,
        replayed=("Idempotent-Replayed", "true"),
        forgotten=frozenset({401, 403, 408, 425, 429}),
        enforced="idempotency",
        same_id="replay-request-id",
        running="running",
        compared="replay-scope",
    ),
    webhooks=webhooks.OUTBOUND,
    headers=headers,
    request_id=mint_request_id,
    any_media_type="content-type",
    assumptions=ASSUMPTIONS,
    credential=SECRET_KEY,
    credentials={"publishableKey": PUBLISHABLE_KEY, "contactToken": ("X-Spotzee-Contact-Token", SESSION)},
)
