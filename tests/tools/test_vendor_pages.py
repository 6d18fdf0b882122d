"""The pages of the bundled APIs have the errors and assumptions of their documents."""

import pytest

from mockserver.vendors import APIS
from tools import vendor_pages


@pytest.mark.parametrize("api", APIS)
def test_the_tables_of_a_page_are_up_to_date(api):
    """Otherwise: make docs."""
    assert vendor_pages.page_of(api).read_text() == vendor_pages.page(api)


@pytest.mark.parametrize("api", APIS)
def test_a_page_has_each_assumption_and_more_than_one_error(api):
    """So an empty table is noticed."""
    text = vendor_pages.page_of(api).read_text()

    missing = [
        one.name for one in APIS[api].assumptions if f"| `{one.name}` | {vendor_pages.cell(one.question)}" not in text
    ]
    errors = text.partition("<!-- errors")[2].partition("<!-- end of errors")[0]

    assert missing == []
    assert errors.count("\n| ") > 8


def test_a_success_is_no_error():
    """Though it has a code and a message too."""
    assert vendor_pages.told({"ok": True, "code": 201, "message": "Plan created successfully"}) == ("", "")
    assert vendor_pages.told({"code": 1002, "message": "The group 1 does not exist."}) == (
        "1002",
        "The group 1 does not exist.",
    )
