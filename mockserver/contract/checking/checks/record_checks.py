"""Checks of single records: what was written is read, and repetition changes nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.contract.checking.checks.broken_bodies import accepts, changed, media_of_case
from mockserver.contract.checking.checks.checked_api import (
    MISSING,
    Member,
    at,
    id_in_location,
    id_of,
)
from mockserver.contract.checking.checks.follow_up import FollowUpAnswer, FollowUps
from mockserver.contract.checking.checks.own_failure import LostWrite, NotRepeatable
from mockserver.contract.checking.checks.write_effects import blame_effects, blame_location, blame_lost_times
from mockserver.contract.checking.checks.written_values import VOLATILE, differing, is_uniform, lost, telling_values
from mockserver.json_text import Json, encode
from mockserver.spelling import plain

_WRITES: Final = ("create", "replace", "update")
_GONE: Final = (404, 410)
_RECORD: Final = ""
"""Stands for the record as a whole, in the place of a member's name."""
_EMPTY: Final[tuple[Json, ...]] = (None, "", [], {}, False, 0)


def created_id(member: Member, answer: FollowUpAnswer) -> Json:
    """The id of the record that a request created, by its answer or the Location; MISSING where neither tells."""
    found = id_of(at(answer.body, member.role.answer), member.collection)
    if found is MISSING and "location" in answer.headers and member.collection.item_path:
        return id_in_location(answer.headers["location"], member.collection.item_path)
    return found


def sent_record(member: Member, case: Any) -> Mapping[str, Json]:
    """The record in the body of a case; empty where it has none."""
    if "patch+json" in str(case.media_type or "") and not str(case.media_type).startswith("application/merge-patch"):
        return {}
    found = at(case.body, member.role.body_path)
    return found if isinstance(found, dict) else {}


def read_your_writes(follow: FollowUps, member: Member) -> bool | None:
    """A record that was created, replaced or changed is read as it was written. None: each member was compared often
    enough, or has a value that proves nothing.
    """
    first = follow.first
    sent = sent_record(member, first.case)
    if member.role.kind == "act":
        return _keep_times(follow, member)
    if member.role.kind not in _WRITES or not first.is_good or first.is_told:
        return False
    identifier = created_id(member, first) if member.role.kind == "create" else MISSING
    found = follow.api.reader(member, first.case.path_parameters, identifier)
    if found is None:
        return False
    reader, path = found
    telling = {_RECORD: follow.api.count_of(member, _RECORD), **telling_values(sent)}
    fresh = follow.api.to_compare(member, telling)
    if not fresh:
        return None
    answer = follow.read(reader, path)
    follow.api.note_read(reader, answer.body, identifier)
    if answer.status in _GONE:
        return _blame_missing(follow, member, (reader, path), identifier, answer)
    shown = at(answer.body, reader.role.answer)
    if not answer.is_good or answer.is_told or not isinstance(shown, dict):
        return False
    written = at(first.body, member.role.answer)
    wrong = _lost_members(follow, reader, sent, written if isinstance(written, dict) else {}, shown)
    proven = {
        path: value for path, value in fresh.items() if path.partition(".")[0] not in wrong and not is_uniform(value)
    }
    follow.api.note_compared(member, proven)
    if wrong:
        again = at(follow.read(reader, path).body, reader.role.answer)
        if isinstance(again, dict) and all(again.get(name) == shown.get(name) for name in wrong):
            name = next(iter(wrong))
            why = f"`{name}` was written as {_short(wrong[name])}, and is read as {_short(shown.get(name, MISSING))}."
            follow.blame(LostWrite, why, "lost", shown=(answer,))
    blame_lost_times(follow, written if isinstance(written, dict) else {}, answer, (reader, path))
    if member.role.kind == "create":
        blame_location(follow, member, identifier)
        return True if proven else None
    if isinstance(written, dict):
        _blame_ignored(follow, member, (reader, path), sent, written, shown)
    blame_effects(follow, member, (reader, path), sent, shown)
    return True if proven else None


def _keep_times(follow: FollowUps, member: Member) -> bool:
    """Reads a record after an action whose answer shows it."""
    first = follow.first
    found = follow.api.reader(member, first.case.path_parameters)
    written = at(first.body, member.role.answer)
    if found is None or not first.is_good or first.is_told or not isinstance(written, dict):
        return False
    answer = follow.read(*found)
    if not answer.is_good or answer.is_told:
        return False
    blame_lost_times(follow, written, answer, found)
    return True


