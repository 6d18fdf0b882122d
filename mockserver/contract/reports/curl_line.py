"""Writes a request as a curl command that works when pasted into sh, bash or zsh."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Final

from mockserver.engine.redaction.printable import printable

AUTOMATIC: Final = frozenset({
    "user-agent", "accept-encoding", "connection", "content-length", "transfer-encoding", "x-schemathesis-testcaseid",
})  # fmt: skip
"""Headers that curl sets itself, or that say nothing to the server."""

LONGEST_LINE: Final = 100_000
"""Characters of a curl line; Linux takes 131,072 in one argument."""

Part = str | tuple[str]
"""A piece of a text: as it is, or as a tuple the name of a shell variable that has it."""


def curl_line(
    method: str,
    url: Sequence[Part],
    headers: Iterable[tuple[str, Sequence[Part]]],
    body: bytes | None,
    *,
    insecure: bool = False,
) -> str:
    """The command, or an empty text if it would be longer than LONGEST_LINE."""
    given = [(name, value) for name, value in headers if not _is_automatic(name, value)]
    address = "".join(part if isinstance(part, str) else "" for part in url)
    options = [*_method(method, has_body=body is not None), *(["--insecure"] if insecure else [])]
    if re.search(r"[\[\]{}]", address):
        options.append("--globoff")
    if re.search(r"/\.\.?(?:[/?#]|$)", address):
        options.append("--path-as-is")
    words = ["curl", "-i", *options]
    for name, value in given:
        words += ["-H", header_word(name, value)]
    before = ""
    if body is not None:
        if not any(name.lower() == "content-type" for name, _ in given):
            words += ["-H", "'Content-Type:'"]
        text = _plain_text(body)
        before = "" if text is not None else f"printf {_for_printf(body)} | "
        words += ["--data-raw", shlex.quote(text)] if text is not None else ["--data-binary", "@-"]
    line = before + " ".join([*words, _quoted(url)])
    return line if len(line) <= LONGEST_LINE else ""


def _method(method: str, *, has_body: bool) -> list[str]:
    if method == "HEAD":
        return ["--head"]
    return [] if method == ("POST" if has_body else "GET") else ["-X", shlex.quote(method)]


def _is_automatic(name: str, value: Sequence[Part]) -> bool:
    return name.lower() in AUTOMATIC or (name.lower() == "accept" and list(value) == ["*/*"])


def header_word(name: str, value: Sequence[Part]) -> str:
    """A header as a word of the shell. curl leaves out an empty one unless a semicolon takes the place of the colon."""
    text = "".join(part if isinstance(part, str) else part[0] for part in value)
    if not text.strip():
        return shlex.quote(f"{name};")
    if text.isascii() and printable(text) == text:
        return _quoted([f"{name}: ", *value])
    return f'"$(printf {_for_printf(f"{name}: {text}".encode("latin-1", "replace"))})"'


def _quoted(parts: Sequence[Part]) -> str:
    """One word of the shell, with its variables in double quotes."""
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    if len(merged) > 1 and all(isinstance(part, tuple) or not re.search(r'[$`"\\!]', part) for part in merged):
        ends = [isinstance(part, str) and re.match(r"\w", part) for part in [*merged[1:], ""]]
        shown = (
            part if isinstance(part, str) else f"${{{part[0]}}}" if is_word else f"${part[0]}"
            for part, is_word in zip(merged, ends, strict=True)
        )
        return '"' + "".join(shown) + '"'
    words = (shlex.quote(part) if isinstance(part, str) else f'"${part[0]}"' for part in merged)
    return "".join(words)


def _plain_text(body: bytes) -> str | None:
    """The body as a text that can stand in a command; None if it cannot."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text if printable(text) == text else None


def _for_printf(content: bytes) -> str:
    """The bytes as the format of `printf`, which POSIX gives octal escapes of three digits."""
    shown = "".join(_escaped(byte) for byte in content)
    return shlex.quote(shown)


def _escaped(byte: int) -> str:
    if byte in b"\\%":
        return {0x5C: "\\\\", 0x25: "%%"}[byte]
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"
