"""Turns a call of a tool into a request to the control API, and its answer into text for an agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from mockserver.json_text import encode, read_json
from mockserver.mcp_server.tool_schemas import BODY, WORLD, ToolPlan

MOST_CHARACTERS = 200_000
"""Characters of one answer of a tool, which an agent has to read."""


class ControlRequest(NamedTuple):
    """A request to the control API: `path` is percent-encoded and below `/__admin`; an empty `world` is that of the
    address.
    """

    method: str
    world: str
    path: str
    query: str
    body: bytes | None


class ControlReply(NamedTuple):
    """Its answer."""

    status: int
    content: bytes


Ask = Callable[[ControlRequest], ControlReply]


class UnusableArguments(Exception):
    """Raised for arguments that make no request; the text says why."""


class ToolAnswer(NamedTuple):
    """The answer of a tool. One that `failed` did not do what it was asked for."""

    texts: tuple[str, ...]
    failed: bool = False


def use_tool(plan: ToolPlan, arguments: Mapping[str, Any], ask: Ask) -> ToolAnswer:
    """Asks the control API, and returns what it answers; its errors are those of the tool."""
    try:
        request = request_of(plan, arguments)
    except UnusableArguments as error:
        return ToolAnswer((str(error),), failed=True)
    status, content = ask(request)
    if status >= 400:
        return ToolAnswer(_problem_texts(status, content), failed=True)
    if not content:
        return ToolAnswer(("Done.",))
    text = content.decode()
    if len(text) > MOST_CHARACTERS:
        return ToolAnswer((_too_long(plan, len(text)),), failed=True)
    return ToolAnswer((text,))


def request_of(plan: ToolPlan, arguments: Mapping[str, Any]) -> ControlRequest:
    """The request that these arguments mean. Raises UnusableArguments; values are checked by the control API."""
    known = plan.schema["properties"]
    for name in arguments:
        if name not in known:
            near = get_close_matches(name, known, 1)
            takes = f"did you mean {near[0]!r}?" if near else f"it takes {', '.join(known)}"
            raise UnusableArguments(f"{plan.name} has no argument {name[:80]!r}; {takes}")
    path = plan.path
    for name, place in plan.places.items():
        if place == "path":
            value = arguments.get(name)
            if value is None or value == "":
                raise UnusableArguments(f"{plan.name} wants the argument {name!r}")
            if known[name].get("type") == "integer" and not _text(value).isdecimal():
                raise UnusableArguments(f"{plan.name} got {_text(value)[:80]} as {name!r}; expected a number")
            path = path.replace(f"{{{name}}}", quote(_text(value), safe=""))
    asked = [
        (name, _text(arguments[name])) for name, place in plan.places.items() if place == "query" and name in arguments
    ]
    if BODY in plan.schema["required"] and BODY not in arguments:
        raise UnusableArguments(f"{plan.name} wants the argument {BODY!r}, an object")
    body = encode(arguments[BODY]) if BODY in arguments and BODY in known else None
    return ControlRequest(plan.method, _world(plan, arguments), path, urlencode(asked), body)


def _world(plan: ToolPlan, arguments: Mapping[str, Any]) -> str:
    """The world that is meant; an operation that has it as its parameter says so in its path."""
    world = "" if WORLD in plan.places else arguments.get(WORLD, "")
    if not isinstance(world, str):
        raise UnusableArguments(f"{plan.name} got {_text(world)[:80]} as its world; expected the name of one")
    return world


def _text(value: Any) -> str:
    return value if isinstance(value, str) else encode(value).decode()


def _problem_texts(status: int, content: bytes) -> tuple[str, ...]:
    """The text of a problem, and what it has beyond that, such as the nearest requests."""
    try:
        problem = read_json(content)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        return (f"{status}: {content.decode('utf-8', 'replace')[:MOST_CHARACTERS]}",)
    title, detail = str(problem.get("title", "")), str(problem.get("detail", ""))
    told = f"{status} {detail}" if detail.startswith(title) else f"{status} {title}: {detail}"
    more = {name: value for name, value in problem.items() if name not in ("type", "title", "status", "detail")}
    return (told, encode(more).decode()[:MOST_CHARACTERS]) if more else (told,)


def _too_long(plan: ToolPlan, size: int) -> str:
    fewer = [name for name in ("limit", "text", "operation", "summary") if name in plan.places]
    if fewer:
        how = f"ask for less with {' or '.join(fewer)}"
    elif plan.reads and BODY in plan.schema["properties"]:
        how = f"name more criteria in {BODY!r}"
    else:
        how = "ask at its address below /__admin"
    return f"The answer has {size} characters, and a tool gives at most {MOST_CHARACTERS}; {how}."
