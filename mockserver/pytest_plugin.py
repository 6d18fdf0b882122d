"""The pytest plugin: the fixture `mock_api` gives each test a mock of an OpenAPI document, in a world of its own.

Nothing but pytest is imported here: the mock is imported when the first test asks for it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

import pytest

_PACKAGE = str(Path(__file__).parent)
_LONGEST_FILE_NAME = 120
_DIGEST = 8
"""Characters of the digest that tells names of files apart."""
_IN_NODE_IDS = re.compile(r"::|/|\[|\]$")
"""What stands in the name of each test beside its words: folders, classes, and the brackets of its parameters."""
_STRANGE = re.compile(r"[^A-Za-z0-9._-]+")

_of_test = pytest.StashKey[Any]()
_shared = pytest.StashKey[list[Any]]()
"""The factories (mockserver.testing.mock_servers.MockApiFactory) of a test, and of the session."""
_of_workers = pytest.StashKey[list[Any]]()
"""What workers of pytest-xdist hand over for the end."""
_coverage = pytest.StashKey[Any]()
"""The coverage of the session (mockserver.testing.session_coverage.SessionCoverage), where it is asked for."""
_CASES = "mockserver.contract.suite.api_cases"
"""The module that is imported where a suite makes cases of Schemathesis."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the command line and of the ini file."""
    group = parser.getgroup("mock", "mocks of OpenAPI documents (mockserver)")
    group.addoption(
        "--mock-strict",
        action="store_true",
        default=None,
        help="fail each test that sends a request which breaks the document of its mock",
    )
    group.addoption(
        "--mock-har", metavar="DIR", help="write the requests of each failed test to its mocks into DIR, as HAR files"
    )
    group.addoption(
        "--mock-coverage",
        "--coverage-report",
        action="append",
        default=[],
        metavar="FILE",
        help="write which operations, statuses and parameters of the documents all tests together exercised into FILE: "
        "a name in .json, .md or .xml (JUnit); may be given often",
    )
    group.addoption(
        "--mock-coverage-fail-under",
        metavar="PERCENT",
        help="fail the session where the tests exercise less of the documents: 80, or operations=100,statuses=60",
    )
    parser.addini("mock_api_coverage_fail_under", help="as --mock-coverage-fail-under", default="")
    parser.addini("mock_api", type="args", help="the APIs or documents that mock_api() serves where none is named")
    parser.addini("mock_api_strict", type="bool", default=False, help="as --mock-strict")


def pytest_configure(config: pytest.Config) -> None:
    """The marker is known."""
    config.stash[_of_workers] = []
    files = config.getoption("--mock-coverage")
    least = config.getoption("--mock-coverage-fail-under") or config.getini("mock_api_coverage_fail_under")
    if files or least:
        with _plain_imports():
            from mockserver.problem import Unusable
            from mockserver.testing.session_coverage import SessionCoverage

        try:
            config.stash[_coverage] = SessionCoverage(files, least, config.invocation_params.dir)
        except Unusable as error:
            raise pytest.UsageError(str(error)) from None
    config.addinivalue_line(
        "markers",
        "mock_api(*apis, strict=False, **options): what mock_api() serves in this test where nothing else is said, and "
        "how; strict: requests that break the document fail the test",
    )


