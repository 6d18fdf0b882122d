"""Says what is still missing before the files in `dist` may be uploaded: `make publish-check`.

A release is complete without an address; a package on a public registry is not: the links of its page lead nowhere,
and nobody finds the source. Exit codes: 0 it may be uploaded, 1 something is missing, a line each.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.checksums import SIGNATURE
from tools.checksums import mistakes as wrong_files

ROOT = Path(__file__).parent.parent
LABEL = "org.opencontainers.image.source"
RELATIVE = re.compile(r"\]\((?!https?://|#|mailto:)([^)\s]+)\)")
"""A link of Markdown within the repository."""


def missing(root: Path, dist: Path) -> Iterator[str]:
    """A line for each thing that is missing in the source tree or in the folder with the files of the release."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    yield from _of_addresses(root, project)
    version = project["version"]
    if not re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", (root / "CHANGELOG.md").read_text(), re.MULTILINE
    ):
        yield f"CHANGELOG.md has no heading `## [{version}] - YYYY-MM-DD`"
    yield from _of_files(dist, version)


def _of_addresses(root: Path, project: dict[str, Any]) -> Iterator[str]:
    """What nobody can know before there is a public address."""
    source = project.get("urls", {}).get("Source", "")
    if not source.startswith("https://"):
        yield "pyproject.toml has no public address: write `[project.urls]`, with `Source` at least"
    relative = RELATIVE.findall((root / "README.md").read_text())
    if relative:
        yield (
            f"README.md has {len(relative)} relative links, the first to {relative[0]}, which lead nowhere on the page "
            "of a registry: write them with that address"
        )
    if f'{LABEL}="https://' not in (root / "Dockerfile").read_text():
        yield f"the Dockerfile has no label {LABEL}"


def _of_files(dist: Path, version: str) -> Iterator[str]:
    """Whether everything is there, of this version, and signed; `tools.checksums` tells by whom."""
    for name in (
        f"mockserver-{version}-py3-none-any.whl",
        f"mockserver-{version}.tar.gz",
        f"mockserver-{version}.cdx.json",
    ):
        if not (dist / name).is_file():
            yield f"{dist / name} is missing: `make release KEY=FILE` makes it"
    if not (dist / SIGNATURE).is_file():
        yield f"{dist / SIGNATURE} is missing: `make checksums KEY=FILE` signs what is in {dist.name}"
    if dist.is_dir():
        yield from wrong_files(dist, None, "")


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.publish_check", description="What an upload still lacks.")
    parser.add_argument("dist", type=Path, help="the folder with the files of the release")
    found = [*missing(ROOT, parser.parse_args(arguments).dist)]
    for line in found:
        print(line)
    if not found:
        print("nothing is missing; upload with `twine upload dist/*.whl dist/*.tar.gz`")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
