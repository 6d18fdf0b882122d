"""Immutable records, so that a reader cannot change the world."""

from __future__ import annotations

from typing import Any, NoReturn

Id = str | int
"""Identifies a record within its collection."""


class Record(dict[str, Any]):
    """An immutable JSON object; `{**record}` is a mutable copy. `birth` orders the records of a collection."""

    __slots__ = ("birth",)
    birth: int

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a record is a value: write through the collection, or copy it with {**record}")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse


class Items(list[Any]):
    """An immutable JSON array; `[*items]` is a mutable copy."""

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a record is a value: write through the collection, or copy it with [*items]")

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = pop = remove = clear = sort = reverse = _refuse


def freeze(value: Any) -> Any:
    """The same JSON value, immutable at every level; frozen parts are not copied."""
    kind = type(value)
    if kind is dict:
        record = Record(value)
        for name, member in value.items():
            if type(member) in _OPEN:
                dict.__setitem__(record, name, freeze(member))
        return record
    if kind is list or kind is tuple:
        return Items(map(freeze, value))
    return value


_OPEN = {dict, list, tuple}
