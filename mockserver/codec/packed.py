"""Values as bytes (MessagePack), exact: also integers of any size, NaN, bytes, and texts that are no valid Unicode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn

from msgspec import DecodeError
from msgspec.msgpack import Decoder, Encoder, Ext

_NUMBER, _TEXT, _PAIRS = 1, 2, 3
"""The sorts of what MessagePack does not have: large integers, texts with surrogates, objects with such names."""


class UnreadableCommit(ValueError):
    """These bytes are not what `packed` makes."""


def packed(value: Any) -> bytes:
    """The bytes of a value of None, booleans, numbers, texts, bytes, lists, tuples and mappings. Tuples become lists.
    Raises TypeError for anything else.
    """
    try:
        return _ENCODER.encode(value)
    except (OverflowError, UnicodeEncodeError):
        return _ENCODER.encode(_written_out(value))


def unpacked(content: bytes) -> Any:
    """The value of the bytes. Raises UnreadableCommit."""
    try:
        return _DECODER.decode(content)
    except (DecodeError, ValueError, TypeError, RecursionError) as error:
        raise UnreadableCommit(str(error)) from None


def told(error: Exception) -> str:
    """What is said of bytes that could not be received."""
    is_known = isinstance(error, UnreadableCommit)
    return str(error) if is_known else f"it is not what this version of mockserver writes ({type(error).__name__})"


def _written_out(value: Any) -> Any:
    """The value, with what MessagePack does not have in other forms."""
    if isinstance(value, str):
        return value if _is_plain(value) else Ext(_TEXT, value.encode("utf-8", "surrogatepass"))
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return Ext(_NUMBER, str(value).encode() if abs(value) < _SHORT else hex(value).encode())
    if isinstance(value, Mapping):
        if all(isinstance(name, str) and _is_plain(name) for name in value):
            return {name: _written_out(member) for name, member in value.items()}
        return Ext(_PAIRS, packed([[_written_out(name), _written_out(member)] for name, member in value.items()]))
    if isinstance(value, (list, tuple)):
        return [_written_out(item) for item in value]
    return value


_SHORT: Final = 10**4_000
"""Integers from here on are written as hexadecimal, since Python refuses longer decimals."""


def _is_plain(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _extended(sort: int, content: memoryview) -> Any:
    if sort == _NUMBER:
        text = bytes(content).decode()
        return int(text, 16 if "x" in text else 10)
    if sort == _TEXT:
        return bytes(content).decode("utf-8", "surrogatepass")
    if sort == _PAIRS:
        return dict(unpacked(bytes(content)))
    raise ValueError(f"an extension of the sort {sort}, which is not known")


def refused(value: Any) -> NoReturn:
    """Raises TypeError, since the value is none that MessagePack has."""
    raise TypeError(f"{type(value).__name__} is no value that can be kept outside of the process")


_ENCODER: Final = Encoder(enc_hook=refused)
_DECODER: Final = Decoder(ext_hook=_extended)
