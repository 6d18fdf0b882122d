"""The visitor of a short link: country, device, browser and address, read from the request."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mockserver.engine.call import Call

UNKNOWN_COUNTRY = "XX"
_COUNTRY = re.compile(r"[A-Z]{2}")
_REGION = re.compile(r"[A-Za-z]{2,3}[-_]([A-Za-z]{2})\b")


class Visitor(NamedTuple):
    """`country` is an ISO code of two letters, `device` one of mobile, tablet and desktop."""

    country: str
    device: str
    browser: str
    address: str


def visitor_of(call: Call) -> Visitor:
    """The visitor, by the headers of the request."""
    agent = call.request.headers.get("User-Agent") or ""
    return Visitor(country_of(call), first_match(DEVICES, agent), first_match(BROWSERS, agent), address_of(call))


def country_of(call: Call) -> str:
    """The country in the header of the proxy, or the region of the visitor's language where so assumed; else XX."""
    headers = call.request.headers
    if call.assume("visitor-country") == "edge-header":
        code = (headers.get("CF-IPCountry") or "").strip().upper()
    else:
        found = _REGION.match((headers.get("Accept-Language") or "").strip())
        code = found[1].upper() if found else ""
    return code if _COUNTRY.fullmatch(code) else UNKNOWN_COUNTRY


def zone_of(call: Call) -> tzinfo:
    """The time zone in which the hours of a rule are read."""
    name = (call.request.headers.get("CF-Timezone") or "").strip()
    if not name or call.assume("hours-zone") == "utc":
        return UTC
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return UTC


def address_of(call: Call) -> str:
    """The first address that the request was forwarded for, or the one that it came from."""
    forwarded = (call.request.headers.get("X-Forwarded-For") or "").partition(",")[0].strip()
    if forwarded and call.assume("visitor-address") == "forwarded":
        return forwarded
    return call.request.address


def first_match(patterns: dict[str, re.Pattern[str]], agent: str) -> str:
    """The name of the first pattern that is found in the User-Agent."""
    return next(name for name, pattern in patterns.items() if pattern.search(agent))


DEVICES = {
    "tablet": re.compile(r"iPad|Tablet|Silk|Android(?!.*Mobile)"),
    "mobile": re.compile(r"Mobi|iPhone|iPod|Android"),
    "desktop": re.compile(""),
}
BROWSERS = {
    "Edge": re.compile(r"Edg(e|A|iOS)?/"),
    "Opera": re.compile(r"OPR/|Opera"),
    "Samsung Internet": re.compile(r"SamsungBrowser/"),
    "Firefox": re.compile(r"Firefox/|FxiOS/"),
    "Chrome": re.compile(r"Chrome/|CriOS/"),
    "Safari": re.compile(r"Safari/"),
    "Other": re.compile(""),
}
"""A browser's User-Agent names others as well, so that the order decides."""
