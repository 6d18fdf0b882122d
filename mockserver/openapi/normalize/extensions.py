"""The extensions `x-mock-*`, by which a document or its overlay corrects what is inferred from it: what each may hold,
and where it stands. One that is misspelt, misplaced or of another kind is noted and left out, so that nobody reads it.
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
    """One key: what its value is `expected` to be, whether a value `fits`, and the places where it counts."""

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
"""What each says is told in engine/infer/README.md."""

_NAMES: Final = {name.removeprefix(PREFIX): name for name in EXTENSIONS}
_LIKE_OURS: Final = re.compile(r"x[-_]?mock[-_]+(.*)", re.IGNORECASE | re.DOTALL)
_MEANT_BELOW, _MEANT = 0.6, 0.9
"""How near a name has to be that begins as ours do, and one that does not."""


def sound(normalizer: Normalizer, node: Json, location: DocumentPath, place: str) -> Json:
    """The object without the extensions that count for nothing there, each of which is noted. `place` says in messages
    what the object is.
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
    """Whether it is none of ours, or can be used; else it is noted."""
    extension = EXTENSIONS.get(name)
    if extension is None:
        return not _is_misspelt(normalizer, name, location)
    if place not in extension.places:
        normalizer.diagnostic(
            (location, name), f"`{name}` counts for nothing in {place}; it stands in {_either(extension.places)}"
        )
    elif not extension.fits(value):
        normalizer.diagnostic((location, name), f"`{name}` is expected to be {extension.expected}; got {_shown(value)}")
    else:
        return True
    return False


def _is_misspelt(normalizer: Normalizer, name: str, location: DocumentPath) -> bool:
    is_ours, meant = _meant(name)
    if not is_ours or name in (FILES, BOUND):
        return False
    hint = f"; did you mean `{meant}`?" if meant else "."
    message = f"`{name}` is no key of the mock's{hint} It knows {', '.join(EXTENSIONS)}"
    normalizer.diagnostic((location, name), message, ERROR if meant else WARNING)
    return True


@lru_cache(maxsize=1_000)
def _meant(name: str) -> tuple[bool, str]:
    """Whether the name is like one of ours, and the one that is nearest, if one is near."""
    if like := _LIKE_OURS.fullmatch(name):
        near = get_close_matches(like[1].lower().replace("_", "-"), _NAMES, 1, _MEANT_BELOW)
        return True, _NAMES[near[0]] if near else ""
    near = get_close_matches(name.lower(), EXTENSIONS, 1, _MEANT)
    return bool(near), near[0] if near else ""


def _either(places: tuple[str, ...]) -> str:
    return " or ".join((", ".join(places[:-1]), places[-1]))


def _shown(value: Json) -> str:
    return f"{kind_of(value)}: {value!r}"[:80] if type(value) in (str, int, float) else kind_of(value)
