"""The selection of APIs to serve: bundled ones by name, others by folder or document file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mockserver.openapi.source.source import STDIN
from mockserver.problem import Unusable
from mockserver.vendors import APIS

Selection = Mapping[str, Path | None]
"""Maps the name of each served API to its folder or document file; None for a bundled one."""

CONTROL = "__admin"


def select(wanted: Iterable[str]) -> Selection:
    """Resolves each of `wanted`: the name of a bundled API, a folder, a file, `-` for standard input, or `name=` before
    one of these.

    Raises Unusable for anything else, and for duplicate names.
    """
    selection: dict[str, Path | None] = {}
    for text in wanted:
        name, file = _entry(text)
        if file == STDIN in selection.values():
            raise Unusable(f"{text}: standard input is read once; one document can come from it")
        if name in selection:
            raise Unusable(f"{text}: {name!r} is served already; give one of them another name, as in other={text}")
        selection[name] = file
    return selection


def files_of(option: str, wanted: Iterable[str], selection: Selection) -> Mapping[str, Sequence[Path]]:
    """The files that an option gives for each API, in order: `api=file`, or a file alone if one API is served. Raises
    Unusable.
    """
    found: dict[str, list[Path]] = {}
    for text in wanted:
        name, equals, rest = text.partition("=")
        file = Path(text)
        if equals and name in selection:
            file = Path(rest)
        elif len(selection) == 1:
            [name] = selection
        else:
            raise Unusable(f"{option} {text}: expected api=file, with an API that is served: {', '.join(selection)}")
        if not file.is_file():
            raise Unusable(f"{option} {text}: {str(file)!r} is no file")
        found.setdefault(name, []).append(file)
    return found


def _entry(text: str) -> tuple[str, Path | None]:
    if text in APIS:
        return text, None
    given, equals, rest = text.partition("=")
    named = equals and _NAME.fullmatch(given) and not Path(text).exists()
    file = Path(rest if named else text)
    if not file.exists() and file != STDIN:
        if "://" in text:
            raise Unusable(f"{text}: addresses are not read; save the document, and give its file")
        raise Unusable(
            f"{str(file)!r} is neither a file, a folder nor a bundled API; expected the file of an OpenAPI document, a "
            f"folder with an openapi.yaml, or one of {', '.join(APIS)}"
        )
    return (given if named else name_of(file)), file


def name_of(file: Path) -> str:
    """A name for the API in this file or folder that fits into a path: `pet-store-v3` for `Pet Store.v3.yaml`."""
    stem = file.resolve().name if file.is_dir() else file.name.removesuffix(file.suffix)
    name = re.sub("[^a-z0-9_]+", "-", stem.lower()).strip("-")
    return name if name and name != CONTROL else "api"


_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_-]*")
