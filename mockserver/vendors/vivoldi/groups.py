"""Link groups: settings that hold for all of their links at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from mockserver import loopback
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.problem import Problem
from mockserver.state.records.collection import Collection
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.vivoldi.access import GROUP_GATES, drop_unavailable_fields
from mockserver.vendors.vivoldi.envelope import NO_CALLBACK, OWN, invalid, success, timestamp
from mockserver.vendors.vivoldi.fields import (
    MEMBERS,
    SETTINGS,
    has_text,
    keep_where_empty,
    page_envelope,
    page_of,
    read,
    refuse_doubtful_dates,
    stored_members,
)
from mockserver.vendors.vivoldi.link_settings import exists


def create_link_group(call: Call, state: ApiState) -> Json:
    """Creates a group with the settings that were sent and defaults for the others."""
    sent = read(call, call.body, FIELDS)
    if sent["nm"] is None:
        raise invalid("nm: a group must have a name.")
    drop_unavailable_fields(call, sent, GROUP_GATES)
    if sent.get("webhookEnableYn") == "Y" and call.assume("webhook-at-creation") == "ignore":
        sent["webhookEnableYn"] = "N"
    changes = {**stored_members(DEFAULTS), **stored_members(sent)}
    refuse_bad_address(call, changes)
    refuse_doubtful_dates(call, {}, changes)
    refuse_taken_name(call, state["groups"], changes["nm"])
    if changes["webhookEnableYn"] == "Y" and changes["webhookCallbackUrl"] is None:
        raise no_callback()
    now = timestamp(call)
    group = {"idx": new_idx(state), **changes, "regYmdt": now, "modYmdt": now, "_account": call.owner_id}
    state["groups"].insert({**group, "_webhookSecretKey": None})
    return success(group["idx"] if call.assume("created-group") == "idx" else None)


def new_idx(state: ApiState) -> int:
    """An id above those that a world begins with, never given before."""
    groups = state["groups"]
    while (idx := FIRST_ID + state.next_number("groups")) in groups:
        pass
    return idx


FIRST_ID = 10_000


def update_link_group(call: Call, state: ApiState) -> Json:
    """Updates the settings that were sent; the answer has the webhook's secret if it is new."""
    sent = read(call, call.body, FIELDS | {"grpIdx"})
    groups = state["groups"]
    group = find_group(call, state, sent.pop("grpIdx"))
    if group is None:
        return success(None)
    drop_unavailable_fields(call, sent, GROUP_GATES)
    changes = stored_members(sent)
    reset_omitted(call, group, changes)
    keep_name(call, changes)
    keep_where_empty(call, group, sent, changes)
    refuse_bad_address(call, changes)
    refuse_doubtful_dates(call, group, changes)
    if changes.get("nm", group["nm"]) != group["nm"]:
        refuse_taken_name(call, groups, changes["nm"])
    secret = switch_webhook(call, state, group, changes)
    changed = any(group.get(member) != value for member, value in changes.items())
    if changed or call.assume("unchanged-group") == "touch":
        groups.update(group["idx"], {**changes, "modYmdt": timestamp(call)})
    return success(secret)


def delete_link_group(call: Call, state: ApiState) -> Json:
    """Deletes the group; its links stay, in no group."""
    group = find_group(call, state, call.query["grpIdx"])
    if group is not None:
        links = state["links"]
        links.update_all([link["_id"] for link in links.find("grpIdx", group["idx"])], {"grpIdx": 0})
        state["groups"].delete(group["idx"])
    return success(None)


def find_group(call: Call, state: ApiState, idx: int) -> Record | None:
    """The account's group. A Problem where it has none of this id; None where that is passed over."""
    group = OWN.get(call, state, "groups", idx)
    if group is not None:
        return group
    if call.assume("unknown-group") == "ignore":
        return None
    raise OWN.missing("group", idx)


def reset_omitted(call: Call, group: Record, changes: dict[str, Json]) -> None:
    """Adds the defaults of the settings that were left out, where so assumed; else they stay."""
    omitted = {MEMBERS.get(name, name): default for name, default in DEFAULTS.items() if name not in call.body}
    fallen = {name: default for name, default in omitted.items() if group.get(name, default) != default}
    if fallen and call.assume("omitted-fields") == "reset":
        changes.update(fallen)


def keep_name(call: Call, changes: dict[str, Json]) -> None:
    """Drops an empty name. A Problem where that is refused."""
    if "nm" in changes and changes["nm"] is None:
        if call.assume("empty-name") == "refuse":
            raise invalid("nm: a group must have a name.")
        del changes["nm"]


def refuse_taken_name(call: Call, groups: Collection, name: str) -> None:
    """Raises a Problem for a name that another group of the account has, where so assumed."""
    if groups.where(_account=call.owner_id, nm=name) and call.assume("duplicate-names") == "refuse":
        raise invalid(f"nm: another group has the name {name}.")


