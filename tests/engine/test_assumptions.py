"""Assumptions are read from a YAML file that says clearly what is wrong with it."""

import pytest

from mockserver.engine.assumptions import Assumptions, read_assumptions
from mockserver.openapi.normalize.edits import ABSENT
from mockserver.problem import Unusable, Violation

GOOD = """\
empty-lists:
  question: May a list be empty?
  options: {refuse: "No: 400.", accept: "Yes."}
  default: refuse
  probe: POST /lists with [].
"""


@pytest.fixture
def write(tmp_path):
    """Writes a file of assumptions, and gives its path."""

    def file(text):
        path = tmp_path / "shop.assumptions.yaml"
        path.write_text(text)
        return path

    return file


def test_an_assumption_is_read_as_it_stands(write):
    """With its options in their order, and neither edits nor refusals where none are written."""
    path = write(GOOD)

    [assumption] = read_assumptions(path)

    assert (assumption.name, assumption.question) == ("empty-lists", "May a list be empty?")
    assert [*assumption.options.items()] == [("refuse", "No: 400."), ("accept", "Yes.")]
    assert (assumption.default, assumption.probe) == ("refuse", "POST /lists with [].")
    assert (assumption.document, assumption.refuses) == ({}, ())


def test_one_edit_stands_for_several_places(write):
    """Each of its pointers has the value, or is removed."""
    edits = """\
  document:
    accept:
      - at: [/components/schemas/A/minItems, /components/schemas/B/minItems]
        value: 0
      - at: /components/schemas/C
        remove: true
"""
    path = write(GOOD + edits)

    [assumption] = read_assumptions(path)

    assert assumption.document == {
        "accept": {
            "/components/schemas/A/minItems": 0,
            "/components/schemas/B/minItems": 0,
            "/components/schemas/C": ABSENT,
        }
    }


@pytest.mark.parametrize(
    ("place", "pointer", "keyword", "name"),
    [
        ("body", "", "minItems", "empty-lists"),
        ("body", "/names", "minItems", ""),
        ("query", "", "minItems", ""),
        ("body", "/items/7/id", "format", "empty-lists"),
        ("body", "/items/7/id", "type", "empty-lists"),
        ("body", "/items/7", "type", ""),
        ("body", "/note", "maxLength", "empty-lists"),
        ("body", "/items/0/part/note", "maxLength", "empty-lists"),
        ("body", "/footnote", "maxLength", ""),
    ],
)
def test_a_violation_finds_the_assumption_that_refuses_it(write, place, pointer, keyword, name):
    """`*` is any one token of the pointer, `**` any number of them; without a keyword every keyword is meant."""
    refuses = """\
  refuses:
    - {at: body, keyword: [minItems, maxItems]}
    - {at: body /items/*/id}
    - {at: body /**/note, keyword: maxLength}
"""
    assumptions = Assumptions(write(GOOD + refuses))

    found = assumptions.refusing(Violation(place, pointer, keyword, "is wrong"))

    assert found == name


def test_the_file_is_read_when_it_is_asked_for(tmp_path):
    """Naming a file that is not there fails with the first question, not before."""
    assumptions = Assumptions(tmp_path / "none.yaml")

    with pytest.raises(Unusable, match=r"none\.yaml: cannot be read"):
        list(assumptions)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "shop.assumptions.yaml: expected a mapping of names to assumptions"),
        (GOOD + GOOD, "empty-lists"),
        (f"\n{GOOD}  colour: red\n", ":2: the assumption 'empty-lists' has the unknown member 'colour'; known are"),
        (GOOD.replace("default: refuse", "default: deny"), "has the default 'deny', which is none of its options"),
        (GOOD.replace("  probe: POST /lists with [].\n", ""), "the assumption 'empty-lists' lacks `probe`"),
        (GOOD.replace("May a list be empty?", "7"), "has a `question` that is no text: 7"),
        (GOOD.replace('{refuse: "No: 400.", accept: "Yes."}', "{refuse: No}"), "has `options` that are no mapping of"),
        ("empty-lists: maybe\n", "the assumption 'empty-lists' has a value that is no mapping"),
        (GOOD + "  document: {deny: []}\n", "has a `document` that is no mapping of its options (refuse, accept)"),
        (GOOD + "  document: {accept: {}}\n", "has edits of the document for 'accept' that are no list"),
        (GOOD + "  document: {accept: [{at: /a}]}\n", "that has neither `value` nor `remove: true`, or both"),
        (GOOD + "  document: {accept: [{at: a, value: 1}]}\n", "is at 'a'; expected a JSON pointer such as"),
        (GOOD + "  document: {accept: [{value: 1}]}\n", "has an edit of the document for 'accept' that lacks `at`"),
        (GOOD + "  refuses: {at: body}\n", "has a `refuses` that is no list"),
        (GOOD + "  refuses: [{at: cellar /a}]\n", "is at 'cellar /a'; expected one of path, query, header, cookie"),
        (GOOD + "  refuses: [{at: body a}]\n", "is at 'body a'; expected one of path, query, header, cookie"),
        (GOOD + "  refuses: [{at: [], keyword: not}]\n", "has a `at` that is neither a text nor a list of texts: []"),
    ],
)
def test_a_file_that_is_not_valid_says_where_and_why(write, text, message):
    """The file, its line, the assumption, and what is wrong with it."""
    path = write(text)

    with pytest.raises(Unusable) as unusable:
        read_assumptions(path)

    assert message in str(unusable.value)
    assert str(path) in str(unusable.value)