class _PlainImports(MetaPathFinder):
    """Finds the modules of this package as they are: pytest would compile all of them anew, to rewrite assertions."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(fullname, path, target) if fullname.startswith("mockserver.") else None


@contextmanager
def _plain_imports() -> Iterator[None]:
    finder = _PlainImports()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


# The fixtures


@pytest.fixture(scope="session")
def _mock_servers(pytestconfig: pytest.Config) -> Iterator[Any]:
    """The mocks of this process, each started when it is first asked for."""
    coverage = pytestconfig.stash.get(_coverage, None)
    with _plain_imports():
        from mockserver.testing.mock_servers import MockServers

        pytestconfig.stash[_shared] = []
        with MockServers(None if coverage is None else coverage.watch) as servers:
            yield servers
        del pytestconfig.stash[_shared]


@pytest.fixture
def mock_api(request: pytest.FixtureRequest, _mock_servers: Any) -> Iterator[Any]:
    """Serves OpenAPI documents to one test, each in a world that no other test sees.

    `api = mock_api("openapi.yaml")` is found at `api.url`.
    """
    from mockserver.testing.mock_servers import MockApiFactory, making

    folders = (request.path.parent, request.config.rootpath)
    with making(MockApiFactory(_mock_servers, request.node.name, folders, _defaults(request.node))) as factory:
        request.node.stash[_of_test] = factory
        yield factory


@pytest.fixture(scope="session")
def mock_api_factory(request: pytest.FixtureRequest, _mock_servers: Any) -> Iterator[Any]:
    """Serves OpenAPI documents to the tests of a module, a class or the session.

    `with mock_api_factory("openapi.yaml") as api` ends the world with the block, else it ends with the session.
    """
    from mockserver.testing.mock_servers import MockApiFactory, making

    config = request.config
    with making(MockApiFactory(_mock_servers, "shared", (config.rootpath,), _settings(config))) as factory:
        config.stash[_shared].append(factory)
        yield factory


def _settings(config: pytest.Config) -> tuple[Sequence[str], dict[str, Any]]:
    """The APIs and options that the ini file and the command line give."""
    strict = config.getoption("--mock-strict")
    return config.getini("mock_api"), {"strict": config.getini("mock_api_strict") if strict is None else strict}


def _defaults(item: pytest.Item) -> tuple[Sequence[Any], dict[str, Any]]:
    """The APIs and options for one test; the nearest marker has the last word."""
    apis, options = _settings(item.config)
    for marker in reversed([*item.iter_markers("mock_api")]):
        apis = marker.args or apis
        options = {**options, **marker.kwargs}
    return apis, options


# What a test is told


def pytest_runtest_setup(item: pytest.Item) -> None:
    """What others asked of the mocks that tests share belongs to no test from now on; those that cases of Schemathesis
    are sent to begin anew.
    """
    for made in _cases():
        made.begin()
    for api in _apis(item):
        api.mark()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fails the teardown for what fixtures sent then."""
    result = yield
    _fail_for_breaches(item)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Raises in the test what went wrong in a handler, and fails it for requests that break the document of a strict
    mock.
    """
    __tracebackhide__ = _is_of_handler
    try:
        result = yield
    except Exception as error:
        _forget_breaches(item)
        failure = _first_failure(item)
        if failure is not None and error.__cause__ is None:
            error.__cause__ = failure
        raise
    failure = _first_failure(item)
    if failure is not None:
        _forget_breaches(item)
        raise failure
    _fail_for_breaches(item)
    unused = [said for api in _own_apis(item) if api.strict for said in api.unused()]
    if unused:
        pytest.fail("\n".join(unused), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The report of a failed test says what it asked of its mocks."""
    report = yield
    if report.failed:
        for api in _apis(item):
            if api.recent:
                report.sections.append((f"mock {api.name}, world {api.world}", _told(api, item)))
        unused = [said for api in _own_apis(item) for said in api.unused()]
        if unused:
            report.sections.append(("mock answers that nothing asked for", "\n".join(unused)))
    if call.when == "teardown" and _of_test in item.stash:
        del item.stash[_of_test]
    return report


def _cases() -> list[Any]:
    """What mockserver.contract.cases made in this process."""
    return getattr(sys.modules.get(_CASES), "MADE", [])


