"""The `schemathesis run` command of one API, with its configuration file."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from base64 import b64encode
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from mockserver import loopback
from mockserver.contract.checking.checked_server import CheckedServer
from mockserver.contract.checking.secrets import credentials_in_toml, is_described, secrets_of
from mockserver.engine.service import Service
from mockserver.problem import Unusable

OWN_CONFIGURATION = "[cache]\nenabled = false\n"
"""Disables the cache for `st replay`, since document and mock no longer exist after the command."""

NO_DATABASE: Final = ("--generation-database", "none")
"""Disables Hypothesis' database of earlier examples in the current folder: with it a seed sends other requests, and
other numbers of them, after every run.
"""
_OF_DATABASE: Final = ("--generation-database", "--generation-deterministic")
_DATABASE_LINE: Final = re.compile(r"^[ \t]*(?:generation\.)?(?:database|deterministic)[ \t]*=", re.MULTILINE)


def record_of(document: Path) -> Path:
    """The file for reclassified failures, beside the document that Schemathesis reads."""
    return document.with_suffix(".jsonl")


def command(
    service: Service, document: Path, target: CheckedServer, more: Sequence[str], values: str = ""
) -> list[str]:
    """The command that runs Schemathesis with everything that the document alone does not say; `values` is added to the
    configuration.
    """
    own = configuration(service, document.with_suffix(".toml"), target, values)
    has_secrets = bool(secrets_of(service)) and (own is not None or not target.is_mock)
    own_header = () if has_secrets else credential(service, target)
    options = [part for header in (*own_header, *target.headers) for part in ("--header", header)]
    database = () if _says_database(service, more) else NO_DATABASE
    unmasked = ("--output-sanitize", "false") if target.is_mock and "--output-sanitize" not in more else ()
    asked = [
        *(("--config-file", str(own)) if own is not None else ()),
        *("run", str(document), "--url", target.url, "--continue-on-failure"),
        *(*database, *unmasked, *options, *more),
    ]
    arguments = document.with_suffix(".arguments.json")
    arguments.write_text(json.dumps(asked), encoding="utf-8")
    tool = (sys.executable, "-m", "mockserver.contract.checking.schemathesis_tool")
    return [*tool, str(document), str(record_of(document)), str(arguments)]


def environment() -> dict[str, str]:
    """The environment of Schemathesis: servers on this machine are asked without the proxy that the user's names, and
    none is sent a password of `.netrc`, which would stand in requests without a credential, too.
    """
    given = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    around = ",".join([*filter(None, [given]), *sorted(loopback.NAMES)])
    return {**os.environ, "no_proxy": around, "NO_PROXY": around, "NETRC": os.devnull}


def _says_database(service: Service, more: Sequence[str]) -> bool:
    """Whether the user's arguments or file for Schemathesis say where examples of earlier runs are kept."""
    theirs = _user_file() if is_described(service) else None
    in_file = theirs is not None and _DATABASE_LINE.search(theirs.read_text(encoding="utf-8"))
    return bool(in_file) or any(part.partition("=")[0] in _OF_DATABASE for part in more)


def _user_file() -> Path | None:
    """The configuration of Schemathesis in the current folder, or the nearest above it."""
    folders = (Path.cwd(), *Path.cwd().parents)
    return next((found for folder in folders if (found := folder / "schemathesis.toml").exists()), None)


def given_headers(more: Sequence[str]) -> list[str]:
    """The headers that the arguments for Schemathesis give, `NAME: VALUE`."""
    split = [part for one in more for part in (one.split("=", 1) if one.startswith("--") else [one])]
    given = [value for option, value in pairwise(split) if option in ("-H", "--header")]
    pairs = [value for option, value in pairwise(split) if option in ("-a", "--auth")]
    return [*given, *(f"Authorization: Basic {b64encode(pair.encode()).decode()}" for pair in pairs)]


def shows_secrets(more: Sequence[str]) -> bool:
    """Whether the arguments for Schemathesis ask for credentials as they are: `--output-sanitize false`."""
    joined = " ".join(more).replace("=", " ")
    return "--output-sanitize false" in joined.lower()


def configuration(service: Service, file: Path, target: CheckedServer, values: str = "") -> Path | None:
    """The configuration for Schemathesis: the shipped file of a bundled API, or the user's file and the secrets of the
    mock; and `values`, the part with known values, where these can be added.

    None if the user's file cannot be extended, and is all there is.
    """
    texts = [OWN_CONFIGURATION]
    if not is_described(service):
        shipped = Path(__file__).with_name(f"{service.name}.toml")
        texts = [shipped.read_text(encoding="utf-8"), *texts] if shipped.exists() else texts
    else:
        texts += [credentials_in_toml(service.spec, secrets_of(service))] if target.is_mock else [target.configuration]
        theirs = _user_file()
        if theirs is not None:
            texts = [theirs.read_text(encoding="utf-8"), *(texts[1:])]
            if not _is_toml("\n".join(texts)):
                if target.configuration:
                    raise Unusable("schemathesis.toml cannot be read, or says what --credential says; leave one out")
                return None
    texts += [values] if _is_toml("\n".join([*texts, values])) else []
    file.write_text("\n".join(texts), encoding="utf-8")
    return file


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def credential(service: Service, target: CheckedServer) -> tuple[str, ...]:
    """The header that authenticates, unless the user gives another."""
    given = {header.partition(":")[0].strip().lower() for header in target.headers}
    name, value = service.api.credential
    return () if not name or name.lower() in given else (f"{name}: {value}",)
