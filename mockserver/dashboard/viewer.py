"""The viewer of documents: Swagger UI from the package `flask-swagger-ui`, in a page with a policy of its own."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from mockserver.dashboard.page_files import PageFile, headers_of, page_file

DOCS: Final = "docs.html"

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""As that of the page, but for what Swagger UI does not work without: styles in elements, images in its own style
sheet, and markup, which it makes of Markdown and cleans itself. No script runs but those of files, and no image is
asked for.
"""

_FILES: Final = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "LICENSE": "text/plain; charset=utf-8",
}
_KEPT_FOR: Final = "private, max-age=3600"


@cache
def viewer_file(name: str) -> PageFile | None:
    """The file of this name, such as `swagger-ui.css`; None where there is none."""
    folder = _folder()
    if folder is None or name not in _FILES:
        return None
    return PageFile((folder / name).read_bytes(), headers_of(_FILES[name], POLICY, _KEPT_FOR))


@cache
def docs_page(root: str = "") -> PageFile:
    """The page in which a document is shown; `root` is the relative address of the control API, such as `../../`."""
    found = page_file(DOCS)
    assert found is not None
    content = found.content.replace(b'"page/', f'"{root}page/'.encode())
    return PageFile(content, headers_of("text/html; charset=utf-8", POLICY))


def _folder() -> Path | None:
    """Where the files are installed, found without importing the package; None where it is not installed."""
    found = find_spec("flask_swagger_ui")
    places = found.submodule_search_locations if found is not None else None
    return next((Path(place) / "dist" for place in places), None) if places else None
