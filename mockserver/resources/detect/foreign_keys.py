"""Detects members of records that refer to records of other collections: `customer_id`, `customer: {id}`, `tags:
[...]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.resources.detect.decisions import CollectionPlan, MemberPath
from mockserver.resources.detect.locate import IDS, kind_of
from mockserver.resources.detect.names import named, same_name
from mockserver.resources.detect.schema_shape import SchemaPlace, SchemaShape, SchemaShapes, dig, put, similarity
from mockserver.spelling import plain, singular, words_of

_ENDINGS: Final = named("id ids uuid uuids guid guids sid sids")
_SAME: Final = named("parent manager supervisor original")
"""Members that may refer to a record of their own collection, where no collection has that name."""
_COMMON: Final = named("id uuid key name code slug number no type kind title status state email login username date")
"""What members of any record may be called, whatever paths call their ids."""
_SCALARS: Final = (str, int)
_HOLDERS: Final[tuple[MemberPath, ...]] = ((), ("attributes",))
_SAID: Final = "x-mock-references"
_OF: Final = re.compile(
    r"\b(?:ids?|identifiers?|uuids?|guids?|primary keys?)\s+(?:of|for|to)\s+"
    r"(?:(?:the|an?|its|each|all|this)\s+)?([A-Za-z]\w+)",
    re.IGNORECASE,
)
_S: Final = re.compile(r"\b([A-Za-z]\w+)(?:'s)?\s+(?:ids?|identifiers?|uuids?)\b", re.IGNORECASE)
"""Wordings by which a description names the record of an id: `id of the User`, `The user's id`."""
_ASIDE: Final = named("detail details info data object obj summary record ref embedded expanded full nested")
"""Last words of a member that is the object beside an id: `author_detail`."""


class ForeignKey(NamedTuple):
    """A member of a record that refers to records of the collection `target`.

    `member_path` is its path. It is an id where `id_member` is empty; else an object with the id in it or, if it
    `may_be_id`, that id. `is_list` says that there are several, `embeds` that the objects are records of the target.
    `noun` is the member's name for the record.
    """

    member_path: MemberPath
    target: str
    id_member: str
    is_list: bool
    embeds: bool
    noun: str
    takes_null: bool
    is_required: bool
    may_be_id: bool = False

    def ids(self, record: Mapping[str, Json]) -> list[Json]:
        """Returns the ids of the referenced records."""
        member = dig(record if isinstance(record, dict) else dict(record), self.member_path)
        if type(member) in _SCALARS:
            return [member]
        values = member if isinstance(member, list) else [member]
        found = [value.get(self.id_member) if isinstance(value, Mapping) else value for value in values]
        return [value for value in found if isinstance(value, str | int) and not isinstance(value, bool)]

    def named(self, record: dict[str, Json], ids: list[Json]) -> dict[str, Json]:
        """Returns the record with the reference set to these ids; objects keep their other members."""
        member = dig(record, self.member_path)
        if not self.is_list:
            return self._put(record, self._one(member, ids[0]))
        old = member if isinstance(member, list) else []
        collection = [old[number] if number < len(old) else None for number in range(len(ids))]
        return self._put(record, [self._one(value, wanted) for value, wanted in zip(collection, ids, strict=True)])

    def without(self, record: dict[str, Json]) -> dict[str, Json]:
        """Returns the record without the reference, as far as its schema allows that."""
        if self.is_list:
            return self._put(record, [])
        if self.takes_null:
            return self._put(record, None)
        if self.is_required:
            return record
        holder = dig(record, self.member_path[:-1])
        rest = {name: value for name, value in holder.items() if name != self.member_path[-1]} if holder else {}
        result: dict[str, Json] = put(record, self.member_path[:-1], rest)
        return result

    def _put(self, record: dict[str, Json], value: Json) -> dict[str, Json]:
        result: dict[str, Json] = put(record, self.member_path, value)
        return result

    def _one(self, old: Json, wanted: Json) -> Json:
        if not self.id_member or self.may_be_id:
            return wanted
        return {**(old if isinstance(old, Mapping) else {}), self.id_member: wanted}


@dataclass(frozen=True)
class ForeignKeys:
    """Detects the references among these collections. `neighbours` are the names below one another in paths."""

    shapes: SchemaShapes
    collections: Mapping[str, CollectionPlan]
    neighbours: frozenset[tuple[str, str]] = frozenset()

    def of(self, collection: CollectionPlan) -> tuple[ForeignKey, ...]:
        """Returns the references of the records of a collection."""
        record = self.shapes.at(collection.record)
        found: list[ForeignKey] = []
        for holder in _HOLDERS:
            shape = self.shapes.member(record, *holder)
            for name, place in shape.members.items():
                if (*holder, name) != collection.id_spec.member_path:
                    found += self._at((*holder, name), place, collection, is_required=name in shape.required)
        found += self._of_json_api(record, collection)
        return tuple(found)

    def _of_json_api(self, record: SchemaShape, collection: CollectionPlan) -> Iterator[ForeignKey]:
        """Yields the references in `relationships: {author: {data: {type, id}}}`."""
        for name in self.shapes.member(record, "relationships").members:
            member = self.shapes.member(record, "relationships", name)
            if "data" in member.members:
                member_path = ("relationships", name, "data")
                yield from self._at(
                    member_path, member.members["data"], collection, noun=name, is_required="data" in member.required
                )

    def _at(
        self,
        member_path: MemberPath,
        place: SchemaPlace,
        collection: CollectionPlan,
        *,
        noun: str = "",
        is_required: bool = False,
    ) -> Iterator[ForeignKey]:
        extension = self._extension(place)
        if extension is False:
            return
        shape = self.shapes.at(place)
        is_list = shape.is_list
        member = self.shapes.items(shape) if is_list else shape
        noun = noun or member_path[-1]
        target = self._target(noun, member, collection, extension, is_list=is_list)
        if target is None:
            return
        whole = self.shapes.at(target.record)
        is_part = member.is_object and member.members.keys() <= whole.members.keys()
        may_be_id = member.is_object and self._may_be_id(place if not is_list else shape.items, target)
        embeds = not may_be_id and (is_part or (member.is_object and similarity(member, whole) >= _ALIKE))
        id_member = self._id_member(member, target)
        if member.is_object and not id_member:
            return
        stem = plain(_stem(noun) or (_bare(noun) if member.is_object else noun))
        yield ForeignKey(
            member_path, target.name, id_member, is_list, embeds, stem, shape.takes_null, is_required, may_be_id
        )

    def _may_be_id(self, place: SchemaPlace | None, target: CollectionPlan) -> bool:
        """Returns whether one of the alternatives of an object is the id alone."""
        variants = self.shapes.variants(place) if place is not None else ()
        return any(self._is_of_type(variant.shape, target) for variant in variants)

    def _extension(self, place: SchemaPlace) -> Json:
        """Returns the value of `x-mock-references` at a member: the collection's name, or false."""
        for node in (place.node, self.shapes.at(place).node):
            if isinstance(node, dict) and _SAID in node:
                return node[_SAID]
        return None

    def _target(
        self, noun: str, member: SchemaShape, collection: CollectionPlan, extension: Json, *, is_list: bool
    ) -> CollectionPlan | None:
        if isinstance(extension, str):
            return self.collections.get(extension)
        if member.is_object:
            return self._by_schema(member, noun) or self._by_name(_bare(noun), member, collection)
        if _COUNTING & {*words_of(noun)[:1], *words_of(noun)[-1:]} and not is_list:
            return None
        stem = _stem(noun)
        if stem:
            return self._by_name(stem, member, collection) or self._by_description(member, collection)
        target = self._by_name(noun, member, collection) if not is_list else None
        if target is not None and self._is_id(noun, member, collection, target):
            return target
        return self._by_natural_key(noun, member, collection) or self._by_description(member, collection)

    def _by_natural_key(self, noun: str, member: SchemaShape, collection: CollectionPlan) -> CollectionPlan | None:
        """The one other collection whose id and path parameter both are called so: `isbn` where `/books/{isbn}` is."""
        if plain(noun) in _COMMON:
            return None
        found = [
            other
            for other in self._tops
            if same_name(noun, other.id_spec.member_path[-1:]) is not None
            and plain(other.item_path.rpartition("{")[2]) == plain(noun)
        ]
        return found[0] if len(found) == 1 and found[0] is not collection and self._may_be(member, found[0]) else None

    def _by_description(self, member: SchemaShape, collection: CollectionPlan) -> CollectionPlan | None:
        """Returns the collection that the member's description names."""
        node = member.node if isinstance(member.node, dict) else {}
        text = str(node.get("description", ""))
        called = [extension[1] for pattern in (_OF, _S) if (extension := pattern.search(text)) is not None]
        return next((found for name in called if (found := self._by_name(name, member, collection)) is not None), None)

    def _by_schema(self, member: SchemaShape, noun: str) -> CollectionPlan | None:
        """Returns the collection whose records have the same schema: of several the one with the member's name."""
        found = [
            collection for collection in self._tops if similarity(member, self.shapes.at(collection.record)) >= _ALIKE
        ]
        called = [collection for collection in found if _is_called(collection, noun)]
        return next(iter([*called, *found]), None) if len(found) == 1 or called else None

    def _by_name(self, noun: str, member: SchemaShape, collection: CollectionPlan) -> CollectionPlan | None:
        """Returns the collection that a name means: `billing_customer` is a customer."""
        parts = words_of(noun)
        for start in range(len(parts)):
            called = "".join(parts[start:])
            for other in self._called(called):
                if self._may_be(member, other):
                    return other
        is_own = plain(noun) in _SAME and not collection.scope and not collection.singleton
        if is_own and member.is_object and (other_kind := self._by_schema_name(member)) is not None:
            return other_kind
        return collection if is_own and self._may_be(member, collection) else None

    def _by_schema_name(self, member: SchemaShape) -> CollectionPlan | None:
        """Returns the collection that the name of an object's schema means: a `FolderMini` is one of the folders."""
        spoken = {word for ref in member.refs for word in words_of(ref.rpartition("/")[2])}
        named = (collection for collection in self._tops if any(_is_called(collection, word) for word in spoken))
        return next((collection for collection in named if self._may_be(member, collection)), None)

    @cached_property
    def _tops(self) -> tuple[CollectionPlan, ...]:
        """The collections whose ids need no scope."""
        found = self.collections.values()
        return tuple(
            collection
            for collection in found
            if not collection.scope and not collection.singleton and collection.item_path
        )

    @cached_property
    def _numbers(self) -> Mapping[str, list[int]]:
        """The positions of the collections by name, plural and singular."""
        numbers: dict[str, list[int]] = {}
        for number, collection in enumerate(self._tops):
            for called in dict.fromkeys(_names_of(collection)):
                numbers.setdefault(called, []).append(number)
        return numbers

    def _called(self, noun: str) -> Iterator[CollectionPlan]:
        """Yields the collections with this name, in their order."""
        spelled = dict.fromkeys((plain(noun), plain(singular(noun))))
        numbers = sorted({number for name in spelled for number in self._numbers.get(name, ())})
        return (self._tops[number] for number in numbers if _is_called(self._tops[number], noun))

    def _may_be(self, member: SchemaShape, target: CollectionPlan) -> bool:
        """Returns whether a value of this shape can be an id of the target, or an object with one."""
        if member.is_object:
            return bool(self._id_member(member, target))
        return self._is_of_type(member, target)

    def _is_of_type(self, member: SchemaShape, target: CollectionPlan) -> bool:
        if not member.is_scalar:
            return False
        is_number = "integer" in member.types or "number" in member.types
        return is_number if target.id_spec.kind == "integer" else "string" in member.types

    def _is_id(self, noun: str, member: SchemaShape, collection: CollectionPlan, target: CollectionPlan) -> bool:
        """Returns whether a member with a record's name, without an `id`, is its id: by a type that nothing else has,
        because paths name the id so (`/customers/{customer}`), or because these records stand below those
        (`/boards/{id}/cards`).
        """
        if not self._is_of_type(member, target):
            return False
        if target.id_spec.kind in ("integer", "uuid"):
            return kind_of(member, None) == target.id_spec.kind
        called = plain(noun)
        is_parameter = target.item_path.endswith("}") and plain(target.item_path.rpartition("{")[2]) == called
        if not member.enum and (is_parameter or (plain(collection.name.rpartition(".")[2]), called) in self.neighbours):
            return True
        node = member.node if isinstance(member.node, dict) else {}
        id_spec = target.id_spec.place.node if target.id_spec.place is not None else None
        pattern = node.get("pattern")
        same = isinstance(id_spec, dict) and pattern is not None and pattern == id_spec.get("pattern")
        return same or "id" in words_of(str(node.get("description", "")))

    def _id_member(self, member: SchemaShape, target: CollectionPlan) -> str:
        """Returns the member of an object that is the id of a record of the target; empty where there is none."""
        if not member.is_object:
            return ""
        wanted = (*target.id_spec.member_path[-1:], *IDS)
        for name in wanted:
            if name in member.members and self._is_of_type(self.shapes.member(member, name), target):
                return name
        return ""


