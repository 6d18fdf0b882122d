"""The mocks of a test session: each is served once, and gives every test a world of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from mockserver.problem import Unusable
from mockserver.server.in_process import RunningMock
from mockserver.server.in_process import running as serving
from mockserver.server.loading.services import load_services
from mockserver.server.option_checks import is_option, refuse_unknown_options
from mockserver.server.serve_options import Options
from mockserver.testing.mock_api import MockApi, first_api, fresh_world
from mockserver.vendors import APIS

_STRANGE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 48
"""Characters of a test's name that the name of its world begins with."""


class MockServers:
    """Starts a mock when it is first asked for, with these APIs and options, and keeps it until the block ends.
    `on_start` is called with each.
    """

    def __init__(self, on_start: Callable[[RunningMock], None] | None = None) -> None:
        self._on_start = on_start
        self._open = ExitStack()
        self._servers: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._servers.clear()
        self._open.close()

    def world(self, apis: Sequence[str], options: Mapping[str, Any], name: str, *, strict: bool) -> MockApi:
        """A fresh world of the mock of these APIs. Raises Unusable."""
        key = repr((apis, sorted(options.items())))
        running = self._servers.get(key)
        if running is None:
            running = self._servers[key] = self._open.enter_context(serving(*apis, **options))
            if self._on_start is not None:
                self._on_start(running)
        return MockApi(running, first_api(running), fresh_world(name), strict=strict)


class MockApiFactory:
    """Makes mocks for one test, or for whatever else it lives as long as: `mock_api("xqr")`.

    What is called without the names of APIs takes those of the marker `mock_api`, else of the ini option `mock_api`.
    Relative paths are looked for in `folders`. All that was made is ended with `close`.
    """

    def __init__(
        self,
        servers: MockServers,
        name: str,
        folders: Sequence[Path],
        defaults: tuple[Sequence[str | Path], Mapping[str, Any]] = ((), {}),
    ) -> None:
        self.made: list[MockApi] = []
        self._servers = servers
        self._name = _STRANGE.sub("-", name).strip("-._")[:_LONGEST_NAME]
        self._folders = folders
        self._defaults = defaults

    def __call__(self, *apis: str | Path, strict: bool | None = None, **options: Any) -> MockApi:
        """A mock of these APIs in a fresh world: names of bundled ones, paths of documents or folders; further
        arguments are members of Options. It is the first of them; `api["other"]` is another one. `strict`: a request
        that breaks the document fails the test. Raises Unusable.
        """
        __tracebackhide__ = True
        usual, settings = self._defaults
        wanted = apis or tuple(usual)
        if not wanted:
            raise Unusable(
                'mock_api() needs an API: mock_api("openapi.yaml"), @pytest.mark.mock_api("openapi.yaml"), or '
                "mock_api = openapi.yaml in the ini file"
            )
        chosen = {**settings, **options}
        is_strict = chosen.pop("strict", False) if strict is None else strict
        chosen.pop("strict", None)
        if not isinstance(is_strict, bool):
            raise Unusable(f"the option strict is {is_strict!r}; expected True or False")
        refuse_unknown_options(chosen, "mock_api", ("strict",))
        paths = [*map(partial(found_at, folders=self._folders), map(str, wanted))]
        try:
            api = self._servers.world(paths, chosen, self._name, strict=is_strict)
        except Unusable as error:
            raise error.with_traceback(None) from None
        self.made.append(api)
        return api

    def intercept(self, url: str, *apis: str | Path, **options: Any) -> MockApi:
        """Sends what this process asks at the address to a mock until the test ends, as MockApi.intercept does. Which:
        that of these APIs; else one made before whose document names the host; else as `mock_api()`; else the bundled
        API of that host. Raises Unusable.
        """
        api = self(*apis, **options) if apis else self._known(url) or self(*self._usual(url), **options)
        api.intercept(url)
        return api

    def _known(self, url: str) -> MockApi | None:
        """The mock made last whose document names the host, if there is one."""
        host = urlsplit(url if "://" in url else f"//{url}").hostname
        return next((api for api in reversed(self.made) if host in api.hosts), None)

    def _usual(self, url: str) -> Sequence[str]:
        """The bundled API of the host, where no other is meant by default."""
        if self._defaults[0]:
            return ()
        host = urlsplit(url if "://" in url else f"//{url}").hostname
        services = load_services(Options())
        found = [name for name, service in services.items() if host in service.spec.hosts]
        if not found:
            raise Unusable(
                f"no mock has a document with the server {url}; say which: mock_api.intercept(url, document)"
            )
        return found[:1]

    def environ(self, **variables: str) -> dict[str, str]:
        """The environment of a subprocess that is to find the mocks made so far, as MockApi.environ has it."""
        found: dict[str, str] = {}
        for api in self.made:
            found |= api.environ(**variables)
        return found

    def close(self) -> None:
        """Ends the worlds."""
        for api in self.made:
            api.close()


@contextmanager
def making(factory: MockApiFactory) -> Iterator[MockApiFactory]:
    """Ends what the factory made with the block."""
    try:
        yield factory
    finally:
        factory.close()


def found_at(api: str, folders: Sequence[Path]) -> str:
    """The name of a bundled API as it is; else the path where the first of the folders has it. Raises Unusable with the
    folders that were looked into, and with the nearest files and names.
    """
    __tracebackhide__ = True
    name, equals, rest = api.partition("=")
    path = rest if equals and name.isidentifier() else api
    if path in APIS:
        return api
    known = next((folder / path for folder in folders if (folder / path).exists()), None)
    if known is not None:
        return f"{api.removesuffix(path)}{known}"
    if equals and is_option(name):
        raise Unusable(
            f"{api!r} is an option, and an API was expected: the ini option mock_api names APIs and documents alone. "
            f"Options are given as mock_api(…, {api}) or @pytest.mark.mock_api({api})"
        )
    if "://" in path or Path(path).exists():
        return api
    raise Unusable(_not_found(path, folders))


def _not_found(path: str, folders: Sequence[Path]) -> str:
    looked = list(dict.fromkeys(str((folder / path).parent.resolve()) for folder in folders))
    files = {one.name for folder in looked if Path(folder).is_dir() for one in Path(folder).iterdir()}
    near = get_close_matches(Path(path).name, sorted(files | {*APIS}), 3, 0.6)
    told = f"; the nearest: {', '.join(near)}" if near else ""
    return (
        f"{path!r} is neither a file, a folder nor a bundled API; looked in {' and '.join(looked)}{told}. Bundled are "
        f"{', '.join(APIS)}"
    )
