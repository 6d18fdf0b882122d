"""Values of the checked server that make requests succeed: ids for paths, filters that find something, references.

The lists of the API are asked for them, each once, with safe requests; what they show is written into the document as
examples, which Schemathesis sends.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from time import monotonic
from typing import Final
from urllib.parse import quote, urlencode
from urllib.request import Request

from mockserver.contract.checking.checked_server import PATIENCE
from mockserver.contract.checking.checks.checked_api import MISSING, CheckedApi, Member, at, id_of
from mockserver.contract.replay.answer_heads import opener
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.path_conditions import has_conditions
from mockserver.resources.detect.operation_view import is_parameter, segments_of
from mockserver.resources.query.filter_targets import reach

LISTS: Final = 25
"""Lists that are asked for."""

SAMPLES: Final = 3
"""Values of one parameter that are written into the document."""

ASKING_SECONDS: Final = 20.0
"""Seconds after which nothing more is asked for."""

LARGEST: Final = 5_000_000
"""Bytes of an answer that are read."""

Fetch = Callable[[str, Mapping[str, Json]], Json]
"""Answers GET of a path with a query; MISSING where that fails."""

Key = tuple[str, ...]
"""The segments of a path, with `{}` for each parameter."""


def fetching(root: str, headers: Mapping[str, str], keys: Sequence[tuple[str, str]] = ()) -> Fetch:
    """A function that asks the server at this address, with these headers, and these parameters in each query, until
    ASKING_SECONDS are over.
    """
    opened, began = opener(root), monotonic()

    def fetch(path: str, query: Mapping[str, Json]) -> Json:
        if monotonic() - began > ASKING_SECONDS:
            return MISSING
        texts = {**{name: str(value) for name, value in query.items()}, **dict(keys)}
        url = root.rstrip("/") + path + (f"?{urlencode(texts)}" if texts else "")
        try:
            with opened.open(Request(url, headers=dict(headers)), timeout=PATIENCE) as answer:  # noqa: S310 - http(s)
                return json.loads(answer.read(LARGEST))
        except (OSError, HTTPException, ValueError, RecursionError):
            return MISSING

    return fetch


@dataclass
class KnownValues:
    """Values by place: path parameters by the path that ends with the parameter, as tuples of all that the path has;
    query parameters by operation and name; ids by collection.
    """

    paths: dict[Key, list[tuple[Json, ...]]] = field(default_factory=dict)
    queries: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    ids: dict[str, list[Json]] = field(default_factory=dict)

    def of_path(self, operation: Operation) -> list[dict[str, Json]]:
        """The known values of all path parameters of an operation, at most SAMPLES alternatives, which have the same
        parents.
        """
        segments = segments_of(operation.path)
        names = [segment[1:-1] for segment in segments if is_parameter(segment)]
        last = max((number for number, segment in enumerate(segments) if is_parameter(segment)), default=-1)
        found = self.paths.get(key_of(segments[: last + 1]), []) if names else []
        alike = [values for values in found if len(values) == len(names) and values[:-1] == found[0][:-1]]
        return [dict(zip(names, values, strict=True)) for values in alike[:SAMPLES]]


def key_of(segments: tuple[str, ...]) -> Key:
    """The segments with `{}` for each parameter."""
    return tuple("{}" if is_parameter(segment) else segment for segment in segments)


def known_values(api: CheckedApi, fetch: Fetch, path_of: Callable[[Operation], str]) -> KnownValues:
    """Asks the lists of the API, those of parents before those below them. `path_of` is where an operation stands."""
    known = KnownValues()
    lists = [one for one in api.members.values() if _is_asked(one)]
    for member in sorted(lists, key=lambda one: one.operation.path.count("{"))[:LISTS]:
        scopes = known.of_path(member.operation) if "{" in member.operation.path else [{}]
        if not scopes:
            continue
        items = at(fetch(filled(path_of(member.operation), scopes[0]), {}), member.role.answer)
        if isinstance(items, list):
            _note(api, member, [item for item in items if isinstance(item, dict)], tuple(scopes[0].values()), known)
    return known


def filled(path: str, values: Mapping[str, Json]) -> str:
    """The path with these values for its parameters."""
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    return path


def _is_asked(member: Member) -> bool:
    """Whether an operation is a list that can be asked for without knowing anything."""
    operation = member.operation
    needed = any(one.required for one in operation.parameters if one.place != "path")
    is_list = member.role.kind == "list" and operation.method.upper() == "GET"
    return is_list and not needed and member.role.owned is None and not has_conditions(operation.path)


def _note(
    api: CheckedApi, member: Member, items: list[dict[str, Json]], scope: tuple[Json, ...], known: KnownValues
) -> None:
    ids = [value for item in items if (value := id_of(item, member.collection)) is not MISSING]
    known.ids.setdefault(member.collection.name, []).extend(ids)
    of_items = api.of_kind(member.collection.name, "read", "update", "replace", "delete")
    for one in of_items:
        segments = segments_of(one.operation.path)
        key = key_of(segments[: _last_parameter(segments) + 1])
        depth = key.count("{}")
        if depth == len(scope) + 1 and key not in known.paths:
            known.paths[key] = [(*scope, value) for value in ids]
        elif depth == 1 and key not in known.paths:
            known.paths[key] = [(value,) for value in ids]
    for name, path in api.list_query(member).filters.equalities().items():
        values = [value for item in items if _is_text_or_number(value := reach(item, path))]
        known.queries[member.operation.id, name] = [*dict.fromkeys(values)][:SAMPLES]


def _last_parameter(segments: tuple[str, ...]) -> int:
    return max((number for number, segment in enumerate(segments) if is_parameter(segment)), default=-1)


def _is_text_or_number(value: Json) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""
