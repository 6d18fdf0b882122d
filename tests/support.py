"""What tests of several folders say in the same words."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
import pytest

Send = Callable[[httpx.Client], httpx.Response]
Read = Callable[[httpx.Response, httpx.Client], object]


@dataclass(frozen=True)
class Trial:
    """The request that settles a question, what to look at, and what is seen under each option.

    What every answer shows is `named` on none of them by default.
    """

    send: Send
    read: Read
    seen: Mapping[str, object]
    named: bool = True


class Stop(Exception):
    """Leaves a transaction."""


def bearer(token: str, scheme: str = "Bearer") -> dict[str, str]:
    """The header that presents this token."""
    return {"Authorization": f"{scheme} {token}"}


def chromium() -> str:
    """The browser's path; where nothing but root is needed for it, it is installed."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=False)
        found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is not installed")
    return found
