"""Finds the options of other assumptions that hide what a probe would see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mockserver.contract.probe.option_mocks import OptionMocks
from mockserver.contract.probe.probe import Probe
from mockserver.contract.probe.probe_play import Sightings
from mockserver.engine.assumptions import Assumption


def options_shown(
    probe: Probe, assumption: Assumption, mocks: OptionMocks, known: Mapping[str, str]
) -> dict[str, Sightings]:
    """What the probe sees on a mock of each option of its assumption, the others being as they are known."""
    return {option: mocks.play(probe, {**known, assumption.name: option}) for option in assumption.options}


def are_different(by_option: Mapping[str, Sightings]) -> bool:
    """Whether every option comes to the end of the probe and shows something else."""
    is_stuck = any(shown.stuck for shown in by_option.values())
    return not is_stuck and len({shown.values for shown in by_option.values()}) == len(by_option)


@dataclass(frozen=True)
class Hiding:
    """The options that are `known` of a server, some of which may leave a probe of another assumption nothing to see:
    where every request is refused, nobody sees in which order a list comes.
    """

    mocks: OptionMocks
    known: Mapping[str, str]

    def hiders(self, assumption: Assumption, probe: Probe) -> tuple[str, ...]:
        """The known options, as `name=option`, without which the probe tells all options of its assumption apart; none
        where it does not under the defaults of all others either.
        """
        others = [
            one.name
            for one in self.mocks.service.api.assumptions
            if one.name != assumption.name and self.known[one.name] != one.default
        ]
        if self._differ_without([], assumption, probe) or not self._differ_without(others, assumption, probe):
            return ()
        return tuple(f"{name}={self.known[name]}" for name in self._narrowed(others, assumption, probe))

    def _narrowed(self, names: Sequence[str], assumption: Assumption, probe: Probe) -> Sequence[str]:
        """As few of the names as halving finds, all of which hide together."""
        while len(names) > 1:
            middle = len(names) // 2
            for half in (names[:middle], names[middle:]):
                if self._differ_without(half, assumption, probe):
                    names = half
                    break
            else:
                return self._narrowed_one_by_one(names, assumption, probe)
        return names

    def _narrowed_one_by_one(self, names: Sequence[str], assumption: Assumption, probe: Probe) -> Sequence[str]:
        """The names but for those that hide nothing."""
        for name in names:
            fewer = [other for other in names if other != name]
            if fewer and self._differ_without(fewer, assumption, probe):
                names = fewer
        return names

    def _differ_without(self, names: Sequence[str], assumption: Assumption, probe: Probe) -> bool:
        defaults = {one.name: one.default for one in self.mocks.service.api.assumptions if one.name in names}
        return are_different(options_shown(probe, assumption, self.mocks, {**self.known, **defaults}))
