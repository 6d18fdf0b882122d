"""Statistics of the scans of a workspace's links."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from mockserver.engine.call import Call
from mockserver.engine.timestamps import utc_seconds
from mockserver.json_text import Json
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.xqr.envelope import OWN, invalid, success
from mockserver.vendors.xqr.links import own_link
from mockserver.vendors.xqr.visitors import UNKNOWN_COUNTRY

DAY = 86_400
PERIODS = {"7d": 7, "30d": 30, "90d": 90, "all": None}
"""Days that a period reaches back; None is without bound."""


def summary(call: Call, state: ApiState) -> Json:
    """Four totals of the workspace."""
    links = OWN.all(call, state, "links")
    days = PERIODS[call.query["period"]]
    since = "" if days is None else utc_seconds(call.at - days * DAY)
    scans = [each for each in scans_of(state, links) if each["hour"] >= since[:13]]
    month_ago = utc_seconds(call.at - 30 * DAY)
    active = [link for link in links if (link["last_scan_at"] or "") >= month_ago]
    if call.assume("active-links") == "enabled":
        active = [link for link in links if link["enabled"]]
    return success(
        call,
        {
            "total_links": len(links),
            "total_scans": sum(each["count"] for each in scans),
            "active_links_30d": len(active),
            "unique_countries": len({each["country"] for each in scans} - {UNKNOWN_COUNTRY}),
        },
    )


def link_stats(call: Call, state: ApiState) -> Json:
    """One link's scans, by country, device, browser and day."""
    link = own_link(call, state)
    scans = scans_of(state, [link])
    return success(
        call,
        {
            "link_id": link["id"],
            "short_code": link["short_code"],
            "total_scans": link["scan_count"],
            "last_scan_at": link["last_scan_at"],
            "countries": counts_by(scans, "country"),
            "devices": counts_by(scans, "device"),
            "browsers": counts_by(scans, "browser"),
            "daily_scans": points_by(scans, day_of),
        },
    )


def timeseries(call: Call, state: ApiState) -> Json:
    """Scans by hour, day, week or month, from the first day to the last, both included."""
    query = call.query
    links = [own_link(call, state, "query")] if "link_id" in query else OWN.all(call, state, "links")
    first = query.get("from_date") or utc_seconds(call.at - 30 * DAY)[:10]
    last = query.get("to_date") or utc_seconds(call.at)[:10]
    if first > last and call.assume("reversed-range") == "refuse":
        raise invalid("/to_date", "reversed", "comes before from_date", "query")
    scans = [each for each in scans_of(state, links) if first <= each["hour"][:10] <= last]
    interval = query["interval"]
    start = STARTS[interval]
    if interval == "week" and call.assume("week-start") == "sunday":
        start = sunday_of
    points = points_by(scans, start)
    if len(points) > 1 and call.assume("empty-points") == "zero":
        points = without_gaps(points, STEPS[interval])
    return success(call, {"interval": interval, "points": points})


def geography(call: Call, state: ApiState) -> Json:
    """Scans of the workspace by country, the most first."""
    return success(call, counts_by(scans_of(state, OWN.all(call, state, "links")), "country"))


def scans_of(state: ApiState, links: Iterable[Record]) -> list[Record]:
    """The counted scans of these links."""
    ids = {link["id"] for link in links}
    return [scans for scans in state["scans"] if scans["link_id"] in ids]


def counts_by(scans: Iterable[Record], member: str) -> Json:
    """The number of scans of each value of the member, the most first, then by name."""
    counts: Counter[str] = Counter()
    for each in scans:
        counts[each[member]] += each["count"]
    return [{member: value, "count": counts[value]} for value in sorted(counts, key=lambda name: (-counts[name], name))]


def points_by(scans: Iterable[Record], start: Callable[[str], str]) -> list[dict[str, Json]]:
    """The number of scans of each span of time, by its start; spans without scans are left out."""
    counts: Counter[str] = Counter()
    for each in scans:
        counts[start(each["hour"])] += each["count"]
    return [{"date": moment, "scans": counts[moment]} for moment in sorted(counts)]


def without_gaps(points: list[dict[str, Json]], step: Callable[[str], str]) -> list[dict[str, Json]]:
    """The points, with one of 0 scans for each span that is missing between them."""
    known = {point["date"]: point for point in points}
    moment, last, whole = points[0]["date"], points[-1]["date"], []
    while moment <= last:
        whole.append(known.get(moment, {"date": moment, "scans": 0}))
        moment = step(moment)
    return whole


def day_of(hour: str) -> str:
    """The day that an hour belongs to."""
    return hour[:10]


def monday_of(hour: str) -> str:
    """The first day of the week that an hour belongs to."""
    day = date.fromisoformat(hour[:10])
    return (day - timedelta(days=day.weekday())).isoformat()


def sunday_of(hour: str) -> str:
    """The first day of the week that an hour belongs to, where weeks begin on Sunday."""
    day = date.fromisoformat(hour[:10])
    return (day - timedelta(days=day.isoweekday() % 7)).isoformat()


def days_later(days: int) -> Callable[[str], str]:
    """The day so many days after one."""
    return lambda day: (date.fromisoformat(day) + timedelta(days)).isoformat()


def next_hour(hour: str) -> str:
    """The hour after one."""
    later = datetime.fromisoformat(hour) + timedelta(hours=1)
    return time.strftime("%Y-%m-%dT%H:00:00Z", later.astimezone(UTC).timetuple())


def next_month(day: str) -> str:
    """The first day of the month after the one that begins on this day."""
    return (date.fromisoformat(day) + timedelta(31)).replace(day=1).isoformat()


STARTS: Mapping[str, Callable[[str], str]] = {
    "hour": lambda hour: hour,
    "day": day_of,
    "week": monday_of,
    "month": lambda hour: f"{hour[:7]}-01",
}
STEPS: Mapping[str, Callable[[str], str]] = {
    "hour": next_hour,
    "day": days_later(1),
    "week": days_later(7),
    "month": next_month,
}

HANDLERS = {
    "getAnalyticsSummary": summary,
    "getLinkAnalytics": link_stats,
    "getLinkStats": link_stats,
    "getTimeseries": timeseries,
    "getGeography": geography,
}
