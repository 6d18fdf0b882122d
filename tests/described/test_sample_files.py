"""Answers in media types of files: what a client opens is one."""

import gzip
import io
import tarfile
import wave
import zipfile
from base64 import b64decode

import pytest


def described(media_type: str, schema: str = "{type: string, format: binary}") -> str:
    """A document of one operation that answers in this media type."""
    return (
        "openapi: 3.1.0\ninfo: {title: Files, version: '1'}\npaths: {/a: {get: {responses: {'200': "
        f"{{description: ok, content: {{'{media_type}': {{schema: {schema}}}}}}}}}}}}}}}"
    )


@pytest.mark.parametrize(
    ("media_type", "begins", "ends"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"IEND\xaeB`\x82"),
        ("image/*", b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
        ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0", b"\xff\xd9"),
        ("image/gif", b"GIF89a\1\0\1\0", b";"),
        ("image/webp", b"RIFF\x1a\0\0\0WEBPVP8L", b"\xfe\7\0"),
        ("image/bmp", b"BM\x3a\0\0\0", b"\x80\x80\x80\0"),
        ("image/tiff", b"II*\0", b"\0\0\0\0"),
        ("image/x-icon", b"\0\0\1\0\1\0", b"IEND\xaeB`\x82"),
        ("image/svg+xml", b"<svg ", b"/>\r\n"),
        ("application/pdf", b"%PDF-1.4\n", b"%%EOF\n"),
        ("audio/mpeg", b"\xff\xfb\x10\xc0", b"\0"),
        ("video/mp4", b"\0\0\0\x1cftypisom", b"\0\0\0\x08mdat"),
        ("text/csv", b"id,name\r\n", b"1,Example\r\n"),
        ("text/html", b"<!DOCTYPE html>", b"</p></html>\r\n"),
        ("application/octet-stream", b"\0\1\2", b"\x0e\x0f"),
        ("application/x.unknown", b"\0\1\2", b"\x0e\x0f"),
    ],
)
@pytest.mark.parametrize("dynamic", [False, True], ids=["plain", "dynamic"])
def test_a_file_begins_and_ends_as_its_kind_does(serve, media_type, begins, ends, dynamic):
    """Whether values are faked or not."""
    content = serve(described(media_type), dynamic=dynamic).get("/a").content

    assert content.startswith(begins)
    assert content.endswith(ends)


def test_archives_and_sounds_can_be_opened(serve):
    """By the standard library."""

    def opened(media_type: str) -> io.BytesIO:
        return io.BytesIO(serve(described(media_type)).get("/a").content)

    office = "application/vnd.openxmlformats-officedocument"
    assert zipfile.ZipFile(opened("application/zip")).read("example.txt") == b"Example\n"
    assert "word/document.xml" in zipfile.ZipFile(opened(f"{office}.wordprocessingml.document")).namelist()
    assert "xl/workbook.xml" in zipfile.ZipFile(opened(f"{office}.spreadsheetml.sheet")).namelist()
    with tarfile.open(fileobj=opened("application/x-tar")) as archive:
        assert archive.getnames() == ["example.txt"]
    assert gzip.decompress(opened("application/gzip").read()) == b"Example\n"
    with wave.open(opened("audio/wav")) as sound:
        assert sound.getnframes() == 800


def test_the_pages_of_a_pdf_are_where_its_table_says(serve):
    """Each object begins at its offset."""
    content = serve(described("application/pdf")).get("/a").content

    start = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n", 1)[0])
    entries = content[start:].split(b"\n")[3:6]
    assert content[start:].startswith(b"xref\n0 4\n0000000000 65535 f \n")
    assert [content[int(entry[:10]) :][:7] for entry in entries] == [b"1 0 obj", b"2 0 obj", b"3 0 obj"]


def test_a_file_may_be_promised_in_base64(serve):
    """Since 3.1 a schema says so."""
    schema = "{type: string, contentEncoding: base64, contentMediaType: image/png}"

    assert b64decode(serve(described("image/png", schema)).get("/a").content).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("media_type", "schema", "answer"),
    [
        ("text/csv", "{type: string, example: 'a,b'}", "a,b"),
        ("text/html", "{type: string, const: <p>Hi</p>}", "<p>Hi</p>"),
        ("image/svg+xml", "{type: string, enum: [<svg/>]}", "<svg/>"),
        ("text/plain", "{type: string}", "string"),
    ],
)
def test_what_the_author_says_of_a_text_counts(serve, media_type, schema, answer):
    """A file is made only where nothing is said."""
    assert serve(described(media_type, schema)).get("/a").text == answer


def test_a_file_without_a_schema_is_one_too(serve):
    """The media type says enough."""
    document = described("image/png").replace("{schema: {type: string, format: binary}}", "{}")

    assert serve(document).get("/a").content.startswith(b"\x89PNG")
