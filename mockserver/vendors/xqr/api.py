"""The value `API`: the handlers, collections and rules of xQR, put together."""

from __future__ import annotations

from mockserver.engine.api import Api, CollectionSpec
from mockserver.vendors.xqr import analytics, bulk, links, qr, visits, webhooks, workspace
from mockserver.vendors.xqr.access import BURST, GUARD, LIMITS
from mockserver.vendors.xqr.envelope import ASSUMPTIONS, headers, mint_request_id, render

HANDLERS = {
    **links.HANDLERS,
    **bulk.HANDLERS,
    **qr.HANDLERS,
    **visits.HANDLERS,
    **analytics.HANDLERS,
    **workspace.HANDLERS,
    **webhooks.HANDLERS,
}

NUMBER = {"type": "integer", "minimum": 0}
COLLECTIONS = {
    "workspaces": CollectionSpec(
        "id",
        schema="Workspace",
        values={
            "plan": {"enum": ["free", *BURST]},
            "_bulk_ops": {"type": "boolean"},
            "_features": {"type": "object", "required": ["routing_rules", "csv_export", "ad_free"]},
            "_limits": {"required": ["links_per_month", "dynamic_qr", "bio_pages", "storage_mb", "qr_templates"]},
            "_held": {"required": ["qr_templates", "bio_pages", "storage_bytes"]},
            "_created": {"required": ["month", "links"], "properties": {"links": NUMBER}},
        },
    ),
    "keys": CollectionSpec("key", values={"expires_at": {"format": "date-time"}}),
    "links": CollectionSpec("id", schema="Link"),
    "scans": CollectionSpec("id", values={"count": NUMBER}),
    "members": CollectionSpec("id", schema="Member"),
    "webhooks": CollectionSpec("id", schema="Webhook"),
    "deliveries": CollectionSpec("id", schema="Delivery"),
}

API = Api(
    name="xqr",
    handlers=HANDLERS,
    collections=COLLECTIONS,
    render=render,
    invalid_status=400,
    guard=GUARD,
    limits=LIMITS,
    headers=headers,
    request_id=mint_request_id,
    any_media_type="content-type",
    webhooks=webhooks.OUTBOUND,
    assumptions=ASSUMPTIONS,
    credential=("Authorization", "Bearer xqr_pk_a1b2c3d4." + "x" * 64),
)
