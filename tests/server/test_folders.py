"""An API of a user's own: a folder with a document, and beside it records, assumptions and code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from mockserver import create_app, running
from mockserver.problem import Unusable
from mockserver.server import Options, create_mock
from mockserver.server.mock import renew

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
security: [{key: []}]
paths:
  /lamps:
    get:
      operationId: listLamps
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Lamp"}}}}
    post:
      operationId: createLamp
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/NewLamp"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Lamp"}}}}
  /lamps/{id}:
    get:
      operationId: getLamp
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Lamp"}}}}
        "404": {description: None.}
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    NewLamp: {type: object, required: [name], properties: {name: {type: string}}}
    Lamp: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}
"""
BULBS = SHOP.replace(
    "components:\n",
    """
  /lamps/{lampId}/bulbs:
    parameters: [{name: lampId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: listBulbs
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Bulb"}}}}
    post:
      operationId: createBulb
      requestBody: {content: {application/json: {schema: {type: object, properties: {watts: {type: integer}}}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Bulb"}}}}
components:
""",
    1,
).replace("    NewLamp:", "    Bulb: {properties: {id: {type: integer}, watts: {type: integer}}}\n    NewLamp:")
RECORDS = "lamps:\n  - {id: 7, name: Moon}\n"
ASSUMED = """
loud-names:
  question: Is a name written in capitals?
  options: {no: It is kept., yes: It is written in capitals.}
  default: "no"
  probe: Create a lamp and read it.
"""
CODE = """
from mockserver import Api, CollectionSpec, Guard
from .names import spelt

def create(call, state):
    return state["lamps"].insert({"id": 8, "name": spelt(call, call.body["name"])})

def get(call, state):
    if call.path["id"] == 0:
        raise KeyError("nothing")
    return call.default()

API = Api(
    handlers={"createLamp": create, "GET /lamps/{id}": get},
    collections={"keys": CollectionSpec("key")},
    guard=Guard("Bearer", credentials="keys"),
    credential=("Authorization", "Bearer k1"),
)
"""
NAMES = """
def spelt(call, name):
    return name.upper() if call.assume("loud-names") == "yes" else name
"""
KEY = {"Authorization": "Bearer k1"}


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with all that a folder may have."""
    shop = tmp_path / "shop"
    shop.mkdir()
    write(shop, **{"openapi.yaml": SHOP, "records.yaml": f"{RECORDS}keys:\n  - {{key: k1}}\n"})
    write(shop, **{"assumptions.yaml": ASSUMED, "api.py": CODE, "names.py": NAMES})
    return Path(shop)


def write(folder: Path, **files: str) -> None:
    """The folder has these files."""
    for name, text in files.items():
        (folder / name).write_text(text)


def client(folder: Path, **options: object) -> httpx.Client:
    """A client of what is in the folder, with its key."""
    app = create_app(folder, **options)
    return httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://127.0.0.1:4010/shop", headers=KEY)


# What a folder says


def test_what_the_code_leaves_out_is_as_the_document_tells(folder):
    """Lists are inferred, a handler may ask for what would have been answered, the records are those of the file."""
    shop = client(folder)

    assert shop.get("/lamps").json() == [{"id": 7, "name": "Moon"}]
    assert shop.get("/lamps/7").json() == {"id": 7, "name": "Moon"}
    assert shop.get("/lamps/9").status_code == 404


def test_a_handler_of_a_folder_answers(folder):
    """With the status that the document declares, and what it wrote is read by what was inferred."""
    shop = client(folder)

    made = shop.post("/lamps", json={"name": "Sun"})

    assert (made.status_code, made.json()) == (201, {"id": 8, "name": "Sun"})
    assert [lamp["name"] for lamp in shop.get("/lamps").json()] == ["Moon", "Sun"]


def test_a_guard_of_a_folder_knows_its_keys(folder):
    """From the collection that it names."""
    shop = client(folder)

    answers = [shop.get("/lamps", headers={"Authorization": f"Bearer {key}"}).status_code for key in ("k1", "k2")]

    assert answers == [200, 401]


def test_an_assumption_of_a_folder_can_be_switched(folder):
    """And the answer names it."""
    shop = client(folder, assume={"shop.loud-names": "yes"})

    made = shop.post("/lamps", json={"name": "Sun"})

    assert (made.json()["name"], made.headers["Mock-Assumption"]) == ("SUN", "shop.loud-names=yes")


def test_records_alone_fill_what_is_inferred(folder):
    """Without a line of code."""
    (folder / "api.py").unlink()
    (folder / "assumptions.yaml").unlink()
    write(folder, **{"records.yaml": RECORDS})

    assert client(folder).get("/lamps").json() == [{"id": 7, "name": "Moon"}]


def test_a_handler_that_fails_says_where(folder, caplog):
    """In the answer and in the log."""
    answer = client(folder).get("/lamps/0")

    said = "api.py:10, in get: KeyError: 'nothing'"
    assert answer.status_code == 500
    assert answer.json()["detail"].endswith(said)
    assert said in caplog.text


def test_a_folder_is_read_again(folder):
    """Code, neighbours and all; what was written stays."""
    options = Options(apis=(str(folder),))
    mock = create_mock(options)
    shop = httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010", headers=KEY)
    shop.post("/lamps", json={"name": "Sun"})
    write(folder, **{"names.py": NAMES.replace("name.upper()", "name[::-1]  ").replace('== "yes"', '!= "yes"')})

    files = renew(mock, "shop", options)

    assert {file.name for file in files} == {"openapi.yaml", "records.yaml", "assumptions.yaml", "api.py", "names.py"}
    assert [lamp["name"] for lamp in shop.get("/lamps").json()] == ["Moon", "Sun"]
    assert shop.post("/~other/lamps", json={"name": "Sun"}).json()["name"] == "nuS"


def test_the_folder_that_one_is_in_is_served_under_its_name(folder, monkeypatch):
    """A dot is enough."""
    monkeypatch.chdir(folder)

    with running(".") as mock:
        assert mock.url.endswith("/shop")
        assert not (folder / "__pycache__").exists()


# Folders that cannot be used


def test_a_file_has_records_that_stand_below_others(folder):
    """They say which by the path's parameter, where no member does; their list and what is made there are right."""
    bulbs = "bulbs:\n  - {id: 4, watts: 9, lampId: 7}\n"
    write(folder, **{"openapi.yaml": BULBS, "records.yaml": f"{RECORDS}keys:\n  - {{key: k1}}\n{bulbs}"})
    shop = client(folder)

    made = shop.post("/lamps/7/bulbs", json={"watts": 5})

    assert made.json() == {"id": 5, "watts": 5}
    assert shop.get("/lamps/7/bulbs").json() == [{"id": 4, "watts": 9}, {"id": 5, "watts": 5}]


