"""The value `API`: the handlers, collections and rules of BotSubscription, put together."""

from __future__ import annotations

from mockserver.engine.api import Api, CollectionSpec
from mockserver.vendors.botsubscription import coupons, keys, people, plans, settings, targets, webhooks
from mockserver.vendors.botsubscription.access import GUARD, LIMITS
from mockserver.vendors.botsubscription.envelope import ASSUMPTIONS, headers, mint_request_id, render
from mockserver.vendors.botsubscription.events import follow
from mockserver.vendors.botsubscription.gateway import LIVE

HANDLERS = (
    targets.HANDLERS
    | plans.HANDLERS
    | keys.HANDLERS
    | webhooks.HANDLERS
    | settings.HANDLERS
    | people.HANDLERS
    | coupons.HANDLERS
)

IDS = {"type": "array", "items": {"type": "string"}}

API = Api(
    name="botsubscription",
    handlers=HANDLERS,
    collections={
        "projects": CollectionSpec("project_id"),
        "keys": CollectionSpec("token", values={"permissions": IDS, "revoked_at": {"type": ["string", "null"]}}),
        "targets": CollectionSpec("target_id", schema="Target"),
        "plans": CollectionSpec("plan_id", schema="PlanTerms", values={"_targets": IDS}),
        "webhooks": CollectionSpec("id", schema="Webhook"),
        "settings": CollectionSpec("_project", schema="Settings"),
        "users": CollectionSpec("user_id", schema="User"),
        "memberships": CollectionSpec("membership_id", schema="Membership"),
        "admins": CollectionSpec("user_id", schema="Admin"),
        "coupons": CollectionSpec("coupon_id", schema="Coupon"),
    },
    render=render,
    guard=GUARD,
    limits=LIMITS,
    headers=headers,
    request_id=mint_request_id,
    any_media_type="content-type",
    webhooks=webhooks.OUTBOUND,
    live=LIVE,
    follow=follow,
    assumptions=ASSUMPTIONS,
    credential=("Authorization", "Bearer YOUR_TOKEN"),
)