# At the end


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands over what is told at the end; elsewhere the coverage is written."""
    config = session.config
    coverage, output = config.stash.get(_coverage, None), getattr(config, "workeroutput", None)
    if coverage is not None:
        for made in _cases():
            coverage.take(made.coverage)
    if output is not None:
        judged = sys.modules[_CASES].judged() if _cases() else []
        output["mockserver"] = json.dumps([judged, None if coverage is None else coverage.coverage])
    elif coverage is not None and not config.getoption("collectonly"):
        coverage.conclude(config.invocation_params.dir)
        if coverage.failures and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes over what a worker has to tell."""
    judged, counted = json.loads(getattr(node, "workeroutput", {}).get("mockserver", "[[], null]"))
    node.config.stash[_of_workers] += judged
    if counted is not None:
        node.config.stash[_coverage].take(counted)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tells which failures of Schemathesis were left out, and why; and the coverage of the documents."""
    of_workers, coverage = config.stash[_of_workers], config.stash.get(_coverage, None)
    if of_workers or _cases():
        from mockserver.contract.suite.api_cases import judged, judged_lines

        lines = judged_lines([*judged(), *of_workers])
        if lines:
            terminalreporter.section("mock: no failures of Schemathesis")
            terminalreporter.write_line("\n".join(lines))
    if coverage is not None and (coverage.lines or coverage.failures):
        terminalreporter.section("mock coverage")
        for line in coverage.lines:
            terminalreporter.write_line(line)
        for line in coverage.failures:
            terminalreporter.write_line(line, red=True)


def _apis(item: pytest.Item) -> list[Any]:
    """The mocks that the test may have asked."""
    shared = [
        api for factory in item.config.stash.get(_shared, ()) for made in factory.made for api in made.with_forks()
    ]
    return [*shared, *_own_apis(item)]


def _own_apis(item: pytest.Item) -> list[Any]:
    """The mocks that were made for the test alone."""
    own = item.stash.get(_of_test, None)
    return [] if own is None else [api for made in own.made for api in made.with_forks()]


def _first_failure(item: pytest.Item) -> Exception | None:
    """What a handler raised first, with the traceback of the user's code; each is told once."""
    for api in _apis(item):
        if api.failures:
            failure: Exception = api.failures[0]
            api.failures.clear()
            return failure.with_traceback(_own_frames(failure.__traceback__))
    return None


def _fail_for_breaches(item: pytest.Item) -> None:
    """Fails for each breach of a strict mock that was not told yet; mocks of one world are told once."""
    apis = {api.world: api for api in _apis(item) if api.strict}
    breaches = [said for api in apis.values() for said in api.take_breaches()]
    if breaches:
        pytest.fail("\n".join(("requests break the document of the mock:", *breaches)), pytrace=False)


def _forget_breaches(item: pytest.Item) -> None:
    """A test that has failed already tells its exchanges, and fails no second time."""
    for api in _apis(item):
        api.take_breaches()


def _is_of_handler(info: pytest.ExceptionInfo[BaseException]) -> bool:
    """Whether a traceback is to begin in the user's handler."""
    return not isinstance(info.value, pytest.fail.Exception)


def _own_frames(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame that is not the package's."""
    own = trace
    while own is not None and own.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        own = own.tb_next
    return own or trace


def _told(api: Any, item: pytest.Item) -> str:
    """The exchanges as text, and where they are as a file if that was asked for."""
    told: str = api.report()
    folder = item.config.getoption("--mock-har")
    if not folder or api.is_closed:
        return told
    file = item.config.invocation_params.dir / folder / f"{_file_name(api, item)}.har"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(api.har(), encoding="utf-8")
    return f"{told}\n{file}"


def _file_name(api: Any, item: pytest.Item) -> str:
    """The name of the file for a mock of a test, which no other mock has: where the test's own name has characters that
    files cannot have, or is too long, a digest of it stands at the end.
    """
    same = [one.world for one in _apis(item) if one.name == api.name]
    number = same.index(api.world)
    plain = _IN_NODE_IDS.sub("-", item.nodeid)
    name = _STRANGE.sub("-", f"{plain}-{api.name}").strip("-")
    if _STRANGE.search(plain) or len(name) > _LONGEST_FILE_NAME:
        digest = sha256(item.nodeid.encode()).hexdigest()[:_DIGEST]
        name = f"{name[-_LONGEST_FILE_NAME:].strip('-')}-{digest}"
    return f"{name}-{number + 1}" if number else name
