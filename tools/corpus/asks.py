"""A request for an operation, made of its document alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Final
from urllib.parse import quote, urlencode
from uuid import UUID

import orjson

from mockserver.engine.body.xml import write
from mockserver.engine.steps.match import ENCODED_SLASH
from mockserver.generate import Generator, Impossible, SeedKey
from mockserver.json_text import Json
from mockserver.messages import Request
from mockserver.openapi.model.body_model import Body, Media
from mockserver.openapi.model.document import Document, Resolver
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.parameter import Parameter
from mockserver.openapi.model.path_conditions import bare_name, is_greedy

NO_VALUES: Final[Mapping[str, Json]] = {}
MADE_UP: Final = object()
"""Stands for a body that nobody gave."""

BOUNDARY: Final = str(UUID(int=7))
SEPARATORS: Final = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}


class Unaskable(Exception):
    """No request can be made that keeps the document."""


class Asks:
    """Makes requests for the operations of one document."""

    def __init__(self, spec: Document) -> None:
        self._spec = spec
        self._make = Generator(spec.views.request, "request")
        self._resolve = Resolver(spec.document)
        self._numbers = count(1)

    def request(
        self,
        operation: Operation,
        path_values: Mapping[str, Json] = NO_VALUES,
        query_values: Mapping[str, Json] = NO_VALUES,
        body_value: Json = MADE_UP,
    ) -> Request:
        """The request with all that the operation requires, a credential included. Parameters have the values given
        by their names, the others and a body that is MADE_UP those of the document. Raises Unaskable.
        """
        path, query, headers, cookies = operation.routed_path, [], {}, []
        for parameter in operation.parameters:
            given = path_values if parameter.place == "path" else query_values if parameter.place == "query" else {}
            if not parameter.required and parameter.place != "path" and parameter.name not in given:
                continue
            value = given[parameter.name] if parameter.name in given else self._value(parameter)
            if parameter.place == "path":
                is_given = parameter.name in given and parameter.name not in _greedy(operation.path)
                text = value.replace("/", ENCODED_SLASH) if is_given and isinstance(value, str) else value
                path = path.replace(f"{{{parameter.name}}}", _in_path(parameter, text))
            elif parameter.place == "header":
                headers[parameter.name] = _plain(parameter, value)
            elif parameter.place == "cookie":
                cookies.append(f"{parameter.name}={quote(_plain(parameter, value))}")
            else:
                query += _in_query(parameter, value)
        _meet(operation, path_values, query, headers)
        self._authorize(operation, query, headers, cookies)
        media_type, body = self._body(operation.body, body_value)
        if body:
            headers |= {"Content-Type": media_type, "Content-Length": str(len(body))}
        if cookies:
            headers["Cookie"] = "; ".join(cookies)
        return Request(operation.method, path, "&".join(query), Sent(headers), body, "127.0.0.1")

    def _value(self, parameter: Parameter) -> Json:
        if parameter.place == "header" and parameter.name.lower() == "if-match":
            return "*"
        if parameter.place == "header" and "idempotency" in parameter.name.lower():
            return str(UUID(int=next(self._numbers)))  # another request each time
        example = parameter.example
        if example is not None and parameter.validator.accepts(example):
            return example
        return self._made(parameter.validator.pointer)

    def _made(self, pointer: str) -> Json:
        try:
            return self._make.example(pointer)
        except Impossible as impossible:
            raise Unaskable(str(impossible)) from None

    def _authorize(self, operation: Operation, query: list[str], headers: dict[str, str], cookies: list[str]) -> None:
        """The credentials of the first alternative."""
        schemes = self._spec.document.get("components", {}).get("securitySchemes", {})
        for name in operation.security[0] if operation.security else ():
            scheme, _ = self._resolve(schemes.get(name, {}), "")
            if scheme.get("type") == "apiKey":
                pair = f"{quote(scheme['name'], safe='')}=corpus"
                {"query": query, "cookie": cookies}.get(scheme["in"], []).append(pair)
                if scheme["in"] == "header":
                    headers[scheme["name"]] = "corpus"
            elif scheme.get("type") == "http" and str(scheme.get("scheme")).lower() == "basic":
                headers["Authorization"] = "Basic Y29ycHVzOmNvcnB1cw=="
            elif scheme.get("type") == "http":
                headers["Authorization"] = f"{scheme.get('scheme', 'bearer').capitalize()} corpus"
            elif scheme.get("type") in ("oauth2", "openIdConnect"):
                headers["Authorization"] = "Bearer corpus"

    def path_values(self, operation: Operation) -> dict[str, str]:
        """The values of the operation's path parameters by name, as its document has them. Raises Unaskable."""
        places = (parameter for parameter in operation.parameters if parameter.place == "path")
        return {parameter.name: _in_path(parameter, self._value(parameter)) for parameter in places}

    def body(self, operation: Operation, key: str) -> Json:
        """A body of its own for each key, faked; MADE_UP where the operation takes none that has a schema. Raises
        Unaskable, also where it takes nothing but a JSON Patch, which would have to know what it changes.
        """
        for media in _by_preference(operation.body):
            if "json-patch" in media.name:
                raise Unaskable("a JSON Patch is made of a record and not of a schema")
            if media.validator is not None:
                try:
                    value = self._make.value(media.validator.pointer, SeedKey(0, key))
                    return _carried(media, value) if "form" in media.name else value
                except Impossible as impossible:
                    raise Unaskable(str(impossible)) from None
        return MADE_UP

    def _body(self, body: Body | None, given: Json) -> tuple[str, bytes]:
        if body is None or not body.media:
            return "", b""
        for media in _by_preference(body):
            value = given
            if value is MADE_UP:
                value = self._made(media.validator.pointer) if media.validator is not None else {}
            written = self._written(media, value)
            if written is not None:
                return written
        raise Unaskable(f"none of {', '.join(body.media)} is written")

    def _written(self, media: Media, value: Json) -> tuple[str, bytes] | None:
        bare = media.name.partition(";")[0].strip().lower()
        if bare.endswith(("/json", "+json")) or bare in ("*/*", "application/*"):
            return ("application/json" if "*" in bare else media.name), orjson.dumps(value)
        if bare == "application/x-www-form-urlencoded":
            return media.name, "&".join(_form(media, value)).encode()
        if bare.startswith("multipart/"):
            return f"{bare}; boundary={BOUNDARY}", _multipart(value)
        if bare.endswith(("/xml", "+xml")):
            return media.name, write(value, media.view)
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
        return bare.replace("*", "plain" if bare.startswith("text") else "octet-stream"), text.encode(
            "utf-8", "replace"
        )


