"""Parses filter expressions: `status:completed`, `price gt 5 and contains(name,'x')`, `a==1;b=gt=2`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from mockserver.resources.detect.names import COMPARISONS
from mockserver.resources.query.filter_targets import FilterTarget, reach
from mockserver.spelling import plain
from mockserver.state.records.record import Record

Condition = Callable[[Record], bool]
Find = Callable[[str], FilterTarget | None]
"""Returns the target that a name means; None where it means no member."""

LONGEST: Final = 2000
"""Characters of an expression that is parsed."""
_DEEPEST: Final = 20

_NAME: Final = r"(?P<name>[A-Za-z_@$][\w@$./\[\]-]{0,80}?)"
_WORDS: Final = "eq|neq|ne|gte|ge|gt|lte|le|lt|has|in|nin|out|contains|like|ilike|startswith|endswith"
_OPERATOR: Final = (
    rf"(?:=(?P<fiql>{_WORDS})=|(?P<sign>==|!=|<>|>=|<=|=~|~=|!~|=|>|<|~)|\s+(?P<word>{_WORDS})(?=[\s(])"
    rf"|:(?:(?P<after>{_WORDS}):|(?P<signed>>=|<=|>|<|=|!=))?)"
)
_ITEM: Final = r"""(?:"[^"]*"|'(?:[^']|'')*'|[^\s()\[\];,&|"']+)"""
_VALUE: Final = (
    rf"\s*(?P<value>\(\s*{_ITEM}(?:\s*,\s*{_ITEM})*\s*\)|\[\s*{_ITEM}(?:\s*,\s*{_ITEM})*\s*\]"
    rf"|{_ITEM}(?:,(?!\s*[\w.]+\s*(?:[:=<>!~]|\()){_ITEM})*)"
)
CONDITION: Final = re.compile(rf"(?P<not>-)?{_NAME}\s*{_OPERATOR}{_VALUE}", re.IGNORECASE)
_CALLED: Final = re.compile(
    rf"(?P<call>contains|startswith|endswith|substringof|like)\(\s*(?P<one>{_ITEM})\s*,\s*(?P<two>{_ITEM})\s*\)"
    r"(?:\s+eq\s+true)?", re.IGNORECASE
)  # fmt: skip
_NOT: Final = re.compile(r"(?:not\b|!(?=\s*[\w(]))\s*", re.IGNORECASE)
_AND: Final = re.compile(r"\s*(?:\band\b|&&|&|;|\+(?=\w))\s*", re.IGNORECASE)
_OR: Final = re.compile(r"\s*(?:\bor\b|\|\||\|)\s*", re.IGNORECASE)
_COMMA: Final = re.compile(r"\s*,\s*")
_FIQL: Final = re.compile(r"==|=\w+=")
_SIGNS: Final[Mapping[str, str]] = {
    "=": "equal", "==": "equal", "!=": "other", "<>": "other", ">=": "gte", "<=": "lte", ">": "gt", "<": "lt",
    "~": "part", "=~": "part", "~=": "part", "!~": "other", "": "equal", "has": "equal", "out": "none",
}  # fmt: skip


class UnreadableFilter(ValueError):
    """The text is no expression over the members of the records."""


class FilterNames(NamedTuple):
    """One condition of an expression as it is written."""

    name: str
    operator: str
    wanted: str | list[str] | None
    negated: bool


def spoken(found: re.Match[str]) -> FilterNames:
    """Returns the condition of a match of CONDITION."""
    symbol = next((part for part in map(found.group, ("fiql", "sign", "word", "after", "signed")) if part), "")
    operator = _SIGNS.get(symbol.lower()) or COMPARISONS.get(plain(symbol), "equal")
    return FilterNames(found["name"], operator, _value(found["value"]), found["not"] is not None)


def _value(text: str) -> str | list[str] | None:
    if text[:1] in "([":
        return [_plain(item) for item in re.findall(_ITEM, text[1:-1])]
    parts = re.findall(_ITEM, text)
    if len(parts) > 1 and text[:1] in "\"'":
        return [_plain(item) for item in parts]
    value = _plain(text)
    return None if value == "null" and text == value else value


