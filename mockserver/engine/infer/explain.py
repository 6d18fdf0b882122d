"""What answers each operation, why, and what would correct it: what `mockserver routes --explain` shows."""

from __future__ import annotations

from typing import NamedTuple

from mockserver.engine.infer.decisions import ENOUGH, ROLES, Collected, Evidence, Plan, Role
from mockserver.engine.infer.resources import SEEDS
from mockserver.spec.document import Spec
from mockserver.spec.operation import Operation


class Explained(NamedTuple):
    """One operation: `does` says what it does, `answered_by` is `state` or `schema`, `corrects` is the extension that
    would change that, with an example.
    """

    operation: str
    method: str
    path: str
    answered_by: str
    does: str
    confidence: float
    evidence: tuple[Evidence, ...]
    corrects: str


def explain(plan: Plan, spec: Spec) -> list[Explained]:
    """Every operation of the document, in its order."""
    return [_explained(plan, operation, plan.roles[operation.id]) for operation in spec.operations]


def describe(kept: Collected) -> str:
    """What is known of a collection, in a sentence."""
    ident = ".".join(kept.ident.way) or "the end of their paths"
    known = f"{kept.name}: records at {kept.item_path or kept.path}, told apart by {ident} ({kept.ident.kind})"
    if kept.sole:
        known = f"{kept.name}: what stands at {kept.path}"
    belongs = f"; each belongs to one of {kept.parent}" if kept.parent else ""
    seeds = kept.seeds if kept.seeds >= 0 else f"the document's examples, else {SEEDS}"
    begins = "" if kept.sole else f"; it begins with {seeds}"
    open_ended = "" if kept.closed else "; one that is asked for comes into being"
    return f"{known}{belongs}{begins}{open_ended}."


def _explained(plan: Plan, operation: Operation, role: Role) -> Explained:
    does = ROLES[role.kind].format(role.collection)
    return Explained(
        operation.id,
        operation.method,
        operation.path,
        "state" if role.keeps else "schema",
        does,
        role.confidence,
        role.evidence,
        _correction(plan, role),
    )


def _correction(plan: Plan, role: Role) -> str:
    if role.keeps:
        return "x-mock-role: schema"
    if role.collection in plan.collections:
        return "x-mock-role: list, read, create, ..."
    why = f"its evidence weighs less than {ENOUGH}; " if role.evidence and role.confidence else ""
    return f"{why}x-mock-collection: a name, beside x-mock-id"
