"""Applies the extensions of operations to their roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mockserver.resources.detect.decisions import ENOUGH, ROLES, CollectionPlan, Evidence, Role
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.roles.entry_operations import ENTRY_KINDS, PART_KINDS, VALUE_KINDS
from mockserver.resources.detect.roles.file_operations import FILE_KINDS

_OF_ONE: Final = ("read", "delete", "restore", "copy", "act")
"""Roles on the record that the path names."""


def _can_be(role: Role, kind: str, collections: Mapping[str, CollectionPlan]) -> bool:
    """Returns whether the operation has the parts that a role of this kind needs."""
    if kind in (*ENTRY_KINDS, *PART_KINDS, *VALUE_KINDS.values(), "read-related", "relate"):
        return bool(role.inside)
    if kind.endswith("-value") and role.collection in collections:
        return len(role.keys) == len(collections[role.collection].scope) + 1
    if kind in _OF_ONE and role.collection in collections:
        collection = collections[role.collection]
        return len(role.keys) == len(collection.scope) + (not collection.singleton)
    return kind in ROLES and (kind == "schema" or kind in FILE_KINDS or bool(role.collection))


def corrected(view: OperationView, role: Role, collections: Mapping[str, CollectionPlan]) -> Role:
    """Returns the role with the extensions of its operation applied."""
    declared = view.extension("role")
    if isinstance(declared, str) and _can_be(role, declared, collections):
        collection = "" if declared in FILE_KINDS else role.collection
        evidence = (*role.evidence, Evidence("`x-mock-role` says so", 1.0))
        role = replace(role, kind=declared, collection=collection, evidence=evidence)
    delay, paging = view.extension("delay"), view.extension("paging")
    if isinstance(delay, int | float) and delay > 0:
        role = replace(role, delay=delay / 1000)
    if isinstance(paging, str):
        role = replace(role, paging=paging)
    if role.keeps and role.confidence < ENOUGH:
        return replace(role, kind="schema")
    return role
