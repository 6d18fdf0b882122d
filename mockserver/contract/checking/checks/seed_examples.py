"""Checks that a documented request is answered as the document prints, where the document is the source of the rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from mockserver.contract.checking.checks.checked_api import MISSING
from mockserver.contract.checking.checks.follow_up import FollowUps
from mockserver.contract.checking.checks.own_failure import ExampleDiffers
from mockserver.json_text import Json, encode
from mockserver.openapi.model.body_model import Media
from mockserver.openapi.model.operation import Operation

_STATE: Final = frozenset({401, 403, 404, 409, 410, 412, 429})
"""Refusals that depend on what there is, not on the request."""

_VOLATILE: Final = re.compile(
    r"(?:^|_)(?:id|uuid|token|etag|hash|url|uri|count|total)s?$|(?:at|time|date)$", re.IGNORECASE
)


class PrintedExample(NamedTuple):
    """A request as a document prints it, and the answer that it prints for it."""

    path: Mapping[str, Json]
    query: Mapping[str, Json]
    body: Json
    media_type: str
    status: int
    answer: Json


def printed(operation: Operation) -> Iterator[PrintedExample]:
    """The documented requests of an operation that have a documented answer."""
    values = {(one.place, one.name): one.example for one in operation.parameters if one.example is not None}
    path = {name: value for (place, name), value in values.items() if place == "path"}
    needed = {one.name for one in operation.parameters if one.place == "path"}
    statuses = [status for status in sorted(operation.answers) if status.startswith("2") and status.isdecimal()]
    media = next(
        (one for name, one in (operation.body.media if operation.body else {}).items() if "json" in name), None
    )
    if not statuses or needed - path.keys() or (operation.body is not None and media is None):
        return
    answers = operation.answers[statuses[0]].media
    shown = next((one for name, one in answers.items() if "json" in name), None)
    if shown is None:
        return
    asked = _examples(media) if media is not None else {"": MISSING}
    told = _examples(shown)
    for name, body in asked.items():
        answer = told.get(name, next(iter(told.values())) if len(told) == len(asked) == 1 else MISSING)
        if answer is not MISSING:
            yield PrintedExample(path, {}, body, media.name if media else "", int(statuses[0]), answer)


def _examples(media: Media) -> dict[str, Json]:
    """The examples of a body by name; the only one has none."""
    if "example" in media.node:
        return {"": media.node["example"]}
    named = media.node.get("examples")
    found = named.items() if isinstance(named, dict) else ()
    return {name: one["value"] for name, one in found if isinstance(one, dict) and "value" in one}


def seed_examples_answered_as_printed(follow: FollowUps, operation: Operation) -> bool:
    """A documented request is answered with the documented status and form; what it echoes is as printed."""
    if operation.source != "seed":
        return False
    looked = False
    for example in printed(operation):
        sent = {"body": example.body, "media_type": example.media_type} if example.body is not MISSING else {}
        answer = follow.ask(operation, example.path, query=example.query, **sent)
        if answer.status in _STATE or answer.is_told:
            continue
        looked = True
        if answer.status != example.status:
            why = f"The document prints {example.status} for its own example; the answer is {answer.status}."
            follow.blame(ExampleDiffers, why, "status", shown=(answer,), needs_first=False)
        echoed = {*_leaves(example.body)} if example.body is not MISSING else set()
        wrong = next(_differences(example.answer, answer.body, echoed, ""), "")
        if wrong:
            follow.blame(ExampleDiffers, wrong, "body", shown=(answer,), needs_first=False)
    return looked


def _leaves(value: Json, name: str = "") -> Iterator[tuple[str, str]]:
    """The values in a body, each with the name of its member, as JSON."""
    if isinstance(value, dict):
        for inner, member in value.items():
            yield from _leaves(member, inner)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, name)
    else:
        yield name, encode(value).decode()


def _differences(told: Json, came: Json, echoed: set[tuple[str, str]], at: str, name: str = "") -> Iterator[str]:
    """What an answer lacks of the printed one, or says otherwise though the request has it."""
    if isinstance(told, dict):
        if not isinstance(came, dict):
            yield f"The document prints an object at {at or '/'}; the answer has {_short(came)}."
            return
        for member, value in told.items():
            if member not in came:
                if value is not None:
                    yield f"The document prints {at}/{member}; the answer lacks it."
            else:
                yield from _differences(value, came[member], echoed, f"{at}/{member}", member)
    elif isinstance(told, list):
        if not isinstance(came, list):
            yield f"The document prints a list at {at or '/'}; the answer has {_short(came)}."
            return
        for number, (one, other) in enumerate(zip(told, came, strict=False)):
            yield from _differences(one, other, echoed, f"{at}/{number}", name)
    elif not _is_volatile(name) and (name, encode(told).decode()) in echoed and came != told:
        yield f"The document prints {_short(told)} at {at}, as in the request; the answer has {_short(came)}."


def _is_volatile(name: str) -> bool:
    return _VOLATILE.search(name) is not None


def _short(value: Json) -> str:
    text = encode(value).decode("utf-8", "replace") if value is not MISSING else "nothing"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_SHOWN: Final = 100
