"""Clicks of links by day, by hour and by group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.vivoldi.access import includes, require_plan
from mockserver.vendors.vivoldi.envelope import invalid, success
from mockserver.vendors.vivoldi.fields import page_envelope, page_of
from mockserver.vendors.vivoldi.groups import find_group
from mockserver.vendors.vivoldi.links import find_link, is_own

Sums = dict[Json, list[int]]


def clicks_by_date(call: Call, state: ApiState) -> Json:
    """A row for each day of the period: what one link, a group or the whole account was clicked."""
    require_plan(call, "personal")
    start, end = period(call)
    sums = by_day(requested_days(call, state), start, end)
    if call.assume("days-without-clicks") == "list":
        sums = {day: sums.get(day, [0, 0]) for day in each_day(start, end)}
    return success([{"ymd": day, "acesCnt": aces, "pernCnt": pern} for day, (aces, pern) in sorted(sums.items())])


def clicks_by_date_v1(call: Call, state: ApiState) -> Json:
    """A row for each day of the period on which the link was clicked."""
    require_plan(call, "business")
    start, end = period(call)
    link = find_link(call, state, call.query["linkId"], call.query["domain"])
    about = {"linkId": link["linkId"], "domain": link["domain"]}
    sums = by_day(state["days"].find("link", link["_id"]), start, end)
    listed = sorted(sums.items())
    return success([{"ymd": day, **about, "acesCnt": aces, "pernCnt": pern} for day, (aces, pern) in listed])


def clicks_by_hour(call: Call, state: ApiState) -> Json:
    """A row for each hour of the day in which one link, a group or the whole account was clicked."""
    require_plan(call, "personal")
    ymd = valid_date("ymd", call.query["ymd"]).isoformat()
    sums = by_hour(day for day in requested_days(call, state) if day["ymd"] == ymd)
    if call.assume("days-without-clicks") == "list":
        sums = {hour: sums.get(hour, [0, 0]) for hour in range(24)}
    listed = sorted(sums.items())
    return success([{"ymd": ymd, "hour": hour, "acesCnt": aces, "pernCnt": pern} for hour, (aces, pern) in listed])


def clicks_by_hour_v1(call: Call, state: ApiState) -> Json:
    """A row for each hour of the day in which the link was clicked; the hour is a text."""
    require_plan(call, "business")
    ymd = valid_date("ymd", call.query["ymd"]).isoformat()
    link = find_link(call, state, call.query["linkId"], call.query["domain"])
    about = {"linkId": link["linkId"], "domain": link["domain"]}
    sums = by_hour(day for day in state["days"].find("link", link["_id"]) if day["ymd"] == ymd)
    return success([
        {"ymd": ymd, "hour": str(hour), **about, "acesCnt": aces, "pernCnt": pern}
        for hour, (aces, pern) in sorted(sums.items())
    ])  # fmt: skip


def clicks_by_group(call: Call, state: ApiState) -> Json:
    """One page of groups with what their links were clicked on the day."""
    require_plan(call, "premium")
    ymd = valid_date("ymd", call.query["ymd"]).isoformat()
    sheet = page_of(call, requested_groups(call, state))
    rows = []
    for group in sheet.entries:
        days = [day for link in own_links(call, state, group["idx"]) for day in days_of(state, link)]
        aces, pern = by_day(days, ymd, ymd).get(ymd, [0, 0])
        rows.append({"grpIdx": group["idx"], "grpNm": group["nm"], "acesCnt": aces, "pernCnt": pern})
    return success(page_envelope(sheet, rows))


def requested_groups(call: Call, state: ApiState) -> list[Record]:
    """The account's groups of the list that was sent, else all of them."""
    listed: str = call.query.get("grpIdx") or call.query.get("grpIdxList") or ""
    wanted = [int(idx) for idx in listed.split(",") if idx]
    if not includes(call.owner, "business") and not 1 <= len(wanted) <= MOST_GROUPS:
        raise invalid(f"grpIdx: expected 1 to {MOST_GROUPS} groups on the Premium plan, got {len(wanted)}.")
    groups, wanted = state["groups"], [*dict.fromkeys(wanted)]
    found = groups.pick(wanted) if wanted else groups.list()
    own = [group for group in found if group["_account"] == call.owner_id]
    if len(own) < len(wanted) and call.assume("listed-unknown-groups") == "refuse":
        raise Problem(200, "The account does not have all of these groups.", code=NOT_FOUND)
    return sorted(own, key=lambda group: group["idx"])


MOST_GROUPS = 5


# Which days count


def requested_days(call: Call, state: ApiState) -> list[Record]:
    """The days of the link, of the group or of all links that the call asks for."""
    link_id, domain, idx = (call.query.get(name) for name in ("linkId", "domain", "grpIdx"))
    if (link_id is None) != (domain is None):
        raise invalid("linkId and domain: expected both or neither.")
    if link_id is not None and domain is not None:
        return days_of(state, find_link(call, state, link_id, domain))
    if not includes(call.owner, "premium"):
        raise invalid("linkId and domain are required on the Personal plan.")
    if idx and find_group(call, state, idx) is None:
        return []
    return [day for link in own_links(call, state, idx) for day in days_of(state, link)]


def own_links(call: Call, state: ApiState, idx: int | None) -> list[Record]:
    """The account's links, all or those of one group."""
    links = state["links"]
    found = links.find("grpIdx", idx) if idx else links.find("_account", call.owner_id)
    return [link for link in found if is_own(call, link)]


def days_of(state: ApiState, link: Record) -> list[Record]:
    """The days on which the link was clicked."""
    return state["days"].find("link", link["_id"])


def by_day(days: Iterable[Record], start: str, end: str) -> Sums:
    """Clicks and unique users by day, from `start` to `end`."""
    sums: Sums = defaultdict(lambda: [0, 0])
    for day in days:
        if start <= day["ymd"] <= end:
            sums[day["ymd"]][0] += day["acesCnt"]
            sums[day["ymd"]][1] += day["pernCnt"]
    return sums


def by_hour(days: Iterable[Record]) -> Sums:
    """Clicks and unique users by hour, 0 to 23."""
    sums: Sums = defaultdict(lambda: [0, 0])
    for day in days:
        for hour, aces, pern in day["hours"]:
            sums[hour][0] += aces
            sums[hour][1] += pern
    return sums


# Dates


def period(call: Call) -> tuple[str, str]:
    """The first and the last day that the call asks for, at most a month apart."""
    start, end = valid_date("startYmd", call.query["startYmd"]), valid_date("endYmd", call.query["endYmd"])
    if end < start:
        raise invalid(f"endYmd: {end} is before startYmd, {start}.")
    if (end - start).days >= LONGEST_PERIOD:
        raise invalid(f"endYmd: expected at most {LONGEST_PERIOD} days from startYmd on, got {(end - start).days + 1}.")
    return start.isoformat(), end.isoformat()


LONGEST_PERIOD = 31


def valid_date(name: str, text: str) -> date:
    """The day. A Problem where the calendar has none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(f"{name}: {text} is no date.") from None


def each_day(start: str, end: str) -> list[str]:
    """The days from `start` to `end`."""
    first, last = date.fromisoformat(start).toordinal(), date.fromisoformat(end).toordinal()
    return [date.fromordinal(day).isoformat() for day in range(first, last + 1)]


HANDLERS = {
    "clicksByDate": clicks_by_date,
    "clicksByDateV1": clicks_by_date_v1,
    "clicksByHour": clicks_by_hour,
    "clicksByHourV1": clicks_by_hour_v1,
    "clicksByGroup": clicks_by_group,
}
