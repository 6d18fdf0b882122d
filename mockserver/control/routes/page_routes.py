"""The page of the mock, for browsers: its files, which need no token, since they have nothing of the mock in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mockserver.control.scope import PREFIX, ControlScope, Handler
from mockserver.dashboard.page_files import INDEX, page_file
from mockserver.dashboard.viewer import MISSING, docs_page, viewer_file, viewer_folder
from mockserver.engine.answers.negotiate import prefers_html
from mockserver.engine.call import Call
from mockserver.messages import Request, Response
from mockserver.problem import NOT_FOUND, Problem


def get_page_file(call: Call, _scope: ControlScope) -> Response:
    """Returns a file of the page. Raises Problem 404."""
    return _file(call.path["file"])


def get_page_view(call: Call, _scope: ControlScope) -> Response:
    """Returns the module of a view. Raises Problem 404."""
    return _file(f"views/{call.path['file']}")


def get_viewer_file(call: Call, _scope: ControlScope) -> Response:
    """Returns a file of the viewer. Raises Problem 404."""
    found = viewer_file(call.path["file"])
    if found is None:
        told = MISSING if viewer_folder() is None else f"The viewer has no file {call.path['file'][:80]!r}."
        raise Problem(404, told, code=NOT_FOUND)
    return Response(200, found.content, found.headers)


def get_docs(_call: Call, _scope: ControlScope) -> Response:
    """Returns the page of the control API's document, which its script asks for."""
    found = docs_page()
    return Response(200, found.content, found.headers)


def get_api_docs(_call: Call, _scope: ControlScope) -> Response:
    """Returns the page of an API's document. Whether there is such an API is told by the document alone, which needs
    the token.
    """
    found = docs_page("../../")
    return Response(200, found.content, found.headers)


def index_page() -> Response:
    """The page itself; the other answer of its address is JSON, so a cache is told to tell them apart."""
    found = _file(INDEX)
    return found._replace(headers=(*found.headers, ("Vary", "Accept")))


def is_page(endpoint: str, request: Request) -> bool:
    """Whether this asks for the page or a file of it."""
    return endpoint in HANDLERS or (endpoint == "getIndex" and prefers_page(request))


def prefers_page(request: Request) -> bool:
    """Whether the index is to be the page, not JSON."""
    return prefers_html(request.headers.get("Accept") or "")


def needs_no_world(request: Request) -> bool:
    """Whether the answer has nothing of any world in it, so that it is given also while the worlds' store is away."""
    if request.method not in ("GET", "HEAD"):
        return False
    return bool(_WORLDLESS.fullmatch(request.path)) or (request.path in _INDEXES and prefers_page(request))


_INDEXES = (PREFIX, f"{PREFIX}/")
_WORLDLESS = re.compile(rf"{PREFIX}/(?:page/.+|docs|apis/[^/]+/docs|version)")


def _file(name: str) -> Response:
    found = page_file(name)
    if found is None:
        raise Problem(404, f"The page has no file {name[:80]!r}.", code=NOT_FOUND)
    return Response(200, found.content, found.headers)


HANDLERS: Mapping[str, Handler] = {
    "getPageFile": get_page_file,
    "getPageView": get_page_view,
    "getViewerFile": get_viewer_file,
    "getDocs": get_docs,
    "getApiDocs": get_api_docs,
}
