"""The vectors of the official JSON-Schema-Test-Suite, in a folder beside the tree's own files.

They are part of the source distribution of `jsonschema`, whose version and hashes `constraints/dev.txt` pins.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.corpus.documents import CACHE

PINS = Path(__file__).parents[1] / "constraints" / "dev.txt"
PACKAGE = "jsonschema"

BACKEND = """
from email import message_from_bytes
from pathlib import Path

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    written = Path("PKG-INFO").read_bytes()
    said = message_from_bytes(written)
    info = Path(folder, f"{said['Name']}-{said['Version']}.dist-info")
    info.mkdir()
    (info / "METADATA").write_bytes(written)
    return info.name
"""
"""In the place of the build backend `hatchling.build`. pip wants metadata of whatever it downloads, and would fetch a
backend to build it; every source distribution has it already.
"""


def vectors(folder: Path = CACHE) -> Path:
    """The folder of the suite, with a folder of files for each draft; fetched with pip if it is not there yet.

    Raises OSError where no version is pinned, CalledProcessError where pip gets nothing.
    """
    pin = [*pinned()]
    suite = folder / "vectors" / pin[0].split()[0]
    if not suite.is_dir():
        suite.parent.mkdir(parents=True, exist_ok=True)
        with (suite.parent / "lock").open("w") as lock:
            # Another process may be fetching it just now.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not suite.is_dir():
                _fetch(pin, suite)
    return suite


def pinned() -> Iterator[str]:
    """The lines that pin the package and its hashes: what pip reads from a file of requirements."""
    lines = iter(PINS.read_text().splitlines())
    for line in lines:
        if line.startswith(f"{PACKAGE}=="):
            while line.endswith("\\"):
                yield line
                line = next(lines)
            yield line
            return
    raise FileNotFoundError(f"{PINS.name} pins no {PACKAGE}; expected a line `{PACKAGE}==...` with hashes.")


def _fetch(pin: list[str], suite: Path) -> None:
    """Unpacks the suite, and nothing else, of an archive that has one of the pinned hashes."""
    with TemporaryDirectory(dir=suite.parent) as work:
        away = Path(work)
        (away / "hatchling").mkdir()
        (away / "hatchling" / "__init__.py").touch()
        (away / "hatchling" / "build.py").write_text(BACKEND)
        (away / "requirements.txt").write_text("\n".join(pin))
        source = ["--no-deps", "--no-binary", PACKAGE, "--require-hashes", "--no-build-isolation"]
        command = [sys.executable, "-m", "pip", "download", "--quiet", *source, "--requirement", "requirements.txt"]
        environment = {**os.environ, "PYTHONPATH": work}
        subprocess.run(command, cwd=away, env=environment, check=True, capture_output=True, text=True)
        with tarfile.open(next(away.glob("*.tar.gz"))) as packed:
            packed.extractall(away / "unpacked", filter="data")
        next(away.glob("unpacked/*/json/tests")).rename(suite)
