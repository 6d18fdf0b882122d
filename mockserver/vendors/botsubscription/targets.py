"""The Discord guilds, channels and roles and the Telegram groups and channels of a project."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import INVALID, Problem
from mockserver.state.collection import Found
from mockserver.state.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.botsubscription.envelope import OWN, UUID, missing, page_of, succeed
from mockserver.vendors.botsubscription.events import announce, is_awaited

Wish = tuple[bool | None, str | None]
"""What `is_enabled` and `target_name` shall be; None: as they are."""

# Reading


def list_targets(call: Call, state: ApiState) -> Json:
    """One page of the project's targets, and how many there are on all pages."""
    page = page_of(call, OWN.all(call, state, "targets"), lambda target: target["target_name"].casefold())
    return succeed(call, [*map(show, page.entries)], total=page.total)


def get_target(call: Call, state: ApiState) -> Json:
    """The target as an array of one; one that the project does not have is an empty result, no error."""
    target = find_target(call, state)
    found = [] if target is None else [show(target)]
    return succeed(call, found, total=len(found))


def find_target(call: Call, state: ApiState) -> Record | None:
    """The project's target that the path names; None where it has no such target."""
    targets, target_id = state["targets"], call.path["target_id"]
    target = targets.get(target_id)
    if target is None:
        target = targets.get(known_spelling(call, target_id))
    return None if target is None or target["_project"] != call.owner_id else target


def known_spelling(call: Call, target_id: str) -> str:
    """The id as a target would have it."""
    if not UUID.fullmatch(target_id):
        call.assume("malformed-target-ids")
    elif (lowered := target_id.lower()) != target_id and call.assume("uuid-case") == "ignore":
        return lowered
    return target_id


# One target


def update_target(call: Call, state: ApiState) -> Json:
    """The target is as asked; the answer shows it as it is now, as an object."""
    target = find_target(call, state)
    if target is None:
        raise missing("Target")
    [wish] = gather_wishes(call, [{**call.body, "target_id": target["target_id"]}]).values()
    if wish == (None, None) and call.assume("empty-updates") == "refuse":
        raise Problem(422, "Either is_enabled or target_name is required.", code=INVALID)
    if any(target[member] != value for member, value in changes_of(wish).items()):
        apply(call, state, {wish: [target]})
    changed = state["targets"][target["target_id"]]
    return succeed(call, show(changed), total=1, message="Successfully updated 1 target(s)")


def delete_target(call: Call, state: ApiState) -> Response:
    """The target is gone, from its plans too; what was inside it stands alone now."""
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
    """No plan holds any of these targets."""
    for plan in state["plans"]:
        if left := target_ids.intersection(plan["_targets"]):
            state["plans"].update(
                plan["plan_id"], {"_targets": [held for held in plan["_targets"] if held not in left]}
            )


# Many targets


def update_targets(call: Call, state: ApiState) -> Json:
    """The project's targets among those named are as asked; the answer shows each as it is now, in that order."""
    targets = state["targets"]
    items = call.body if call.choices["invalid-items"] == "refuse" else fitting_items(call)
    if len(items) > LONGEST_ARRAY:
        call.assume("long-array")
    wishes, found = own_targets(call, state, items)

    changing: dict[Wish, Found] = {}
    idle: dict[Wish, list[str]] = {}
    for target in found:
        wish = enabled, name = wishes[target["target_id"]]
        if enabled in (None, target["is_enabled"]) and name in (None, target["target_name"]):
            idle.setdefault(wish, []).append(target["target_id"])
        else:
            changing.setdefault(wish, []).append(target)

    passed_over = {target_id for wish, ids in idle.items() if not counts(call, wish) for target_id in ids}
    apply(call, state, changing)

    answered = [targets[target["target_id"]] for target in found if target["target_id"] not in passed_over]
    births = [target.birth for target in answered]
    if births != sorted(births) and call.assume("answer-order") == "creation":
        answered.sort(key=lambda target: target.birth)
    total = len(answered)
    message = f"Successfully updated {total} target(s)"
    return succeed(call, [*map(show, answered)], total=total, message=message)


def apply(call: Call, state: ApiState, wishes: Mapping[Wish, Found]) -> None:
    """These targets, which were not as wished, are; and what became of them is told."""
    targets = state["targets"]
    before: Found = []
    emptied = set()
    for wish, found in wishes.items():
        targets.update_all([target["target_id"] for target in found], changes_of(wish))
        before += found
        if wish[0] is False:
            emptied |= {target["target_id"] for target in found if target["kind"] == "guild" and target["is_enabled"]}
    if emptied:
        before += disable_children(call, state, emptied)
    if before and is_awaited(state, str(call.owner_id)):
        announce(state, call.choices, [(target, targets[target["target_id"]]) for target in before])


