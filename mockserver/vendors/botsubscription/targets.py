"""The Discord guilds, channels and roles and the Telegram groups and channels of a project."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import INVALID, Problem
from mockserver.state.records.collection import Found
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.botsubscription.envelope import OWN, UUID, missing, page_of, succeed
from mockserver.vendors.botsubscription.events import announce, has_audience

TargetPatch = tuple[bool | None, str | None]
"""The new `is_enabled` and `target_name` of a target; None leaves the member as it is."""

# Reading


def list_targets(call: Call, state: ApiState) -> Json:
    """One page of the project's targets, and how many there are on all pages."""
    page = page_of(call, OWN.all(call, state, "targets"), lambda target: target["target_name"].casefold())
    return succeed(call, [*map(target_view, page.entries)], total=page.total)


def get_target(call: Call, state: ApiState) -> Json:
    """The target as an array of one; one that the project does not have is an empty result, no error."""
    target = find_target(call, state)
    found = [] if target is None else [target_view(target)]
    return succeed(call, found, total=len(found))


def find_target(call: Call, state: ApiState) -> Record | None:
    """The project's target that the path names; None where it has no such target."""
    targets, target_id = state["targets"], call.path["target_id"]
    target = targets.get(target_id)
    if target is None:
        target = targets.get(known_spelling(call, target_id))
    return None if target is None or target["_project"] != call.owner_id else target


def known_spelling(call: Call, target_id: str) -> str:
    """The id in the spelling of stored ids."""
    if not UUID.fullmatch(target_id):
        call.assume("malformed-target-ids")
    elif (lowered := target_id.lower()) != target_id and call.assume("uuid-case") == "ignore":
        return lowered
    return target_id


# One target


def update_target(call: Call, state: ApiState) -> Json:
    """Updates the target; the answer has it as an object."""
    target = find_target(call, state)
    if target is None:
        raise missing("Target")
    [patch] = merge_patches(call, [{**call.body, "target_id": target["target_id"]}]).values()
    if patch == (None, None) and call.assume("empty-updates") == "refuse":
        raise Problem(422, "Either is_enabled or target_name is required.", code=INVALID)
    if any(target[member] != value for member, value in changes_of(patch).items()):
        apply(call, state, {patch: [target]})
    changed = state["targets"][target["target_id"]]
    return succeed(call, target_view(changed), total=1, message="Successfully updated 1 target(s)")


def delete_target(call: Call, state: ApiState) -> Response:
    """Deletes the target, also from its plans; the targets inside it lose their parent, or go too where so assumed."""
    target = find_target(call, state)
    if target is None:
        raise missing("Target")
    gone = [target]
    inside = state["targets"].find("parent_target_id", target["target_id"])
    if inside and call.assume("deleted-guild") == "delete":
        gone += inside
    elif inside:
        state["targets"].update_all([child["target_id"] for child in inside], {"parent_target_id": None})
    for target in gone:
        state["targets"].delete(target["target_id"])
    forget_in_plans(state, {target["target_id"] for target in gone})
    announce(state, call.choices, [(target, None) for target in gone])
    return Response(204)


def forget_in_plans(state: ApiState, target_ids: set[str]) -> None:
    """Removes these targets from all plans."""
    for plan in state["plans"]:
        if left := target_ids.intersection(plan["_targets"]):
            state["plans"].update(
                plan["plan_id"], {"_targets": [held for held in plan["_targets"] if held not in left]}
            )


# Many targets


def update_targets(call: Call, state: ApiState) -> Json:
    """Updates the project's targets that the items name; the answer has each as it is now, in their order."""
    targets = state["targets"]
    items = call.body if call.choices["invalid-items"] == "refuse" else valid_items(call)
    if len(items) > MAX_ITEMS:
        call.assume("long-array")
    patches, found = own_targets(call, state, items)

    changing: dict[TargetPatch, Found] = {}
    idle: dict[TargetPatch, list[str]] = {}
    for target in found:
        patch = enabled, name = patches[target["target_id"]]
        if enabled in (None, target["is_enabled"]) and name in (None, target["target_name"]):
            idle.setdefault(patch, []).append(target["target_id"])
        else:
            changing.setdefault(patch, []).append(target)

    passed_over = {target_id for patch, ids in idle.items() if not counts_as_updated(call, patch) for target_id in ids}
    apply(call, state, changing)

    answered = [targets[target["target_id"]] for target in found if target["target_id"] not in passed_over]
    births = [target.birth for target in answered]
    if births != sorted(births) and call.assume("answer-order") == "creation":
        answered.sort(key=lambda target: target.birth)
    total = len(answered)
    message = f"Successfully updated {total} target(s)"
    return succeed(call, [*map(target_view, answered)], total=total, message=message)


def apply(call: Call, state: ApiState, patches: Mapping[TargetPatch, Found]) -> None:
    """Applies each patch to its targets, and sends events of what changed."""
    targets = state["targets"]
    before: Found = []
    emptied = set()
    for patch, found in patches.items():
        targets.update_all([target["target_id"] for target in found], changes_of(patch))
        before += found
        if patch[0] is False:
            emptied |= {target["target_id"] for target in found if target["kind"] == "guild" and target["is_enabled"]}
    if emptied:
        before += disable_children(call, state, emptied)
    if before and has_audience(state, str(call.owner_id)):
        announce(state, call.choices, [(target, targets[target["target_id"]]) for target in before])


