"""Records are values: equal to what they were made of, written as what they are, and not to be changed."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from mockserver.state.records.record import Items, Record, freeze

PLAIN: dict[str, Any] = {"id": "a", "tags": ["x", "y"], "at": {"lat": 1.5, "path": [[1], [2]]}}

ON_OBJECTS: dict[str, Callable[[Any], object]] = {
    "set": lambda record: record.__setitem__("id", "b"),
    "add": lambda record: record.__setitem__("new", 1),
    "del": lambda record: record.__delitem__("id"),
    "|=": lambda record: record.__ior__({"id": "b"}),
    "update": lambda record: record.update(id="b"),
    "setdefault": lambda record: record.setdefault("new", 1),
    "pop": lambda record: record.pop("id"),
    "popitem": lambda record: record.popitem(),
    "clear": lambda record: record.clear(),
}
ON_ARRAYS: dict[str, Callable[[Any], object]] = {
    "set": lambda items: items.__setitem__(0, "z"),
    "slice": lambda items: items.__setitem__(slice(0, 1), ["z"]),
    "del": lambda items: items.__delitem__(0),
    "+=": lambda items: items.__iadd__(["z"]),
    "*=": lambda items: items.__imul__(2),
    "append": lambda items: items.append("z"),
    "extend": lambda items: items.extend(["z"]),
    "insert": lambda items: items.insert(0, "z"),
    "pop": lambda items: items.pop(),
    "remove": lambda items: items.remove("x"),
    "clear": lambda items: items.clear(),
    "sort": lambda items: items.sort(),
    "reverse": lambda items: items.reverse(),
}


@pytest.mark.parametrize("mutate", ON_OBJECTS.values(), ids=ON_OBJECTS)
def test_no_mutator_changes_a_record(mutate):
    """Every way to change a dictionary is refused, and leaves it as it was."""
    record = freeze(PLAIN)

    with pytest.raises(TypeError, match="a record is a value"):
        mutate(record)

    assert record == PLAIN


@pytest.mark.parametrize("mutate", ON_ARRAYS.values(), ids=ON_ARRAYS)
def test_no_mutator_changes_an_array_of_a_record(mutate):
    """Every way to change a list is refused, and leaves it as it was."""
    tags = freeze(PLAIN)["tags"]

    with pytest.raises(TypeError, match="a record is a value"):
        mutate(tags)

    assert tags == ["x", "y"]


@pytest.mark.parametrize(
    "reach",
    [lambda record: record["at"], lambda record: record["at"]["path"], lambda record: record["at"]["path"][1]],
    ids=["object", "array", "array in an array"],
)
def test_a_record_is_frozen_all_the_way_down(reach):
    """What stands deep inside a record can be changed as little as the record."""
    record = freeze(PLAIN)

    part = reach(record)

    with pytest.raises(TypeError, match="a record is a value"):
        part.clear()


def test_a_record_is_no_window_on_what_it_was_made_of():
    """Who keeps the original cannot change the record through it."""
    original = {"tags": ["x"]}
    record = freeze(original)

    original["tags"].append("y")

    assert record == {"tags": ["x"]}


def test_a_record_equals_the_plain_value():
    """Handlers and tests compare records with plain JSON values."""
    record = freeze(PLAIN)

    assert record == PLAIN
    assert record == PLAIN


def test_a_record_is_written_as_the_plain_value_is():
    """Orjson writes the same bytes for both, members in the same order."""
    record = freeze(PLAIN)

    assert orjson.dumps(record) == orjson.dumps(PLAIN)


def test_what_is_frozen_is_not_frozen_again():
    """Freezing costs nothing for the parts of a record that come back in a new one."""
    tags = freeze(["x", "y"])

    record = freeze({"tags": tags})

    assert record["tags"] is tags


@pytest.mark.parametrize(("frozen", "copied"), [(freeze(PLAIN), {**freeze(PLAIN)}), (freeze(["x"]), [*freeze(["x"])])])
def test_a_copy_can_be_changed(frozen, copied):
    """`{**record}` and `[*items]` are ordinary values."""
    copied.clear()

    assert len(frozen) > 0


@pytest.mark.parametrize("value", [None, True, 7, 2**70, 1.5, "text"])
def test_a_scalar_stays_what_it_is(value):
    """Only objects and arrays need freezing."""
    assert freeze(value) is value


def test_objects_become_records_and_arrays_items():
    """The kinds of frozen values can be told from plain ones."""
    record = freeze({"tags": ("x", "y")})

    assert (type(record), type(record["tags"])) == (Record, Items)
