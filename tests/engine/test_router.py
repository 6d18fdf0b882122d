"""Which operation a method and a path name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from mockserver.engine.steps.match import Router
from mockserver.problem import Problem

ROUTES = (
    "GET /links",
    "POST /links",
    "GET /links/{link-id}",
    "DELETE /links/{link-id}",
    "PATCH /links/bulk",
    "GET /links/bulk",
    "GET /links/bulk/status",
    "PATCH /links/{link-id}/status",
    "POST /links/{link-id}:copy",
    "GET /files/{name}.{kind}",
    "GET /files/{name}",
    "GET /Users('{id}')",
    "GET /Users('{id}')/Orders({number})",
    "GET /a/{x}/c",
    "GET /a/b/{y}/d",
    "PUT /a/{x}/{y}/e",
    "GET /reports/",
    "GET /",
    "GET /v1.0/{a}-{b}",
)


@pytest.fixture(scope="module")
def router() -> Router[str]:
    """Routes whose target is their own line."""
    return Router((route.split(" ")[0], route.split(" ")[1], route) for route in ROUTES)


@pytest.mark.parametrize(
    ("asked", "route", "values"),
    [
        ("GET /links", "GET /links", {}),
        ("GET /links/7", "GET /links/{link-id}", {"link-id": "7"}),
        ("GET /links/bulk", "GET /links/bulk", {}),
        ("PATCH /links/bulk", "PATCH /links/bulk", {}),
        ("GET /links/bulk/status", "GET /links/bulk/status", {}),
        ("POST /links/7:copy", "POST /links/{link-id}:copy", {"link-id": "7"}),
        ("GET /links/7:copy", "GET /links/{link-id}", {"link-id": "7:copy"}),
        ("GET /files/a.png", "GET /files/{name}.{kind}", {"name": "a", "kind": "png"}),
        ("GET /files/a.tar.gz", "GET /files/{name}.{kind}", {"name": "a.tar", "kind": "gz"}),
        ("GET /files/readme", "GET /files/{name}", {"name": "readme"}),
        ("GET /files/.profile", "GET /files/{name}", {"name": ".profile"}),
        ("GET /Users('ann')", "GET /Users('{id}')", {"id": "ann"}),
        ("GET /Users('o'neil')", "GET /Users('{id}')", {"id": "o'neil"}),
        ("GET /Users('ann')/Orders(3)", "GET /Users('{id}')/Orders({number})", {"id": "ann", "number": "3"}),
        ("GET /a/b/c", "GET /a/{x}/c", {"x": "b"}),
        ("GET /a/b/7/d", "GET /a/b/{y}/d", {"y": "7"}),
        ("PUT /a/b/7/e", "PUT /a/{x}/{y}/e", {"x": "b", "y": "7"}),
        ("GET /reports/", "GET /reports/", {}),
        ("GET /", "GET /", {}),
        ("GET /v1.0/1-2", "GET /v1.0/{a}-{b}", {"a": "1", "b": "2"}),
        ("GET /links/größe", "GET /links/{link-id}", {"link-id": "größe"}),
        ("GET /links/日本語", "GET /links/{link-id}", {"link-id": "日本語"}),
        ("GET /links/a\nb", "GET /links/{link-id}", {"link-id": "a\nb"}),
        ("GET /links/ ", "GET /links/{link-id}", {"link-id": " "}),
        ("GET /links/..", "GET /links/{link-id}", {"link-id": ".."}),
    ],
)
def test_a_path_names_its_operation(router, asked, route, values):
    """Literal segments win over templated ones, and a way that ends nowhere is taken back."""
    method, _, path = asked.partition(" ")

    found = router.match(method, path)

    assert found == (route, values)


@pytest.mark.parametrize(
    "path",
    [
        "/unknown",
        "/links/",
        "/links//",
        "/links//status",
        "//links",
        "/links/7/status/",
        "/reports",
        "/LINKS",
        "/files/",
        "/Users('')",
        "/Users(ann)",
        "/v1x0/1-2",
        "/v1.0/-",
        "/a/b/7/f",
        "",
    ],
)
def test_any_other_path_is_a_404(router, path):
    """No segment is empty, a slash at the end is another path, and case counts."""
    with pytest.raises(Problem) as caught:
        router.match("GET", path)

    assert (caught.value.status, caught.value.code) == (404, "no-operation")


@pytest.mark.parametrize(
    ("asked", "allow"),
    [
        ("PUT /links", "GET, HEAD, POST"),
        ("PUT /links/7", "DELETE, GET, HEAD"),
        ("PUT /links/bulk", "GET, HEAD, PATCH"),
        ("DELETE /links/bulk", "GET, HEAD, PATCH"),
        ("PUT /links/bulk/status", "GET, HEAD"),
        ("PATCH /links/bulk/status", "GET, HEAD"),
        ("PUT /links/7:copy", "DELETE, GET, HEAD, POST"),
        ("PUT /files/a.png", "GET, HEAD"),
        ("get /links", "GET, HEAD, POST"),
        ("GET /a/b/7/e", "PUT"),
    ],
)
def test_a_known_path_without_the_method_is_a_405(router, asked, allow):
    """`Allow` names the methods of the concrete path, else of every templated one that fits; HEAD where GET is."""
    method, _, path = asked.partition(" ")

    with pytest.raises(Problem) as caught:
        router.match(method, path)

    assert (caught.value.status, caught.value.headers) == (405, (("Allow", allow),))


def test_the_order_of_the_document_does_not_matter():
    """A literal route wins also where it is declared last."""
    router = Router([("GET", "/{any}", "templated"), ("GET", "/me", "literal")])

    found = router.match("GET", "/me")

    assert found == ("literal", {})


def test_the_same_shape_under_two_names_is_one_place():
    """Each operation gets its values by its own names, and the 405 knows both."""
    router = Router([("GET", "/x/{a}", "get"), ("PUT", "/x/{b}", "put")])

    found = [router.match("GET", "/x/1"), router.match("PUT", "/x/1")]

    assert found == [("get", {"a": "1"}), ("put", {"b": "1"})]


# Another router as the judge

SEGMENTS = ("a", "b", "ab", "{}", "{}:copy", "x{}")
PATHS = st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
ASKED = st.lists(st.sampled_from(["a", "b", "ab", "7", "x7", "7:copy", "a:copy", "x", "é"]), min_size=1, max_size=4)
METHODS = st.sampled_from(["GET", "PUT", "DELETE"])


def named(path: str) -> str:
    """Every `{}` has a name of its own: `/{p0}/{p1}`."""
    parts = path.split("{}")
    return "".join(f"{part}{{p{number}}}" for number, part in enumerate(parts[:-1])) + parts[-1]


def fits(route: str, path: str) -> bool:
    """Whether the path is one of the route's."""
    return re.fullmatch(re.escape(route).replace(r"\{\}", "([^/]+)"), path) is not None


