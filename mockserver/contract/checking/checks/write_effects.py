"""What a write does beside keeping what was sent: letters that are lost, null that is ignored, times that change or
vanish, and a Location that leads nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from mockserver.contract.checking.checks.broken_bodies import accepts, media_of_case
from mockserver.contract.checking.checks.checked_api import MEMBER_TIMES, MISSING, Member, at, id_in_location
from mockserver.contract.checking.checks.follow_up import FollowUpAnswer, FollowUps
from mockserver.contract.checking.checks.own_failure import LostWrite
from mockserver.contract.checking.checks.written_values import VOLATILE, is_garbled, is_moment
from mockserver.json_text import Json
from mockserver.openapi.model.body_model import Media
from mockserver.resources.detect.operation_view import is_parameter, segments_of
from mockserver.spelling import plain

LETTERS: Final = "Zoë Łódź 漢字"
"""A text that is sent to see whether the letters of all scripts are kept."""

_CREATED: Final = frozenset(
    {"createdat", "created", "createdon", "createdtime", "createddate", "creationdate", "creationtime", "datecreated"}
)
"""Members, by plain name, that say when a record was made."""
_LOOKS: Final = ("letters of texts", "null", "time of creation")
"""Names, beside those of members, under which it is counted how often these were looked at after an operation."""


class _Change(NamedTuple):
    """A record after a change, and the answers that show it."""

    record: Mapping[str, Json]
    answers: tuple[FollowUpAnswer, ...]


Reading = tuple[Member, Mapping[str, Json]]
"""The operation that reads a record, and its path parameters."""


def blame_lost_times(follow: FollowUps, written: Mapping[str, Json], answer: FollowUpAnswer, reading: Reading) -> None:
    """Blames a time that the answer to a write shows, and that is null when the record is read, twice."""
    shown = at(answer.body, reading[0].role.answer)
    names = [name for name, value in written.items() if is_moment(value) and at(shown, (name,)) is None]
    names = [name for name in names if plain(name) not in VOLATILE]
    if names and at(at(follow.read(*reading).body, reading[0].role.answer), (names[0],)) is None:
        why = f"`{names[0]}` is answered as {written[names[0]]}, and read as null."
        follow.blame(LostWrite, why, f"time {names[0]}", shown=(answer,))


def blame_location(follow: FollowUps, member: Member, identifier: Json) -> None:
    """Blames a Location on the same server that ends with the record's id and has no path of the document."""
    location = follow.first.headers.get("location", "")
    host, path = urlsplit(location).netloc, [unquote(part) for part in urlsplit(location).path.strip("/").split("/")]
    is_here = host in ("", urlsplit(str(follow.first.response.request.url)).netloc)
    if identifier is MISSING or not is_here or path[-1] != str(identifier):
        return
    templates = {path for _, path in follow.api.operations} | {member.collection.item_path}
    if all(id_in_location(location, template) is MISSING for template in templates if _ends_with_id(template)):
        why = (
            f"Location is {location}, which is no path of the document; the record is at {member.collection.item_path}."
        )
        follow.blame(LostWrite, why, "location")


def _ends_with_id(template: str) -> bool:
    return is_parameter(segments_of(template)[-1]) if segments_of(template) else False


def blame_effects(
    follow: FollowUps, member: Member, reading: Reading, sent: Mapping[str, Json], shown: Mapping[str, Json]
) -> None:
    """Blames a change that loses letters, ignores null, or changes when the record was made. Each is looked at as often
    as a member is.
    """
    first = follow.first
    media = media_of_case(member.operation, first.case)
    if media is None or member.role.body_path or not isinstance(first.case.body, dict):
        return
    for look, blame in zip(_LOOKS, (_blame_letters, _blame_null, _blame_creation), strict=True):
        times = follow.api.count_of(member, look)
        if times >= MEMBER_TIMES:
            continue
        try:
            if blame(follow, member, reading, media, sent, shown):
                follow.api.note_compared(member, {look: times})
        except LostWrite:  # Once is enough, so that the others are looked at as well.
            for number in range(MEMBER_TIMES):
                follow.api.note_compared(member, {look: number})
            raise


def _changed(follow: FollowUps, member: Member, reading: Reading, body: Mapping[str, Json]) -> _Change:
    """The record as it is read after another change, which is then taken back, for the checks that come next; empty
    where the change is not made.
    """
    first = follow.first
    answer = follow.ask(
        member.operation, first.case.path_parameters, body=dict(body), media_type=str(first.case.media_type)
    )
    if not answer.is_good:
        return _Change({}, ())
    try:
        read = follow.read(*reading)
    finally:
        follow.again()
    if answer.is_told:  # What the server says that it replaced or did not keep shows nothing.
        return _Change({}, ())
    found = at(read.body, reading[0].role.answer)
    return _Change(found if isinstance(found, dict) else {}, (answer, read))


def _blame_letters(
    follow: FollowUps,
    member: Member,
    reading: Reading,
    media: Media,
    sent: Mapping[str, Json],
    shown: Mapping[str, Json],
) -> bool:
    body = dict(follow.first.case.body)
    names = [name for name, value in sent.items() if isinstance(value, str) and name in shown]
    names = [name for name in names if accepts(media, {**body, name: LETTERS})]
    if not names:
        return False
    now, answers = _changed(follow, member, reading, {**body, **dict.fromkeys(names, LETTERS)})
    for name in names:
        if is_garbled(LETTERS, now.get(name)):
            why = f"`{name}` was written as {LETTERS}, and is read as {now[name]}."
            follow.blame(LostWrite, why, "letters", shown=answers, needs_first=False)
    return bool(now)


def _blame_null(
    follow: FollowUps,
    member: Member,
    reading: Reading,
    media: Media,
    sent: Mapping[str, Json],
    shown: Mapping[str, Json],
) -> bool:
    """A value that was just written stays although null is sent: a default would be another one."""
    if member.role.kind != "update":
        return False
    names = [name for name, value in sent.items() if _is_own(value) and value == shown.get(name)]
    name = next((name for name in names if accepts(media, {name: None}) and plain(name) not in VOLATILE), "")
    if not name:
        return False
    now, answers = _changed(follow, member, reading, {name: None})
    if now and now.get(name) == shown[name]:
        why = f"`{name}` was written as null, and is still {now[name]}."
        follow.blame(LostWrite, why, f"null {name}", shown=answers)
    return bool(now)


def _is_own(value: Any) -> bool:
    """Whether a value is hardly a default: a text or a number, and not an empty one."""
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value not in ("", 0)


def _blame_creation(
    follow: FollowUps, member: Member, reading: Reading, _: Media, sent: Mapping[str, Json], shown: Mapping[str, Json]
) -> bool:
    is_update = member.role.kind == "update"
    names = [name for name in shown if is_update and plain(name) in _CREATED and name not in sent]
    names = [name for name in names if is_moment(shown[name])]
    if not names:
        return False
    now, answers = _changed(follow, member, reading, dict(follow.first.case.body))
    for name in names:
        if is_moment(now.get(name)) and now[name] != shown[name]:
            why = f"`{name}` was {shown[name]}, and is {now[name]} after the next change."
            follow.blame(LostWrite, why, f"changed {name}", shown=answers)
    return bool(now)
