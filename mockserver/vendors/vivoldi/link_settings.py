"""The state of a link at a time: whether it exists, and the settings for its visitors."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.vivoldi.envelope import timestamp
from mockserver.vendors.vivoldi.fields import MEMBERS, SETTINGS

FLAGS = ("notfSubscYn", "qrBypassYn", "blockOverseasSticsYn", "pushNotifyYn", "mailNotifyYn")
UNSET: Mapping[str, Json] = {**dict.fromkeys(FLAGS, "N"), **SETTINGS}
"""The value of each setting that is not set."""


def address_of(link_id: str, domain: str) -> str:
    """The id under which the link is stored; letters of another case make another link."""
    return f"{link_id}@{domain.removeprefix('https://').removeprefix('http://')}"


def short_url(link: Record) -> str:
    """The short URL of the link: `https://vvd.bz/4Rt3`."""
    return f"{link['domain']}/{link['linkId']}"


def exists(call: Call, link: Record) -> bool:
    """Whether the link is not deleted; one with a date of deletion is gone from that moment on."""
    return link["delYmdt"] is None or timestamp(call) < link["delYmdt"]


def group_of(state: ApiState, link: Record) -> Record | None:
    """The group that the link is in."""
    return state["groups"].get(link["grpIdx"]) if link["grpIdx"] else None


def settings_of(call: Call, link: Record, group: Record | None) -> dict[str, Json]:
    """Every setting as it holds for the link: the group's where the group has one, else the link's own."""
    return {name: _setting(call, name, unset, link, group) for name, unset in UNSET.items()}


def _setting(call: Call, name: str, unset: Json, link: Record, group: Record | None) -> Json:
    member = MEMBERS.get(name, name)
    own: Json = link.get(member, unset)
    if group is None:
        return own
    shared: Json = group.get(member, unset)
    if shared == unset and own != unset:
        return own if call.assume("unset-group-settings") == "link" else unset
    return shared
