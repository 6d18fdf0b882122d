"""Bulk operations: the states of up to 200 links, or up to 100 new links a call."""

from __future__ import annotations

from typing import cast

from mockserver.engine.call import Call
from mockserver.engine.timestamps import utc_seconds
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.schema.validator import Validator
from mockserver.problem import INVALID, NOT_FOUND, Problem
from mockserver.state.records.collection import Collection
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.xqr.envelope import MOST_IDS, invalid, message_of, not_included, success
from mockserver.vendors.xqr.events import announce, listeners
from mockserver.vendors.xqr.links import CREATED, UUID, link_reference, link_view, new_link

# States


def bulk_update_link_status(call: Call, state: ApiState) -> Json:
    """Sets the status of the caller's links among `ids`; other ids are skipped and not counted."""
    if not call.owner["_bulk_ops"]:
        refuse_bulk(call)
    body, links = call.body, state["links"]
    if len(body) > 2:
        call.assume("unknown-fields")
    found, enabled = own_links(call, links, body["ids"]), body["enabled"]
    changing = [link["id"] for link in found if link["enabled"] is not enabled]
    if found:
        set_states(call, links, found, changing)
    if changing and listeners(state, call.owner_id, "link.updated"):
        announce_states(call, state, links.pick(changing))
    updated = len(found)
    if len(changing) < updated and call.assume("unchanged-links") == "skip":
        updated = len(changing)
    return success(call, {"updated": updated})


def refuse_bulk(call: Call) -> None:
    """Raises a Problem 403 where the plan has no bulk operations, unless so assumed."""
    if call.assume("bulk-plan-gate") == "enforce":
        raise not_included("bulk operations")


def set_states(call: Call, links: Collection, found: list[Record], changing: list[str]) -> None:
    """Writes the status, and `updated_at` of the links that the assumption `updated-at` names."""
    changes = {"enabled": call.body["enabled"], "updated_at": utc_seconds(call.at)}
    moved = call.assume("updated-at")
    if moved == "never":
        del changes["updated_at"]
    links.update_all([link["id"] for link in found] if moved == "found" else changing, changes)


def announce_states(call: Call, state: ApiState, changed: list[Record]) -> None:
    """Sends one `link.updated` for each changed link."""
    if call.assume("bulk-events") == "none":
        return
    for link in changed:
        changes = {"enabled": link["enabled"]}
        announce(call, state, call.owner_id, "link.updated", {**link_reference(link), "changes": changes})


def own_links(call: Call, links: Collection, ids: list[str]) -> list[Record]:
    """The caller's links that these ids name, in this order."""
    wanted, workspace = distinct_ids(call, ids), call.owner_id
    found = [link for link in links.pick(wanted) if link["_workspace"] == workspace]
    if len(found) == len(wanted):
        return found
    lowered = [link_id.lower() for link_id in ids]
    if lowered != ids and call.assume("uuid-case") == "ignore":
        return own_links(call, links, lowered)
    if call.choices["malformed-ids"] == "skip" and not all(map(UUID.fullmatch, ids)):
        call.assume("malformed-ids")
    if call.assume("unknown-ids") == "refuse":
        raise Problem(404, "One of the links was not found.", code=NOT_FOUND)
    return found


def distinct_ids(call: Call, ids: list[str]) -> list[str]:
    """The ids that are counted: repeated ones once unless so assumed. A Problem 400 for too many or repeated ids."""
    once = [*dict.fromkeys(ids)]
    if not ids:
        call.assume("empty-ids")
    if len(ids) > MOST_IDS:
        call.assume("id-cap")
    if len(once) > MOST_IDS:
        raise invalid("/ids", "maxItems", f"expected at most {MOST_IDS} different items, got {len(once)}")
    if len(once) == len(ids):
        return ids
    option = call.assume("duplicate-ids")
    if option == "refuse":
        raise invalid("/ids", "uniqueItems", "has an item twice")
    return ids if option == "count-each" else once


# New links


def bulk_create_links(call: Call, state: ApiState) -> Response:
    """Creates each link on its own; an item that fails is reported with its index."""
    if not call.owner["_bulk_ops"]:
        refuse_bulk(call)
    wanted = call.body["links"]
    if not wanted:
        call.assume("empty-ids")
    if len(call.body) > 1 or any(not CREATED.issuperset(each) for each in wanted):
        call.assume("unknown-fields")
    created, errors = [], []
    validator = link_validator(call)
    for index, each in enumerate(wanted):
        try:
            with state.transaction():
                created.append(link_view(create_item(call, state, each, validator)))
        except Problem as problem:
            errors.append(item_error(call, index, each, problem))
    if errors and not created and call.assume("nothing-created") == "refuse":
        raise Problem(400, "None of the links can be made.", code=INVALID)
    return Response(201, success(call, {"created": created, "errors": errors}))


def link_validator(call: Call) -> Validator:
    """The validator of the body of createLink."""
    return cast(Operation, call.operation).document.views.request.validator("/components/schemas/LinkCreate")


def create_item(call: Call, state: ApiState, wanted: Json, validator: Validator) -> Record:
    """Stores one link of a bulk creation. A Problem where it is not valid."""
    if not validator.accepts(wanted):
        call.assume("bad-items")
        raise Problem(400, "It is no link.", code=INVALID, violations=validator.violations(wanted, "body"))
    return new_link(call, state, wanted)


def item_error(call: Call, index: int, wanted: Json, problem: Problem) -> Json:
    """The entry of `errors` for an item that failed."""
    code, message = problem.code if problem.code.isupper() else "VALIDATION_ERROR", message_of(problem)
    if call.assume("bulk-error-form") == "nested":
        return {"index": index, "error": {"code": code, "message": message, "status": problem.status}}
    url = wanted.get("url")
    return {"index": index, "url": url if isinstance(url, str) else None, "code": code, "message": message}


HANDLERS = {
    "bulkCreateLinks": bulk_create_links,
    "bulkUpdateLinkStatus": bulk_update_link_status,
}
