"""One word, one meaning: in the names of the package, in the public surface, in the documents."""

import ast
import inspect
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import mockserver
from mockserver.vendors import APIS
from tools import reference

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "mockserver"
FILES = sorted(PACKAGE.rglob("*.py"))
VENDORS = PACKAGE / "vendors"
TABLE = vars(mockserver)["_PUBLIC"]
PUBLIC = [*TABLE]
IMPORT = re.compile(r"^from mockserver\.([\w.]+) import (\w+) as \2$", re.MULTILINE)


def test_no_public_class_name_stands_twice():
    """Who reads a name knows which class is meant."""
    names = Counter(
        node.name
        for file in FILES
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )

    assert [name for name, times in names.items() if times > 1] == []


def test_no_module_name_stands_twice():
    """But for those of vendors, which are furnished alike."""
    names = Counter(file.stem for file in FILES if file.stem != "__init__" and not file.is_relative_to(VENDORS))

    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_in_the_glossary(name):
    """As code, with what it is."""
    assert f"`{name}`" in (ROOT / "docs" / "glossary.md").read_text()


def test_what_the_glossary_calls_a_class_is_one():
    """No word outlives what it stood for."""
    text = (ROOT / "docs" / "glossary.md").read_text()
    code = "\n".join(file.read_text() for file in FILES)

    words = re.findall(r"^\| (\*\*.*?) \|", text, re.MULTILINE)
    named = {name for word in words for name in re.findall(r"`(\w+)`", word)}

    assert (len(named) > 20, [name for name in sorted(named) if not re.search(rf"\b{name}\b", code)]) == (True, [])


# The public surface


def test_the_reference_page_is_up_to_date():
    """Otherwise: make docs."""
    assert reference.FILE.read_text() == reference.page()


def test_the_reference_page_has_every_public_name():
    """Each once."""
    listed = [name for names in reference.GROUPS.values() for name in names]

    assert sorted(listed) == sorted(PUBLIC)


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - set(reference.ALIASES)))
def test_every_public_name_has_a_docstring_of_its_own(name):
    """Not the one that Python makes up for tuples and data classes."""
    said = inspect.getdoc(getattr(mockserver, name)) or ""

    assert len(said) > 20
    assert not said.startswith(f"{name}(")


def test_type_checkers_see_the_same_names():
    """The stub beside the package says where each is."""
    stub = (PACKAGE / "__init__.pyi").read_text()

    told = {name: module for module, name in IMPORT.findall(stub)}

    assert told == TABLE
    assert (PACKAGE / "py.typed").exists()


def test_an_unknown_name_is_no_attribute():
    """As with any module."""
    with pytest.raises(AttributeError, match="module 'mockserver' has no attribute 'Nothing'"):
        vars(mockserver)["__getattr__"]("Nothing")


def test_importing_the_package_is_quick_and_opens_nothing_else():
    """In a process of its own: 150 ms at most, and no file but its own, which may be compiled first: a number is the
    file that this is written to.
    """
    code = (
        "import sys, time, importlib.util, importlib._bootstrap_external\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == 'open' else None)\n"
        "before, known = time.perf_counter(), set(sys.modules)\n"
        "import mockserver\n"
        "took = time.perf_counter() - before\n"
        "others = [file for file in opened if '__init__' not in file and not file.isdecimal()]\n"
        "print(took < 0.15, others, set(sys.modules) - known)"
    )

    printed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout

    assert printed == "True [] {'mockserver'}\n"


# The bundled APIs


@pytest.mark.parametrize("api", APIS)
def test_the_readme_speaks_of_every_bundled_api(api):
    """By its name."""
    assert f"`{api}`" in (ROOT / "README.md").read_text()
