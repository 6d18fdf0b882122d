"""Builds the documentation site of the Markdown files of the repository: `make docs`.

The source folder is the repository itself, so that a link between files is the same on the site as in the repository.
Which pages there are, and in which order, is said by `docs/README.md` alone.
"""

import re
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent.parent))

from mockserver import __version__

project = "mockserver"
author = "The mockserver authors"
copyright = author
version = release = __version__

extensions = ["myst_parser"]
root_doc = "docs/README"
include_patterns = ["*.md", "docs/*.md", "**/README.md"]
exclude_patterns = [".*", "build", "dist", "htmlcov", "**/node_modules"]

myst_heading_anchors = 4  # links to headings are checked as links to pages are
myst_links_external_new_tab = False
nitpicky = True
suppress_warnings = ["misc.highlighting_failure"]  # blocks shorten output with `…`, which is no JSON

html_theme = "furo"  # system fonts; nothing of a page comes from elsewhere
html_title = f"mockserver {release}"
html_baseurl = ""
html_copy_source = False
html_show_sphinx = False
html_static_path: list[str] = []
html_additional_pages = {"index": "start.html"}
templates_path = ["templates"]
html_last_updated_fmt = None

_SECTION = re.compile(r"^## (?P<title>.+)\n(?P<text>(?:(?!^## ).*\n?)*)", re.MULTILINE)
_PAGE = re.compile(r"^- \[(?P<name>[^\]]+)\]\((?P<path>[^)#:]+\.md)\)", re.MULTILINE)


def add_navigation(app: Sphinx, name: str, source: list[str]) -> None:
    """Adds a table of contents for each section of the start page that lists pages, in its order and by its names.

    The last one also has the READMEs of folders that nobody listed; any other page that is not listed fails the build.
    """
    if name != app.config.root_doc:
        return
    found = [(part["title"], [_entry(its) for its in _PAGE.finditer(part["text"])]) for part in _parts(source[0])]
    listed = {_absolute(its["path"]).removesuffix(".md") for its in _PAGE.finditer(source[0])}
    folders = sorted(f"/{page}" for page in app.env.found_docs if page.endswith("/README") and page != name)
    found[-1][1].extend(page for page in folders if page not in listed)
    for title, pages in found:
        source[0] += "\n" + "\n".join(["```{toctree}", ":hidden:", f":caption: {title}", "", *pages, "```"]) + "\n"


def _parts(text: str) -> list[re.Match[str]]:
    """The sections that list pages."""
    return [part for part in _SECTION.finditer(text) if _PAGE.search(part["text"])]


def _entry(page: re.Match[str]) -> str:
    return f"{page['name']} <{_absolute(page['path'])}>"


def _absolute(path: str) -> str:
    """The name of a page, from the top of the repository, whose path is relative to `docs/`."""
    return "/" + path.removeprefix("../") if path.startswith("../") else "/docs/" + path


def make_accessible(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Adds what the theme lacks: the level of the captions in the navigation, and blocks that the keyboard scrolls."""
    for part, lacks, has in (
        ("furo_navigation_tree", 'role="heading"', 'role="heading" aria-level="2"'),
        ("body", "<pre>", '<pre tabindex="0">'),
    ):
        if part in context:
            context[part] = context[part].replace(lacks, has)


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", add_navigation)
    app.connect("html-page-context", make_accessible, priority=900)  # after the theme
