"""Runs the tests of a user: pytest inside pytest, with the plugin and nothing else that is installed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from _pytest.pytester import SysModulesSnapshot

ORDERS = Path(__file__).parent.parent.parent / "examples" / "orders.yaml"

Suite = Callable[..., pytest.RunResult]


class _KeptModules(SysModulesSnapshot):
    """Forgets the modules of the inner run alone: what a library imports late is imported once for all tests."""

    def __init__(self, preserve: Callable[[str], bool] | None = None) -> None:  # noqa: ARG002 - called with it
        super().__init__(lambda name: not name.startswith(("test_", "conftest", "handlers", "shop")))


@pytest.fixture
def suite(monkeypatch, request) -> Suite:
    """`suite(text, *arguments)` runs the text as a test file, beside the document `orders.yaml`."""
    monkeypatch.setattr("_pytest.pytester.SysModulesSnapshot", _KeptModules)
    pytester: pytest.Pytester = request.getfixturevalue("pytester")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (pytester.path / "orders.yaml").write_text(ORDERS.read_text())

    def run(text: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_suite=f"import httpx\nimport pytest\n\n{text}")
        return pytester.runpytest_inprocess("-p", "mockserver.pytest_plugin", *arguments)

    return run
