"""Adds each keyword of JSON Schema 2020-12 and OpenAPI to a plan: a table from keyword to function."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

from mockserver.generate.plans.discriminator import tagged
from mockserver.generate.plans.schema_node import SchemaNode, below, made_up, reference
from mockserver.generate.plans.value_plan import (
    MAX_SIZE,
    Contains,
    MemberGroup,
    Others,
    ValuePlan,
    equality_key,
    types_of,
)
from mockserver.generate.value_size import MOST_ALTERNATIVES, MOST_DEPENDENT, MOST_GROUPS, MOST_OPTIONS, MOST_PARTS
from mockserver.json_text import Json

_JSON = re.compile(r"application/(?:[\w.-]+\+)?json(?:\s*;.*)?", re.IGNORECASE)

Keyword = Callable[[ValuePlan, Any, SchemaNode], None]


# --- any value -------------------------------------------------------------------------------------------------------


def _type(plan: ValuePlan, value: Json, _node: SchemaNode) -> None:
    names = [value] if isinstance(value, str) else [*map(str, value)]
    wanted = [*names, "integer"] if "number" in names else names
    kept = [name for name in plan.types if name in wanted]
    plan.types[:] = sorted(kept, key=wanted.index) if len(plan.types) > len(kept) else kept
    if not plan.types:
        plan.impossible = plan.impossible or "its schemas demand different types"


def _enum(plan: ValuePlan, value: list[Json], _node: SchemaNode) -> None:
    known = plan.enum
    if known is not None:
        keys = {*map(equality_key, value)}
        value = [item for item in known if equality_key(item) in keys]
    plan.enum = value


def _const(plan: ValuePlan, value: Json, node: SchemaNode) -> None:
    _enum(plan, [value], node)


def _example(plan: ValuePlan, value: Json, node: SchemaNode) -> None:
    plan.examples.append((value, node))


def _examples(plan: ValuePlan, value: list[Json], node: SchemaNode) -> None:
    plan.examples += [(item, node) for item in value]


def _read_only(plan: ValuePlan, value: bool, _node: SchemaNode) -> None:
    plan.read_only |= value


def _write_only(plan: ValuePlan, value: bool, _node: SchemaNode) -> None:
    plan.write_only |= value


# --- numbers ---------------------------------------------------------------------------------------------------------


def exact(number: float) -> Fraction:
    """The number as it was written: 0.1 is exactly a tenth."""
    return Fraction(number) if isinstance(number, int) else Fraction(Decimal(repr(number)))


def _minimum(plan: ValuePlan, value: float, _node: SchemaNode, open_: bool = False) -> None:
    numbers, bound = plan.numbers, exact(value)
    if numbers.low is None or bound > numbers.low or (bound == numbers.low and open_):
        numbers.low, numbers.above_low = bound, open_


def _maximum(plan: ValuePlan, value: float, _node: SchemaNode, open_: bool = False) -> None:
    numbers, bound = plan.numbers, exact(value)
    if numbers.high is None or bound < numbers.high or (bound == numbers.high and open_):
        numbers.high, numbers.below_high = bound, open_


def _above(plan: ValuePlan, value: float, node: SchemaNode) -> None:
    _minimum(plan, value, node, open_=True)


def _under(plan: ValuePlan, value: float, node: SchemaNode) -> None:
    _maximum(plan, value, node, open_=True)


def _multiple_of(plan: ValuePlan, value: float, _node: SchemaNode) -> None:
    if value > 0:
        plan.numbers.steps.append(exact(value))


# --- strings ---------------------------------------------------------------------------------------------------------


def _min_length(plan: ValuePlan, value: float, _node: SchemaNode) -> None:
    plan.texts.least = max(plan.texts.least, int(value))


def _max_length(plan: ValuePlan, value: float, _node: SchemaNode) -> None:
    plan.texts.most = min(plan.texts.most, int(value))


def _pattern(plan: ValuePlan, value: str, _node: SchemaNode) -> None:
    if value not in plan.texts.patterns:
        plan.texts.patterns.append(value)


def _format(plan: ValuePlan, value: str, _node: SchemaNode) -> None:
    if value not in plan.texts.formats:
        plan.texts.formats.append(value)


def _encoding(plan: ValuePlan, value: str, _node: SchemaNode) -> None:
    plan.texts.encoding = value


def _content_schema(plan: ValuePlan, _value: Json, node: SchemaNode) -> None:
    if _JSON.fullmatch(str(node.schema.get("contentMediaType", ""))):
        plan.texts.content = below(node, "contentSchema")


# --- arrays ----------------------------------------------------------------------------------------------------------


def _items(plan: ValuePlan, value: Json, node: SchemaNode) -> None:
    if isinstance(value, (dict, bool)):
        plan.items.rest.append((len(node.schema.get("prefixItems", ())), below(node, "items")))


def _prefix(plan: ValuePlan, value: list[Json], node: SchemaNode) -> None:
    prefix = plan.items.prefix
    for number in range(len(value)):
        if number == len(prefix):
            prefix.append([])
        prefix[number].append(below(node, "prefixItems", number))


def _contains(plan: ValuePlan, _value: Json, node: SchemaNode) -> None:
    few, many = node.schema.get("minContains", 1), node.schema.get("maxContains", sys.maxsize)
    plan.items.contains.append(Contains(below(node, "contains"), int(few), int(many)))
    plan.hard = True


def _min_items(plan: ValuePlan, value: float, _node: SchemaNode) -> None:
    plan.items.least = max(plan.items.least, int(value))


def _max_items(plan: ValuePlan, value: float, _node: SchemaNode) -> None:
    plan.items.most = min(plan.items.most, int(value))


def _unique(plan: ValuePlan, value: bool, _node: SchemaNode) -> None:
    plan.items.unique |= value


def _unevaluated_items(plan: ValuePlan, _value: Json, node: SchemaNode) -> None:
    plan.items.unevaluated.append(below(node, "unevaluatedItems"))
    plan.hard = True


# --- objects ---------------------------------------------------------------------------------------------------------


def _properties(plan: ValuePlan, value: dict[str, Json], node: SchemaNode) -> None:
    for name, schema in value.items():
        if isinstance(schema, (dict, bool)):
            plan.members.named.setdefault(name, []).append(below(node, "properties", name))


def _pattern_properties(plan: ValuePlan, value: dict[str, Json], node: SchemaNode) -> None:
    plan.members.patterns += [(pattern, below(node, "patternProperties", pattern)) for pattern in value]
    plan.hard = True


def _additional(plan: ValuePlan, _value: Json, node: SchemaNode) -> None:
    names = frozenset(node.schema.get("properties", ()))
    patterns = tuple(node.schema.get("patternProperties", ()))
    plan.members.others.append(Others(names, patterns, below(node, "additionalProperties")))


def _required(plan: ValuePlan, value: list[str], _node: SchemaNode) -> None:
    plan.members.required.update(dict.fromkeys(value))


def _property_names(plan: ValuePlan, _value: Json, node: SchemaNode) -> None:
    plan.members.names.append(below(node, "propertyNames"))
    plan.hard = True


def _min_properties(plan: ValuePlan, value: float, _node: SchemaNode) -> None:
    plan.members.least = max(plan.members.least, int(value))


def _max_properties(plan: ValuePlan, value: float, _node: SchemaNode) -> None:
    plan.members.most = min(plan.members.most, int(value))


def _dependent_required(plan: ValuePlan, value: dict[str, list[str]], _node: SchemaNode) -> None:
    for name, needed in value.items():
        plan.members.needs.setdefault(name, []).extend(needed)


def _dependent_schemas(plan: ValuePlan, value: dict[str, Json], node: SchemaNode) -> None:
    for name in islice(value, MOST_DEPENDENT if len(plan.groups) < MOST_GROUPS else 0):
        there = below(node, "dependentSchemas", name)
        given = made_up(f"{there.pointer}#given", required=[name], allOf=[reference(there)])
        absent = made_up(f"{there.pointer}#absent", properties={name: False})
        plan.groups.append(MemberGroup(there.pointer, (given, absent)))
    plan.hard = True


def _unevaluated_properties(plan: ValuePlan, _value: Json, node: SchemaNode) -> None:
    plan.members.unevaluated.append(below(node, "unevaluatedProperties"))
    plan.hard = True


# --- alternatives ----------------------------------------------------------------------------------------------------


def _any_of(plan: ValuePlan, value: list[Json], node: SchemaNode) -> None:
    _add_group(plan, node, "anyOf", _branches(value, node, "anyOf"))


def _one_of(plan: ValuePlan, value: list[Json], node: SchemaNode) -> None:
    branches = _branches(value, node, "oneOf")
    if len(branches) > 1:
        refs = [*map(reference, branches)]
        branches = [_only(branch, refs, number) for number, branch in enumerate(branches)]
    _add_group(plan, node, "oneOf", branches)


def _branches(value: list[Json], node: SchemaNode, keyword: str) -> list[SchemaNode]:
    return [tagged(node, below(node, keyword, number)) for number in range(min(len(value), MOST_ALTERNATIVES))]


def _add_group(plan: ValuePlan, node: SchemaNode, keyword: str, branches: list[SchemaNode]) -> None:
    """Adds the branches of a keyword as alternatives of the plan, which has MOST_GROUPS at most."""
    plan.hard = True
    if len(plan.groups) < MOST_GROUPS:
        plan.groups.append(MemberGroup(f"{node.pointer}/{keyword}", tuple(branches)))


def _only(branch: SchemaNode, refs: list[Json], number: int) -> SchemaNode:
    """The branch, with all other branches forbidden."""
    return made_up(f"{branch.pointer}#only", allOf=[refs[number]], not_={"anyOf": refs[:number] + refs[number + 1 :]})


def _tag(plan: ValuePlan, value: dict[str, str], _node: SchemaNode) -> None:
    """The discriminator's value, unless the schema fixes it."""
    for name, tag in value.items():
        plan.tags[name] = [{"": tag}]


