"""Known ids for the members of request bodies that name records of other collections: `customer_id`, `tags: [id]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from mockserver.contract.checking.checks.checked_api import CheckedApi, Member
from mockserver.contract.checking.preparation.known_values import SAMPLES
from mockserver.json_text import Json
from mockserver.resources.detect.foreign_keys import ForeignKey

_WRITES: Final = ("create", "replace", "update", "create-many", "upsert-many", "update-many", "replace-all")
_NAME: Final = re.compile(r"[\w-]+\Z")
"""Names of members that Schemathesis takes in paths of bodies."""


def body_references(api: CheckedApi, ids: Mapping[str, list[Json]]) -> dict[str, dict[str, list[Json]]]:
    """The known ids by operationId and by the member that names a record, whose path is as Schemathesis writes it:
    `lines[*].id`. `ids` are those of each collection.
    """
    found: dict[str, dict[str, list[Json]]] = {}
    for operation, places in reference_places(api).items():
        for path, target in places.items():
            values = [*dict.fromkeys(ids.get(target, ()))][:SAMPLES]
            if values:
                found.setdefault(operation, {})[path] = values
    return found


def reference_places(api: CheckedApi) -> dict[str, dict[str, str]]:
    """The collection that each member of a body names a record of, by operationId and path."""
    found: dict[str, dict[str, str]] = {}
    for member in api.members.values():
        if member.role.kind in _WRITES:
            for reference in _references(api, member):
                path = _path_of(member, reference)
                if path:
                    found.setdefault(member.operation.id, {})[path] = reference.target
    return found


def _references(api: CheckedApi, member: Member) -> Iterator[ForeignKey]:
    """The references of the records as they are read, and as they are sent."""
    yield from api.relations.of(member.collection)
    place = api.sent_place(member)
    if place is not None:
        yield from api.relations.of(replace(member.collection, record=place))


def _path_of(member: Member, reference: ForeignKey) -> str:
    """`customer.id`, `tags[*]`; empty where a name is none that Schemathesis takes."""
    names = [*member.role.body_path, *reference.member_path]
    if not all(map(_NAME.match, names)) or (reference.id_member and not _NAME.match(reference.id_member)):
        return ""
    several = "[*]" if reference.is_list else ""
    inside = f".{reference.id_member}" if reference.id_member and not reference.may_be_id else ""
    many = member.role.kind.endswith("-many") or member.role.kind == "replace-all"
    above, own = ".".join(member.role.body_path), ".".join(reference.member_path)
    start = f"{above}[*]." if many and above else "[*]." if many else f"{above}." if above else ""
    return f"{start}{own}{several}{inside}"
