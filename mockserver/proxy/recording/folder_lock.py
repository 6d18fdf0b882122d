"""One process at a time writes into a folder."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from mockserver.problem import Unusable

if sys.platform != "win32":  # Windows has no such lock; there two processes may write into one folder.
    import fcntl


class FolderLock:
    """The folder is this process's own until the release, or its end. Raises Unusable, and OSError."""

    def __init__(self, folder: Path) -> None:
        self._opened = -1
        if sys.platform == "win32":
            return
        self._opened = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(self._opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise Unusable(f"--record {folder}: another proxy records into it; name another folder") from None
        except OSError:  # A file system without locks.
            return

    def release(self) -> None:
        """Others may write into the folder from now on."""
        opened, self._opened = self._opened, -1
        if opened >= 0:
            with suppress(OSError):
                os.close(opened)

    def __del__(self) -> None:
        self.release()
