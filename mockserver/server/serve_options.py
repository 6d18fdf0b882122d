"""The options of a mock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import fspath

from mockserver.engine.steps.cors import LOCAL
from mockserver.server.option_checks import refuse_wrong_values
from mockserver.vendors import APIS


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a mock, as on the command line.

    `apis` are names of bundled APIs, folders and document files; by default every bundled API. For folders and
    documents: `dynamic` generates values that are not stored, `state` stores records; collections begin with
    `seeds` records, unless examples or a records file define them (0: none, whatever examples there are).
    `overlays` are applied to documents and
    `handlers` are Python files, both as api=file, or as a file alone if one API is served. `root` is the folder
    that references of documents may lead into, if not their own. `cors` allows calls from pages of this machine
    (`local`), from `any` page, from none (`off`), or from those of origins such as `https://app.example.com`, with
    spaces between. `assume` maps `api.name` to an option, and wins over the files `assume_from`, which `mockserver
    assumptions --write` makes. `security` is required of callers of a document's API: nothing (`off`), a
    credential of the right form (`present`), or one in the file `credentials` (`check`).
    `enforce_limits` refuses requests over a limit; `errors` replaces a response that violates its document by a
    500. `seed` determines all ids, secrets and generated values. `journal` is the number of exchanges that a world
    stores. `admin_token` protects the control API, empty: no token is required; `host` is the address to listen on:
    beyond loopback the control API requires a token. `allow_hosts` are hosts that webhooks may be sent to beside
    this machine. Every world begins with the faults that `delay` (milliseconds before each answer) and `fail`
    (`listPets=503:0.1`) ask for. `trust_proxy`: proxies whose headers change the addresses in responses: those of
    this machine (`local`), `any`, none (`off`). A world that was not used for `expire_worlds` seconds is deleted;
    None: worlds stay. `allow_shutdown`: the control API may end this process. Worlds are kept in the `store`
    (`memory:`, `sqlite:FILE`, `redis://...`, there below `store_prefix`), with SQLite by this `durability`.

    Raises Unusable for a value of a wrong type, or one that an option does not take.
    """

    apis: Sequence[str] = field(default_factory=lambda: tuple(APIS))
    seed: int = 0
    enforce_limits: bool = True
    errors: bool = False
    assume: Mapping[str, str] = field(default_factory=dict)
    assume_from: Sequence[str] = ()
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
    delay: float = 0.0
    fail: Sequence[str] = ()
    security: str = "present"
    credentials: str = ""
    trust_proxy: str = "local"
    expire_worlds: float | None = None
    allow_shutdown: bool = False
    store: str = "memory:"
    store_prefix: str = ""
    durability: str = "normal"

    def __post_init__(self) -> None:
        refuse_wrong_values({name: getattr(self, name) for name in self.__slots__})
        for name in _FILES:
            object.__setattr__(self, name, tuple(map(fspath, getattr(self, name))))


_FILES = ("apis", "overlays", "handlers", "assume_from")
"""The options that are lists of files, kept as texts."""
