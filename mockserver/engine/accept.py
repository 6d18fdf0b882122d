"""Which of some media types a client takes best: `Accept: text/html, application/*;q=0.5`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


def best(accept: str, offered: Iterable[str]) -> str | None:
    """The media type that the header likes best, of equals the first; None where it takes none of them.

    No header takes anything. Parameters of media types other than `q` are passed over.
    """
    types = tuple(offered)
    if not accept or accept == "*/*":
        return types[0] if types else None
    ranges = _ranges(accept)
    ranked = [(_quality(ranges, _bare(name)), -number, name) for number, name in enumerate(types)]
    quality, _, name = max(ranked, default=(0.0, 0, ""))
    return name if quality > 0 else None


@lru_cache(maxsize=256)
def _ranges(accept: str) -> tuple[tuple[str, float], ...]:
    found = []
    for part in accept.split(","):
        name, *parameters = (text.strip() for text in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter[:2].lower() == "q=":
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        if name:
            found.append((name.lower(), quality))
    return tuple(found)


def _quality(ranges: tuple[tuple[str, float], ...], name: str) -> float:
    """What the most exact range says that fits; a media type that is a range itself fits whatever it covers."""
    exactness, quality = -1, 0.0
    for wanted, says in ranges:
        fits = _covers(wanted, name) or _covers(name, wanted)
        exact = 2 - wanted.count("*")
        if fits and exact > exactness:
            exactness, quality = exact, says
    return quality


def _covers(wide: str, narrow: str) -> bool:
    return wide in ("*/*", narrow) or (wide.endswith("/*") and narrow.startswith(wide[:-1]))


def _bare(name: str) -> str:
    return name.partition(";")[0].strip().lower()
