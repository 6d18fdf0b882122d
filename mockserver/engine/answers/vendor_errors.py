"""The status and the code that a vendor's error body has for a Problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.problem import Problem

NOTHING_ELSE: Mapping[str, tuple[int, Json]] = {}


class VendorError(NamedTuple):
    """One row of a vendor's table of errors: the status and the code of a Problem.

    A status of 0 is the Problem's own; a code of None is left to the caller. Where the vendor's documents leave them
    open, `assumption` names the choice, and `options` has the status and the code under each option that differs.
    """

    status: int = 0
    code: Json = None
    assumption: str = ""
    options: Mapping[str, tuple[int, Json]] = NOTHING_ELSE

    def of(self, problem: Problem, call: Call) -> tuple[int, Json]:
        """The status and the code under the option that holds; the exchange records that the assumption was used."""
        status, code = self.status, self.code
        if self.assumption:
            status, code = self.options.get(call.assume(self.assumption), (status, code))
        return status or problem.status, code
