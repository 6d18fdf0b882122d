"""A bill of materials that is not what was installed is refused."""

from zipfile import ZipFile

import pytest

from tools.sbom import bundled, mistakes, with_bundled

INSTALLED = {"mockserver": "0.1.0", "flask": "3.1.3", "pyyaml": "6.0.3"}
MIT = [{"license": {"id": "MIT"}}]


def bill(*components, version="0.1.0"):
    """A bill with these components."""
    parts = [{"name": name, "version": its, "licenses": licenses} for name, its, licenses in components]
    return {"metadata": {"component": {"name": "mockserver", "version": version}}, "components": parts}


def test_a_bill_of_what_is_installed_holds():
    """Names are compared as registries do."""
    made = bill(("Flask", "3.1.3", MIT), ("PyYAML", "6.0.3", MIT))

    assert [*mistakes(made, INSTALLED)] == []


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (bill(("Flask", "3.1.3", MIT)), "pyyaml is not listed"),
        (bill(("Flask", "3.1.3", MIT), ("PyYAML", "6.0.2", MIT)), "pyyaml is listed as 6.0.2, and 6.0.3 is installed"),
        (bill(("Flask", "3.1.3", MIT), ("PyYAML", "6.0.3", [])), "pyyaml has no licence"),
        (
            bill(("Flask", "3.1.3", MIT), ("PyYAML", "6.0.3", MIT), ("pytest", "9.0", MIT)),
            "pytest is listed and not installed",
        ),
        (
            bill(("Flask", "3.1.3", MIT), ("PyYAML", "6.0.3", MIT), version="0.2.0"),
            "it is of mockserver 0.2.0, and 0.1.0 is installed",
        ),
    ],
)
def test_a_bill_of_something_else_does_not(made, said):
    """A component too few, too many, of another version or without a licence."""
    assert [*mistakes(made, INSTALLED)] == [said]


def test_what_the_wheel_has_inside_is_a_component_of_it(tmp_path):
    """The viewer of documents, by the version that stands beside it, with its licence."""
    with ZipFile(tmp_path / "made.whl", "w") as wheel:
        wheel.writestr("mockserver/dashboard/swagger-ui/VERSION", "v5.34.0\n")
    made = {
        "metadata": {"component": {"name": "mockserver", "bom-ref": "root"}},
        "components": [],
        "dependencies": [{"ref": "flask==3.1.3"}, {"ref": "root", "dependsOn": ["flask==3.1.3"]}],
    }

    bill = with_bundled(made, bundled(tmp_path / "made.whl"))

    viewer = "pkg:npm/swagger-ui-dist@5.34.0"
    [part] = bill["components"]
    assert (part["name"], part["version"], part["purl"]) == ("swagger-ui-dist", "5.34.0", viewer)
    assert part["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert bill["dependencies"] == [
        {"ref": "flask==3.1.3"},
        {"ref": "root", "dependsOn": ["flask==3.1.3", viewer]},
        {"ref": viewer},
    ]
