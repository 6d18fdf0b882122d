"""A real browser before a real server: one browser for the run, a page and a world for each test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from inspect import signature
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import yaml
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.conftest import Server
from tests.dashboard.servers import served
from tests.support import chromium

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SCREENSHOTS = ROOT / "screenshots"
"""Pictures of the page as the last run saw it."""

CLIPBOARD = ["clipboard-read", "clipboard-write"]

_browsing = ThreadPoolExecutor(1, "browser")
"""The only thread that talks to the browser: its driver has an event loop running, which other tests must not find."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test that has a page runs in the thread of the browser."""
    if "page" not in pyfuncitem.fixturenames:
        return None
    wanted = signature(pyfuncitem.obj).parameters
    given = {name: pyfuncitem.funcargs[name] for name in wanted}
    _browsing.submit(pyfuncitem.obj, **given).result()
    return True


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    path = chromium()

    def start() -> tuple[Playwright, Browser]:
        driver = sync_playwright().start()
        return driver, driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])

    driver, started = _browsing.submit(start).result()
    yield started
    _browsing.submit(started.close).result()
    _browsing.submit(driver.stop).result()


@pytest.fixture(scope="session")
def dashboard_server() -> Iterator[Server]:
    """`mockserver serve` with a bundled API, a document of a user, and one with a webhook and a finding."""
    yield from served("xqr", str(ROOT / "examples" / "pets.yaml"), str(HERE / "shop.yaml"))


@pytest.fixture
def control(dashboard_server: Server, world: str) -> Iterator[httpx.Client]:
    """The control API of this test's world."""
    with dashboard_server.client(f"/~{world}/__admin") as client:
        yield client


@pytest.fixture
def pets(dashboard_server: Server, world: str) -> Iterator[httpx.Client]:
    """A client of `examples/pets.yaml` in this test's world."""
    with dashboard_server.client(f"/~{world}/pets/v1") as client:
        yield client


@pytest.fixture
def shop(dashboard_server: Server, world: str) -> Iterator[httpx.Client]:
    """A client of `shop.yaml` in this test's world."""
    with dashboard_server.client(f"/~{world}/shop") as client:
        yield client


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of its own. Afterwards the page has thrown no error, the browser has blocked nothing, and what was asked
    of the control API is in its document.
    """
    complaints: list[str] = []

    def opened() -> Page:
        context = browser.new_context(
            viewport={"width": 1280, "height": 860}, reduced_motion="reduce", permissions=CLIPBOARD
        )
        made = context.new_page()
        made.set_default_timeout(10_000)
        made.on("pageerror", lambda error: complaints.append(str(error)))
        made.on("console", lambda said: complaints.append(said.text) if _is_complaint(said.text) else None)
        made.on("request", lambda sent: complaints.extend(undocumented(sent.method, sent.url)))
        return made

    made = _browsing.submit(opened).result()
    yield made
    _browsing.submit(made.context.close).result()
    assert complaints == []


CONTROL_ADDRESS = re.compile(r"https?://[^/]+(?:/~[^/?]+)?/__admin(/[^?]*)?(?:\?(.*))?")


@cache
def documented() -> list[tuple[str, re.Pattern[str], frozenset[str]]]:
    """Each operation of the control API: its method, the form of its path, the names in its query."""
    document = yaml.load((ROOT / "mockserver" / "control" / "openapi.yaml").read_text(), yaml.CSafeLoader)
    shared = document["components"].get("parameters", {})
    found = []
    for path, item in document["paths"].items():
        form = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))
        for method in item.keys() & {"get", "put", "post", "patch", "delete"}:
            nodes = [*item.get("parameters", ()), *item[method].get("parameters", ())]
            known = [shared[node["$ref"].rsplit("/")[-1]] if "$ref" in node else node for node in nodes]
            query = frozenset(node["name"] for node in known if node["in"] == "query")
            found.append((method.upper(), form, query))
    return found


def undocumented(method: str, address: str) -> list[str]:
    """The complaint about a request to the control API that its document does not have; none about another one."""
    found = CONTROL_ADDRESS.fullmatch(address)
    if found is None:
        return []
    path, query = found[1] or "/", {name for name, _ in parse_qsl(found[2] or "", keep_blank_values=True)}
    is_known = any(method == known and form.fullmatch(path) and query <= names for known, form, names in documented())
    return [] if is_known else [f"{method} {address} is not in the document of the control API"]


def _is_complaint(text: str) -> bool:
    return "Content Security Policy" in text or "TrustedHTML" in text or "Uncaught" in text


@pytest.fixture
def visit(page: Page, dashboard_server: Server, world: str) -> Callable[..., Page]:
    """Opens a view in this test's world: `visit("state", "pets", "pets")`."""
    httpx.get(f"{dashboard_server.root}/~{world}/__admin/worlds").raise_for_status()  # makes it

    def opened(*parts: str) -> Page:
        page.goto(f"{dashboard_server.root}/__admin/#/{'/'.join((world, *parts))}")
        page.get_by_role("heading", level=1).wait_for()
        return page

    return opened


@pytest.fixture(scope="session")
def _screenshots() -> Path:
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS


@pytest.fixture
def picture(page: Page, _screenshots: Path) -> Callable[[str], None]:
    """Keeps a picture of the whole page under this name, in light and dark."""

    def taken(name: str) -> None:
        assert re.fullmatch(r"[a-z-]+", name)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.screenshot(path=_screenshots / f"{name}-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")

    return taken


@pytest.fixture
def axe(page: Page) -> Callable[[], list[dict[str, Any]]]:
    """What axe finds in the page as it is now that is serious or critical, in light and dark."""
    from axe_playwright_python.sync_playwright import Axe

    def found() -> list[dict[str, Any]]:
        serious: list[dict[str, Any]] = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            told = Axe().run(page).response["violations"]
            serious += [
                {"rule": one["id"], "scheme": scheme, "at": [node["target"] for node in one["nodes"]][:5]}
                for one in told
                if one["impact"] in ("serious", "critical")
            ]
        page.emulate_media(color_scheme="light")
        return serious

    return found


def pytest_sessionfinish() -> None:
    """No thread outlives the run."""
    _browsing.shutdown()
