"""Makes small valid files for media types that no JSON value can be written in: pictures, documents, archives."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from mockserver.engine.body.charset import bare_type
from mockserver.openapi.model.body_model import Media

_OOXML: Final = "application/vnd.openxmlformats-officedocument"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_AUTHORS: Final = frozenset({"const", "default", "enum", "example", "examples", "pattern"})
"""Keywords of a text of which the author said more than that it is one."""


def sample_file(media: Media, name: str) -> bytes | None:
    """A file of the media type that is sent under this name; None where a value of the schema is to be made: for a type
    of none of these, and where the schema says what the text is.
    """
    bare = bare_type(name)
    parts = [schema for schema, _ in media.view.parts if isinstance(schema, dict)]
    if any(not _AUTHORS.isdisjoint(part) for part in parts):
        return None
    is_binary = any(part.get("format") == "binary" for part in parts)
    if bare in _TEXTS and parts and not _is_text(parts):
        return None
    content = _file(bare)
    if content is None:
        return _OCTETS if bare == "application/octet-stream" or (is_binary and not bare.startswith("text/")) else None
    is_encoded = any(part.get("contentEncoding") == "base64" or part.get("format") == "byte" for part in parts)
    return b64encode(content) if is_encoded else content


def _is_text(parts: Sequence[Mapping[str, object]]) -> bool:
    """Whether the schema is of a text alone, or of anything."""
    return all(part.get("type", "string") in ("string", ["string"]) and "properties" not in part for part in parts)


@lru_cache(maxsize=100)
def _file(bare: str) -> bytes | None:
    make = _FILES.get(bare) or _TEXTS.get(bare)
    return None if make is None else make()


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\0\x80\x80\x80")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


def _gif() -> bytes:
    screen = struct.pack("<HHBBB", 1, 1, 0x80, 0, 0)
    return b"GIF89a" + screen + b"\x80\x80\x80\0\0\0" + b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2D\1\0;"


def _jpeg() -> bytes:
    """One grey pixel: its only coefficient is 0, in tables of one code each."""

    def segment(mark: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, mark, len(data) + 2) + data

    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            segment(0xDB, b"\0" + b"\1" * 64),
            segment(0xC0, struct.pack(">BHHB", 8, 1, 1, 1) + b"\1\x11\0"),
            segment(0xC4, b"\0" + b"\1" + b"\0" * 16),
            segment(0xC4, b"\x10" + b"\1" + b"\0" * 16),
            segment(0xDA, b"\1\1\0\0\x3f\0"),
            b"\x3f\xff\xd9",
        )
    )


def _bmp() -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 58, 0, 0, 54) + head + b"\x80\x80\x80\0"


def _ico() -> bytes:
    picture = _png()
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 1, 1, 0, 0, 1, 24, len(picture), 22) + picture


def _tiff() -> bytes:
    fields = ((256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1))
    entries = b"".join(struct.pack("<HHII", tag, 3, 1, value) for tag, value in fields)
    return b"II*\0" + struct.pack("<I", 10) + b"\x80\0" + struct.pack("<H", len(fields)) + entries + b"\0\0\0\0"


def _webp() -> bytes:
    """One pixel without loss: five prefix codes of one symbol each, of which none needs a bit."""
    data = bytes.fromhex("2f0000001007101111 8888fe0700".replace(" ", ""))
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def _pdf() -> bytes:
    """One empty page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
    )
    written, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(written))
    return written + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (size, table, end)


