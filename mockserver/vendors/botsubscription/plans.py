"""What members can buy, and the targets that each plan lets them into."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import INVALID, Problem
from mockserver.state.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.botsubscription.envelope import OWN, page_of, succeed
from mockserver.vendors.botsubscription.events import recount

USUAL = 20
FIELDS = ("plan_name", "plan_price", "plan_currency", "plan_duration", "plan_price_formatted")
KINDS = {"plan_recurring": False, "plan_one_time": True}
"""How a plan is sold where its creator does not say."""


def list_plans(call: Call, state: ApiState) -> Json:
    """One page of the project's plans, each with its targets as they are now."""
    plans = OWN.all(call, state, "plans")
    page = page_of(call, plans, lambda plan: plan["plan_name"].casefold(), USUAL)
    shown = [show(plan, state) for plan in page.entries]
    return succeed(call, shown, total=page.total, message="Plans retrieved successfully")


def get_plan(call: Call, state: ApiState) -> Json:
    """The plan as an object."""
    plan = OWN.one(call, state, "plans", call.path["plan_id"].lower(), "Plan")
    return succeed(call, show(plan, state), message="Plan retrieved successfully")


def create_plan(call: Call, state: ApiState) -> Response:
    """The project has one plan more, which holds no target yet."""
    ignore_the_rest(call)
    terms = terms_of(call)
    identity = {"plan_id": state.chance.uuid(), "plan_data": KINDS | sold(call.body.get("plan_data", {}))}
    plan = state["plans"].insert({**terms, **identity, "_targets": [], "_project": call.owner_id})
    return Response(201, succeed(call, show(plan, state), 201, message="Plan created successfully"))


def update_plan(call: Call, state: ApiState) -> Json:
    """The plan is as asked; what was left out stays as it is."""
    plan = OWN.one(call, state, "plans", call.path["plan_id"].lower(), "Plan")
    ignore_the_rest(call)
    changes = terms_of(call)
    if "plan_data" in call.body:
        changes["plan_data"] = {**plan["plan_data"], **sold(call.body["plan_data"])}
    changed = state["plans"].update(plan["plan_id"], changes)
    return succeed(call, show(changed, state), message="Plan updated successfully")


def delete_plan(call: Call, state: ApiState) -> Response:
    """The plan is gone, and its targets count one plan less; memberships that were bought stay."""
    plan = OWN.one(call, state, "plans", call.path["plan_id"].lower(), "Plan")
    state["plans"].delete(plan["plan_id"])
    recount(state, plan["_targets"])
    return Response(204)


def show(plan: Record, state: ApiState) -> Json:
    """The plan with its targets; a target inside a plan does not count plans."""
    held = state["targets"].pick(plan["_targets"])
    return {**public(plan), "plan_targets": [{name: target[name] for name in HELD} for target in held]}


HELD = (
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
    """The terms that were sent; the document has let through what is not of the known forms where that is assumed."""
    terms = {field: call.body[field] for field in FIELDS if field in call.body}
    if call.choices["plan-values"] == "any-text" and ONE_OF_THE_TERMS.intersection(terms):
        call.assume("plan-values")
    return terms


ONE_OF_THE_TERMS = {"plan_price", "plan_currency", "plan_duration"}


def sold(given: Json) -> dict[str, bool]:
    """How the plan is sold, as far as it was said."""
    return {kind: given[kind] for kind in KINDS if kind in given}


def ignore_the_rest(call: Call) -> None:
    """A Problem 422 where the body has fields that cannot be written, and they are not ignored."""
    unwritable = call.body.keys() - {*FIELDS, "plan_data"}
    if unwritable and call.assume("unwritable-fields") == "refuse":
        raise Problem(422, f"Cannot be written: {', '.join(sorted(unwritable))}.", code=INVALID)


HANDLERS = {
    "listPlans": list_plans,
    "createPlan": create_plan,
    "getPlan": get_plan,
    "updatePlan": update_plan,
    "deletePlan": delete_plan,
}
