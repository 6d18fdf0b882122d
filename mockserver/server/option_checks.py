"""Refuses options of a wrong type or value, as the command line does, before they become failures of requests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from mockserver.engine.expected_values import TEXT, TRUTH, ExpectedValue, are_texts, is_number, is_whole_number
from mockserver.problem import Unusable
from mockserver.state.clock import LONGEST_DELAY


def _one_of(*words: str) -> ExpectedValue:
    return ExpectedValue(lambda value: isinstance(value, str) and value in words, " or ".join(map(repr, words)))


def _is_list(value: Any, kinds: Any = str) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, (str, bytes))
        and all(isinstance(one, kinds) for one in value)
    )


_PATH: Final = (str, os.PathLike)
_FILE: Final = ExpectedValue(lambda value: isinstance(value, _PATH), "a path")
_TEXTS: Final = ExpectedValue(_is_list, 'a list of texts, such as ["…"]')
_FILES: Final = ExpectedValue(lambda value: _is_list(value, _PATH), 'a list of files, such as ["…"]')
_COUNT: Final = ExpectedValue(lambda value: is_whole_number(value) and value >= 0, "a whole number from 0")

_EXPECTED: Final[Mapping[str, ExpectedValue]] = {
    "apis": _FILES,
    "seed": ExpectedValue(is_whole_number, "a whole number"),
    "enforce_limits": TRUTH,
    "errors": TRUTH,
    "assume": ExpectedValue(
        are_texts,
        'a mapping such as {"api.name": "option"}',
    ),
    "assume_from": _FILES,
    "journal": _COUNT,
    "admin_token": TEXT,
    "host": TEXT,
    "allow_hosts": _TEXTS,
    "dynamic": TRUTH,
    "seeds": _COUNT,
    "overlays": _FILES,
    "root": _FILE,
    "handlers": _FILES,
    "state": TRUTH,
    "cors": TEXT,
    "delay": ExpectedValue(
        lambda value: is_number(value) and 0 <= value <= LONGEST_DELAY * 1000,
        f"milliseconds as a number from 0 to {LONGEST_DELAY * 1000:.0f}",
    ),
    "fail": _TEXTS,
    "security": _one_of("off", "present", "check"),
    "credentials": _FILE,
    "trust_proxy": _one_of("local", "any", "off"),
    "expire_worlds": ExpectedValue(
        lambda value: value is None or (is_number(value) and value > 0), "seconds as a number above 0, or None"
    ),
    "allow_shutdown": TRUTH,
    "store": TEXT,
    "store_prefix": TEXT,
    "durability": _one_of("normal", "full"),
}  # fmt: skip


def refuse_wrong_values(options: Mapping[str, Any]) -> None:
    """Raises Unusable for the first option whose value is none that it takes: what was seen, what was expected."""
    for name, value in options.items():
        if not _EXPECTED[name].is_met(value):
            raise Unusable(f"the option {name}: {_EXPECTED[name].told(value)}")


def refuse_unknown_options(names: Iterable[str], whose: str, beside: Sequence[str] = ()) -> None:
    """Raises Unusable with the nearest options for what is none of `whose`; `beside` are options of its own."""
    __tracebackhide__ = True
    known = [*beside, *(name for name in _EXPECTED if name != "apis")]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 3, 0.5) or known
            raise Unusable(f"{whose} has no option {name!r}; the nearest: {', '.join(near)}")


def is_option(name: str) -> bool:
    """Whether there is an option of this name."""
    return name in _EXPECTED
