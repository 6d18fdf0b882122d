"""Proposes what would make the mock answer as the other server does, and tries it where that can be tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from mockserver.contract.compare.compared_servers import ComparedServers
from mockserver.contract.compare.comparison import PAUSE, Comparison
from mockserver.contract.compare.divergence import Divergence, DivergenceKey
from mockserver.contract.compare.document_additions import (
    DocumentAddition,
    WrittenDocument,
    additions_of,
    overlay_of,
    parameter_addition,
)
from mockserver.contract.compare.undeclared_parameters import taken_parameters, takes
from mockserver.contract.replay.difference import DifferenceKind
from mockserver.contract.replay.request_sequence import RequestSequence
from mockserver.contract.sequences.compared_api import ComparedApi
from mockserver.engine.body.yaml_text import write
from mockserver.engine.redaction.redactor import Redactor
from mockserver.engine.redaction.secret_bodies import masked_value
from mockserver.engine.redaction.secret_text import SecretTexts
from mockserver.json_text import Json
from mockserver.problem import Unusable
from mockserver.server.in_process import RunningMock

MOST_OPTIONS: Final = 40
"""Options of assumptions that are tried for one divergence, those first that the mock's answers relied on."""

_OF_HEADS: Final = frozenset({DifferenceKind.STATUS, DifferenceKind.FAILURE})

ASSUMPTION, OVERLAY, RECORD = "assumption", "overlay", "record"


class Proposal(NamedTuple):
    """One proposal: `kind` is one of ASSUMPTION, OVERLAY, RECORD; `text` says what it does, `what` is the option of the
    command line, or the YAML of a file; `action` is that of an overlay. `is_tried`: with it the divergence was gone.
    """

    kind: str
    text: str
    what: str
    is_tried: bool = False
    action: Json = None


