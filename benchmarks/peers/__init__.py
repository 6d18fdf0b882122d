"""Other ways to have such a server, installed from npm into a temporary folder."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.failure import Failed
from benchmarks.process import Subject

PRISM = "@stoplight/prism-cli@5.16.0"
FASTIFY = "fastify@5.12.8"
WARM_UP = 4
"""Seconds for each request: Node compiles what it finds to be used much, and is several times as fast afterwards."""

HAND_WRITTEN = Path(__file__).with_name("fastify.mjs")


@contextmanager
def peers(document: Path, records: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[list[Subject]]:
    """Prism on our document, and a server written by hand on our records; afterwards the folder is gone."""
    if not shutil.which("npm"):
        raise Failed("npm is needed for --peers, and is not on the PATH")
    with TemporaryDirectory(prefix="mockserver-peers-") as name:
        folder = Path(name)
        _install(folder)
        script = folder / HAND_WRITTEN.name
        shutil.copy(HAND_WRITTEN, script)
        (folder / "records.json").write_text(json.dumps(records), encoding="utf-8")
        prism = str(folder / "node_modules/@stoplight/prism-cli/dist/index.js")
        quiet = ["--verboseLevel", "silent", "--host", "127.0.0.1"]
        yield [
            Subject(
                "Prism",
                ["node", prism, "mock", str(document), *quiet, "--port", "{port}"],
                warm_up=WARM_UP,
                patience=60,
            ),
            Subject(
                "Fastify by hand",
                ["node", str(script), str(folder / "records.json"), "{port}"],
                remembers=True,
                warm_up=WARM_UP,
            ),
        ]


def _install(folder: Path) -> None:
    print(f"installing {PRISM} and {FASTIFY} into a temporary folder")
    quiet = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--loglevel=error"]
    ended = subprocess.run(
        ["npm", "install", "--prefix", str(folder), *quiet, PRISM, FASTIFY],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if ended.returncode:
        raise Failed(f"npm install ended with {ended.returncode}: {ended.stderr[-2000:]}")
