"""What an upload still lacks is said before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.checksums import main as checksums
from tools.publish_check import missing

FILES = {
    "pyproject.toml": '[project]\nversion = "1.2.0"\nurls = {Source = "https://forge.test/mockserver"}\n',
    "README.md": "[docs](https://forge.test/mockserver/docs) and [below](#below)\n",
    "CHANGELOG.md": "## [Unreleased]\n\n## [1.2.0] - 2026-11-28\n",
    "Dockerfile": 'LABEL org.opencontainers.image.source="https://forge.test/mockserver"\n',
    "dist/mockserver-1.2.0-py3-none-any.whl": "wheel",
    "dist/mockserver-1.2.0.tar.gz": "sdist",
    "dist/mockserver-1.2.0.cdx.json": "{}",
}


@pytest.fixture
def tree(tmp_path) -> Path:
    """A source tree with a release that may be uploaded."""
    (tmp_path / "dist").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    checksums([str(tmp_path / "dist")])
    (tmp_path / "dist" / "SHA256SUMS.sig").write_text("signature")
    root: Path = tmp_path
    return root


def test_a_release_with_everything_lacks_nothing(tree):
    """The counterpart of those that follow."""
    assert [*missing(tree, tree / "dist")] == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("pyproject.toml", "urls", "scripts", "pyproject.toml has no public address"),
        (
            "README.md",
            "(https://forge.test/mockserver/docs)",
            "(docs/page.md)",
            "1 relative links, the first to docs/page.md",
        ),
        ("CHANGELOG.md", " - 2026-11-28", "", "CHANGELOG.md has no heading `## [1.2.0] - YYYY-MM-DD`"),
        ("Dockerfile", "https://", "", "the Dockerfile has no label org.opencontainers.image.source"),
        ("dist/mockserver-1.2.0.tar.gz", "sdist", "other", "mockserver-1.2.0.tar.gz is not the file that was released"),
    ],
)
def test_what_is_missing_in_the_tree_is_said(tree, name, old, new, said):
    """A line for it, and no other."""
    (tree / name).write_text((tree / name).read_text().replace(old, new))

    [line] = missing(tree, tree / "dist")

    assert said in line


@pytest.mark.parametrize("name", ["mockserver-1.2.0-py3-none-any.whl", "mockserver-1.2.0.cdx.json", "SHA256SUMS.sig"])
def test_a_file_that_is_missing_is_said(tree, name):
    """With what makes it."""
    (tree / "dist" / name).unlink()

    lines = [*missing(tree, tree / "dist")]

    assert f"{tree / 'dist' / name} is missing: `make " in lines[0]


def test_without_a_release_each_of_its_files_is_missing(tree):
    """Where there is no folder at all."""
    lines = [*missing(tree, tree / "gone")]

    assert len(lines) == 4
