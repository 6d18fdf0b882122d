"""Faults, stubs and next answers as plain values, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from mockserver.engine.interventions.fault import Delay, Fault
from mockserver.engine.interventions.next_answer import NextAnswer
from mockserver.engine.interventions.stub import Stub
from mockserver.state.interventions import RuleState

KINDS: Final[Mapping[str, type[Fault | Stub | NextAnswer]]] = {
    "fault": Fault, "stub": Stub, "next answer": NextAnswer,
}  # fmt: skip
"""What the rules of each kind are."""


def rule_to_plain(rule: RuleState) -> list[Any]:
    """The rule with its counts."""
    value = rule.value
    said = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
    if isinstance(said.get("delay"), Delay):
        delay: Delay = said["delay"]
        said["delay"] = {field.name: getattr(delay, field.name) for field in fields(delay)}
    return [said, rule.place, rule.seen, rule.used]


def rule_of_plain(kind: str, plain: list[Any]) -> RuleState:
    """The rule of this kind."""
    said, *counts = plain
    if isinstance(said.get("delay"), dict):
        said["delay"] = Delay(**said["delay"])
    return RuleState(KINDS[kind](**said), *counts)
