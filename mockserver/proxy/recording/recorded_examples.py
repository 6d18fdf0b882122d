"""Examples of requests and answers as they were seen, as the actions of an overlay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mockserver.engine.body.charset import bare_type, bytes_of
from mockserver.engine.body.media_families import JSON, MULTIPART, family
from mockserver.engine.body.media_readers import reader_of
from mockserver.json_text import Json, Malformed, encode, read_json
from mockserver.messages import Exchange
from mockserver.openapi.model.body_model import Media, covering
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.parameter import Parameter
from mockserver.openapi.model.text_pairs import pairs_of
from mockserver.problem import Problem
from mockserver.proxy.forwarded_headers import value_of

MOST_EXAMPLES: Final = 100
"""Examples of one operation; of what is seen later no more are kept."""
LARGEST: Final = 64 * 1024
"""Bytes of a body that becomes an example."""
RECORDED: Final = "x-recorded"
"""Marks an example that was seen: a mock gives a new record the id that it had, and one that breaks its schema is no
mistake of who wrote the document.
"""

_FAILURES: Final = 400
_NOTHING: Final[Json] = object()


@dataclass(frozen=True, slots=True)
class _Seen:
    """One exchange: the media types are those of the document, where it declares them."""

    name: str
    request: bytes
    sent_as: str
    sent: Json
    parameters: tuple[tuple[int, bool, Json], ...]
    status: int
    answered_as: str
    answer: Json


class RecordedExamples:
    """The examples of a document's operations."""

    def __init__(self) -> None:
        self._seen: dict[Operation, list[_Seen]] = {}
        self._number = 0

    def add(self, operation: Operation, exchange: Exchange, path: Mapping[str, str]) -> None:
        """Keeps an exchange whose secrets are masked."""
        known = self._seen.setdefault(operation, [])
        request = exchange.request
        if len(known) >= MOST_EXAMPLES or max(len(request.body), len(exchange.content)) > LARGEST:
            return
        identity = b"\n".join((request.path.encode(), request.query.encode(), request.body))
        answered_as, answer = _answer(operation, exchange)
        if request.method in _READING and any(
            seen.request == identity and (seen.status, seen.answer) == (exchange.status, answer) for seen in known
        ):
            return
        sent_as, sent = _sent(operation, exchange)
        self._number += 1
        given = tuple(_parameters(operation, exchange, path))
        known.append(
            _Seen(f"recorded-{self._number}", identity, sent_as, sent, given, exchange.status, answered_as, answer)
        )

    def actions(self) -> list[Json]:
        """The actions of the overlay."""
        found = (action for operation, seen in self._seen.items() for action in _actions(operation, seen))
        return [*{encode(action): action for action in found}.values()]  # Operations of one path share parameters.


def _actions(operation: Operation, seen: list[_Seen]) -> Iterator[Json]:
    update: dict[str, Json] = {}
    yield from _dereferenced(operation, seen)
    yield from _outdated(operation, seen)
    succeeded = {one.request for one in seen if one.status < _FAILURES}
    for one in seen:
        answer = update.setdefault("responses", {}).setdefault(str(one.status), _declared(operation, one))
        if one.answer is not _NOTHING and one.answered_as:
            media = answer.setdefault("content", {}).setdefault(one.answered_as, {**_schema(operation, one)})
            media.setdefault("examples", {})[one.name] = {"value": one.answer, RECORDED: True}
        if one.status >= _FAILURES and one.request in succeeded:
            continue  # What it was answered depended on what was there, not on the request.
        if one.sent is not _NOTHING:
            content = update.setdefault("requestBody", {}).setdefault("content", {})
            content.setdefault(one.sent_as, {}).setdefault("examples", {})[one.name] = {
                "value": one.sent,
                RECORDED: True,
            }
        elif one.answer is not _NOTHING:
            for number, is_own, value in one.parameters:
                owner = _target(operation) if is_own else _target(operation).rpartition("[")[0]
                yield _action(
                    f"{owner}.parameters[{number}]", {"examples": {one.name: {"value": value, RECORDED: True}}}
                )
    yield _action(_target(operation), update)


def _dereferenced(operation: Operation, seen: list[_Seen]) -> Iterator[Json]:
    """Puts what a reference leads to in its place, so that examples can be added."""
    declared = operation.node.get("responses", {})
    places = {f"['responses'][{_quoted(status)}]": declared.get(status) for status in {str(one.status) for one in seen}}
    places["['requestBody']"] = operation.node.get("requestBody")
    yield from _resolved(operation, {_target(operation) + place: node for place, node in places.items()})
    item, _ = operation.owner
    for owner, target in ((operation.node, _target(operation)), (item, _target(operation).rpartition("[")[0])):
        listed = {f"{target}.parameters[{number}]": node for number, node in enumerate(owner.get("parameters", ()))}
        yield from _resolved(operation, listed)


