"""The files of one API: a bundled one, a user's folder, or a document alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NamedTuple

from mockserver.engine.api import Api
from mockserver.engine.assumptions import read_assumptions
from mockserver.engine.shipped import shipped
from mockserver.problem import Unusable
from mockserver.server.loading.user_code import run_file, telling_failures
from mockserver.vendors import APIS

DOCUMENTS: Final = ("openapi.yaml", "openapi.yml", "openapi.json")
RECORDS, ASSUMPTIONS, CODE = "records.yaml", "assumptions.yaml", "api.py"
_SUFFIXES: Final = frozenset({".yaml", ".yml", ".json", ".py"})


class ApiFiles(NamedTuple):
    """The files of one API; None for a missing one. `is_bundled`: the API comes with this package."""

    document: Path
    records: Path | None = None
    assumptions: Path | None = None
    code: Path | None = None
    is_bundled: bool = False

    @property
    def beside(self) -> tuple[Path, ...]:
        """The files beside the document, including the modules beside the code."""
        own = (self.records, self.assumptions, *(sorted(self.code.parent.glob("*.py")) if self.code else ()))
        return tuple(file for file in own if file is not None)


def files_of_api(name: str, path: Path | None) -> ApiFiles:
    """The files of the bundled API with this name, of the folder at `path`, or of the document there.
    Raises Unusable.
    """
    if path is None:
        return ApiFiles(shipped("specs", name), shipped("fixtures", name), is_bundled=True)
    return _files_in(path) if path.is_dir() else ApiFiles(path)


def _files_in(folder: Path) -> ApiFiles:
    document = next((folder / name for name in DOCUMENTS if (folder / name).is_file()), None)
    if document is None:
        raise Unusable(
            f"the folder {str(folder)!r} has no openapi.yaml; expected openapi.yaml, and beside it, as needed, "
            f"{RECORDS}, {ASSUMPTIONS} and {CODE}"
        )
    for seen, meant in _misspelt(folder):
        raise Unusable(f"{str(folder / seen)!r} is not read; rename it to {meant}, or to something else altogether")
    found = {name: folder / name for name in (RECORDS, ASSUMPTIONS, CODE) if (folder / name).is_file()}
    return ApiFiles(document, found.get(RECORDS), found.get(ASSUMPTIONS), found.get(CODE))


def _misspelt(folder: Path) -> Iterator[tuple[str, str]]:
    """Files whose names resemble that of a missing one."""
    missing = [name for name in (RECORDS, ASSUMPTIONS, CODE) if not (folder / name).exists()]
    for file in sorted(folder.iterdir()):
        if file.suffix in _SUFFIXES and (near := get_close_matches(file.name, missing, 1, 0.8)):
            yield file.name, near[0]


def load_api(name: str, files: ApiFiles) -> Api:
    """The API as its code and data define it, without what its document implies. Raises Unusable."""
    api = APIS[name] if files.is_bundled else _api_in(files.code) if files.code else Api()
    assumed = (*api.assumptions, *(read_assumptions(files.assumptions) if files.assumptions else ()))
    return replace(api, name=name, records=files.records, assumptions=assumed)


def _api_in(file: Path) -> Api:
    """The value `API` of a Python file. Raises Unusable."""
    module = run_file(file)
    with telling_failures(file):
        api = getattr(module, "API", None)
        if isinstance(api, Api):
            return replace(api, handlers={**api.handlers}, assumptions=(*api.assumptions,))
    seen = "no API" if api is None else f"an API that is a {type(api).__name__}"
    raise Unusable(f"has {seen}; expected API = Api(handlers={{...}}), with Api from mockserver", where=str(file))
