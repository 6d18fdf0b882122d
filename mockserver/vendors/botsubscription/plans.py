"""Plans that members can buy, with the targets that each gives access to."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import INVALID, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.botsubscription.envelope import OWN, page_of, succeed
from mockserver.vendors.botsubscription.events import recount

DEFAULT_LIMIT = 20
FIELDS = ("plan_name", "plan_price", "plan_currency", "plan_duration", "plan_price_formatted")
KINDS = {"plan_recurring": False, "plan_one_time": True}
"""`plan_data` of a plan whose creator does not send it."""


def list_plans(call: Call, state: ApiState) -> Json:
    """One page of the project's plans, each with its targets as they are now."""
    plans = OWN.all(call, state, "plans")
    page = page_of(call, plans, lambda plan: plan["plan_name"].casefold(), DEFAULT_LIMIT)
    views = [plan_view(plan, state) for plan in page.entries]
    return succeed(call, views, total=page.total, message="Plans retrieved successfully")


def get_plan(call: Call, state: ApiState) -> Json:
    """The plan as an object."""
    plan = OWN.one(call, state, "plans", call.path["plan_id"].lower(), "Plan")
    return succeed(call, plan_view(plan, state), message="Plan retrieved successfully")


def create_plan(call: Call, state: ApiState) -> Response:
    """Creates a plan without targets."""
    refuse_other_fields(call)
    terms = terms_of(call)
    identity = {"plan_id": state.chance.uuid(), "plan_data": KINDS | sale_kinds(call.body.get("plan_data", {}))}
    plan = state["plans"].insert({**terms, **identity, "_targets": [], "_project": call.owner_id})
    return Response(201, succeed(call, plan_view(plan, state), 201, message="Plan created successfully"))


def update_plan(call: Call, state: ApiState) -> Json:
    """Updates the members of the plan that were sent."""
    plan = OWN.one(call, state, "plans", call.path["plan_id"].lower(), "Plan")
    refuse_other_fields(call)
    changes = terms_of(call)
    if "plan_data" in call.body:
        changes["plan_data"] = {**plan["plan_data"], **sale_kinds(call.body["plan_data"])}
    changed = state["plans"].update(plan["plan_id"], changes)
    return succeed(call, plan_view(changed, state), message="Plan updated successfully")


def delete_plan(call: Call, state: ApiState) -> Response:
    """Deletes the plan and counts the plans of its targets again; memberships stay."""
    plan = OWN.one(call, state, "plans", call.path["plan_id"].lower(), "Plan")
    state["plans"].delete(plan["plan_id"])
    recount(state, plan["_targets"])
    return Response(204)


def plan_view(plan: Record, state: ApiState) -> Json:
    """The plan with its targets; a target inside a plan does not count plans."""
    held = state["targets"].pick(plan["_targets"])
    return {**public(plan), "plan_targets": [{name: target[name] for name in PLAN_TARGET_MEMBERS} for target in held]}


PLAN_TARGET_MEMBERS = (
    "target_name",
    "platform",
    "kind",
    "external_id",
    "is_enabled",
    "target_id",
    "parent_target_id",
    "participant_count",
)


def terms_of(call: Call) -> dict[str, Json]:
    """The terms that were sent. Records the assumption by which the document accepts any text."""
    terms = {field: call.body[field] for field in FIELDS if field in call.body}
    if call.choices["plan-values"] == "any-text" and CHECKED_TERMS.intersection(terms):
        call.assume("plan-values")
    return terms


CHECKED_TERMS = {"plan_price", "plan_currency", "plan_duration"}


def sale_kinds(given: Json) -> dict[str, bool]:
    """The members of `plan_data` that were sent."""
    return {kind: given[kind] for kind in KINDS if kind in given}


def refuse_other_fields(call: Call) -> None:
    """Raises a Problem 422 where the body has other members and they are not ignored."""
    unknown = call.body.keys() - {*FIELDS, "plan_data"}
    if unknown and call.assume("unwritable-fields") == "refuse":
        raise Problem(422, f"Cannot be written: {', '.join(sorted(unknown))}.", code=INVALID)


HANDLERS = {
    "listPlans": list_plans,
    "createPlan": create_plan,
    "getPlan": get_plan,
    "updatePlan": update_plan,
    "deletePlan": delete_plan,
}