def _outdated(operation: Operation, seen: list[_Seen]) -> Iterator[Json]:
    """Takes away the examples of answers that were seen otherwise: one that nothing tells from others is the first."""
    for status, name in dict.fromkeys((one.status, one.answered_as) for one in seen if one.answer is not _NOTHING):
        answer = operation.answers.get(str(status))
        media = None if answer is None else answer.media.get(name.lower())
        if media is None:
            continue
        at = f"{_target(operation)}['responses'][{_quoted(str(status))}]['content'][{_quoted(media.name)}]"
        for member in ("example", "examples"):
            if member in media.node:
                yield {"target": f"{at}[{_quoted(member)}]", "remove": True}


def _resolved(operation: Operation, places: Mapping[str, Json]) -> Iterator[Json]:
    for target, node in places.items():
        if isinstance(node, dict) and "$ref" in node:
            whole, _ = operation.document.resolve(node, "")
            yield {"target": f"{target}['$ref']", "remove": True}
            yield _action(target, whole)


def _action(target: str, update: Json) -> Json:
    return {"target": target, "update": update}


def _target(operation: Operation) -> str:
    """The JSONPath of the operation, which stands where its path item does."""
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in operation.at.split("/")[1:]]
    return "$" + "".join(f"[{_quoted(token)}]" for token in tokens)


def _quoted(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _declared(operation: Operation, seen: _Seen) -> dict[str, Json]:
    """What the overlay says of a response besides its content: a description, where the document has none such."""
    return {} if str(seen.status) in operation.answers else {"description": "Seen by the proxy."}


def _schema(operation: Operation, seen: _Seen) -> dict[str, Json]:
    """The schema of a response for which a range or `default` stands in the document."""
    answer = operation.answer(seen.status)
    if answer is None or answer.status == str(seen.status) or seen.answered_as not in answer.media:
        return {}
    schema = answer.media[seen.answered_as].node.get("schema")
    return {} if schema is None else {"schema": schema}


def _sent(operation: Operation, exchange: Exchange) -> tuple[str, Json]:
    media_type = exchange.request.headers.get("Content-Type") or ""
    media = covering(operation.body.media, media_type) if operation.body is not None else None
    if media is None or not exchange.request.body:
        return "", _NOTHING
    kind = family(bare_type(media_type))
    try:
        if kind == JSON:
            return media.name, read_json(exchange.request.body)
        value, wrong = reader_of(media, kind).read(exchange.request.body, media_type)
    except (Malformed, Problem):
        return media.name, _NOTHING
    return media.name, _NOTHING if wrong or not _is_json(value) else value


def _answer(operation: Operation, exchange: Exchange) -> tuple[str, Json]:
    media_type = value_of(exchange.headers, "content-type")
    if not exchange.content or not media_type:
        return "", _NOTHING
    answer = operation.answer(exchange.status)
    media: Media | None = None if answer is None else covering(answer.media, media_type)
    name = bare_type(media_type) if media is None or "*" in media.name else media.name
    return name, _value(exchange.content, name)


def _value(content: bytes, media_type: str) -> Json:
    """The example whose body has these bytes; those that are no JSON stand for themselves, as text."""
    kind = family(bare_type(media_type))
    if kind == JSON:
        try:
            return read_json(content)
        except Malformed:
            return _NOTHING
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text if kind != MULTIPART and bytes_of(text, media_type) == content else _NOTHING


def _parameters(operation: Operation, exchange: Exchange, path: Mapping[str, str]) -> Iterator[tuple[int, bool, Json]]:
    """The parameters in path and query that were sent: where each is declared, and its value."""
    item, _ = operation.owner
    query = pairs_of(exchange.request.query)
    for parameter in operation.parameters:
        given = {"path": path, "query": query}.get(parameter.place)
        if given is None:
            continue
        try:
            value = parameter.deserialize(given)
        except Malformed:
            continue
        place = _place(operation, operation.node, parameter), _place(operation, item, parameter)
        if place != (-1, -1) and _is_json(value):
            yield (place[0], True, value) if place[0] >= 0 else (place[1], False, value)


def _place(operation: Operation, owner: Json, parameter: Parameter) -> int:
    """The number of a parameter in the list of what declares it."""
    for number, node in enumerate(owner.get("parameters", ())):
        declared, _ = operation.document.resolve(node, "")
        if (declared.get("name"), declared.get("in")) == (parameter.name, parameter.place):
            return number
    return -1


def _is_json(value: Json) -> bool:
    try:
        encode(value)
    except (TypeError, ValueError):
        return False
    return isinstance(value, (str, int, float, list, dict))


_READING: Final = ("GET", "HEAD", "QUERY")
