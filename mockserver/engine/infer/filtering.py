"""Which parameters of a list say what its records are to have, and which records have it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from mockserver.engine.infer.comparing import BOUNDS, IN_WORDS, TESTS
from mockserver.engine.infer.decisions import Way
from mockserver.engine.infer.indexing import INDEXED, having, is_exact
from mockserver.engine.infer.names import COMPARISONS, plain, same_name, singular, words
from mockserver.engine.infer.shape import Shape, Shapes, dig
from mockserver.state.record import Record
from mockserver.wire import Json

Members = Mapping[str, Way]
"""What records can be asked for by: names, and where each stands in a record."""

_HOLDERS: Final = ((), ("attributes",), ("metadata",))
_LONGEST: Final = 200
"""Characters of a name that means anything; whoever asks may send any."""
_INSIDE: Final = re.compile(r"filters?\[([^\[\]]+)\](.*)")
_BESIDE: Final = re.compile(r"([^\[\]]+)(?:\[\$?|__)(\w+)\]?")
_OF_THE_ANSWER: Final = frozenset(
    map(plain, (
        "accept_language", "access_token", "alt", "api_key", "api_version", "callback", "embed", "embedded", "exclude",
        "excludes", "expand", "expands", "field_mask", "fields", "format", "include", "included", "includes", "lang",
        "locale", "pretty", "pretty_print", "projection", "select",
    ))
)  # fmt: skip
"""What parameters are called that say how an answer is to look, whatever members records have."""
_SIGNED: Final = {"<": "most", ">": "least", "!": "other"}
"""`EndTime<` is sent as `EndTime<=2026-01-01`, so that the value itself is one of those asked for."""
_ALL_OF_THEM: Final = ("filter", "filters", "where")
"""Parameters whose value is an object of conditions."""
_DATED: Final = frozenset({"at", "on", "date", "time", "timestamp"})
"""Words that the names of times end with."""
_WHATEVER: Final = frozenset({"all", "any", "*"})
_ONLY_BESIDE: Final = frozenset({"in", "not", "notin", "exact"})
"""Words that end the names of many parameters without comparing anything."""


class Aim(NamedTuple):
    """The member that a name speaks of, how it is to compare (`names.COMPARISONS`), and the values that it can have,
    where they are listed. What is `whatever` leaves nothing out.
    """

    way: Way
    test: str = "equal"
    values: tuple[Json, ...] = ()
    whatever: frozenset[str] = _WHATEVER


def members_of(shapes: Shapes, record: Shape) -> Members:
    """The members by which records are asked for and sorted; the nearest of a name."""
    found: dict[str, Way] = {}
    for holder in _HOLDERS:
        for name in shapes.member(record, *holder).members:
            found.setdefault(name, (*holder, name))
    return found


def member_named(name: str, members: Members) -> str | None:
    """The member that a name speaks of: `created` may mean `created_at`."""
    for wanted in (name, *(f"{name}_{ending}" for ending in ("at", "on", "date"))):
        member = same_name(wanted, members)
        if member is not None:
            return member
    return None


class Filters:
    """The conditions of one list. `parameters` are those of its query, or members of its body, that may be one, each
    with its shape.
    """

    def __init__(self, shapes: Shapes, record: Shape, members: Members, parameters: Mapping[str, Shape]) -> None:
        self._shapes = shapes
        self._record = record
        self._members = members
        self._aims = {
            name: aim._replace(whatever=_WHATEVER | _default(shape))
            for name, shape in parameters.items()
            if (aim := self._aim(name)) is not None
        }
        self._holders = tuple(
            name
            for name, shape in parameters.items()
            if name not in self._aims and plain(name) in _ALL_OF_THEM and shape.is_object
        )

    def told(self) -> Iterator[tuple[str, str]]:
        """What each of the parameters asks for, in words."""
        for name, aim in self._aims.items():
            yield name, f"those whose `{'.'.join(aim.way)}` {IN_WORDS[aim.test]} this"
        for name in self._holders:
            yield name, "those that have what its members ask for"

    def passing(self, asked: Mapping[str, Json], sent: frozenset[str], records: Sequence[Record]) -> Sequence[Record]:
        """The records that have what is `asked`. Values that no record can have leave nothing out, and neither do
        defaults, which were not `sent`, of what could be anything.
        """
        for aim, wanted in self._conditions(asked, sent):
            found = having(records, aim.way, wanted) if aim.test in INDEXED else None
            if found is not None:
                records = found
                if is_exact(wanted):
                    continue
            test = TESTS[aim.test]
            records = [record for record in records if test(dig(record, aim.way), wanted)]
        return records

    def _conditions(self, asked: Mapping[str, Json], sent: frozenset[str]) -> Iterator[tuple[Aim, Json]]:
        for name, aim in self._aims.items():
            if name in asked and (aim.values or name in sent):
                yield from self._of(aim, asked[name])
        for name in self._holders:
            held = asked.get(name)
            for inner, wanted in held.items() if isinstance(held, dict) else ():
                known = self._aim(inner)
                if known is not None:
                    yield from self._of(known, wanted)

    def _of(self, aim: Aim, wanted: Json) -> Iterator[tuple[Aim, Json]]:
        """The conditions of one parameter; an object has a comparison or a member of a member at each name."""
        if isinstance(wanted, dict):
            held = self._shapes.member(self._record, *aim.way)
            for name, value in wanted.items():
                test = COMPARISONS.get(plain(name))
                if name in held.members or (held.is_object and test is None):
                    yield from self._of(Aim((*aim.way, name)), value)
                elif test is not None:
                    yield from self._of(aim._replace(test=test), value)
        elif wanted not in (None, "", []) and self._can_be(aim, wanted):
            yield aim, wanted

    def _can_be(self, aim: Aim, wanted: Json) -> bool:
        if aim.test != "equal":
            return True
        if not aim.values:
            return not (isinstance(wanted, str) and wanted.lower() in aim.whatever)
        return any(value in aim.values for value in (wanted if isinstance(wanted, list) else [wanted]))

    # what a name means

    def _aim(self, name: str) -> Aim | None:
        if len(name) > _LONGEST:
            return None
        if inside := _INSIDE.fullmatch(name):
            name = inside[1] + inside[2]
        return None if plain(name) in _OF_THE_ANSWER else self._meant(name)

    def _meant(self, name: str) -> Aim | None:
        if name[-1:] in _SIGNED:
            return self._compared(name[:-1], _SIGNED[name[-1:]])
        member = same_name(name, self._members) or self._list_of(name)
        if member is not None:
            return self._at(member)
        if (one := self._one_of(name)) is not None:
            return self._at(one, "among")
        if beside := _BESIDE.fullmatch(name):
            return self._compared(beside[1], COMPARISONS.get(plain(beside[2])))
        said = words(name)
        for size in range(min(4, len(said) - 1), 0, -1):
            ending = "".join(said[-size:])
            test = COMPARISONS.get(ending) if ending not in _ONLY_BESIDE else None
            if aim := self._compared("_".join(said[:-size]), test):
                return aim
        return self._compared("_".join(said[1:]), COMPARISONS.get(said[0]), BOUNDS) if len(said) > 1 else None

    def _list_of(self, name: str) -> str | None:
        """The member that lists what a name says of one: `tag` of `tags`."""
        member = same_name(f"{name}s", self._members)
        is_list = member is not None and self._shapes.member(self._record, *self._members[member]).is_list
        return member if is_list else None

    def _one_of(self, name: str) -> str | None:
        """The member that a name speaks of in the plural: `ids` of `id`."""
        one = singular(name.lower())
        member = same_name(one, self._members) if plain(one) != plain(name) else None
        is_one = member is not None and self._shapes.member(self._record, *self._members[member]).is_scalar
        return member if is_one else None

    def _compared(self, name: str, test: str | None, among: frozenset[str] = frozenset(TESTS)) -> Aim | None:
        member = member_named(name, self._members) if test in among else None
        if member is None or test is None or (test in BOUNDS and not self._has_bounds(member)):
            return None
        return self._at(member, test)

    def _at(self, member: str, test: str = "equal") -> Aim:
        way = self._members[member]
        return Aim(way, test, self._shapes.member(self._record, *way).enum)

    def _has_bounds(self, member: str) -> bool:
        """Whether the member is a number or a time."""
        shape = self._shapes.member(self._record, *self._members[member])
        is_dated = not shape.enum and not {*words(member)[-1:]}.isdisjoint(_DATED)
        return bool(shape.types & {"integer", "number"}) or shape.format in ("date", "date-time") or is_dated


def _default(shape: Shape) -> frozenset[str]:
    """`none` where it is what holds if nothing is asked for."""
    default = shape.node.get("default") if isinstance(shape.node, dict) else None
    return frozenset({"none"}) if default == "none" else frozenset()
