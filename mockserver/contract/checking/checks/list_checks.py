"""Checks of lists: they agree with their items, filters return what matches, pages have each item once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from mockserver.contract.checking.checks.checked_api import MISSING, Member, at, id_of
from mockserver.contract.checking.checks.follow_up import FollowUpAnswer, FollowUps, Unclear
from mockserver.contract.checking.checks.own_failure import FilterIgnored, ListDisagrees, PagesOverlap
from mockserver.contract.checking.checks.written_values import is_cut_at_start, lost
from mockserver.json_text import Json, encode
from mockserver.resources.detect.names import MARKS
from mockserver.resources.query.filter_targets import reach
from mockserver.resources.query.list_pages import Pager, Paging
from mockserver.spelling import plain

ITEMS: Final = 2
"""Items of a list that are read by themselves."""

PAGES: Final = 5
"""Pages of a list that are read."""

PAGE_SIZE: Final = 2
"""Items that are asked for on each page, where the document allows so few."""


def list_and_item_agree(follow: FollowUps, member: Member) -> bool:
    """An item reads as the list shows it."""
    items = _items(follow.first, member)
    if not items or follow.first.is_told:
        return False
    compared = False
    for item in items[:ITEMS]:
        identifier = id_of(item, member.collection)
        if identifier is MISSING:
            return False
        found = follow.api.reader(member, follow.first.case.path_parameters, identifier)
        if found is None:
            return False
        compared = _compare(follow, member, item, *found) or compared
    return compared


def _compare(follow: FollowUps, member: Member, item: Json, reader: Member, path: Mapping[str, Json]) -> bool:
    answer = follow.read(reader, path)
    shown = at(answer.body, reader.role.answer)
    follow.api.note_read(reader, answer.body, id_of(item, member.collection))
    wrong: str | None = None
    if answer.status in (404, 410) and follow.api.is_proven(reader):
        wrong = ""
    elif answer.is_good and not answer.is_told and isinstance(shown, dict):
        wrong = next((name for name in item if name in shown and _differs(item[name], shown[name])), None)
    else:
        return False
    if wrong is None:
        return True
    listed = _listed_again(follow, member, id_of(item, member.collection))
    again = follow.read(reader, path)
    if wrong == "":
        if listed is not None and again.status == answer.status:
            why = f"The list has an item, and reading it is answered with {answer.status}."
            follow.blame(ListDisagrees, why, "missing", shown=(answer,))
        return False
    now = at(again.body, reader.role.answer)
    is_stable = listed is not None and isinstance(now, dict) and listed.get(wrong) == item[wrong]
    if is_stable and now.get(wrong) == shown[wrong]:
        why = f"`{wrong}` is {_short(item[wrong])} in the list, and {_short(shown[wrong])} where the item is read."
        follow.blame(ListDisagrees, why, wrong, shown=(answer,))
    return False


def _listed_again(follow: FollowUps, member: Member, identifier: Json) -> Mapping[str, Json] | None:
    items = _items(follow.again(), member)
    return next((item for item in items if id_of(item, member.collection) == identifier), None)


def _differs(listed: Json, read: Json) -> bool:
    if isinstance(listed, dict | list) or isinstance(read, dict | list) or listed is None or read is None:
        return False  # Lists show less of what is nested.
    if isinstance(listed, str) and isinstance(read, str) and is_cut_at_start(listed, read):
        return True
    return type(listed) is type(read) and lost(listed, read)


def _items(answer: FollowUpAnswer, member: Member) -> list[dict[str, Json]]:
    """The records in the answer of a list; none where it is no list of objects."""
    found = at(answer.body, member.role.answer) if answer.is_good and member.role.kind == "list" else MISSING
    return found if isinstance(found, list) and all(isinstance(item, dict) for item in found) else []


# Filters


def filters_return_only_matches(follow: FollowUps, member: Member) -> bool:
    """A list that is filtered for a value of a member has only items with that value."""
    items = _items(follow.first, member)
    if member.role.kind != "list" or member.operation.method.upper() != "GET" or follow.first.is_told or not items:
        return False
    filters = {
        name: path
        for name, path in follow.api.list_query(member).filters.equalities().items()
        if _is_declared(member, name)
    }
    asked = False
    for name, path in filters.items():
        if name in follow.first.case.query:
            _blame_unmatching(follow, name, path, follow.first.case.query[name], items)
            continue
        values = [value for value in (reach(item, path) for item in items) if _can_be_asked(member, name, value)]
        if len({*map(str, values)}) < 2 or asked:
            continue
        path_parameters = follow.first.case.path_parameters
        answer = follow.ask(member.operation, path_parameters, query={name: values[0]})
        if answer.is_good and not answer.is_told:
            _blame_unmatching(follow, name, path, values[0], _items(answer, member))
            asked = True
    return asked


def _is_declared(member: Member, name: str) -> bool:
    return any(parameter.place == "query" and parameter.name == name for parameter in member.operation.parameters)


def _can_be_asked(member: Member, name: str, value: Json) -> bool:
    if not isinstance(value, str | int) or value == "" or (isinstance(value, str) and set(value) & set(",*%|:!<>")):
        return False
    parameter = next(one for one in member.operation.parameters if one.place == "query" and one.name == name)
    return not parameter.is_array and parameter.validator.accepts(value)


def _blame_unmatching(
    follow: FollowUps, name: str, path: tuple[str, ...], wanted: Json, items: Sequence[Mapping[str, Json]]
) -> None:
    if not isinstance(wanted, str | int) or wanted == "":
        return
    for item in items:
        value = reach(dict(item), path)
        if value is not None and not isinstance(value, dict) and not _matches(value, wanted):
            why = f"`{name}={wanted}` asks for items whose `{'.'.join(path)}` is that; one has {_short(value)}."
            follow.blame(FilterIgnored, why, name, needs_first=name in follow.first.case.query)


def _matches(value: Json, wanted: Json) -> bool:
    if isinstance(value, list):
        return not value or any(_matches(one, wanted) for one in value)
    texts = str(value).casefold(), str(wanted).casefold()
    parts = [part.strip() for part in texts[1].split(",")]
    return texts[1] in texts[0] or texts[0] in parts or plain(texts[0]) == plain(texts[1]) or not texts[1].isprintable()


# Pages


def paging_covers_each_item_once(follow: FollowUps, member: Member) -> bool:
    """The pages of a list, one after the other, have each item once."""
    if not _items(follow.first, member) or follow.first.is_told or member.operation.method.upper() != "GET":
        return False
    paging = follow.api.list_query(member).paging
    pages = [*_pages(follow, member, paging)]
    if len(pages) < 2:
        return False
    twice = _repeated(pages)
    if twice is not None:
        if _repeated([*_pages(follow, member, paging)]) == twice:
            shown = [page.answer for page in pages if twice in page.ids][:2]
            where = "on two pages" if len(shown) > 1 else "twice on one page"
            why = f"The item {_short(twice)} stands {where}."
            follow.blame(PagesOverlap, why, "twice", shown=shown, needs_first=False)
        return False
    missing = _left_out(follow, member, paging, [identifier for page in pages for identifier in page.ids])
    if missing is not None:
        why = f"The item {_short(missing[0])} of the whole list stands on none of its pages."
        shown = [*(page.answer for page in pages), missing[1]]
        follow.blame(PagesOverlap, why, "missing", shown=shown, needs_first=False)
    return True


class _Page(NamedTuple):
    ids: list[Json]
    answer: FollowUpAnswer


def _repeated(pages: Sequence[_Page]) -> Json:
    """The first id that stands twice; None where none does."""
    seen: set[Json] = set()
    for identifier in (identifier for page in pages for identifier in page.ids):
        if identifier in seen:
            return identifier
        seen.add(identifier)
    return None


def _left_out(
    follow: FollowUps, member: Member, paging: Paging, walked: Sequence[Json]
) -> tuple[Json, FollowUpAnswer] | None:
    """The first id of one large page that its small pages do not have, and that page; None where they have all."""
    limit = paging.pagers.get("limit")
    if limit is None or not limit.is_number or (limit.most and limit.most < len(walked)):
        return None
    asked = {limit.parameter: len(walked)}
    answers = [follow.ask(member.operation, follow.first.case.path_parameters, query=asked) for _ in range(2)]
    whole = [_ids(answer, member) for answer in answers]
    if whole[0] != whole[1] or len(whole[0]) > len(walked):
        return None
    return next(((identifier, answers[0]) for identifier in whole[0] if identifier not in walked), None)


def _ids(answer: FollowUpAnswer, member: Member) -> list[Json]:
    found = [id_of(item, member.collection) for item in _items(answer, member)]
    if not answer.is_good or MISSING in found:
        raise Unclear
    return found


def _pages(follow: FollowUps, member: Member, paging: Paging) -> Iterator[_Page]:
    """Each page, from the first on, until one is empty."""
    limit = paging.pagers.get("limit")
    size = max(PAGE_SIZE, limit.least) if limit is not None and limit.is_number else 0
    if limit is not None and (not limit.is_number or (limit.most and size > limit.most)):
        return
    query: dict[str, Json] = {limit.parameter: size} if limit is not None else {}
    turned: dict[str, Json] | None = dict(query)
    for number in range(PAGES):
        if turned is None:
            return
        answer = follow.ask(member.operation, follow.first.case.path_parameters, query=turned)
        ids = _ids(answer, member)
        if not ids:
            return
        yield _Page(ids, answer)
        turned = _next(paging, query, number + 1, size or len(ids), answer)


def _next(
    paging: Paging, query: Mapping[str, Json], number: int, size: int, answer: FollowUpAnswer
) -> dict[str, Json] | None:
    """The query of the next page; None where nothing tells how to ask for it."""
    pagers = paging.pagers
    if "offset" in pagers and pagers["offset"].is_number and "limit" in pagers:
        return {**query, pagers["offset"].parameter: paging.base + number * size}
    if "page" in pagers and pagers["page"].is_number:
        return {**query, pagers["page"].parameter: paging.first + number}
    if "after" in pagers:
        token = _token(answer, pagers["after"])
        return {**query, pagers["after"].parameter: token} if token else None
    return None


def _token(answer: FollowUpAnswer, pager: Pager) -> str:
    """The cursor of the next page: in the envelope or in a link."""
    link = answer.headers.get("link", "")
    addresses = [part.partition(";")[0].strip(" <>") for part in link.split(",") if 'rel="next"' in part]
    envelope = answer.body if isinstance(answer.body, dict) else {}
    nested = [inner for inner in envelope.values() if isinstance(inner, dict)]
    for holder in (envelope, *nested):
        for name, value in holder.items():
            if (
                MARKS.get(plain(name)) == "next"
                and isinstance(value, str | int)
                and not isinstance(value, bool)
                and value
            ):
                addresses.append(str(value))
    for address in addresses:
        if "?" in address or "/" in address:
            given = dict(parse_qsl(urlsplit(address).query))
            if pager.parameter in given:
                return given[pager.parameter]
        else:
            return address
    return ""


_SHOWN: Final = 100


def _short(value: Json) -> str:
    text = encode(value).decode("utf-8", "replace")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
