"""Decodes YAML to values and encodes values as YAML."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml
from yaml.nodes import ScalarNode

from mockserver.engine.body.charset import text_of
from mockserver.engine.body.part_count import refuse_many_values
from mockserver.json_text import Json, Malformed, NotReadHere
from mockserver.openapi.source import yaml12
from mockserver.problem import TOO_LARGE, Problem, Unusable

MOST_BYTES: Final = 256 * 1024
"""Of a body that is read: reading takes some microseconds a byte."""

_NO_YAML: Final = "is not YAML: "
_ONLY_NEWER: Final = re.compile(r"[-+]?[0-9.].*")
"""What YAML 1.2 may take for a number and PyYAML, which knows 1.1, would not quote."""


def read(content: bytes, media_type: str) -> Json:
    """The value of the one document in these bytes. Raises Malformed, and a Problem 413 for too many of them."""
    if len(content) > MOST_BYTES:
        raise Problem(413, f"The YAML has {len(content):,} bytes; at most {MOST_BYTES:,} are read.", code=TOO_LARGE)
    try:
        value, doubled = yaml12.load(text_of(content, media_type).encode("utf-8", "replace"), "")
    except Unusable as error:
        kind = Malformed if error.message.startswith(_NO_YAML) else NotReadHere
        raise kind(_told(error)) from None
    refuse_many_values(value)
    if doubled:
        raise Malformed("a mapping in it has a key twice")
    return value


def _told(error: Unusable) -> str:
    line = error.where.rpartition(":")[2]
    message = error.message.rstrip(".").removeprefix(_NO_YAML)
    return f"line {line}: {message}" if line else f"it {message}"


class _Dumper(yaml.CSafeDumper):
    """Writes what stands twice in a value twice: what reads it need not know aliases."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def _text(self, text: str) -> ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _ONLY_NEWER.fullmatch(text) else None)


_Dumper.add_representer(str, _Dumper._text)  # noqa: SLF001 - its own
_Dumper.add_multi_representer(dict, _Dumper.represent_dict)
_Dumper.add_multi_representer(list, _Dumper.represent_list)
"""What is remembered is of classes of its own, below a record too."""


def write(value: Json) -> bytes:
    """The value as one document, which YAML 1.1 and 1.2 read alike."""
    written: bytes = yaml.dump(value, Dumper=_Dumper, encoding="utf-8", allow_unicode=True, sort_keys=False)
    return written.removesuffix(b"...\n")
