"""Links, one by one: list, get, create, update, delete."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mockserver.engine.answers.pages import page_at
from mockserver.engine.call import Call
from mockserver.engine.timestamps import epoch_seconds, utc_seconds
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import Problem
from mockserver.state.records.collection import Collection
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.xqr.envelope import (
    OWN,
    invalid,
    limit_hit,
    meta,
    not_included,
    record_unknown_members,
    stored_time,
    success,
)
from mockserver.vendors.xqr.events import announce

MOST_LINKS = 200
"""Links that one page of a list holds at most."""

HOST = "https://xqr.co/"
RESERVED = {"api"}
"""Paths at the root of the host that are no short codes."""

UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

CREATED = frozenset({"url", "custom_slug", "labels", "routing_rules", "expires_at"})
UPDATED = frozenset({"url", "labels", "enabled", "routing_rules"})

# Reading


def list_links(call: Call, state: ApiState) -> Json:
    """One page of the workspace's links, newest first, filtered before they are counted."""
    query, workspace = call.query, call.owner_id
    label, enabled = query.get("label"), query.get("enabled")
    links = state["links"].list(
        lambda link: (
            link["_workspace"] == workspace
            and (label is None or label in link["labels"])
            and (enabled is None or link["enabled"] is enabled)
        )
    )
    # Of those made within one second the latest is first as well.
    links.reverse()
    links.sort(key=lambda link: link["created_at"], reverse=True)
    page = page_at(links, query["limit"], query["offset"], MOST_LINKS)
    if (page.limit, page.offset) != (query["limit"], query["offset"]):
        call.assume("paging-bounds")
    total = page.total
    if (label is not None or enabled is not None) and call.assume("list-total") == "workspace":
        total = len(OWN.all(call, state, "links"))
    return {
        "data": [link_view(link) for link in page.entries],
        "meta": meta(call, total=total, limit=page.limit, offset=page.offset),
    }


def get_link(call: Call, state: ApiState) -> Json:
    """One link of the caller's workspace; another workspace's is as missing as one that never was."""
    link = OWN.get(call, state, "links", call.path["link_id"]) or own_link(call, state)
    return success(call, link_view(link))


def own_link(call: Call, state: ApiState, place: str = "path") -> Record:
    """The link of the caller's workspace that `link_id` names. A Problem 404 where there is none."""
    link_id: str = (call.path if place == "path" else call.query)["link_id"]
    if link_id not in state["links"]:
        link_id = known_spelling(call, link_id)
    return OWN.one(call, state, "links", link_id, "Link")


def known_spelling(call: Call, link_id: str) -> str:
    """The id in the spelling of stored ids."""
    if not UUID.fullmatch(link_id):
        call.assume("malformed-link-id")
    elif (lowered := link_id.lower()) != link_id and call.assume("uuid-case") == "ignore":
        return lowered
    return link_id


def link_view(link: Record) -> Json:
    """The members of the link that clients are shown; a copy without one member costs half of picking them."""
    members = {**link}
    del members["_workspace"]
    return members


# Creating


def create_link(call: Call, state: ApiState) -> Response:
    """Creates an enabled link."""
    record_unknown_members(call, CREATED)
    return Response(201, success(call, link_view(new_link(call, state, call.body))))


def new_link(call: Call, state: ApiState, wanted: Mapping[str, Json]) -> Record:
    """Stores a new link. A Problem 403 where the plan does not allow it, 409 where its slug is taken."""
    rules = stored_rules(call, wanted.get("routing_rules", []))
    count_creation(call, state)
    at, expires_at = utc_seconds(call.at), wanted.get("expires_at")
    if expires_at is not None:
        expires_at = expiry(call, expires_at)
    code = free_code(call, state, wanted.get("custom_slug"))
    link = state["links"].insert(
        {
            "id": state.chance.uuid(),
            "short_url": HOST + code,
            "short_code": code,
            "destination": wanted["url"],
            "enabled": True,
            "labels": stored_labels(call, wanted.get("labels", [])),
            "routing_rules": rules,
            "scan_count": 0,
            "last_scan_at": None,
            "expires_at": expires_at,
            "created_at": at,
            "updated_at": at,
            "_workspace": call.owner_id,
        }
    )
    announce(call, state, call.owner_id, "link.created", {**link_reference(link), "destination": link["destination"]})
    return link


def link_reference(link: Record) -> dict[str, Json]:
    """The id and the short code of the link, which every event about it carries."""
    return {"link_id": link["id"], "short_code": link["short_code"]}


def count_creation(call: Call, state: ApiState) -> None:
    """Counts one more link of this month. A Problem 403 where the plan allows no more."""
    owner = state["workspaces"][call.owner_id]
    limit, made = owner["_limits"]["links_per_month"], created_this_month(call, owner)
    if made >= limit and call.assume("link-allowance") == "enforce":
        raise limit_hit(limit, "links a month")
    state["workspaces"].update(call.owner_id, {"_created": {"month": utc_seconds(call.at)[:7], "links": made + 1}})


