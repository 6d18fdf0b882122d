"""Finds the secrets that an operation declares: by security schemes, parameters, and schemas of bodies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from mockserver.engine.redaction.secret_names import is_secret, is_secret_header, is_secret_when_write_only
from mockserver.engine.redaction.secret_schemas import PASSWORD, SecretSchema, nothing_declared, secret_schema
from mockserver.json_text import Json
from mockserver.openapi.model.body_model import Media
from mockserver.openapi.model.document import Document, Resolver
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.outgoing import callbacks_of, webhooks_of
from mockserver.openapi.model.parameter import Parameter
from mockserver.openapi.model.path_conditions import plain_path
from mockserver.openapi.schema.schema_view import CompileContext, SchemaView
from mockserver.problem import Unusable

NOTHING: Final = nothing_declared()
_TEMPLATE: Final = re.compile(r"\{([^{}]+)\}")
_SPLIT: Final = re.compile(r"(\{[^{}]+\})")
LONGEST_PATH: Final = 8_192
"""Characters of a path in which single secrets are told from the rest; a longer one is masked whole."""

_ALWAYS: Final = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})


class DeclaredSecrets:
    """The secrets of one operation's exchanges; of None what names alone tell. `credentials` are the names of the API's
    credentials by place, those of headers in small letters.
    """

    def __init__(self, credentials: Mapping[str, frozenset[str]], operation: Operation | None) -> None:
        parameters = () if operation is None else operation.parameters
        declared = [parameter for parameter in parameters if _is_secret_parameter(parameter)]
        self._headers = (
            _ALWAYS | credentials["header"] | {one.name.lower() for one in declared if one.place == "header"}
        )
        self._query = credentials["query"] | {one.name for one in declared if one.place == "query"}
        self._operation = operation
        in_path = {one.name for one in declared if one.place == "path"}
        template = "" if operation is None else plain_path(operation.path)
        self._in_path = {name for name in _TEMPLATE.findall(template) if name in in_path or is_secret(name)}
        self._answers: dict[str, SecretSchema] = {}
        self._by_member = {
            one.name: secret_schema((one.view,), operation.document.resolve)
            for one in parameters
            if operation is not None and one.place in ("query", "querystring")
        }

    def is_header(self, name: str) -> bool:
        """Whether the header of this name, in any case, is a credential or holds one."""
        return name.lower() in self._headers or is_secret_header(name)

    def is_query(self, name: str) -> bool:
        """Whether the query parameter of this name is a secret; of `filter[pin]` the member of the object."""
        if name in self._query or is_secret(name):
            return True
        base, _, member = name.partition("[")
        if member and base in self._by_member:
            return self._by_member[base].holds_secret(member.removesuffix("]"))
        return any(schema.holds_secret(name) for schema in self._by_member.values())

    @property
    def hides_answer(self) -> bool:
        """Whether a bare text that the operation answers is a secret: what `POST /tokens/token` hands out."""
        operation = self._operation
        return operation is not None and is_secret(plain_path(operation.path).rstrip("/").rpartition("/")[2])

    def secret_path(self, path: str) -> list[str]:
        """The parts of the request's path that stand where the template has the name of a secret."""
        operation = self._operation
        if operation is None or not self._in_path:
            return []
        if len(path) > LONGEST_PATH:
            return [path]
        template = plain_path(operation.path)
        pattern = "".join("([^/]+)" if part[:1] == "{" else re.escape(part) for part in _SPLIT.split(template))
        found, names = re.search(f"{pattern}/?$", path), _TEMPLATE.findall(template)
        return [] if found is None else [found[n + 1] for n, name in enumerate(names) if name in self._in_path]

    @cached_property
    def request_body(self) -> SecretSchema:
        """The schemas of a request's body in any of its media types: what was sent may be another than it says."""
        operation = self._operation
        return NOTHING if operation is None or operation.body is None else _schema(operation, operation.body.media)

    def response_body(self, status: int) -> SecretSchema:
        """The schemas of an answer with this status."""
        operation = self._operation
        answer = None if operation is None else operation.answer(status)
        if operation is None or answer is None:
            return NOTHING
        if answer.status not in self._answers:
            self._answers[answer.status] = _schema(operation, answer.media)
        return self._answers[answer.status]


def _schema(operation: Operation, media: Mapping[str, Media]) -> SecretSchema:
    views = [view for one in media.values() for view in _views(one, operation)]
    return secret_schema(views, operation.document.resolve)


class OutgoingSecrets:
    """The secrets that the bodies of a document's webhooks and callbacks declare."""

    def __init__(self, spec: Document | None) -> None:
        self._media: dict[str, list[Media]] = {}
        self._schemas: dict[str, SecretSchema] = {}
        if spec is None:
            return
        self._resolve = Resolver(spec.document)
        sent = [*webhooks_of(CompileContext(spec.views, self._resolve), spec.document)]
        for operation in spec.operations:
            sent += callbacks_of(operation) if operation.node.get("callbacks") else ()
        for outgoing in sent:
            self._media.setdefault(outgoing.name, []).extend(outgoing.media.values())

    def body(self, event: str) -> SecretSchema:
        """The schemas of what this event sends; of another event one that declares nothing."""
        if event not in self._media:
            return NOTHING
        if event not in self._schemas:
            self._schemas[event] = secret_schema([one.view for one in self._media[event]], self._resolve)
        return self._schemas[event]


def _views(media: Media, operation: Operation) -> Iterator[SchemaView]:
    yield media.view
    if "itemSchema" in media.node:
        yield operation.document.view(media.node, media.at, "itemSchema")


def _is_secret_parameter(parameter: Parameter) -> bool:
    schemas = [schema for schema, _ in parameter.view.parts]
    if any(schema.get("format") == PASSWORD for schema in schemas):
        return True
    return any(schema.get("writeOnly") is True for schema in schemas) and is_secret_when_write_only(parameter.name)


def credentials_of(spec: Document | None, known: Iterable[tuple[str, str]] = ()) -> dict[str, frozenset[str]]:
    """The names that the document's apiKey schemes have in each place, and of `known` headers."""
    places: dict[str, set[str]] = {
        "header": {name.lower() for name, _ in known if name},
        "query": set(),
        "cookie": set(),
    }
    if spec is not None:
        resolve = Resolver(spec.document)
        for name, node in spec.document.get("components", {}).get("securitySchemes", {}).items():
            try:
                scheme: Json = resolve(node, f"/components/securitySchemes/{name}")[0]
            except Unusable:
                continue
            if scheme.get("type") == "apiKey" and scheme.get("in") in places:
                key = str(scheme.get("name", ""))
                places[scheme["in"]].add(key.lower() if scheme["in"] == "header" else key)
    return {place: frozenset(names) for place, names in places.items()}
