"""Counts what the other server answers to requests that the mock accepts: it may refuse all of them for one reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_DENIED: Final = frozenset({401, 403})
_LEAST: Final = 2
"""Operations that have to answer 404 before the address is doubted: a single one may lack its record."""


@dataclass
class AnswerTally:
    """The statuses of the other server by operation, of requests that were sent with a credential and that the mock
    answered with success; `guarded` are the operations that require a credential.
    """

    statuses: dict[str, set[int]] = field(default_factory=dict)
    guarded: set[str] = field(default_factory=set)

    def add(self, operation: str, status: int, *, is_guarded: bool) -> None:
        self.statuses.setdefault(operation, set()).add(status)
        if is_guarded:
            self.guarded.add(operation)

    def hint(self, *, has_credential: bool) -> str:
        """Why the servers cannot be compared as they were asked; empty where nothing hints at that. A server to which
        the user gave no credential may let some requests pass without.
        """
        every = set[int]().union(*self.statuses.values())
        asked = self.guarded or self.statuses.keys()
        denied = [self.statuses[name] for name in asked if self.statuses[name] <= _DENIED]
        if denied and len(denied) * 2 >= len(asked) and (not has_credential or len(denied) == len(asked)):
            said = " or ".join(map(str, sorted(set[int]().union(*denied))))
            given = "that was given is not accepted" if has_credential else "was given: send yours by -H"
            return f"The other server answered {said}: {'the' if has_credential else 'no'} credential {given}"
        if every == {404} and len(self.statuses) >= _LEAST:
            return (
                "The other server answered 404 to everything that the mock answers: --url probably lacks the path at "
                "which the document's paths begin, or has a wrong one"
            )
        return ""
