"""Generates texts with the required length, formats and patterns: candidates one after the other, each checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from string import ascii_lowercase

from mockserver.generate.plans.value_plan import MAX_SIZE, UNBOUNDED, TextPlan, ValuePlan
from mockserver.generate.plans.value_plans import anything, compiled, usable
from mockserver.generate.random_stream import Substream
from mockserver.generate.texts.catalogue import COUNTRIES, COUNTRY_KINDS
from mockserver.generate.texts.fake_text import DATES, KINDS
from mockserver.generate.texts.field_names import kind_of
from mockserver.generate.texts.formats import Format, format_of
from mockserver.generate.texts.pattern import ENDLESS, PatternPart, TooLong, Unreadable, write
from mockserver.generate.texts.pattern_reader import read
from mockserver.generate.texts.static_values import moment_of, text_of

PLAIN = "string"
_TRIES = 120
_SOME = 4
_TAME = 12
_MORE = 4
_ALPHA_3 = 3
_ODD = ("", " ", "0", "a b", "!", "-", "Zoë", "x" * 40, "null", "a@b.co", "https://example.com/")


class Words:
    """Generates the strings of one plan; `name` is the field's name, `owners` are names of the object that contains it,
    `around` is the place of that object.
    """

    def __init__(
        self, plan: ValuePlan, name: str, rng: Substream, static: bool, owners: tuple[str, ...] = (), around: str = ""
    ) -> None:
        self.plan = plan
        self.name = name
        self.rng = rng
        self.static = static
        self.owners = owners
        self.around = around
        self.check = check_of(plan)

    def first(self, attempt: int) -> str | None:
        """The first valid candidate; None if there is none among many."""
        for text in self._candidates(attempt):
            if self.check(text) and (not self.plan.excluded or text not in self.plan.unwanted):
                return text
        return None

    def too_long(self) -> str:
        """The reason why texts of the plan are not generated: a pattern has only longer matches; empty if none has."""
        for pattern in self.plan.texts.patterns:
            try:
                read(pattern)
            except TooLong as error:
                return str(error)
            except Unreadable:
                continue
        return ""

    def _candidates(self, attempt: int) -> Iterator[str]:
        texts = self.plan.texts
        if self.static and not attempt:
            yield from self._static()
        elif attempt % 5 == 4 and not texts.formats and not texts.patterns:
            yield self.rng.choice(_ODD)
        known = [known for name in texts.formats if (known := format_of(name))]
        parts = [part for pattern in texts.patterns if (part := _read(pattern))]
        yield from self._believable(known)
        for number in range(_TRIES if parts else 0):
            found = [text for part in parts for text in self._matching(part, number, attempt)]
            yield from found
            if len(parts) > 1:
                yield "".join(found)
                yield "".join(reversed(found))
        yield from self._grown(known)
        for _ in range(_SOME):
            yield _fit(KINDS["title"](self.rng), texts)
        yield _fit(PLAIN, texts)

    def _static(self) -> Iterator[str]:
        texts = self.plan.texts
        if texts.formats == ["date-time"] and (known_text := moment_of(self.name)) is not None:
            yield known_text
        for name in (*texts.formats, texts.encoding):
            known = format_of(name)
            if known is not None:
                yield known.plain
        named = text_of(self.name, texts.least, texts.most)
        if named is not None and not (texts.encoding or texts.content):
            yield named
        if not texts.patterns or not texts.formats:
            yield _fit(PLAIN, texts)

    def _believable(self, known: list[Format]) -> Iterator[str]:
        """Texts that the format, else the field's name, suggests, a few of each: as they are, then fitted to the
        length.
        """
        kinds = [format.kind for format in known if format.kind]
        if not known:
            kinds = (
                [kind]
                if (kind := kind_of(self.name, self.owners))
                else []
                if self.plan.texts.patterns
                else ["title", "word"]
            )
        for kind in kinds:
            if kind in COUNTRY_KINDS:
                self.rng.move(f"{self.around}|country")
            for _ in range(_SOME):
                text = self._of_kind(kind)
                yield text
                if not known:
                    yield _fit(text, self.plan.texts)

    def _of_kind(self, kind: str) -> str:
        known_text = COUNTRY_KINDS.get(
            "country-code-3" if kind == "country-code" and self.plan.texts.least == _ALPHA_3 else kind
        )
        if known_text is not None:
            return known_text(self.rng.choice(COUNTRIES))
        dated = DATES.get(kind)
        return dated(self.rng, self.name, self.around) if dated else KINDS[kind](self.rng)

    def _matching(self, part: PatternPart, number: int, attempt: int) -> Iterator[str]:
        """Texts of the pattern, longer and with rarer characters at each try. A text that must differ from others first
        gets letters around it, as a pattern without `^` or `$` allows.
        """
        texts = self.plan.texts
        least, most = max(texts.least, part.least), min(texts.most, part.most)
        if part.least > texts.most:
            return
        reach = min(most, max(least, 8) + number)
        length = self.rng.randint(min(least, reach), reach) if number else min(most, max(least, 8))
        try:
            text = write(part, length, self.rng, wild=number > _TAME, ahead=number % 4 == 3)
        except Unreadable:
            return
        if attempt and len(text) + _MORE <= texts.most:
            more = "".join(self.rng.choice(ascii_lowercase) for _ in range(_MORE))
            yield text + more
            yield more + text
        yield text
        short = texts.least - len(text)
        if 0 < short <= MAX_SIZE:
            yield text + "a" * short
            yield "a" * short + text

    def _grown(self, known: list[Format]) -> Iterator[str]:
        """Examples of a format, lengthened or shortened to the required length."""
        texts = self.plan.texts
        for format in known:
            for text in (format.plain, format.short):
                yield text
                if format.grow and len(text) < texts.least <= MAX_SIZE:
                    yield format.grow(text, texts.least - len(text))
                if text and format.grow and len(text) > texts.most:
                    yield text[: texts.most]


def _read(pattern: str) -> PatternPart | None:
    try:
        return read(pattern)
    except Unreadable:
        return None


def _fit(text: str, texts: TextPlan) -> str:
    """The text cut or repeated to the required length."""
    if len(text) > texts.most:
        return text[: texts.most].rstrip() or text[: texts.most]
    wanted = min(texts.least, MAX_SIZE)
    if len(text) >= wanted:
        return text
    text = f"{text or 'a'} " * (wanted // (len(text) + 1) + 1)
    return text[: wanted - 1] + (text[wanted - 1].strip() or "a")


def check_of(plan: ValuePlan) -> Callable[[str], bool]:
    """A check of strings against the plan, compiled once for each plan."""
    if plan.check is None:
        texts = plan.texts
        parts = [*({"pattern": p} for p in texts.patterns if usable(p)), *({"format": f} for f in texts.formats)]
        if not parts and not texts.least and texts.most == UNBOUNDED:
            plan.check = anything
        else:
            sizes = {"minLength": texts.least, "maxLength": min(texts.most, ENDLESS)}
            plan.check = compiled({**sizes, "allOf": parts or [{}]})
    return plan.check