def _greedy(path: str) -> set[str]:
    """The path parameters whose values may have slashes."""
    return {bare_name(part[1:-1]) for part in path.split("/") if part[:1] == "{" and is_greedy(part[1:-1])}


def _meet(operation: Operation, path_values: Mapping[str, Json], query: list[str], headers: dict[str, str]) -> None:
    """Adds what the query or the fragment in the path's key asks of a request."""
    names = {pair.partition("=")[0] for pair in query}
    for condition in operation.conditions:
        value = condition.value if condition.value is not None else _text(path_values.get(condition.captures, "1"))
        if condition.place == "header":
            headers.setdefault(condition.name, value)
        elif quote(condition.name, safe="") not in names:
            query.append(f"{quote(condition.name, safe='')}={quote(value, safe='')}")


def _carried(media: Media, value: Json) -> Json:
    """The value without the lists and objects that a form of this encoding has no fields for."""
    if not isinstance(value, dict):
        return value
    deep = {name for name, encoding in media.encoding.items() if encoding.style == "deepObject"}
    members = {name: _filled(member) if name in deep else member for name, member in value.items()}
    return {name: member for name, member in members.items() if name not in deep or member not in ({}, [])}


def _filled(value: Json) -> Json:
    """The value without empty lists and objects in it."""
    if isinstance(value, dict):
        members = {name: _filled(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if member not in ({}, [])}
    return [item for item in map(_filled, value) if item not in ({}, [])] if isinstance(value, list) else value


def _by_preference(body: Body | None) -> list[Media]:
    """The media types of a body, those of JSON first, and JSON Patches last."""
    media = body.media.values() if body is not None else ()
    return sorted(media, key=lambda one: ("json-patch" in one.name, "json" not in one.name))


class Sent(Mapping[str, str]):
    """Headers in any case."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = {name.lower(): value for name, value in headers.items()}

    def __getitem__(self, name: str) -> str:
        return self._headers[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)


def _text(value: Json) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _plain(parameter: Parameter, value: Json) -> str:
    """As style `simple` has it; a whole JSON text where the parameter is content."""
    if not parameter.style:
        return orjson.dumps(value).decode()
    if isinstance(value, list):
        return ",".join(map(_text, value))
    if isinstance(value, dict):
        between = "=" if parameter.explode else ","
        return ",".join(f"{name}{between}{_text(member)}" for name, member in value.items())
    return _text(value)


def _in_path(parameter: Parameter, value: Json) -> str:
    """The text as it arrives: decoded. A path segment cannot be empty or have a slash."""
    text = _plain(parameter, value)
    if parameter.style == "label":
        return "." + (text.replace(",", ".") if parameter.explode else text)
    if parameter.style == "matrix":
        parts = value if isinstance(value, list) and parameter.explode else [text]
        return "".join(f";{parameter.name}={_text(part)}" for part in parts)
    return text.replace("/", "-") or "0"


def _in_query(parameter: Parameter, value: Json) -> list[str]:
    name = quote(parameter.name, safe="")
    if not parameter.style:
        return [f"{name}={quote(orjson.dumps(value).decode(), safe='')}"]
    if isinstance(value, list):
        texts = [quote(_text(item), safe="") for item in value]
        if parameter.explode:
            return [f"{name}={text}" for text in texts]
        return [f"{name}={SEPARATORS.get(parameter.style, ',').join(texts)}"]
    if isinstance(value, dict):
        if parameter.style == "deepObject":
            return _deep(parameter.name, value)
        pairs = [(quote(key, safe=""), quote(_text(member), safe="")) for key, member in value.items()]
        if parameter.explode:
            return [f"{key}={text}" for key, text in pairs]
        return [f"{name}=" + ",".join(f"{key},{text}" for key, text in pairs)]
    return [f"{name}={quote(_text(value), safe='')}"]


def _deep(name: str, value: Json) -> list[str]:
    if isinstance(value, dict):
        return [pair for key, member in value.items() for pair in _deep(f"{name}[{key}]", member)]
    if isinstance(value, list):
        return [pair for number, item in enumerate(value) for pair in _deep(f"{name}[{number}]", item)]
    return [urlencode({name: _text(value)})]


def _form(media: Media, value: Json) -> list[str]:
    """The members as fields: lists one by one, objects as the encoding says, else as JSON."""
    pairs = []
    for name, member in value.items() if isinstance(value, dict) else ():
        encoding = media.encoding.get(name)
        if isinstance(member, dict | list) and encoding is not None and encoding.style == "deepObject":
            pairs += _deep(name, member)
        elif isinstance(member, list) and (encoding is None or encoding.explode):
            pairs += [urlencode({name: _text(item)}) for item in member]
        else:
            pairs.append(urlencode({name: _text(member)}))
    return pairs


def _multipart(value: Json) -> bytes:
    parts = []
    for name, member in value.items() if isinstance(value, dict) else ():
        for item in member if isinstance(member, list) else [member]:
            kind = "\r\nContent-Type: application/json" if isinstance(item, dict) else ""
            parts.append(
                f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{kind}\r\n\r\n{_text(item)}\r\n'
            )
    return "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode("utf-8", "replace")
