"""The differences between two answers to the same step, after values that servers choose were aligned."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import combinations
from typing import Final, NamedTuple

from mockserver.contract.replay.alignment import (
    ALIKE,
    CONTRADICTION,
    EVERYWHERE,
    Alignment,
    general,
    instant,
    time_form,
)
from mockserver.contract.replay.list_order import MemberWay, other_order
from mockserver.contract.replay.player import PlayedAnswer
from mockserver.contract.replay.schema_branch import branch_of
from mockserver.json_pointer import MISSING, escaped, pointer_of, tokens
from mockserver.json_text import Json
from mockserver.openapi.model.body_model import covering
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.schema.schema_view import SchemaView


class DifferenceKind(StrEnum):
    """The kinds of differences: no answer from one of them, other statuses, another declared response, alternative or a
    broken schema, headers, members that the right answer lacks or has beyond the left one, types, values, order of
    times or items, number of items.
    """

    FAILURE = "failure"
    STATUS = "status"
    BRANCH = "branch"
    HEADER = "header"
    MISSING_MEMBER = "missing"
    ADDITIONAL = "additional"
    TYPE = "type"
    VALUE = "value"
    ORDER = "order"
    LENGTH = "length"


MOST_DIFFERENCES: Final = 50
"""Differences of one pair of answers that are told."""

_PRESENT: Final = ("ETag", "Last-Modified", "Retry-After", "Deprecation", "Sunset", "Content-Disposition")
"""Headers that both answers have or lack, whatever their value."""

_BOTH: Final = frozenset({"WWW-Authenticate"})
"""Headers that are compared where both answers have them: many servers leave them out."""

_PROSE: Final = frozenset(
    {"message", "detail", "details", "title", "description", "reason", "hint", "instance", "type"}
)


_CODE: Final = re.compile(r"(?i)(code|status|kind|number)$")
"""Names of members of errors that programs read: a code may have a blank on one server, and is another one then."""


class Difference(NamedTuple):
    """One difference between two answers: its kind, its place (a JSON pointer of the body, or a header's name), and
    what the left and the right one have there; MISSING where it has nothing.
    """

    kind: DifferenceKind
    place: str = ""
    left: Json = MISSING
    right: Json = MISSING

    @property
    def key(self) -> tuple[str, str]:
        """The same for differences that are one, whichever item of a list they were seen at."""
        return self.kind, "".join(f"/{'*' if token.isdecimal() else token}" for token in self.place.split("/")[1:]) or (
            self.place
        )


@dataclass(frozen=True, slots=True)
class DifferenceRules:
    """The rules by which two answers are compared. `by_value`: values count; else only their shape does, which is what
    two servers with other records have in common. `collection` is the scope of short ids. `identities` are the ways
    from a record to the member that identifies it, by the places of the records in the answer (pointers with `*` for
    indexes), or those of the lists that have them.
    """

    alignment: Alignment
    by_value: bool = True
    collection: str = EVERYWHERE
    identities: Mapping[str, MemberWay] = field(default_factory=dict)

    def identifies(self, pointer: str) -> bool:
        """Whether what stands at this pointer identifies the record that it is a member of."""
        places = ((at, pointer_of(way)) for at, way in self.identities.items())
        return bool(self.identities) and general(pointer) in {
            one for at, own in places for one in (f"{at}{own}", f"{at}/*{own}")
        }


def differences(
    left: PlayedAnswer, right: PlayedAnswer, rules: DifferenceRules, operation: Operation | None = None
) -> tuple[Difference, ...]:
    """The differences between the answers of two servers to one step; that of the status alone where that differs."""
    if left.failure or right.failure:
        if left.failure == right.failure:
            return ()
        return (Difference(DifferenceKind.FAILURE, "", str(left), str(right)),)
    if left.status != right.status:
        return (Difference(DifferenceKind.STATUS, "", left.status, right.status),)
    comparison = _AnswerComparison(left, right, rules, operation)
    return tuple(difference for difference, _ in zip(comparison.found(), range(MOST_DIFFERENCES), strict=False))


class _AnswerComparison:
    """Compares two answers of one status."""

    def __init__(
        self, left: PlayedAnswer, right: PlayedAnswer, rules: DifferenceRules, operation: Operation | None
    ) -> None:
        self._left = left
        self._right = right
        self._rules = rules
        self._alignment = rules.alignment
        self._operation = operation
        self._is_error = left.status >= 400
        self._times: list[tuple[str, float, float]] = []

    def found(self) -> Iterator[Difference]:
        if self._is_error and self._operation is not None and self._operation.answer(self._left.status) is None:
            return  # No document says what such an error looks like.
        if self._is_bare:
            yield from self._headers()
            return
        left, right = self._left.value, self._right.value
        # Bodies show ids before the headers that refer to them.
        both = left is not MISSING and right is not MISSING
        inside = [*(self._values(left, right, "") if both else self._without_json())]
        yield from self._headers()
        yield from self._branch()
        yield from inside
        yield from self._order()

    @property
    def _is_bare(self) -> bool:
        """Whether the document declares this error without saying anything of its body."""
        declared = self._operation.answer(self._left.status) if self._operation is not None else None
        return self._is_error and declared is not None and not declared.media

    # Headers

    def _headers(self) -> Iterator[Difference]:
        for name, view in self._views():
            if self._alignment.is_ignored_header(name):
                continue
            left, right = (answer.header(name) for answer in (self._left, self._right))
            if name in _BOTH and None in (left, right) and not self._is_declared(name):
                continue
            if name == "Content-Type" and (self._is_bare or not (self._left.content or self._right.content)):
                continue
            one, other = (MISSING if value is None else view(value) for value in (left, right))
            if one != other and not self._may_stand(name, left, right):
                yield Difference(DifferenceKind.HEADER, name, _shown(left), _shown(right))

    def _is_declared(self, name: str) -> bool:
        declared = self._operation.answer(self._left.status) if self._operation is not None else None
        return declared is not None and name.lower() in map(str.lower, declared.headers)

    def _views(self) -> Iterator[tuple[str, Callable[[str], Json]]]:
        yield "Content-Type", lambda value: value.partition(";")[0].strip().lower()
        yield "Location", str
        yield "Allow", _listed
        yield "WWW-Authenticate", lambda value: value.split()[:1]
        yield "Link", lambda value: sorted(set(_RELATION.findall(value)))
        declared = self._operation.answer(self._left.status) if self._operation is not None else None
        more = () if declared is None else tuple(declared.headers)
        seen = {"content-type", "location", "allow", "www-authenticate", "link"}
        for name in (*_PRESENT, *more):
            if name.lower() not in seen:
                seen.add(name.lower())
                yield name, lambda _value: True

    def _may_stand(self, name: str, left: str | None, right: str | None) -> bool:
        """Whether two values of a header differ only in what servers choose."""
        if left is None or right is None or name != "Location":
            return False
        if not self._rules.by_value:
            return True
        return self._alignment.judge_address(left, right, self._rules.collection) == ALIKE

    def _branch(self) -> Iterator[Difference]:
        left, right = (branch_of(self._operation, answer) for answer in (self._left, self._right))
        if left[:3] != right[:3] or bool(left.violations) != bool(right.violations):
            yield Difference(DifferenceKind.BRANCH, "", str(left), str(right))

    # Bodies

    def _without_json(self) -> Iterator[Difference]:
        """Of bodies that are no JSON: whether there is one; the same bytes, if values count."""
        left, right = self._left.content, self._right.content
        if bool(left) != bool(right) or (self._left.value is MISSING) != (self._right.value is MISSING):
            yield Difference(DifferenceKind.TYPE, "", _body_kind(self._left), _body_kind(self._right))
        elif self._rules.by_value and left != right and not self._is_error:
            one, other = (content.decode("utf-8", "replace") for content in (left, right))
            if self._alignment.judge(one, other, "/", self._rules.collection) != ALIKE:
                yield Difference(DifferenceKind.VALUE, "", f"{len(left)} bytes", f"{len(right)} bytes")

    def _values(self, left: Json, right: Json, pointer: str) -> Iterator[Difference]:
        if pointer and self._alignment.is_ignored(pointer):
            return
        if isinstance(left, dict) and isinstance(right, dict):
            yield from self._members(left, right, pointer)
        elif isinstance(left, list) and isinstance(right, list):
            yield from self._items(left, right, pointer)
        else:
            yield from self._scalars(left, right, pointer)

    def _members(self, left: dict[str, Json], right: dict[str, Json], pointer: str) -> Iterator[Difference]:
        for name in [*left, *(name for name in right if name not in left)]:
            at = f"{pointer}/{escaped(name)}"
            if name in left and name in right:
                yield from self._values(left[name], right[name], at)
            elif not self._alignment.is_ignored(at) and self._counts(at):
                kind = DifferenceKind.MISSING_MEMBER if name in left else DifferenceKind.ADDITIONAL
                yield Difference(kind, at, left.get(name, MISSING), right.get(name, MISSING))

    def _counts(self, pointer: str) -> bool:
        """Whether it counts that a member is there: not where two runs on one server differed in that, nor, of other
        records, where the document declares the member, which then some may have and some not.
        """
        operation = self._operation.id if self._operation is not None else ""
        if self._alignment.is_volatile(operation, pointer):
            return False
        return self._rules.by_value or not self._may_have(tokens(pointer))

    def _may_have(self, way: list[str]) -> bool:
        """Whether the document lets answers have a member at this place."""
        view = self._view
        for token in way:
            if view is None or view.is_any:
                return view is not None
            if token.isdecimal() and view.is_array:
                view = view.item
            elif token in view.properties:
                view = view.properties[token]
            else:
                return view.rest is not None
        return True

    @cached_property
    def _view(self) -> SchemaView | None:
        """The view of the schema that the document declares for these answers."""
        declared = self._operation.answer(self._left.status) if self._operation is not None else None
        media = covering(declared.media, self._left.media_type) if declared is not None else None
        return media.view if media is not None and "schema" in media.node else None

    def _items(self, left: list[Json], right: list[Json], pointer: str) -> Iterator[Difference]:
        if not self._rules.by_value:
            if left and right:
                yield from self._values(left[0], right[0], f"{pointer}/0")
            return
        if len(left) != len(right):
            yield Difference(DifferenceKind.LENGTH, pointer, len(left), len(right))
            return
        other = other_order(left, right, self._alignment, self._rules.identities.get(general(pointer), ()))
        if other is not None:
            yield Difference(DifferenceKind.ORDER, pointer, other.left, other.right)
            right = [right[number] for number in other.partners]
        for number, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from self._values(one, other, f"{pointer}/{number}")

    def _scalars(self, left: Json, right: Json, pointer: str) -> Iterator[Difference]:
        one, other = _type(left), _type(right)
        if one != other:
            if self._rules.by_value or "null" not in (one, other):
                yield Difference(DifferenceKind.TYPE, pointer, left, right)
            return
        name = next((token for token in reversed(tokens(pointer)) if not token.isdecimal()), "")
        if time_form(left, name) and time_form(left, name) == time_form(right, name):
            moments = instant(left), instant(right)
            if moments[0] is not None and moments[1] is not None:
                self._times.append((pointer, moments[0], moments[1]))
        if not self._rules.by_value or left is None or isinstance(left, (dict, list)):
            return
        operation = self._operation.id if self._operation is not None else ""
        if self._alignment.is_volatile(operation, pointer) or (self._is_error and _is_prose(left, right, name)):
            return
        is_identity = self._rules.identifies(pointer)
        if left == right and not (is_identity or _may_be_id(left, name)):
            return
        judge = self._alignment.judge_id if is_identity else self._alignment.judge
        verdict = judge(left, right, pointer, self._rules.collection)
        if verdict == CONTRADICTION or (verdict != ALIKE and left != right):
            yield Difference(DifferenceKind.VALUE, pointer, left, right)

    def _order(self) -> Iterator[Difference]:
        """Times of one answer that stand in the opposite order in the other."""
        if not self._rules.by_value:
            return
        for (at, left, right), (to, later_left, later_right) in combinations(self._times[:_MOST_TIMES], 2):
            if (left - later_left) * (right - later_right) < 0:
                yield Difference(
                    DifferenceKind.ORDER, at, _relation(left, later_left, to), _relation(right, later_right, to)
                )


_MOST_TIMES: Final = 40
_RELATION: Final = re.compile(r'rel="?([^";,]+)"?')


def _relation(one: float, other: float, to: str) -> str:
    return f"{'before' if one < other else 'after'} {to}"


def _may_be_id(value: Json, name: str) -> bool:
    """Whether equal values are worth matching, so that they have to be equal everywhere."""
    return isinstance(value, (str, int)) and not isinstance(value, bool) and name.lower() in ("id", "uuid", "_id")


def _is_prose(left: Json, right: Json, name: str) -> bool:
    """Whether these are texts for people, as errors have them."""
    texts = isinstance(left, str) and isinstance(right, str)
    if not texts:
        return False
    worded = [" " in text.strip() for text in (left, right)]
    return name.lower() in _PROSE or all(worded) or (any(worded) and not _CODE.search(name))


def _listed(value: str) -> Json:
    return sorted({part.strip().upper() for part in value.split(",") if part.strip()})


def _shown(value: str | None) -> Json:
    return MISSING if value is None else value


def _body_kind(answer: PlayedAnswer) -> str:
    if not answer.content:
        return "no body"
    return "JSON" if answer.value is not MISSING else f"{len(answer.content)} bytes that are no JSON"


_TYPES: Final = {str: "string", bool: "boolean", int: "number", float: "number", dict: "object", list: "array"}


def _type(value: Json) -> str:
    return _TYPES.get(type(value), "null")
