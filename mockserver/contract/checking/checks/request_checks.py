"""Checks of how requests are heeded: idempotency keys, conditions, refusals that leave no trace."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from mockserver.contract.checking.checks.broken_bodies import (
    at_path,
    broken,
    broken_item,
    changed,
    list_paths,
    media_of_case,
    with_other_texts,
)
from mockserver.contract.checking.checks.checked_api import MISSING, Member, at, id_of
from mockserver.contract.checking.checks.follow_up import IDEMPOTENCY, FollowUpAnswer, FollowUps, Unclear
from mockserver.contract.checking.checks.own_failure import ConditionIgnored, NotReplayed, PartialChange
from mockserver.contract.checking.checks.record_checks import created_id, sent_record
from mockserver.contract.checking.checks.written_values import differing
from mockserver.json_text import Json, encode
from mockserver.resources.detect.names import MARKS
from mockserver.spelling import plain

_NEVER: Final = '"mockserver-has-never-been-a-version"'
_TAG: Final = re.compile(r'(?:W/)?"[^"]*"')
_MANY: Final = ("create-many", "upsert-many", "update-many", "mix-many", "replace-all")


def idempotency_key_replay(follow: FollowUps, member: Member) -> bool:
    """A request that repeats an idempotency key is answered as before, and not done again."""
    first = follow.first
    declared = [one for one in member.operation.parameters if one.place == "header" and IDEMPOTENCY.search(one.name)]
    if not declared or not first.is_good or first.is_told:
        return False
    parameter, seed = declared[0], uuid5(NAMESPACE_URL, f"{first.case.id}")
    keys = (str(seed), seed.hex, seed.hex[:16], str(seed.int)[:12])
    key = next((key for key in keys if parameter.validator.accepts(key)), None)
    if key is None:
        return False
    answers = [follow.again(headers={parameter.name: key}) for _ in range(2)]
    if not answers[0].is_good:
        return False
    one, two = (_identity(member, answer) for answer in answers)
    if answers[1].status >= 500:
        why = f"The request that repeats its key is answered with {answers[1].status}."
        follow.blame(NotReplayed, why, "status", needs_first=False)
    if not one or not answers[1].is_good:
        return False
    if one != two:
        why = f"Both have the {parameter.name} {key}: the first made {one}, the second {two}."
        follow.blame(NotReplayed, why, needs_first=False)
    return True


def _identity(member: Member, answer: FollowUpAnswer) -> str:
    """What was made, as far as the answer tells: the id of the record, else the Location."""
    found = created_id(member, answer)
    if found is not MISSING:
        return str(found)
    location = answer.headers.get("location", "")
    body = answer.body if isinstance(answer.body, dict) else {}
    ids = [f"{name} {value}" for name, value in body.items() if plain(name) == "id" and isinstance(value, str | int)]
    return location or " ".join(ids)


# Refusals


def no_partial_change_after_refusal(follow: FollowUps, member: Member) -> bool:
    """A request that is refused for one part of its body changes nothing."""
    first = follow.first
    if not first.is_good or first.is_told:
        return False
    if member.role.kind in ("update", "replace"):
        return _of_a_record(follow, member)
    if member.role.kind in ("create", *_MANY):
        return _of_a_list(follow, member)
    return False


def _of_a_record(follow: FollowUps, member: Member) -> bool:
    case = follow.first.case
    media = media_of_case(member.operation, case)
    found = follow.api.reader(member, case.path_parameters)
    if media is None or found is None or not sent_record(member, case) or member.role.body_path:
        return False
    other = broken(media, changed(media, case.body))
    before = follow.read(*found)
    if other is None or not before.is_good:
        return False
    refused = follow.ask(member.operation, case.path_parameters, body=other, media_type=str(case.media_type))
    if not refused.is_refused:
        return False
    after, again = (follow.read(*found) for _ in range(2))
    one, two, three = (at(answer.body, found[0].role.answer) for answer in (before, after, again))
    if not (isinstance(one, dict) and isinstance(two, dict) and isinstance(three, dict)):
        return False
    names = [name for name in differing(one, two, frozenset(other)) if three.get(name) == two[name]]
    if names:
        why = (
            f"The request was refused with {refused.status}, and `{names[0]}`, which was {_short(one[names[0]])}, is "
            f"{_short(two[names[0]])} since."
        )
        follow.blame(PartialChange, why, names[0], shown=(before, refused, after))
    return True


def _of_a_list(follow: FollowUps, member: Member) -> bool:
    case = follow.first.case
    found = follow.api.lister(member, case.path_parameters) or _list_of_parent(follow, member)
    bodies = [*_refusable(follow, member)]
    if found is None or not bodies:
        return False
    before = _listed(follow, found)
    state = _signature(before, found[0])
    if state != _state(follow, found):
        raise Unclear
    for body in bodies:
        refused = follow.ask(member.operation, case.path_parameters, body=body, media_type=str(case.media_type))
        if not refused.is_refused:
            return False
        after = _listed(follow, found)
        now = _signature(after, found[0])
        if now != state and _state(follow, found) == now:
            name = member.collection.name
            why = f"The request was refused with {refused.status}, and the list of {name} is another since."
            follow.blame(PartialChange, why, shown=(before, refused, after), needs_first=False)
    return True


def _refusable(follow: FollowUps, member: Member) -> Iterator[Json]:
    """Bodies that are invalid in one part. Those with a list come twice: what stands before the invalid item may be
    refused for being there already, so that it has other texts then.
    """
    case = follow.first.case
    media = media_of_case(member.operation, case)
    if media is None:
        return
    if member.role.kind == "create" and isinstance(case.body, dict):
        other = broken(media, case.body)
        yield from [other] if other is not None else []
    kept = follow.api.references_of(member)
    for path in list_paths(case.body)[:1]:
        fresh = with_other_texts(media, case.body, "2", kept, (*path, 0))
        for body in (case.body, fresh) if fresh != case.body else (case.body,):
            other = broken_item(media, body, path)
            yield from [other] if other is not None else []


def _list_of_parent(follow: FollowUps, member: Member) -> tuple[Member, Mapping[str, Json]] | None:
    """The list of the records of a parent that the first record of the body names."""
    body = follow.first.case.body
    paths: list[tuple[str | int, ...]] = [member.role.body_path]
    if member.role.kind in _MANY:
        paths = [(*path, 0) for path in list_paths(body)]
    for lister in follow.api.of_kind(member.collection.name, "list"):
        owned = lister.role.owned
        needed = [one.name for one in lister.operation.parameters if one.place == "path"]
        if owned is None or needed != [owned.parameter] or lister.operation.method.upper() != "GET":
            continue
        inner = (owned.id_member,) if owned.id_member else ()
        for path in paths:
            value = at_path(body, (*path, *owned.member_path, *inner))
            if isinstance(value, str | int) and value != "":
                return lister, {owned.parameter: value}
    return None


def _state(follow: FollowUps, found: tuple[Member, Mapping[str, Json]]) -> Json:
    return _signature(_listed(follow, found), found[0])


def _listed(follow: FollowUps, found: tuple[Member, Mapping[str, Json]]) -> FollowUpAnswer:
    return follow.ask(found[0].operation, found[1], query=_large(follow, found[0]))


def _large(follow: FollowUps, member: Member) -> dict[str, Json]:
    """The query of as large a page as the document allows, at most 100."""
    limit = follow.api.list_query(member).paging.pagers.get("limit")
    if limit is None or not limit.is_number:
        return {}
    return {limit.parameter: min(limit.most or _LARGEST, _LARGEST)}


_LARGEST: Final = 100


def _signature(answer: FollowUpAnswer, member: Member) -> Json:
    """What a list says of its records: their ids, and how many there are."""
    items = at(answer.body, member.role.answer)
    if not answer.is_good or answer.is_told or not isinstance(items, list):
        raise Unclear
    envelope = answer.body if isinstance(answer.body, dict) else {}
    totals = [value for name, value in envelope.items() if MARKS.get(plain(name)) in ("total", "count")]
    return [str(id_of(item, member.collection)) for item in items], totals


# Conditions


def conditional_requests(follow: FollowUps, member: Member) -> bool:
    """An entity tag makes a read conditional (304), and a write for another version is refused (412)."""
    first, method = follow.first, member.operation.method.upper()
    if not first.is_good or first.is_told:
        return False
    if method == "GET":
        return _of_a_read(follow, member)
    if method in ("PUT", "PATCH") and "412" in member.operation.answers and member.role.kind in ("replace", "update"):
        found = follow.api.reader(member, first.case.path_parameters)
        return found is not None and _of_a_write(follow, member, found)
    return False


def _of_a_write(follow: FollowUps, member: Member, found: tuple[Member, Mapping[str, Json]]) -> bool:
    """`If-Match` compares strongly (RFC 9110 13.1.1): no weak tag fits it, and none of another version does."""
    looks = [follow.again(headers={"If-Match": tag}) for tag in (_NEVER, f"W/{_NEVER}")]
    for tag, answer in zip((_NEVER, f"W/{_NEVER}"), looks, strict=True):
        if answer.is_good:
            why = f"`If-Match` is {tag}, a version that the record never had, and the document declares 412 for that."
            follow.blame(ConditionIgnored, why, "if-match", shown=(answer,), needs_first=False)
    if all(answer.status == 412 for answer in looks):
        _blame_stale(follow, member, found)
        return True
    return False


def _blame_stale(follow: FollowUps, member: Member, found: tuple[Member, Mapping[str, Json]]) -> None:
    """Blames a write that is done for the tag of a version before the last change, in its strong and its weak form."""
    case = follow.first.case
    media = media_of_case(member.operation, case)
    before = follow.read(*found)
    old = before.headers.get("etag", "")
    if media is None or not isinstance(case.body, dict) or not _TAG.fullmatch(old):
        return
    other = changed(media, case.body)
    change = follow.ask(
        member.operation,
        case.path_parameters,
        headers={"If-Match": "*"},
        body=other,
        media_type=str(case.media_type),
    )
    after = follow.read(*found)
    now = after.headers.get("etag", "")
    if not change.is_good or not _TAG.fullmatch(now) or now.removeprefix("W/") == old.removeprefix("W/"):
        return
    for tag in dict.fromkeys((old, f"W/{old.removeprefix('W/')}")):
        answer = follow.again(headers={"If-Match": tag})
        if answer.is_good:
            why = f"`If-Match` is {tag}, and the record had {now} by then; the document declares 412 for that."
            follow.blame(ConditionIgnored, why, "if-match", shown=(before, change, after, answer), needs_first=False)


def _of_a_read(follow: FollowUps, member: Member) -> bool:
    tag = follow.first.headers.get("etag", "")
    if "304" not in member.operation.answers or not _TAG.fullmatch(tag):
        return False
    answer = follow.again(headers={"If-None-Match": tag})
    if answer.status == 200 and answer.headers.get("etag") == tag and follow.again().headers.get("etag") == tag:
        why = f"`If-None-Match` names the entity tag {tag}, which the record still has, and the document declares 304."
        follow.blame(ConditionIgnored, why, "if-none-match")
    other = follow.again(headers={"If-None-Match": _NEVER})
    if other.status == 304:
        why = "`If-None-Match` names an entity tag that nothing ever had, and the answer is that nothing changed."
        follow.blame(ConditionIgnored, why, "never", shown=(other,), needs_first=False)
    return True


def _short(value: Json) -> str:
    text = encode(value).decode("utf-8", "replace")
    return text if len(text) <= _LARGEST else f"{text[:_LARGEST]}…"
