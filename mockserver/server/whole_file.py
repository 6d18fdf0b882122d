"""Writes files whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from secrets import token_hex


def write_whole(file: Path, content: bytes) -> None:
    """Puts the content in the place of what the file had, which stays as it was where the disk is full, or the process
    is killed. Links stay links, and what is no regular file, such as a pipe, is written to. Raises OSError.
    """
    target = Path(os.path.realpath(file))
    known = target.stat().st_mode if target.exists() else None
    if (known is not None and not stat.S_ISREG(known)) or not os.access(target.parent, os.W_OK):
        file.write_bytes(content)
        return
    made = target.with_name(f".{target.name[:200]}.{token_hex(4)}")
    try:
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
        if known is not None:
            made.chmod(stat.S_IMODE(known))
        made.replace(target)
    except BaseException:
        with suppress(OSError):
            made.unlink()
        raise
