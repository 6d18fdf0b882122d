"""Chooses among operations of one method and path by the query or a header, as keys of some documents ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from mockserver.messages import Request
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.path_conditions import PathCondition
from mockserver.problem import NO_OPERATION, Problem

Route = tuple[str, str, Operation]
_EXPRESSION = re.compile(r"\{([^{}]+)\}")
_SHOWN = 10


class OperationVariant(NamedTuple):
    """One of several operations, with what a request has to have for it."""

    operation: Operation
    conditions: tuple[PathCondition, ...]
    names: tuple[str, ...]


class Variants:
    """The routes of all operations, one for each method and path; `choose` says which operation of that is meant."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.routes: list[Route] = []
        self.others: list[Route] = []
        self._leaders: dict[tuple[int, str, str], Operation] = {}
        self._variants: dict[Operation, dict[Operation, OperationVariant]] = {}
        for operation in operations:
            self._add(operation, operation.routed_path, self.routes)
            for path in operation.other_paths:
                self._add(operation, path, self.others)

    def __bool__(self) -> bool:
        """Whether any two operations are told apart so."""
        return bool(self._variants)

    def _add(self, operation: Operation, path: str, routes: list[Route]) -> None:
        key = id(routes), operation.method, _EXPRESSION.sub("{}", path)
        leader = self._leaders.setdefault(key, operation)
        if leader is operation or not (operation.conditions or leader in self._variants):
            self._leaders[key] = operation
            routes.append((operation.method, path, operation))
            leader = operation
        if operation.conditions or leader is not operation:
            known = self._variants.setdefault(leader, {leader: _variant(leader, path)})
            known[operation] = _variant(operation, path)

    def choose(
        self, leader: Operation, path: Mapping[str, str], request: Request
    ) -> tuple[Operation, Mapping[str, str]]:
        """The operation that asks for most of what the request has, with its path parameters. A Problem 404 where each
        asks for something that the request has not.
        """
        variants = self._variants.get(leader)
        if variants is None:
            return leader, path
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        fitting = [one for one in variants.values() if all(_holds(it, query, request) for it in one.conditions)]
        if not fitting:
            asked = "; ".join(_told(one) for one in [*variants.values()][:_SHOWN])
            more = f"; {len(variants) - _SHOWN} more" if len(variants) > _SHOWN else ""
            detail = (
                f"No operation at {request.asked or request.path} is for such a request. They ask for {asked}{more}."
            )
            raise Problem(404, detail, code=NO_OPERATION)
        best = max(fitting, key=lambda one: len(one.conditions))
        values = dict(zip(best.names, path.values(), strict=True))
        captured = {it.captures: query[it.name] for it in best.conditions if it.captures}
        return best.operation, {**values, **captured}


def _variant(operation: Operation, path: str) -> OperationVariant:
    return OperationVariant(operation, operation.conditions, tuple(_EXPRESSION.findall(path)))


def _holds(condition: PathCondition, query: Mapping[str, str], request: Request) -> bool:
    found = query.get(condition.name) if condition.place == "query" else request.headers.get(condition.name)
    return found is not None and condition.value in (None, found)


def _told(variant: OperationVariant) -> str:
    return " and ".join(map(str, variant.conditions))
