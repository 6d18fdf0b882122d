"""The plans of one document, each made at first use: references followed, `allOf` merged, alternatives listed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import unquote

import jsonschema_rs

from mockserver.generate.plans.discriminator import Family, family_of
from mockserver.generate.plans.plan_keywords import absorb, finish
from mockserver.generate.plans.schema_node import SchemaNode, made_up, reference
from mockserver.generate.plans.value_plan import MemberGroup, ValuePlan, same
from mockserver.json_text import Json
from mockserver.openapi.schema.explanation import FEW_STEPS, ExplanationBudget
from mockserver.openapi.schema.validator import Schemas
from mockserver.openapi.standards import DIALECT

DEEPEST = 40
"""The most levels; a value that needs more is considered endless."""

_MOST_PLANS = 100_000
_MOST_CHOICES = 40
_MOST_NEGATED = 150
"""The schemas of one plan beyond which no further `not` is looked into."""

_NOTES = {"description", "title", "example", "examples", "default", "$comment", "deprecated", "xml", "externalDocs"}
_MAPS = {"properties", "patternProperties", "dependentSchemas"}


class Plans:
    """Plans by the schemas that they merge."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self._plans: dict[tuple[tuple[str, ...], frozenset[str]], ValuePlan] = {}
        self._nodes: dict[str, SchemaNode] = {}
        self._families: dict[str, Family | None] = {}

    def at(self, pointer: str) -> ValuePlan:
        """The plan of the schema at a pointer. Plans are discarded when there are too many."""
        if len(self._plans) > _MOST_PLANS:
            self._plans.clear()
        return self.of((self.node(pointer),))

    def of(self, nodes: tuple[SchemaNode, ...], done: frozenset[str] = frozenset()) -> ValuePlan:
        """The combined requirements of these schemas; the groups in `done` have been chosen."""
        nodes = tuple(map(self._resolved, nodes))
        key = tuple([node.pointer for node in nodes]), done
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._compile(nodes, done)
        return plan

    def node(self, pointer: str) -> SchemaNode:
        """The schema at a pointer; one that accepts everything if there is none."""
        node = self._nodes.get(pointer)
        if node is None:
            node = self._nodes[pointer] = SchemaNode(pointer, self._look_up(pointer))
        return node

    def _look_up(self, pointer: str) -> Json:
        node = self.schemas.document
        for token in pointer.split("/")[1:]:
            token = token.replace("~1", "/").replace("~0", "~")
            try:
                node = node[int(token)] if isinstance(node, list) else node[token]
            except (KeyError, IndexError, ValueError, TypeError):
                return True
        return node

    def _target(self, node: SchemaNode) -> SchemaNode | None:
        ref = node.schema.get("$ref")
        if not isinstance(ref, str) or not ref.startswith("#"):
            return None
        return self.node(unquote(ref[1:]))

    # --- merging ----------------------------------------------------------------------------------------------------

    def _compile(self, nodes: tuple[SchemaNode, ...], done: frozenset[str]) -> ValuePlan:
        plan = ValuePlan(nodes, done)
        for node in nodes:
            self._merge(plan, node)
        plan.groups = [group for group in plan.groups if group.id not in done and not self._settled(plan, group)]
        for node in plan.nots:
            twin = next((pointer for pointer, schema in plan.seen.items() if alike(schema, node.schema)), None)
            if twin is not None:
                plan.impossible = f"what fits {twin.lstrip('!')} fits {node.pointer.lstrip('!')} as well"
        finish(plan)
        return plan

    def _merge(self, plan: ValuePlan, node: SchemaNode) -> None:
        """Adds a schema, then its reference, then its `allOf`, each once."""
        waiting = [node]
        while waiting:
            node = waiting.pop()
            if node.pointer in plan.seen:
                continue
            plan.seen[node.pointer] = node.schema
            if not isinstance(node.schema, dict):
                if node.schema is False:
                    plan.types.clear()
                    plan.impossible = f"nothing is valid at {node.pointer.lstrip('!') or 'its reference'}"
                continue
            absorb(plan, node)
            if isinstance(node.schema.get("discriminator"), dict):
                self._derive(plan, node)
            if "not" in node.schema:
                self._refuse(plan, SchemaNode(f"{node.pointer}/not", node.schema["not"]))
            parts = node.schema.get("allOf")
            parts = parts if isinstance(parts, list) else []
            waiting += [SchemaNode(f"{node.pointer}/allOf/{n}", part) for n, part in reversed([*enumerate(parts)])]
            target = self._target(node)
            if target is not None:
                waiting.append(target)

    def _derive(self, plan: ValuePlan, node: SchemaNode) -> None:
        """Adds the schemas derived from a schema. Some documents have hundreds, so they are looked up once."""
        if node.pointer not in self._families:
            self._families[node.pointer] = family_of(node)
        family = self._families[node.pointer]
        if family is None:
            return
        plan.tags.setdefault(family.name, []).append(family.tags)
        if family.group is not None:
            plan.groups.append(family.group)

    def _settled(self, plan: ValuePlan, group: MemberGroup) -> bool:
        """Whether the schemas merged so far already make an optional choice."""
        return not group.derived.isdisjoint(plan.seen)

    def _refuse(self, plan: ValuePlan, node: SchemaNode) -> None:
        """Adds the requirement of `not`, in the form that is easiest to meet; nothing in a very long chain of them."""
        if len(plan.seen) > _MOST_NEGATED:
            return
        node = self._resolved(node)
        schema = node.schema
        if schema is False:
            return
        words = schema.keys() - _NOTES if isinstance(schema, dict) else set()
        if not words:
            plan.types.clear()
            plan.impossible = f"everything is forbidden at {node.pointer.lstrip('!')}"
        elif words == {"anyOf"}:
            for number, branch in enumerate(schema["anyOf"]):
                self._refuse(plan, SchemaNode(f"{node.pointer}/anyOf/{number}", branch))
        elif words == {"not"}:
            self._merge(plan, SchemaNode(f"{node.pointer}/not", schema["not"]))
        else:
            _forbid(plan, schema, words)
            plan.nots.append(node)
            plan.hard = True

    def _resolved(self, node: SchemaNode) -> SchemaNode:
        for _ in range(DEEPEST):
            plain = isinstance(node.schema, dict) and node.schema.keys() == {"$ref"}
            target = self._target(node) if plain else None
            if target is None:
                break
            node = target
        return node

    # --- what is inside ---------------------------------------------------------------------------------------------

    def chosen(self, plan: ValuePlan, group: MemberGroup, branch: SchemaNode | None) -> ValuePlan:
        """The plan with one alternative chosen, or with none for an optional group."""
        added = () if branch is None else (branch,)
        return self.of(plan.nodes + added, plan.done | {group.id})

    def together(self, nodes: list[SchemaNode]) -> SchemaNode:
        """One schema that combines the requirements of all of these."""
        return made_up("+".join(node.pointer for node in nodes), allOf=[*map(reference, nodes)])

    def member(self, plan: ValuePlan, name: str) -> ValuePlan:
        """The plan of the member `name`."""
        child = plan.children.get(name)
        if child is None:
            child = plan.children[name] = self.of(tuple(_members(plan, name)))
        return child

    def item(self, plan: ValuePlan, index: int) -> ValuePlan:
        """The plan of the item at `index`. If `unevaluatedItems` allows nothing else, it is one of the contained items,
        which `contains` evaluates.
        """
        items = plan.items
        index = min(index, max([len(items.prefix), *(start for start, _ in items.rest)]))
        child = plan.children.get(index)
        if child is None:
            nodes = [*items.prefix[index]] if index < len(items.prefix) else []
            nodes += [node for start, node in items.rest if index >= start]
            child = self.of(tuple(nodes or items.unevaluated))
            if not nodes and child.impossible and items.contains:
                child = self.of((items.contains[0].node,))
            plan.children[index] = child
        return child

    def is_null(self, branch: SchemaNode) -> bool:
        """Whether an alternative accepts only null."""
        schema = branch.schema
        if branch.pointer.startswith("!") and schema.get("allOf"):
            schema = self._resolved(SchemaNode("!", schema["allOf"][0])).schema
        return isinstance(schema, dict) and (schema.get("type") in ("null", ["null"]) or schema.get("enum") == [None])

    # --- what can be complete ---------------------------------------------------------------------------------------

    def height(self, plan: ValuePlan) -> int:
        """The fewest levels of a value: 1 for a value without members, more than DEEPEST for an endless or impossible
        one.
        """
        return next((levels for levels in range(1, DEEPEST + 1) if self.fits(plan, levels)), DEEPEST + 1)

    def possible(self, plan: ValuePlan) -> bool:
        """Whether a finite value exists."""
        return self.fits(plan, DEEPEST)

    def fits(self, plan: ValuePlan, levels: int, choices: int = 0) -> bool:
        """Whether a value needs no more than `levels` levels."""
        if levels <= 0 or plan.impossible:
            return False
        known = plan.reach.get(levels)
        if known is None:
            known = plan.reach[levels] = self._fits(plan, levels, choices)
        return known

    def _fits(self, plan: ValuePlan, levels: int, choices: int) -> bool:
        if plan.enum is not None:
            return True
        if not any(self.kind_fits(plan, kind, levels) for kind in plan.types):
            return False  # nor does what any further choice restricts even more
        required = next((group for group in plan.groups if not group.optional), None)
        if required is not None and choices < _MOST_CHOICES:
            return any(
                self.fits(self.chosen(plan, required, branch), levels, choices + 1) for branch in required.branches
            )
        return True

    def kind_fits(self, plan: ValuePlan, kind: str, levels: int = DEEPEST) -> bool:
        """Whether a value of this type needs no more than `levels` levels."""
        if kind == "object":
            return all(self.fits(self.member(plan, name), levels - 1) for name in plan.members.required)
        if kind == "array":
            contained = (self.of((contains.node,)) for contains in plan.items.contains if contains.few)
            items = (self.item(plan, index) for index in range(min(plan.items.least, 50)))
            return all(self.fits(child, levels - 1) for child in (*contained, *items))
        return True

    def why(self, plan: ValuePlan, seen: frozenset[ValuePlan] = frozenset()) -> tuple[str, str]:
        """The place and the reason that no value of the plan can be generated."""
        if plan.impossible:
            return plan.pointer, plan.impossible
        for child in () if plan in seen else self._needed(plan):
            if not self.possible(child):
                where, reason = self.why(child, seen | {plan})
                return where or plan.pointer, reason
        return plan.pointer, "each level of it requires another, without end"

    def _needed(self, plan: ValuePlan) -> list[ValuePlan]:
        """The plans of which all, or at least one, must be possible for this one to be."""
        for group in plan.groups:
            if not group.optional:
                return [self.chosen(plan, group, branch) for branch in group.branches]
        inner = [self.member(plan, name) for name in plan.members.required if "object" in plan.types]
        return inner + [self.item(plan, 0) for _ in range(plan.items.least > 0 and "array" in plan.types)]

    # --- checking ---------------------------------------------------------------------------------------------------

    def accepts(self, plan: ValuePlan, value: Json) -> bool:
        """Whether a value is valid against every schema of the plan."""
        return all(self.fitting(node)(value) for node in plan.nodes)

    def broken(self, plan: ValuePlan, value: Json) -> str:
        """The first violation of a value, in words."""
        for pointer, _ in plan.nodes:
            if not pointer.startswith("!"):
                validator = self.schemas.validator(pointer)
                for violation in validator.violations(value, "", ExplanationBudget(FEW_STEPS)):
                    return f"{violation.pointer or 'the value'} {violation.message}"
        return "it is none of its alternatives"

    def fitting(self, node: SchemaNode) -> Callable[[Json], bool]:
        """A check against one schema. A schema that cannot be compiled alone accepts everything."""
        if node.pointer.startswith("!"):
            return self.schemas.decide(node.schema) or anything
        return self.schemas.validator(node.pointer).accepts


