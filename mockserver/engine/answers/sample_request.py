"""A request that works, made of the document's own examples."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode

from mockserver.engine.service import Service
from mockserver.messages import Headers
from mockserver.openapi.model.operation import Operation


class _Opened(NamedTuple):
    """The credential that a sample request sends."""

    headers: Headers = ()
    query: tuple[tuple[str, str], ...] = ()


def sample_curl(service: Service, root: str) -> str:
    """A line for the shell that is answered with 200: the first read that the document has an example for every needed
    parameter of, with its credentials; else the address of the API.
    """
    operation = sample_read(service)
    if operation is None:
        return f"curl {shlex.quote(base_address(service, root))}"
    access = opened(service, operation)
    headers = "".join(f"-H {shlex.quote(f'{name}: {value}')} " for name, value in access.headers)
    return f"curl {headers}{shlex.quote(root + service.address(sample_path(operation, dict(access.query))))}"


def sample_read(service: Service) -> Operation | None:
    """The first read that the document has an example for every needed parameter of."""
    return next((one for one in service.spec.operations if one.method == "GET" and _is_known(one)), None)


def base_address(service: Service, root: str) -> str:
    """Returns the address that the document's paths begin at: `http://127.0.0.1:4010/xqr/api`."""
    return root + service.address(service.spec.base_path)


def _is_known(operation: Operation) -> bool:
    return all(not parameter.required or parameter.example is not None for parameter in operation.parameters)


def opened(service: Service, operation: Operation) -> _Opened:
    """The first of its alternatives of which every scheme can be shown; else what opens most operations."""
    api = service.api
    for needed in operation.security:
        if needed.keys() <= api.credentials.keys() | api.query_keys.keys():
            headers = tuple(api.credentials[name] for name in needed if name in api.credentials)
            return _Opened(headers, tuple(api.query_keys[name] for name in needed if name in api.query_keys))
    return _Opened((api.credential,)) if api.credential[0] else _Opened()


def sample_path(operation: Operation, query: Mapping[str, str], values: Mapping[str, str] | None = None) -> str:
    """The path with the examples of its parameters, or these `values` for those that have none, and the query."""
    path = operation.routed_path
    query = {it.name: it.value or "" for it in operation.conditions if it.place == "query"} | {**query}
    for parameter in operation.parameters:
        if parameter.place == "path":
            example = parameter.example
            if example is None and values:
                example = values.get(parameter.name)
            path = path.replace(f"{{{parameter.name}}}", quote(str(example), safe=""))
        elif parameter.place == "query" and parameter.required and parameter.name not in query:
            query[parameter.name] = (values or {}).get(parameter.name, parameter.example)
    return f"{path}?{urlencode(query)}" if query else path
