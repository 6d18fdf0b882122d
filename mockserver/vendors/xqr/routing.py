"""Smart routing: the rules of a link that decide where a visitor goes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from mockserver.engine.call import Call
from mockserver.engine.timestamps import epoch_seconds
from mockserver.json_text import Json
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.xqr.visitors import Visitor, zone_of


class Visit(NamedTuple):
    """One visitor who follows one link."""

    link: Record
    visitor: Visitor
    call: Call
    state: ApiState


def destination_of(visit: Visit) -> str:
    """The destination of the first rule that matches, the lowest priority first; else that of the link."""
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
    tests = [holds for name, holds in CONDITIONS.items() if name in conditions]
    if len(tests) > 1 and visit.call.assume("rule-conditions") == "any":
        return any(holds(conditions, visit) for holds in tests)
    return all(holds(conditions, visit) for holds in tests)


def matches_country(conditions: Json, visit: Visit) -> bool:
    """The visitor's country is one of those named, or with the mode `exclude` none of them."""
    is_named = visit.visitor.country in conditions["countries"]
    return is_named is not (conditions.get("country_mode") == "exclude")


def matches_device(conditions: Json, visit: Visit) -> bool:
    """The visitor's device is one of those named."""
    devices: list[str] = conditions["device_types"]
    return visit.visitor.device in devices


def matches_hours(conditions: Json, visit: Visit) -> bool:
    """The hour of the day lies from `start` to `end`; where `end` comes first the night lies between."""
    start: int = conditions["hours"]["start"]
    end: int = conditions["hours"]["end"]
    hour = datetime.fromtimestamp(visit.call.at, zone_of(visit.call)).hour
    if hour == end and start != end and visit.call.assume("hours-end") == "inclusive":
        return True
    return start <= hour < end if start < end else hour >= start or hour < end


def matches_share(conditions: Json, visit: Visit) -> bool:
    """The visitor belongs to the percentage of visitors that the rule is for."""
    share: float = conditions["percentage"]
    if visit.call.assume("percentage-scale") == "one":
        share = share * 100
    if visit.call.assume("percentage-draw") == "by-visitor":
        return visitor_share(visit) * 100 < share
    return visit.state.chance.fraction() * 100 < share


def visitor_share(visit: Visit) -> float:
    """A number from 0 up to 1 that is always the same for a visitor and a link."""
    agent = visit.call.request.headers.get("User-Agent") or ""
    name = f"{visit.link['id']} {visit.visitor.address} {agent}"
    return int(hashlib.sha256(name.encode()).hexdigest()[:13], 16) / 16**13


CONDITIONS: Mapping[str, Callable[[Json, Visit], bool]] = {
    "countries": matches_country,
    "device_types": matches_device,
    "hours": matches_hours,
    "percentage": matches_share,
}
