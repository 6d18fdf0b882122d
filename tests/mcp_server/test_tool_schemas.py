"""What tools take is what the document of the control API says."""

import pytest
from jsonschema import Draft202012Validator

from mockserver.control.application import DOCUMENT
from mockserver.mcp_server.tool_call import ControlReply, UnusableArguments, request_of, use_tool
from mockserver.mcp_server.tool_schemas import plan_tools
from mockserver.mcp_server.tool_table import TOOLS
from mockserver.openapi.model.document import load

SPEC = load(DOCUMENT, "control")
PLANS = plan_tools(SPEC.document)


@pytest.mark.parametrize("name", TOOLS)
def test_the_arguments_of_a_tool_are_a_whole_schema(name):
    """Valid, closed, and without a reference that leads out of it."""
    schema = PLANS[name].schema

    Draft202012Validator.check_schema(schema)

    assert (schema["additionalProperties"], "#/components" in str(schema)) == (False, False)


@pytest.mark.parametrize(
    "name", [name for name, plan in PLANS.items() if "examples" in plan.schema["properties"].get("body", {})]
)
def test_the_example_of_a_body_is_one_that_the_tool_takes(name):
    """The document's own example, against the schema made of it."""
    plan = PLANS[name]
    [example] = plan.schema["properties"]["body"]["examples"]
    arguments = {"body": example} | dict.fromkeys(plan.places.keys() & {*plan.schema["required"]}, "x")

    wrong = [error.message for error in Draft202012Validator(plan.schema).iter_errors(arguments)]

    assert wrong == []


def test_arguments_become_path_query_and_body():
    """A slash inside an id stays inside it; numbers and booleans are written as JSON has them."""
    listed = request_of(PLANS["list_records"], {"api": "xqr", "collection": "links", "limit": 5, "world": "alice"})
    put = request_of(PLANS["put_record"], {"api": "xqr", "collection": "links", "id": "a/b c", "body": {"n": 1}})
    asked = request_of(PLANS["list_requests"], {"broken": True})

    assert listed == ("GET", "alice", "/state/xqr/links", "limit=5", None)
    assert put == ("PUT", "", "/state/xqr/links/a%2Fb%20c", "", b'{"n":1}')
    assert asked == ("GET", "", "/requests", "broken=true", None)


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("list_records", {"api": "xqr"}, "list_records wants the argument 'collection'"),
        ("get_request", {"id": "stream"}, "get_request got stream as 'id'; expected a number"),
        ("advance_clock", {}, "advance_clock wants the argument 'body', an object"),
        ("get_record", {"api": "", "collection": "links", "id": "1"}, "get_record wants the argument 'api'"),
        ("list_records", {"limits": 1}, "list_records has no argument 'limits'; did you mean 'limit'?"),
        ("get_clock", {"zone": "UTC"}, "get_clock has no argument 'zone'; it takes world"),
        ("get_clock", {"world": 7}, "get_clock got 7 as its world; expected the name of one"),
    ],
)
def test_arguments_that_make_no_request_are_told(tool, arguments, told):
    """What was seen, and what the tool takes."""
    with pytest.raises(UnusableArguments) as caught:
        request_of(PLANS[tool], arguments)

    assert str(caught.value) == told


def test_a_tool_changes_nothing_where_its_operation_only_asks():
    """What is read by GET is marked so, and each of those that are posted and change nothing."""
    posted = {name for name, plan in PLANS.items() if plan.reads and plan.method != "GET"}

    assert {plan.reads for plan in PLANS.values() if plan.method == "GET"} == {True}
    assert posted == {"find_requests", "count_requests", "verify_requests", "near_misses_of_request"}
    assert {name for name, plan in PLANS.items() if plan.destroys} >= {"delete_record", "reset_world", "put_record"}


@pytest.mark.parametrize(("size", "failed"), [(200_000, False), (200_001, True)])
def test_an_answer_that_is_too_long_says_how_to_ask_for_less(size, failed):
    """It is not cut: half an answer would be read as the whole one."""
    answer = use_tool(PLANS["list_requests"], {}, lambda _request: ControlReply(200, b"x" * size))

    assert answer.failed is failed
    assert len(answer.texts[0]) == 200_000 or answer.texts[0] == (
        "The answer has 200001 characters, and a tool gives at most 200000; "
        "ask for less with limit or operation or summary."
    )


def test_an_answer_to_criteria_is_made_shorter_by_more_of_them():
    """There is no limit to it."""
    answer = use_tool(PLANS["find_requests"], {"body": {}}, lambda _request: ControlReply(200, b"x" * 200_001))

    assert answer.texts[0].endswith("a tool gives at most 200000; name more criteria in 'body'.")


def test_whatever_lists_may_be_asked_for_less():
    """So that a large answer that is refused has a way around."""
    less = {"limit", "text", "operation", "summary"}

    stuck = {name for name, plan in PLANS.items() if name.startswith("list_") and not less & plan.places.keys()}

    assert stuck == {"list_apis", "list_assumptions", "list_collections", "list_worlds", "list_faults"}


def test_a_tool_is_described_by_what_it_does():
    """The first word of one that changes something is what it does to it."""
    first = {plan.description.split()[0] for plan in PLANS.values() if not plan.reads}

    assert {word for word in first if not word.endswith("s")} == set()


def test_an_answer_of_another_kind_than_a_problem_is_told_as_it_is():
    """Whatever stands between the tool and the control API."""
    answer = use_tool(PLANS["get_clock"], {}, lambda _request: ControlReply(502, b"<html>"))

    assert answer == (("502: <html>",), True)
