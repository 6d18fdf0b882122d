"""Probes are data: what a file may say, and how its mistakes are told."""

import pytest

from mockserver.contract.probe.probe_file import read_probe_book
from mockserver.engine.assumptions import Assumption
from mockserver.problem import Unusable

ASSUMPTIONS = [Assumption("unknown-ids", "What then?", {"skip": "Skipped.", "refuse": "404."}, "skip", "PATCH.")]
SENDS = "send: GET /things, look: status"


def read(tmp_path, text):
    """The probes that the text says."""
    file = tmp_path / "shop.probes.yaml"
    file.write_text(text)
    return read_probe_book(file, ASSUMPTIONS)


def test_a_shared_step_stands_by_its_name(tmp_path):
    """Its answer is called as the step is."""
    text = (
        "steps:\n  thing: {send: POST /things, undo: 'DELETE /things/{thing /id}'}\n"
        "probes:\n  unknown-ids:\n    steps: [thing, {send: 'GET /things/{thing /id}', look: status}]\n"
    )

    book = read(tmp_path, text)

    probe = book.probes["unknown-ids"]
    assert [(step.name, step.method, step.target) for step in probe.steps] == [
        ("thing", "POST", "/things"),
        ("", "GET", "/things/{thing /id}"),
    ]
    assert not probe.is_safe


def test_no_file_has_no_probes(tmp_path):
    """As most documents have none."""
    assert read_probe_book(tmp_path / "none.yaml", ASSUMPTIONS).probes == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "probes:\n  unknow-ids: {steps: [{SENDS}]}",
            "yaml:2: there is no assumption 'unknow-ids'; the nearest: unk",
        ),
        ("probes:\n  unknown-ids:\n    steps: []", "yaml:3: expected a list of 1 to 60 steps"),
        ("probes:\n  unknown-ids:\n    steps:\n      - {send: GET /things}", "yaml:3: no step has a `look`"),
        (
            "probes:\n  unknown-ids:\n    steps: [{send: things, look: status}]",
            "'things' is no request; expected a method",
        ),
        ("probes:\n  unknown-ids: {steps: [{send: GET /, look: state}]}", "'state' is no look; expected status, body"),
        (
            "probes:\n  unknown-ids: {steps: [{SENDS, caler: a}]}",
            "yaml:2: 'caler' is not known here; known are",
        ),
        ("probes:\n  unknown-ids: {steps: [{SENDS, caller: a}]}", "there is no caller 'a'"),
        ("probes:\n  unknown-ids: {steps: [{SENDS, times: 0}]}", "`times` is 0; expected a number from 1 to 30000"),
        ("probes:\n  unknown-ids: {steps: [thing]}", "there is no shared step 'thing'"),
        (
            "probes:\n  unknown-ids: {steps: [{send: 'GET /things/{thing /id}', look: status}]}",
            "refers to 'thing', which no earlier step is called",
        ),
        (
            "probes:\n  unknown-ids: {steps: [{send: 'GET /{uuid | uper}', look: status}]}",
            "has the filter 'uper'; kno",
        ),
        ("probes:\n  unknown-ids: {}", "expected either `steps` or `unsettled`, the reason why there are none"),
        ("probes:\n  unknown-ids: {steps: [{SENDS, within: 50-40 of 60}]}", "expected seconds of a period up to 3600"),
        (
            "probes:\n  unknown-ids: {steps: [{SENDS, unless: some}]}",
            "refers to 'some', which no earlier step is called",
        ),
        ("probes:\n  unknown-ids: {steps: [{say: live}]}", "`say` names 'live', which no earlier step connects"),
        ("probes:\n  unknown-ids: {steps: [{receive: 1, from: live}]}", "expected a step that connects"),
        ("probes:\n  unknown-ids: {steps: [{control: links/7}]}", "expected a request of the control API"),
        (
            "probes:\n  unknown-ids: {steps: [{SENDS}], alike: {'skip, none': a}}",
            "expected two of the options",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(text, told, tmp_path):
    """And with what was expected."""
    with pytest.raises(Unusable) as caught:
        read(tmp_path, text.replace("SENDS", SENDS))

    assert told in str(caught.value)
