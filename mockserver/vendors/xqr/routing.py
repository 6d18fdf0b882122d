"""Smart routing: which of a link's rules a visitor meets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from mockserver.engine.call import Call
from mockserver.engine.timestamps import epoch_seconds
from mockserver.json_text import Json
from mockserver.state.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.xqr.visitors import Visitor, zone_of


class Visit(NamedTuple):
    """One visitor before one link."""

    link: Record
    visitor: Visitor
    call: Call
    world: ApiState


def destination_of(visit: Visit) -> str:
    """Where the visitor goes: as the first rule says that matches, the lowest priority first; else as the link says."""
    for rule in sorted(visit.link["routing_rules"], key=lambda rule: rule["priority"]):
        if matches(rule["conditions"], visit):
            there: str = rule["destination"]
            return there
    otherwise: str = visit.link["destination"]
    return otherwise


def matches(conditions: Json, visit: Visit) -> bool:
    """Whether the rule is still active and its conditions hold; one without conditions holds for everybody."""
    until = conditions.get("expires_at")
    if until is not None and epoch_seconds(until) <= visit.call.at:
        return False
    asked = [holds for name, holds in CONDITIONS.items() if name in conditions]
    if len(asked) > 1 and visit.call.assume("rule-conditions") == "any":
        return any(holds(conditions, visit) for holds in asked)
    return all(holds(conditions, visit) for holds in asked)


def is_from_there(conditions: Json, visit: Visit) -> bool:
    """The visitor's country is one of those named, or with the mode `exclude` none of them."""
    is_named = visit.visitor.country in conditions["countries"]
    return is_named is not (conditions.get("country_mode") == "exclude")


def is_on_such_a_device(conditions: Json, visit: Visit) -> bool:
    """The visitor's device is one of those named."""
    devices: list[str] = conditions["device_types"]
    return visit.visitor.device in devices


def is_in_these_hours(conditions: Json, visit: Visit) -> bool:
    """The hour of the day lies from `start` to `end`; where `end` comes first the night lies between."""
    start: int = conditions["hours"]["start"]
    end: int = conditions["hours"]["end"]
    hour = datetime.fromtimestamp(visit.call.at, zone_of(visit.call)).hour
    if hour == end and start != end and visit.call.assume("hours-end") == "inclusive":
        return True
    return start <= hour < end if start < end else hour >= start or hour < end


def is_among_them(conditions: Json, visit: Visit) -> bool:
    """The visitor belongs to the share of all visitors that the rule is for."""
    share: float = conditions["percentage"]
    if visit.call.assume("percentage-scale") == "one":
        share = share * 100
    if visit.call.assume("percentage-draw") == "by-visitor":
        return lot_of(visit) * 100 < share
    return visit.world.chance.fraction() * 100 < share


def lot_of(visit: Visit) -> float:
    """A number from 0 up to 1 that the same visitor always draws from the same link."""
    agent = visit.call.request.headers.get("User-Agent") or ""
    name = f"{visit.link['id']} {visit.visitor.address} {agent}"
    return int(hashlib.sha256(name.encode()).hexdigest()[:13], 16) / 16**13


CONDITIONS: Mapping[str, Callable[[Json, Visit], bool]] = {
    "countries": is_from_there,
    "device_types": is_on_such_a_device,
    "hours": is_in_these_hours,
    "percentage": is_among_them,
}
