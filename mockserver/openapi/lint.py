"""Lists the defects of a document with file, line and pointer: those found while loading, and those that only checks
find.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from mockserver.json_pointer import pointer_of, unescaped
from mockserver.json_text import Json
from mockserver.openapi.model.document import DocumentReading, Resolver, read_document
from mockserver.openapi.model.operation import compile_operations
from mockserver.openapi.model.parameter import named_media_types
from mockserver.openapi.model.path_conditions import PathCondition, declared_name, has_conditions, plain_path, unsent
from mockserver.openapi.model.servers import NOWHERE
from mockserver.openapi.normalize.document_normalizer import objects, version_of
from mockserver.openapi.normalize.normalizer import ERROR, WARNING, Diagnostic
from mockserver.openapi.schema.least_size import MOST_PARTS, LeastSize
from mockserver.openapi.schema.message_schemas import MessageSchemas
from mockserver.openapi.schema.validator import Schemas
from mockserver.openapi.schema.verdict import MOST_EVALUATIONS
from mockserver.openapi.source.pointer import tokens_of
from mockserver.openapi.source.reference import resolve
from mockserver.openapi.source.source import Finding
from mockserver.openapi.standards import METHODS
from mockserver.problem import Unusable, Violation

_TEMPLATED = re.compile(r"\{([^{}]*)\}")
_EXPANSION = re.compile(r"\{[?&][^{}]*\}")
_RANGES: Final = (
    ("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
)  # fmt: skip
_IGNORED_HEADERS: Final = frozenset({"accept", "content-type", "authorization"})
_TYPED: Final = frozenset({"accept", "content-type"})
_SHOWN = 2
_RECORDED: Final = "x-recorded"
"""Marks an example of what was seen at a server, not written by hand."""


def lint(path: Path, overlays: Sequence[Path] = (), root: Path | None = None) -> tuple[Finding, ...]:
    """Every defect of the document at `path`, in line order; `root` is the folder that its references may lead into.

    Raises Unusable for a document that cannot be read at all.
    """
    reading = read_document(path, overlays=overlays, root=root)
    diagnostics = [*reading.normalized.diagnostics, *_found(reading)]
    places = reading.locate({diagnostic.pointer for diagnostic in diagnostics})
    findings = {
        Finding(*places[diagnostic.pointer], diagnostic.message, diagnostic.severity): None
        for diagnostic in diagnostics
    }
    reason = [finding for finding in reading.bundle.findings if not any(_repeats(other, finding) for other in findings)]
    every = (*findings, *reason, *reading.overlaid.unmatched)
    return tuple(sorted(every, key=lambda finding: (finding.name, finding.line, finding.pointer)))


def _repeats(other: Finding, finding: Finding) -> bool:
    """Whether a finding is already reported: a reference is followed once as a file and once as an object."""
    same_place = (other.name, other.line) == (finding.name, finding.line)
    return same_place and other.message.startswith(finding.message.rstrip("."))


def _found(reading: DocumentReading) -> Iterator[Diagnostic]:
    """The defects that the normalized document still has, at their places in the source."""
    document = reading.normalized.document
    context = _Context(
        document,
        MessageSchemas(Schemas(document, reading.normalized.marks), reading.normalized.marks),
        version_of(reading.bundle.document),
    )
    found = [
        *_same_paths(document),
        *_unreachable(document, context.views),
        *_multiplying(document, context.views.schemas),
    ]
    for shape, node, location in objects(document):
        if isinstance(node, dict):
            pointer = pointer_of(tokens_of(location))
            for check in _CHECKS.get(shape.name, ()):
                found += check(node, pointer, context)
    return (diagnostic._replace(pointer=reading.normalized.origin(diagnostic.pointer)) for diagnostic in found)


@dataclass(frozen=True)
class _Context:
    """The document that an object belongs to, as checks need it; `version` is that of the source."""

    document: Json = field(repr=False)
    views: MessageSchemas
    version: str

    @cached_property
    def sizes(self) -> LeastSize:
        return LeastSize(self.resolved)

    def resolved(self, node: Json) -> Json:
        """The node that the reference leads to, or the node itself."""
        ref = node.get("$ref") if isinstance(node, dict) else None
        try:
            return resolve(self.document, ref) if isinstance(ref, str) else node
        except Unusable:
            return {}

    def violations(self, pointer: str, value: Json) -> tuple[Violation, ...]:
        """The violations of the schema at `pointer` by the value, if it is invalid both in a request
        and in a response.
        """
        views = (self.views.response, self.views.request)
        broken = [view.validator(pointer).violations(value, "") for view in dict.fromkeys(views)]
        return () if not all(broken) else broken[0]


_Check = Callable[[Mapping[str, Json], str, _Context], Iterator[Diagnostic]]


def _same_paths(document: Json) -> Iterator[Diagnostic]:
    """Reports paths that match the same requests: names in braces make no difference."""
    first: dict[str, str] = {}
    for path in document["paths"]:
        shape = _TEMPLATED.sub("{}", path if has_conditions(path) else plain_path(path))
        at = pointer_of(["paths", path])
        if shape in first:
            yield Diagnostic(at, f"matches the same requests as {first[shape]!r}; only one of them can answer")
        elif "{" in _TEMPLATED.sub("", path) or "}" in _TEMPLATED.sub("", path):
            yield Diagnostic(at, f"the braces of {path!r} do not pair")
        first.setdefault(shape, path)


def _multiplying(document: Json, schemas: Schemas) -> Iterator[Diagnostic]:
    """Reports schemas whose alternatives lie inside one another so that the ways to read a value multiply."""
    for name in document.get("components", {}).get("schemas", {}):
        at = pointer_of(["components", "schemas", name])
        count = schemas.evaluations(at)
        if count > MOST_EVALUATIONS:
            message = (
                f"its nested alternatives could look at one part of a value {count:,} times; each schema is asked "
                "once instead, and only the first violation is explained where explaining takes too much"
            )
            yield Diagnostic(at, message, WARNING)


def _unreachable(document: Json, views: MessageSchemas) -> Iterator[Diagnostic]:
    """Reports operations whose query or fragment no request can have, or asks for no more than that of another
    operation.
    """
    if not any(map(has_conditions, document["paths"])):
        return
    first: dict[tuple[str, str, frozenset[PathCondition]], str] = {}
    for operation in compile_operations(document, (NOWHERE,), views, Resolver(document)):
        names = unsent(operation.path, operation.parameters)
        reason = f"no request has a `#`, and no parameter is called {' or '.join(names)}" if names else ""
        key = operation.method, _TEMPLATED.sub("{}", plain_path(operation.path)), frozenset(operation.conditions)
        other = first.setdefault(key, operation.path)
        at = pointer_of(["paths", operation.path, operation.method.lower()])
        if other != operation.path and (has_conditions(other) or has_conditions(operation.path)):
            yield Diagnostic(
                at, f"never answers: it asks for nothing that {other!r} does not{reason and '; ' + reason}"
            )
        elif reason:
            yield Diagnostic(at, f"answers whatever {plain_path(operation.path)} is asked: {reason}", WARNING)


def _path_item(node: Mapping[str, Json], pointer: str, context: _Context) -> Iterator[Diagnostic]:
    """Compares the path parameters of each operation with the expressions in its path."""
    path = unescaped(pointer.removeprefix("/paths/"))
    if not pointer.startswith("/paths/") or not path.startswith("/"):
        return
    expressions = _TEMPLATED.findall(_EXPANSION.sub("", path))
    for name, times in Counter(expressions).items():
        if times > 1:
            yield Diagnostic(pointer, f"{{{name}}} stands in the path {times} times")
    shared = _path_names(node, context)
    for method in METHODS:
        if not isinstance(node.get(method), dict):
            continue
        named = shared | _path_names(node[method], context)
        wanted = [declared_name(expression, named) for expression in expressions]
        for name in sorted(set(wanted) - named):
            yield Diagnostic(f"{pointer}/{method}", f"{{{name}}} is in the path, and no path parameter has this name")
        for name in sorted(named - set(wanted)):
            yield Diagnostic(f"{pointer}/{method}", f"the path parameter {name!r} is not in the path {path}")


def _path_names(owner: Mapping[str, Json], context: _Context) -> set[str]:
    parameters = map(context.resolved, owner.get("parameters", ()))
    return {parameter["name"] for parameter in parameters if parameter.get("in") == "path"}


def _doubled(node: Mapping[str, Json], pointer: str, context: _Context) -> Iterator[Diagnostic]:
    """Reports a parameter that a list has twice."""
    seen: set[tuple[str, str]] = set()
    for number, parameter in enumerate(map(context.resolved, node.get("parameters", ()))):
        key = parameter.get("name", ""), parameter.get("in", "")
        if key in seen:
            yield Diagnostic(f"{pointer}/parameters/{number}", f"the {key[1]} parameter {key[0]!r} stands here twice")
        seen.add(key)


def _header_names(node: Mapping[str, Json], pointer: str, context: _Context) -> Iterator[Diagnostic]:
    lowered = str(node.get("name")).lower() if node.get("in") == "header" else ""
    if lowered in _IGNORED_HEADERS and not (
        lowered in _TYPED and any(named_media_types(node, context.resolved(node.get("schema"))))
    ):
        message = f"a header parameter named {node['name']} counts for nothing; use `content` or `security`"
        yield Diagnostic(pointer, message, WARNING)


def _ranges(node: Mapping[str, Json], pointer: str, _about: _Context) -> Iterator[Diagnostic]:
    for least, most in _RANGES:
        if least in node and most in node and node[least] > node[most]:
            yield Diagnostic(
                f"{pointer}/{least}", f"{least} {node[least]} is more than {most} {node[most]}; nothing fits"
            )
    properties = node.get("properties", {})
    if node.get("additionalProperties") is False and not {"patternProperties", "allOf", "$ref"} & node.keys():
        for name in node.get("required", ()):
            if name not in properties:
                yield Diagnostic(f"{pointer}/required", f"{name!r} is required, and no property may have this name")


def _large(node: Mapping[str, Json], pointer: str, context: _Context) -> Iterator[Diagnostic]:
    """Reports schemas whose values are larger than those that are made."""
    if parts := context.sizes.exceeds(node):
        message = (
            f"its smallest value has about {parts:,} members, items and stretches of 50 characters; "
            f"at most {MOST_PARTS:,} are made, so that values made of it break it"
        )
        yield Diagnostic(pointer, message, WARNING)


def _outdated(node: Mapping[str, Json], pointer: str, context: _Context) -> Iterator[Diagnostic]:
    if "nullable" in node:
        message = '`nullable` counts for nothing since OpenAPI 3.1; add "null" to `type`'
        yield Diagnostic(f"{pointer}/nullable", message, WARNING)
    if node.get("type") == "array" and "items" not in node and context.version.startswith(("2", "3.0")):
        yield Diagnostic(pointer, "an array needs `items` before OpenAPI 3.1; taken as any items", WARNING)


def _schema_examples(node: Mapping[str, Json], pointer: str, context: _Context) -> Iterator[Diagnostic]:
    for name in ("example", "default"):
        if name in node:
            yield from _misfits(context, pointer, f"{pointer}/{name}", node[name], WARNING)
    examples = node.get("examples")
    for number, value in enumerate(examples if isinstance(examples, list) else ()):
        yield from _misfits(context, pointer, f"{pointer}/examples/{number}", value, WARNING)


def _examples(node: Mapping[str, Json], pointer: str, context: _Context) -> Iterator[Diagnostic]:
    """Checks the examples of a media type, parameter or header, unless they are serialized text."""
    if "schema" not in node or _is_text(pointer):
        return
    if "example" in node:
        yield from _misfits(context, f"{pointer}/schema", f"{pointer}/example", node["example"])
    for name, example in node.get("examples", {}).items():
        severity = WARNING if example.get(_RECORDED) is True else ERROR  # A server may break its document.
        for member in ("value", "dataValue"):
            if member in example:
                at = pointer_of(["examples", name, member])
                yield from _misfits(context, f"{pointer}/schema", pointer + at, example[member], severity)


def _is_text(pointer: str) -> bool:
    """Whether the media type is not JSON, so that its examples are text."""
    owner, _, last = pointer.rpartition("/")
    return owner.endswith("/content") and "json" not in last.lower()


def _misfits(context: _Context, schema: str, at: str, value: Json, severity: str = ERROR) -> Iterator[Diagnostic]:
    broken = context.violations(schema, value)
    if broken:
        reason = "; ".join(f"{violation.pointer or 'it'}: {violation.message}" for violation in broken[:_SHOWN])
        more = f"; {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
        yield Diagnostic(at, f"breaks its schema: {reason}{more}", severity)


_CHECKS: Final[Mapping[str, tuple[_Check, ...]]] = {
    "a path item": (_path_item, _doubled),
    "an operation": (_doubled,),
    "a parameter": (_header_names, _examples),
    "a header": (_examples,),
    "a media type": (_examples,),
    "a schema": (_ranges, _large, _outdated, _schema_examples),
}


def has_errors(findings: Sequence[Finding]) -> bool:
    """Whether a part of the document is not served as it is meant."""
    return any(finding.severity == ERROR for finding in findings)