def _if(plan: ValuePlan, _value: Json, node: SchemaNode) -> None:
    plan.hard = True
    if len(plan.groups) >= MOST_GROUPS:
        return
    condition = reference(below(node, "if"))
    then = [reference(below(node, "then"))] if "then" in node.schema else []
    else_ = [reference(below(node, "else"))] if "else" in node.schema else []
    kept = made_up(f"{node.pointer}/if#kept", allOf=[condition, *then])
    broken = made_up(f"{node.pointer}/if#broken", allOf=else_, not_=condition)
    plan.groups.append(MemberGroup(f"{node.pointer}/if", (kept, broken)))


_Kind = type | tuple[type, ...]
_NUMBER = (int, float)

KEYWORDS: dict[str, tuple[_Kind, str, Keyword]] = {
    "type": ((str, list), "", _type),
    "enum": (list, "", _enum),
    "const": (object, "", _const),
    "example": (object, "", _example),
    "examples": (list, "", _examples),
    "default": (object, "", _example),
    "readOnly": (bool, "", _read_only),
    "writeOnly": (bool, "", _write_only),
    "minimum": (_NUMBER, "number", _minimum),
    "maximum": (_NUMBER, "number", _maximum),
    "exclusiveMinimum": (_NUMBER, "number", _above),
    "exclusiveMaximum": (_NUMBER, "number", _under),
    "multipleOf": (_NUMBER, "number", _multiple_of),
    "minLength": (_NUMBER, "string", _min_length),
    "maxLength": (_NUMBER, "string", _max_length),
    "pattern": (str, "string", _pattern),
    "format": (str, "", _format),
    "contentEncoding": (str, "string", _encoding),
    "contentSchema": (object, "string", _content_schema),
    "items": (object, "array", _items),
    "prefixItems": (list, "array", _prefix),
    "contains": (object, "array", _contains),
    "minItems": (_NUMBER, "array", _min_items),
    "maxItems": (_NUMBER, "array", _max_items),
    "uniqueItems": (bool, "array", _unique),
    "unevaluatedItems": (object, "array", _unevaluated_items),
    "properties": (dict, "object", _properties),
    "patternProperties": (dict, "object", _pattern_properties),
    "additionalProperties": ((dict, bool), "object", _additional),
    "required": (list, "object", _required),
    "propertyNames": (object, "object", _property_names),
    "minProperties": (_NUMBER, "object", _min_properties),
    "maxProperties": (_NUMBER, "object", _max_properties),
    "dependentRequired": (dict, "object", _dependent_required),
    "dependentSchemas": (dict, "object", _dependent_schemas),
    "unevaluatedProperties": (object, "object", _unevaluated_properties),
    "anyOf": (list, "", _any_of),
    "oneOf": (list, "", _one_of),
    "x-tag": (dict, "", _tag),
    "if": (object, "", _if),
}
"""For each keyword: the required type of its value, the type of value it suggests, and the function that adds it."""

