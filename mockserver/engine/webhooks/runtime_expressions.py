"""Runtime expressions of OpenAPI: `$request.body#/url`, and templates with such in braces."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from mockserver.engine.call import Call
from mockserver.json_pointer import tokens, value_at
from mockserver.json_text import Json
from mockserver.messages import Response

_EMBEDDED: Final = re.compile(r"\{(\$[^{}]+)\}")
_SAFE: Final = "/:@!$'()*,;~"


class Unresolved(Exception):
    """The request and its answer have no such value; the text is the expression."""


def address(template: str, call: Call, response: Response) -> str:
    """The address that a callback's key stands for. A value at its beginning is taken as it is, any other is encoded
    for its place. Raises Unresolved.
    """
    if template.startswith("$"):
        return _text(template, call, response)

    def value(found: re.Match[str]) -> str:
        text = _text(found[1], call, response)
        if not found.start():
            return text.rstrip("/") if template[found.end() : found.end() + 1] == "/" else text
        return quote(text, safe="" if "?" in template[: found.start()] else _SAFE)

    return _EMBEDDED.sub(value, template)


def _text(expression: str, call: Call, response: Response) -> str:
    value = _value(expression, call, response)
    if value is None or isinstance(value, (dict, list)):
        raise Unresolved(expression)
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _value(expression: str, call: Call, response: Response) -> Json:
    request = call.request
    if expression == "$url":
        return f"{request.site}{request.path}{'?' if request.query else ''}{request.query}"
    if expression == "$method":
        return request.method
    if expression == "$statusCode":
        return response.status
    source, _, rest = expression.partition(".")
    place, _, name = rest.partition(".")
    if source == "$request" and place == "header":
        return request.headers.get(name)
    if source == "$request" and place in ("query", "path"):
        return (call.query if place == "query" else call.path).get(name)
    if source == "$response" and place == "header":
        return next((value for header, value in response.headers if header.lower() == name.lower()), None)
    body = {"$request": call.body, "$response": response.body}.get(source)
    return value_at(body, tokens(rest.partition("#")[2])) if rest.partition("#")[0] == "body" else None
