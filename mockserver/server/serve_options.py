"""What to serve and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mockserver.engine.steps.cors import LOCAL
from mockserver.vendors import APIS


@dataclass(frozen=True, slots=True)
class Options:
    """What to serve and how, as the command line says it.

    `apis` are names of bundled APIs and files of documents; `dynamic` fakes the answers of the latter, `state` lets
    them remember; their collections begin with `seeds` records, where examples do not say. `overlays` are laid over
    documents and `handlers` are Python files of the user's, both as api=file, or as a file alone where one API is
    served. `root` is the folder that references of documents may lead into, if
    it is not their own. `cors` says whose pages may call (engine/cors.py). `assume` maps
    `api.name` to an option; `security` says what callers of a document's API must show (engine/security.py), and
    `credentials` is the file of those that `check` knows. `journal` is how many exchanges a world remembers.
    `admin_token` guards the control API, empty: no token is asked for; `host` is the address that the server will
    listen on: beyond loopback the control API wants a token. `allow_hosts` are the hosts that webhooks may go to beside
    this machine. `trust_proxy`: addresses that the mock makes begin as proxies in front of it say: those of this
    machine (`local`), `any`, or none (`off`).
    """

    apis: Sequence[str] = tuple(APIS)
    seed: int = 0
    enforce_limits: bool = True
    errors: bool = False
    assume: Mapping[str, str] = field(default_factory=dict)
    journal: int = 1000
    admin_token: str = ""
    host: str = "127.0.0.1"
    allow_hosts: Sequence[str] = ()
    dynamic: bool = False
    seeds: int = 3
    overlays: Sequence[str] = ()
    root: str = ""
    handlers: Sequence[str] = ()
    state: bool = True
    cors: str = LOCAL
    security: str = "present"
    credentials: str = ""
    trust_proxy: str = "local"