def created_this_month(call: Call, owner: Record) -> int:
    """Links that the workspace made since the month began, deleted ones included."""
    created = owner["_created"]
    made: int = created["links"] if created["month"] == utc_seconds(call.at)[:7] else 0
    return made


def expiry(call: Call, text: str) -> str:
    """The time at which the link expires, in UTC. A Problem 400 where it is past and so assumed."""
    expires_at = stored_time(text, "/expires_at")
    if epoch_seconds(expires_at) <= call.at and call.assume("past-expiry") == "refuse":
        raise invalid("/expires_at", "past", "is over already")
    return expires_at


def free_code(call: Call, state: ApiState, slug: str | None) -> str:
    """The slug, or where none was chosen seven random characters. A Problem 409 where the slug is taken."""
    links = state["links"]
    if slug is None:
        code = random_code(call, state)
        while is_taken(links, code):
            code = random_code(call, state)
        return code
    if slug.lower() in RESERVED and call.assume("reserved-slugs") == "taken":
        raise slug_taken(slug)
    if is_taken(links, slug):
        raise slug_taken(slug)
    lowered = slug.lower()
    if any(link["short_code"].lower() == lowered for link in links) and call.assume("slug-case") == "ignore":
        raise slug_taken(slug)
    return slug


def random_code(call: Call, state: ApiState) -> str:
    """Seven characters."""
    code = state.chance.alphanumeric(7)
    return code if call.assume("code-letters") == "both-cases" else code.lower()


def is_taken(links: Collection, code: str) -> bool:
    """Whether any workspace has a link of this code: they share the host."""
    return any(link["short_code"] == code for link in links)


def slug_taken(slug: str) -> Problem:
    """The Problem of a slug that is in use."""
    return Problem(409, f"The slug '{slug}' is already taken.", code="SLUG_TAKEN")


def stored_labels(call: Call, labels: list[str]) -> list[str]:
    """The labels in their order; repeated ones once where so assumed."""
    once = [*dict.fromkeys(labels)]
    return once if len(once) < len(labels) and call.assume("label-twice") == "once" else labels


def stored_rules(call: Call, rules: list[Json]) -> list[Json]:
    """The rules without unknown members. A Problem 403 where the plan has no routing."""
    if rules and not call.owner["_features"]["routing_rules"] and call.assume("routing-plan-gate") == "enforce":
        raise not_included("routing rules")
    return [stored_rule(call, rule) for rule in rules]


def stored_rule(call: Call, rule: Json) -> Json:
    """The rule without the members that no page describes."""
    conditions = {name: value for name, value in rule["conditions"].items() if name in CONDITIONS}
    if len(rule) > 3 or len(conditions) < len(rule["conditions"]):
        call.assume("unknown-rule-members")
    if "expires_at" in conditions:
        conditions["expires_at"] = stored_time(conditions["expires_at"], "/routing_rules")
    return {"destination": rule["destination"], "priority": rule["priority"], "conditions": conditions}


CONDITIONS = {"countries", "country_mode", "device_types", "hours", "percentage", "expires_at"}

# Updating and deleting


def update_link(call: Call, state: ApiState) -> Json:
    """Updates the members that were sent; a body without any changes nothing."""
    link = own_link(call, state)
    record_unknown_members(call, UPDATED)
    changes = changes_of(call)
    if not changes:
        call.assume("empty-update")
        return success(call, link_view(link))
    differing = {name: value for name, value in changes.items() if link[name] != value}
    link = state["links"].update(link["id"], {**changes, "updated_at": utc_seconds(call.at)})
    if differing:
        announce(call, state, call.owner_id, "link.updated", {**link_reference(link), "changes": differing})
    return success(call, link_view(link))


def changes_of(call: Call) -> dict[str, Json]:
    """The members of the link that the body changes, with their new values."""
    body = call.body
    changes = {name: body[name] for name in ("enabled",) if name in body}
    if "url" in body:
        changes["destination"] = body["url"]
    if "labels" in body:
        changes["labels"] = stored_labels(call, body["labels"])
    if "routing_rules" in body:
        changes["routing_rules"] = stored_rules(call, body["routing_rules"])
    return changes


def delete_link(call: Call, state: ApiState) -> Response:
    """Deletes the link with its scans; its code is free again."""
    link = own_link(call, state)
    state["links"].delete(link["id"])
    for scans in state["scans"].where(link_id=link["id"]):
        state["scans"].delete(scans["id"])
    announce(call, state, call.owner_id, "link.deleted", link_reference(link))
    return Response(204)


HANDLERS = {
    "listLinks": list_links,
    "createLink": create_link,
    "getLink": get_link,
    "updateLink": update_link,
    "deleteLink": delete_link,
}
