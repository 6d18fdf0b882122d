"""Writes files whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

UNFINISHED: Final = ".mockserver-unfinished."
"""How the names of files begin that are not written whole yet; a process that was killed leaves one behind."""

_WRITE: Final = os.O_WRONLY | getattr(os, "O_BINARY", 0)

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Errors of a write after which the old content is better left alone."""


def write_whole(file: Path, content: bytes) -> None:
    """Puts the content in the place of what the file had, which stays as it was where the disk is full, or the process
    is killed. Links, owner and permissions are kept. A file that cannot be replaced, such as one that was mounted into
    a container, is written in place; what is no regular file, such as a pipe, is written to. Raises OSError.
    """
    try:
        known = file.stat()
    except FileNotFoundError:
        _replace(Path(os.path.realpath(file)), content)
        return
    standard = _standard_stream(known)
    if standard is not None:
        _write(standard, content)
        return
    descriptor = os.open(file, _WRITE)
    try:
        if not stat.S_ISREG(known.st_mode):
            _write(descriptor, content)
        elif not _is_replaced(Path(os.path.realpath(file)), content, known):
            _write_in_place(descriptor, content)
    finally:
        os.close(descriptor)


def _standard_stream(known: os.stat_result) -> int | None:
    """The descriptor of stdout or stderr, if that is the file, as in `--json /dev/stdout >log`: replacing it would lose
    what is written there afterwards. Pipes and terminals can be opened once more.
    """
    if stat.S_ISREG(known.st_mode) or stat.S_ISSOCK(known.st_mode):
        for descriptor in (1, 2):
            with suppress(OSError):
                if os.path.samestat(os.fstat(descriptor), known):
                    return descriptor
    return None


def _is_replaced(target: Path, content: bytes, known: os.stat_result) -> bool:
    """Whether the file could be replaced by one of the same owner. Raises OSError where the disk is full."""
    try:
        if known.st_nlink > 1 or not os.path.samestat(target.stat(), known):
            return False
        _replace(target, content, known)
    except OSError as error:
        if error.errno in _FULL:
            raise
        return False
    return True


def _replace(target: Path, content: bytes, known: os.stat_result | None = None) -> None:
    made = target.with_name(f"{UNFINISHED}{token_hex(8)}")
    descriptor = os.open(made, _WRITE | os.O_CREAT | os.O_EXCL, 0o666 if known is None else 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            if known is not None:
                own = os.fstat(descriptor)
                if (own.st_uid, own.st_gid) != (known.st_uid, known.st_gid):
                    os.chown(made, known.st_uid, known.st_gid)
                made.chmod(stat.S_IMODE(known.st_mode))
            out.write(content)
        made.replace(target)
    except BaseException:
        with suppress(OSError):
            made.unlink()
        raise


def _write_in_place(descriptor: int, content: bytes) -> None:
    """Writes first what is longer than the old content, which is left as it was where there is no room for that."""
    size = os.fstat(descriptor).st_size
    try:
        _write(descriptor, content[size:], size)
    except BaseException:
        os.ftruncate(descriptor, size)
        raise
    _write(descriptor, content[:size], 0)
    os.ftruncate(descriptor, len(content))


def _write(descriptor: int, content: bytes, at: int | None = None) -> None:
    """Writes all of it, in a regular file from `at` on."""
    if at is not None:
        os.lseek(descriptor, at, os.SEEK_SET)
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