def _members(plan: ValuePlan, name: str) -> list[SchemaNode]:
    """The schemas of a member: by name, by pattern, or for additional names."""
    members = plan.members
    if name in members.forbidden:
        return [made_up("forbidden", not_={})]
    nodes = [*members.named.get(name, ())]
    nodes += [node for pattern, node in members.patterns if matches(pattern)(name)]
    for names, patterns, node in members.others:
        if name not in names and not any(matches(pattern)(name) for pattern in patterns):
            nodes.append(node)
    return nodes or members.unevaluated


def alike(one: Json, other: Json, *, names: bool = False) -> bool:
    """Whether two schemas differ only in annotations; `names` says that the members are the author's names, not
    keywords.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        stated = one.keys() if names else {key for key in one if not _is_note(key)}
        if stated != (other.keys() if names else {key for key in other if not _is_note(key)}):
            return False
        return all(alike(one[key], other[key], names=key in _MAPS) for key in stated)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return same(one, other)


def _is_note(keyword: str) -> bool:
    return keyword in _NOTES or keyword.startswith("x-")


@lru_cache(maxsize=1024)
def matches(pattern: str) -> Callable[[str], bool]:
    """A check whether a text contains a match of an ECMA-262 pattern; an invalid pattern matches every text."""
    try:
        return compiled({"pattern": pattern})
    except (ValueError, jsonschema_rs.ValidationError):
        return anything


def usable(pattern: str) -> bool:
    """Whether a pattern is valid."""
    return matches(pattern) is not anything


def compiled(schema: Json) -> Callable[[Json], bool]:
    """A check against a schema without references."""
    dialect = DIALECT
    return jsonschema_rs.validator_for({"$schema": dialect, **schema}, validate_formats=True).is_valid


def anything(_value: Json) -> bool:
    """Accepts every value."""
    return True


def _forbid(plan: ValuePlan, schema: Json, words: set[str]) -> None:
    """Adds the requirements that can be derived from a `not`."""
    kinds = schema.get("type")
    if words == {"type"}:
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            plan.without(kind, "its type is forbidden")
            if kind == "number":
                plan.without("integer", "its type is forbidden")
    elif words <= {"type", "enum", "const"} and words & {"enum", "const"}:
        plan.excluded += [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())]
    elif words <= {"type", "required"} and kinds in (None, "object") and len(schema.get("required", ())) == 1:
        plan.members.forbidden.add(schema["required"][0])
