"""One document being served, with its plan: asks operations by their roles, and finds records in the answers."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from mockserver.json_text import Json
from mockserver.messages import Request
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.resources.detect.decisions import CollectionPlan, Plan, Role
from mockserver.resources.detect.foreign_keys import ForeignKeys
from mockserver.resources.detect.locate import IDS
from mockserver.resources.detect.names import same_name
from mockserver.resources.detect.operation_view import Key, OperationView
from mockserver.resources.detect.roles.file_operations import encoded_member
from mockserver.resources.detect.schema_shape import SchemaPlace, SchemaShapes, dig, similarity
from mockserver.spelling import plain, singular
from tools.corpus.asks import MADE_UP, NO_VALUES, Asks, Unaskable
from tools.corpus.journeys.client import Answer, Client
from tools.corpus.journeys.comparing import Comparison, escape

Values = tuple[str, ...]
"""Values of path parameters, outermost first."""

NOTED: Final = "mock-assumption"
LIKE_A_RECORD: Final = 0.5
"""How much an answer has in common with a record that it shows."""
_MISSING: Final = re.compile(r"` is '?(?P<id>[^`]*?)'?, which (?P<collection>[^ \"]+) does not have")
"""How a refusal says which record that a body names is not there."""
_MOST_NAMED: Final = 8
_AMBIGUOUS: Final = "is valid under each of"
_AT_ITEMS: Final = ("read", "delete", "update", "replace")


@dataclass
class Served:
    """One document being served. `explained` says what the parameters of lists mean, `requests` counts those that were
    made.
    """

    spec: Document
    plan: Plan
    client: Client
    asks: Asks
    compare: Comparison
    explained: Mapping[str, Mapping[str, str]]
    requests: int = 0
    _views: dict[str, OperationView] = field(default_factory=dict)
    _scopes: dict[str, Values | None] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    _firsts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.shapes = SchemaShapes(self.spec.document)
        self.operations: Mapping[str, Operation] = {operation.id: operation for operation in self.spec.operations}

    # operations

    def view(self, name: str) -> OperationView:
        """The operation as the inference reads it."""
        if name not in self._views:
            self._views[name] = OperationView(self.operations[name], self.shapes)
        return self._views[name]

    def roles(self, kept: CollectionPlan, *kinds: str) -> list[Role]:
        """The roles of these kinds at the collection's own paths, the order of kinds first."""
        depth = len(kept.scope)
        own = [role for role in self.plan.roles.values() if role.collection == kept.name and role.keeps]
        own = [role for role in own if not role.all_of_them and len(role.keys) in (depth, depth + 1)]
        return [role for kind in kinds for role in own if role.kind == kind]

    def request(
        self, role: Role, values: Values, query: Mapping[str, Json] = NO_VALUES, body: Json = MADE_UP
    ) -> Request:
        """The request of an operation, below an owner that is there where its path names one. Raises Unaskable."""
        named = {**self._owner(role), **dict(zip(role.keys, values, strict=False))}
        return self.asks.request(self.operations[role.operation], named, query, body)

    def _owner(self, role: Role) -> dict[str, str]:
        """The id of the record whose records an operation is about, by its path parameter."""
        parent = self.plan.collections.get(role.owned.parent) if role.owned is not None else None
        if role.owned is None or parent is None or parent.scope or role.owned.parameter in role.keys:
            return {}
        if parent.name not in self._owners:
            self._owners[parent.name] = ""  # an owner may belong to another of its kind
            self._owners[parent.name] = self._first(parent, ())
        found = self._owners[parent.name]
        return {role.owned.parameter: found} if found else {}

    def ask(self, role: Role, values: Values, query: Mapping[str, Json] = NO_VALUES, body: Json = MADE_UP) -> Answer:
        """The answer of an operation. Raises Unaskable."""
        self.requests += 1
        return self.client.ask(self.request(role, values, query, body))

    def write(self, role: Role, values: Values, body: Json) -> tuple[Answer, Json]:
        """The answer to a body, and the body: in it a record that is there is named in the place of each that a refusal
        says is not. Raises Unaskable.
        """
        for _ in range(_MOST_NAMED):
            answer = self.ask(role, values, NO_VALUES, body)
            missing = None if answer.is_good else _MISSING.search(answer.said)
            if missing is None and not answer.is_good and "missing-references" in answer.headers.get(NOTED, ""):
                known = self._naming(role, body)
                if known == body:
                    break
                body = known
                continue
            target = self.plan.collections.get(missing["collection"]) if missing is not None else None
            found = self._first(target, ()) if target is not None and not target.scope else ""
            if missing is None or not found or found == missing["id"]:
                break
            body = _renamed(body, missing["id"], found)
        return answer, body

    def _naming(self, role: Role, body: Json) -> Json:
        """The body, in which all that names records names such as are there, where a refusal does not say which do."""
        for reference in ForeignKeys(self.shapes, self.plan.collections).of(self.plan.collections[role.collection]):
            target = self.plan.collections[reference.target]
            sent = self.sent(role, body)
            for named in map(str, reference.ids(sent)):
                found = self._first(target, ()) if not target.scope else ""
                body = _renamed(body, named, found) if found else body
        return body

    def follow(self, address: str, role: Role, values: Values) -> Answer:
        """The answer at an address that an answer gave."""
        self.requests += 1
        return self.client.follow(address, self.request(role, values, {}))

    # records

    def shown(self, role: Role, answer: Answer) -> tuple[Json, list[SchemaPlace]]:
        """The record in an answer, and its schemas; None where the answer shows none, but what was done to it."""
        answered = next((one for one in self.view(role.operation).good if _is_of(one.status, answer.status)), None)
        if answered is None or answered.place is None:
            return None, []
        places, held = [answered.place], answer.body
        for name in role.answer:
            if not isinstance(held, dict) or name not in held:
                return None, []
            places, held = self.compare.member(places, name), held[name]
        record = self.shapes.at(self.plan.collections[role.collection].record)
        if not any(similarity(self.shapes.at(place), record) >= LIKE_A_RECORD for place in places):
            return None, []
        return (held, places) if isinstance(held, dict) else (None, [])

    def listed(self, role: Role, answer: Answer) -> list[Json] | None:
        """The records in the answer of a list; None where there is no list."""
        found = dig(answer.body, role.answer) if role.answer else answer.body
        return found if isinstance(found, list) else None

    def id_of(self, kept: CollectionPlan, record: Json) -> str:
        """The id as a path has it; empty where the record does not say it."""
        found = dig(record, kept.id_spec.member_path) if kept.id_spec.member_path else None
        return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""

    def names_of_id(self, kept: CollectionPlan, record: Json) -> Iterator[Json]:
        """What a record shows under the names that clients look for its id at."""
        if not isinstance(record, dict) or kept.singleton:
            return
        yield dig(record, kept.id_spec.member_path) if kept.id_spec.member_path else None
        yield record.get(_last_parameter(kept))

    def why_not(self, role: Role, answer: Answer, values: Values) -> str:
        """The reason that the document itself gives for an answer that is none a client expects; empty where it gives
        none.
        """
        view = self.view(role.operation)
        if self._at_one_path[(view.method, view.key)] > 1:
            return "another operation has the same path"
        if not answer.is_good:
            if answer.status in (400, 404, 422) and not self.takes(role, values):
                return "its path takes no id such as answers show"
            if answer.status in (409, 422) and self._is_enumerated(self.plan.collections[role.collection]):
                return "its ids are a few that the document lists"
            return ""
        if not view.good:
            return "no success is declared"
        places = [answered.place for answered in view.good if answered.place is not None]
        if self.compare.is_contradictory(places):
            return "parts of its answer's schema refuse each other's members"
        return "alternatives of its answer's schema take the same value" if _AMBIGUOUS in answer.violation else ""

    def _is_enumerated(self, kept: CollectionPlan) -> bool:
        places = [place for place in (kept.id_spec.place, kept.id_spec.path) if place is not None]
        return any(self.shapes.at(place).enum for place in places)

    def patch(self, role: Role, record: Json) -> tuple[list[Json], dict[str, Json]] | None:
        """A JSON Patch that changes one member of a record, and the member as it is then; None where the operation
        takes no patch. Raises Unaskable where it takes none of the record's values.
        """
        operation = self.operations[role.operation]
        names = [*operation.body.media] if operation.body is not None else []
        items = self.shapes.items(self.view(role.operation).body) if self.view(role.operation).body.is_list else None
        if not any("json-patch" in name for name in names[:1]) and not (items and {"op", "path"} <= {*items.members}):
            return None
        verbs = self.shapes.member(items, "op").enum if items is not None else ()
        verb = next((verb for verb in verbs if str(verb).lower() == "replace"), "replace")
        schema = [self.plan.collections[role.collection].record]
        kept_id = self.plan.collections[role.collection].id_spec.member_path[:1]
        for name, value in record.items() if isinstance(record, dict) else ():
            other = f"{value} again" if isinstance(value, str) else value
            held = self.compare.member(schema, name)
            patch: list[Json] = [{"op": verb, "path": f"/{escape(name)}", "value": other}]
            if (
                name[:1] != "_"
                and (name,) != kept_id
                and held
                and self._may_be(held, other)
                and self._takes_body(role, patch)
            ):
                return patch, {name: other}
        raise Unaskable("no value of the record fits the patches that the document declares")

    def _takes_body(self, role: Role, body: Json) -> bool:
        declared = self.operations[role.operation].body
        validators = [media.validator for media in declared.media.values()] if declared is not None else []
        return all(validator is None or validator.accepts(body) for validator in validators)

    def _may_be(self, held: list[SchemaPlace], value: Json) -> bool:
        shapes = [self.shapes.at(place) for place in held]
        return not any(shape.read_only or shape.format for shape in shapes) and self.compare.takes(held, value)

    def body(self, role: Role, key: str, values: Values) -> Json:
        """A body of its own for each key, which says the same as its path. Raises Unaskable."""
        body = self.asks.body(self.operations[role.operation], key)
        encoded = encoded_member(self.view(role.operation))
        if encoded and isinstance(body, dict) and isinstance(body.get(encoded), str):
            body = {**body, encoded: b64encode(body[encoded].encode()).decode()}
        sent = dig(body, role.body_path) if role.body_path else body
        if not isinstance(sent, dict):
            return body
        nouns = _nouns(self.view(role.operation))
        for name, value in zip(role.keys, values, strict=False):
            for wanted in (name, f"{nouns.get(name, name)}_id", f"{nouns.get(name, name)}_key"):
                for holder in (sent, sent.get("metadata")):
                    if not isinstance(holder, dict):
                        continue
                    member = same_name(wanted, holder)
                    if member is not None and isinstance(holder[member], str | int) and plain(name) not in IDS:
                        holder[member] = int(value) if type(holder[member]) is int and value.isdecimal() else value
        return body

    def sent(self, role: Role, body: Json) -> dict[str, Json]:
        """What a body says of a record; nothing where it is neither JSON nor a form."""
        found = dig(body, role.body_path) if role.body_path else body
        return dict(found) if isinstance(found, dict) and self.view(role.operation).body_place is not None else {}

    # where records stand

    def scope(self, kept: CollectionPlan) -> Values | None:
        """Values of the path parameters in front of the records' ids, which name records that are there; None where
        there is no such record.
        """
        if kept.name not in self._scopes:
            self._scopes[kept.name] = self._scope(kept)
        return self._scopes[kept.name]

    def _scope(self, kept: CollectionPlan) -> Values | None:
        if not kept.scope:
            return ()
        parent = self.plan.collections.get(kept.parent)
        if parent is None:
            return self.made_up(kept, len(kept.scope))
        above = self.scope(parent)
        if above is None:
            return None
        first = self._first(parent, above)
        return (*above, first) if first else None

    def _first(self, kept: CollectionPlan, scope: Values) -> str:
        """The id of a record that is there, else of one that could be."""
        for role in self.roles(kept, "list"):
            answer = self._asked(role, scope)
            for record in (self.listed(role, answer) if answer is not None else None) or ():
                if found := self.id_of(kept, record):
                    return found
        for role in self.roles(kept, "create") if kept.name not in self._firsts else ():
            self._firsts.add(kept.name)  # its records may name others of their kind
            answer = self._made(role, scope)
            self._firsts.discard(kept.name)
            if answer is not None and answer.is_good:
                record = self.shown(role, answer)[0] or dig(answer.body, role.answer)
                if found := self.id_of(kept, record):
                    return found
        if kept.ids_known:
            return ""
        made = self.made_up(kept, len(scope) + 1)
        return made[-1] if made is not None and len(made) > len(scope) else ""

    def _made(self, role: Role, scope: Values) -> Answer | None:
        """The answer to the creation of a record that others may belong to."""
        try:
            body = self.body(role, f"{role.collection}/first", scope)
            return self.write(role, scope, body)[0]
        except Unaskable:
            return None

    def _asked(self, role: Role, values: Values) -> Answer | None:
        try:
            return self.ask(role, values)
        except Unaskable:
            return None

    def made_up(self, kept: CollectionPlan, count: int) -> Values | None:
        """Values of the first path parameters as the document would have them, such as most operations take; None where
        it tells of none.
        """
        roles = [role for role in self.roles(kept, *_AT_ITEMS, "list", "create") if len(role.keys) >= count]
        found = [values for role in roles if (values := self._values_of(role, count)) is not None]
        return max(found, key=lambda values: sum(self.takes(role, values) for role in roles), default=None)

    def _values_of(self, role: Role, count: int) -> Values | None:
        try:
            values = self.asks.path_values(self.operations[role.operation])
        except Unaskable:
            return None
        found = [values[name] for name in role.keys[:count]]
        places = [at for at, segment in enumerate(self.view(role.operation).segments) if segment[:1] == "{"]
        for number, at in enumerate(places[:count]):
            key = self.view(role.operation).key
            if (key[:at], found[number]) in self._literals:
                found[number] += "-1"  # another operation stands at that path
        return tuple(found)

    @cached_property
    def _at_one_path(self) -> Counter[tuple[str, Key]]:
        """How many operations have a method and a path, whatever its parameters are called."""
        views = [self.view(name) for name in self.operations]
        return Counter((view.method, view.key) for view in views)

    @cached_property
    def _literals(self) -> frozenset[tuple[Key, str]]:
        """Each literal of a path, with the path above it."""
        keys = [self.view(name).key for name in self.operations]
        return frozenset((key[:at], key[at]) for key in keys for at in range(len(key)) if key[at] != "{}")

    def takes(self, role: Role, values: Values) -> bool:
        """Whether the path parameters of an operation take the values."""
        given = dict(zip(role.keys, values, strict=False))
        return all(
            parameter.validator.accepts(given[parameter.name])
            or (given[parameter.name].isdecimal() and parameter.validator.accepts(int(given[parameter.name])))
            for parameter in self.operations[role.operation].parameters
            if parameter.place == "path" and parameter.name in given
        )


def _renamed(value: Json, missing: str, found: str) -> Json:
    """The body, in which an id that is there stands for one that is not."""
    if isinstance(value, dict):
        return {name: _renamed(member, missing, found) for name, member in value.items()}
    if isinstance(value, list):
        return [_renamed(item, missing, found) for item in value]
    if isinstance(value, bool) or not isinstance(value, str | int) or str(value) != missing:
        return value
    return int(found) if isinstance(value, int) and found.isdecimal() else found


def _nouns(view: OperationView) -> Mapping[str, str]:
    """What each path parameter is one of: `{userId}` behind `users` is one of the `user`s."""
    pairs = zip(view.segments, view.segments[1:], strict=False)
    return {segment[1:-1]: singular(before) for before, segment in pairs if segment[:1] == "{"}


def _is_of(declared: str, status: int) -> bool:
    return declared in (str(status), "DEFAULT", f"{status // 100}XX")


def _last_parameter(kept: CollectionPlan) -> str:
    last = kept.item_path.rstrip("/").rpartition("{")[2]
    return last.partition("}")[0]