class Proposer:
    """Finds proposals for divergences; `is_over` ends the trying."""

    def __init__(
        self, api: ComparedApi, servers: ComparedServers, comparison: Comparison, is_over: Callable[[], bool]
    ) -> None:
        self._api = api
        self._servers = servers
        self._comparison = comparison
        self._is_over = is_over
        self._now: tuple[RequestSequence, frozenset[DivergenceKey]] | None = None

    @cached_property
    def written(self) -> WrittenDocument:
        """The document of the API as it was written. Raises Unusable."""
        return WrittenDocument(self._api.service.spec, self._servers.root)

    def proposals(self, divergence: Divergence) -> tuple[Proposal, ...]:
        """What would make the mock like the other server in this; none if nothing is known."""
        found = [*self._assumptions(divergence)]
        if not found:
            found = [*self._additions(divergence), *self._records(divergence)]
        return tuple(found)

    def parameters(self) -> Iterator[Proposal]:
        """Additions of the parameters that lists of the other server take, and neither the document declares nor the
        mock takes.
        """
        with self._servers.left(self._servers.new_run()) as mock, self._servers.right(self._servers.new_run()) as other:
            for taken in taken_parameters(self._api, other, self._is_over):
                if takes(self._api, mock, taken):
                    continue
                version = self.written.version
                addition = parameter_addition(taken.operation, taken.name, taken.kind, version)
                action = self.written.action_of(addition)
                yield Proposal(
                    OVERLAY, addition.text, write(overlay_of(self._api.name, [action])).decode(), False, action
                )

    def _assumptions(self, divergence: Divergence) -> Iterator[Proposal]:
        """The options of assumptions with which the divergence is gone."""
        relied = _relied_on(divergence, self._api.name)
        every = [*self._api.service.api.assumptions]
        choices = self._api.service.choices
        ordered = [one for one in every if one.name in relied] + [one for one in every if one.name not in relied]
        tries = [(one.name, option) for one in ordered for option in one.options if option != choices[one.name]]
        second: Proposal | None = None
        for name, option in tries[:MOST_OPTIONS]:
            if self._is_over():
                break
            switched = f"{self._api.name}.{name}"
            mock = self._servers.assuming(switched, option)
            effect = next(one.options[option] for one in every if one.name == name)
            proposal = Proposal(ASSUMPTION, effect, f"--assume {switched}={option}", is_tried=True)
            if self._is_gone(divergence, mock):
                yield proposal
                return
            if second is None and self._has_same_status(divergence, mock):
                second = proposal._replace(is_tried=False)
        if second is not None:
            yield second

    def _is_gone(self, divergence: Divergence, mock: RunningMock, comparison: Comparison | None = None) -> bool:
        """Whether the sequence does not diverge in this on another mock, however often it is played, and in nothing
        else that it does not diverge in now.
        """
        return all(self._is_alike(divergence, mock, comparison or self._comparison) for _ in range(2))

    def _is_alike(self, divergence: Divergence, mock: RunningMock, comparison: Comparison) -> bool:
        player = self._servers.player(mock, self._servers.new_run())
        found = comparison.divergences(divergence.sequence, player, known=False, pause=PAUSE)
        last = len(divergence.lefts)
        if any(len(one.lefts) < last or one.has_other_status or one.keys & divergence.keys for one in found):
            return False
        remaining = frozenset[DivergenceKey]().union(*(one.keys for one in found))
        return not remaining or remaining <= self._keys_now(divergence.sequence)

    def _has_same_status(self, divergence: Divergence, mock: RunningMock) -> bool:
        """Whether the other mock answers with the other server's status where the compared one does not; what else
        differs then could not be seen before.
        """
        if all(one.kind != DifferenceKind.STATUS for one in divergence.differences):
            return False
        player = self._servers.player(mock, self._servers.new_run())
        found = self._comparison.divergences(divergence.sequence, player, known=False, pause=PAUSE)
        return not any(one.kind in _OF_HEADS for each in found for one in each.differences)

    def _keys_now(self, sequence: RequestSequence) -> frozenset[DivergenceKey]:
        """The keys of all that differs in a sequence on the compared mock as it is."""
        if self._now is None or self._now[0] is not sequence:
            found = self._comparison.divergences(sequence, known=False, pause=PAUSE)
            self._now = sequence, frozenset[DivergenceKey]().union(*(one.keys for one in found))
        return self._now[1]

    def _additions(self, divergence: Divergence) -> Iterator[Proposal]:
        """Additions to the document: responses, members and values that it does not declare, and defaults with which
        the divergence is gone.
        """
        operation = self._api.operation(divergence.step.operation)
        if operation is None:
            return
        version = self.written.version
        every = (additions_of(operation, one, divergence, version) for one in divergence.differences)
        found = [*{one.text: one for additions in every for one in additions}.values()]
        tried = [self._tried(divergence, [one]) for one in found]
        useful = [one for one, is_gone in zip(found, tried, strict=True) if is_gone or not one.is_default]
        are_together = len(useful) > 1 and not any(tried) and self._tried(divergence, useful)
        for addition, is_gone in zip(found, tried, strict=True):
            if addition in useful:
                action = self.written.action_of(addition)
                overlay = write(overlay_of(self._api.name, [action])).decode()
                yield Proposal(OVERLAY, addition.text, overlay, is_gone or are_together, action)

    def _tried(self, divergence: Divergence, additions: list[DocumentAddition]) -> bool:
        """Whether the divergence is gone with these additions; False where there is no time to try."""
        actions = [self.written.action_of(one) for one in additions]
        return not self._is_over() and self._is_gone_with(divergence, write(overlay_of(self._api.name, actions)))

    def _is_gone_with(self, divergence: Divergence, overlay: bytes) -> bool:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "overlay.yaml"
            file.write_bytes(overlay)
            try:
                with self._servers.overlaid(str(file)) as mock:
                    described = self._comparison.described_by(ComparedApi(mock.mock.services[self._api.name]))
                    return self._is_gone(divergence, mock, described)
            except Unusable:
                return False

    def _records(self, divergence: Divergence) -> Iterator[Proposal]:
        """A record that the other server has and the mock has not."""
        step, right = divergence.step, divergence.right
        operation = self._api.operation(step.operation)
        lacks = step.is_read and divergence.left.status == 404 and right.is_success and isinstance(right.value, dict)
        collection = self._api.nearest(operation) if operation is not None else ""
        if lacks and collection:
            redactor: Redactor = self._api.service.redactor
            schema = redactor.declared(step.operation).response_body(right.status)
            record = masked_value(right.value, schema, SecretTexts())
            yield Proposal(RECORD, "a record to begin with, in records.yaml", write({collection: [record]}).decode())


def _relied_on(divergence: Divergence, api: str) -> set[str]:
    """The names of the assumptions that the mock's answers name."""
    named = [part for answer in divergence.lefts for part in (answer.header("Mock-Assumption") or "").split(",")]
    pairs = (part.strip().partition("=")[0] for part in named)
    return {name.removeprefix(f"{api}.") for name in pairs if name.startswith(f"{api}.")}
