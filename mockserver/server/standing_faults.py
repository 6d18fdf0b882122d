"""The faults of the command line, which every world begins with: `--delay 200`, `--fail "GET /pets=503:0.1"`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from mockserver.engine.interventions.fault import ENDINGS, Fault, operation_name
from mockserver.engine.interventions.path_meeting import has_operation
from mockserver.engine.service import Service
from mockserver.problem import Problem, Unusable
from mockserver.server.serve_options import Options

_FAIL: Final = re.compile(r"(?P<where>.+)=(?P<what>[a-z0-9-]+)(?::(?P<probability>[0-9.]+))?")
EXPECTED: Final = (
    'expected WHERE=WHAT or WHERE=WHAT:PROBABILITY, such as "listPets=503:0.1" or "GET /pets/*=reset"; WHERE is an '
    f"operation, a method and a path, or *; WHAT is a status from 400 to 599, or one of {', '.join(ENDINGS)}; "
    "PROBABILITY is above 0 and at most 1"
)


def standing_faults(options: Options, services: Mapping[str, Service]) -> tuple[Fault, ...]:
    """The faults that these options ask for, the delay first. Raises Unusable."""
    delays = [Fault(delay=options.delay)] if options.delay else []
    return (*delays, *(_fault(text, services) for text in options.fail))


def _fault(text: str, services: Mapping[str, Service]) -> Fault:
    found = _FAIL.fullmatch(text)
    if found is None:
        raise Unusable(f"--fail {text!r}: {EXPECTED}")
    where, what = found["where"].strip(), found["what"]
    try:
        return Fault(
            **_where(where, services),
            status=int(what) if what.isdecimal() else 0,
            connection="" if what.isdecimal() else what,
            probability=float(found["probability"] or 1),
        )
    except (Problem, ValueError):
        raise Unusable(f"--fail {text!r}: {EXPECTED}") from None


def _where(where: str, services: Mapping[str, Service]) -> dict[str, Any]:
    """The members of a fault that say which requests it is for. Raises Unusable for an operation that is not known."""
    if where == "*":
        return {}
    where = operation_name(where)
    if where in {*_names(services)}:
        return {"operation": where}
    method, space, path = where.partition(" ")
    if space and path.startswith("/") and not has_operation(services.values(), method, path):
        near = get_close_matches(where, [name for name in _names(services) if " " in name], 3, 0.3)
        told = f"; the nearest: {', '.join(near)}" if near else ""
        raise Unusable(f"--fail: no operation of what is served takes {where!r}{told}")
    if space and method.isalpha() and path.startswith("/"):
        return {"method": method.upper(), "path": path}
    names = [name for name in _names(services) if " " not in name]
    near = get_close_matches(where, names, 3, 0.5)
    known = f"the nearest: {', '.join(near)}" if near else f"there is {', '.join(names[:20])}"
    raise Unusable(f"--fail: {where!r} is no operation of what is served; {known}; a path has a method in front")


def _names(services: Mapping[str, Service]) -> Iterator[str]:
    for service in services.values():
        for operation in service.spec.operations:
            yield operation.id
            yield f"{operation.method} {operation.path}"
