"""What is released: the wheel holds all that serving needs, and whoever builds it again has the same bytes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen
from zipfile import ZipFile

import pytest
from packaging.metadata import Metadata

import mockserver
from tests.conftest import free_port, started

ROOT = Path(__file__).parent.parent
CREDENTIAL = "Bearer xqr_pk_a1b2c3d4." + "x" * 64
SUMMER = "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"
VIEWER = ("LICENSE", "swagger-ui-bundle.js", "swagger-ui.css")
EPOCH = os.environ.get("SOURCE_DATE_EPOCH", "1700000000")
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", ".corpus", "build", "dist", "node_modules", "__pycache__"
)


class Archives(NamedTuple):
    """The two files of a release."""

    wheel: Path
    sdist: Path


def run(*command: object, cwd: Path, env: dict[str, str] | None = None) -> str:
    """What the command printed; its failure is the test's."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def build(source: Path, target: Path, *arguments: str, **env: str) -> Archives:
    """Both archives of a source tree, or one of them, built as `make dist` builds them."""
    command = (sys.executable, "-m", "hatchling", "build", "--directory", target, *arguments)
    run(*command, cwd=source, env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH} | env)
    return archives_in(target)


def archives_in(folder: Path) -> Archives:
    """The archives that a folder has."""
    found = [next(folder.glob(pattern), folder / "none") for pattern in ("mockserver-*.whl", "mockserver-*.tar.gz")]
    return Archives(*found)


@pytest.fixture(scope="module")
def archives(tmp_path_factory) -> Archives:
    """Those in the folder that the variable DIST names, which are to be released; else they are built for this."""
    if os.environ.get("DIST"):
        return archives_in(ROOT / os.environ["DIST"])
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture
def bare(tmp_path) -> Path:
    """The Python of an environment that has nothing but what the server runs on."""
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    python: Path = tmp_path / "venv" / "bin" / "python"
    for pinned in ("build.txt", "serve.txt"):
        install(python, "--require-hashes", "-r", ROOT / "constraints" / pinned)
    return python


def install(python: Path, *what: object) -> None:
    """Installs it there."""
    run(python, "-m", "pip", "install", "-q", "--no-compile", "--disable-pip-version-check", *what, cwd=python.parent)


def unpacked(sdist: Path, folder: Path) -> Path:
    """The source tree of a source distribution."""
    with tarfile.open(sdist) as packed:
        packed.extractall(folder, filter="data")
    return next(folder.iterdir())


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_an_archive_serves_from_an_empty_environment_elsewhere(archives, kind, bare, tmp_path):
    """Installed where there is no checkout nor what builds it, and started: the bundled APIs answer with their
    fixtures, and the docs load their viewer from the mock.
    """
    install(bare, "--no-deps", "--no-build-isolation", getattr(archives, kind))
    run(bare, "-m", "pip", "uninstall", "-q", "-y", "flask-swagger-ui", "hatchling", cwd=tmp_path)

    with serving(bare, tmp_path) as root:
        request = Request(f"{root}/xqr/api/v1/links/{SUMMER}", headers={"Authorization": CREDENTIAL})
        link = json.loads(read(request))["data"]
        docs = read(f"{root}/__admin/docs").decode()
        viewer = {name: read(f"{root}/__admin/page/viewer/{name}") for name in VIEWER}

    assert link["short_code"] == "summer24"
    assert '<script src="page/viewer/swagger-ui-bundle.js" defer></script>' in docs
    assert viewer == {name: ZipFile(archives.wheel).read(f"mockserver/dashboard/swagger-ui/{name}") for name in VIEWER}
    assert b"SwaggerUIBundle" in viewer["swagger-ui-bundle.js"]
    assert b"Apache License" in viewer["LICENSE"]


def read(what: str | Request) -> bytes:
    """The body of an answer that says 200."""
    with urlopen(what, timeout=10) as response:
        content: bytes = response.read()
    return content


def test_an_editable_installation_has_the_viewer_in_its_tree(archives, tmp_path):
    """Copied there, where the server of a checkout finds it, and not into the wheel that only points to the tree."""
    source = unpacked(archives.sdist, tmp_path / "source")
    folder = source / "mockserver" / "dashboard" / "swagger-ui"
    before = folder.exists()

    built = build(source, tmp_path / "dist", "--target", "wheel:editable")

    assert not before
    assert {path.name for path in folder.iterdir()} == {*VIEWER, "VERSION"}
    assert [name for name in ZipFile(built.wheel).namelist() if "swagger" in name] == []


