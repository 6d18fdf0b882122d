"""Spellings of names: the same name in other spellings, its words, the singular of a plural."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_NO_LETTER = re.compile(r"[^a-z0-9]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ODD: Final = {"people": "person", "children": "child", "data": "data", "news": "news", "series": "series"}


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """The name without its spelling: `pet_id`, `petId` and `Pet-ID` are all `petid`."""
    return _NO_LETTER.sub("", name.lower())


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in lower case: `findByStatus` has three."""
    return tuple(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=4096)
def singular(name: str) -> str:
    """One of what a plain plural names: `pets` is `pet`, `companies` is `company`, `addresses` is `address`."""
    if name in _ODD:
        return _ODD[name]
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes", "zes", "uses")):
        return name[:-2]
    if name.endswith("s") and not name.endswith(("ss", "us", "is")):
        return name[:-1]
    return name
