"""Tells answers of an API from those of something else at its address, by the form of their bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from mockserver.contract.replay.player import PlayedAnswer
from mockserver.json_pointer import MISSING

REFUSING: Final = frozenset({401, 403, 404, 405, 500, 502, 503, 504})
"""Statuses of the answers to every request where the address or the credential is wrong, or the server is down."""
_MOST_NAMED: Final = 4


class AnswerForm(NamedTuple):
    """The form of the body of a success. `kind` says what it is in words; `members` are those of a JSON object."""

    request: str
    status: int
    kind: str
    members: frozenset[str] = frozenset()


def form_of(request: str, answer: PlayedAnswer) -> AnswerForm:
    """The form of an answer to the request."""
    value = answer.value
    if isinstance(value, dict):
        return AnswerForm(request, answer.status, "an object", frozenset(value))
    if isinstance(value, list):
        return AnswerForm(request, answer.status, "an array")
    kind = "no body" if not answer.content else "a body that is no JSON" if value is MISSING else "a single value"
    return AnswerForm(request, answer.status, kind)


def misfit(on_mock: Mapping[int, AnswerForm], on_server: Mapping[int, AnswerForm]) -> str:
    """How the first success of the server differs in form from that of the same step on a mock; empty where none does.
    Of objects, one member in common is enough: servers have more members than documents, and leave some out.
    """
    for number, mine in on_mock.items():
        theirs = on_server.get(number)
        if theirs is None or (mine.kind == theirs.kind and (not mine.members or mine.members & theirs.members)):
            continue
        said = f"{theirs.request} was answered with {theirs.status} and {theirs.kind}"
        if mine.kind != theirs.kind:
            return f"{said}; this API answers with {mine.kind}"
        named = sorted(mine.members)
        return f"{said} that has none of {', '.join(named[:_MOST_NAMED])}{', …' if named[_MOST_NAMED:] else ''}"
    return ""
