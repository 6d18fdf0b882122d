"""Roles as the extensions of their operations would have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mockserver.resources.detect.decisions import ENOUGH, ROLES, CollectionPlan, Evidence, Role
from mockserver.resources.detect.entry_operations import ENTRY_KINDS, PART_KINDS, VALUE_KINDS
from mockserver.resources.detect.file_operations import FILE_KINDS
from mockserver.resources.detect.operation_view import OperationView

_OF_ONE: Final = ("read", "delete", "restore", "copy", "act")
"""Roles that are about the record that the path names."""


def _can_be(role: Role, kind: str, collections: Mapping[str, CollectionPlan]) -> bool:
    """Whether the operation has what a role of this kind is about."""
    if kind in (*ENTRY_KINDS, *PART_KINDS, *VALUE_KINDS.values(), "read-related", "relate"):
        return bool(role.inside)
    if kind.endswith("-value") and role.collection in collections:
        return len(role.keys) == len(collections[role.collection].scope) + 1
    if kind in _OF_ONE and role.collection in collections:
        kept = collections[role.collection]
        return len(role.keys) == len(kept.scope) + (not kept.singleton)
    return kind in ROLES and (kind == "schema" or kind in FILE_KINDS or bool(role.collection))


def corrected(reading: OperationView, role: Role, collections: Mapping[str, CollectionPlan]) -> Role:
    """The role as the extensions of its operation would have it."""
    said = reading.extension("role")
    if isinstance(said, str) and _can_be(role, said, collections):
        collection = "" if said in FILE_KINDS else role.collection
        evidence = (*role.evidence, Evidence("`x-mock-role` says so", 1.0))
        role = replace(role, kind=said, collection=collection, evidence=evidence)
    delay, paging = reading.extension("delay"), reading.extension("paging")
    if isinstance(delay, int | float) and delay > 0:
        role = replace(role, delay=delay / 1000)
    if isinstance(paging, str):
        role = replace(role, paging=paging)
    if role.keeps and role.confidence < ENOUGH:
        return replace(role, kind="schema")
    return role
