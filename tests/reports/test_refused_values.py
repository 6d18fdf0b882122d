"""Of a valid request that is refused, the values are told that no accepted request had."""

from __future__ import annotations

from types import SimpleNamespace as Made

from mockserver.contract.checking.recording.refused_values import AcceptedValues


def case(body=None, query=None, path=None):
    """A case as Schemathesis has it."""
    return Made(path_parameters=path or {}, query=query or {}, body=body)


def accepting(*cases):
    """The values of these."""
    accepted = AcceptedValues()
    for one in cases:
        accepted.note(one)
    return accepted


def test_a_value_that_no_accepted_request_had_is_named_with_its_place():
    """What others had is not."""
    accepted = accepting(case({"title": "A", "tags": [{"name": ""}]}))

    why = accepted.why(case({"title": "A", "tags": [{"name": "a/b"}]}), b'{"title":"A","tags":[{"name":"a/b"}]}')

    assert why == 'Other requests were accepted, but none with body /tags/0/name "a/b"'


def test_what_is_masked_in_the_body_is_not_told():
    """The body is shown as reports show it."""
    why = accepting(case({"pin": "1"})).why(case({"pin": "77777"}), b'{"pin":"***"}')

    assert why == 'Other requests were accepted, but none with body /pin "***"'


def test_parameters_are_named_without_their_values():
    """The request above it shows them, where they are no secret; the same value at another place is another."""
    accepted = accepting(case(query={"page": "2"}, path={"id": 1}))

    why = accepted.why(case(query={"page": "1", "size": "2"}, path={"id": 2}), b"")

    assert why == "Other requests were accepted, but none with this path id, this query page, this query size"


def test_at_most_three_values_are_named():
    """The others are counted."""
    why = accepting(case({})).why(case({"a": 1, "b": None, "c": [], "d": {}, "e": 2.5}), b'{"a":1,"b":null,"c":[]}')

    assert why == "Other requests were accepted, but none with body /a 1, body /b null, body /c [] and 2 more"


def test_values_that_were_all_accepted_before_are_not_suspected():
    """It is their combination, or the time."""
    why = accepting(case({"a": 1}), case({"b": 2})).why(case({"a": 1, "b": 2}), b'{"a":1,"b":2}')

    assert why == "Each of its values was accepted in another request; together, or at that time, they are not"


def test_without_an_accepted_request_nothing_is_suspected():
    """All would be."""
    why = AcceptedValues().why(case({"a": 1}), b'{"a":1}')

    assert why == "No request of this operation was accepted"
