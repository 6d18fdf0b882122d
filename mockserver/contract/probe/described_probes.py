"""Makes the probes of what the mock assumes of any document, from the collections that it sees there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mockserver.contract.probe.look import look_of
from mockserver.contract.probe.probe import Probe, ProbeStep
from mockserver.contract.sequences.sample_values import UNKNOWN_IDS, SampleBody, SampleValues
from mockserver.engine.service import Service
from mockserver.json_pointer import pointer_of
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.resources.detect.decisions import Plan, Role
from mockserver.resources.detect.foreign_keys import ForeignKey, ForeignKeys, neighbours_of
from mockserver.resources.detect.plan import plan
from mockserver.resources.detect.schema_shape import SchemaShapes, dig, put
from mockserver.resources.relations.ownership import MISSING_REFERENCES

REFUSALS: Final = ("404", "422", "409")
"""Statuses by which an operation may refuse a record that names another one which is not there."""
_EXPRESSION: Final = re.compile(r"\{[^{}]+\}")
MOST_CANDIDATES: Final = 5
"""Operations that are tried, until one tells the options apart."""


def described_probes(service: Service) -> Mapping[str, list[Probe]]:
    """By assumption, probes of which the first is to be played that tells the options apart; none where the document
    has no operation that could.
    """
    if MISSING_REFERENCES.name not in service.choices:
        return {}
    probes = _ReferenceProbes(service).probes()
    return {MISSING_REFERENCES.name: [probe for probe, _ in zip(probes, range(MOST_CANDIDATES), strict=False)]}


class _ReferenceProbes:
    """Probes that create a record which names another one that is not there."""

    def __init__(self, service: Service) -> None:
        self._operations = {operation.id: operation for operation in service.spec.operations}
        self._plan: Plan = plan(service.spec)
        self._samples = SampleValues(service.spec, 0)
        paths = (operation.path for operation in service.spec.operations)
        shapes = SchemaShapes(service.spec.document)
        self._relations = ForeignKeys(shapes, self._plan.collections, neighbours_of(paths))

    def probes(self) -> Iterator[Probe]:
        """One for each reference of each operation that could refuse it."""
        for role in self._plan.roles.values():
            operation = self._operations[role.operation]
            if role.kind != "create" or not {*REFUSALS} & {*operation.node.get("responses", {})}:
                continue
            sample = self._samples.body(operation)
            references = self._relations.of(self._plan.collections[role.collection])
            for reference in references:
                if sample is not None and self._plan.collections[reference.target].ids_known:
                    steps = self._steps(role, operation, reference, references, sample)
                    yield from [Probe(MISSING_REFERENCES.name, steps)] if steps else []

    def _steps(
        self,
        role: Role,
        operation: Operation,
        reference: ForeignKey,
        references: tuple[ForeignKey, ...],
        sample: SampleBody,
    ) -> tuple[ProbeStep, ...]:
        """The steps of a probe of this reference; none where no such request can be made."""
        body, lists = self._samples.minimal(sample).value, []
        owners = [self._first_at(operation.path[: found.start() - 1]) for found in _EXPRESSION.finditer(operation.path)]
        if None in owners:
            return ()
        ids = iter(owner.id for owner in owners if owner is not None)
        path = _EXPRESSION.sub(lambda _: next(ids), operation.path)
        lists += [owner.step for owner in owners if owner is not None]
        for other in references:
            if other != reference and dig(_record(body, role), other.member_path) is not None:
                listed = self._first_of(other.target)
                if listed is None or other.is_list or other.id_member:
                    return ()
                lists.append(listed.step)
                body = put(body, (*role.body_path, *other.member_path), listed.id)
        place = (*role.body_path, *reference.member_path)
        for unknown in UNKNOWN_IDS:
            one: Json = {reference.id_member: unknown} if reference.id_member else unknown
            value = [one] if reference.is_list else one
            if sample.accepts(put(sample.value, place, value)):
                made = ProbeStep(
                    "made", operation.method, path, body=put(body, place, value),
                    looks=(look_of("status"),), undo=self._undo(role, path),
                )  # fmt: skip
                return (*lists, made)
        return ()

    def _first_of(self, target: str) -> _FirstOfList | None:
        """The first record of a collection, from its list."""
        return next((self._first_in(role) for role in self._lists if role.collection == target), None)

    def _first_at(self, path: str) -> _FirstOfList | None:
        """The first record of the list at this path."""
        return next((self._first_in(role) for role in self._lists if self._path_of(role) == path), None)

    @property
    def _lists(self) -> Iterator[Role]:
        """The roles of lists that stand below nothing."""
        return (it for it in self._plan.roles.values() if it.kind == "list" and "{" not in self._path_of(it))

    def _path_of(self, role: Role) -> str:
        return self._operations[role.operation].path

    def _first_in(self, role: Role) -> _FirstOfList:
        operation, name = self._operations[role.operation], f"some-{re.sub('[^a-z0-9]+', '-', role.collection.lower())}"
        at = pointer_of([*role.answer, "0", *self._plan.collections[role.collection].id_spec.member_path])
        return _FirstOfList(ProbeStep(name, operation.method, operation.path), f"{{{name} {at}}}")

    def _undo(self, role: Role, path: str) -> tuple[tuple[str, str], ...]:
        """The request that deletes what was made at this path: below it, or where its records stand by themselves."""
        at = pointer_of([*role.answer, *self._plan.collections[role.collection].id_spec.member_path])
        made, own = f"{{made {at}}}", self._path_of(role)
        for other in self._plan.roles.values():
            if other.kind != "delete" or other.collection != role.collection:
                continue
            where, method = self._path_of(other), self._operations[other.operation].method
            if where.startswith(f"{own}/") and len(_EXPRESSION.findall(where[len(own) :])) == 1:
                return ((method, path + _EXPRESSION.sub(made, where[len(own) :])),)
            if len(_EXPRESSION.findall(where)) == 1:
                return ((method, _EXPRESSION.sub(made, where)),)
        return ()


@dataclass(frozen=True, slots=True)
class _FirstOfList:
    """A step that reads a list, and a reference to the id of the first record in its answer."""

    step: ProbeStep
    id: str


def _record(body: Json, role: Role) -> dict[str, Json]:
    found = dig(body, role.body_path) if role.body_path else body
    return found if isinstance(found, dict) else {}
