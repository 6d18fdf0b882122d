"""The Problems by which one operation refuses: what is missing, what breaks a condition, what its document declares."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from mockserver.engine.call import UNCHECKED, Call
from mockserver.engine.steps.conditional import refuse_other_version, tells_tags
from mockserver.json_text import Json
from mockserver.problem import INVALID, NOT_FOUND, Problem
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import Role
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.schema_shape import SchemaPlace
from mockserver.resources.query.list_query import WRITES
from mockserver.resources.records.projection import etag
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.store import Store
from mockserver.resources.relations.seed_references import UNIQUENESS
from mockserver.state.world import ApiState

MISSING: Final = "missing-records"
TO_ONE: Final = ("read", "replace", "update", "delete", "act")
"""The roles of operations on one record."""
_REFUSALS: Final = ("404", "422", "409")
_REFUSALS_AT_RECORD: Final = ("422", "409")


class Refusals:
    """The Problems of one operation on the records of `store`."""

    def __init__(self, context: ResourceContext, role: Role, store: Store, view: OperationView) -> None:
        self.context = context
        self.role = role
        self.store = store
        self.view = view

    def missing(self, what: str) -> Problem | None:
        """Returns the Problem that a thing does not exist; None where the operation declares no such status."""
        for status in (404, 410):
            if str(status) in self.view.responses:
                return Problem(status, what, code=NOT_FOUND)
        return Problem(404, what, code=NOT_FOUND) if self.view.declares("404") else None

    def deleted(self, what: str) -> Problem:
        """Returns the Problem that a thing was deleted, whether or not the document declares it."""
        return self.missing(what) or Problem(404, what, code=NOT_FOUND)

    def expect_parent(self, call: Call, state: ApiState, scope: Scope) -> None:
        """Raises a Problem 404 where the parent was deleted, or never existed and 404 is declared; else the call notes
        a missing parent.
        """
        if not scope or not self.store.is_missing(state, scope):
            return
        what = f"There is no {'/'.join(map(str, scope))!r} in {self.store.collection.parent}."
        problem = self.deleted(what) if self.store.is_lost(state, scope) else self.missing(what)
        if problem is not None:
            raise problem
        self.note_missing(call, what)

    def note_missing(self, call: Call, what: str) -> None:
        """Notes that the parent of the record does not exist."""
        call.note(MISSING, f"{what} It was taken for one that is there, since the document declares no 404.")

    def expect_sound(self, old: Mapping[str, Json], new: Mapping[str, Json]) -> None:
        """Raises a Problem 422 where a change leaves a record that breaks its own schema."""
        validator = self.context.validator(self.store.record.pointer)
        if validator is None or not validator.accepts(old) or validator.accepts(new):
            return
        violations = validator.violations(new, "body")
        stated = "; ".join(map(str, violations[:3]))
        raise Problem(422, f"The record would break its schema: {stated}", code=INVALID, violations=violations)

    @cached_property
    def _is_tagged(self) -> bool:
        """Whether a write honours conditions: its document declares them, or its records are read with tags."""
        if {"if-match", "if-none-match"} & self.view.headers or "412" in self.view.responses:
            return True
        return any(tells_tags(view.operation) for view in self.context.views(self.store.name, "read"))

    def precondition(self, record: Mapping[str, Json] | None, call: Call) -> None:
        """Raises a Problem 412 where the write is conditional on another version; `record` is None where
        there is none.
        """
        match, none_match = (call.request.headers.get(name) for name in ("If-Match", "If-None-Match"))
        if not (match or none_match):
            return
        if not self._is_tagged:
            call.note(UNCHECKED, f"no read of {self.store.name} says an entity-tag; the condition was passed over")
            return
        refuse_other_version(match, none_match, etag(record) if record is not None else "")

    @cached_property
    def refusing(self) -> str:
        """The declared status for a reference that leads nowhere; empty where there is none."""
        wanted = _REFUSALS_AT_RECORD if self.role.kind in TO_ONE else _REFUSALS
        return next((status for status in wanted if status in self.view.responses), "")

    @cached_property
    def conflicting(self) -> int:
        """The status for a value that must be unique, declared here or by another write of the collection; 0: none."""
        responses = self.view.responses
        writes = self.context.views(self.store.name, *WRITES)
        if "409" in responses or any("409" in view.responses for view in writes):
            return 409
        spoken = (status for status in ("422", "400") if status in responses and _speaks_of_taken(responses[status]))
        return int(next(spoken, 0))

    @cached_property
    def rejecting(self) -> int:
        """The declared status for a body that breaks a rule; 0 where there is none."""
        return next((int(status) for status in ("422", "400") if status in self.view.responses), 0)


def _speaks_of_taken(response: SchemaPlace) -> bool:
    sent_value = response.node.get("description", "") if isinstance(response.node, dict) else ""
    return UNIQUENESS.search(str(sent_value)) is not None
