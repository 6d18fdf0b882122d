"""A list is asked for records that compare with a value: by the names that APIs give to such parameters."""

import pytest

from mockserver.resources.detect.plan import plan
from mockserver.resources.explain import explain
from tests.resources.conftest import made


@pytest.fixture
def flats(serve):
    """One of 500 in Elm Row, one of 800 in Oak Row, one of 950.50 in Elm End."""
    return serve("flats")


def ids(answer):
    """Which flats the list has, in its order."""
    return [flat["id"] for flat in answer[1]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("min_rent=800", [2, 3]),
        ("rent_max=800", [1, 2]),
        ("min_rent=600&rent_max=900", [2]),
        ("rooms_gt=2", [3]),
        ("rooms[in]=1,3", [1, 3]),
        ("rooms__in=1,3", [1, 3]),
        ("state=all", [1, 2, 3]),
        ("ids=1,3", [1, 3]),
        ("state_ne=let", [1, 3]),
        ("rooms<=2", [1, 2]),
        ("rooms>=2", [2, 3]),
        ("state!=let", [1, 3]),
        ("street_like=elm", [1, 3]),
        ("street_like=%25ROW%25", [1, 2]),
        ("street_starts_with=oak", [2]),
        ("filters[rent][lt]=800", [1]),
        ("rent[gte]=800", [2, 3]),
        ("rent[gte]=501&rent[lte]=900", [2]),
        ("filter[state]=let", [2]),
        ("filter[street]=Elm Row", [1]),
        ("filter[weather]=fine", [1, 2, 3]),
        ("owner[name]=Ada", [1, 3]),
        ("tag=a", [1, 2]),
        ("tag=b&tag=c", [2]),
    ],
)
def test_a_parameter_names_a_member_and_a_comparison(flats, query, found):
    """As a word before or behind it, in brackets, or as a member of an object."""
    assert ids(flats("GET", f"/flats?{query}")) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("created_after=2026-01-01T10:00:00Z", [2, 3]),
        ("created_after=2026-01-02", [3]),
        ("createdSince=2026-01-02T10:00:00Z", [2, 3]),
        ("createdSince=2026-01-03T08:00:00Z", [3]),
        ("created_after=2026-01-03T09:59:59%2B02:00", [3]),
        ("free_from_until=2026-03-15", [1]),
        ("free_from_until=2026-04-01T00:00:00Z", [1, 2]),
    ],
)
def test_times_compare_as_times(flats, query, found):
    """Whatever their zone; with a day alone the day counts. What has no time is not among them."""
    assert ids(flats("GET", f"/flats?{query}")) == found


@pytest.mark.parametrize("query", ["created_after=yesterday", "let_to=2026-01-01", "created_after=5"])
def test_what_is_no_bound_of_that_member_leaves_nothing_out(flats, query):
    """A word and a number are no times, and whether a flat is let has no bounds."""
    assert ids(flats("GET", f"/flats?{query}")) == [1, 2, 3]


@pytest.mark.parametrize(("method", "path"), [("QUERY", "/flats"), ("POST", "/flats/search")])
@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, [1, 2, 3]),
        ({"state": "free"}, [1, 3]),
        ({"rent": {"gte": 800}, "state": "free"}, [3]),
        ({"sort": "-rent", "limit": 2}, [3, 2]),
        ({"where": {"rooms_lt": 3, "state": "let"}}, [2]),
    ],
)
def test_a_body_asks_as_a_query_does(flats, method, path, body, found):
    """QUERY, and POST to a search."""
    assert ids(flats(method, path, body)) == found


def test_links_keep_what_was_sent_twice(flats):
    """Of a list as a parameter each value stands for itself."""
    answer = flats.client.get("/flats?tag=a&tag=b&per_page=1")

    assert answer.links["next"]["url"].endswith("/flats?tag=a&tag=b&per_page=1&offset=1")


def test_what_each_parameter_asks_for_is_told():
    """Beside the evidence; so is what counts for nothing."""
    _, state = made("flats")
    spec = state.context.spec
    listed = next(line for line in explain(plan(spec), spec) if line.operation == "listFlats")

    assert listed.asks["?min_rent"] == "those whose `rent` is at least this"
    assert listed.asks["?tag"] == "those whose `tags` is this"
    assert listed.asks["?per_page"] == "says of the page its limit"
    assert listed.asks["?let_to"] == "counts for nothing"
