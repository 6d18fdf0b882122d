"""Gives valid bodies the id that the path of their request names: a server may refuse a record with another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemathesis import GenerationMode

from mockserver.contract.checking.checks.broken_bodies import accepts, media_of_case
from mockserver.contract.checking.checks.checked_api import CheckedApi
from mockserver.json_text import Json


def give_own_id(api: CheckedApi, case: Any) -> None:
    """Sets the id in the body of a case that is about to be sent, where it is another than that of the path, and the
    document accepts it.
    """
    member = api.members.get((case.operation.method.upper(), case.operation.path))
    meta = case.meta
    if member is None or not member.role.keys or (meta and meta.generation.mode is not GenerationMode.POSITIVE):
        return
    own = member.collection.id_spec.member_path
    way = (*member.role.body_path, *own)
    media = media_of_case(member.operation, case)
    wanted = (case.path_parameters or {}).get(member.role.keys[-1])
    if not own or media is None or member.role.kind not in ("replace", "update") or wanted is None:
        return
    for value in (wanted, str(wanted), _number(wanted)):
        body = _with(case.body, way, value)
        if body is not None and accepts(media, body):
            case.body = body
            return


def _with(body: Json, way: Sequence[str], value: Json) -> Json:
    """The body with this value at a path where it has one already; else None."""
    if not isinstance(body, dict) or way[0] not in body:
        return None
    inner = value if len(way) == 1 else _with(body[way[0]], way[1:], value)
    return None if inner is None else {**body, way[0]: inner}


def _number(value: Json) -> Json:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 19 else None
