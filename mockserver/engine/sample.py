"""A request that works, made of the document's own examples."""

from __future__ import annotations

import shlex
from urllib.parse import quote, urlencode

from mockserver.engine.service import Service
from mockserver.spec.operation import Operation
from mockserver.spec.parameter import Parameter


def sample_url(service: Service, root: str) -> str:
    """The address of the first read that the document has an example for every needed parameter of; else of the API."""
    for operation in service.spec.operations:
        if operation.method == "GET" and all(map(_known, operation.parameters)):
            return f"{root}/{service.name}{_path(operation)}"
    return base_address(service, root)


def sample_curl(service: Service, root: str) -> str:
    """A line for the shell that is answered with 200."""
    name, value = service.api.credential
    header = f"-H {shlex.quote(f'{name}: {value}')} " if name else ""
    return f"curl {header}{shlex.quote(sample_url(service, root))}"


def base_address(service: Service, root: str) -> str:
    """Where the document's paths begin: `http://127.0.0.1:4010/xqr/api`."""
    return f"{root}/{service.name}{service.spec.base_path}"


def _known(parameter: Parameter) -> bool:
    return not parameter.required or parameter.example is not None


def _path(operation: Operation) -> str:
    path, query = operation.full_path, {}
    for parameter in operation.parameters:
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.name}}}", quote(str(parameter.example), safe=""))
        elif parameter.place == "query" and parameter.required:
            query[parameter.name] = parameter.example
    return f"{path}?{urlencode(query)}" if query else path
