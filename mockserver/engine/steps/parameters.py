"""Decodes the parameters of a request to values that fit their schemas."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from mockserver.json_pointer import escaped
from mockserver.json_text import Json, Malformed
from mockserver.openapi.model.parameter import Parameter
from mockserver.openapi.model.style import ABSENT
from mockserver.openapi.model.text_pairs import undecodable
from mockserver.openapi.schema.validator import Validator
from mockserver.problem import MALFORMED, Problem, Violation

MOST_KNOWN: Final = 200
LONGEST_KNOWN: Final = 200
"""Queries, and paths, of one operation that are remembered with their values, and the characters of one."""


class Values:
    """The parameters of one operation that stand in one place."""

    __slots__ = ("_known", "defaults", "is_free", "needs", "parameters")

    def __init__(self, parameters: tuple[Parameter, ...], *places: str) -> None:
        self.parameters = tuple(parameter for parameter in parameters if parameter.place in places)
        optional = [parameter for parameter in self.parameters if parameter.has_default and not parameter.required]
        self.defaults = {parameter.name: parameter.default for parameter in optional}
        self.needs = any(parameter.required for parameter in self.parameters)
        self.is_free = all(parameter.free for parameter in self.parameters)
        self._known: dict[Hashable, dict[str, Json]] = {}

    def decode_text(self, text: str, split: Callable[[str], Any], violations: list[Violation]) -> Mapping[str, Json]:
        """The same of what `split` makes of the text; what kept its schemas is not decoded a second time. Raises a
        Problem for a text that is no UTF-8.
        """
        known = self._known.get(text)
        if known is not None:
            return known.copy()
        if "%" in text and (broken := undecodable(text)):
            detail = f"{broken!r} in the query stands for no UTF-8; percent-encode its characters as UTF-8."
            raise Problem(400, detail, code=MALFORMED)
        found = len(violations)
        values = self.decode(split(text), violations)
        if len(violations) == found and len(text) <= LONGEST_KNOWN:
            self._remember(text, values)
        return values

    def decode_texts(self, given: Mapping[str, str], violations: list[Violation]) -> Mapping[str, Json]:
        """The same of one text for each parameter, as a path has them; what kept its schemas is not decoded again."""
        key = (*given.items(),)
        known = self._known.get(key)
        if known is not None:
            return known.copy()
        found = len(violations)
        values = self.decode(given, violations)
        if len(violations) == found and sum(map(len, given.values())) <= LONGEST_KNOWN:
            self._remember(key, values)
        return values

    def _remember(self, key: Hashable, values: Mapping[str, Json]) -> None:
        if all(map(_is_plain, values.values())):
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[key] = {**values}

    def decode(self, given: Any, violations: list[Violation]) -> Mapping[str, Json]:
        """The values by parameter name, with defaults; what is wrong with them is added to the violations."""
        values = self.defaults.copy()
        for parameter in self.parameters:
            if parameter.refuses_empty and given.get(parameter.name) == [""]:
                violations.append(_violation(parameter, "allowEmptyValue", "may not be empty"))
                continue
            if parameter.takes_one and len(given.get(parameter.name, "")) > 1:
                times = len(given[parameter.name])
                violations.append(_violation(parameter, "style", f"is given {times} times; it takes one value"))
                continue
            try:
                value = parameter.deserialize(given)
                if value is ABSENT:
                    if not parameter.alternatives and not parameter.required:
                        continue
                elif parameter.validator.accepts(value):
                    values[parameter.name] = value
                    continue
                value = _otherwise(parameter, given, value, values)
            except Malformed as error:
                violations.append(_violation(parameter, "style", str(error)))
                continue
            if value is not ABSENT:
                violations += _wrong(parameter, value)
            elif parameter.required and parameter.name not in values:
                violations.append(_violation(parameter, "required", "is required"))
        return values


def _is_plain(value: Json) -> bool:
    """Whether nobody who gets the value can change it."""
    return value is None or isinstance(value, str | int | float)


def _otherwise(parameter: Parameter, given: Any, value: Json, values: dict[str, Json]) -> Json:
    """Puts a value that is read in another way among `values` and gives ABSENT; else what was read first."""
    for deserialize in parameter.alternatives:
        other = deserialize(given)
        if other is not ABSENT and parameter.validator.accepts(other):
            values[parameter.name] = other
            return ABSENT
        value = other if value is ABSENT else value
    if parameter.allows_empty and given.get(parameter.name) == [""]:
        values[parameter.name] = ""
        return ABSENT
    return value


def _wrong(parameter: Parameter, value: Json) -> Iterable[Violation]:
    if _is_whole(parameter):
        return parameter.validator.violations(value, "query")
    return named(parameter.name, parameter.validator, value, parameter.place)


def _violation(parameter: Parameter, keyword: str, message: str) -> Violation:
    if _is_whole(parameter):
        return Violation("query", "", keyword, message)
    return Violation(parameter.place, f"/{escaped(parameter.name)}", keyword, message)


def _is_whole(parameter: Parameter) -> bool:
    """Whether it is the query as a whole, in which its name does not stand."""
    return parameter.place == "querystring"


def named(name: str, validator: Validator, value: Json, place: str) -> list[Violation]:
    """Returns the violations of the value, below its name."""
    found = validator.violations(value, place)
    return [replace(violation, pointer=f"/{escaped(name)}{violation.pointer}") for violation in found]
