"""Server-sent events (`text/event-stream`), as the HTML standard has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from mockserver.json_text import Json, encode

_FIELDS: Final = ("event", "id", "retry", "data")
_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
_WRITTEN: Final = re.compile(r"\s*(?:(?:data|event|id|retry)\b *(?::|$)|:)", re.MULTILINE)


def write(value: Json) -> bytes:
    """An event for each item of a list, else one for the whole; a text that is a stream already stands for itself."""
    if isinstance(value, str) and _WRITTEN.match(value):
        return f"{value.rstrip()}\n\n".encode("utf-8", "replace")
    items = value if isinstance(value, list) else [value]
    return "".join(f"{line}\n" for item in items for line in (*_lines(item), "")).encode("utf-8", "replace")


def _lines(item: Json) -> Iterator[str]:
    """The lines of one event: an object of nothing but an event's own fields is the event, as OpenAPI 3.2 has it;
    anything else is what the event says.
    """
    fields: Mapping[str, Json] = item if _is_event(item) else {"data": item}
    for name in _FIELDS:
        if fields.get(name) is not None or (name == "data" and name in fields):
            texts = _NEWLINE.split(_text(fields[name]))
            yield from (f"{name}: {text}" for text in (texts if name == "data" else [" ".join(texts)]))


def _is_event(item: Json) -> bool:
    return isinstance(item, dict) and item.keys() <= {*_FIELDS} and not item.keys().isdisjoint(("data", "event"))


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    return "null" if value is None else encode(value).decode()
