"""The options of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

SECONDS: Final = 120.0
"""Of a comparison, unless it is told otherwise; what was begun then is finished."""
MOST_SEQUENCES: Final = 200
"""Generated sequences of a comparison, unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """The options of a comparison of the mock of `api` with the server at `url`.

    `headers` (`Name: value`) are sent to the other server. `writes`: also requests that change something, `all_writes`:
    also what others made. `ignore` are
    names of members, JSON pointers and names of headers that are not compared. `replay` is a file with one sequence to
    be played in the place of generated ones. `first` ends the comparison with the first divergence. `cases` is a folder
    for regression cases, `report` and `junit` are files for reports; empty: none.
    """

    api: str
    url: str
    headers: Sequence[str] = ()
    assume: Mapping[str, str] = field(default_factory=dict)
    overlays: Sequence[str] = ()
    root: str = ""
    writes: bool = False
    all_writes: bool = False
    seed: int = 0
    seconds: float = SECONDS
    sequences: int = MOST_SEQUENCES
    ignore: Sequence[str] = ()
    replay: str = ""
    first: bool = False
    cases: str = ""
    report: str = ""
    junit: str = ""