def refuse_bad_address(call: Call, changes: Mapping[str, Json]) -> None:
    """Raises a Problem for a callback address that is neither https nor on this machine, unless so assumed."""
    url: str | None = changes.get("webhookCallbackUrl")
    if url is None or url.startswith("https://") or call.assume("webhook-address") == "any":
        return
    if not is_local(url):
        raise invalid(f"webhookCallbackUrl: expected an https address, got {url}.")


def is_local(url: str) -> bool:
    """Whether the address is on this machine, where a test can receive."""
    try:
        return urlsplit(url).hostname in loopback.NAMES
    except ValueError:
        return False


def switch_webhook(call: Call, state: ApiState, group: Record, changes: dict[str, Json]) -> str | None:
    """The webhook's secret where this call makes it; a webhook that is on has somewhere to send to."""
    switch, secret = changes.get("webhookEnableYn"), group.get("_webhookSecretKey")
    if switch == "N" and secret is not None and call.assume("secret-after-off") == "forget":
        changes["_webhookSecretKey"] = None
    if switch != "Y":
        return None
    url: str | None = changes.get("webhookCallbackUrl")
    if "webhookCallbackUrl" not in changes and (stored := group.get("webhookCallbackUrl")) is not None:
        url = stored if call.assume("stored-callback") == "enough" else None
    if url is None:
        raise no_callback()
    if secret is not None:
        return None
    is_hex = call.assume("secret-format") == "hex"
    made: str = state.chance.hex(32) if is_hex else state.chance.alphanumeric(32)
    changes["_webhookSecretKey"] = made
    return made


def no_callback() -> Problem:
    """The Problem of a webhook that is on and has no address."""
    return Problem(200, "webhookCallbackUrl is required when webhookEnableYn is Y.", code=NO_CALLBACK)


# The lists


def list_link_groups_v1(call: Call, state: ApiState) -> Json:
    """The first thirty groups of the account that fit the filters, as a bare array."""
    return success(rows(call, state, find_groups(call, state)[:30]))


def list_link_groups(call: Call, state: ApiState) -> Json:
    """One page of the account's groups that fit the filters, and where it stands among the pages."""
    sheet = page_of(call, find_groups(call, state))
    return success(page_envelope(sheet, rows(call, state, sheet.entries)))


def find_groups(call: Call, state: ApiState) -> list[Record]:
    """The account's groups that fit `grpIdx` and `nm`, by id."""
    idx, text, account = call.query.get("grpIdx"), call.query.get("nm", ""), call.owner_id
    found = state["groups"].list(
        lambda group: (
            group.get("_account") == account
            and (idx is None or group["idx"] == idx)
            and has_text(call, group["nm"], text)
        )
    )
    newest_first = len(found) > 1 and call.assume("list-order") == "newest-first"
    found.sort(key=lambda group: group["idx"], reverse=newest_first)
    return found


def rows(call: Call, state: ApiState, groups: Sequence[Record]) -> list[Json]:
    """The groups as the lists show them: no password, no secret, and how many links they have at the moment."""
    if not groups:
        return []
    sizes = Counter(link["grpIdx"] for link in state["links"] if link["grpIdx"] and exists(call, link))
    columns = COLUMNS if call.assume("listed-settings") == "hide" else COLUMNS + LISTED_SETTINGS
    listed = [{name: sizes[group["idx"]] if name == "linkCnt" else group[name] for name in columns} for group in groups]
    for row in listed:
        if row["memo"] is None and call.assume("listed-memo") == "empty-text":
            row["memo"] = ""
    return listed


COLUMNS = (
    "idx", "nm", "memo", "linkCnt", "blockOverseasSticsYn", "notfSubscYn", "qrBypassYn", "pushNotifyYn",
    "mailNotifyYn", "webhookEnableYn", "webhookCallbackUrl", "webhookMetric", "webhookFrequency", "regYmdt",
    "modYmdt",
)  # fmt: skip
LISTED_SETTINGS = ("strtYmdt", "endYmdt", "expireUrl", "acesMaxCnt")
DEFAULTS: Mapping[str, Json] = {
    "memo": None,
    "notfSubscYn": "N",
    "qrBypassYn": "N",
    "blockOverseasSticsYn": "N",
    "pushNotifyYn": "N",
    "mailNotifyYn": "N",
    "nonmemberSticsPwd": None,
    **SETTINGS,
    "webhookEnableYn": "N",
    "webhookCallbackUrl": None,
    "webhookMetric": "C",
    "webhookFrequency": 1,
}
FIELDS = frozenset({"nm", *DEFAULTS})

HANDLERS = {
    "createLinkGroup": create_link_group,
    "updateLinkGroup": update_link_group,
    "deleteLinkGroup": delete_link_group,
    "listLinkGroupsV1": list_link_groups_v1,
    "listLinkGroups": list_link_groups,
}
