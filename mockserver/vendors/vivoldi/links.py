"""Short links: made one by one or many at once, listed, changed, deleted."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.json_text import Json
from mockserver.problem import Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.vivoldi.access import CHANGE_GATES, CREATION_GATES, drop_unavailable_fields, require_plan
from mockserver.vendors.vivoldi.envelope import (
    DATES,
    NO_LINK,
    OTHER_DOMAIN,
    TAKEN,
    invalid,
    refuse_impossible,
    success,
    timestamp,
)
from mockserver.vendors.vivoldi.fields import (
    SETTINGS,
    has_text,
    keep_where_empty,
    page_envelope,
    page_of,
    read,
    refuse_doubtful_dates,
    stored_members,
)
from mockserver.vendors.vivoldi.groups import find_group
from mockserver.vendors.vivoldi.link_settings import address_of, exists, group_of, short_url

OWN, BRANDED = "https://vvd.bz", "https://vvd.im"
"""The domains of links with generated ids and of links with chosen ids."""


def create_link(call: Call, state: ApiState) -> Json:
    """Creates a link, or answers with the first one to the same URL where `reuseYn` asks for it."""
    return success(short_url(make_link(call, state, call.body, BY_API)))


def create_links(call: Call, state: ApiState) -> Json:
    """Creates the links in their order; where one fails, none is created, unless so assumed."""
    require_plan(call, "personal")
    given = call.body["links"]
    refuse_too_many(call, len(given))
    made = []
    for fields in given:
        try:
            with state.transaction():
                made.append(make_link(call, state, fields, BY_API))
        except Problem:
            if call.assume("bulk-failures") == "refuse":
                raise
    return success([{"shortUrl": short_url(link), "url": link["url"]} for link in made])


def refuse_too_many(call: Call, size: int) -> None:
    """A Problem where the plan does not include so many links in one call."""
    plan = call.owner["plan"]
    most = MOST.get(plan, LARGEST)
    if size > most and (plan in MOST or call.assume("bulk-size") == "300"):
        raise invalid(f"links: expected at most {most}, got {size}.")


MOST = {"personal": 100, "premium": 200, "business": 300}
LARGEST = 300
BY_DASHBOARD, BY_API, BY_UPLOAD = 270, 272, 274


def make_link(call: Call, state: ApiState, given: Mapping[str, Json], made_by: int) -> Record:
    """Stores a new link. A Problem where a field is not valid, or the id is taken."""
    sent = read(call, given, CREATION)
    drop_unavailable_fields(call, sent, CREATION_GATES)
    keep_own_settings(call, sent)
    refuse_long_url(sent)
    reuse = sent.pop("reuseYn", "N") == "Y"
    link_id, domain = place_of(call, state, sent)
    if reuse and (first := first_to(call, state, sent["url"], domain)) is not None:
        return first
    put_into_group(call, state, sent)
    changes = {**stored_members(DEFAULTS), **stored_members(sent)}
    refuse_doubtful_dates(call, {}, changes)
    now = timestamp(call)
    return state["links"].insert({
        **changes,
        "_id": address_of(link_id, domain),
        "_account": call.owner_id,
        "linkId": link_id,
        "domain": domain,
        "typeIdx": URL,
        "typeNm": "URL",
        "ttl": changes["ttl"] or "NO TITLE",
        "brandLinkYn": "Y" if given.get("brandLinkId") else "N",
        "createTypeIdx": made_by,
        "acesCnt": 0,
        "pernCnt": 0,
        "regYmdt": now,
        "modYmdt": now,
    })  # fmt: skip


URL = 103


def keep_own_settings(call: Call, sent: dict[str, Json]) -> None:
    """Removes dates, password and cap of a link where so assumed that only groups have them."""
    own = SETTINGS.keys() & sent.keys()
    if own and call.assume("link-settings") == "ignore":
        for name in own:
            del sent[name]


def refuse_long_url(sent: Mapping[str, Json]) -> None:
    """Raises a Problem for an original URL of more than 3,000 bytes."""
    size = len(sent.get("url", "").encode())
    if size > LONGEST_URL:
        raise invalid(f"url: expected at most {LONGEST_URL} bytes, got {size}.")


LONGEST_URL = 3_000


def place_of(call: Call, state: ApiState, sent: dict[str, Json]) -> tuple[str, str]:
    """The id and the domain of the new link. A Problem where they are taken, or the domain is not the account's."""
    chosen, domain = sent.pop("brandLinkId", None), sent.pop("domain", None) or OWN
    if chosen and domain == OWN:
        domain = BRANDED
    if domain not in (OWN, BRANDED, *call.owner["domains"]):
        raise Problem(200, f"The domain {domain} is not connected to the account.", code=OTHER_DOMAIN)
    links = state["links"]
    if not chosen:
        while address_of(made := state.chance.alphanumeric(4), domain) in links:
            pass
        return made, domain
    taken = links.get(address_of(chosen, domain))
    if taken is not None and exists(call, taken):
        raise Problem(200, f"The link {domain}/{chosen} exists already.", code=TAKEN)
    if taken is not None:
        delete_with_clicks(state, taken)
    return chosen, domain


def first_to(call: Call, state: ApiState, url: str, domain: str) -> Record | None:
    """The account's first link to this address that is not deleted."""
    found = state["links"].find("url", url)
    return next((link for link in found if is_own(call, link) and link["domain"] == domain), None)


