"""Visits: a short link redirects, is counted and sends events, or is gone."""

from __future__ import annotations

import time
from urllib.parse import quote

from mockserver.engine.call import Call
from mockserver.engine.timestamps import epoch_seconds, utc_seconds
from mockserver.messages import Headers, Response
from mockserver.state.records.collection import Id
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.xqr.events import announce
from mockserver.vendors.xqr.links import link_reference
from mockserver.vendors.xqr.routing import Visit, destination_of
from mockserver.vendors.xqr.visitors import Visitor, visitor_of

HTML = (("Content-Type", "text/html; charset=utf-8"),)
_AS_IT_IS = "!#$%&'()*+,/:;=?@[]~"
"""The characters of a URL that a header may have beside letters, digits and `-._~`."""


def follow_link(call: Call, state: ApiState) -> Response:
    """Redirects the visitor. 410 where the link is disabled or expired, 404 where there is none."""
    code = call.path["short_code"]
    link = next((link for link in state["links"] if link["short_code"] == code), None)
    if link is None:
        return visitor_error(call, 404, "NOT_FOUND", "This short link does not exist.")
    if not is_live(link, call.at):
        if call.assume("gone-scans") == "counted" and is_scan(call):
            count_scan(call, state, link, visitor_of(call))
        return visitor_error(call, 410, "GONE", "This short link is no longer active.")
    visitor = visitor_of(call)
    destination = destination_of(Visit(link, visitor, call, state))
    if is_scan(call):
        count_scan(call, state, link, visitor)
    status = int(call.assume("redirect-status"))
    return Response(status, None, (("Location", quote(destination, safe=_AS_IT_IS)), *UNCACHED))


UNCACHED: Headers = (("Cache-Control", "no-store"),)
"""A browser that caches a redirect would not be counted again, nor notice that the link is paused."""


def is_scan(call: Call) -> bool:
    """Whether the request is a visit; a HEAD is one of a link checker."""
    return call.request.method != "HEAD" or call.assume("head-scans") == "counted"


def is_live(link: Record, at: float) -> bool:
    """Whether the link is enabled and not expired at this time."""
    expires_at = link["expires_at"]
    return link["enabled"] and (expires_at is None or epoch_seconds(expires_at) > at)


def visitor_error(call: Call, status: int, code: str, text: str) -> Response:
    """An HTML page with the text, or the error envelope where so assumed."""
    if call.assume("visitor-refusal") == "envelope":
        error = {"code": code, "message": text, "status": status}
        return Response(status, {"error": error, "meta": {"request_id": call.request_id}})
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>{status}</title><h1>{text}</h1></html>\n"
    return Response(status, page.encode(), HTML)


def count_scan(call: Call, state: ApiState, link: Record, visitor: Visitor) -> None:
    """Counts the scan in the link and its statistics, and sends `link.scanned` and, where reached, `link.threshold`."""
    at = utc_seconds(call.at)
    scans = link["scan_count"] + 1
    changes = {"scan_count": scans, "last_scan_at": at}
    if call.assume("scan-updated-at") == "moved":
        changes["updated_at"] = at
    state["links"].update(link["id"], changes)
    count_in_statistics(state, link["id"], call.at, visitor)
    workspace = link["_workspace"]
    seen = {"country": visitor.country, "device": visitor.device, "browser": visitor.browser, "ip": visitor.address}
    announce(call, state, workspace, "link.scanned", {**link_reference(link), **seen})
    if is_threshold(call, scans):
        reached = {"scan_count": scans, "threshold": scans}
        announce(call, state, workspace, "link.threshold", {**link_reference(link), **reached})


def count_in_statistics(state: ApiState, link_id: Id, at: float, visitor: Visitor) -> None:
    """Adds one scan to the count of its link, hour, country, device and browser."""
    scans, hour = state["scans"], time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime(at))
    number = " ".join((str(link_id), hour, visitor.country, visitor.device, visitor.browser))
    before = scans.get(number)
    if before is not None:
        scans.update(number, {"count": before["count"] + 1})
        return
    seen = {"country": visitor.country, "device": visitor.device, "browser": visitor.browser}
    scans.insert({"id": number, "link_id": link_id, "hour": hour, **seen, "count": 1})


def is_threshold(call: Call, scans: int) -> bool:
    """Whether this number of scans sends `link.threshold`."""
    if scans not in POWERS and scans % 1000:
        return False
    option = call.assume("scan-thresholds")
    return scans in POWERS if option == "powers-of-ten" else option == "thousands" and scans % 1000 == 0


POWERS = {10**digits for digits in range(2, 13)}

HANDLERS = {"followLink": follow_link}
