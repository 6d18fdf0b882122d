"""An index finds the same records as comparing each of them."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.resources.detect.schema_shape import dig
from mockserver.resources.query.comparing import OPERATORS
from mockserver.resources.query.value_index import INDEXED, having, is_exact
from mockserver.state.records.collection import keep_all
from mockserver.state.records.indexes import ByMember
from mockserver.state.world import SeedCollection, World

TEXTS = st.sampled_from([
    "a", "A", "b", " a", "a,b", "b, a", "1", "1.0", "1.50", "01", "-1", "1e3", "1000", "true", "none", "Null", "x,none",
    "2026-01-01", "2026-01-01T00:00:00Z", "inf", "nan", "9" * 30, "%a%",
])  # fmt: skip
SCALARS = st.one_of(st.none(), st.booleans(), st.sampled_from([0, 1, -1, 1.0, 1.5, 1000, 10**29, 2**53 + 1]), TEXTS)
OBJECTS = st.dictionaries(st.sampled_from(["id", "name", "slug", "other"]), SCALARS, max_size=2)
VALUES = st.one_of(SCALARS, OBJECTS, st.lists(st.one_of(SCALARS, OBJECTS), max_size=3))
WANTED = st.one_of(SCALARS, st.lists(SCALARS, min_size=1, max_size=3))
RECORDS = st.lists(
    st.fixed_dictionaries({"above": st.sampled_from(["x", "y"])}, optional={"owner": VALUES, "deep": OBJECTS}),
    max_size=8,
)


@settings(deadline=None)
@given(
    RECORDS,
    WANTED,
    st.sampled_from(sorted(INDEXED)),
    st.sampled_from([("owner",), ("deep", "id"), ("missing",)]),
    st.booleans(),
)
def test_an_index_finds_what_comparing_finds(given_records, wanted, test, member_path, scoped):
    """In their order, among all records and among those of one parent; where it says to be exact, no others."""
    records: list[dict[str, Any]] = [{"id": number, **record} for number, record in enumerate(given_records)]
    things = World("one", {"api": {"things": SeedCollection("id", keep_all("id", [*records]))}}).of("api")["things"]
    asked = things.under(ByMember("above"), "x") if scoped else things.all()

    found = having(asked, member_path, wanted)

    among = [record for record in things.list() if not scoped or record["above"] == "x"]
    expected = [record["id"] for record in among if OPERATORS[test](dig(record, member_path), wanted)]
    if found is not None:
        passing = [
            record["id"] for record in found if is_exact(wanted) or OPERATORS[test](dig(record, member_path), wanted)
        ]
        assert passing == expected


def test_most_values_are_found_by_an_index():
    """A number, a text, several of them; what asks for nothing at all has to be looked for."""
    things = World("one", {"api": {"things": SeedCollection("id", keep_all("id", [{"id": 1}]))}}).of("api")["things"]

    answered = [having(things.all(), ("id",), wanted) is not None for wanted in (1, "1", "1,2", [1, 2], True, "none")]

    assert answered == [True, True, True, True, True, False]
