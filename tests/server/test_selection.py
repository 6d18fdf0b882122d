"""What is to be served, as it is named on the command line."""

import re
from pathlib import Path

import pytest

from mockserver.problem import Unusable
from mockserver.server.loading.selection import name_of, select


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("petstore.yaml", "petstore"),
        ("Pet Store.v3.json", "pet-store-v3"),
        ("__admin.yaml", "api"),
        ("äöü.yaml", "api"),
        ("my_api.yml", "my_api"),
    ],
)
def test_a_file_gives_its_api_a_name(file, name):
    """One that fits into a path."""
    assert name_of(Path(file)) == name


def test_bundled_apis_and_files_stand_side_by_side(tmp_path):
    """A file may be given another name."""
    file = tmp_path / "zoo.yaml"
    file.touch()

    selection = select(["xqr", str(file), f"animals={file}"])

    assert selection == {"xqr": None, "zoo": file, "animals": file}


def test_two_of_one_name_are_refused(tmp_path):
    """With a way out."""
    file = tmp_path / "xqr.yaml"
    file.touch()

    with pytest.raises(Unusable, match=re.escape(f"{file}: 'xqr' is served already; give one of them another name")):
        select(["xqr", str(file)])


def test_what_is_neither_is_refused(tmp_path):
    """With the names that there are."""
    said = r"'nothing\.yaml' is neither a file, a folder nor a bundled API; expected .* of xqr,"
    with pytest.raises(Unusable, match=said):
        select(["nothing.yaml"])


def test_a_folder_is_served_under_its_name(tmp_path):
    """Whatever is in it."""
    folder = tmp_path / "Pet Store"
    folder.mkdir()

    assert select([str(folder), f"other={folder}"]) == {"pet-store": folder, "other": folder}
