"""Why another server refuses all that the mock accepts."""

import pytest

from mockserver.contract.compare.answer_tally import AnswerTally


@pytest.mark.parametrize(
    ("statuses", "has_credential", "hint"),
    [
        ({"list": {401}, "read": {403}}, True, "answered 401 or 403: the credential that was given is not accepted"),
        ({"list": {401}, "read": {200}}, False, "answered 401: no credential was given: send yours by -H"),
        ({"list": {401}, "read": {200}}, True, ""),
        ({"list": {404}, "read": {404}}, True, "answered 404 to everything that the mock answers"),
        ({"list": {404}}, True, ""),
        ({"list": {404, 200}, "read": {404}}, True, ""),
        ({}, False, ""),
    ],
)
def test_refusals_have_one_cause(statuses, has_credential, hint):
    """A missing credential, or a wrong address; a single refusal proves neither."""
    tally = AnswerTally()
    for operation, seen in statuses.items():
        for status in seen:
            tally.add(operation, status, is_guarded=True)

    said = tally.hint(has_credential=has_credential)

    assert hint in said if hint else not said
