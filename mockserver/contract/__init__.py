"""Checks the mock and the real server against the same document. Only this package uses Schemathesis."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def cases(
    api: str | Path,
    *,
    url: str = "",
    headers: Mapping[str, str] | None = None,
    strict: bool = False,
    max_examples: int | None = None,
    seed: int | None = None,
    **options: Any,
) -> Any:
    """The Schemathesis schema (`schemathesis.specs.openapi.schemas.OpenApiSchema`) of one API, for pytest:
    `schema = cases("openapi.yaml")`, then `@schema.parametrize()` above `def test_api(case): case.call_and_validate()`.

    Cases go to a mock of the API, which begins each test with a world as new, with a credential that it takes; or to
    the server at `url`, with `headers`. Failures that are not the server's fault are left out, as `mockserver check`
    does; `strict`: refusals that the document does not declare are failures. `max_examples` is a number of cases for
    each operation; `seed` makes them the same in each run. Further arguments are members of Options (`overlays=`,
    `assume=`). Raises Unusable.
    """
    try:
        from mockserver.contract.suite.api_cases import api_cases
    except ModuleNotFoundError as error:
        if error.name != "schemathesis":
            raise
        from mockserver.problem import Unusable

        raise Unusable(
            "Schemathesis is not installed; it comes with the extra `check`: pip install 'mockserver[check]'"
        ) from None
    file = sys._getframe(1).f_globals.get("__file__")  # noqa: SLF001 - a document is looked for beside the test
    folders = (*((Path(file).parent,) if file else ()), Path.cwd())
    return api_cases(
        api,
        folders,
        url=url,
        headers=headers or {},
        strict=strict,
        max_examples=max_examples,
        seed=seed,
        options=options,
    )
