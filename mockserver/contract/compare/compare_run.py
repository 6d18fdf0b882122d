"""Compares the mock of an API with another server, from the options to the findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final

from mockserver.contract.checking.checked_server import ask, world_header
from mockserver.contract.compare.compare_options import CompareOptions
from mockserver.contract.compare.compared_servers import WORLD_SECONDS, ComparedServers
from mockserver.contract.compare.comparison import Comparison
from mockserver.contract.compare.divergence import STATE_KINDS, Divergence, DivergenceKey, SeenDifference
from mockserver.contract.compare.proposals import OVERLAY, Proposal, Proposer
from mockserver.contract.compare.shrinking import Shrinker
from mockserver.contract.replay.difference import Difference
from mockserver.contract.replay.request_sequence import SHAPES, VALUES, RequestSequence, load_sequence
from mockserver.contract.sequences.compared_api import ComparedApi
from mockserver.contract.sequences.random_walk import random_walk
from mockserver.contract.sequences.sample_values import SampleValues
from mockserver.contract.sequences.scenarios import Scenario, scenarios
from mockserver.contract.sequences.sequence_builder import SequenceBuilder
from mockserver.openapi.standards import METHODS
from mockserver.problem import Unusable
from mockserver.server import Options, load_services

MOST_AGAIN: Final = 12
"""How often one sequence is played again without the step at which the servers' states parted."""
MOST_OTHERS: Final = 8
"""Further operations of one finding for which something is proposed."""
MOST_FOUND: Final = 40
"""Divergences that are shrunk and told by one comparison, which ends with the last of them."""

TRYING: Final = 30.0
"""Seconds in which proposals are tried at least, beyond the time of the comparison."""


@dataclass
class FoundDivergence:
    """A divergence at the end of its minimal sequence. `also` are further operations, or requests, at which the same
    was seen, `others` the first such divergence of each operation; `proposals` say what would make the mock like the
    other server.
    """

    divergence: Divergence
    also: list[str] = field(default_factory=list)
    others: dict[str, Divergence] = field(default_factory=dict)
    proposals: tuple[Proposal, ...] = ()

    def case(self, about: str, compares: str) -> bytes:
        """The minimal sequence as a file that can be played again, and compares the same then."""
        return replace(self.divergence.sequence, about=about, compares=compares).serialized()


