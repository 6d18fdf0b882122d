"""The key's workspace, its usage and its members."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.json_text import Json
from mockserver.state.world import ApiState
from mockserver.vendors.xqr.envelope import NONE, OWN, success
from mockserver.vendors.xqr.links import created_this_month

MEBIBYTE = 1024 * 1024


def get_workspace(call: Call, _state: ApiState) -> Json:
    """The workspace that the key belongs to."""
    return success(call, public(call.owner))


def get_usage(call: Call, state: ApiState) -> Json:
    """The usage of the workspace, the limits of its plan, and its features."""
    owner, month = call.owner, call.budget.get("month", NONE)
    held, limits, features = owner["_held"], owner["_limits"], owner["_features"]
    usage = {
        "links_created_this_month": created_this_month(call, owner),
        "api_calls_this_month": month.limit - month.remaining,
        "total_links": len(OWN.all(call, state, "links")),
        "total_qr_templates": held["qr_templates"],
        "total_bio_pages": held["bio_pages"],
        "storage_bytes": held["storage_bytes"],
        "storage_mb": round(held["storage_bytes"] / MEBIBYTE, 2),
    }
    return success(
        call,
        {
            "plan": owner["plan"],
            "usage": usage,
            "limits": {
                "links_per_month": limits["links_per_month"],
                "dynamic_qr": limits["dynamic_qr"],
                "bio_pages": limits["bio_pages"],
                "storage_mb": limits["storage_mb"],
                "api_calls_per_month": month.limit,
                "qr_templates": limits["qr_templates"],
            },
            "features": {
                "routing_rules": features["routing_rules"],
                "csv_export": features["csv_export"],
                "bulk_ops": owner["_bulk_ops"],
                "ad_free": features["ad_free"],
            },
        },
    )


def list_members(call: Call, state: ApiState) -> Json:
    """The members of the workspace."""
    return success(call, [public(member) for member in OWN.all(call, state, "members")])


HANDLERS = {
    "getWorkspace": get_workspace,
    "getUsage": get_usage,
    "listMembers": list_members,
}
