"""A file that says what a server does, as `mockserver assumptions --write` makes it."""

from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from mockserver import create_app, running
from mockserver.cli import main
from mockserver.problem import Unusable

TASKLY = str(Path(__file__).parents[2] / "examples" / "taskly")
TWICE = {"tasks": [{"id": 3, "done": True}, {"id": 3, "done": False}]}
KEY = {"Authorization": "Bearer home-key"}


@pytest.fixture
def refusing(tmp_path):
    """A file that says that a task must not be named twice, and something of an API that is not served."""
    file = tmp_path / "taskly.yaml"
    file.write_text('taskly.duplicate-ids: "refuse"\nxqr.unknown-ids: "refuse"\n')
    return file


def test_a_mock_in_a_test_does_what_the_file_says(refusing):
    """Also under further assumptions, and unless another option is given in the code."""
    with running(TASKLY, assume_from=[refusing]) as mock:
        refused = httpx.patch(f"{mock.url}/tasks", json=TWICE, headers=KEY)
    with running(TASKLY, assume_from=[refusing], assume={"taskly.duplicate-ids": "apply"}) as mock:
        applied = httpx.patch(f"{mock.url}/tasks", json=TWICE, headers=KEY)

    assert (refused.status_code, applied.status_code) == (409, 200)


def test_a_file_of_comments_alone_says_nothing(tmp_path):
    """As one is that was written by hand to be filled in."""
    file = tmp_path / "none.yaml"
    file.write_text("# unclear: nobody answered\n\n  # taskly.duplicate-ids: refuse\n")

    with running(TASKLY, assume_from=[file]) as mock:
        answer = httpx.patch(f"{mock.url}/tasks", json=TWICE, headers=KEY)

    assert answer.status_code == 200


def test_a_name_that_is_none_is_told(tmp_path):
    """With those that there are."""
    file = tmp_path / "wrong.yaml"
    file.write_text('taskly.duplicate-id: "refuse"\n')

    with pytest.raises(Unusable, match="taskly has no assumption 'duplicate-id'; the nearest: duplicate-ids"):
        create_app(TASKLY, assume_from=[file])


def test_routes_takes_the_file(refusing, tmp_path):
    """And refuses a mistake in one line."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("xqr.unknown-ids=refuse\n")

    shown = CliRunner().invoke(main, ["routes", TASKLY, "--assume-from", str(refusing)])
    refused = CliRunner().invoke(main, ["routes", TASKLY, "--assume-from", str(wrong)])

    assert (shown.exit_code, "updateTasks" in shown.output) == (0, True)
    assert refused.exit_code == 2
    assert refused.stderr == f"mockserver: {wrong}: expected a mapping such as `xqr.unknown-ids: refuse`\n"
