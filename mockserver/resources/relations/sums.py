"""Sums that follow from other members: the amount of a line, the subtotal of lines, the total with tax."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.names import named
from mockserver.resources.detect.schema_shape import SchemaPlace, SchemaShape
from mockserver.spelling import plain

_QUANTITIES: Final = named("quantity qty units amountordered quantityordered")
_PRICES: Final = named("unitprice price unitamount priceperunit pricepaid unitcost unitpricecents pricecents")
_LINES: Final = named("total linetotal subtotal amount totalprice lineamount totalamount extendedprice sum totalcents")
_SUBTOTALS: Final = named("subtotal subtotalamount subtotalprice nettotal netamount itemstotal subtotalcents")
_ADDED: Final = named(
    "tax taxes vat taxamount totaltax taxtotal vatamount shipping shippingcost shippingamount shippingfee",
    "shippingtotal deliveryfee tip servicefee taxcents shippingcents",
)
_TAKEN: Final = named("discount discountamount discounttotal totaldiscount discountcents")
_TOTALS: Final = named(
    "total totalamount totalprice grandtotal grosstotal grossamount amounttotal ordertotal sum totalcents totalsum"
)
_CENT: Final = Decimal("0.01")
_MOST: Final = 10**15
_WRITTEN: Final = frozenset({float, str})
"""Types of values other than whole numbers that may be amounts."""


@dataclass(frozen=True)
class Sums:
    """The sums among the members of records of one schema."""

    context: ResourceContext
    record: SchemaShape
    has_lines: bool = False
    """Whether lines are records of their own."""

    def __bool__(self) -> bool:
        return self._has_any

    @cached_property
    def _has_any(self) -> bool:
        return bool(self._lists or self._subtotal or (self._total and (self._added or self.has_lines)) or self._line)

    @property
    def names(self) -> frozenset[str]:
        """The plain names of the members that are sums."""
        return frozenset(map(plain, (self._subtotal, self._total, self._line))) - {""}

    @cached_property
    def is_line(self) -> bool:
        """Whether a record has a quantity and a price."""
        return bool(_one(self.record, _QUANTITIES) and _one(self.record, _PRICES))

    @cached_property
    def _line(self) -> str:
        """The amount member of a record that has a quantity and a price."""
        return _one(self.record, _LINES) if self.is_line and not (self._subtotal or self._lists) else ""

    def with_sums(
        self, record: dict[str, Json], sent: Mapping[str, Json], amounts: list[Decimal] | None = None
    ) -> dict[str, Json]:
        """Returns the record with sums that agree; members that were `sent` stay, and so do those that cannot be
        derived. `amounts` are those of lines which are records of their own.
        """
        if not self._has_any:
            return record
        if self._line:
            line = self._as_line.with_sums(record, sent)
            return record if line is None else line[0]
        result = dict(record)
        lines: list[Decimal] = []
        for name, line_of in self._lists:
            if isinstance(result.get(name), list):
                result[name], known = _lined(line_of, result[name], sent.get(name))
                lines += known
        whole = sum(lines, Decimal(0)) if lines else None
        whole = whole if amounts is None else sum(amounts, Decimal(0))
        if self._subtotal and whole is not None:
            result |= self._sum_member(result, self._subtotal, whole, sent)
        if self._total and self._total in result:
            base = _number(result.get(self._subtotal)) if self._subtotal else whole
            if base is not None:
                added = sum((_number(result.get(name)) or Decimal(0) for name in self._added), Decimal(0))
                deducted = sum((_number(result.get(name)) or Decimal(0) for name in self._taken), Decimal(0))
                result |= self._sum_member(result, self._total, base + added - min(deducted, base), sent)
        return result

    @cached_property
    def _as_line(self) -> _Line:
        """The record where it is a line itself."""
        return _Line(self.context, self.record)

    @cached_property
    def _lists(self) -> list[tuple[str, _Line]]:
        """Lists of lines, each of which has a quantity and a price."""
        shapes = self.context.shapes
        member = ((name, shapes.items(shapes.member(self.record, name))) for name in self.record.members)
        lines = ((name, _Line(self.context, items)) for name, items in member)
        return [(name, line) for name, line in lines if line.quantity and line.price]

    @cached_property
    def _subtotal(self) -> str:
        return _one(self.record, _SUBTOTALS)

    @cached_property
    def _total(self) -> str:
        found = (name for name in self.record.members if plain(name) in _TOTALS and name != self._subtotal)
        return next(found, "") if self._subtotal or self._lists or self.has_lines else ""

    @cached_property
    def _added(self) -> tuple[str, ...]:
        return tuple(name for name in self.record.members if plain(name) in _ADDED)

    @cached_property
    def _taken(self) -> tuple[str, ...]:
        return tuple(name for name in self.record.members if plain(name) in _TAKEN)

    def _sum_member(
        self, record: Mapping[str, Json], name: str, value: Decimal, sent: Mapping[str, Json]
    ) -> dict[str, Json]:
        if name not in record or name in sent:
            return {}
        return _as(self.context, self.record.members[name], name, value)


def amount_of(context: ResourceContext, shape: SchemaShape, line: Mapping[str, Json]) -> Decimal | None:
    """Returns quantity times price of a record; None where one is unknown."""
    stated = _number(line.get(_one(shape, _LINES)))
    if stated is not None:
        return stated
    result = _Line(context, shape).with_sums(line, {})
    return None if result is None else result[1]


class _Line:
    """The members of lines of one shape: their `quantity`, their `price` and their amount."""

    def __init__(self, context: ResourceContext, shape: SchemaShape) -> None:
        self._context = context
        self._shape = shape
        self.quantity, self.price = (_one(shape, names) for names in (_QUANTITIES, _PRICES))
        self._amounts = [name for name in shape.members if plain(name) in _LINES]
        self.states_amounts = bool(self._amounts)
        self._factors = frozenset((self.quantity, self.price))

    def product(self, line: Mapping[str, Json]) -> Decimal | None:
        """Returns quantity times price; None where one is unknown, or the amount has too many digits."""
        price = _number(line.get(self.price))
        quantity = None if price is None else _number(line.get(self.quantity))
        if quantity is None or price is None:
            return None
        product = quantity * price
        return product.quantize(_CENT) if -_MOST < product < _MOST else None

    def products(self, lines: list[Json]) -> list[Decimal]:
        """Returns quantity times price of each line; none where one of them is unknown."""
        if not all(isinstance(line, dict) and self._factors <= line.keys() for line in lines):
            return []
        found = [product for line in lines if (product := self.product(line)) is not None]
        return found if len(found) == len(lines) else []

    def with_sums(self, line: Mapping[str, Json], sent: Mapping[str, Json]) -> tuple[dict[str, Json], Decimal] | None:
        """Returns a line with its amount; None where that cannot be derived."""
        amount = self.product(line)
        if amount is None:
            return None
        name = next((name for name in self._amounts if name in line), "")
        if not name:
            return dict(line), amount
        if name in sent:
            return dict(line), amount if (stated := _number(line[name])) is None else stated
        result = _as(self._context, self._shape.members[name], name, amount)
        return ({**line, **result}, amount) if result else None


def _lined(line_of: _Line, lines: list[Json], sent: Json) -> tuple[list[Json], list[Decimal]]:
    """Returns the lines with their amounts, and these; no amounts where one cannot be derived."""
    if not line_of.states_amounts:
        return lines, line_of.products(lines)
    found, amounts = [], []
    given = sent if isinstance(sent, list) else []
    for number, line in enumerate(lines):
        stated = given[number] if number < len(given) and isinstance(given[number], dict) else {}
        result = line_of.with_sums(line, stated) if isinstance(line, dict) else None
        found.append(line if result is None else result[0])
        amounts += [] if result is None else [result[1]]
    return found, amounts if len(amounts) == len(lines) else []


def _one(shape: SchemaShape, names: frozenset[str]) -> str:
    return next((name for name in shape.members if plain(name) in names), "")


def _number(value: Json) -> Decimal | None:
    kind = type(value)
    if kind is int:
        return Decimal(value) if -_MOST < value < _MOST else None
    if kind not in _WRITTEN:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < _MOST else None


def _as(context: ResourceContext, place: SchemaPlace, name: str, value: Decimal) -> dict[str, Json]:
    """Returns the member with the amount in the type of its schema; empty where the schema refuses it."""
    accepts = context.accepts(place.pointer)
    return next(({name: result} for result in _written(value) if accepts(result)), {})


def _written(value: Decimal) -> Iterator[Json]:
    exact = value.quantize(_CENT)
    if exact == exact.to_integral_value():
        yield int(exact)
    yield float(exact)
    yield str(exact)
