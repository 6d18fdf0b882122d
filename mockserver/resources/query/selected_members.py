"""Reduces shown records to the members that a request selects: `?fields=id,name`, `?fields[articles]=title`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final
from urllib.parse import parse_qsl

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.resources.detect.locate import inner_path
from mockserver.resources.detect.names import named
from mockserver.resources.detect.schema_shape import NOTHING, SchemaShape, dig, put
from mockserver.resources.operations.reply import Reply
from mockserver.spelling import plain
from mockserver.state.world import ApiState

_NOTE: Final = "ignored-parameters"
_SELECTING: Final = named("fields includefields selectfields returnfields partialfields fieldmask select only")
_OMITTING: Final = named("excludefields omitfields fieldsexclude excludes exclude omit")
"""Plain names of query parameters that say which members are shown, or which are left out."""
_OF_TYPES: Final = ("attributes", "relationships")
"""Members whose members JSON:API selects, by the `type` of their object."""
_INCLUDED: Final = "included"
_PART: Final = re.compile(r"[^,(){}./\s]+|[,(){}./]")
_LEFT_OUT: Final = re.compile(r"(^|,)\s*-")
"""The sign of what is left out, in front of a name."""
_ALL: Final = "*"
_NAMED: Final = 10
"""Members that a note names."""

MemberNames = dict[str, "MemberNames"]
"""Names of members, each with those that are named inside of it; without any, all of it is meant."""


class SelectedMembers:
    """The members that requests of one operation select. Those that the document requires are always shown."""

    def __init__(self, reply: Reply) -> None:
        self._shapes = shapes = reply.context.shapes
        self._name = reply.store.name
        self._whole = reply.view.shape
        self._path = reply.role.answer
        self._is_map = reply.role.kind == "map"
        shape = shapes.member(self._whole, *self._path)
        item = shapes.items(shape) if shape.is_list else shape
        self._inner = inner_path(shapes, item, reply.store.record)
        self._record = shapes.member(item, *self._inner)
        included = self._whole.members.get(_INCLUDED)
        self._included = shapes.items(shapes.at(included)) if included is not None else NOTHING
        place = reply.view.shown
        self._accepts = reply.context.accepts(place.pointer) if place is not None else None
        members = {*map(plain, reply.store.record.members)}
        names = {name.partition("[")[0] for name, place in reply.view.query.items() if not shapes.at(place).enum}
        self._selecting = {name for name in names if plain(name) in _SELECTING - members}
        self._omitting = {name for name in names if plain(name) in _OMITTING - members}

    def around(self, handler: Handler) -> Handler:
        """Returns the handler, whose answers show what the request selects."""
        accepts = self._accepts
        if accepts is None or self._is_map or not (self._selecting or self._omitting):
            return handler

        def select(call: Call, state: ApiState) -> Response | Json:
            answer = handler(call, state)
            failed = isinstance(answer, Response) and answer.status >= 300
            body = answer.body if isinstance(answer, Response) else answer
            if failed or not call.request.query or not isinstance(body, dict | list):
                return answer
            result = self._selected(body, call)
            if result is body:
                return answer
            if not accepts(result):
                call.note(_NOTE, f"the document allows no answer without all members of {self._name}")
                return answer
            return answer._replace(body=result) if isinstance(answer, Response) else result

        return select

    def _selected(self, body: Json, call: Call) -> Json:
        """Returns the answer as the query selects it; the same object where it selects nothing."""
        shown: MemberNames = {}
        omitted: MemberNames = {}
        by_type: dict[str, MemberNames] = {}
        for parameter, text in parse_qsl(call.request.query):
            name, _, key = parameter.partition("[")
            if name in self._omitting or (name in self._selecting and text.startswith("-")):
                _read(_LEFT_OUT.sub(r"\1", text), omitted)
            elif name in self._selecting:
                of_type = key.rstrip("]")
                _read(text, shown if not of_type or of_type.isdigit() else by_type.setdefault(of_type, {}))
        if by_type:
            body = self._of_types(body, by_type)
        if shown and _ALL not in shown:
            body = self._with(body, shown, call, omits=False)
        return self._with(body, omitted, call, omits=True) if omitted else body

    def _of_types(self, body: Json, by_type: Mapping[str, MemberNames]) -> Json:
        """Returns a document of JSON:API, whose resources have the selected attributes and relationships alone."""

        def cut(value: Json, shape: SchemaShape) -> Json:
            names = by_type.get(str(value.get("type"))) if isinstance(value, dict) else None
            if not names:
                return value
            inner = {name: names if name in _OF_TYPES else {} for name in value}
            return self._cut(value, shape, inner, omits=False)

        body = self._changed(body, lambda value: cut(value, self._record))
        included = body.get(_INCLUDED) if isinstance(body, dict) else None
        return (
            {**body, _INCLUDED: [cut(value, self._included) for value in included]}
            if isinstance(included, list)
            else body
        )

    def _with(self, body: Json, names: MemberNames, call: Call, *, omits: bool) -> Json:
        """Returns the answer with these members of its records, or without them; of the envelope where they are its
        members. The call notes what cannot be done.
        """
        known = self._record.members.keys() | self._members_of(body)
        is_of_envelope = self._path[:1] and (self._path[0] in names or not names.keys() & known)
        if is_of_envelope and names.keys() <= self._whole.members.keys():
            return self._cut(body, self._whole, names, omits=omits)
        unknown = [name for name in names if name not in known]
        if unknown and known:
            call.note(_NOTE, f"not all that was selected is among the members of {self._name}: {_listed(known)}")
        if len(unknown) == len(names):
            return body
        required = self._record.required
        forced = {name for name in required & names.keys() if not names[name]} if omits else required - names.keys()
        if forced := forced & self._members_of(body):
            call.note(_NOTE, f"the document requires members of {self._name} that were not selected: {_listed(forced)}")
        return self._changed(body, lambda value: self._cut(value, self._record, names, omits=omits))

    def _members_of(self, body: Json) -> set[str]:
        """The members of the records in an answer."""
        found = dig(body, self._path)
        records = [dig(item, self._inner) for item in (found if isinstance(found, list) else [found])]
        return {name for record in records if isinstance(record, dict) for name in record}

    def _changed(self, body: Json, change: Callable[[Json], Json]) -> Json:
        """Returns the answer with each of its records changed."""
        found = dig(body, self._path)
        if isinstance(found, list):
            items = [put(item, self._inner, change(dig(item, self._inner))) for item in found]
            return put(body, self._path, items)
        return put(body, self._path, put(found, self._inner, change(dig(found, self._inner))))

    def _cut(self, value: Json, shape: SchemaShape, names: MemberNames, *, omits: bool) -> Json:
        """Returns the value with the named members, or without them; a required one stays."""
        if isinstance(value, list):
            items = self._shapes.items(shape)
            return [self._cut(item, items, names, omits=omits) for item in value]
        if not isinstance(value, dict) or not names or _ALL in names:
            return value
        cut: dict[str, Json] = {}
        for name, member in value.items():
            inner = names.get(name)
            if inner:
                cut[name] = self._cut(member, self._shapes.member(shape, name), inner, omits=omits)
            elif (inner is None) == omits or name in shape.required:
                cut[name] = member
        return cut


def _read(text: str, names: MemberNames) -> None:
    """Adds the names of a text such as `id,owner.name,lines(sku,price/amount)`."""
    levels, level, latest = [names], names, names
    for found in _PART.finditer(text):
        part = found[0]
        if part == ",":
            level = levels[-1]
        elif part in "./":
            level = latest
        elif part in "({":
            levels.append(latest)
            level = latest
        elif part in ")}":
            levels = levels[:-1] or [names]
            level = levels[-1]
        else:
            latest = level.setdefault(part, {})


def _listed(names: Collection[str]) -> str:
    first = sorted(names)[:_NAMED]
    return " ".join(first) + (" ..." if len(names) > _NAMED else "")
