"""A Schemathesis check for APIs that report errors in an envelope; an API's configuration names it."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import negative_data_rejection


@schemathesis.check
def refused_in_the_envelope(ctx: CheckContext, response: Response, case: schemathesis.Case[Any]) -> bool | None:
    """Requires invalid data to be refused: by the status, or at HTTP 200 by a `code` other than 0. It says nothing of
    an API with the usual check, which another configuration of this process has.
    """
    if case.operation.schema.config.checks_config_for(operation=case.operation).negative_data_rejection.enabled:
        return None
    if response.status_code == 200 and _is_json(response) and response.json()["code"] != 0:
        return None
    return negative_data_rejection(ctx, response, case)


def _is_json(response: Response) -> bool:
    """A response for visitors of a link is a page and has no envelope."""
    return any(value.startswith("application/json") for value in response.headers.get("content-type", []))
