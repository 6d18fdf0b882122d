import pytest

from mockserver.openapi.normalize.edits import ABSENT, edited
from mockserver.problem import Unusable

DOCUMENT = {"schemas": {"a/b": {"type": "string", "minLength": 1}}, "tags": ["x"]}


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ({"/schemas/a~1b/minLength": 2}, {"type": "string", "minLength": 2}),
        ({"/schemas/a~1b/maxLength": 9}, {"type": "string", "minLength": 1, "maxLength": 9}),
        ({"/schemas/a~1b/minLength": ABSENT}, {"type": "string"}),
        ({"/schemas/a~1b/type": None, "/schemas/a~1b/minLength": ABSENT}, {"type": None}),
    ],
    ids=["changed", "added", "gone", "two at once"],
)
def test_a_member_reads_as_edited(edits, expected):
    """A member has its new value, whether it is changed, added or gone."""
    schema = edited(DOCUMENT, edits)["schemas"]["a/b"]

    assert schema == expected


def test_the_original_stays():
    """An edit leaves the document that it was made to as it was."""
    edited(DOCUMENT, {"/schemas/a~1b/type": "integer", "/tags": ABSENT})

    assert DOCUMENT == {"schemas": {"a/b": {"type": "string", "minLength": 1}}, "tags": ["x"]}


@pytest.mark.parametrize("edits", [{"/paths/x": 1}, {"/schemas/c": ABSENT}, {"/tags/0": "y"}])
def test_an_edit_that_leads_nowhere_is_refused(edits):
    """A pointer whose way does not exist, or that takes away what is not there, is named."""
    with pytest.raises(Unusable, match=next(iter(edits))):
        edited(DOCUMENT, edits)
