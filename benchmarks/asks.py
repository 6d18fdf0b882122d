"""The three requests: get one link, switch 3 links, switch 200 links; and the links that they need."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from benchmarks.failure import Failed
from benchmarks.load import Ask
from benchmarks.process import Running
from mockserver.engine.fixture_records import read_fixtures
from mockserver.server import shipped
from mockserver.vendors import APIS

API = "xqr"
PREFIX = "/xqr/api"
FEW, MANY = 3, 200

Records = Mapping[str, Sequence[Mapping[str, Any]]]


def read_records() -> tuple[Records, list[Mapping[str, Any]]]:
    """Every record that a subject has to know, and those among them that are not in the fixtures.

    The links of the documented key's workspace come first; what is missing of 200 is made in the likeness of the first.
    """
    seed_collections = read_fixtures(APIS[API], shipped("fixtures", API))
    secret = APIS[API].credential[1].partition(" ")[2]
    workspace = seed_collections["keys"].records[secret]["workspace"]
    own = [link for link in seed_collections["links"].records.values() if link["_workspace"] == workspace]
    added = [_made_after(own[0], number) for number in range(MANY - len(own))]
    others = {name: [*seed_collections[name].records.values()] for name in ("workspaces", "keys")}
    return {**others, "links": [*own, *added]}, added


def asks_of(records: Records) -> list[Ask]:
    """Updates alternate between off and on, so that they really write; few overtake one another and need not."""
    name, value = APIS[API].credential
    ids = [link["id"] for link in records["links"]]
    json_too = {name: value, "Content-Type": "application/json"}
    update = "/v1/links/bulk/status"
    return [
        Ask("get link", "GET", f"/v1/links/{ids[0]}", {name: value}),
        Ask(f"PATCH {FEW} ids", "PATCH", update, json_too, _switches(ids[:FEW]), FEW),
        Ask(f"PATCH {MANY} ids", "PATCH", update, json_too, _switches(ids[:MANY]), MANY),
    ]


def insert(running: Running, links: Sequence[Mapping[str, Any]]) -> None:
    """The mock's default world has these links too. Raises Failed."""
    for link in links:
        path = f"/__admin/state/{API}/links/{quote(link['id'])}"
        body = json.dumps(link).encode()
        status, _, said = running.send(Ask("insert", "PUT", path, {"Content-Type": "application/json"}, (body,)))
        if not 200 <= status < 300:
            raise Failed(f"PUT {path} was answered with {status}: {said[:500]!r}")


def _made_after(link: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    code = f"bench-{number}"
    return {**link, "id": str(UUID(int=number, version=4)), "short_code": code, "short_url": f"https://xqr.co/{code}"}


def _switches(ids: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(json.dumps({"ids": ids, "enabled": enabled}).encode() for enabled in (False, True))