@dataclass
class CompareResult:
    """What a comparison found, and how much it looked at: sequences, and steps that both servers answered. `unplayed`
    are steps that needed a record that one of them does not have. `is_complete`: nothing was left for lack of time.
    `left_out` are the operations that would change what others made. The mock listened on `port`; `served` are the
    arguments of `mockserver serve` that start it again. `hint` says why all is refused, if all is. `unplayed_reason`
    says why a step of a replayed sequence was not played. `parameters` propose those that the other server takes and
    the document does not declare: they are no differences. `compares`: VALUES or SHAPES. `is_stopped`: the user
    ended it. `varying` are operations that the other server answered with another status when the same was sent again:
    they were not compared.
    """

    api: ComparedApi
    found: list[FoundDivergence]
    sequences: int = 0
    steps: int = 0
    unplayed: int = 0
    is_complete: bool = True
    left_out: Sequence[str] = ()
    port: str = ""
    served: Sequence[str] = ()
    hint: str = ""
    unplayed_reason: str = ""
    parameters: tuple[Proposal, ...] = ()
    compares: str = VALUES
    varying: Sequence[str] = ()
    is_stopped: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether there is a verdict: something differs, or something was compared, no replayed step was left out for a
        reason, and the other server answers the same to the same.
        """
        is_whole = not self.is_stopped and not self.unplayed_reason and not self.varying
        return bool(self.found) or (self.steps > 0 and is_whole)


def compare(options: CompareOptions) -> CompareResult:
    """The result of a comparison. Raises Unusable."""
    headers = [_header(text) for text in options.headers]
    selected = Options(apis=(options.api,), assume=options.assume, overlays=options.overlays, root=options.root)
    writes = options.writes or options.all_writes
    options = replace(options, writes=writes)
    services = load_services(selected)
    if len(services) != 1:
        raise Unusable(f"{options.api}: one API or document is compared; {len(services)} are named")
    api = ComparedApi(next(iter(services.values())))
    replayed = _replayed(options, api) if options.replay else None
    ask(options.url)
    is_mock = bool(world_header(options.url))
    if replayed is not None and not options.all_writes and not is_mock:
        _require_own_records(options.replay, replayed, api)
    served = Options(
        apis=(options.api,), assume=options.assume, overlays=options.overlays, root=options.root,
        enforce_limits=False, expire_worlds=WORLD_SECONDS, seeds=0 if options.writes and not is_mock else 3,
    )  # fmt: skip
    with ComparedServers(api, served, options.url, headers, is_mock=is_mock) as servers:
        compares = (VALUES if options.writes else SHAPES) if replayed is None else replayed.compares
        return _Comparing(options, api, servers, compares).result(replayed)


def _replayed(options: CompareOptions, api: ComparedApi) -> RequestSequence:
    """The sequence to be replayed. Raises Unusable, also where it writes and writing was not allowed."""
    methods = dict.fromkeys((*map(str.upper, METHODS), *(one.method for one in api.operations)))
    sequence = load_sequence(Path(options.replay), methods=tuple(methods))
    for number, step in enumerate(sequence.steps, 1):
        if not options.writes and not step.is_read:
            raise Unusable(
                f"--replay {options.replay}: step {number} is {step.method} {step.path}, which may change something on "
                "the other server; give --writes to send it"
            )
    return sequence


def _require_own_records(file: str, sequence: RequestSequence, api: ComparedApi) -> None:
    for number, step in enumerate(sequence.steps, 1):
        operation = api.operation(step.operation) or api.find(step.method, step.path)
        if operation is not None and api.changes_many(operation):
            raise Unusable(
                f"--replay {file}: step {number} is {step.method} {step.path}, which may change what others made; give "
                "--all-writes to send it"
            )


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise Unusable("--header: expected NAME:VALUE, such as 'Authorization: Bearer TOKEN'")
    return name.strip(), value.strip()


class _Comparing:
    """One comparison: builds sequences, plays them, and shrinks what differs."""

    def __init__(self, options: CompareOptions, api: ComparedApi, servers: ComparedServers, compares: str) -> None:
        self._options = options
        self._api = api
        self._servers = servers
        self._samples = SampleValues(api.service.spec, options.seed)
        self._end = monotonic() + options.seconds
        self._trying_until = self._end
        self._comparison = Comparison(api, servers, options.ignore, by_value=compares == VALUES)
        self._shrinker = Shrinker(self._comparison, self._is_over)
        self._proposer = Proposer(api, servers, self._comparison, lambda: monotonic() > self._trying_until)
        self._result = CompareResult(api, [], compares=compares)
        self._told: dict[DivergenceKey, FoundDivergence] = {}
        self._seen: dict[SeenDifference, FoundDivergence] = {}

    def _is_over(self) -> bool:
        return monotonic() > self._end

    def result(self, replayed: RequestSequence | None) -> CompareResult:
        try:
            if replayed is not None:
                self._replay(replayed)
            else:
                self._compare_all()
        except KeyboardInterrupt:
            self._result.is_stopped, self._result.is_complete = True, False
        if replayed is None:
            self._result.steps, self._result.unplayed = self._comparison.steps, self._comparison.unplayed
        self._result.varying = sorted(self._comparison.varying)
        self._result.hint = self._comparison.tally.hint(has_credential=self._servers.has_credential)
        if replayed is None and self._options.writes and not self._options.all_writes and not self._servers.is_mock:
            self._result.left_out = [one.id for one in self._api.operations if self._api.changes_many(one)]
        self._result.port, self._result.served = self._servers.served
        if self._result.is_stopped:
            return self._result
        self._trying_until = max(self._end, monotonic() + TRYING)
        for found in () if self._result.hint else self._result.found:
            found.proposals = self._proposer.proposals(found.divergence)
            found.proposals += self._likewise(found)
        if replayed is None and not self._result.hint:
            self._result.parameters = tuple(self._proposer.parameters())
        return self._result

    def _likewise(self, found: FoundDivergence) -> tuple[Proposal, ...]:
        """What makes the mock like the other server at the further operations too, where it is a response that the
        document does not declare.
        """
        if all(one.kind != OVERLAY or not one.is_tried for one in found.proposals):
            return ()
        others = (self._shrinker.shrunk(one) for one in found.others.values())
        proposals = (proposal for one in others for proposal in self._proposer.proposals(one))
        return tuple(one for one in proposals if one.kind == OVERLAY and one.is_tried)

    def _compare_all(self) -> None:
        for sequence in self._sequences():
            if self._is_over() or self._is_enough():
                self._result.is_complete = False
                break
            self._result.sequences += 1
            self._compare(sequence)

    def _replay(self, sequence: RequestSequence) -> None:
        """Takes each divergence of the sequence as it is, with all its differences: it is neither shrunk nor joined
        with others, so that a regression case shows what it was kept for.
        """
        divergences = self._comparison.divergences(sequence)
        result = self._result
        result.sequences, result.steps, result.unplayed = 1, self._comparison.steps, self._comparison.unplayed
        result.unplayed_reason = self._comparison.unplayed_reason
        for divergence in divergences:
            if self._is_over() or self._is_enough():
                result.is_complete = False
                return
            steady: Divergence | None = divergence
            if self._comparison.learn(divergence):
                again = self._comparison.divergences(sequence)
                steady = next((one for one in again if len(one.lefts) == len(divergence.lefts)), None)
            if steady is not None and self._comparison.is_steady(steady):
                result.found.append(FoundDivergence(steady))

    def _is_enough(self) -> bool:
        return len(self._result.found) >= (1 if self._options.first else MOST_FOUND)

    def _sequences(self) -> Iterator[RequestSequence]:
        writes = self._options.writes
        for scenario in scenarios(self._api, writes=writes):
            if self._result.sequences >= self._options.sequences or self._is_over():
                self._result.is_complete = False
                return
            yield from self._built(scenario)
        for number in range(self._options.sequences - self._result.sequences if writes else 0):
            if self._is_over():
                self._result.is_complete = False
                return
            seed = self._options.seed * 100_003 + number
            yield from self._built(Scenario(f"walk {seed}", partial(random_walk, seed=seed)))

    def _built(self, scenario: Scenario) -> Iterator[RequestSequence]:
        run = self._servers.new_run()
        with self._servers.left(run) as player:
            careful = not self._servers.is_mock and not self._options.all_writes
            builder = SequenceBuilder(self._api, self._samples, player, writes=self._options.writes, careful=careful)
            scenario.build(builder)
        sequence, refused = builder.sequence(scenario.about), len(self._samples.least)
        if sequence.steps:
            yield sequence
        if len(self._samples.least) > refused:
            # What is refused of full bodies would hide all that comes after.
            yield from self._built(scenario)

    def _compare(self, sequence: RequestSequence) -> None:
        rest: RequestSequence | None = sequence
        for _ in range(MOST_AGAIN):
            if rest is None or not rest.steps:
                return
            parted = None
            for divergence in self._comparison.divergences(rest):
                if divergence.is_about_state:
                    parted = divergence
                    self._take_less(divergence)
                self._take(divergence)
                if self._is_enough() or self._is_over():
                    return
            if parted is None:
                return
            rest = rest.without(rest.users_of(len(parted.lefts) - 1))

    def _take_less(self, divergence: Divergence) -> None:
        """Has later sequences send the least that creates a record, where the other server refuses the usual body."""
        operation = self._api.operation(divergence.step.operation)
        if operation is not None and self._api.role(operation).kind == "create" and divergence.left.is_success:
            self._samples.least.add(operation.id)

    def _take(self, divergence: Divergence) -> None:
        """Takes a divergence for a finding, unless one of the servers alone varies in it, or it was found before."""
        earlier, new = self._earlier(divergence), self._untold(divergence)
        if earlier is not None and not new:
            self._add_to(earlier, divergence)
            return
        divergence = replace(divergence, differences=new)
        if self._comparison.learn(divergence):
            again = self._comparison.divergences(divergence.sequence)
            remaining = next((one for one in again if len(one.lefts) == len(divergence.lefts)), None)
            new = () if remaining is None else self._untold(remaining)
            if remaining is None or not new:
                return
            divergence = replace(remaining, differences=new)
        if not any(one.keys & divergence.keys for one in self._comparison.divergences(divergence.sequence)):
            return
        shrunk = self._shrinker.shrunk(divergence)
        if not self._comparison.is_steady(shrunk):
            return
        earlier = (self._earlier(shrunk) if not self._untold(shrunk) else None) or self._cause_of(shrunk)
        earlier = earlier or self._with_same_loss(shrunk)
        if earlier is not None:
            self._add_to(earlier, shrunk)
            self._told |= dict.fromkeys(divergence.keys, earlier)
            return
        found = FoundDivergence(shrunk)
        self._result.found.append(found)
        self._told |= dict.fromkeys((*divergence.keys, *shrunk.keys), found)
        self._seen |= dict.fromkeys(shrunk.seen, found)

    def _earlier(self, divergence: Divergence) -> FoundDivergence | None:
        by_key = (self._told[key] for key in divergence.keys if key in self._told)
        return next(by_key, None) or next((self._seen[one] for one in divergence.seen if one in self._seen), None)

    def _untold(self, divergence: Divergence) -> tuple[Difference, ...]:
        """The differences that were told nowhere; none where only further values differ beside values that were."""
        single = [(one, replace(divergence, differences=(one,))) for one in divergence.differences]
        new = [one for one, alone in single if not (alone.keys & self._told.keys() or alone.seen & self._seen.keys())]
        told = [one for one, _ in single if one not in new]
        if any(one.kind in STATE_KINDS for one in told) and all(one.kind in STATE_KINDS for one in new):
            return ()
        return tuple(new)

    def _cause_of(self, divergence: Divergence) -> FoundDivergence | None:
        """The finding of the same writes, if this one is a later look at what they left."""
        if not divergence.step.is_read or not divergence.is_about_memory:
            return None
        found = (one for one in self._result.found if one.divergence.is_about_memory)
        return next((one for one in found if one.divergence.writes == divergence.writes != ()), None)

    def _with_same_loss(self, divergence: Divergence) -> FoundDivergence | None:
        """The finding that the same members are not as the same operation wrote them."""
        lost = divergence.lost
        return next((one for one in self._result.found if lost is not None and one.divergence.lost == lost), None)

    def _add_to(self, earlier: FoundDivergence, divergence: Divergence) -> None:
        step = divergence.step
        name = step.operation or f"{step.method} {step.path}"
        if step.operation != earlier.divergence.step.operation and len(earlier.others) < MOST_OTHERS:
            earlier.others.setdefault(name, divergence)
        if step.operation == earlier.divergence.step.operation:
            name = step.does
        if name and name not in earlier.also and name != earlier.divergence.step.does:
            earlier.also.append(name)
