"""Controls one world of a mock that is probed: its time, its state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from mockserver.contract.replay.player import Player, RequestAsSent
from mockserver.json_pointer import MISSING
from mockserver.json_text import Json, encode

SETTLING: Final = 10
"""Seconds in which the webhooks have to be delivered that fell due while a mock's time was moved."""
SHORTEST_SETTLED: Final = 0.25
"""Seconds of a move after which webhooks are waited for; shorter ones stand between requests of one step."""

ControlCall = Callable[[str, str, Json], tuple[int, Any]]
"""Asks the control API: method, path below `/__admin`, body; the status and the JSON of the answer."""


class MockControl:
    """The control API of one world."""

    def __init__(self, ask: ControlCall) -> None:
        self.ask = ask

    def freeze(self) -> None:
        """Stops the world's time, which passes from now on only where a probe waits: how fast this machine answers
        changes nothing.
        """
        self.ask("POST", "/clock/freeze", None)

    def wait(self, seconds: float) -> None:
        """Lets seconds pass in the world at once, with the webhooks that fall due meanwhile."""
        self.ask("POST", "/clock/advance", {"seconds": seconds})
        if seconds >= SHORTEST_SETTLED:
            self.ask("POST", "/outbox/settle", {"timeout": SETTLING})

    def now(self) -> float:
        """The world's time in epoch seconds."""
        return float(self.ask("GET", "/clock", None)[1]["epoch"])


def control_over_http(root: str, player: Player, world: str) -> ControlCall:
    """Calls of the control API of the mock at `root`, in this world."""

    def ask(method: str, path: str, body: Json = None) -> tuple[int, Any]:
        headers = (("Mock-World", world), ("Content-Type", "application/json"))
        content = None if body is None else encode(body)
        answer = player.send(RequestAsSent(method, f"{root}/__admin{path}", headers, content))
        return answer.status, None if answer.value is MISSING else answer.value

    return ask
