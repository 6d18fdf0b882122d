"""A check that is stopped."""

import os
import signal
import sys
from threading import Timer

from mockserver.contract.checking import run


def test_a_signal_to_the_check_alone_stops_the_tool(monkeypatch):
    """A job of a script has no terminal that sends it to both."""
    monkeypatch.setattr(run, "STOPPING", 0.1)
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: -1)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()

    try:
        code = run.tool_exit_code([sys.executable, "-c", "import time; time.sleep(30)"])
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)

    assert code == run.INTERRUPTED
