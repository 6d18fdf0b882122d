"""Asks a server for what every server of the API answers with success, before its other answers are believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mockserver.contract.probe.answer_form import AnswerForm, misfit
from mockserver.contract.probe.option_mocks import OptionMocks
from mockserver.contract.probe.probe import Probe, ProbeBook, ProbeStep
from mockserver.contract.probe.probe_play import play
from mockserver.contract.probe.probed_server import ProbedServer
from mockserver.engine.service import Service

_NAME: Final = "reference"
_TOO_MANY: Final = "429"
MOST_REFERENCES: Final = 3
"""Operations of a document that are asked, where nobody says which one every server answers."""


@dataclass(frozen=True)
class ReferenceAnswer:
    """Requests of which every server of the API answers one with success, each with the form of a mock's answer."""

    forms: Sequence[tuple[Probe, Mapping[int, AnswerForm]]]

    @property
    def probe(self) -> Probe:
        """The first of the requests."""
        return self.forms[0][0]

    def doubt(self, server: ProbedServer) -> str:
        """Why what the server answers says nothing of the API any more; empty also where it only asks to wait."""
        found = self.first_doubt(server)
        return "" if f": {_TOO_MANY}" in found else found

    def first_doubt(self, server: ProbedServer) -> str:
        """How the server answers the first of the requests, where it answers none with success and in this form; empty
        where it does.
        """
        doubts = []
        for probe, forms in self.forms:
            doubts.append(_doubt(probe, forms, server))
            if not doubts[-1]:
                return ""
        return doubts[0]


def _doubt(probe: Probe, forms: Mapping[int, AnswerForm], server: ProbedServer) -> str:
    seen = play(probe, server)
    if seen.stuck:
        return seen.stuck.removesuffix("; the probe needs it to succeed")
    return misfit(forms, seen.forms) if seen.forms else f"{probe.steps[0]} was answered with a redirect"


def reference_answer(service: Service, book: ProbeBook, mocks: OptionMocks) -> ReferenceAnswer | None:
    """The reference of the book, else the first operations of the document that can be asked for without knowing
    anything, and that a mock answers with success; None where there is none.
    """
    found: list[tuple[Probe, Mapping[int, AnswerForm]]] = []
    for step in (book.reference,) if book.reference is not None else _candidates(service):
        probe = Probe(_NAME, (step,))
        seen = mocks.play(probe, service.choices)
        if not seen.stuck and seen.forms:
            found.append((probe, seen.forms))
        if len(found) == MOST_REFERENCES:
            break
    return ReferenceAnswer(found) if found else None


def _candidates(service: Service) -> Iterator[ProbeStep]:
    """The GET operations below the document's own address that need no value of a parameter."""
    base = service.spec.base_path
    for operation in service.spec.operations:
        needs = "{" in operation.path or any(parameter.required for parameter in operation.parameters)
        if operation.method == "GET" and not needs and operation.servers[0].path == base:
            yield ProbeStep(_NAME, operation.method, operation.path)
