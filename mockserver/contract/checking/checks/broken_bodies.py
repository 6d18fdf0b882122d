"""Request bodies made of one that was accepted: another valid one, and one that must be refused as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from mockserver.json_text import Json
from mockserver.openapi.model.body_model import Media, covering
from mockserver.openapi.model.operation import Operation

_WRONG: Final[tuple[Json, ...]] = ([], {}, -1, "", True, "no such value", None, 1.5)


def media_of_case(operation: Operation, case: Any) -> Media | None:
    """The declared JSON body of a case; None where it has none, or one without a schema."""
    name = str(case.media_type or "")
    if operation.body is None or "json" not in name.lower() or "patch" in name.lower():
        return None
    media = covering(operation.body.media, name)
    return media if media is not None and media.validator is not None else None


def accepts(media: Media, value: Json) -> bool:
    """Whether the document accepts this body."""
    return media.validator is None or media.validator.accepts(value)


def changed(media: Media, body: Mapping[str, Json]) -> dict[str, Json]:
    """A valid body with other values where that is easy: booleans, numbers, texts, values of an enum."""
    found = dict(body)
    for name, value in body.items():
        for other in _others(media, name, value):
            if accepts(media, {**found, name: other}):
                found[name] = other
                break
    return found


def _others(media: Media, name: str, value: Json) -> Iterator[Json]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1)
    elif isinstance(value, str):
        member = media.view.properties.get(name)
        schemas = [schema for schema, _ in member.parts] if member is not None else []
        yield from (other for schema in schemas for other in schema.get("enum", ()) if other != value)
        if not any("enum" in schema or "format" in schema for schema in schemas):
            yield from (f"{value} 2", f"{value}2", f"{value[:-1]}0")


def broken(media: Media, body: Mapping[str, Json]) -> dict[str, Json] | None:
    """The body with a last member that makes it invalid; None where no value does."""
    for name in (*reversed(list(body)), *(name for name in media.view.properties if name not in body)):
        rest = {other: value for other, value in body.items() if other != name}
        for value in _WRONG:
            if rest and not accepts(media, {**rest, name: value}):
                return {**rest, name: value}
    return None


def broken_item(media: Media, body: Json, path: tuple[str, ...]) -> Json:
    """The body with a list of valid items and a last one that is invalid; None where none is."""
    items = at_path(body, path)
    if not isinstance(items, list) or not items or not isinstance(items[0], dict):
        return None
    for good in ([items[0]], items[:-1]):
        if not good or not accepts(media, _with(body, path, good if len(good) == 1 else items)):
            continue
        for wrong in (*({**items[0], name: value} for name in items[0] for value in _WRONG), {}):
            found = _with(body, path, [*good, wrong])
            if not accepts(media, found):
                return found
    return None


def with_other_texts(
    media: Media, body: Json, mark: str, kept: Collection[str], path: tuple[str | int, ...] = ()
) -> Json:
    """The body whose record at a path has this mark in its texts, where that is valid: to be told apart from records
    that there are. `kept` are members that stay.
    """
    record = at_path(body, path)
    for name, value in record.items() if isinstance(record, dict) else ():
        if isinstance(value, str) and name not in kept:
            others = (
                _with(body, (*path, name), text) for text in (f"{value} {mark}", f"{value}{mark}", f"{mark}{value}")
            )
            body = next((other for other in others if accepts(media, other)), body)
    return body


def at_path(body: Json, path: tuple[str | int, ...]) -> Json:
    """The value at a path of members and positions; None where there is none."""
    for step in path:
        if isinstance(step, int):
            body = body[step] if isinstance(body, list) and step < len(body) else None
        else:
            body = body.get(step) if isinstance(body, dict) else None
    return body


def _with(body: Json, path: tuple[str | int, ...], value: Json) -> Json:
    if not path:
        return value
    inner = _with(body[path[0]], path[1:], value)
    if isinstance(body, list):
        return [inner if number == path[0] else item for number, item in enumerate(body)]
    return {**body, path[0]: inner}


def list_paths(body: Json) -> list[tuple[str, ...]]:
    """The paths of the lists of objects in a body: the whole, or a member at any depth, the outermost first."""
    if isinstance(body, list):
        return [()] if body and isinstance(body[0], dict) else []
    if not isinstance(body, dict):
        return []
    inner = [(name, *path) for name, value in body.items() for path in list_paths(value)]
    return sorted(inner, key=len)
