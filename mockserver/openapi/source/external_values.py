"""Reads examples that are files beside the document (`externalValue`): JSON as its value, everything else as bytes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from mockserver.json_text import Json, Malformed, read_json
from mockserver.openapi.normalize.normalizer import REMOVED, Normalizer, changed
from mockserver.openapi.source.folder import Folder, UnresolvedFile
from mockserver.openapi.source.pointer import DocumentPath, tokens_of
from mockserver.openapi.source.reference import AUTHORS_NAMES, is_value
from mockserver.problem import Unusable

MEMBER: Final = "externalValue"
MAX_BYTES: Final = 16 * 1024 * 1024
MAX_TOTAL: Final = 128 * 1024 * 1024
_VALUES: Final = frozenset({"value", "dataValue", "serializedValue"})
_JSON_RANGES: Final = frozenset({"", "*/*", "application/*"})


class ExternalFiles:
    """Contents of the files that examples name, each read once; `files` lists those read, or tried."""

    def __init__(self, folder: Folder) -> None:
        self.files: dict[Path, None] = {}
        self.contents: dict[str, bytes] = {}
        self._folder = folder
        self._problems: dict[str, str] = {}

    def read(self, address: str) -> bytes:
        """The content of the file at this address, relative to the document. Raises UnresolvedFile if it cannot be
        read.
        """
        if address in self._problems:
            raise UnresolvedFile(self._problems[address])
        if address not in self.contents:
            try:
                self.contents[address] = self._read(address)
            except UnresolvedFile as error:
                self._problems[address] = error.message
                raise
        return self.contents[address]

    def _read(self, address: str) -> bytes:
        try:
            file = self._folder.find(self._folder.home, address, address.partition("#")[0])
        except UnresolvedFile as error:
            if error.file is not None:
                self.files[error.file] = None
            raise
        self.files[file] = None
        try:
            with file.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except OSError as error:
            raise UnresolvedFile(f"{address!r} cannot be read: {error.strerror or error}.", file) from None
        if len(content) > MAX_BYTES:
            raise UnresolvedFile(f"{address!r} is larger than {MAX_BYTES // 1024**2} MiB, the most that is read.", file)
        if sum(map(len, self.contents.values())) + len(content) > MAX_TOTAL:
            message = f"{address!r} is not read: the files of examples are {MAX_TOTAL // 1024**2} MiB by now, the most."
            raise UnresolvedFile(message, file)
        return content


def with_value(normalizer: Normalizer, example: dict[str, Json], location: DocumentPath) -> Json:
    """The example with the value of its file, if that is JSON or a text for an example without a media type. Other
    files are left to whoever reads bytes. A file that cannot be read is noted, and the example kept as it is.
    """
    address = example.get(MEMBER)
    if address is None or not _VALUES.isdisjoint(example) or normalizer.external is None:
        return example
    at: DocumentPath = (location, MEMBER)
    if type(address) is not str:
        normalizer.diagnostic(at, "expected the name of a file beside the document")
        return example
    try:
        content = normalizer.external.read(address)
        found = _value(content, _media_type(location), address)
    except Unusable as error:
        normalizer.diagnostic(at, error.message)
        return changed(example, {MEMBER: REMOVED})
    return example if found is REMOVED else {**changed(example, {MEMBER: REMOVED}), "value": found}


def _value(content: bytes, media_type: str | None, address: str) -> Json:
    """The value of the content, REMOVED if it counts as bytes. Raises Unusable for invalid JSON."""
    if media_type is None:
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise Unusable(f"{address!r} is no text, which a parameter or a header takes.") from None
    bare = media_type.partition(";")[0].strip().lower()
    if bare not in _JSON_RANGES and not bare.endswith(("/json", "+json")):
        return REMOVED
    try:
        return read_json(content)
    except Malformed as error:
        raise Unusable(f"{address!r} is no JSON: {error}.") from None


def _media_type(location: DocumentPath) -> str | None:
    """The media type that the example belongs to; None for an example of a parameter or a header."""
    path = tokens_of(location)
    return path[-3] if path[-4:-3] == ["content"] and path[-2] == "examples" else None


def contents_of(node: Json, contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """The contents of a media type's examples that are files, by example name."""
    named = node.get("examples")
    return {
        name: contents[example[MEMBER]]
        for name, example in (named.items() if contents and isinstance(named, dict) else ())
        if isinstance(example, dict) and example.get(MEMBER) in contents and _VALUES.isdisjoint(example)
    }


def rebased(value: Json, folder: Path, home: Path) -> None:
    """Rewrites file names that are relative to `folder` as relative to `home`; changes the value in place."""
    start = quote(Path(os.path.relpath(folder, home)).as_posix())
    waiting = [(value, False)]
    seen: set[int] = set()
    while waiting and start != ".":
        node, is_map = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, list):
            waiting += [(child, False) for child in node]
        elif isinstance(node, dict):
            address = node.get(MEMBER)
            if not is_map and isinstance(address, str) and ":" not in address and not address.startswith("/"):
                node[MEMBER] = f"{start}/{address}"
            waiting += [
                (child, not is_map and name in AUTHORS_NAMES)
                for name, child in node.items()
                if isinstance(child, dict | list) and (is_map or not is_value(name, child))
            ]
