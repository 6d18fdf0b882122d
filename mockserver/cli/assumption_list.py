"""Lists the choices that documents leave open, for `mockserver assumptions`."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

import click

from mockserver.engine.assumptions import Assumption
from mockserver.problem import Unusable
from mockserver.vendors import APIS

Named = tuple[str, Assumption]
"""The name of an API, and one of its assumptions."""


def named_assumptions(apis: Sequence[str], root: str) -> Iterator[Named]:
    """Each assumption with the name of its API. Raises Unusable."""
    from mockserver.server import Options, load_services
    from mockserver.server.loading.selection import select

    for name, path in select(apis).items():
        api = APIS[name] if path is None else load_services(Options(apis=(f"{name}={path}",), root=root))[name].api
        yield from ((name, assumption) for assumption in api.assumptions)


def has_word(named: Named, word: str) -> bool:
    """Whether the word is in the name or in a text of the assumption, whatever its case."""
    name, found = named
    options = (f"{option} {effect}" for option, effect in found.options.items())
    return word.lower() in " ".join((f"{name}.{found.name}", found.question, found.probe, *options)).lower()


def list_assumptions(found: Sequence[Named], switched: Mapping[str, str], *, short: bool, as_json: bool) -> None:
    """Prints the assumptions: a line each if `short`. `switched` maps `api.name` to the option that holds in the place
    of the default.
    """
    held = {f"{name}.{one.name}": switched.get(f"{name}.{one.name}", one.default) for name, one in found}
    if as_json:
        rows = [
            {
                "name": f"{name}.{found.name}", "question": found.question, "options": dict(found.options),
                "default": found.default, "probe": found.probe,
            }
            for name, found in found
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2))
    elif short:
        width = max((len(f"{name}.{one.name}") for name, one in found), default=0)
        for name, one in found:
            holds = held[f"{name}.{one.name}"]
            others = " | ".join(option for option in one.options if option != holds)
            click.echo(f"{f'{name}.{one.name}':<{width}}  {holds} | {others}")
    else:
        for name, one in found:
            _tell(name, one, held[f"{name}.{one.name}"])


def refuse_unknown_names(every: Iterable[Named], switched: Mapping[str, str]) -> None:
    """Raises Unusable for an option of an assumption that is not there."""
    known = {f"{name}.{one.name}": one for name, one in every}
    for name, option in switched.items():
        if name not in known:
            near = ", ".join(get_close_matches(name, known, 3)) or "none is called like it"
            raise Unusable(f"there is no assumption {name!r}; the nearest: {near}")
        if option not in known[name].options:
            raise Unusable(f"{name} has no option {option!r}; it has {', '.join(known[name].options)}")


def _tell(name: str, found: Assumption, holds: str) -> None:
    click.echo(f"{name}.{found.name}")
    click.echo(_wrapped(found.question, "  "))
    for option, effect in found.options.items():
        mark = "*" if option == holds else " "
        click.echo(_wrapped(f"{mark} {option}: {effect}", "  ", "      "))
    click.echo(_wrapped(f"To settle it: {found.probe}", "  ", "    ") + "\n")


def _wrapped(text: str, indent: str, further: str = "") -> str:
    return textwrap.fill(text, 100, initial_indent=indent, subsequent_indent=further or indent, break_on_hyphens=False)