NUMERIC_FORMATS = {"int32", "int64", "float", "double", "integer", "number"}


def absorb(plan: ValuePlan, node: SchemaNode) -> None:
    """Adds the schema's own keywords to the plan, without its references."""
    for name, value in node.schema.items():
        keyword = KEYWORDS.get(name)
        if keyword is not None and isinstance(value, keyword[0]):
            if keyword[1] and keyword[1] not in plan.suggested:
                plan.suggested.append(keyword[1])
            keyword[2](plan, value, node)


def finish(plan: ValuePlan) -> None:
    """Marks a contradictory plan as impossible, and orders the remaining types by preference."""
    if plan.types:
        _contradictions(plan)
        _order(plan)
        _bound(plan)
    _share(plan)


def _contradictions(plan: ValuePlan) -> None:
    if plan.texts.least > plan.texts.most:
        plan.without("string", f"minLength {plan.texts.least} is more than what is allowed")
    if plan.items.least > plan.items.most:
        plan.without("array", f"minItems {plan.items.least} is more than what is allowed")
    members = plan.members
    if members.least > members.most or len(members.required) > members.most or members.forbidden & {*members.required}:
        plan.without("object", "what is required of its members is forbidden")
    if plan.enum is not None and plan.types:
        plan.enum = [*islice((item for item in plan.enum if allowed(plan, item)), MOST_OPTIONS)]
        if not plan.enum:
            plan.impossible = "no member of its `enum` fits the rest of its schema"


