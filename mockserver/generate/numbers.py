"""Numbers between bounds and in steps, computed with fractions, so that 0.1 is exactly a tenth."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, lcm

from mockserver.generate.plans.value_plan import NumberPlan
from mockserver.generate.texts.field_names import Span
from mockserver.json_text import Json

_FAR = 1000
_FINEST = 18
_LARGEST = 2**64


class Grid:
    """The allowed numbers: `first` to `last` times `step`; None for no bound."""

    def __init__(self, numbers: NumberPlan, whole: bool, step: Fraction | None = None) -> None:
        steps = [*numbers.steps, *([Fraction(1)] if whole else ())]
        self.free = not steps
        self.step = _common(steps) if steps else step or _coarse(numbers)
        self.first = _edge(numbers.low, self.step, numbers.above_low, 1)
        self.last = _edge(numbers.high, self.step, numbers.below_high, -1)

    @property
    def empty(self) -> bool:
        return self.first is not None and self.last is not None and self.first > self.last

    def nearest(self) -> int:
        """The index of 0, else of the number nearest to it."""
        if self.first is not None and self.first > 0:
            return self.first
        if self.last is not None and self.last < 0:
            return self.last
        return 0

    def near(self, number: int) -> int:
        """The index of a number, else of one near to it."""
        place = floor(number / self.step)
        place = place if self.first is None else max(place, self.first)
        return place if self.last is None else min(place, self.last)

    def window(self, span: Span | None = None, *, wide: bool = False) -> tuple[int, int]:
        """The first and last index to choose from: within `span` if that is allowed, else near 0; farther from 0 if
        `wide`.
        """
        if span is not None and not wide:
            first, last = ceil(span.low / self.step), floor(span.high / self.step)
            first = first if self.first is None else max(first, self.first)
            last = last if self.last is None else min(last, self.last)
            if first <= last:
                return first, last
        far = max(1, floor(_FAR ** (2 if wide else 1) / self.step))
        if self.first is None:
            last = far if self.last is None else self.last
            return (0 if last >= 0 else last - far), last
        if self.last is None:
            return max(self.first, 0), max(self.first, 0) + far
        if self.last - self.first > far and self.first <= 0 <= self.last:
            return 0, min(self.last, far)
        return self.first, self.last

    def at(self, place: int) -> Json:
        """The JSON number at an index."""
        number = place * self.step
        if number.denominator == 1 and abs(number) < _LARGEST:
            return number.numerator
        return float(number)


def _common(steps: list[Fraction]) -> Fraction:
    """The least common multiple of fractions."""
    denominator = lcm(*(step.denominator for step in steps))
    return Fraction(lcm(*(int(step * denominator) for step in steps)), denominator)


def _edge(bound: Fraction | None, step: Fraction, open_: bool, inwards: int) -> int | None:
    if bound is None:
        return None
    place = ceil(bound / step) if inwards > 0 else floor(bound / step)
    return place + inwards if open_ and place * step == bound else place


def _coarse(numbers: NumberPlan) -> Fraction:
    """The largest power of ten, at most 1, with a multiple between the bounds."""
    for power in range(_FINEST):
        step = Fraction(1, 10**power)
        first = _edge(numbers.low, step, numbers.above_low, 1)
        last = _edge(numbers.high, step, numbers.below_high, -1)
        if first is None or last is None or first <= last:
            return step
    return Fraction(1, 10**_FINEST)