_ALIKE: Final = 0.9
_COUNTING: Final = frozenset({"nb", "num", "count", "total", "max", "min", "limit"})
"""Words that begin or end the name of a number of records, which names none of them: `nbSites`, `max_users`."""


def _stem(name: str) -> str:
    """Returns the record's name in an id: `customer` of `customer_id`; empty where the name does not end like an id."""
    parts = words_of(name)
    if len(parts) > 1 and parts[-1] in _ENDINGS:
        return "_".join(parts[:-1])
    return ""


def _bare(name: str) -> str:
    """Returns the record's name of an object: `author` of `author_detail`."""
    parts = words_of(name)
    return "_".join(parts[:-1]) if len(parts) > 1 and parts[-1] in _ASIDE else name


def related_role(segments: Sequence[str], references: Iterable[ForeignKey], method: str) -> tuple[str, MemberPath]:
    """Returns the kind of an operation below a record on its referenced records, and the path of the reference; empty
    where it is about something else.
    """
    last, is_linkage = plain(segments[-1]), "relationships" in segments[-2:-1]
    for reference in references:
        if last not in (reference.noun, *map(plain, reference.member_path)):
            continue
        if is_linkage and reference.member_path[:1] == ("relationships",):
            return "relate", reference.member_path
        if not is_linkage and method == "GET":
            return "read-related", reference.member_path
    return "", ()


def neighbours_of(paths: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Returns the plain names that stand below each name in paths: `cards` below a `board`, in `/boards/{id}/cards`."""
    found = (_BELOW.finditer(path) for path in paths)
    return frozenset((plain(one["below"]), plain(singular(one["above"]))) for each in found for one in each)


_BELOW: Final = re.compile(r"(?<=/)(?P<above>[^/{}]+)/\{[^/{}]+\}(?=/(?P<below>[^/{}]+))")


def _is_called(collection: CollectionPlan, noun: str) -> bool:
    one, many = _names_of(collection)
    return plain(noun) in (one, many) or plain(singular(noun)) == one


def _names_of(collection: CollectionPlan) -> tuple[str, str]:
    """Returns the singular and the plural of a collection's name."""
    name = collection.name.rpartition(".")[2]
    return plain(singular(name)), plain(name)
