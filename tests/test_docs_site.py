"""The documentation site: complete, with links that hold, and with nothing that comes from elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from defusedxml import ElementTree

ROOT = Path(__file__).parent.parent
LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*\b(?:src|data)=["']?(?:https?:)?//
    |<link\b[^>]*\bhref=["']?(?:https?:)?//
    |@import\s+(?:url\()?["']?(?:https?:)?//
    |url\(["']?(?:https?:)?//
    |\b(?:fetch|import|importScripts)\(["'](?:https?:)?//""",
    re.VERBOSE,
)
"""What a browser would load from another host."""


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """The site of a folder, made as `make docs` makes it."""
    options = ["--conf-dir", source / "docs", "--nitpicky", "--fail-on-warning", "--keep-going", "--quiet"]
    command = [sys.executable, "-m", "sphinx", *options, "--doctree-dir", target / "trees", source, target / "site"]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The whole site."""
    target: Path = tmp_path_factory.mktemp("docs")
    done = build(ROOT, target)
    assert done.returncode == 0, done.stderr
    return target / "site"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A repository of two pages, with the settings of this one."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "conf.py").write_text((ROOT / "docs" / "conf.py").read_text())
    shutil.copytree(ROOT / "docs" / "templates", tmp_path / "docs" / "templates")
    (tmp_path / "docs" / "README.md").write_text("# Start\n\n## Pages\n\n- [One](one.md): the one\n")
    (tmp_path / "docs" / "one.md").write_text("# One\n\n## Part\n\n[here](#part), [there](README.md#pages)\n")
    return tmp_path


def test_a_page_for_each_document(site):
    """Each Markdown file in docs is a page, the README another, and the start leads to them."""
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}

    written = {f"docs/{path.stem}.html" for path in (ROOT / "docs").glob("*.md")}

    assert written | {"index.html", "README.html", "search.html"} <= pages
    assert 'url=docs/README.html"' in (site / "index.html").read_text()


def test_each_page_is_listed_once_beside_every_page(site):
    """By the name that the start page gives it, so that two pages are told apart."""
    listed = re.findall(r"toctree-l1[^>]*><a[^>]*>([^<]+)", (site / "docs" / "control-api.html").read_text())

    assert (len(listed) > 40, sorted({name for name in listed if listed.count(name) > 1})) == (True, [])
    assert {"Tests of a backend", "How collections are found"} <= {*listed}


def test_a_page_loads_nothing_from_elsewhere(site):
    """No font, script, style or picture of another host."""
    files = [path for path in site.rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"}]

    loaded = {f"{path.name}: {found[0]}" for path in files for found in LOADED.finditer(path.read_text())}

    assert (len(files) > 20, loaded) == (True, set())


def test_captions_have_a_level_and_blocks_are_scrolled_by_the_keyboard(site):
    """Which the theme alone does not have."""
    pages = [path.read_text() for path in (site / "docs").glob("*.html")]

    captions = {tag for text in pages for tag in re.findall(r'<[^>]*role="heading"[^>]*>', text)}
    blocks = {tag for text in pages for tag in re.findall(r"<pre\b[^>]*>", text)}

    assert captions == {'<p class="caption" role="heading" aria-level="2">'}
    assert blocks == {'<pre tabindex="0">'}


def test_the_pictures_of_a_page_have_words(site):
    """Each says what it shows to those who do not see it."""
    pictures = [tag for path in site.rglob("*.html") for tag in re.findall(r"<img\b[^>]*>", path.read_text())]

    silent = [tag for tag in pictures if not re.search(r'alt="[^"]{20,}"', tag)]

    assert silent == []


@pytest.mark.parametrize("picture", sorted(path.name for path in (ROOT / "docs" / "pictures").glob("*.svg")))
def test_a_picture_is_one_for_light_and_dark_and_for_those_who_do_not_see_it(picture):
    """It names and describes itself, knows both colour schemes, has a ground of its own, and loads nothing."""
    text = (ROOT / "docs" / "pictures" / picture).read_text()
    root = ElementTree.fromstring(text)

    names = [child.tag.partition("}")[2] for child in root]

    assert names[:2] == ["title", "desc"]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    assert "@media (prefers-color-scheme: dark)" in text
    assert '<rect class="page"' in text
    assert re.findall(r"<script|href=|url\((?!#)|@import", text) == []


def test_pages_with_good_links_are_built(small):
    """The counterpart of those that follow."""
    done = build(small, small / "build")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[gone](gone.md)", "cross-reference target not found: 'gone.md'"),
        ("[gone](../gone.yaml)", "cross-reference target not found: '../gone.yaml'"),
        ("[gone](#gone)", "target not found: 'gone'"),
        ("[gone](README.md#gone)", "local id not found"),
        ("![gone, which would be a picture](gone.svg)", "image file not readable"),
    ],
)
def test_a_link_that_leads_nowhere_fails_the_build(small, written, said):
    """To a page, a file, a heading or a picture."""
    (small / "docs" / "one.md").write_text(f"# One\n\n{written}\n")

    done = build(small, small / "build")

    assert done.returncode != 0
    assert said in done.stderr


def test_a_page_that_the_start_does_not_list_fails_the_build(small):
    """So no page is lost."""
    (small / "docs" / "two.md").write_text("# Two\n")

    done = build(small, small / "build")

    assert done.returncode != 0
    assert "two.md: WARNING: document isn't included in any toctree" in done.stderr
