"""`docs/pytest.md` shows whole test files, and each of them passes; what the migration notes name is there."""

import re
from pathlib import Path

import pytest

import mockserver
from mockserver.testing.mock_api import MockApi
from mockserver.testing.mock_servers import MockApiFactory

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "pytest.md").read_text()
FILES = dict(re.findall(r"^```python (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
TESTS = [name for name in FILES if name.startswith("test_")]
NAMED = re.compile(r"`(?:with )?(api|mock_api|mockserver)\.(\w+)")


@pytest.mark.parametrize("name", TESTS)
def test_a_file_of_the_page_passes(name, suite, request):
    """As it stands there, with the modules that the page shows beside it."""
    folder = request.getfixturevalue("pytester").path
    for beside in FILES.keys() - {*TESTS}:
        (folder / beside).write_text(FILES[beside])

    done = suite(FILES[name])

    done.assert_outcomes(passed=number_of_tests(FILES[name]))


def number_of_tests(text: str) -> int:
    """The number of tests in a file; one of them is parametrized, and says with how many values."""
    more = sum(int(number) - 1 for number in re.findall(r"parametrize\(.*range\((\d+)\)", text))
    return len(re.findall(r"^ *(?:async )?def test_", text, re.MULTILINE)) + more


def test_the_page_has_no_other_python():
    """Whatever it shows as Python is one of its files."""
    assert len(FILES) > 8
    assert len(re.findall(r"^```python", PAGE, re.MULTILINE)) == len(FILES)


@pytest.mark.parametrize("page", ["pytest.md", "migrating.md"])
def test_what_a_page_names_is_there(page):
    """Each `api.name` and `mock_api.name`."""
    known = {"api": MockApi, "mock_api": MockApiFactory, "mockserver": mockserver}
    named = set(NAMED.findall((ROOT / "docs" / page).read_text()))

    missing = [f"{owner}.{name}" for owner, name in sorted(named) if not hasattr(known[owner], name)]

    assert (len(named) > 5, missing) == (True, ["api.py"] if ("api", "py") in named else [])
