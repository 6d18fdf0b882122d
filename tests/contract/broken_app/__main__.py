"""Serves the tracker: `python -m tests.contract.broken_app --port 8080 --bug lost-write,replay`, or `--bug all`."""

from __future__ import annotations

import argparse

from tests.contract.broken_app.application import BUGS, KEY
from tests.contract.broken_app.server import listening

if __name__ == "__main__":
    arguments = argparse.ArgumentParser(
        "tests.contract.broken_app",
        description=f"A ticket tracker; its key is {KEY}, in the header X-Api-Key. POST /reset empties it.",
        epilog="Bugs: " + "; ".join(f"{name}: {what}" for name, what in BUGS.items()),
    )
    arguments.add_argument("--port", type=int, default=8080, help="0 is any that is free")
    arguments.add_argument("--bug", action="append", default=[], metavar="NAME[,NAME]", help="all, or some by name")
    given = arguments.parse_args()
    asked = [name for names in given.bug for name in names.split(",") if name]
    server = listening(*(BUGS if "all" in asked else asked), port=given.port)
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)  # noqa: T201 - a program that waits for it reads this
    server.serve_forever()
