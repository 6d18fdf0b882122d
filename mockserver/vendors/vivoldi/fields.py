"""The fields of groups and links that a call may set, and the pages of their lists."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.answers.pages import Sheet, numbered_page
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.state.records.record import Record
from mockserver.vendors.vivoldi.envelope import DATES, invalid, refuse_impossible, timestamp

SETTINGS: Mapping[str, Json] = {
    "strtYmdt": None,
    "endYmdt": None,
    "expireUrl": None,
    "pwd": None,
    "acesMaxCnt": 0,
}
"""The settings that limit the access to links; a group's value goes before a link's."""
MEMBERS = {"pwd": "_pwd", "nonmemberSticsPwd": "_nonmemberSticsPwd"}
"""Fields that are stored under another name, since no client is shown them."""
INTEGERS = {"grpIdx", "acesMaxCnt", "webhookFrequency", "redirectType"}
CLEARABLE = {
    "memo", "expireUrl", "pwd", "nonmemberSticsPwd", "description", "metaImg", "strtYmdt", "endYmdt", "delYmdt",
}  # fmt: skip
TEXTS = {"nm", "ttl", *CLEARABLE}
LONG = 255


def read(call: Call, given: Mapping[str, Json], fields: frozenset[str]) -> dict[str, Json]:
    """The `fields` that were given: integers are integers, an empty text is None, every date exists."""
    sent = {name: given[name] for name in given if name in fields}
    if len(sent) < len(given) and call.assume("unknown-fields") == "refuse":
        raise invalid(f"{', '.join(sorted(given.keys() - fields))}: no such field.")
    for name in INTEGERS & sent.keys():
        if isinstance(sent[name], str) and call.assume("digit-strings") == "refuse":
            raise invalid(f"{name}: expected an integer, got a string.")
        sent[name] = int(sent[name])
    for name in TEXTS & sent.keys():
        text = sent[name] = sent[name] or None
        if text is not None and name in DATES:
            refuse_impossible(name, text)
        elif text is not None and len(text) > LONG and call.assume("long-texts") == "refuse":
            raise invalid(f"{name}: expected at most {LONG} characters, got {len(text)}.")
    if sent.get("webhookFrequency") == 200 and call.assume("frequency-200") == "refuse":
        raise invalid("webhookFrequency: 200 is none of 1, 50, 100, 300, 500, 1000.")
    return sent


def stored_members(sent: Mapping[str, Json]) -> dict[str, Json]:
    """The fields under the names of the members that store them."""
    return {MEMBERS.get(name, name): value for name, value in sent.items()}


def keep_where_empty(call: Call, record: Record, sent: Mapping[str, Json], changes: dict[str, Json]) -> None:
    """Drops the change of a field that was sent empty, where so assumed."""
    for name in CLEARABLE & sent.keys():
        member = MEMBERS.get(name, name)
        losing = changes[member] is None and record.get(member) is not None
        if losing and call.assume("empty-values") == "keep":
            del changes[member]


def refuse_doubtful_dates(call: Call, record: Mapping[str, Json], changes: Mapping[str, Json]) -> None:
    """Raises a Problem for dates that block every link, where so assumed."""
    start, end = (changes.get(name, record.get(name)) for name in ("strtYmdt", "endYmdt"))
    moved = (start, end) != (record.get("strtYmdt"), record.get("endYmdt"))
    if moved and start and end and end < start and call.assume("reversed-dates") == "refuse":
        raise invalid(f"endYmdt: {end} is before strtYmdt, {start}.")
    if changes.get("endYmdt") and end < timestamp(call) and call.assume("past-dates") == "refuse":
        raise invalid(f"endYmdt: {end} is past.")


# Pages of lists

SMALLEST_PAGE = 10


def page_of(call: Call, entries: list[Record]) -> Sheet[Record]:
    """The page of a list that the call asks for by `pages`."""
    size = int(call.assume("page-size")) if len(entries) > SMALLEST_PAGE else SMALLEST_PAGE
    sheet = numbered_page(entries, call.query["pages"], size)
    if sheet.number > sheet.last and (choice := call.assume("page-past-end")) != "empty":
        if choice == "refuse":
            raise invalid(f"pages: there are {sheet.last}, got {sheet.number}.")
        return numbered_page(entries, sheet.last, size)
    return sheet


def page_envelope(sheet: Sheet[Record], rows: list[Json]) -> Json:
    """The rows of a page, and where it stands among the pages."""
    extra = {
        "pages": sheet.number,
        "nextPages": sheet.next or sheet.number,
        "nextYn": "Y" if sheet.next else "N",
        "count": len(rows),
        "totalCount": sheet.total,
    }
    return {"extra": extra, "list": rows}


def has_text(call: Call, name: str, text: str) -> bool:
    """`text` is part of the name; whether in other letters of case, the assumption decides."""
    if text in name:
        return True
    return text.casefold() in name.casefold() and call.assume("name-filter-case") == "ignore"
