"""Moments as Spotzee writes them."""

from __future__ import annotations

import time


def timestamp(at: float) -> str:
    """ISO 8601 in UTC with milliseconds: `2026-04-28T05:14:00.000Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at * 1000) % 1000:03}Z"
