"""Writes the bill of materials of a wheel, in CycloneDX's JSON: what is installed with it, by the pinned versions.

`python -m tools.sbom WHEEL --maker .venv/release/bin/cyclonedx-py` installs it and `constraints/serve.txt` into an
environment of its own, has CycloneDX's tool read that, holds the result against what was installed, and adds what the
wheel itself has inside. The maker has an environment apart too, since it would change how the tests validate formats.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

ROOT = Path(__file__).parent.parent
PINNED = ROOT / "constraints" / "serve.txt"


def install(wheel: Path, folder: Path) -> Path:
    """An environment with the wheel and what it runs on, and nothing else; the path of its Python."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "-qq", "--disable-pip-version-check", "--python", str(python), "install"]
    for arguments in (["--require-hashes", "-r", str(PINNED)], ["--no-deps", "--no-index", str(wheel)]):
        subprocess.run([*pip, "--no-compile", *arguments], check=True)
    return python


def make(python: Path, maker: Path, target: Path) -> None:
    """Writes the bill of materials of the environment; the same bytes each time."""
    options = ["--pyproject", ROOT / "pyproject.toml", "--output-reproducible", "--validate", "--output-file", target]
    subprocess.run([str(part) for part in (maker, "environment", *options, python)], check=True)


def bundled(wheel: Path) -> dict[str, Any]:
    """The component of what the wheel has inside without being a package of Python: the viewer of documents."""
    version = ZipFile(wheel).read("mockserver/dashboard/swagger-ui/VERSION").decode().strip().removeprefix("v")
    purl = f"pkg:npm/swagger-ui-dist@{version}"
    return {
        "bom-ref": purl,
        "type": "library",
        "name": "swagger-ui-dist",
        "version": version,
        "purl": purl,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }


def with_bundled(bill: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The bill with a component more, of which the wheel itself is made."""
    main = bill["metadata"]["component"]["bom-ref"]
    depends = [
        {**one, "dependsOn": sorted([*one.get("dependsOn", ()), part["bom-ref"]])} if one["ref"] == main else one
        for one in bill["dependencies"]
    ]
    return {**bill, "components": [*bill["components"], part], "dependencies": [*depends, {"ref": part["bom-ref"]}]}


def mistakes(bill: dict[str, Any], installed: dict[str, str]) -> Iterator[str]:
    """Where the bill is not what was installed, or does not say under which licence."""
    main = bill["metadata"]["component"]
    listed = {normal(part["name"]): part["version"] for part in bill["components"]}
    wanted = {name: version for name, version in installed.items() if name != main["name"]}
    if main.get("version") != installed.get(main["name"]):
        yield f"it is of {main['name']} {main.get('version')}, and {installed.get(main['name'])} is installed"
    for name in sorted(wanted.keys() ^ listed.keys()):
        yield f"{name} is {'not listed' if name in wanted else 'listed and not installed'}"
    for part in bill["components"]:
        name = normal(part["name"])
        if wanted.get(name, part["version"]) != part["version"]:
            yield f"{name} is listed as {part['version']}, and {wanted[name]} is installed"
        if not part.get("licenses"):
            yield f"{name} has no licence"


def normal(name: str) -> str:
    """The name of a package as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_in(python: Path) -> dict[str, str]:
    """The packages of an environment, each with its version."""
    ask = "import importlib.metadata as m, json; print(json.dumps([[d.name, d.version] for d in m.distributions()]))"
    told = subprocess.run([str(python), "-I", "-c", ask], check=True, capture_output=True, text=True).stdout
    return {normal(name): version for name, version in json.loads(told)}


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.sbom", description="The bill of materials of a wheel.")
    parser.add_argument("wheel", type=Path, help="the wheel; the bill is written beside it")
    parser.add_argument("--maker", type=Path, required=True, help="the command cyclonedx-py")
    asked = parser.parse_args()
    name, version, *_ = asked.wheel.name.split("-")
    target = asked.wheel.with_name(f"{name}-{version}.cdx.json")
    with tempfile.TemporaryDirectory() as folder:
        python = install(asked.wheel, Path(folder))
        make(python, asked.maker, target)
        bill = json.loads(target.read_text())
        wrong = [*mistakes(bill, installed_in(python))]
    bill = with_bundled(bill, bundled(asked.wheel))
    target.write_text(json.dumps(bill, indent=2))
    for line in wrong:
        print(f"{target}: {line}", file=sys.stderr)
    if not wrong:
        print(f"{target}: {len(bill['components'])} components")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
