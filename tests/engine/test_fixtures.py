"""The records of a world are read from the file written by hand and from the generated one beside it."""

import pytest

from mockserver.engine.api import Api, CollectionSpec
from mockserver.engine.fixture_records import read_fixtures
from mockserver.messages import Response
from mockserver.problem import Unusable

API = Api(
    name="shop",
    handlers={},
    collections={"shelves": CollectionSpec("id"), "books": CollectionSpec("isbn")},
    render=lambda problem, _call: Response(problem.status),
)


@pytest.fixture
def shop(tmp_path):
    """Writes the two files, and gives the path of the first."""

    def write(by_hand, generated=None):
        path = tmp_path / "shop.yaml"
        path.write_text(by_hand)
        if generated is not None:
            (tmp_path / "shop.generated.json").write_text(generated)
        return path

    return write


def test_one_file_is_enough(shop):
    """A collection that it does not name is empty."""
    seed_collections = read_fixtures(API, shop("shelves: [{id: a}, {id: b}]"))

    assert [*seed_collections["shelves"].records] == ["a", "b"]
    assert [*seed_collections["books"].records] == []


def test_generated_records_stand_behind_those_written_by_hand(shop):
    """In each collection, in the order of their files."""
    path = shop("shelves: [{id: z}]", '{"shelves": [{"id": "a"}], "books": [{"isbn": 1}]}')

    seed_collections = read_fixtures(API, path)

    assert [*seed_collections["shelves"].records] == ["z", "a"]
    assert [*seed_collections["books"].records] == [1]


WRONG = {
    "no mapping": ("[]", None, "expected a mapping"),
    "no list": ("shelves: {}", None, "shelves: expected a list of records"),
    "no id": ("shelves: [{name: a}]", None, "shelves: record 0 has no 'id'"),
    "an id twice": ("shelves: [{id: a}, {id: a}]", None, "'a' stands twice"),
    "an unknown collection": ("tables: []", None, r"no collections \['tables'\]; it has shelves, books"),
    "an id in both files": ("shelves: [{id: a}]", '{"shelves": [{"id": "a"}]}', r"generated.json: .*'a' stands twice"),
    "an unknown collection in the generated file": ("{}", '{"tables": []}', r"generated.json: shop has no collections"),
    "a generated record without its id": ("{}", '{"books": [{}]}', r"generated.json: books: record 0 has no 'isbn'"),
}


@pytest.mark.parametrize(("by_hand", "generated", "message"), WRONG.values(), ids=WRONG)
def test_a_file_that_cannot_be_used_is_told(shop, by_hand, generated, message):
    """The message says in which file, where, and what was expected."""
    path = shop(by_hand, generated)

    with pytest.raises(Unusable, match=message):
        read_fixtures(API, path)
