"""Examples that are files beside the document."""

from pathlib import Path

import pytest

from mockserver.openapi.lint import lint

PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")


def described(content: str) -> str:
    """A document of one operation, `GET /a`, with this content of its answer."""
    return (
        "openapi: 3.0.3\ninfo: {title: Shelf, version: '1'}\npaths: {/a: {get: {responses: {'200': "
        f"{{description: ok, content: {content}}}}}}}}}}}\n"
    )


SCHEMA = "schema: {type: array, items: {type: object, properties: {title: {type: string}}}}"
OCTETS = "schema: {type: string, format: binary}"


@pytest.fixture
def beside(tmp_path) -> Path:
    """The folder of the document, with files."""
    folder: Path = tmp_path
    (folder / "files").mkdir()
    (folder / "files" / "emma.json").write_text('[{"title": "Emma"}]')
    (folder / "files" / "dot.gif").write_bytes(PIXEL)
    (folder / "files" / "emma.xml").write_bytes(b"<book>\r\n  Emma\xe9</book>")
    (folder / "files" / "broken.json").write_text("{")
    (folder / "files" / "long name.txt").write_text("Emma\r\n")
    return folder


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (
            f"{{application/json: {{{SCHEMA}, examples: {{a: {{externalValue: ./files/emma.json}}}}}}}}",
            b'[{"title":"Emma"}]',
        ),
        (
            "{application/x.shelf+json: {examples: {a: {externalValue: files/emma.json}}}}",
            b'[{"title":"Emma"}]',
        ),
        (f"{{image/gif: {{{OCTETS}, examples: {{a: {{externalValue: files/dot.gif}}}}}}}}", PIXEL),
        ("{application/pdf: {examples: {a: {externalValue: files/dot.gif}}}}", PIXEL),
        ("{application/xml: {examples: {a: {externalValue: files/emma.xml}}}}", b"<book>\r\n  Emma\xe9</book>"),
        ("{text/plain: {examples: {a: {externalValue: 'files/long%20name.txt'}}}}", b"Emma\r\n"),
    ],
    ids=["json", "+json", "gif", "anything", "xml in Latin-1", "text"],
)
def test_an_example_in_a_file_is_the_answer(serve, beside, content, answer):
    """JSON as JSON, all else byte by byte."""
    client = serve(described(content))

    assert client.get("/a").content == answer
    assert [str(finding) for finding in lint(beside / "zoo.yaml")] == []


def test_an_example_in_a_file_is_found_from_where_its_name_stands(serve, beside):
    """In a file of another folder, and named among components."""
    (beside / "answers").mkdir()
    (beside / "answers" / "a.yaml").write_text(
        "shelf: {externalValue: ../files/emma.json}\ndot: {$ref: '#/gif'}\ngif: {externalValue: ../files/dot.gif}\n"
    )
    client = serve(
        described(
            "{application/json: {examples: {a: {$ref: 'answers/a.yaml#/shelf'}}}, "
            "image/gif: {examples: {a: {$ref: '#/components/examples/Dot'}}}}"
        )
        + "components: {examples: {Dot: {$ref: 'answers/a.yaml#/dot'}}}"
    )

    assert client.get("/a", headers={"Accept": "application/json"}).json() == [{"title": "Emma"}]
    assert client.get("/a", headers={"Accept": "image/gif"}).content == PIXEL


def test_an_example_in_a_file_can_be_preferred(serve, beside):
    """By its name, as any other."""
    client = serve(described("{image/gif: {examples: {none: {value: ''}, dot: {externalValue: files/dot.gif}}}}"))

    assert client.get("/a", headers={"Prefer": "example=dot"}).content == PIXEL


def test_records_begin_with_examples_in_files(serve, beside):
    """As with those that stand in the document."""
    (beside / "files" / "pets.json").write_text('[{"id": 7, "name": "Rex"}]')
    pet = "{type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}"
    client = serve(f"""
openapi: 3.0.3
info: {{title: Zoo, version: '1'}}
paths:
  /pets:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {{type: array, items: {pet}}}
              examples: {{all: {{externalValue: files/pets.json}}}}
    post:
      requestBody: {{content: {{application/json: {{schema: {pet}}}}}}}
      responses: {{'201': {{description: ok, content: {{application/json: {{schema: {pet}}}}}}}}}
  /pets/{{id}}:
    parameters: [{{name: id, in: path, required: true, schema: {{type: integer}}}}]
    get: {{responses: {{'200': {{description: ok, content: {{application/json: {{schema: {pet}}}}}}}}}}}
""")

    assert client.get("/pets/7").json() == {"id": 7, "name": "Rex"}


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("files/missing.json", "'files/missing.json' leads to no file: expected"),
        ("files/broken.json", "'files/broken.json' is no JSON"),
        ("https://example.com/emma.json", "is an address; only files in the document's own folder are read"),
        ("../secret.json", "leads out of the document's own folder"),
        ("/etc/hostname", "leads out of the document's own folder"),
        ("files/link.json", "leads out of the document's own folder"),
        ("files", "leads to no file"),
    ],
)
def test_an_example_that_is_no_file_beside_is_told_and_left_out(serve, beside, address, told):
    """Nothing is fetched, nothing outside is opened, and the answer is made of the schema."""
    (beside.parent / "secret.json").write_text('[{"title": "secret"}]')
    (beside / "files" / "link.json").symlink_to(beside.parent / "secret.json")
    client = serve(described(f"{{application/json: {{{SCHEMA}, examples: {{a: {{externalValue: '{address}'}}}}}}}}"))

    answer = client.get("/a")

    assert (answer.status_code, "secret" in answer.text) == (200, False)
    assert isinstance(answer.json(), list)
    found = lint(beside / "zoo.yaml")
    assert [(finding.line, finding.severity) for finding in found] == [(3, "error")]
    assert told in found[0].message


def test_a_file_that_is_too_large_is_told(serve, beside, monkeypatch):
    """One of more than 16 MiB is not read whole."""
    with (beside / "files" / "huge.gif").open("wb") as file:
        file.truncate(16 * 1024 * 1024 + 1)
    client = serve(described(f"{{image/gif: {{{OCTETS}, examples: {{a: {{externalValue: files/huge.gif}}}}}}}}"))

    assert len(client.get("/a").content) < 1000
    assert "is larger than 16 MiB" in lint(beside / "zoo.yaml")[0].message
