"""Finds the files that a document may refer to: those below its own folder, or below another folder that the user
names.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from mockserver.problem import Unusable

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")


class UnresolvedFile(Unusable):
    """One reference leads to no file that may be read; others may. `file` is the missing or broken one."""

    def __init__(self, message: str, file: Path | None = None) -> None:
        super().__init__(message)
        self.file = file


@dataclass(frozen=True, slots=True)
class Folder:
    """`home` is the document's folder as given. Files are read below `root`, a real path: `home`, unless the user named
    a folder further up (`is_widened`).
    """

    home: Path
    root: Path
    is_widened: bool = False

    def find(self, beside: Path, ref: str, path: str) -> Path:
        """Resolves `path`, written in a file of the folder `beside`, to a file; messages call it `ref`.

        Raises UnresolvedFile for an address, for a file outside `root` and for a missing file.
        """
        if _SCHEME.match(path):
            advice = "only files in the document's own folder are read. Save a copy there, refer to that."
            raise UnresolvedFile(f"{ref!r} is an address; {advice}")
        target = Path(os.path.normpath(beside / unquote(path.partition("?")[0])))
        try:
            real = Path(os.path.realpath(target))
            is_file = real.is_file()
        except (OSError, ValueError):
            raise UnresolvedFile(f"{ref!r} is no name that a file can have.") from None
        if not real.is_relative_to(self.root):
            raise UnresolvedFile(f"{ref!r} leads out of {self._naming()}")
        if not is_file:
            raise UnresolvedFile(f"{ref!r} leads to no file: expected {target}.", target)
        return target

    def _naming(self) -> str:
        if self.is_widened:
            return f"the folder of --root, {self.root}; only files below it are read. Name one further up."
        advice = "`--root DIR` names a folder further up, below which files are read."
        return f"the document's own folder, {self.home}; only files below it are read. {advice}"


def folder_of(document: Path, root: Path | None = None) -> Folder:
    """The folder of the document at this path, or the wider `root`. Raises Unusable if `root` does not contain the
    document.
    """
    home = document.parent
    real = Path(os.path.realpath(home))
    if root is None:
        return Folder(home, real)
    wider = Path(os.path.realpath(root))
    if not wider.is_dir() or not real.is_relative_to(wider):
        what = "is no folder that the document stands in" if wider.is_dir() else "is no folder"
        raise Unusable(f"--root {root}: {what}; expected {home} or a folder above it", where=str(document))
    return Folder(home, wider, is_widened=True)
