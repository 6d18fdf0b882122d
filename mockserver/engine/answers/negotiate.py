"""Chooses the media type that a client prefers: `Accept: text/html, application/*;q=0.5`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from mockserver.openapi.model.media_type import MediaType, distinguishing, media_type


class MediaRange(NamedTuple):
    """One media range of the header with its quality, from 0 to 1."""

    wanted: MediaType
    quality: float


def best(accept: str, offered: Iterable[str]) -> str | None:
    """The media type that the header likes best, of equals the first; None where it takes none of them.

    No header takes anything. Parameters count where media types of one name are offered with them: `version=2` takes
    what is offered as that, and `version=9` neither version.
    """
    types = tuple(offered)
    if not accept or accept == "*/*":
        return types[0] if types else None
    return _best(accept, types)


def prefers_html(accept: str) -> bool:
    """Whether the client would rather have a page than JSON, as browsers say of what they navigate to."""
    return best(accept, ("application/json", "text/html")) == "text/html"


@lru_cache(maxsize=256)
def _best(accept: str, types: tuple[str, ...]) -> str | None:
    ranges = ranges_of(accept)
    each = [media_type(name) for name in types]
    ranked = [(_quality(ranges, one, each), -number, types[number]) for number, one in enumerate(each)]
    quality, _, name = max(ranked, default=(0.0, 0, ""))
    return name if quality > 0 else None


@lru_cache(maxsize=256)
def ranges_of(accept: str) -> tuple[MediaRange, ...]:
    """The parts of the header, in their order."""
    return tuple(_range(part) for part in _PARTS.findall(accept) if part.partition(";")[0].strip())


_PARTS: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,"]|")+')
"""What stands between commas that are not in quotes."""


def _range(part: str) -> MediaRange:
    wanted = media_type(part.strip())
    parameters = dict(wanted.parameters)
    quality = parameters.pop("q", "1")
    try:
        return MediaRange(wanted._replace(parameters=parameters), float(quality))
    except ValueError:
        return MediaRange(wanted._replace(parameters=parameters), 0.0)


def _quality(ranges: tuple[MediaRange, ...], offered: MediaType, every: list[MediaType]) -> float:
    """What the most exact range says that fits; a media type that is a range itself fits whatever it covers."""
    exactness, quality = (-1, -1), 0.0
    for wanted, says in ranges:
        if not (_covers(wanted.name, offered.name) or _covers(offered.name, wanted.name)):
            continue
        counted: frozenset[str] = frozenset()
        if wanted.parameters:
            counted = distinguishing(one for one in every if one.name == offered.name) & wanted.parameters.keys()
            if not offered.agrees(wanted.parameters, counted):
                continue
        exact = 2 - wanted.name.count("*"), len(counted)
        if exact > exactness:
            exactness, quality = exact, says
    return quality


def _covers(wide: str, narrow: str) -> bool:
    return wide in ("*/*", narrow) or (wide.endswith("/*") and narrow.startswith(wide[:-1]))


def covered(accept: str, declared: str) -> str | None:
    """The first media type that the header names and the declared range covers; None where it names none."""
    wide = media_type(declared).name
    found = (
        one for one in ranges_of(accept) if one.quality > 0 and "*" not in one.wanted.name and "/" in one.wanted.name
    )
    liked = sorted((one for one in found if _covers(wide, one.wanted.name)), key=lambda one: -one.quality)
    return liked[0].wanted.name if liked else None
