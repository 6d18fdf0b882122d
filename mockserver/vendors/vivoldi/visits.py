"""Visits of short links, and their QR codes."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import quote

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.vivoldi import pages
from mockserver.vendors.vivoldi.clicks import count
from mockserver.vendors.vivoldi.envelope import timestamp
from mockserver.vendors.vivoldi.link_settings import address_of, exists, group_of, settings_of, short_url
from mockserver.vendors.vivoldi.links import BRANDED, OWN


def visit_link(call: Call, state: ApiState) -> Response:
    """Redirects the visitor to the original URL and counts the click, or answers with a page that says why not."""
    link = find_visited(call, state)
    if link is None:
        return notice(call, 404, "missing")
    group = group_of(state, link)
    settings = settings_of(call, link, group)
    stopped = stop(call, state, link, group, settings)
    if counts(call, led_on=stopped is None):
        count(call, state, link, group, settings)
    if stopped is not None:
        return stopped
    return pages.landing(link["url"]) if settings["notfSubscYn"] == "Y" else redirect_visitor(link)


def counts(call: Call, *, led_on: bool) -> bool:
    """Whether the visit is a click. A HEAD of a link checker is none unless so assumed."""
    if call.request.method == "HEAD" and call.assume("head-requests") == "ignore":
        return False
    return led_on or call.assume("blocked-visits") == "count"


def find_visited(call: Call, state: ApiState) -> Record | None:
    """The link that stands at the address: on the domain that was asked for, else on the first that has it."""
    links, link_id = state["links"], call.path["linkId"]
    host = call.request.host.partition(":")[0].lower()
    asked = f"https://{host}"
    custom = [domain for account in state["accounts"] for domain in account["domains"]]
    domains = [OWN, BRANDED, *custom]
    for domain in [asked] if asked in domains else domains:
        link = links.get(address_of(link_id, domain))
        if link is not None and exists(call, link):
            return link
    return None


def stop(call: Call, state: ApiState, link: Record, group: Record | None, settings: Json) -> Response | None:
    """The page for a visitor who is not redirected; None for those who are. The password is asked for last."""
    if settings["pwd"] is not None and call.assume("password-order") == "first":
        return password(call, settings["pwd"]) or bounds(call, state, link, group, settings)
    return bounds(call, state, link, group, settings) or password(call, settings["pwd"])


def bounds(call: Call, state: ApiState, link: Record, group: Record | None, settings: Json) -> Response | None:
    """The notice of a link that is not open yet, has expired, or was clicked as often as it may be."""
    now = timestamp(call)
    if settings["strtYmdt"] is not None and now < settings["strtYmdt"]:
        return notice(call, 403, "early")
    if settings["endYmdt"] is not None and now > settings["endYmdt"]:
        url = settings["expireUrl"]
        return notice(call, 410, "late") if url is None else to_expiry_page(call, url)
    cap = settings["acesMaxCnt"]
    return above_cap(call, settings["expireUrl"]) if cap and clicked(call, state, link, group) >= cap else None


def above_cap(call: Call, url: str | None) -> Response:
    """The answer above the click cap: a notice, or the expiry page where so assumed."""
    if url is not None and call.assume("above-cap") == "expiry-page":
        return to_expiry_page(call, url)
    return notice(call, 403, "full")


def to_expiry_page(call: Call, url: str) -> Response:
    """Redirects to the expiry page of the link."""
    return redirect(int(call.assume("expiry-redirect")), url)


def clicked(call: Call, state: ApiState, link: Record, group: Record | None) -> int:
    """The clicks that the cap counts: of the link, or of its whole group where the group set the cap."""
    own: int = link["acesCnt"]
    if group is None or not group["acesMaxCnt"] or call.assume("group-cap") == "each-link":
        return own
    return sum(other["acesCnt"] for other in state["links"].find("grpIdx", group["idx"]))


def password(call: Call, wanted: str | None) -> Response | None:
    """The form, unless there is no password or the right one was sent in it."""
    if wanted is None:
        return None
    if call.request.method != "POST":
        return pages.password_form(200, wrong=False)
    if isinstance(call.body, dict) and call.body.get("pwd") == wanted:
        return None
    return pages.password_form(int(call.assume("wrong-password")), wrong=True)


def notice(call: Call, status: int, reason: str) -> Response:
    """A page that says why; its status does so too, unless so assumed."""
    return pages.notice(status if call.assume("notice-status") == "by-reason" else 200, reason)


def redirect_visitor(link: Record) -> Response:
    """Redirects to the original URL, or shows the preview page, by the link's `redirectType`."""
    if link["redirectType"] == 200:
        return pages.preview(link["url"], link["ttl"], link["description"], link["metaImg"])
    return redirect(link["redirectType"], link["url"])


def redirect(status: int, url: str) -> Response:
    """An answer without a body; what a header cannot hold is percent-encoded."""
    return Response(status, None, (("Location", quote(url, safe=AS_IT_IS)),))


AS_IT_IS = "%/:=&?~#+!$,;'@()*[]"


def show_qr_code(call: Call, state: ApiState) -> Response:
    """The link's QR code: of its short URL, or of the original one where scans go past the link."""
    import segno

    link = find_visited(call, state)
    if link is None:
        return pages.notice(404, "missing")
    bypassed = settings_of(call, link, group_of(state, link))["qrBypassYn"] == "Y"
    code = segno.make_qr(link["url"] if bypassed else short_url(link), error="m")
    kind = call.assume("qr-image")
    width = code.symbol_size(scale=1)[0]
    scale = max(1, call.query["size"] // width)
    image = BytesIO()
    code.save(image, kind=kind, scale=scale)
    return Response(200, image.getvalue(), (("Content-Type", QR_TYPES[kind]),))


QR_TYPES = {"png": "image/png", "svg": "image/svg+xml"}

HANDLERS = {"visitLink": visit_link, "enterPassword": visit_link, "showQrCode": show_qr_code}
