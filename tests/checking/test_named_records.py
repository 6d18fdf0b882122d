"""Members of request bodies that name records are known by the structure of the document, or as ids by their name."""

import pytest

from mockserver.contract.checking.checks.checked_api import CheckedApi
from mockserver.contract.checking.recording.named_records import NamedRecords
from mockserver.contract.checking.recording.refused_values import SentValue
from mockserver.openapi.model.document import load
from tests.checking.test_body_references import SHOP


@pytest.mark.parametrize(
    ("place", "steps", "expected"),
    [
        ("body", ("customer_id",), "customer_id"),
        ("body", ("tag_ids", "0"), "tag_ids[*]"),
        ("body", ("relationships", "author", "data", "id"), "relationships.author.data.id"),
        ("body", ("lines", "1", "productId"), "lines[*].productId"),
        ("body", ("note",), ""),
        ("body", ("paid",), ""),
        ("body", ("0",), ""),
        ("body", ("id",), ""),
        ("query", ("customer_id",), ""),
    ],
)
def test_a_value_that_names_a_record_is_known_by_its_place(tmp_path, place, steps, expected):
    """The id that a request gives its own record is none, and no word that ends like one."""
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP)
    api = CheckedApi(load(file, "shop"))
    [operation] = [one for one in api.spec.operations if one.id == "placeOrder"]

    path = NamedRecords(api).first(operation, [SentValue("body", ("note",), "'a'"), SentValue(place, steps, "1")])

    assert path == expected