def _bound(plan: ValuePlan) -> None:
    """Reduces what is required of a value to what is generated, and keeps in `beyond` what that is less than."""
    items, members, texts = plan.items, plan.members, plan.texts
    contains = [demand for demand in items.contains if demand.few > MOST_PARTS]
    if items.least > MOST_PARTS:
        plan.beyond["array"] = f"minItems is {_figure(items.least)}; at most {MOST_PARTS:,} items are made"
        items.least = MOST_PARTS
    if contains:
        plan.beyond["array"] = f"minContains is {_figure(contains[0].few)}; at most {MOST_PARTS:,} items are made"
        items.contains = [demand._replace(few=min(demand.few, MOST_PARTS)) for demand in items.contains]
    if members.least > MOST_PARTS:
        plan.beyond["object"] = f"minProperties is {_figure(members.least)}; at most {MOST_PARTS:,} members are made"
        members.least = MOST_PARTS
    if texts.least > MAX_SIZE:
        plan.beyond["string"] = f"minLength is {_figure(texts.least)}; at most {MAX_SIZE:,} characters are made"
        texts.least = MAX_SIZE


def _figure(number: int) -> str:
    return f"{number:,}" if number < _LONG else "more than 10^15"


_LONG = 10**15


def _share(plan: ValuePlan) -> None:
    """Uses shared objects for empty parts: most plans have one type, and there are thousands of plans."""
    plan.types = _TYPES.setdefault(tuple(plan.types), plan.types)
    if not plan.tags:
        plan.seen = _SILENT.seen
    for name in _PARTS:
        if getattr(plan, name) == (silent := getattr(_SILENT, name)):
            setattr(plan, name, silent)


_SILENT = ValuePlan(())
_PARTS = (
    "suggested", "excluded", "examples", "numbers", "texts", "items", "members", "groups", "nots", "tags", "beyond",
)  # fmt: skip
_TYPES: dict[tuple[str, ...], list[str]] = {}


def allowed(plan: ValuePlan, value: Json) -> bool:
    """Whether a value has a type of the plan and is not excluded."""
    kinds = types_of(value)
    return any(kind in plan.types for kind in kinds) and not (plan.excluded and equality_key(value) in plan.unwanted)


def _order(plan: ValuePlan) -> None:
    """Orders the types: null last; a schema without `type` has the type that its keywords suggest."""
    if len(plan.types) > 5:
        suggested = [*plan.suggested]
        if plan.texts.formats and not suggested:
            suggested.append("number" if plan.texts.formats[0] in NUMERIC_FORMATS else "string")
        plan.types.sort(key=lambda name: suggested.index(name) if name in suggested else len(suggested))
    plan.types.sort(key=lambda name: name == "null")
