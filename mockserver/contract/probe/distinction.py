"""Tells which options a probe does not tell apart, by playing it on the mocks of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from mockserver.contract.probe.hiding import options_shown
from mockserver.contract.probe.option_mocks import OptionMocks
from mockserver.contract.probe.probe import Probe, ProbeBook
from mockserver.contract.probe.prober import told
from mockserver.engine.assumptions import Assumption


def indistinct(assumptions: Sequence[Assumption], book: ProbeBook, mocks: OptionMocks) -> dict[str, list[str]]:
    """By assumption, what keeps its probe from settling it: there is none, it does not come to its end on a mock, it
    leaves something behind, or two options show the same. Those that are told apart by their probe are left out.
    """
    found = {
        assumption.name: [*_defects(assumption, book.probes.get(assumption.name), mocks)] for assumption in assumptions
    }
    return {name: texts for name, texts in found.items() if texts}


def _defects(assumption: Assumption, probe: Probe | None, mocks: OptionMocks) -> Iterator[str]:
    if probe is None:
        yield "it has no probe that can be played"
        return
    if probe.unsettled:
        yield f"it has no steps: {probe.unsettled}"
        return
    shown = options_shown(probe, assumption, mocks, mocks.service.choices)
    for option, sightings in shown.items():
        if sightings.stuck:
            yield f"with {option} it stops: {sightings.stuck}"
        yield from (f"with {option} it leaves something behind: {left}" for left in sightings.left)
    for one, other in combinations(assumption.options, 2):
        if not shown[one].stuck and shown[one].values == shown[other].values:
            reason: Mapping[frozenset[str], str] = probe.alike
            why = reason.get(frozenset({one, other}))
            seen = "; ".join(told(shown[one].seen))
            yield f"{one} and {other} are not told apart{f', since {why}' if why else ''}: {seen}"
