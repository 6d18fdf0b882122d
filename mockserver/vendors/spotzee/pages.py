"""Pages of lists: search, order and cursors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mockserver.engine.answers.pages import Rank, page_beside, read_cursor, write_cursor
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response

PAGE_SIZE = 25
NOWHERE: Rank = ()
ORDERED = {"listContacts"}
"""The lists whose order is documented."""

Entries = list[dict[str, Json]]


def list_page(call: Call, entries: Entries, id_member: str, searched: Sequence[str] = ("name",)) -> Response:
    """The page that was asked for, with the cursors of its neighbours; `q` looks into the members `searched`."""
    query = call.query or paging_of(call, id_member)
    found = listed = search(call, entries, searched)
    operation = call.operation
    if len(found) > 1 and "direction=" not in call.request.query and operation and operation.id not in ORDERED:
        call.assume("list-order")
    if query["sort"] != id_member:
        call.assume("sort-fields")
    cursor, backwards = find_place(call, query, entries, id_member), query["page"] == "prev"
    if cursor == NOWHERE:
        cursor, listed = None, found if call.assume("lost-cursors") == "begin" else []
    if backwards and cursor is None and listed:
        backwards = call.assume("prev-without-cursor") == "last-page"
    rank, size = rank_by(query["sort"], id_member), page_size(call, query["limit"])
    page = page_beside(cursor, listed, rank, size, descending=query["direction"] == "desc", backwards=backwards)
    entries_shown = page.entries
    if size < 0 and call.assume("unlimited-pages") == "count":
        size = len(entries_shown)
    edges = [entry[id_member] for entry in entries_shown] or [cursor and cursor[-1]]
    body = {
        "results": entries_shown,
        "nextCursor": None if page.is_last else write_cursor({"id": edges[-1]}),
        "prevCursor": None if page.is_first else write_cursor({"id": edges[0]}),
        "limit": size,
    }
    if call.assume("list-headers") == "omit":
        return Response(200, body)
    return Response(200, body, (("X-Total-Count", str(len(found))), ("X-Limit", str(size))))


def paging_of(call: Call, id_member: str) -> Mapping[str, Json]:
    """The paging of a list that has no parameters for it."""
    direction = "asc" if call.choices["list-order"] == "ascending" else "desc"
    return {"page": "next", "limit": PAGE_SIZE, "sort": id_member, "direction": direction}


def search(call: Call, entries: Entries, searched: Sequence[str]) -> Entries:
    """The entries that `q` keeps."""
    words = call.query.get("q", "").casefold()
    if not words or (option := call.assume("search")) == "ignore":
        return entries
    found = str.startswith if option == "start" else str.__contains__
    return [entry for entry in entries if any(found((entry.get(name) or "").casefold(), words) for name in searched)]


def page_size(call: Call, limit: int) -> int:
    """`limit`, where 0 stands for the default and a negative number for all there are."""
    if limit == 0:
        call.assume("limit-zero")
    return limit or PAGE_SIZE


def find_place(call: Call, query: Mapping[str, Json], entries: Entries, id_member: str) -> Rank | None:
    """The rank that the cursor names: NOWHERE for an entry that is not there, which only its id could still place."""
    text = query.get("cursor")
    if text is None:
        return None
    value, sort = read_cursor(text), query["sort"]
    number = value.get("id") if isinstance(value, dict) else None
    if type(number) is not int:
        call.assume("bad-cursors")
        return None
    if sort == id_member:
        return (True, number, number)
    rank = rank_by(sort, id_member)
    return next((rank(entry) for entry in entries if entry[id_member] == number), NOWHERE)


def rank_by(member: str, id_member: str) -> Callable[[dict[str, Json]], Rank]:
    """Sorts by a member, in any case of letters, null first; by id among equals."""

    def rank(entry: dict[str, Json]) -> Rank:
        value = entry.get(member)
        return (value is not None, value.casefold() if isinstance(value, str) else value, entry[id_member])

    return rank
