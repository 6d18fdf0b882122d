"""Finds the operations nearest to a request, with the differences and a working curl command."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from heapq import nsmallest
from typing import NamedTuple
from weakref import WeakKeyDictionary

from mockserver.engine.answers.sample_request import opened, sample_path
from mockserver.engine.service import Service
from mockserver.engine.steps.security_schemes import SecuritySchemes
from mockserver.generate import Generator, Impossible
from mockserver.json_text import Json, encode
from mockserver.messages import Request
from mockserver.openapi.model.body_model import Media
from mockserver.openapi.model.operation import Operation
from mockserver.problem import NO_METHOD, NO_OPERATION, Problem

NEAREST = 3
_MANY = 50
_LONGEST_BODY = 2_000


class NearestOperation(NamedTuple):
    """One operation with its distance from a request, from 0 (the same) to 1, and what differs."""

    service: Service
    operation: Operation
    distance: float
    differences: tuple[str, ...]


def nearest_operations(services: list[Service], method: str, path: str) -> list[NearestOperation]:
    """The operations of these APIs nearest to a method and a path below the API's root, nearest first, three at most.
    Those that share the most segments with it are compared.
    """
    given = path.split("/")[1:]
    segments = {*given}
    every = ((service, *known) for service in services for known in _known(service).segments)
    likely = nsmallest(
        _MANY, every, key=lambda item: (-len(segments & {*item[2]}), abs(len(item[2]) - len(given)), item[1].method)
    )
    compared = [_compared(service, operation, known, method, given) for service, operation, known in likely]
    return nsmallest(NEAREST, compared, key=lambda near: near.distance)


def _compared(
    service: Service, operation: Operation, known: list[str], method: str, given: list[str]
) -> NearestOperation:
    differences = [] if operation.method == method else [f"it takes {operation.method}, this is {method[:20]}"]
    missed = 0.5 * len(differences)
    if len(known) != len(given):
        differences.append(f"it has {len(known)} segments, this has {len(given)}")
        missed += abs(len(known) - len(given))
    for template, segment in zip(known, given, strict=False):
        if "{" not in template and template != segment:
            differences.append(f"it has {template!r}, this has {segment[:40]!r}")
            missed += 1 - 0.5 * SequenceMatcher(None, template, segment[:100]).ratio()
    distance = round(missed / (max(len(known), len(given)) + 1), 3)
    return NearestOperation(service, operation, distance, tuple(differences))


def curl_of(
    service: Service, operation: Operation, site: str, asked: str = "", sent: Mapping[str, str] | None = None
) -> str:
    """A line for the shell that asks the operation at `site`, with the document's own examples and a credential; that
    of a file of the user's is not shown, nor one that was `sent`. Path parameters without an example are those of the
    path that was `asked`.
    """
    line = ["curl"]
    if operation.method != "GET":
        line += ["-X", operation.method]
    access = opened(service, operation)
    is_known = not (isinstance(service.api.guard, SecuritySchemes) and service.api.guard.is_listed)
    for name, value in access.headers:
        line += ["-H", f"{name}: {value if is_known and not (sent or {}).get(name) else '<credential>'}"]
    example = _example_body(service, operation)
    if example is not None:
        media, text = example
        line += ["-H", f"Content-Type: {media}", "-d", text]
    path = sample_path(operation, dict(access.query) if is_known else {}, _values(service, operation, asked))
    return shlex.join([*line, site + service.address(path)])


def miss_advice(service: Service, problem: Problem, request: Request) -> str:
    """What a request that no operation took could have been: a line for the nearest operation. Empty where none comes
    near.
    """
    if problem.code not in (NO_OPERATION, NO_METHOD):
        return ""
    found = nearest_operations([service], request.method, request.path)
    if not found or found[0].distance > _NEAR:
        return ""
    site = request.origin or f"http://{request.headers.get('Host') or 'localhost'}"
    world = f"/~{request.asked[2:].partition('/')[0]}" if request.asked.startswith("/~") else ""
    line = curl_of(service, found[0].operation, site + world, request.path, request.headers)
    return f" This would be answered: {line}"


_NEAR = 0.35


def _values(service: Service, operation: Operation, asked: str) -> dict[str, str]:
    """A value for each parameter that is needed and has no example: of the path that was asked, else of its schema."""
    known, given = operation.routed_path.split("/")[1:], asked.split("/")[1:]
    sent = dict(zip(known, given, strict=True)) if len(known) == len(given) else {}
    found = {}
    for parameter in operation.parameters:
        if parameter.required and parameter.example is None:
            segment = sent.get(f"{{{parameter.name}}}", "") if parameter.place == "path" else ""
            made = segment or _made(service, parameter.view.pointer)
            found[parameter.name] = made if isinstance(made, str) else encode(made).decode()
    return found


def _made(service: Service, pointer: str) -> Json:
    made = _known(service).made
    if pointer not in made:
        try:
            made[pointer] = Generator(service.spec.views.request, "request").example(pointer)
        except Impossible:
            made[pointer] = "1"
    return made[pointer]


class _Known(NamedTuple):
    """The data that all misses of one API share: the segments of its paths, and values made of its schemas."""

    segments: list[tuple[Operation, list[str]]]
    made: dict[str, Json]


_KNOWN: WeakKeyDictionary[Service, _Known] = WeakKeyDictionary()


def _known(service: Service) -> _Known:
    known = _KNOWN.get(service)
    if known is None:
        segments = [(one, one.routed_path.split("/")[1:]) for one in service.spec.operations]
        known = _KNOWN[service] = _Known(segments, {})
    return known


def _example_body(service: Service, operation: Operation) -> tuple[str, str] | None:
    """The media type and the example of the body, where it is JSON and short."""
    body = operation.body
    for media in body.media.values() if body is not None else ():
        if "json" in media.name:
            example = next(_examples(media), None)
            text = encode(_made(service, media.view.pointer) if example is None else example).decode()
            if len(text) <= _LONGEST_BODY:
                return media.name, text
    return None


def _examples(media: Media) -> Iterator[Json]:
    if "example" in media.node:
        yield media.node["example"]
    for named in media.node.get("examples", {}).values():
        if isinstance(named, dict) and "value" in named:
            yield named["value"]
