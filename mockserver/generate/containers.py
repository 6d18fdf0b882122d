"""Generates objects and arrays: chooses members and item counts, and divides the budget among them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from itertools import islice
from typing import Protocol

from mockserver.generate.options import Budget, Exhausted, Impossible, ValueOptions
from mockserver.generate.plans.schema_node import made_up, reference
from mockserver.generate.plans.value_plan import Contains, ValuePlan, equality_key, same
from mockserver.generate.plans.value_plans import Plans
from mockserver.generate.random_stream import Substream
from mockserver.generate.texts.agreement import consistent_members
from mockserver.generate.texts.fake_text import words
from mockserver.generate.texts.pattern import PatternPart, Unreadable, write
from mockserver.generate.texts.pattern_reader import read
from mockserver.generate.value_size import MOST_OPTIONAL, MOST_PARTS, ValueSize
from mockserver.json_pointer import escaped
from mockserver.json_text import Json

Hints = tuple[Json, ...]
_TRIES = 20
_OF_ADDRESSES = frozenset({"city", "zip", "postal_code", "postalCode", "postcode", "zip_code", "zipCode", "street"})
_FEW = 3
_SHOWN = 10


class Make(Protocol):
    """Generates a value of a plan at a place, within a budget. Raises Impossible."""

    def __call__(
        self, plan: ValuePlan, place: str, budget: Budget, candidates: Hints = (), attempt: int = 0
    ) -> Json: ...


class Containers:
    """Generates the objects and arrays of one attempt. `open` lists the plans in progress, outermost first."""

    def __init__(self, make: Make, plans: Plans, options: ValueOptions, rng: Substream, size: ValueSize) -> None:
        self.make = make
        self.plans = plans
        self.options = options
        self.rng = rng
        self.size = size
        self.open: list[ValuePlan] = []

    # --- objects ----------------------------------------------------------------------------------------------------

    def object(self, plan: ValuePlan, place: str, budget: Budget, attempt: int, candidates: Hints) -> Json:
        """An object of the plan; optional members are left out if they do not fit into the budget."""
        names = self._names(plan, budget, place, attempt)
        names += self._more_names(plan, place, budget, names)
        children = {name: self.plans.member(plan, name) for name in names}
        containers = sum(map(_is_container, children.values()))
        inner = Budget(budget.levels - 1, (budget.values - len(names)) // max(1, containers))
        value: Json = {}
        for name, child in children.items():
            if not self.size.left:
                self._lack(plan, name in plan.members.required)
                continue
            tag = self._tag(plan, name, child)
            proposed = tuple(hint[name] for hint in candidates if isinstance(hint, dict) and name in hint)
            reserved = self.size.reserve(len(names) - len(value) - 1)
            try:
                value[name] = tag or self.make(child, f"{place}/{escaped(name)}", inner, proposed, attempt)
            except Exhausted:
                raise
            except Impossible:
                if name in plan.members.required:
                    raise
            finally:
                self.size.reserved -= reserved
        return value if self.options.static else self._agreed(value, children, place)

    def _lack(self, plan: ValuePlan, is_required: bool) -> None:
        """Records that the value ends here although more is required, if it is."""
        if is_required:
            self.size.cut(plan.pointer, f"more is required in one value than the {MOST_PARTS:,} parts that are made")

    def _agreed(self, value: Json, children: Mapping[str, ValuePlan], place: str) -> Json:
        """The object with its members made consistent, except those for which the document has examples."""
        for name, text in [*consistent_members(value, self.owners(place, 1))]:
            child = children[name]
            is_given = child.examples and self.options.by_example
            if not is_given and child.enum is None and self.plans.accepts(child, text):
                value[name] = text
        return value

    def owners(self, place: str, above: int = 2) -> tuple[str, ...]:
        """Names for the object at a place: of its schemas, of the member that it is, and of the whole value."""
        holder = self.open[-above:][:1]
        schemas = [component_of(node.pointer) for plan in holder for node in plan.nodes]
        is_address = any(name in plan.members.named for plan in holder for name in _OF_ADDRESSES)
        named = (*schemas, name_at(place) or self.rng.seed_key.key.partition("/")[0])
        return (*filter(None, named), *(("address",) if is_address else ()))

    def _names(self, plan: ValuePlan, budget: Budget, place: str, attempt: int) -> list[str]:
        members = plan.members
        welcome = (name for name in members.named if name not in members.required and self._welcome(plan, name, budget))
        optional = [*islice(welcome, min(self.size.left, MOST_OPTIONAL))]
        optional = self._thinned(optional, place, attempt)
        containers = [name for name in optional if _is_container(self.plans.member(plan, name))]
        if containers and budget.values - len(members.required) - len(optional) < _FEW * len(containers):
            optional = [name for name in optional if name not in containers]
        required = [*islice(members.required, self.size.left)]
        if len(required) < len(members.required):
            self._lack(plan, is_required=True)
        kept = dict.fromkeys([*required, *optional[: max(0, members.most - len(required))]])
        while lacking := [name for name in kept if not kept.keys() >= {*members.needs.get(name, ())}]:
            for name in lacking:
                needed = dict.fromkeys(members.needs[name])
                possible = not any(self.plans.member(plan, other).impossible for other in needed)
                if possible and len(kept | needed) <= members.most:
                    kept |= needed
                elif name in members.required:
                    raise Impossible(plan.pointer, f"what {name!r} needs beside it cannot be there")
                else:
                    kept.pop(name, None)
        listed = [name for name in (*members.named, *members.required) if name in kept]
        return [*dict.fromkeys([*listed, *kept])]

    def _thinned(self, names: list[str], place: str, attempt: int) -> list[str]:
        """Fewer optional members in some of the later attempts, none in a minimal one."""
        if self.options.minimal or attempt % 4 == 3:
            return []
        if attempt % 4 == 2:
            rng = self.rng.move(f"{place}|members")
            return [name for name in names if rng.getrandbits(1)]
        return names

    def _welcome(self, plan: ValuePlan, name: str, budget: Budget) -> bool:
        child = self.plans.member(plan, name)
        if child.impossible or child.beyond or self.hidden(child) or child in self.open:
            return False
        if plan.members.names and not all(self.plans.fitting(node)(name) for node in plan.members.names):
            return False
        return self.plans.fits(child, max(1, budget.levels - 1))

    def hidden(self, child: ValuePlan) -> bool:
        """Whether a member must not appear in a message of this direction."""
        return child.write_only if self.options.direction == "response" else child.read_only

    def _tag(self, plan: ValuePlan, name: str, child: ValuePlan) -> str | None:
        """The discriminator's value that names this object's schema."""
        families = plan.tags.get(name)
        if families is None:
            return None
        tag = _tag_in(families, "") or next(
            (tag for at in plan.seen if (tag := _tag_in(families, at) or component_of(at))), ""
        )
        fits = "string" in child.types if child.enum is None else any(same(tag, item) for item in child.enum)
        return tag if tag and fits and self.plans.accepts(child, tag) else None

    def _more_names(self, plan: ValuePlan, place: str, budget: Budget, names: list[str]) -> list[str]:
        """Names that no schema lists: as many as `minProperties` requires, a few for a map."""
        members = plan.members
        missing = min(members.least, self.size.left) - len(names)
        typed = any(node.schema is not True for _, _, node in members.others)
        is_map = not members.named and (typed or bool(members.patterns))
        if is_map and not self.options.minimal and budget.levels > 1 and budget.values > 1:
            wanted = 1 if self.options.static else self.rng.move(f"{place}|count").randint(1, _FEW)
            missing = max(missing, min(wanted, members.most) - len(names))
        if missing <= 0:
            self._lack(plan, len(names) < members.least)
            return []
        found: dict[str, None] = {}
        for name in self._invented(plan, place, names):
            child = self.plans.member(plan, name)
            if (
                name in names
                or name in found
                or child.impossible
                or not self._may_grow(child, budget, len(names), plan)
            ):
                continue
            found[name] = None
            if len(found) == missing:
                break
        if len(found) < missing and len(names) + len(found) < members.least:
            raise Impossible(plan.pointer, f"no {members.least} names were found for its members")
        self._lack(plan, len(names) + len(found) < members.least)
        return [*found]

    def _may_grow(self, child: ValuePlan, budget: Budget, count: int, plan: ValuePlan) -> bool:
        if count < plan.members.least:
            return True
        return child not in self.open and self.plans.fits(child, max(1, budget.levels - 1))

    def _invented(self, plan: ValuePlan, place: str, taken: list[str]) -> Iterator[str]:
        """Candidate names: declared ones left out so far, then by pattern, by `propertyNames`, and free ones."""
        members = plan.members
        yield from (name for name in members.named if name not in taken)
        parts = [part for pattern, _ in members.patterns if (part := _readable(pattern))]
        if members.names:
            yield from self._named(plan, place)
            return
        for number in range(_TRIES + members.least * 2):
            rng = self.rng.move(f"{place}|name{number}")
            for part in parts:
                yield write(part, max(part.least, min(8, part.most)), rng, wild=number > _TRIES)
            yield f"property{number + 1}" if self.options.static else "_".join(words(rng, 1 + number // _TRIES))
            yield f"property{number + 1}"

    def _named(self, plan: ValuePlan, place: str) -> Iterator[str]:
        """Names that `propertyNames` allows."""
        names = self.plans.of((*plan.members.names, made_up("name", type="string")))
        for number in range(_TRIES + plan.members.least * 2):
            yield self.make(names, f"{place}|name", Budget(1, 1), (), number)

    # --- arrays -----------------------------------------------------------------------------------------------------

    def array(self, plan: ValuePlan, place: str, budget: Budget, attempt: int, candidates: Hints) -> Json:
        """An array of the plan: one item or a few, unless the schema requires more."""
        lists = [hint for hint in candidates if isinstance(hint, list)]
        wanted = self._contained(plan, attempt)
        count = self._count(plan, place, budget, attempt, lists, max(wanted, default=-1) + 1)
        inner = Budget(budget.levels - 1, (budget.values - count) // max(1, count))
        value: list[Json] = []
        seen: set[Hashable] = set()
        for index in range(count):
            child = self._item(plan, index, wanted)
            proposed = tuple(hint[index] for hint in lists if index < len(hint))
            needed = index < plan.items.least or bool(wanted)
            if not self.size.left:
                self._lack(plan, needed)
                break
            if not needed and (child in self.open or not self.plans.fits(child, max(1, budget.levels - 1))):
                break
            try:
                value.append(self._added(plan, child, seen, f"{place}/{index}", inner, proposed))
            except Exhausted:
                raise
            except Impossible:
                if needed:
                    raise
                break
        return value

    def _count(
        self, plan: ValuePlan, place: str, budget: Budget, attempt: int, lists: list[Json], contained: int
    ) -> int:
        items = plan.items
        least = max(items.least, contained)
        if self.options.minimal or attempt % 4 == 3 or budget.values < 1:
            return least
        few = max(least, 1, len(items.prefix))
        if lists:
            few = max(few, min(_SHOWN, *map(len, lists)))
        if not self.options.static and not items.prefix and budget.values >= few * _FEW:
            few = self.rng.move(f"{place}|count").randint(few, max(few, _FEW))
        return max(least, min(few, items.most))

    def _contained(self, plan: ValuePlan, attempt: int) -> dict[int, ValuePlan]:
        """The items that `contains` requires, by index: behind the prefix, or within it if they do not fit and in every
        other attempt. In some attempts, every contained item meets all `contains` schemas.
        """
        start = len(plan.items.prefix)
        wanted: dict[int, ValuePlan] = {}
        demands = plan.items.contains
        if attempt % _FEW == _FEW - 1 and demands:
            every = self.plans.together([contains.node for contains in demands])
            demands = [Contains(every, max(contains.few for contains in demands), demands[0].many)]
        for contains in demands:
            free = max([start, *(index + 1 for index in wanted)])
            behind, within = [*range(free, free + contains.few)], [*range(start)]
            places = within + behind if attempt % 2 else behind + within
            fitting = {
                index: both for index in places if self.plans.possible(both := self._both(plan, index, contains))
            }
            if len(fitting) < contains.few:
                raise Impossible(contains.node.pointer, f"no {contains.few} items can be what the array must contain")
            wanted |= dict([*fitting.items()][: contains.few])
        return wanted

    def _both(self, plan: ValuePlan, index: int, contains: Contains) -> ValuePlan:
        """The plan of an item at the index that is also a contained one. If no value can be both, the contained one
        alone, which may be enough since it is evaluated by `contains`.
        """
        both = self.plans.of((*self.plans.item(plan, index).nodes, contains.node))
        known = index < len(plan.items.prefix) or plan.items.rest or self.plans.possible(both)
        return both if known else self.plans.of((contains.node,))

    def _item(self, plan: ValuePlan, index: int, wanted: dict[int, ValuePlan]) -> ValuePlan:
        if index in wanted:
            return wanted[index]
        child = self.plans.item(plan, index)
        full = [contains for contains in plan.items.contains if contains.many <= contains.few]
        if not full:
            return child
        outside = tuple(made_up(f"{c.node.pointer}#outside", not_=reference(c.node)) for c in full)
        return self.plans.of((*child.nodes, *outside))

    def _added(
        self, plan: ValuePlan, child: ValuePlan, seen: set[Hashable], place: str, budget: Budget, candidates: Hints
    ) -> Json:
        """The next item, different from those `seen` if items must be unique."""
        if not plan.items.unique:
            return self.make(child, place, budget, candidates)
        used = self.size.used
        first = len(seen) if child.enum is not None and self.options.static else 0
        for attempt in range(first, first + _TRIES):
            self.size.used = used
            item = self.make(child, place, budget, candidates if not attempt else (), attempt)
            if (key := equality_key(item)) not in seen:
                seen.add(key)
                return item
        raise Impossible(child.pointer, f"no {len(seen) + 1} items were found that all differ")


def name_at(place: str) -> str:
    """The name of the value at a place: the last step that is no number."""
    for step in reversed(place.split("/")):
        step = step.partition("?")[0]
        if step and not step.isdigit():
            return step.replace("~1", "/").replace("~0", "~")
    return ""


def _is_container(child: ValuePlan) -> bool:
    return child.enum is None and bool(child.groups or {"object", "array"} & {*child.types[:1]})


def _tag_in(families: list[Mapping[str, str]], pointer: str) -> str:
    """The tag that the innermost family has for a schema."""
    return next((family[pointer] for family in reversed(families) if pointer in family), "")


def component_of(pointer: str) -> str:
    """The name of the component at the pointer; empty for any other."""
    steps = pointer.split("/")
    return steps[3] if len(steps) == 4 and steps[1:3] == ["components", "schemas"] else ""


def _readable(pattern: str) -> PatternPart | None:
    try:
        return read(pattern)
    except Unreadable:
        return None
