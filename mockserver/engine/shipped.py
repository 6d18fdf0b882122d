"""Paths of the files that come with the package."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def shipped(folder: str, name: str) -> Path:
    """The file `{name}.yaml`: beside the package's modules when installed, beside the package in a checkout."""
    installed = PACKAGE / folder / f"{name}.yaml"
    return installed if installed.exists() else PACKAGE.parent / folder / f"{name}.yaml"