def test_a_handler_that_forgets_the_id_is_told_so(folder):
    """The answer names the collection, the member, and what makes such records."""
    code = CODE.replace('"id": 8, ', "")
    write(folder, **{"api.py": code})
    shop = client(folder)

    answer = shop.post("/lamps", json={"name": "Sun"})

    assert answer.status_code == 500
    assert "lamps: a record needs its 'id'" in answer.text


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"openapi.yaml": None}, r"the folder '.*shop' has no openapi\.yaml; expected openapi\.yaml"),
        ({"api.py": "x = 1"}, r"api\.py: has no API; expected API = Api\("),
        ({"api.py": "API = {}"}, r"api\.py: has an API that is a dict; expected API = Api\("),
        ({"api.py": "\ndef ("}, r"api\.py:2: SyntaxError: "),
        ({"api.py": "import mockserver\nmockserver.Limits"}, r"api\.py:2: AttributeError: module 'mockserver' has no"),
        ({"names.py": "def ("}, r"names\.py:1: SyntaxError: "),
        ({"api.py": None, "apis.py": CODE}, r"apis\.py' is not read; rename it to api\.py"),
        ({"records.yaml": None, "record.yaml": RECORDS}, r"record\.yaml' is not read; rename it to records\.yaml"),
        ({"records.yaml": "lamp: []"}, r"records\.yaml: shop has no collections \['lamp'\]; it has lamps, keys"),
        ({"records.yaml": "lamps: [{name: Moon}]"}, r"records\.yaml: lamps: record 0 has no 'id'"),
        ({"assumptions.yaml": "a: {question: Why?}"}, r"assumptions\.yaml:1: the assumption 'a' lacks "),
        ({"api.py": CODE.replace('"createLamp"', '"makeLamp"')}, r"api\.py: HANDLERS has 'makeLamp', which is no oper"),
        (
            {"api.py": CODE.replace('"createLamp": create', '"createLamp": 1')},
            r"the handler of createLamp is no function",
        ),
        (
            {"api.py": CODE.replace('credentials="keys"', 'credentials="users"')},
            r"the guard of shop looks for .* 'users'",
        ),
        ({"api.py": CODE.replace('CollectionSpec("key")', 'CollectionSpec("key", schema="Key")')}, r"the schema 'Key'"),
        ({"openapi.yaml": BULBS, "records.yaml": "bulbs: [{id: 1}]"}, r"bulbs: record 0 has no 'lampId', which"),
        (
            {"openapi.yaml": BULBS, "api.py": CODE.replace('"keys": C', '"bulbs": CollectionSpec("id"), "keys": C')},
            r"bulbs stand below others and are kept by their path; leave 'bulbs' out of `collections`",
        ),
        (
            {"api.py": CODE.replace('"keys": C', '"lamps": CollectionSpec("sku"), "keys": C')},
            r"the collection lamps has its ids in 'sku', and its document tells 'id'",
        ),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_folder_is_said(folder, files, message):
    """With the file, the line where there is one, and what was expected."""
    for name, text in files.items():
        if text is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(text)

    with pytest.raises(Unusable, match=message):
        client(folder)


