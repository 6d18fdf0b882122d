"""Marks the answers of deprecated operations in the header `Deprecation`, as Prism does."""

from __future__ import annotations

from typing import Final

from mockserver.engine.call import Call
from mockserver.engine.steps.step import Step
from mockserver.messages import Response
from mockserver.openapi.model.operation import Operation
from mockserver.state.world import ApiState

NAME: Final = "Deprecation"


def deprecation_step(operation: Operation) -> Step | None:
    """The step that marks the answers of a deprecated operation; None for any other."""
    if not operation.is_deprecated:
        return None

    def mark(_call: Call, _state: ApiState, answer: Response) -> Response:
        return marked(operation, answer)

    return Step("deprecation", after=mark)


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
