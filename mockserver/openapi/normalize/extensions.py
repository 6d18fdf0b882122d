"""The `x-mock-*` extensions, which correct what is inferred from a document: the values and places each may have. An
extension that is misspelt, misplaced or has another type is reported and removed, so that nothing reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.openapi.normalize.normalizer import ERROR, REMOVED, WARNING, Normalizer, changed, kind_of
from mockserver.openapi.source.pointer import DocumentPath
from mockserver.openapi.source.reference import BOUND, FILES

PREFIX: Final = "x-mock-"
ROLES: Final = (
    "list", "map", "create", "create-many", "upsert-many", "mix-many", "read", "replace", "replace-all", "update",
    "update-many", "delete", "delete-many", "restore", "copy", "count", "act", "act-many", "read-related", "relate",
    "list-entries", "read-entry", "add-entry", "change-entry", "set-entries", "remove-entry", "read-part",
    "set-part", "remove-part", "list-values", "add-values", "set-values", "remove-values", "read-value",
    "set-value", "remove-value", "upload", "download", "erase", "schema",
)  # fmt: skip
LONGEST: Final = 600_000
PAGINGS: Final = ("page", "offset", "cursor", "none")

OPERATION, PATH, SCHEMA = "an operation", "a path item", "a schema"


class Extension(NamedTuple):
    """One extension: a description of the `expected` value, a check of the value, and the places where
    it is allowed.
    """

    expected: str
    fits: Callable[[Json], bool]
    places: tuple[str, ...] = (OPERATION, PATH)


def _is_name_or_false(value: Json) -> bool:
    return value is False or (type(value) is str and bool(value))


def _is_count(value: Json) -> bool:
    return type(value) is int and value >= 0


def _is_time(value: Json) -> bool:
    return type(value) in (int, float) and 0 <= value <= LONGEST


def _one_of(*known: str) -> Callable[[Json], bool]:
    return lambda value: type(value) is str and value in known


EXTENSIONS: Final[Mapping[str, Extension]] = {
    "x-mock-collection": Extension("a name or false", _is_name_or_false),
    "x-mock-id": Extension(
        "the name of a member, or a pointer such as /metadata/name",
        lambda value: type(value) is str and bool(value.strip("/")),
        (OPERATION, PATH, SCHEMA),
    ),
    "x-mock-parent": Extension("a name or false", _is_name_or_false),
    "x-mock-role": Extension(f"one of {', '.join(ROLES)}", _one_of(*ROLES)),
    "x-mock-paging": Extension(f"one of {', '.join(PAGINGS)}", _one_of(*PAGINGS)),
    "x-mock-seeds": Extension("a whole number from 0", _is_count),
    "x-mock-missing-references": Extension("refuse or accept", _one_of("refuse", "accept")),
    "x-mock-references": Extension("a collection's name or false", _is_name_or_false, (SCHEMA,)),
    "x-mock-delay": Extension(f"a number of milliseconds from 0 to {LONGEST}", _is_time),
}
"""The meaning of each is described in mockserver/resources/README.md."""

_NAMES: Final = {name.removeprefix(PREFIX): name for name in EXTENSIONS}
_LIKE_OURS: Final = re.compile(r"x[-_]?mock[-_]+(.*)", re.IGNORECASE | re.DOTALL)
_NEAR_WITH_PREFIX, _NEAR = 0.6, 0.9
"""The minimum similarity of a misspelt name that begins with the prefix, and of any other."""


def sound(normalizer: Normalizer, node: Json, location: DocumentPath, place: str) -> Json:
    """The object without the extensions that are invalid there, each of which is reported; messages call the object
    `place`.
    """
    names = "\n".join(("", *node))  # Few objects have an extension, and this tells so several times faster than a loop.
    if "\nx" not in names and "\nX" not in names:
        return node
    strange = {
        name: REMOVED
        for name in node
        if name[:1] in "xX" and not _counts(normalizer, name, node[name], location, place)
    }
    return changed(node, strange) if strange else node


def _counts(normalizer: Normalizer, name: str, value: Json, location: DocumentPath, place: str) -> bool:
    """Whether the member is not one of these extensions, or a valid one; else it is reported."""
    extension = EXTENSIONS.get(name)
    if extension is None:
        return not _is_misspelt(normalizer, name, location)
    if place not in extension.places:
        normalizer.diagnostic(
            (location, name), f"`{name}` counts for nothing in {place}; it stands in {_either(extension.places)}"
        )
    elif not extension.fits(value):
        normalizer.diagnostic(
            (location, name), f"`{name}` is expected to be {extension.expected}; got {_abridged(value)}"
        )
    else:
        return True
    return False


def _is_misspelt(normalizer: Normalizer, name: str, location: DocumentPath) -> bool:
    is_ours, nearest = _nearest(name)
    if not is_ours or name in (FILES, BOUND):
        return False
    hint = f"; did you mean `{nearest}`?" if nearest else "."
    message = f"`{name}` is no key of the mock's{hint} It knows {', '.join(EXTENSIONS)}"
    normalizer.diagnostic((location, name), message, ERROR if nearest else WARNING)
    return True


@lru_cache(maxsize=1_000)
def _nearest(name: str) -> tuple[bool, str]:
    """Whether the name resembles one of the extensions, and the nearest one if there is one."""
    if like := _LIKE_OURS.fullmatch(name):
        near = get_close_matches(like[1].lower().replace("_", "-"), _NAMES, 1, _NEAR_WITH_PREFIX)
        return True, _NAMES[near[0]] if near else ""
    near = get_close_matches(name.lower(), EXTENSIONS, 1, _NEAR)
    return bool(near), near[0] if near else ""


def _either(places: tuple[str, ...]) -> str:
    return " or ".join((", ".join(places[:-1]), places[-1]))


def _abridged(value: Json) -> str:
    return f"{kind_of(value)}: {value!r}"[:80] if type(value) in (str, int, float) else kind_of(value)