def own_targets(call: Call, state: ApiState, items: list[Json]) -> tuple[dict[str, TargetPatch], Found]:
    """The patches by target id, and the project's targets that the items name, in this order."""
    project, find, patches = call.owner_id, state["targets"].get, merge_patches(call, items)
    named = patches if len(patches) == len(items) else name_repeated(call, items, patches)
    found = [target for target in map(find, named) if target is not None and target["_project"] == project]
    if found and len(found) == len(named):
        return patches, found
    lowered = [{**item, "target_id": item["target_id"].lower()} for item in items]
    if lowered != items and call.assume("uuid-case") == "ignore":
        return own_targets(call, state, lowered)
    refuse_missing(call, found)
    return patches, found


def valid_items(call: Call) -> list[Json]:
    """The valid items; under `skip` the document does not check them."""
    fitting = [item for item in call.body if is_valid_item(item, call.choices)]
    if len(fitting) < len(call.body):
        call.assume("invalid-items")
    return fitting


def is_valid_item(item: Json, choices: Mapping[str, str]) -> bool:
    """Whether one item is valid under the options of the other assumptions."""
    if not isinstance(item, dict) or not isinstance(target_id := item.get("target_id"), str):
        return False
    enabled, name = item.get("is_enabled", False), item.get("target_name", "unchanged")
    if choices["null-values"] == "ignore":
        enabled, name = enabled is not None and enabled, "unchanged" if name is None else name
    return (
        UUID.fullmatch(target_id) is not None
        and isinstance(enabled, bool)
        and isinstance(name, str)
        and (name.strip() != "" or choices["blank-names"] == "accept")
        and (len(name) <= MAX_NAME or choices["long-names"] == "accept")
    )


MAX_ITEMS, MAX_NAME = 100, 255


def merge_patches(call: Call, items: list[Json]) -> dict[str, TargetPatch]:
    """The merged patch of each target by its id, later values first, in the order in which targets are first named."""
    patches: dict[str, TargetPatch] = {}
    for item in items:
        target_id, enabled, name = item["target_id"], item.get("is_enabled"), item.get("target_name")
        if len(item) > 1 + (enabled is not None) + (name is not None):
            refuse_other_members(call, item)
        if name is not None:
            name = stored_name(call, name)
        if target_id in patches:
            before = patches[target_id]
            enabled, name = before[0] if enabled is None else enabled, before[1] if name is None else name
        patches[target_id] = enabled, name
    return patches


def name_repeated(call: Call, items: list[Json], patches: dict[str, TargetPatch]) -> Collection[str]:
    """The ids to answer with where some are repeated. A Problem 422 where that is refused."""
    option = call.assume("duplicate-targets")
    if option == "refuse":
        raise Problem(422, "A target is named more than once.", code=INVALID)
    return patches if option == "merge" else [item["target_id"] for item in items]


def stored_name(call: Call, name: str) -> str:
    """The name to store: without white space around it unless so assumed."""
    trimmed = name.strip()
    if not trimmed:
        call.assume("blank-names")
    if len(name) > MAX_NAME:
        call.assume("long-names")
    return trimmed if trimmed != name and call.assume("name-spaces") == "trim" else name


def refuse_other_members(call: Call, item: Json) -> None:
    """Raises a Problem 422 where an item has other members and they are not ignored."""
    if None in (item.get("is_enabled", ""), item.get("target_name", "")):
        call.assume("null-values")
    unknown = item.keys() - {"target_id", "is_enabled", "target_name"}
    if unknown and call.assume("unwritable-fields") == "refuse":
        raise Problem(422, f"Cannot be updated: {', '.join(sorted(unknown))}.", code=INVALID)


def refuse_missing(call: Call, found: Found) -> None:
    """Raises a Problem 404 where an item names no target of the project and is not skipped."""
    if not call.body:
        call.assume("empty-array")
    elif not found and call.assume("nothing-matched") == "empty":
        return
    elif not found or call.assume("unknown-targets") == "refuse":
        raise missing("Target")


def counts_as_updated(call: Call, patch: TargetPatch) -> bool:
    """Whether a target counts as updated that had the values already."""
    if patch != (None, None):
        return call.assume("unchanged-targets") == "count"
    option = call.assume("empty-items")
    if option == "refuse":
        raise Problem(422, "Either is_enabled or target_name is required.", code=INVALID)
    return option == "count"


def changes_of(patch: TargetPatch) -> dict[str, Json]:
    """The members that the patch changes."""
    enabled, name = patch
    changes: dict[str, Json] = {} if enabled is None else {"is_enabled": enabled}
    if name is not None:
        changes["target_name"] = name
    return changes


def disable_children(call: Call, state: ApiState, guilds: set[str]) -> Found:
    """Disables the targets inside these guilds where so assumed; the answer does not show them.
    Those that were, as they were before.
    """
    children = state["targets"].list(lambda target: target["parent_target_id"] in guilds and target["is_enabled"])
    if not children or call.assume("disabled-guild") != "cascade":
        return []
    state["targets"].update_all([child["target_id"] for child in children], {"is_enabled": False})
    return children


def target_view(target: Record) -> Json:
    """The members that clients are shown; a copy without one member costs half of picking them."""
    members = {**target}
    del members["_project"]
    return members


HANDLERS = {
    "listTargets": list_targets,
    "updateTargets": update_targets,
    "getTarget": get_target,
    "updateTarget": update_target,
    "deleteTarget": delete_target,
}
