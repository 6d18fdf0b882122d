"""Handlers of operations that store nothing: answers repeat the request, and note that nothing was remembered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from mockserver.engine.call import Call
from mockserver.engine.steps.step import Step
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import MemberPath, Plan, Role
from mockserver.resources.detect.locate import find_id
from mockserver.resources.detect.names import LISTS, WRAPPERS, named, same_name
from mockserver.resources.detect.operation_view import OperationView, is_parameter
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape, dig, put
from mockserver.resources.records.adapter import ABSENT, Adapter
from mockserver.resources.records.ids import alike
from mockserver.resources.records.projection import without_failures
from mockserver.spelling import plain, singular, words_of
from mockserver.state.world import ApiState

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"})
_ASKS: Final = named(
    "search query find filter list lookup count get fetch validate verify check test preview estimate calculate "
    "compute simulate compare suggest explain analyze render translate exists login signin token authenticate"
)
"""First or last words of paths at which a POST is a query and writes nothing."""
_MAKES: Final = named("new create add")
"""Words of paths that create something, whatever other words they have."""


def is_unremembered(plan: Plan, role: Role, view: OperationView) -> bool:
    """Returns whether a client would take a success of this operation for a write that the API does not remember."""
    if role.keeps or view.method in _READS or not plan.collections:
        return False
    return view.method != "POST" or not asks_only(view)


def asks_only(view: OperationView) -> bool:
    """Returns whether an operation is a query by its name, and writes nothing."""
    spoken = words_of(view.verb)
    makes = any(not _MAKES.isdisjoint(words_of(segment)) for segment in view.segments if not is_parameter(segment))
    return bool(spoken) and not makes and (spoken[0] in _ASKS or spoken[-1] in _ASKS)


def unremembered_step(view: OperationView) -> Step:
    """Returns the step that notes on successes that nothing was remembered."""
    text = f"{view.method} {view.operation.path} is answered from its schema; nothing was remembered"

    def note(call: Call, _state: ApiState, answer: Response) -> Response:
        if answer.status < 300:
            call.note("not-remembered", text)
        return answer

    return Step("not_remembered", after=note)


_IDS: Final = ("id", "_id", "uuid", "guid")
_GENERIC: Final = named("id key name slug code type version format uid uuid guid")
"""Names of path parameters that do not say what they identify."""
_SURE: Final = 0.4
"""Weight of the evidence for a member that is taken for an id."""

_SAME_AGAIN: Final = named("login signin auth authenticate token session sessions search query verify validate refresh")
"""Last words of paths at which POST creates nothing: their answers have the same id each time."""


class Echo:
    """The members of one operation's answers that repeat its requests."""

    def __init__(self, context: ResourceContext, operation_id: str) -> None:
        self.context = context
        self.view: OperationView = context.view(operation_id)

    def step(self) -> Step | None:
        """Returns the step that shows members of the body and values of the path, or of a read's query, in the answer;
        None where answers have no schema. An answer that the client selects by code or example, or that is paired with
        the request, is left as it is.
        """
        if self.place is None:
            return None

        def echo(call: Call, state: ApiState, answer: Response) -> Response:
            body, failed = answer.body, answer.status >= 300
            if failed or not isinstance(body, dict | list) or call.by_example or call.preference.steers:
                return answer
            return answer._replace(body=self._repeated(body, call, state))

        return Step("echo", after=echo)

    @cached_property
    def place(self) -> SchemaPlace | None:
        return self.view.shown

    @cached_property
    def shape(self) -> SchemaShape:
        return self.view.shape

    def _repeated(self, body: Json, call: Call, state: ApiState) -> Json:
        """Returns the answer with the values that were sent, as far as its schema allows each."""
        repeated = without_failures(self.shape, body)
        for member_path, name, value in [*self._identified(call, state, body), *self._changes(body, call)]:
            place = self.context.shapes.member(self.shape, *member_path).members.get(name)
            adapter = Adapter(self.context, self.view.id)
            adapted = ABSENT if place is None else adapter.adapt(value, place)
            if adapted is not ABSENT and not adapter.losses:
                repeated = put(repeated, (*member_path, name), adapted)
        if self.place is None or repeated == body:
            return body
        return repeated if self.context.accepts(self.place.pointer)(repeated) else body

    def _changes(self, body: Json, call: Call) -> Iterator[tuple[MemberPath, str, Json]]:
        """Yields the members that the request sets, each with the path of the object that has it."""
        if not isinstance(body, dict):
            return
        sent = call.body if isinstance(call.body, dict) else {}
        inner = [value for value in sent.values() if isinstance(value, dict)] if len(sent) == 1 else []
        sent_by_name = {plain(name): value for holder in (*inner, sent) for name, value in holder.items()}
        repeated_names: set[str] = set()
        for member_path, shape, is_record in self._holders:
            found = {
                name for name in shape.members if plain(name) in sent_by_name and plain(name) not in repeated_names
            }
            if (is_record or len(found) > 1) and isinstance(dig(body, member_path) if member_path else body, dict):
                changes = [*self._members(member_path, shape, {name: sent_by_name[plain(name)] for name in found})]
                repeated_names |= {plain(name) for _, name, _ in changes}
                yield from changes
        yield from (
            (member_path, name, call.path[parameter]) for parameter, (member_path, name) in self._in_path.items()
        )
        yield from (
            ((), name, call.query[parameter]) for parameter, name in self._in_query.items() if parameter in call.query
        )

    def _members(
        self, member_path: MemberPath, shape: SchemaShape, sent: Mapping[str, Json]
    ) -> Iterator[tuple[MemberPath, str, Json]]:
        """Yields the members that were sent and that the answer declares; of objects, their declared members."""
        shapes = self.context.shapes
        for name, value in sent.items():
            place = shapes.at(shape.members[name])
            if place.write_only:
                continue
            if isinstance(value, dict) and place.members:
                names = {plain(inner): inner for inner in place.members}
                inner = {names[plain(key)]: member for key, member in value.items() if plain(key) in names}
                yield from self._members((*member_path, name), place, inner)
            else:
                yield member_path, name, value

    @cached_property
    def _holders(self) -> list[tuple[MemberPath, SchemaShape, bool]]:
        """The objects of the answer that may repeat the body: the whole and those it wraps, each with whether the
        operation is about it.
        """
        shapes = self.context.shapes
        nouns = {plain(singular(segment)) for segment in self.view.segments if segment[:1] != "{"}
        found: list[tuple[MemberPath, SchemaShape, bool]] = [((), self.shape, True)]
        for name, place in self.shape.members.items():
            member = shapes.at(place)
            if member.members and not member.is_list:
                called = plain(name)
                is_record = called in WRAPPERS | LISTS or called in nouns or called in ("user", "account", "profile")
                found.append(((name,), member, is_record))
        return found

    @cached_property
    def _in_path(self) -> Mapping[str, tuple[MemberPath, str]]:
        """The members that repeat a path parameter, by its name."""
        found: dict[str, tuple[MemberPath, str]] = {}
        segments = self.view.segments
        for parameter in self.view.parameters:
            at = segments.index(f"{{{parameter}}}") if f"{{{parameter}}}" in segments else 0
            noun = singular(segments[at - 1]) if at else ""
            is_last = at == len(segments) - 1
            for member_path, shape, is_record in self._holders:
                name = _member(self.context, shape, parameter, noun, is_last=is_last) if is_record else None
                if name is not None:
                    found[parameter] = member_path, name
                    break
        return found

    @cached_property
    def _in_query(self) -> Mapping[str, str]:
        """The members of a read's answer that repeat a query parameter, by its name: `city` of `/weather?city=Oslo`."""
        if self.view.method not in _READS or self.shape.is_list:
            return {}
        found = {parameter: same_name(parameter, self.shape.members) for parameter in self.view.query}
        taken = {name for _, name in self._in_path.values()}
        shapes = self.context.shapes
        return {
            parameter: name
            for parameter, name in found.items()
            if name is not None and name not in taken and shapes.member(self.shape, name).is_scalar
        }

    # new ids

    def _identified(self, call: Call, state: ApiState, body: Json) -> Iterator[tuple[MemberPath, str, Json]]:
        """Yields a new id for what POST creates, from the second answer on."""
        if call.body is None or self._id is None or not isinstance(body, dict):
            return
        member_path, name = self._id
        member = dig(body, member_path)
        seen = member.get(name) if isinstance(member, dict) else None
        number = state.next_number(f"echo {self.view.id}")
        if number == 1 or seen is None or isinstance(seen, bool):
            return
        if isinstance(seen, int):
            yield member_path, name, seen + number - 1
        elif isinstance(seen, str):
            shape = self.context.shapes.member(self.shape, *member_path, name)
            is_uuid = shape.format in ("uuid", "guid") or (len(seen) == 36 and seen.count("-") == 4)
            yield member_path, name, state.chance.uuid() if is_uuid else self._another(seen, number, shape)

    def _another(self, seen: str, number: int, shape: SchemaShape) -> Json:
        """Returns the id of the answer with this number: alike the first one, or another of its schema."""
        key = f"{self.view.id} {number}"
        found = alike(seen, number - 1, key)
        fits = not shape.pointer or self.context.accepts(shape.pointer)(found)
        return found if fits else self.context.value(shape.pointer, key, exemplary=False)

    @cached_property
    def _id(self) -> tuple[MemberPath, str] | None:
        """The path of the id in the answer of a POST that creates something; None where it creates nothing."""
        spoken = {plain(segment) for segment in self.view.segments[-1:]}
        if self.view.method != "POST" or not spoken.isdisjoint(_SAME_AGAIN):
            return None
        for member_path, shape, is_record in self._holders:
            name = self._id_in(shape) if is_record else None
            if name is not None:
                return member_path, name
        return None

    def _id_in(self, shape: SchemaShape) -> str | None:
        """Returns the member that tells what is created apart: `id`, or `sid` and `messageId` of a message."""
        name = next((name for name in _IDS if name in shape.members), None)
        last = self.view.segments[-1] if self.view.segments else ""
        if name is not None or is_parameter(last):
            return name
        found = find_id(self.context.shapes, shape, last, "", "") if shape.members else None
        return found[0][0] if found is not None and len(found[0]) == 1 and found[1].weight >= _SURE else None


def _member(context: ResourceContext, shape: SchemaShape, parameter: str, noun: str, *, is_last: bool) -> str | None:
    """Returns the member of an answer that a path parameter names: by its own name, or as the id of its noun."""
    is_generic = plain(parameter) in _GENERIC
    if is_last:
        found = find_id(context.shapes, shape, noun, parameter, "") if shape is not NOTHING else None
        return found[0][0] if found is not None and len(found[0]) == 1 and found[1].weight >= _SURE else None
    wanted = [f"{noun}_{parameter}"] if is_generic else [parameter]
    return next((name for name in (same_name(name, shape.members) for name in wanted) if name is not None), None)
