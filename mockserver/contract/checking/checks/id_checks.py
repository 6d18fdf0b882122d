"""Checks that an id is given once: not again after its record was deleted, and not while it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from mockserver.contract.checking.checks.broken_bodies import accepts, media_of_case, with_other_texts
from mockserver.contract.checking.checks.checked_api import MISSING, Member, at, id_of, values_for
from mockserver.contract.checking.checks.follow_up import FollowUpAnswer, FollowUps, Unclear
from mockserver.contract.checking.checks.own_failure import ReusedId
from mockserver.contract.checking.checks.record_checks import created_id, sent_record
from mockserver.json_text import Json, encode

TRIES: Final = 8
"""Bodies that are sent to create records while the first one is there."""

_TOKENS: Final = re.compile(r"[^\W\d_]+|\d+")


class _Made(NamedTuple):
    """A record that the check created: its id, the body, and the answer."""

    identifier: Json
    body: Json
    answer: FollowUpAnswer


def ids_are_not_reused(follow: FollowUps, member: Member) -> bool | None:
    """A record that is created after another one was deleted has neither its id nor that of one that is still there.
    None: only ids were noted, which later bodies may name.
    """
    first, spec = follow.first, member.collection.id_spec
    if member.role.kind in ("list", "read"):
        _note_ids(follow, member)
        return None
    if member.role.kind != "create" or not first.is_good or first.is_told or spec.given:
        return False
    if spec.member_path and spec.member_path[0] in sent_record(member, first.case):
        return False
    own = created_id(member, first)
    if spec.kind == "text" and (own is MISSING or _is_made_of(own, first.case.body, first.case.path_parameters)):
        return False
    remover = next((one for one in follow.api.of_kind(member.collection.name, "delete") if _removes(one)), None)
    return remover is not None and _look(follow, member, remover, own)


def _look(follow: FollowUps, member: Member, remover: Member, own: Json) -> bool:
    """Creates two records, deletes the elder, creates one, deletes that, and creates another one."""
    making = _Making(follow, member)
    made = [_Made(own, follow.first.case.body, follow.first)] if own is not MISSING else []
    deleted: dict[str, FollowUpAnswer] = {}
    for number in range(_RECORDS):
        new = making.next()
        if new is None:
            return number > 2  # Two at once, and one after the first deletion.
        _blame_again(follow, new, made, deleted)
        made.append(new)
        gone = {1: made[-2:][0], 2: made[-1]}.get(number)
        if gone is not None:
            path = values_for(remover, member, follow.first.case.path_parameters, gone.identifier)
            answer = follow.ask(remover.operation, path) if path is not None else None
            if answer is None or not 200 <= answer.status < 300:
                return number > 1
            deleted[str(gone.identifier)] = answer
            making.note_deletion()
    return True


_RECORDS: Final = 4


def _blame_again(follow: FollowUps, new: _Made, made: Sequence[_Made], deleted: Mapping[str, FollowUpAnswer]) -> None:
    same = next((one for one in made if one.identifier == new.identifier), None)
    if same is None:
        return
    key, is_first = str(new.identifier), same.answer is follow.first
    if not deleted:
        raise Unclear  # The same request is answered with the same record.
    if key in deleted:
        steps = [same.answer, deleted[key], new.answer]
        why = (
            f"The record {_short(new.identifier)} was deleted, and the next one that is created has its id: whoever "
            "remembers the old one now means the new one."
        )
    else:
        steps = [same.answer, *deleted.values(), new.answer]
        why = (
            f"The record {_short(new.identifier)} is still there, and one that is created after another was deleted "
            "has its id."
        )
    follow.blame(ReusedId, why, shown=steps, needs_first=is_first)


class _Making:
    """Creates records with the body of the first, else, where that is refused beside it, with others: other texts, and
    other records that it names. A body that was refused is not sent again, nor that of a deleted record, which a server
    may bring back, unless two records can have the same.
    """

    def __init__(self, follow: FollowUps, member: Member) -> None:
        self._follow = follow
        self._member = member
        self._bodies = _bodies(follow, member)
        self._body: Json = follow.first.case.body
        self._tries = 0
        self._last: Json = self._body
        self._is_repeatable = False

    def next(self) -> _Made | None:
        """A new record; None where the server creates none any more."""
        while self._tries < TRIES and self._body is not MISSING:
            answer = self._follow.again(headers={}, body=self._body)
            found = created_id(self._member, answer) if answer.is_good else MISSING
            if answer.is_good:
                self._is_repeatable |= self._body is self._last
                self._last = self._body
                return _Made(found, self._body, answer) if found is not MISSING else None
            self._tries += 1
            self._turn()
        return None

    def note_deletion(self) -> None:
        """Turns to another body where it is not proven that two records can have the same."""
        if not self._is_repeatable:
            self._turn()

    def _turn(self) -> None:
        self._body = next(self._bodies, MISSING)


def _bodies(follow: FollowUps, member: Member) -> Iterator[Json]:
    """Valid bodies, each with other texts and other records than the ones before."""
    case = follow.first.case
    media = media_of_case(member.operation, case)
    if media is None or not isinstance(case.body, dict) or member.role.body_path:
        return
    names = follow.api.references_of(member)
    named = {
        name: _unnamed(follow, target, case.body[name]) for name, target in names.items() if _is_id(case.body.get(name))
    }
    for number in range(TRIES):
        others = {name: ids[number] for name, ids in named.items() if number < len(ids)}
        body = with_other_texts(media, {**case.body, **others}, str(number + 2), frozenset(names))
        if body != case.body and accepts(media, body):
            yield body


def _is_id(value: Json) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _unnamed(follow: FollowUps, collection: str, named: Json) -> list[Json]:
    """Ids of records that answers showed, the latest first, without the one that is named."""
    return [one for one in reversed(follow.api.ids_seen(collection)) if one != named]


def _note_ids(follow: FollowUps, member: Member) -> None:
    if follow.first.is_good and not follow.first.is_told:
        found = at(follow.first.body, member.role.answer)
        ids = [id_of(one, member.collection) for one in (found if isinstance(found, list) else [found])]
        follow.api.note_ids(member.collection.name, [one for one in ids if one is not MISSING])


def _removes(member: Member) -> bool:
    return member.operation.method.upper() == "DELETE"


def _is_made_of(identifier: Json, *sent: Json) -> bool:
    """Whether an id may be made of what was sent, as a slug of a title is: they have a word, its beginning, or a number
    in common.
    """
    words = {*_words(identifier)}
    return any(_alike(one, other) for one in words for value in sent for other in {*_words(value)})


def _alike(one: str, other: str) -> bool:
    if one.isdecimal() or other.isdecimal():
        return one == other
    return one == other or (len(one) > 2 and one[:3] == other[:3])


def _words(value: Json) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = [*value.values()]
    if isinstance(value, list | tuple):
        for item in value:
            yield from _words(item)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield from (word.casefold() for word in _TOKENS.findall(str(value)))


def _short(value: Json) -> str:
    text = encode(value).decode("utf-8", "replace")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_SHOWN: Final = 100
