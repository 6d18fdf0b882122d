"""What schemas ask of requests and of responses."""

from typing import Any

import pytest

from mockserver.openapi.schema.message_schemas import MessageSchemas, relaxed
from mockserver.openapi.schema.validator import Schemas

ID = {"type": "integer", "readOnly": True}


def views(schemas: dict[str, Any]) -> MessageSchemas:
    """The views of a document with these schemas."""
    return MessageSchemas(Schemas({"components": {"schemas": schemas}}), frozenset({"readOnly", "writeOnly"}))


@pytest.mark.parametrize(
    ("value", "in_request", "in_response"),
    [
        ({"name": "a", "secret": "s"}, True, False),
        ({"name": "a", "id": 1}, False, True),
        ({"id": 1, "secret": "s"}, False, False),
        ({"id": 1, "name": "a", "secret": "s"}, True, True),
    ],
)
def test_read_only_members_need_not_be_sent_and_write_only_ones_need_not_come_back(value, in_request, in_response):
    """Both may be there all the same."""
    properties = {"id": ID, "name": {"type": "string"}, "secret": {"type": "string", "writeOnly": True}}
    both = views({"A": {"required": ["id", "name", "secret"], "properties": properties}})

    taken = both.request.validator("/components/schemas/A").accepts(value)
    given = both.response.validator("/components/schemas/A").accepts(value)

    assert (taken, given) == (in_request, in_response)


@pytest.mark.parametrize(
    "schemas",
    [
        {"A": {"required": ["id"], "properties": {"id": {"$ref": "#/components/schemas/Id"}}}, "Id": ID},
        {"A": {"required": ["id"], "properties": {"id": {"allOf": [{"$ref": "#/components/schemas/Id"}]}}}, "Id": ID},
        {
            "A": {"allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["id"]}]},
            "Base": {"properties": {"id": ID}},
        },
        {"A": {"required": ["id"], "allOf": [{"properties": {"id": ID}}]}},
        {
            "B": {"properties": {"A": {"properties": {"id": ID}, "required": ["id"]}}},
            "A": {"$ref": "#/components/schemas/B/properties/A"},
        },
    ],
)
def test_the_mark_counts_wherever_the_member_is_described(schemas):
    """Behind a reference, in a base, beside the demand."""
    assert views(schemas).request.validator("/components/schemas/A").accepts({}) is True


def test_names_in_data_are_no_demand():
    """An example may look like a schema."""
    document = {"components": {"schemas": {"A": {"example": {"required": ["id"], "properties": {"id": ID}}}}}}

    assert relaxed(document, "readOnly") is document


def test_where_nothing_is_marked_there_is_one_view():
    """And it is that of the document."""
    both = views({"A": {"required": ["id"], "properties": {"id": {"type": "integer"}}}})

    assert both.request is both.schemas
    assert both.response is both.schemas
