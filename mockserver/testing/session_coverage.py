"""The coverage of the documents by all mocks and worlds of a pytest session, and of its workers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mockserver.control.exchanges.coverage_count import CoverageCount
from mockserver.json_text import Json
from mockserver.problem import Unusable
from mockserver.server.in_process import RunningMock
from mockserver.testing.coverage_report import lines_of, merged, refuse_report, shortfalls, threshold, write

FILE_OPTION = "--mock-coverage"
LEAST_OPTION = "--mock-coverage-fail-under"


class SessionCoverage:
    """Counts what mocks are asked, whatever is reset or ended meanwhile. At the end it writes the reports `files`, and
    holds the coverage to the threshold `least`, as `threshold` reads it. Files are relative to `folder`, the working
    directory where none is given. Raises Unusable for what these cannot be.
    """

    def __init__(self, files: Sequence[str] = (), least: str = "", folder: Path | None = None) -> None:
        for file in files:
            refuse_report(file, FILE_OPTION, folder)
        self.lines: list[str] = []
        self.failures: list[str] = []
        self._files = files
        self._least = threshold(least, LEAST_OPTION)
        self._counts: list[CoverageCount] = []
        self._of_others: list[Json] = []

    def watch(self, running: RunningMock) -> None:
        """Counts the requests to a mock from now on."""
        self._counts.append(watched(running))

    def take(self, coverage: Json) -> None:
        """Takes over what was counted elsewhere."""
        self._of_others.append(coverage)

    def conclude(self, folder: Path) -> None:
        """Writes the reports, relative to the folder; sets what is told, and what the session fails for."""
        coverage = self.coverage
        self.lines = lines_of(coverage)
        self.failures = shortfalls(coverage, self._least)
        for file in self._files:
            try:
                write(coverage, str(folder / file), FILE_OPTION)
                self.lines.append(f"{file} is the report")
            except Unusable as error:
                self.failures.append(str(error))

    @property
    def coverage(self) -> Json:
        """All together, as `GET /__admin/coverage` has it."""
        return merged([*({"apis": count.apis()} for count in self._counts), *self._of_others])


def watched(running: RunningMock) -> CoverageCount:
    """The count of the requests to a mock from now on."""
    count = CoverageCount(running.mock.services)
    running.mock.worlds.watch(count.add)
    return count
