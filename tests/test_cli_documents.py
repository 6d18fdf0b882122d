"""Which document is meant: by its file, from standard input, with files above its folder, and where no command is."""

from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.server import Options, create_app

ZOO = "openapi: 3.1.0\ninfo: {title: Zoo, version: '1'}\npaths: {/pets: {get: {operationId: listPets}}}\n"


def run(*arguments: str, given: str | None = None) -> Result:
    """The command, ended."""
    return CliRunner().invoke(main, arguments, input=given)


def test_a_document_comes_from_standard_input():
    """It is called `api`, unless another name is given."""
    assert "GET     /api/pets  listPets" in run("routes", "-", given=ZOO).stdout
    assert "GET     /zoo/pets  listPets" in run("routes", "zoo=-", given=ZOO).stdout
    assert run("lint", "-", given=ZOO.replace("paths", "path")).exit_code == 0
    assert "<stdin>:3: error:" in run("lint", "-", given=ZOO.replace("get", "gett")).stdout


def test_what_standard_input_refers_to_is_in_the_working_directory(tmp_path, monkeypatch):
    """As shells have it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.yaml").write_text("operationId: listPets")

    given = ZOO.replace("{operationId: listPets}", "{$ref: list.yaml}")

    assert "GET     /api/pets  listPets" in run("routes", "-", given=given).stdout


def test_standard_input_is_one_document():
    """It is read once."""
    refused = run("routes", "-", "other=-", given=ZOO)

    assert (refused.exit_code, refused.stderr) == (
        2,
        "mockserver: other=-: standard input is read once; one document can come from it\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["their.yaml"], "'their.yaml' is no command. To serve it: mockserver serve their.yaml"),
        (["a b.json", "-p", "80"], "'a b.json' is no command. To serve it: mockserver serve 'a b.json' -p 80"),
        (["xqr"], "'xqr' is no command. To serve it: mockserver serve xqr"),
        (["sevre"], "'sevre' is no command; did you mean `mockserver serve`?"),
        (["nonsense"], "No such command 'nonsense'"),
    ],
)
def test_what_is_no_command_is_told_one(arguments, said):
    """Where it is clear what is meant."""
    refused = run(*arguments)

    assert refused.exit_code == 2
    assert said in refused.stderr


@pytest.mark.parametrize("api", ["xqr", "botsubscription", "vivoldi", "spotzee"])
def test_a_bundled_api_can_be_linted(api):
    """By its name, and nothing is wrong with it."""
    linted = run("lint", api)

    assert (linted.exit_code, linted.output) == (0, "")


def test_json_that_is_none_is_told(tmp_path):
    """A trailing comma is read, since YAML allows it; in YAML it is nothing odd."""
    text = '{"openapi": "3.1.0",\n"info": {"title": "Zoo", "version": "1",}, "paths": {}}'
    (tmp_path / "zoo.json").write_text(text)
    (tmp_path / "zoo.yaml").write_text(text)

    linted = run("lint", str(tmp_path / "zoo.json"))

    assert linted.exit_code == 0
    assert linted.output == (
        f"{tmp_path}/zoo.json:2: warning: is no JSON: trailing comma (column 41). Read as YAML, which allows it; not "
        "everybody does. (#)\n"
    )
    assert run("lint", str(tmp_path / "zoo.yaml")).output == ""


@pytest.fixture
def spread(tmp_path: Path) -> Path:
    """A document whose operation stands above its own folder."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "zoo.yaml").write_text(ZOO.replace("{operationId: listPets}", "{$ref: ../list.yaml}"))
    answer = "{description: ok, content: {application/json: {example: [Rex]}}}"
    (tmp_path / "list.yaml").write_text(f"operationId: listPets\nresponses: {{'200': {answer}}}")
    return tmp_path


def test_files_above_the_folder_are_read_where_that_is_said(spread):
    """Without that the message says how."""
    document = str(spread / "api" / "zoo.yaml")
    app = create_app(Options(apis=(document,), root=str(spread)))

    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://127.0.0.1:4010") as client:
        assert client.get("/pets").json() == ["Rex"]
    assert run("lint", document, "--root", str(spread)).output == ""
    refused = run("lint", document)
    assert refused.exit_code == 1
    assert "'../list.yaml' leads out of the document's own folder" in refused.output
    assert "`--root DIR` names a folder further up" in refused.output


def test_nothing_above_the_named_folder_is_read(spread):
    """Nor what a link in it leads to."""
    (spread / "secret.yaml").write_text("operationId: stolen")
    (spread / "api" / "inner").mkdir()
    (spread / "api" / "inner" / "link.yaml").symlink_to(spread / "secret.yaml")
    document = spread / "api" / "inner" / "zoo.yaml"
    document.write_text(f"{ZOO.replace('{operationId: listPets}', '{$ref: ../../secret.yaml}')}  ")
    linked = spread / "api" / "inner" / "linked.yaml"
    linked.write_text(ZOO.replace("{operationId: listPets}", "{$ref: link.yaml}"))

    for file, ref in ((document, "../../secret.yaml"), (linked, "link.yaml")):
        told = run("lint", str(file), "--root", str(spread / "api")).output
        assert f"{ref!r} leads out of the folder of --root, {spread}/api" in told
        assert "stolen" not in run("routes", str(file), "--root", str(spread / "api")).output


@pytest.mark.parametrize(
    ("root", "said"),
    [("nowhere", "nowhere: is no folder; expected"), ("api/other", "is no folder that the document stands in")],
)
def test_a_root_without_the_document_is_refused(spread, root, said):
    """It has to be a folder above."""
    (spread / "api" / "other").mkdir()

    refused = run("routes", str(spread / "api" / "zoo.yaml"), "--root", str(spread / root))

    assert refused.exit_code == 2
    assert said in refused.stderr
