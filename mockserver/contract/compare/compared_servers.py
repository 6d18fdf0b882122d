"""The two servers of a comparison: mocks of the API in this process, and the other server."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from secrets import token_hex
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from mockserver.contract.replay.planned_request import PlannedRequest
from mockserver.contract.replay.player import Pairs, Player
from mockserver.contract.sequences.compared_api import ComparedApi
from mockserver.engine.redaction.redactor import Redactor
from mockserver.server.in_process import RunningMock, running
from mockserver.server.serve_options import Options

MOST_MOCKS: Final = 24
"""Mocks with another option of an assumption that run at once."""
WORLD_SECONDS: Final = 60.0
"""A world of the compared mock that was not used for this long is deleted."""


class ComparedServers:
    """Players for the mock (left) and the other server (right); a mock has a fresh world for each.

    `headers` are the user's for the other server; those that are credentials are left out where a step is not
    authenticated. Without a credential among them the mock's own is sent. `is_mock`: the other server is a mock too.
    """

    def __init__(
        self, api: ComparedApi, options: Options, other: str, headers: Sequence[tuple[str, str]], *, is_mock: bool
    ) -> None:
        self.api = api
        self.is_mock = is_mock
        self._options = options
        self._other = other
        self._stack = ExitStack()
        self._mocks: dict[int, RunningMock] = {}
        self._assuming: dict[tuple[str, str], tuple[RunningMock, ExitStack]] = {}
        self._worlds = 0
        declared = Redactor(api.service.spec, [*api.service.api.credentials.values()]).declared("")
        self._credentials = tuple(pair for pair in headers if declared.is_header(pair[0]))
        self._headers = tuple(pair for pair in headers if not declared.is_header(pair[0]))
        self._name = token_hex(3)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stack.close()
        for _, stack in self._assuming.values():
            stack.close()

    def new_run(self) -> str:
        """A text that no run of any comparison had before."""
        self._worlds += 1
        return f"{self._name}{self._worlds:x}"

    def left(self, run: str, *, seed: int | None = None) -> Player:
        """A player for a fresh world of the mock; with another `seed` its inventions are others."""
        seed = self._options.seed if seed is None else seed
        if seed not in self._mocks:
            self._mocks[seed] = self._stack.enter_context(running(self._options, seed=seed))
        return self.player(self._mocks[seed], run)

    def player(self, mock: RunningMock, run: str) -> Player:
        """A player for a fresh world of this mock."""
        return Player(mock.url_of(self.api.name, f"compare-{run}"), access=self._mock_access, run=run)

    def assuming(self, name: str, option: str) -> RunningMock:
        """A mock with another option of an assumption, `api.name`; the latest ones are kept for further tries."""
        key = name, option
        if key not in self._assuming:
            if len(self._assuming) >= MOST_MOCKS:
                self._assuming.pop(next(iter(self._assuming)))[1].close()
            stack = ExitStack()
            mock = stack.enter_context(running(self._options, assume={**self._options.assume, name: option}))
            self._assuming[key] = (mock, stack)
        return self._assuming[key][0]

    def overlaid(self, file: str) -> AbstractContextManager[RunningMock]:
        """A mock with one more overlay, until the end of the block."""
        return running(self._options, overlays=(*self._options.overlays, file))

    @property
    def root(self) -> str:
        """The folder below which files that the document refers to are read; empty: its own."""
        return self._options.root

    @property
    def has_credential(self) -> bool:
        """Whether the user gave a credential for the other server."""
        return bool(self._credentials)

    @property
    def served(self) -> tuple[str, list[str]]:
        """The port of the compared mock, and the arguments of `mockserver serve` that start it again."""
        options = self._options
        switched = [part for name, option in options.assume.items() for part in ("--assume", f"{name}={option}")]
        laid = [part for file in options.overlays for part in ("--overlay", file)]
        below = ["--root", options.root] if options.root else []
        seeds = ["--seeds", str(options.seeds)] if options.seeds == 0 and not self.api.service.api.is_complete else []
        port = str(urlsplit(self._mocks[options.seed].root).port) if options.seed in self._mocks else "4010"
        return port, [*options.apis, *switched, *laid, *below, *seeds, "--limits", "off"]

    def right(self, run: str) -> Player:
        """A player for the other server."""
        world: Pairs = (("Mock-World", f"compare-{run}"),) if self.is_mock else ()
        access = self._user_access if self._credentials else self._mock_access
        return Player(self._other, (*self._headers, *world), access=access, run=run)

    def _mock_access(self, step: PlannedRequest) -> tuple[Pairs, Pairs]:
        operation = self.api.operation(step.operation) or self.api.find(step.method, step.path)
        return self.api.access(operation) if operation is not None else ((), ())

    def _user_access(self, _step: PlannedRequest) -> tuple[Pairs, Pairs]:
        return self._credentials, ()