def put_into_group(call: Call, state: ApiState, sent: dict[str, Json]) -> None:
    """Raises a Problem for a group that the account does not have, or drops it where so assumed; 0 is none."""
    if sent.get("grpIdx") and find_group(call, state, sent["grpIdx"]) is None:
        del sent["grpIdx"]


def update_link(call: Call, state: ApiState) -> Json:
    """Updates the fields that were sent; a link that leads to no URL stays as it is."""
    sent = read(call, call.body, CHANGES | {"linkId", "domain"})
    link = find_link(call, state, sent.pop("linkId"), sent.pop("domain", OWN))
    if link["typeIdx"] != URL:
        return success(None)
    drop_unavailable_fields(call, sent, CHANGE_GATES)
    keep_own_settings(call, sent)
    refuse_long_url(sent)
    put_into_group(call, state, sent)
    if "ttl" in sent and sent["ttl"] is None:
        del sent["ttl"]
    changes = stored_members(sent)
    keep_where_empty(call, link, sent, changes)
    refuse_doubtful_dates(call, link, changes)
    changed = any(link[member] != value for member, value in changes.items())
    if changed or call.assume("unchanged-group") == "touch":
        state["links"].update(link["_id"], {**changes, "modYmdt": timestamp(call)})
    return success(None)


def delete_link(call: Call, state: ApiState) -> Json:
    """Deletes the link with its clicks."""
    delete_with_clicks(state, find_link(call, state, call.query["linkId"], call.query["domain"]))
    return success(None)


def delete_with_clicks(state: ApiState, link: Record) -> None:
    """Deletes the link with its clicks and visitors; its id is free again."""
    state["links"].delete(link["_id"])
    for name in ("days", "visitors"):
        for record in state[name].find("link", link["_id"]):
            state[name].delete(record["id"])


def find_link(call: Call, state: ApiState, link_id: str, domain: str) -> Record:
    """The account's link. A Problem where there is none, another one where it stands on another domain."""
    links = state["links"]
    link = links.get(address_of(link_id, domain))
    if link is not None and is_own(call, link):
        return link
    if any(is_own(call, other) for other in links.find("linkId", link_id)):
        raise Problem(200, f"The link {link_id} is not on the domain {domain}.", code=OTHER_DOMAIN)
    raise Problem(200, f"The link {domain}/{link_id} does not exist.", code=NO_LINK)


def is_own(call: Call, link: Record) -> bool:
    """Whether the account has this link, and it is not deleted."""
    return link["_account"] == call.owner_id and exists(call, link)


# The list


def list_links(call: Call, state: ApiState) -> Json:
    """One page of the account's links to URLs that fit the filters, and where it stands among the pages."""
    require_plan(call, "premium")
    for name in DATES & call.query.keys():
        refuse_impossible(name, call.query[name])
    found = state["links"].list(lambda link: link["typeIdx"] == URL and is_own(call, link) and fits(call, link))
    newest_first = len(found) > 1 and call.assume("list-order") == "newest-first"
    found.sort(key=lambda link: link["regYmdt"], reverse=newest_first)
    sheet = page_of(call, found)
    return success(page_envelope(sheet, [row(state, link) for link in sheet.entries]))


def fits(call: Call, link: Record) -> bool:
    """Whether the link keeps to every filter of the call."""
    asked = call.query
    return (
        asked["regStartYmdt"] <= link["regYmdt"] <= asked["regEndYmdt"]
        and all(link[name] == asked[name] for name in EXACT if name in asked)
        and all(link[name] == asked[name] for name in EXACT_UNLESS_0 if asked[name])
        and all(has_text(call, link[name] or "", asked[name]) for name in IN_PART if name in asked)
        and has_date_of_deletion(link, asked.get("startDelYmdt"), asked.get("endDelYmdt"))
    )


def has_date_of_deletion(link: Record, start: str | None, end: str | None) -> bool:
    """Whether the link will be deleted between these two; without either it need not be."""
    if start is None and end is None:
        return True
    date = link["delYmdt"]
    return date is not None and (start or date) <= date <= (end or date)


def row(state: ApiState, link: Record) -> Json:
    """The link as the list shows it: no password."""
    group = group_of(state, link)
    return {**public(link), "grpNm": None if group is None else group["nm"]}


EXACT = (
    "linkId", "domain", "url", "brandLinkYn", "notfSubscYn", "qrBypassYn", "pushNotifyYn", "mailNotifyYn",
)  # fmt: skip
EXACT_UNLESS_0 = ("createTypeIdx", "grpIdx")
IN_PART = ("ttl", "memo")
DEFAULTS: Mapping[str, Json] = {
    "ttl": None,
    "grpIdx": 0,
    "redirectType": 302,
    "description": None,
    "metaImg": None,
    "memo": None,
    "notfSubscYn": "N",
    "qrBypassYn": "N",
    "pushNotifyYn": "N",
    "mailNotifyYn": "N",
    "delYmdt": None,
    **SETTINGS,
}
CHANGES = frozenset({"url", *DEFAULTS})
CREATION = CHANGES | {"domain", "reuseYn", "brandLinkId"}

HANDLERS = {
    "createLink": create_link,
    "createLinks": create_links,
    "listLinks": list_links,
    "updateLink": update_link,
    "deleteLink": delete_link,
}
