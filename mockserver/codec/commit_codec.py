"""Commits and contents of worlds as bytes, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any, Final

from mockserver.codec.exchange_codec import (
    exchange_of_plain,
    exchange_to_plain,
    headers_of_plain,
    is_plain,
    packed_at_once,
)
from mockserver.codec.packed import UnreadableCommit, packed, unpacked
from mockserver.codec.rule_codec import rule_of_plain, rule_to_plain
from mockserver.engine.steps.conditional import Version
from mockserver.engine.steps.idempotency import StoredReply
from mockserver.messages import Response
from mockserver.state.clock import ClockState
from mockserver.state.commits.commit import Change, Commit, Content
from mockserver.state.commits.log import Address
from mockserver.state.event_feed import LiveEvent
from mockserver.state.random_source import RandomState
from mockserver.state.records.collection import KeptRecord
from mockserver.state.records.record import Record

FORMAT: Final = 1
"""The number of this form of commits; it changes with every change of what is written."""


def commit_to_bytes(commit: Commit) -> bytes:
    """The bytes of the commit."""
    changes, exchanges, content = commit
    if (
        content is None
        and all(map(is_plain, exchanges))
        and _WRITERS.keys().isdisjoint(map(_FIRST, map(_FIRST, changes)))
    ):
        written = packed_at_once((FORMAT, changes, exchanges, None))
        if written is not None:
            return written
    return _with_all_in_turn(commit)


def _with_all_in_turn(commit: Commit) -> bytes:
    content = None if commit.content is None else [*map(_to_plain, commit.content)]
    return packed([FORMAT, _to_plain(commit.changes), [*map(exchange_to_plain, commit.exchanges)], content])


def commit_of_bytes(written: bytes) -> Commit:
    """The commit that has these bytes. Raises UnreadableCommit for those of another form."""
    _, changes, exchanges, content = _members(written, 4)
    return Commit(
        _of_plain(changes),
        tuple(map(exchange_of_plain, exchanges)),
        None if content is None else Content(*map(_of_plain, content)),
    )


def content_to_bytes(content: Content) -> bytes:
    """The bytes of a whole world without its journal."""
    return packed([FORMAT, *map(_to_plain, content)])


def content_of_bytes(written: bytes) -> Content:
    """The content that has these bytes. Raises UnreadableCommit for those of another form."""
    _, *changes = _members(written, 3)
    return Content(*map(_of_plain, changes))


def _members(written: bytes, count: int) -> list[Any]:
    members: Any = unpacked(written)
    if not isinstance(members, list) or not members or members[0] != FORMAT or len(members) != count:
        seen = members[0] if isinstance(members, list) and members else members
        raise UnreadableCommit(f"expected what this version of mockserver writes (form {FORMAT}), got form {seen!r}")
    return members


def _to_plain(changes: Iterable[Change]) -> list[Any]:
    return [
        (place, key, None if value is None else _WRITERS.get(place[0], _same)(value)) for place, key, value in changes
    ]


def _of_plain(changes: Iterable[Any]) -> tuple[Change, ...]:
    return tuple(_change(tuple(place), _hashable(key), value) for place, key, value in changes)


def _change(place: Address, key: Any, value: Any) -> Change:
    return Change(place, key, None if value is None else _READERS.get(place[0], _as_read)(place, key, value))


def _hashable(key: Any) -> Any:
    return tuple(map(_hashable, key)) if isinstance(key, list) else key


def _same(value: Any) -> Any:
    return value


def _as_read(_place: Address, _key: Any, value: Any) -> Any:
    return value


def _reply(plain: list[Any]) -> StoredReply:
    fingerprint, body, (status, answer, headers), *more = plain
    return StoredReply(fingerprint, body, Response(status, answer, headers_of_plain(headers)), *more)


_FACT_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "clock": lambda plain: ClockState(*plain),
    "chance": lambda plain: RandomState(*plain),
    "rule_chance": lambda plain: RandomState(*plain),
    "issued": lambda plain: tuple((api, name, Record(record)) for api, name, record in plain),
}
_FIRST: Final = itemgetter(0)
"""The place of a change, and the first part of a place."""

_WRITERS: Final[Mapping[str, Callable[[Any], Any]]] = {"rules": rule_to_plain}
"""What makes plain the values of a place that MessagePack does not have; by the first part of its address."""

_READERS: Final[Mapping[str, Callable[[Address, Any, Any], Any]]] = {
    "records": lambda _place, _key, plain: KeptRecord(*plain),
    "outbox": lambda _place, _key, plain: KeptRecord(*plain),
    "replies": lambda _place, _key, plain: _reply(plain),
    "versions": lambda _place, _key, plain: Version(*plain),
    "rules": lambda place, _key, plain: rule_of_plain(place[1], plain),
    "feed": lambda _place, _key, plain: LiveEvent(*plain),
    "facts": lambda _place, key, plain: _FACT_READERS.get(key, _same)(plain),
}
