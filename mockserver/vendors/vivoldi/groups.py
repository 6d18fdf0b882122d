"""Link groups: settings that hold for all of their links at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from mockserver import loopback
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.problem import Problem
from mockserver.state.collection import Collection
from mockserver.state.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.vivoldi.access import GROUP_GATES, keep_to_plan
from mockserver.vendors.vivoldi.envelope import NO_CALLBACK, OWN, invalid, success, timestamp
from mockserver.vendors.vivoldi.fields import (
    MEMBERS,
    SETTINGS,
    as_kept,
    has_text,
    keep_where_empty,
    page_of,
    paged,
    read,
    refuse_doubtful_dates,
)
from mockserver.vendors.vivoldi.standing import standing


def create_link_group(call: Call, state: ApiState) -> Json:
    """A new group with what was sent, else the defaults; its id is what links are put into it by."""
    sent = read(call, call.body, FIELDS)
    if sent["nm"] is None:
        raise invalid("nm: a group must have a name.")
    keep_to_plan(call, sent, GROUP_GATES)
    if sent.get("webhookEnableYn") == "Y" and call.assume("webhook-at-creation") == "ignore":
        sent["webhookEnableYn"] = "N"
    changes = {**as_kept(DEFAULTS), **as_kept(sent)}
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
    while (idx := BEGUN_WITH + state.next_number("groups")) in groups:
        pass
    return idx


BEGUN_WITH = 10_000


def update_link_group(call: Call, state: ApiState) -> Json:
    """The group has the settings that were sent, keeps the others, and gives away its secret if it is new."""
    sent = read(call, call.body, FIELDS | {"grpIdx"})
    groups = state["groups"]
    group = find_group(call, state, sent.pop("grpIdx"))
    if group is None:
        return success(None)
    keep_to_plan(call, sent, GROUP_GATES)
    changes = as_kept(sent)
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
    """The group is gone with its settings; its links live on as they are, in no group."""
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
    """What was left out stays as it is, or falls back to its default where so assumed."""
    omitted = {MEMBERS.get(name, name): default for name, default in DEFAULTS.items() if name not in call.body}
    fallen = {name: default for name, default in omitted.items() if group.get(name, default) != default}
    if fallen and call.assume("omitted-fields") == "reset":
        changes.update(fallen)


def keep_name(call: Call, changes: dict[str, Json]) -> None:
    """An empty name is no change."""
    if "nm" in changes and changes["nm"] is None:
        if call.assume("empty-name") == "refuse":
            raise invalid("nm: a group must have a name.")
        del changes["nm"]


def refuse_taken_name(call: Call, groups: Collection, name: str) -> None:
    """A name that another group of the account has passes, or is refused where so assumed."""
    if groups.where(_account=call.owner_id, nm=name) and call.assume("duplicate-names") == "refuse":
        raise invalid(f"nm: another group has the name {name}.")


def refuse_bad_address(call: Call, changes: Mapping[str, Json]) -> None:
    """Events go to https addresses, and to this machine."""
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
    """A webhook that is on needs somewhere to send to."""
    return Problem(200, "webhookCallbackUrl is required when webhookEnableYn is Y.", code=NO_CALLBACK)


# The lists


def list_link_groups_v1(call: Call, state: ApiState) -> Json:
    """The first thirty groups of the account that fit the filters, as a bare array."""
    return success(rows(call, state, find_groups(call, state)[:30]))


def list_link_groups(call: Call, state: ApiState) -> Json:
    """One page of the account's groups that fit the filters, and where it stands among the pages."""
    sheet = page_of(call, find_groups(call, state))
    return success(paged(sheet, rows(call, state, sheet.entries)))


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
    sizes = Counter(link["grpIdx"] for link in state["links"] if link["grpIdx"] and standing(call, link))
    shown = COLUMNS if call.assume("listed-settings") == "hide" else COLUMNS + LISTED
    listed = [{name: sizes[group["idx"]] if name == "linkCnt" else group[name] for name in shown} for group in groups]
    for row in listed:
        if row["memo"] is None and call.assume("listed-memo") == "empty-text":
            row["memo"] = ""
    return listed


COLUMNS = (
    "idx", "nm", "memo", "linkCnt", "blockOverseasSticsYn", "notfSubscYn", "qrBypassYn", "pushNotifyYn",
    "mailNotifyYn", "webhookEnableYn", "webhookCallbackUrl", "webhookMetric", "webhookFrequency", "regYmdt",
    "modYmdt",
)  # fmt: skip
LISTED = ("strtYmdt", "endYmdt", "expireUrl", "acesMaxCnt")
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
