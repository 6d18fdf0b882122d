"""Puts the viewer of documents into what is built: Swagger UI, as the build requirement `flask-swagger-ui` has it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TARGET = Path("mockserver", "dashboard", "swagger-ui")
FILES = ("LICENSE", "VERSION", "swagger-ui-bundle.js", "swagger-ui.css")


class ViewerHook(BuildHookInterface[Any]):
    """Copies the files before a wheel is built, into the source tree, from where an editable installation serves them.

    Git ignores them there; `artifacts` in pyproject.toml puts them into the wheel all the same.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling names them
        """Raises RuntimeError where the requirement is not installed."""
        found = find_spec("flask_swagger_ui")
        if found is None or found.origin is None:
            raise RuntimeError(
                "The viewer of documents is copied from the package flask-swagger-ui, which is not installed here: "
                "install what builds the wheel with `pip install --require-hashes -r constraints/build.txt`, or build "
                "in isolation."
            )
        target = Path(self.root) / TARGET
        target.mkdir(exist_ok=True)
        for name in FILES:
            copy_if_changed(Path(found.origin).parent / "dist" / name, target / name)


def copy_if_changed(source: Path, target: Path) -> None:
    """Leaves a file alone that is the same already: a server may be reading it."""
    content = source.read_bytes()
    if not target.is_file() or target.read_bytes() != content:
        target.write_bytes(content)
