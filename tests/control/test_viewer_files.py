"""Where the files of the viewer are taken from, as installed, in a bare checkout, and where there are none."""

from __future__ import annotations

import pytest

from mockserver.dashboard import viewer


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of a build, which has not been made."""
    folder = tmp_path / "swagger-ui"
    monkeypatch.setattr(viewer, "FOLDER", folder)
    viewer.viewer_file.cache_clear()
    yield folder
    viewer.viewer_file.cache_clear()


def test_what_the_build_copied_is_served(folder):
    """Rather than what happens to be installed beside it."""
    folder.mkdir()
    (folder / "swagger-ui-bundle.js").write_bytes(b"built")

    found = viewer.viewer_file("swagger-ui-bundle.js")

    assert found is not None
    assert found.content == b"built"


def test_a_bare_checkout_is_served_from_the_package_of_the_build(folder):
    """Nobody has to build first."""
    found = viewer.viewer_file("swagger-ui-bundle.js")

    assert found is not None
    assert b"SwaggerUIBundle" in found.content


def test_without_both_the_answer_says_what_to_install(folder, monkeypatch, process_server):
    """And the page shows it."""
    monkeypatch.setattr(viewer, "PACKAGE", "no_package_of_this_name")

    with process_server.client("/__admin") as control:
        answer = control.get("/page/viewer/swagger-ui-bundle.js")

    assert answer.status_code == 404
    assert "`pip install flask-swagger-ui`" in answer.json()["detail"]