def test_a_build_without_what_the_viewer_is_copied_from_says_what_to_install(archives, tmp_path):
    """No wheel without it by mistake."""
    source = unpacked(archives.sdist, tmp_path / "source")
    hidden = "import sys; sys.modules['flask_swagger_ui'] = None; from hatchling.cli import hatchling; hatchling()"

    done = subprocess.run(
        [sys.executable, "-c", hidden, "build", "--target", "wheel"],
        cwd=source,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert done.returncode != 0
    assert "pip install --require-hashes -r constraints/build.txt" in done.stderr
    assert not (source / "dist").exists() or not [*(source / "dist").glob("*.whl")]


@contextmanager
def serving(python: Path, folder: Path) -> Iterator[str]:
    """The address of a server that was started as a user starts it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    port = free_port()
    command = [str(python.parent / "mockserver"), "serve", "--port", str(port)]
    with started(command, port, cwd=folder, env=env) as address:
        yield address


def test_two_builds_are_the_same_bytes(archives, tmp_path):
    """In another folder, at another time, in another time zone, with other permissions and bytecode lying about."""
    copy = tmp_path / "elsewhere" / "copy"
    shutil.copytree(ROOT, copy, ignore=LEFT_BEHIND)
    for path in copy.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(path.stat().st_mode & 0o700)
    (copy / "mockserver" / "__pycache__").mkdir()
    (copy / "mockserver" / "__pycache__" / "stray.cpython-311.pyc").write_bytes(b"stray")

    again = build(copy, tmp_path / "dist", TZ="Asia/Kathmandu")

    assert again.wheel.read_bytes() == archives.wheel.read_bytes()
    assert again.sdist.read_bytes() == archives.sdist.read_bytes()


def test_the_source_distribution_builds_the_very_wheel(archives, tmp_path):
    """Whoever builds from it has what is released."""
    source = unpacked(archives.sdist, tmp_path / "source")

    built = build(source, tmp_path / "dist", "--target", "wheel")

    assert built.wheel.read_bytes() == archives.wheel.read_bytes()


def test_the_wheel_holds_what_is_used_and_nothing_else(archives):
    """Types, the plugin of pytest, documents and records; no tests, no tools, no bytecode."""
    packed = ZipFile(archives.wheel)
    files = packed.namelist()
    entry_points = packed.read(next(name for name in files if name.endswith("entry_points.txt"))).decode()

    assert {name.split("/")[0] for name in files} == {"mockserver", f"mockserver-{mockserver.__version__}.dist-info"}
    assert {
        "mockserver/py.typed",
        "mockserver/__init__.pyi",
        "mockserver/specs/xqr.yaml",
        "mockserver/fixtures/xqr.yaml",
        *(f"mockserver/dashboard/swagger-ui/{name}" for name in VIEWER),
        f"mockserver-{mockserver.__version__}.dist-info/licenses/LICENSE",
        f"mockserver-{mockserver.__version__}.dist-info/licenses/NOTICE",
        f"mockserver-{mockserver.__version__}.dist-info/licenses/LICENSES/Apache-2.0.txt",
    } <= {*files}
    assert [name for name in files if name.endswith((".pyc", ".orig", "~"))] == []
    assert "[console_scripts]\nmockserver = mockserver.cli:main" in entry_points
    assert "[pytest11]\nmockserver = mockserver.pytest_plugin" in entry_points


def test_the_source_distribution_has_what_its_make_needs(archives, tmp_path):
    """Tests, docs and pins: `make test` and `make docs` work there as in a checkout."""
    source = unpacked(archives.sdist, tmp_path)

    missing = [
        name
        for name in (
            "Makefile",
            "constraints/dev.txt",
            "tests/conftest.py",
            "docs/conf.py",
            "LICENSE",
            "NOTICE",
            "CHANGELOG.md",
        )
        if not (source / name).is_file()
    ]

    assert missing == []


def test_the_metadata_is_what_a_registry_takes(archives):
    """Valid as a whole, and true: no address of which nobody knows whether it is there."""
    packed = ZipFile(archives.wheel)
    written = packed.read(f"mockserver-{mockserver.__version__}.dist-info/METADATA")

    metadata = Metadata.from_email(written, validate=True)

    assert (metadata.name, str(metadata.version)) == ("mockserver", mockserver.__version__)
    assert metadata.license_expression == "MIT AND Apache-2.0"
    assert {*(metadata.license_files or [])} == {"LICENSE", "NOTICE", "LICENSES/Apache-2.0.txt"}
    assert (str(metadata.requires_python), metadata.description_content_type) == (">=3.11", "text/markdown")
    assert {"Typing :: Typed", "Framework :: Pytest"} <= {*(metadata.classifiers or [])}
    assert not metadata.project_urls
    assert {"check", "docs", "live"} <= {*(metadata.provides_extra or [])}


def test_each_place_that_says_the_version_says_the_same():
    """pyproject.toml, the package, the label of the image, the changelog."""
    said = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    label = re.search(r'image\.version="([^"]+)"', (ROOT / "Dockerfile").read_text())
    changelog = (ROOT / "CHANGELOG.md").read_text()

    assert said == mockserver.__version__
    assert label is not None
    assert label[1] == said
    assert f"## [{said}]" in changelog or f"To become {said}" in changelog


def test_the_labels_of_the_image_are_known_ones():
    """Those of the OCI, with values that say something; the commit and its time are added by `make image`."""
    text = (ROOT / "Dockerfile").read_text()
    labels = dict(re.findall(r'org\.opencontainers\.image\.([a-z.]+)="([^"]*)"', text))
    described = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    make = (ROOT / "Makefile").read_text()

    assert labels == {
        "title": "mockserver",
        "description": described["description"],
        "version": described["version"],
        "licenses": described["license"],
        "authors": described["authors"][0]["name"],
        "base.name": "${PYTHON_IMAGE}",
    }
    assert {"revision", "created"} == {*re.findall(r"--label org\.opencontainers\.image\.(\w+)=", make)}


def test_serving_installs_nothing_that_only_checking_needs():
    """Schemathesis, Hypothesis and pytest are no requirement of the server."""
    pinned = (ROOT / "constraints" / "serve.txt").read_text()

    names = {line.partition("==")[0] for line in pinned.splitlines() if "==" in line}

    assert not names & {
        *("schemathesis", "hypothesis", "pytest", "httpx", "sphinx", "cyclonedx-bom", "hatchling", "flask-swagger-ui")
    }
