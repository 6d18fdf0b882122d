"""Finds the option of each assumption under which a mock answers as a server does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from mockserver.contract.probe.answer_form import misfit
from mockserver.contract.probe.hiding import Hiding, options_shown
from mockserver.contract.probe.option_mocks import OptionMocks
from mockserver.contract.probe.probe import Probe, ProbeBook
from mockserver.contract.probe.probe_play import Sighting, Sightings, play, shown
from mockserver.contract.probe.probed_server import ProbedServer
from mockserver.engine.assumptions import Assumption

CONFIRMED: Final = "confirmed"
REFUTED: Final = "refuted"
UNCLEAR: Final = "unclear"

NOT_SAFE: Final = "not asked, since its probe changes something on the server; --all asks"

INTERRUPTED: Final = "not asked, since it was interrupted before"

MOST_ROUNDS: Final = 4
"""How often the mocks play the probes again, each time under the options that were found in the round before."""


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """What a server has to say about one assumption.

    `result` is CONFIRMED where the mock assumes what the server does, REFUTED where another option fits, else UNCLEAR
    with its `reason`. `option` is the one that fits, `assumed` the mock's own. `seen` is what was seen on the server,
    `left` the requests that should have cleaned up and failed. `hidden_by` are options of other assumptions, as
    `name=option`, that the server has and without which it would be settled. `was_asked`: its probe was played there.
    """

    assumption: Assumption
    result: str
    assumed: str
    option: str = ""
    reason: str = ""
    seen: tuple[Sighting, ...] = ()
    left: tuple[str, ...] = ()
    hidden_by: tuple[str, ...] = ()
    was_asked: bool = True


def settle(
    assumptions: Sequence[Assumption],
    book: ProbeBook,
    mocks: OptionMocks,
    reach: Callable[[Probe], ProbedServer | str],
    heard: Callable[[str], None] = lambda _: None,
    doubted: Callable[[ProbedServer], str] = lambda _: "",
) -> list[ProbeOutcome]:
    """Plays the probes on the server and on the mocks, and says of each assumption what the server does.

    `reach` gives the server for a probe, or the reason why it is not played. `heard` is told the name of each
    assumption before its probe is played. Where a request was refused, `doubted` may say why that is none of the API's
    answers. Options that fit hold for all other probes from then on, so that what one assumption changes blurs no
    other.

    Probes that cost something come last, since they may leave nothing for others. Where the user interrupts, those that
    were not played until then are not asked, and what the others saw is told.
    """
    assumed = dict(mocks.service.choices)
    reasons: dict[str, str] = {}
    sightings: dict[str, Sightings] = {}
    waiting = sorted(assumptions, key=lambda one: _has_costs(book.probes.get(one.name)))
    with suppress(KeyboardInterrupt):
        for assumption in waiting:
            heard(assumption.name)
            found = _played(book.probes.get(assumption.name), reach, doubted)
            if isinstance(found, str):
                reasons[assumption.name] = found
            else:
                sightings[assumption.name] = found
    reasons = {one.name: INTERRUPTED for one in assumptions if one.name not in sightings} | reasons
    fitting, known = _fitting([one for one in assumptions if one.name in sightings], book, mocks, sightings, assumed)
    return [
        _outcome(one, assumed[one.name], reasons, sightings, fitting, book, Hiding(mocks, known)) for one in assumptions
    ]


def _has_costs(probe: Probe | None) -> bool:
    return probe is not None and bool(probe.costs)


def _played(
    probe: Probe | None, reach: Callable[[Probe], ProbedServer | str], doubted: Callable[[ProbedServer], str]
) -> Sightings | str:
    if probe is None:
        return "it has no probe that can be played"
    if probe.unsettled:
        return probe.unsettled
    server = reach(probe)
    if isinstance(server, str):
        return server
    seen = play(probe, server)
    doubt = doubted(server) if seen.is_refused and not seen.stuck else ""
    return replace(seen, stuck=doubt) if doubt else seen


def _fitting(
    assumptions: Sequence[Assumption],
    book: ProbeBook,
    mocks: OptionMocks,
    sightings: Mapping[str, Sightings],
    assumed: Mapping[str, str],
) -> tuple[_Fitting, dict[str, str]]:
    """The options under which a mock shows the same as the server; and all options as they are known."""
    fitting = _Fitting(book, mocks, sightings)
    cheap = [one for one in assumptions if not book.probes[one.name].is_long]
    known = fitting.known(cheap, dict(assumed))
    if len(cheap) < len(assumptions):
        known = fitting.known(assumptions, known)
    return fitting, known


@dataclass
class _Fitting:
    """Plays probes on mocks under the options that are known, until these are as they were before."""

    book: ProbeBook
    mocks: OptionMocks
    sightings: Mapping[str, Sightings]
    fits: dict[str, tuple[str, ...]] = field(default_factory=dict)
    misfits: dict[str, str] = field(default_factory=dict)
    _played: dict[tuple[str, frozenset[tuple[str, str]]], Mapping[str, Sightings]] = field(default_factory=dict)

    def known(self, assumptions: Sequence[Assumption], known: Mapping[str, str]) -> dict[str, str]:
        """All options, with those that only one mock of these assumptions has in common with the server."""
        known = dict(known)
        for _ in range(MOST_ROUNDS):
            for assumption in assumptions:
                if not self.sightings[assumption.name].stuck:
                    self.fits[assumption.name] = self._alike(assumption, known)
            found = known | {name: options[0] for name, options in self.fits.items() if len(options) == 1}
            if found == known:
                break
            known = found
        return known

    def _alike(self, assumption: Assumption, known: Mapping[str, str]) -> tuple[str, ...]:
        """The options of the assumption under which a mock shows the same as the server."""
        key = assumption.name, frozenset((name, option) for name, option in known.items() if name != assumption.name)
        if key not in self._played:
            self._played[key] = options_shown(self.book.probes[assumption.name], assumption, self.mocks, known)
        on_server = self.sightings[assumption.name]
        shown = self._played[key]
        misfits = (misfit(on_mock.forms, on_server.forms) for on_mock in shown.values())
        self.misfits[assumption.name] = next(filter(None, misfits), "")
        return tuple(option for option, on_mock in shown.items() if is_alike(on_mock, on_server))


def is_alike(on_mock: Sightings, on_server: Sightings) -> bool:
    """Whether both came to the end of the probe and showed the same, in answers that may be those of one API."""
    are_ended = not on_mock.stuck and not on_server.stuck and bool(on_mock.failed) is bool(on_server.failed)
    return are_ended and on_mock.values == on_server.values and not misfit(on_mock.forms, on_server.forms)


def _outcome(
    assumption: Assumption,
    assumed: str,
    reasons: Mapping[str, str],
    sightings: Mapping[str, Sightings],
    fitting: _Fitting,
    book: ProbeBook,
    hiding: Hiding,
) -> ProbeOutcome:
    on_server = sightings.get(assumption.name)
    if on_server is None:
        return ProbeOutcome(assumption, UNCLEAR, assumed, reason=reasons[assumption.name], was_asked=False)
    seen, left, fits = on_server.seen, on_server.left, fitting.fits.get(assumption.name, ())
    if len(fits) == 1:
        result = CONFIRMED if fits[0] == assumed else REFUTED
        return ProbeOutcome(assumption, result, assumed, fits[0], seen=seen, left=left)
    no_answer = on_server.failed or fitting.misfits.get(assumption.name)
    reason = on_server.stuck or no_answer or "it does what no option says"
    if fits:
        reason = f"{' and '.join(fits)} look the same"
        why = [text for pair, text in book.probes[assumption.name].alike.items() if pair <= {*fits}]
        reason += f": {'; '.join(why)}" if why else ""
    hiders = hiding.hiders(assumption, book.probes[assumption.name]) if on_server.stuck or fits else ()
    reason += f"; hidden by {' and '.join(hiders)}, without which they differ" if hiders else ""
    return ProbeOutcome(assumption, UNCLEAR, assumed, reason=reason, seen=seen, left=left, hidden_by=hiders)


def told(sightings: Iterable[Sighting]) -> list[str]:
    """The requests, each with what was seen of its answer."""
    by_request: dict[str, list[str]] = {}
    for request, look, value in sightings:
        by_request.setdefault(request, []).append(f"{look} {shown(value)}")
    return [f"{request}: {', '.join(seen)}" for request, seen in by_request.items()]