def _plain(text: str) -> str:
    """Returns the value without its quotes."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1].replace("''", "'") if text[0] == "'" else text[1:-1]
    return text


def condition_of(written: FilterNames, target: FilterTarget) -> Condition:
    """Returns a check of records against one condition."""
    operator, wanted, negated = written.operator, written.wanted, written.negated
    if isinstance(wanted, str) and operator in ("equal", "other"):
        if ".." in wanted:
            operator, negated = "between", negated is not (operator == "other")
        elif wanted.startswith("*") or wanted.endswith("*"):
            shape = {(True, True): "part", (True, False): "end", (False, True): "start"}
            negated = negated is not (operator == "other")
            operator, wanted = shape[wanted.startswith("*"), wanted.endswith("*")], wanted.strip("*")
    if isinstance(wanted, list) and operator == "equal":
        operator = "in"
    compared = target._replace(operator=operator)
    if wanted is None:
        is_none = (operator == "equal") is not negated
        return lambda record: (reach(record, target.member_path) is None) is is_none
    return lambda record: compared.holds(reach(record, compared.member_path), wanted) is not negated


class _Text:
    """An expression that is parsed from the left."""

    def __init__(self, text: str, find: Find) -> None:
        self.text = text
        self.at = 0
        self.find = find
        self.is_fiql = _FIQL.search(text) is not None or ";" in text

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    @property
    def is_done(self) -> bool:
        return not self.text[self.at :].strip()

    def either(self, depth: int = 0) -> Condition:
        """Parses conditions joined by `or`."""
        parts = [self.both(depth)]
        while not self.is_done and (self.take(_OR) or (self.is_fiql and self.take(_COMMA))):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else lambda record: any(part(record) for part in parts)

    def both(self, depth: int) -> Condition:
        """Parses conditions joined by `and`."""
        parts = [self.one(depth)]
        while not self.is_done and self._goes_on():
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else lambda record: all(part(record) for part in parts)

    def _goes_on(self) -> bool:
        if self.take(_AND) or (not self.is_fiql and self.take(_COMMA)):
            return True
        rest = self.text[self.at :]
        return rest[:1].isspace() and not _OR.match(rest) and not rest.lstrip().startswith(")")

    def one(self, depth: int) -> Condition:
        """Parses one condition, or an expression in brackets."""
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        if depth > _DEEPEST:
            raise UnreadableFilter(self.text)
        if self.take(_NOT):
            inner = self.one(depth + 1)
            return lambda record: not inner(record)
        if self.text[self.at : self.at + 1] == "(":
            self.at += 1
            member = self.either(depth + 1)
            if not self.take(_CLOSED):
                raise UnreadableFilter(self.text)
            return member
        return self._called() or self._compared()

    def _called(self) -> Condition | None:
        found = self.take(_CALLED)
        if found is None:
            return None
        name, value = found["one"], found["two"]
        if found["call"].lower() == "substringof":
            name, value = value, name
        operator = COMPARISONS.get(found["call"].lower(), "part")
        return self._known(FilterNames(name, operator, _plain(value), negated=False))

    def _compared(self) -> Condition:
        found = self.take(CONDITION)
        if found is None:
            raise UnreadableFilter(self.text)
        return self._known(spoken(found))

    def _known(self, written: FilterNames) -> Condition:
        target = self.find(written.name)
        if target is None:
            raise UnreadableFilter(written.name)
        return condition_of(written, target)


_CLOSED: Final = re.compile(r"\s*\)")


def read(text: str, find: Find) -> Condition:
    """Returns a check of records against the expression. Raises UnreadableFilter where the text is none."""
    if len(text) > LONGEST:
        raise UnreadableFilter(text[:20])
    view = _Text(text, find)
    found = view.either()
    if not view.is_done:
        raise UnreadableFilter(text)
    return found
