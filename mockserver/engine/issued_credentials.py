"""Issues credentials of an API for one world, so that a client selects the world by the credential that it sends."""

from __future__ import annotations

import re
from typing import NamedTuple

from mockserver.engine.service import Service
from mockserver.engine.steps.authenticate import Guard
from mockserver.engine.steps.security_schemes import SecuritySchemes
from mockserver.json_text import Json
from mockserver.problem import INVALID, Problem
from mockserver.state.random_source import Random
from mockserver.state.records.collection import Collection
from mockserver.state.records.record import Record
from mockserver.state.world import World
from mockserver.state.world_bindings import HEADER, SentCredential

_LEAST = 24
"""Random characters of a secret, so that no two are the same by chance."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEX = re.compile(r"[0-9a-f]+")


class FreshCredential(NamedTuple):
    """A credential as clients send it, with its secret alone."""

    sent: SentCredential
    secret: str


def issue(service: Service, world: World, number: int) -> list[FreshCredential]:
    """Makes a credential for each way in which the API takes one, the `number`-th of the world, and returns them. A
    bundled API gets a record like the one of its sample credential. Raises Problem 422 where it takes none.
    """
    guard, chance = service.api.guard, world.chance.substream(f"credential {number} of {world.name} for {service.name}")
    if isinstance(guard, Guard):
        return [_of_guard(guard, service, world, chance)]
    if isinstance(guard, SecuritySchemes):
        fresh = guard.issue(f"mock-{world.name}-{chance.hex(_LEAST)}")
        if fresh:
            return [FreshCredential(SentCredential(*sent), secret) for *sent, secret in fresh]
    raise Problem(
        422,
        f"{service.name} takes no credential that could be made; name the header that the client sends, or start the "
        "server with --security present.",
        code=INVALID,
    )


def admit(service: Service, world: World, sent: SentCredential) -> None:
    """Makes a credential of the caller's valid for the API in this world: a bundled API gets a record for it, unless it
    has one. Raises Problem 422 if it is not of the API's form.
    """
    guard = service.api.guard
    if isinstance(guard, SecuritySchemes):
        guard.admit(sent.value)
        return
    if not isinstance(guard, Guard):
        return
    scheme, _, secret = sent.value.partition(" ")
    if (sent.place, sent.name.lower(), scheme) != (HEADER, "authorization", guard.scheme) or not secret:
        raise Problem(
            422, f"{service.name} takes the header `Authorization: {guard.scheme} <credential>`.", code=INVALID
        )
    keys = world.of(service.name)[guard.credentials]
    if secret not in keys:
        chance = world.chance.substream(secret)
        world.issue(service.name, guard.credentials, _record(_template(guard, service, keys), keys, secret, chance))


def _of_guard(guard: Guard, service: Service, world: World, chance: Random) -> FreshCredential:
    keys = world.of(service.name)[guard.credentials]
    template = _template(guard, service, keys)
    secret = _similar(str(template[keys.id_member]), chance)
    world.issue(service.name, guard.credentials, _record(template, keys, secret, chance))
    return FreshCredential(SentCredential(HEADER, "Authorization", f"{guard.scheme} {secret}"), secret)


def _template(guard: Guard, service: Service, keys: Collection) -> Record:
    """The record of the API's sample credential, else the first one of the collection."""
    _, _, sample = service.api.credential[1].partition(" ")
    found = keys.get(sample) or next(iter(keys), None)
    if found is None:
        raise Problem(
            422, f"{service.name} has no record in {guard.credentials} that a new one could be like.", code=INVALID
        )
    return found


def _record(template: Record, keys: Collection, secret: str, chance: Random) -> Record:
    """A record like the template, with another secret, and another `id` where it has one beside that."""
    fresh: dict[str, Json] = {**template, keys.id_member: secret}
    known = template.get("id")
    if keys.id_member != "id" and known is not None:
        taken = [record["id"] for record in keys if isinstance(record.get("id"), int)]
        if isinstance(known, int):
            fresh["id"] = max(taken, default=0) + 1
        else:
            fresh["id"] = chance.uuid() if _UUID.fullmatch(str(known)) else _similar(str(known), chance)
    return Record(fresh)


def _similar(secret: str, chance: Random) -> str:
    """A secret of the same form: the part before the last separator, then as many random characters of the kind, at
    least 24.
    """
    head = re.match(r"(.*[._-])?", secret, re.DOTALL)
    prefix = head[0] if head is not None else ""
    rest = secret[len(prefix) :]
    length = max(len(rest), _LEAST)
    if _HEX.fullmatch(rest):
        return prefix + chance.hex(min(length, 128))
    text = "".join(chance.alphanumeric(min(40, length - at)) for at in range(0, length, 40))
    return prefix + (text.upper() if rest.isupper() or not rest else text)
