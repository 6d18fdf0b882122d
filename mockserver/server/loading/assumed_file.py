"""Reads a file of options of assumptions, as `mockserver assumptions --write` makes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from mockserver.json_pointer import escaped
from mockserver.openapi.source.source import Source, read
from mockserver.problem import Unusable
from mockserver.vendors import APIS


def assumed_of(files: Sequence[str], switched: Mapping[str, str], served: Collection[str]) -> dict[str, str]:
    """The options of assumptions that the files say, then those that were switched, which win. What the files say of
    bundled APIs that are not among those that are served is left out. Raises Unusable.
    """
    said = {name: option for file in files for name, option in read_assumed(Path(file)).items()}
    others = {name for name in said if (api := name.partition(".")[0]) not in served and api in APIS}
    return {**{name: option for name, option in said.items() if name not in others}, **switched}


def read_assumed(path: Path) -> dict[str, str]:
    """Maps `api.name` to an option, for each line of the file; a file of comments alone has none. Raises Unusable with
    file, line and mistake; names of a document of yours are looked up when it is served.
    """
    source = None if _is_only_comments(path) else read(path, strict=True)
    if source is None or source.value is None:
        return {}
    if not isinstance(source.value, dict):
        raise Unusable("expected a mapping such as `xqr.unknown-ids: refuse`", where=str(path))
    for name, option in source.value.items():
        _check(source, name, option)
    return dict(source.value)


def _is_only_comments(path: Path) -> bool:
    """Whether a file says nothing, as one has it that was written where nothing was settled."""
    try:
        with path.open(encoding="utf-8") as file:
            return all(line.lstrip("\ufeff").strip() == "" or line.lstrip().startswith("#") for line in file)
    except (OSError, ValueError):
        return False


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
