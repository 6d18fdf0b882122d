"""Sequences of requests as YAML."""

import pytest

from mockserver.contract.replay.planned_request import AnswerReference, KnownValue, PlannedRequest, UniqueText
from mockserver.contract.replay.request_sequence import RequestSequence, load_sequence
from mockserver.problem import Unusable

PETS = b"""\
about: a pet is renamed
api: pets
steps:
  - {name: created, method: post, path: /pets, body: {name: Rex, owner: {$known: owner}}}
  - method: PATCH
    path: /pets/{petId}
    path_values:
      petId: {$from: created, $at: /id}
    headers:
      If-Match: {$from: 1, $header: ETag}
    body: {name: Max}
    credentials: false
"""


def test_a_file_is_read_with_its_references():
    """To earlier answers by name or number, and to what the player knows."""
    sequence = load_sequence(PETS)

    create, patch = sequence.steps
    assert (sequence.about, sequence.api) == ("a pet is renamed", "pets")
    assert create == PlannedRequest("POST", "/pets", name="created", body={"name": "Rex", "owner": KnownValue("owner")})
    assert patch.path_values == {"petId": AnswerReference("created", "/id")}
    assert patch.headers == {"If-Match": AnswerReference(1, header="ETag")}
    assert patch.is_authenticated is False


def test_what_is_written_is_read_again():
    """Also a body whose members look like references."""
    sequence = RequestSequence(
        (
            PlannedRequest("POST", "/pets", "made", "createPet", body={"$from": "here", "tags": ["a", None, 1.5]}),
            PlannedRequest("GET", "/pets", query={"tag": ["a", "b"], "owner": AnswerReference(1, "/owner~1id")}),
            PlannedRequest(
                "PUT", "/pets/{id}", path_values={"id": AnswerReference("made", "/id", in_capitals=True)}, body=None
            ),
            PlannedRequest("POST", "/notes", body="on", media_type="text/plain", is_authenticated=False, does="a note"),
        ),
        api="pets",
        about="Two: lines\nof it",
    )

    again = load_sequence(sequence.serialized())

    assert again == sequence


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"[]", "case.yaml:1: expected a mapping with `steps`, a list of requests"),
        (b"steps:\n  - {method: GETT, path: /pets}\n", "case.yaml:2: the method 'GETT' is unknown; known are GET, PUT"),
        (
            b"steps:\n  - {method: GET, path: '/pets/{petId}'}\n",
            "case.yaml:2: `path_values` has no value for {petId} of the path",
        ),
        (b"steps:\n  - {method: GET, path: pets}\n", "case.yaml:2: the path 'pets' does not begin with a slash"),
        (b"steps:\n  - path: /pets\n", "case.yaml:2: a step has no `method`"),
        (b"steps:\n  - method: GET\n    path: /pets\n    querry: {}\n", "case.yaml:4: 'querry' is not known here"),
        (b"steps:\n  - method: GET\n    path: 7\n", "case.yaml:3: `path` is 7; expected a text"),
        (
            b"steps:\n  - method: GET\n    path: /a\n    query:\n      id: {$from: 1, $at: /id}\n",
            "case.yaml:5: $from is 1, which is the number or the name of no earlier step",
        ),
        (
            b"steps:\n  - {method: GET, path: /a}\n  - method: GET\n    path: /b\n    body: {$from: 1, $at: id}\n",
            "case.yaml:5: $at is 'id'; expected a JSON pointer such as /data/id",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(text, complaint):
    """And with what was expected."""
    with pytest.raises(Unusable) as refused:
        load_sequence(text, "case.yaml")

    assert str(refused.value).startswith(complaint)


def test_a_sequence_loses_steps_and_their_users():
    """References to numbers are renumbered; a step that others refer to cannot go alone."""
    first, second = PlannedRequest("POST", "/a"), PlannedRequest("POST", "/b")
    read = PlannedRequest("GET", "/b/{id}", path_values={"id": AnswerReference(2, "/id")})
    sequence = RequestSequence((first, second, read))

    shorter = sequence.without({0})

    assert shorter is not None
    assert shorter.steps[1].path_values == {"id": AnswerReference(1, "/id")}
    assert sequence.without({1}) is None
    assert sequence.users_of(1) == {1, 2}


def test_a_text_may_be_new_in_each_run():
    """As names that no two records share."""
    step = PlannedRequest("POST", "/users", body={"email": UniqueText("max{}@example.com"), "tags": ["a"]})
    sequence = load_sequence(RequestSequence((step,)).serialized())

    played = [sequence.of_run(run).steps[0].body for run in ("x1", "x2")]

    assert [body["email"] for body in played] == ["maxx1@example.com", "maxx2@example.com"]
    assert sequence.steps == (step,)
