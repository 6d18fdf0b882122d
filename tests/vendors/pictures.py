"""QR codes read back from their images, by code that has nothing to do with what drew them."""

import re
import struct
import zlib
from xml.etree import ElementTree as ET

import zxingcpp


def text_of_png(image: bytes) -> str:
    """What the code in a PNG says."""
    [code] = zxingcpp.read_barcodes(pixels_of_png(image))
    return str(code.text)


def text_of_svg(image: bytes) -> str:
    """What the code in an SVG says."""
    [code] = zxingcpp.read_barcodes(pixels_of_svg(image))
    return str(code.text)


def pixels_of_png(image: bytes) -> memoryview:
    """The pixels of a PNG of one bit a pixel, 0 for black."""
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    content, at = b"", 8
    width = height = 0
    while at < len(image):
        length, name = struct.unpack(">I4s", image[at : at + 8])
        chunk = image[at + 8 : at + 8 + length]
        if name == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", chunk[:10])
            assert (depth, colour) == (1, 0)
        if name == b"IDAT":
            content += chunk
        at += length + 12
    lines, step = zlib.decompress(content), (width + 7) // 8 + 1
    rows, above = [], bytes(step - 1)
    for start in range(0, len(lines), step):
        kind, row = lines[start], lines[start + 1 : start + step]
        assert kind in {0, 2}, "as it is, or as it differs from the row above"
        above = bytes((here + there) % 256 for here, there in zip(row, above, strict=True)) if kind else row
        rows.append(above)
    shades = b"".join(bytes(255 * (row[x // 8] >> (7 - x % 8) & 1) for x in range(width)) for row in rows)
    return memoryview(shades).cast("B", (height, width))


def pixels_of_svg(image: bytes) -> memoryview:
    """The pixels of an SVG that is one path of horizontal strokes, eight to a module."""
    drawing = ET.fromstring(image)  # noqa: S314  # drawn by the mock itself
    [path] = [node for node in drawing.iter() if node.tag.endswith("path")]
    scale = float(re.findall(r"scale\(([0-9.]+)\)", path.get("transform", "scale(1)"))[0])
    size = round(float(drawing.get("width", "0")) / scale)
    dark, x, y = set(), 0.0, 0.0
    for step, given in re.findall(r"([Mmh])([^Mmhz]*)", path.get("d", "")):
        numbers = [float(number) for number in re.findall(r"-?[0-9.]+", given)]
        if step == "h":
            dark |= {(int(x) + n, int(y)) for n in range(int(numbers[0]))}
            x += numbers[0]
        elif step == "M":
            x, y = numbers
        else:
            x, y = x + numbers[0], y + numbers[1]
    side = 8 * size
    shades = bytes(0 if (column // 8, row // 8) in dark else 255 for row in range(side) for column in range(side))
    return memoryview(shades).cast("B", (side, side))
