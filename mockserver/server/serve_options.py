"""What to serve and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mockserver.engine.steps.cors import LOCAL
from mockserver.vendors import APIS


@dataclass(frozen=True, slots=True)
class Options:
    """What to serve and how, as the command line says it.

    `apis` are names of bundled APIs, folders, and files of documents; by default all that are bundled. Of folders and
    documents: `dynamic` fakes what is not remembered, `state` lets them remember; their collections begin with `seeds`
    records, where neither examples nor a file of records says. `overlays` are laid over documents and `handlers` are
    Python files of the user's, both as api=file, or as a file alone where one API is served. `root` is the folder that
    references of documents may lead into, if it is not their own. `cors` says whose pages may call: those of this
    machine (`local`), `any`, none (`off`). `assume` maps `api.name` to an option. `security` says what callers of a
    document's API must show: nothing (`off`), a credential of the right form (`present`), one of the file `credentials`
    (`check`). `enforce_limits` refuses what is over a limit; `errors` makes an answer that breaks its document a 500.
    `seed` is that of all ids, secrets and made-up values. `journal` is how many exchanges a world remembers.
    `admin_token` guards the control API, empty: no token is asked for; `host` is the address that the server will
    listen on: beyond loopback the control API wants a token. `allow_hosts` are the hosts that webhooks may go to beside
    this machine. `trust_proxy`: addresses that the mock makes begin as proxies in front of it say: those of this
    machine (`local`), `any`, or none (`off`).
    """

    apis: Sequence[str] = field(default_factory=lambda: tuple(APIS))
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
