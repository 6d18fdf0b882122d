"""OpenAPI's discriminator: the member whose value selects the schema of an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mockserver.generate.plans.schema_node import SchemaNode, made_up, reference
from mockserver.generate.plans.value_plan import MemberGroup
from mockserver.json_text import Json


class Family(NamedTuple):
    """The schemas derived from one schema: the `name` of the discriminating member, its value by the pointer of each
    schema, and the alternatives.
    """

    name: str
    tags: Mapping[str, str]
    group: MemberGroup | None


def family_of(node: SchemaNode) -> Family | None:
    """The family derived from this schema; None if it has no discriminator, or one for its alternatives."""
    stated = node.schema["discriminator"]
    if "oneOf" in node.schema or "anyOf" in node.schema or not isinstance(stated.get("propertyName"), str):
        return None
    name, mapping = stated["propertyName"], stated.get("mapping") or {}
    derived = {tag: ref for tag, ref in mapping.items() if isinstance(ref, str) and ref.startswith("#/")}
    tags = {node.pointer: tag_of({}, node.pointer)} | {ref[1:]: tag for tag, ref in derived.items()}
    branches = tuple(
        made_up(f"{node.pointer}#{tag}", **{"allOf": [{"$ref": ref}], "x-tag": {name: tag}})
        for tag, ref in derived.items()
    )
    group = MemberGroup(f"{node.pointer}/discriminator", branches, frozenset(ref[1:] for ref in derived.values()))
    return Family(name, tags, group if branches else None)


def tagged(node: SchemaNode, branch: SchemaNode) -> SchemaNode:
    """An alternative with the discriminator value that selects it."""
    discriminator, ref = node.schema.get("discriminator"), branch.schema
    ref = ref.get("$ref") if isinstance(ref, dict) else None
    if not isinstance(discriminator, dict) or not isinstance(ref, str) or "propertyName" not in discriminator:
        return branch
    name, tag = discriminator["propertyName"], tag_of(discriminator, ref)
    return made_up(f"{branch.pointer}#tagged", **{"allOf": [reference(branch)], "x-tag": {name: tag}})


def tag_of(discriminator: Json, ref: str) -> str:
    """The discriminator value for the schema that `ref` leads to."""
    for tag, target in (discriminator.get("mapping") or {}).items():
        if target == ref or (isinstance(target, str) and "/" not in target and ref.endswith("/" + target)):
            return str(tag)
    return ref.rsplit("/", 1)[-1]