def mockserver(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command with the folder."""
    free = ("--port", "0") if command == "serve" else ()
    line = [sys.executable, "-m", "mockserver", command, str(folder), *free]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", ["serve", "routes", "lint", "assumptions", "check"])
def test_commands_say_it_in_a_line_and_exit_with_2(folder, command):
    """Whichever of them meets the folder."""
    (folder / "openapi.yaml").unlink()

    done = subprocess.run(
        [sys.executable, "-m", "mockserver", command, str(folder), *(("--port", "0") if command == "serve" else ())],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("mockserver: the folder ")


def test_routes_and_assumptions_take_a_folder(folder):
    """What answers each operation, and what was left open."""
    told = {
        command: subprocess.run(
            [sys.executable, "-m", "mockserver", command, str(folder)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        for command in ("routes", "assumptions", "lint")
    }

    assert [line.split()[-1] for line in told["routes"].splitlines()[1:]] == ["state", "handler", "handler"]
    assert told["assumptions"].startswith("shop.loud-names\n  Is a name written in capitals?\n")
    assert told["lint"] == ""


def test_lint_tells_of_records_that_break_their_schema(folder):
    """With the line of the record's member; what answers never show is no error."""
    write(folder, **{"records.yaml": "lamps:\n  - {id: 7, name: Moon, watts: 3}\n  - id: 8\n    name: 12\nkeys: []\n"})

    done = mockserver("lint", folder)

    said = "records.yaml:4: error: breaks the schema Lamp: expected a string, got an integer (#/lamps/1/name)\n"
    assert (done.returncode, done.stdout.endswith(said), done.stdout.count("\n")) == (1, True, 1)


# A mock on a port of this process


def test_a_mock_runs_for_the_length_of_a_block(folder):
    """On a free port, with its address and what it remembers."""
    with running(folder) as mock:
        answer = httpx.post(f"{mock.url}/lamps", json={"name": "Sun"}, headers=KEY)
        elsewhere = httpx.get(f"{mock.root}/~other/shop/lamps", headers=KEY).json()
        kept = [lamp["name"] for lamp in mock.state["lamps"]]

    assert (answer.status_code, kept, elsewhere) == (201, ["Moon", "Sun"], [{"id": 7, "name": "Moon"}])
    with pytest.raises(httpx.ConnectError):
        httpx.get(mock.root)


def test_bundled_apis_run_so_too():
    """With the options of `mockserver serve`."""
    with running("vivoldi", enforce_limits=False) as mock:
        answer = httpx.get(f"{mock.root}/__admin/apis")

    assert [api["name"] for api in answer.json()["apis"]] == ["vivoldi"]