def _zipped(files: Mapping[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return written.getvalue()


def _zip() -> bytes:
    return _zipped({"example.txt": "Example\n"})


def _tar() -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo("example.txt")
        entry.size = 8
        archive.addfile(entry, io.BytesIO(b"Example\n"))
    return written.getvalue()


def _gzip() -> bytes:
    return gzip.compress(b"Example\n", mtime=0)


def _office(main: str, kind: str, files: Mapping[str, str]) -> bytes:
    """An Office Open XML package, whose main part is of this kind."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    overrides = f'<Override PartName="/{main}" ContentType="{_OOXML}.{kind}.main+xml"/>'
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{_OOXML}.spreadsheetml.worksheet+xml"/>{overrides}</Types>'
    )
    parts = {"[Content_Types].xml": types, "_rels/.rels": _relation("officeDocument", main), **files}
    return _zipped({name: head + text for name, text in parts.items()})


def _relation(kind: str, target: str) -> str:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/{kind}" Target="{target}"/></Relationships>'
    )


def _docx() -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = f'<w:document xmlns:w="{space}"><w:body><w:p><w:r><w:t>Example</w:t></w:r></w:p></w:body></w:document>'
    return _office("word/document.xml", "wordprocessingml.document", {"word/document.xml": text})


def _xlsx() -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>Example</t></is></c></row>'
    files = {
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{space}"><sheetData>{cell}</sheetData></worksheet>',
    }
    return _office("xl/workbook.xml", "spreadsheetml.sheet", files)


def _mp3() -> bytes:
    """A quarter of a second of silence: frames of MPEG-1 layer III, 32 kbit/s, 44.1 kHz, one channel."""
    return (b"\xff\xfb\x10\xc0" + b"\0" * 100) * 10


def _wav() -> bytes:
    """A tenth of a second of silence, 8 kHz, 16 bit, one channel."""
    samples = b"\0" * 1600
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    return b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVE" + head + b"data" + struct.pack("<I", 1600) + samples


def _mp4() -> bytes:
    """A film without a track."""

    def box(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data) + 8) + kind + data

    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    head = struct.pack(">IIIIIIH10x", 0, 0, 0, 1000, 0, 0x10000, 0x100) + matrix + b"\0" * 24 + struct.pack(">I", 1)
    return box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + box(b"moov", box(b"mvhd", head)) + box(b"mdat", b"")


def _text(*lines: str) -> Callable[[], bytes]:
    content = "".join(f"{line}\r\n" for line in lines).encode()
    return lambda: content


_OCTETS: Final = bytes(range(16))
_FILES: Final[Mapping[str, Callable[[], bytes]]] = {
    "application/gzip": _gzip,
    "application/msword": _text(r"{\rtf1\ansi Example\par}"),
    "application/pdf": _pdf,
    "application/rtf": _text(r"{\rtf1\ansi Example\par}"),
    "application/tar": _tar,
    f"{_OOXML}.spreadsheetml.sheet": _xlsx,
    f"{_OOXML}.wordprocessingml.document": _docx,
    "application/wasm": lambda: b"\0asm\1\0\0\0",
    "application/x-gzip": _gzip,
    "application/x-pdf": _pdf,
    "application/x-tar": _tar,
    "application/x-zip-compressed": _zip,
    "application/zip": _zip,
    "audio/mp3": _mp3,
    "audio/mpeg": _mp3,
    "audio/vnd.wave": _wav,
    "audio/wav": _wav,
    "audio/wave": _wav,
    "audio/x-wav": _wav,
    "image/apng": _png,
    "image/bmp": _bmp,
    "image/gif": _gif,
    "image/jpeg": _jpeg,
    "image/jpg": _jpeg,
    "image/pjpeg": _jpeg,
    "image/png": _png,
    "image/tiff": _tiff,
    "image/vnd.microsoft.icon": _ico,
    "image/webp": _webp,
    "image/x-icon": _ico,
    "video/mp4": _mp4,
    "video/quicktime": _mp4,
}
_TEXTS: Final[Mapping[str, Callable[[], bytes]]] = {
    "application/csv": _text("id,name", "1,Example"),
    "image/svg+xml": _text('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'),
    "text/calendar": _text("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//mockserver//EN", "END:VCALENDAR"),
    "text/csv": _text("id,name", "1,Example"),
    "text/html": _text('<!DOCTYPE html><html lang="en"><title>Example</title><p>Example</p></html>'),
    "text/tab-separated-values": _text("id\tname", "1\tExample"),
    "text/vcard": _text("BEGIN:VCARD", "VERSION:4.0", "FN:Example", "END:VCARD"),
}
"""Those that a text may be of which the schema says more."""