def _blame_missing(
    follow: FollowUps,
    member: Member,
    reading: tuple[Member, Mapping[str, Json]],
    identifier: Json,
    answer: FollowUpAnswer,
) -> bool:
    """Blames a record that cannot be read, unless its id may be none, or be no part of paths."""
    if id_of(at(answer.body, member.role.answer), member.collection) is not MISSING:
        return False  # What refusals have too is no id of a record.
    found = follow.api.lister(member, follow.first.case.path_parameters)
    is_sure = identifier is MISSING or follow.api.is_proven(reading[0]) or "location" in follow.first.headers
    if found is not None and not is_sure:
        items = at(follow.ask(found[0].operation, found[1]).body, found[0].role.answer)
        is_sure = isinstance(items, list) and all(id_of(item, member.collection) != identifier for item in items)
    if is_sure and follow.read(*reading).status in _GONE:
        why = f"The record was written, and reading it is answered with {answer.status}."
        follow.blame(LostWrite, why, "missing", shown=(answer,))
    return False


def _lost_members(
    follow: FollowUps, reader: Member, sent: Mapping[str, Json], written: Mapping[str, Json], shown: Mapping[str, Json]
) -> dict[str, Json]:
    """The sent members that are read as something else than what the write answered, else than what was sent."""
    shape = follow.api.shown(reader)
    found = {}
    for name, value in sent.items():
        member = follow.api.shapes.member(shape, name)
        if _is_set_by_server(reader, name) or member.read_only or member.write_only:
            continue
        expected = written.get(name, value)
        is_dropped = name not in shown and name in shape.members and written.get(name) not in _EMPTY
        if is_dropped or (name in shown and lost(expected, shown[name])):
            found[name] = expected
    return found


def _is_set_by_server(member: Member, name: str) -> bool:
    return plain(name) in VOLATILE or name in member.collection.id_spec.member_path[:1]


def _blame_ignored(
    follow: FollowUps,
    member: Member,
    reading: tuple[Member, Mapping[str, Json]],
    sent: Mapping[str, Json],
    written: Mapping[str, Json],
    shown: Mapping[str, Json],
) -> None:
    """Blames a change that is answered with success, whatever value is sent, and never made."""
    first, (reader, path) = follow.first, reading
    shape = follow.api.shown(reader)
    ignored = [
        name
        for name, value in sent.items()
        if isinstance(value, str | int)
        and not _is_set_by_server(reader, name)
        and not follow.api.shapes.member(shape, name).read_only
        and name in shown
        and written.get(name) == shown[name]
        and lost(value, shown[name])
    ]
    media = media_of_case(member.operation, first.case)
    if not ignored or media is None or member.role.body_path or not isinstance(first.case.body, dict):
        return
    other = changed(media, first.case.body)
    names = [name for name in ignored if lost(other[name], first.case.body[name]) and lost(other[name], shown[name])]
    if not names or not accepts(media, other):
        return
    second = follow.ask(member.operation, first.case.path_parameters, body=other, media_type=str(first.case.media_type))
    now = at(follow.read(reader, path).body, reader.role.answer)
    if second.is_good and not second.is_told and isinstance(now, dict) and now.get(names[0]) == shown[names[0]]:
        why = (
            f"`{names[0]}` was sent as {_short(sent[names[0]])} and as {_short(other[names[0]])}, both were answered "
            f"with success, and it is {_short(shown[names[0]])} all the same."
        )
        follow.blame(LostWrite, why, "ignored")


def repeatable_put_and_delete(follow: FollowUps, member: Member) -> bool:
    """PUT and DELETE have the same effect when they are sent twice (RFC 9110 9.2.2)."""
    first, method = follow.first, member.operation.method.upper()
    conditional = {str(name).lower() for name in first.case.headers} & {"if-match", "if-none-match"}
    if method not in ("PUT", "DELETE") or not first.is_good or first.is_told or conditional:
        return False
    if method == "DELETE":
        second = follow.again()
        if second.status >= 500:
            follow.blame(NotRepeatable, f"The second DELETE is answered with {second.status}.", "delete")
        return True
    found = follow.api.reader(member, first.case.path_parameters)
    sent = sent_record(member, first.case)
    before = at(follow.read(*found).body, found[0].role.answer) if found is not None else MISSING
    second = follow.again()
    if second.status >= 500 or second.status in _GONE:
        follow.blame(NotRepeatable, f"The second PUT of the same is answered with {second.status}.", "status")
    if found is None or not second.is_good or not isinstance(before, dict) or not sent:
        return second.is_good
    after = at(follow.read(*found).body, found[0].role.answer)
    if isinstance(after, dict):
        names = differing(before, after, frozenset(sent))
        if names:
            why = (
                f"`{names[0]}` was {_short(before[names[0]])} after the first PUT, and is {_short(after[names[0]])} "
                "after the second of the same."
            )
            follow.blame(NotRepeatable, why, names[0])
    return True


def _short(value: Json) -> str:
    if value is MISSING:
        return "nothing"
    text = encode(value).decode("utf-8", "replace")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_SHOWN: Final = 100
