"""The viewer of documents: Swagger UI, which the build puts into the package, in a page with a policy of its own."""

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

FOLDER: Final = Path(__file__).with_name("swagger-ui")
"""Where a build puts the files."""
PACKAGE: Final = "flask_swagger_ui"
"""Where they are else, in a checkout that is not installed: the package that the build copies them from."""
MISSING: Final = (
    "This mockserver was started from a source tree that is not installed, and has no viewer: install it with "
    "`pip install .`, or `pip install flask-swagger-ui` beside it, and start it again."
)

_FILES: Final = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "LICENSE": "text/plain; charset=utf-8",
}
_KEPT_FOR: Final = "private, max-age=3600"


@cache
def viewer_file(name: str) -> PageFile | None:
    """The file of this name, such as `swagger-ui.css`; None where there is none."""
    folder = viewer_folder()
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


def viewer_folder() -> Path | None:
    """Where the files are: here, or in the package of the build, found without importing it; None if nowhere."""
    if (FOLDER / "swagger-ui-bundle.js").is_file():
        return FOLDER
    found = find_spec(PACKAGE)
    return Path(found.origin).parent / "dist" if found is not None and found.origin is not None else None