def is_beaten(route: str, other: str) -> bool:
    """Whether the other route is literal wherever this one is, and somewhere else."""
    mine, others = ({at for at, part in enumerate(one.split("/")) if "{" not in part} for one in (route, other))
    return mine < others


def judge(routes: set[tuple[str, str]], method: str, path: str) -> object:
    """What werkzeug says: the values of a match (which of several equal routes it takes is its own choice), or the
    status. That of two paths that fit the more concrete one wins is OpenAPI's own rule.
    """
    fitting = {route for _, route in routes if fits(route, path)}
    routes = {(way, route) for way, route in routes if not any(is_beaten(route, other) for other in fitting)}
    rules = [
        Rule(named(route).replace("{", "<").replace("}", ">"), endpoint=(way, route), methods=[way])
        for way, route in sorted(routes)
    ]
    adapter = Map(rules, merge_slashes=False, strict_slashes=True).bind("mock")
    try:
        (_, route), values = adapter.match(path, method=method)
    except MethodNotAllowed as error:
        return 405, sorted(error.valid_methods or [])
    except (NotFound, RequestRedirect):
        return 404
    return route, values


@settings(deadline=None)
@given(routes=st.sets(st.tuples(METHODS, PATHS), min_size=1, max_size=12), method=METHODS, asked=ASKED)
def test_werkzeug_says_the_same(routes, method, asked):
    """The same route for the same path, the same values, and the same methods in `Allow`."""
    router = Router((way, named(route), route) for way, route in routes)
    path = "/" + "/".join(asked)

    try:
        route, values = router.match(method, path)
        verdict: object = route, values
    except Problem as problem:
        verdict = (405, problem.headers[0][1].split(", ")) if problem.status == 405 else 404

    assert verdict == judge(routes, method, path)


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("/v1/pet", "/v1/pets (it has 'pets', this 'pet')"),
        ("/pets", "/v1/pets (it has 2 segments, this 1 segment)"),
        ("/v1/pets/3/x", "/v1/pets/{id} (it has 3 segments, this 4 segments)"),
        ("/v1/store/1/pets", "/v1/stores/{id}/pets (it has 'stores', this 'store')"),
    ],
)
def test_a_miss_names_the_nearest_path(path, nearest):
    """And where it differs."""
    router = Router([("GET", known, known) for known in ("/v1/pets", "/v1/pets/{id}", "/v1/stores/{id}/pets")])

    with pytest.raises(Problem, match=re.escape(f"No operation has the path {path}. The nearest: {nearest}")):
        router.match("GET", path)


def test_a_miss_far_from_all_names_none():
    """Nothing would be learned from it."""
    router = Router([("GET", "/v1/pets", "pets")])

    with pytest.raises(Problem, match=r"^No operation has the path /zebras\.$"):
        router.match("GET", "/zebras")


def test_other_routes_are_tried_where_the_first_lead_nowhere():
    """However literal they are."""
    router = Router([("GET", "/{any}/pets", "first")], [("GET", "/v2/pets", "other"), ("PUT", "/v2/cats", "other")])

    assert router.match("GET", "/v2/pets")[0] == "first"
    assert router.match("PUT", "/v2/cats")[0] == "other"
    assert (router.seek("GET", "/v2/cats"), router.seek("GET", "/v2/dogs")) == ("PUT", None)
    with pytest.raises(Problem) as refused:
        router.match("GET", "/v2/cats")
    assert dict(refused.value.headers) == {"Allow": "PUT"}
