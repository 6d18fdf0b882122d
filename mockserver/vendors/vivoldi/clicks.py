"""Clicks: counts by day and hour, visitors, alerts and webhook events."""

from __future__ import annotations

from hashlib import sha256

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.vivoldi.envelope import timestamp
from mockserver.vendors.vivoldi.webhooks import send_event


def count(call: Call, state: ApiState, link: Record, group: Record | None, settings: Json) -> None:
    """Counts the click, unless the same visitor clicked just now, or visits from abroad are left out."""
    account = state["accounts"][link["_account"]]
    if settings["blockOverseasSticsYn"] == "Y" and country_of(call, account) != account["country"]:
        return
    visitor = visitor_of(call, link)
    seen = state["visitors"].get(visitor)
    if seen is not None and call.at - seen["at"] < SAME_CLICK:
        if call.assume("repeated-clicks") == "push-back":
            state["visitors"].update(visitor, {"at": call.at})
        return
    now = timestamp(call)
    state["visitors"].replace({"id": visitor, "link": link["_id"], "at": call.at, "ymdt": now})
    count_day(state, link, now, "" if seen is None else seen["ymdt"])
    counts = {"acesCnt": link["acesCnt"] + 1, "pernCnt": link["pernCnt"] + (seen is None)}
    link = state["links"].update(link["_id"], counts)
    alert(state, account, link, settings, now)
    send_event(call, state, link, group, is_new=seen is None)


SAME_CLICK = 5.0
"""Seconds in which the same visitor is not counted again."""


def country_of(call: Call, account: Record) -> str:
    """The visitor's country in the proxy's header, else the account's."""
    country: str = proxy_header(call, "CF-IPCountry") or account["country"]
    return country.upper()


def visitor_of(call: Call, link: Record) -> str:
    """The id of a visitor of this link, from the first address that a proxy names, else the connection's."""
    forwarded = proxy_header(call, "X-Forwarded-For") or call.request.address
    whose = forwarded.partition(",")[0].strip()
    if call.assume("same-visitor") == "address-and-agent":
        whose += " " + call.request.headers.get("User-Agent", "")
    return f"{link['_id']} {sha256(whose.encode('utf-8', 'replace')).hexdigest()[:16]}"


def proxy_header(call: Call, header: str) -> str:
    """The header of a proxy; empty where such headers are ignored."""
    value: str = call.header.get(header) or ""
    return value if value and call.assume("visitor-headers") == "proxy" else ""


def count_day(state: ApiState, link: Record, now: str, last: str) -> None:
    """Counts one click more in the day and the hour, and one user more who was not seen in them before."""
    ymd, hour = now[:10], int(now[11:13])
    first_of_day, first_of_hour = last[:10] != ymd, last[:13] != now[:13]
    kept = f"{link['_id']} {ymd}"
    day = state["days"].get(kept) or {
        "id": kept,
        "link": link["_id"],
        "ymd": ymd,
        "acesCnt": 0,
        "pernCnt": 0,
        "hours": [],
    }
    hours = {at: (aces, pern) for at, aces, pern in day["hours"]}
    aces, pern = hours.get(hour, (0, 0))
    hours[hour] = aces + 1, pern + first_of_hour
    state["days"].replace({
        **day,
        "acesCnt": day["acesCnt"] + 1,
        "pernCnt": day["pernCnt"] + first_of_day,
        "hours": [[at, *counts] for at, counts in sorted(hours.items())],
    })  # fmt: skip


def alert(state: ApiState, account: Record, link: Record, settings: Json, now: str) -> None:
    """Stores an alert by push or mail where the link reached the count that is set in the dashboard."""
    if account["plan"] == "free" or link["acesCnt"] != account["alert_at"]:
        return
    for kind, name in ALERTS.items():
        if settings[name] == "Y":
            alert_record = {"id": state.next_number("alerts") + FIRST_ID, "kind": kind, "link": link["_id"]}
            state["alerts"].insert({**alert_record, "acesCnt": link["acesCnt"], "ymdt": now})


ALERTS = {"push": "pushNotifyYn", "mail": "mailNotifyYn"}
FIRST_ID = 1_000
