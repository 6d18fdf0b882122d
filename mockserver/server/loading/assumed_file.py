"""Reads a file of options of assumptions, as `mockserver assumptions --write` makes it."""

from __future__ import annotations

from pathlib import Path

from mockserver.json_pointer import escaped
from mockserver.openapi.source.source import Source, read
from mockserver.problem import Unusable
from mockserver.vendors import APIS


def read_assumed(path: Path) -> dict[str, str]:
    """Maps `api.name` to an option, for each line of the file. Raises Unusable with file, line and mistake; names of a
    document of yours are looked up when it is served.
    """
    source = read(path, strict=True)
    if source.value is None:
        return {}
    if not isinstance(source.value, dict):
        raise Unusable("expected a mapping such as `xqr.unknown-ids: refuse`", where=str(path))
    for name, option in source.value.items():
        _check(source, name, option)
    return dict(source.value)


def _check(source: Source, name: str, option: object) -> None:
    where = f"{source.name}:{source.line(f'/{escaped(name)}')}"
    api, dot, assumption = name.partition(".")
    if not dot or not isinstance(option, str):
        seen = f"{name}: {option!r}"
        raise Unusable(
            f'{seen}; expected api.name and an option as a text, such as `xqr.unknown-ids: "refuse"`', where=where
        )
    if api in APIS:
        try:
            APIS[api].choose({assumption: option})
        except Unusable as error:
            raise Unusable(str(error), where=where) from None
