"""Answers of deprecated operations are marked as such, in the header that Prism's users know."""

from __future__ import annotations

from typing import Final

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.messages import Response
from mockserver.openapi.model.operation import Operation
from mockserver.state.world import ApiState

NAME: Final = "Deprecation"


def mark_deprecated(operation: Operation, handler: Handler) -> Handler:
    """The handler, whose answers say that the operation is deprecated if it is."""
    if not operation.is_deprecated:
        return handler

    def answer(call: Call, state: ApiState) -> Response:
        found = handler(call, state)
        return marked(operation, found if type(found) is Response else Response(200, found))

    return answer


def marked(operation: Operation | None, response: Response) -> Response:
    """The response with `Deprecation: true` where the operation is deprecated; a document that declares that header
    says by itself what stands in it.
    """
    if operation is None or not operation.is_deprecated:
        return response
    answer = operation.answer(response.status)
    declared = answer.headers if answer is not None else ()
    if any(name.lower() == NAME.lower() for name in declared):
        return response
    return response._replace(headers=(*response.headers, (NAME, "true")))