def own_targets(call: Call, state: ApiState, items: list[Json]) -> tuple[dict[str, Wish], Found]:
    """The wishes by target, and the project's targets that the items name, in this order."""
    project, find, wishes = call.owner_id, state["targets"].get, gather_wishes(call, items)
    named = wishes if len(wishes) == len(items) else name_repeated(call, items, wishes)
    found = [target for target in map(find, named) if target is not None and target["_project"] == project]
    if found and len(found) == len(named):
        return wishes, found
    lowered = [{**item, "target_id": item["target_id"].lower()} for item in items]
    if lowered != items and call.assume("uuid-case") == "ignore":
        return own_targets(call, state, lowered)
    refuse_missing(call, found)
    return wishes, found


def fitting_items(call: Call) -> list[Json]:
    """The items that are valid by themselves; the document does not look at them when the others are skipped."""
    fitting = [item for item in call.body if fits(item, call.choices)]
    if len(fitting) < len(call.body):
        call.assume("invalid-items")
    return fitting


def fits(item: Json, choices: Mapping[str, str]) -> bool:
    """Whether one item is valid, under the options of the other assumptions."""
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
        and (len(name) <= LONGEST_NAME or choices["long-names"] == "accept")
    )


LONGEST_ARRAY, LONGEST_NAME = 100, 255


def gather_wishes(call: Call, items: list[Json]) -> dict[str, Wish]:
    """The last word on each target by its id, in the order in which they were first named."""
    wishes: dict[str, Wish] = {}
    for item in items:
        target_id, enabled, name = item["target_id"], item.get("is_enabled"), item.get("target_name")
        if len(item) > 1 + (enabled is not None) + (name is not None):
            look_beside(call, item)
        if name is not None:
            name = tidy(call, name)
        if target_id in wishes:
            before = wishes[target_id]
            enabled, name = before[0] if enabled is None else enabled, before[1] if name is None else name
        wishes[target_id] = enabled, name
    return wishes


def name_repeated(call: Call, items: list[Json], wishes: dict[str, Wish]) -> Collection[str]:
    """The targets to answer with where some were named more than once."""
    option = call.assume("duplicate-targets")
    if option == "refuse":
        raise Problem(422, "A target is named more than once.", code=INVALID)
    return wishes if option == "merge" else [item["target_id"] for item in items]


def tidy(call: Call, name: str) -> str:
    """The name as it is kept."""
    trimmed = name.strip()
    if not trimmed:
        call.assume("blank-names")
    if len(name) > LONGEST_NAME:
        call.assume("long-names")
    return trimmed if trimmed != name and call.assume("name-spaces") == "trim" else name


def look_beside(call: Call, item: Json) -> None:
    """A Problem 422 where an item has fields that cannot be written, and they are not ignored."""
    if None in (item.get("is_enabled", ""), item.get("target_name", "")):
        call.assume("null-values")
    unwritable = item.keys() - {"target_id", "is_enabled", "target_name"}
    if unwritable and call.assume("unwritable-fields") == "refuse":
        raise Problem(422, f"Cannot be updated: {', '.join(sorted(unwritable))}.", code=INVALID)


def refuse_missing(call: Call, found: Found) -> None:
    """A Problem 404 where something that was named is no target of the project, and it is not just passed over."""
    if not call.body:
        call.assume("empty-array")
    elif not found and call.assume("nothing-matched") == "empty":
        return
    elif not found or call.assume("unknown-targets") == "refuse":
        raise missing("Target")


def counts(call: Call, wish: Wish) -> bool:
    """Whether a target counts as updated that was as wished already."""
    if wish != (None, None):
        return call.assume("unchanged-targets") == "count"
    option = call.assume("empty-items")
    if option == "refuse":
        raise Problem(422, "Either is_enabled or target_name is required.", code=INVALID)
    return option == "count"


def changes_of(wish: Wish) -> dict[str, Json]:
    """The fields that a wish has a word on."""
    enabled, name = wish
    changes: dict[str, Json] = {} if enabled is None else {"is_enabled": enabled}
    if name is not None:
        changes["target_name"] = name
    return changes


def disable_children(call: Call, state: ApiState, guilds: set[str]) -> Found:
    """The targets inside these guilds are disabled too, if that is what is assumed; the answer does not show them.
    Those that were, as they were before.
    """
    children = state["targets"].list(lambda target: target["parent_target_id"] in guilds and target["is_enabled"])
    if not children or call.assume("disabled-guild") != "cascade":
        return []
    state["targets"].update_all([child["target_id"] for child in children], {"is_enabled": False})
    return children


def show(target: Record) -> Json:
    """The target without what is only the mock's; a copy and a deletion are half of what picking members costs."""
    shown = {**target}
    del shown["_project"]
    return shown


HANDLERS = {
    "listTargets": list_targets,
    "updateTargets": update_targets,
    "getTarget": get_target,
    "updateTarget": update_target,
    "deleteTarget": delete_target,
}
