"""Breaks an answer's contract on purpose: takes a required member away, or gives a member a wrong type."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from mockserver.json_pointer import escaped, tokens
from mockserver.json_text import Json, Malformed, copied, encode, read_json
from mockserver.openapi.model.body_model import covering
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.schema.validator import Validator

MOST_TRIED: Final = 200
"""Places of an answer at which a break is tried, outermost first."""

_GONE: Final = object()


def broken(content: bytes, breaks: str, pointer: str, validator: Validator | None) -> bytes | None:
    """The JSON body with one break: at `pointer`, else at the first place where the schema forbids it, else at the
    first. None for a body that has no such place, or is no JSON.
    """
    try:
        value = read_json(content)
    except Malformed:
        return None
    places = [pointer] if pointer else [*islice(_places(value, breaks), MOST_TRIED)]
    first: Json = _GONE
    for place in places:
        changed = _changed(copied(value), place, breaks)
        if changed is _GONE:
            continue
        if validator is None or not validator.accepts(changed):
            return encode(changed)
        first = changed if first is _GONE else first
    return None if first is _GONE else encode(first)


def schema_of(operation: Operation | None, status: int, media_type: str) -> Validator | None:
    """The schema that the document declares for such an answer."""
    answer = operation.answer(status) if operation is not None else None
    if answer is None:
        return None
    media = answer.media.get(media_type) or covering(answer.media, media_type)
    return media.validator if media is not None else None


def _places(value: Json, breaks: str) -> Iterator[str]:
    """The pointers of members that may be taken away or changed, outermost first."""
    level = [("", value)]
    while level:
        below: list[tuple[str, Json]] = []
        for pointer, holder in level:
            if isinstance(holder, dict):
                for name, member in holder.items():
                    place = f"{pointer}/{escaped(name)}"
                    yield place
                    below.append((place, member))
            elif isinstance(holder, list) and holder:
                below.append((f"{pointer}/0", holder[0]))
            elif breaks == "type" and not pointer:
                yield pointer
        level = below
    if breaks == "type":
        yield ""


def _changed(value: Json, pointer: str, breaks: str) -> Json:
    """The value with the break at the pointer; _GONE where there is nothing at it."""
    *way, last = tokens(pointer) or [""]
    if not pointer:
        return _other_kind(value) if breaks == "type" else _GONE
    holder = value
    for token in way:
        holder = _below(holder, token)
    if isinstance(holder, list) and last.isdecimal() and int(last) < len(holder):
        key: int | str = int(last)
    elif isinstance(holder, dict) and last in holder:
        key = last
    else:
        return _GONE
    if breaks == "type":
        holder[key] = _other_kind(holder[key])
    else:
        del holder[key]
    return value


def _below(holder: Json, token: str) -> Json:
    if isinstance(holder, list):
        return holder[int(token)] if token.isdecimal() and int(token) < len(holder) else None
    return holder.get(token) if isinstance(holder, dict) else None


def _other_kind(value: Json) -> Json:
    """A value of another type: a number for a text, a text for all else."""
    return 0 if isinstance(value, str) else "wrong type"
