"""Writes `docs/reference.md` from the docstrings of the public names: `python -m tools.reference`."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mockserver
from mockserver.server.whole_file import write_whole

FILE = Path(__file__).parent.parent / "docs" / "reference.md"
HEAD = """# Reference

All that `from mockserver import ...` offers. Made from the docstrings by `make docs`; the words are explained in the
[glossary](glossary.md), and [your own API](your-own-api.md) shows them at work.
"""

GROUPS = {
    "An API": ("Api", "CollectionSpec", "Handler", "Assumption"),
    "In a handler": (
        "Call", "ApiState", "Collection", "Record", "ApiOutbox", "Clock", "Random", "Request", "Response", "Problem",
        "Violation", "LimitReading", "Headers", "Json",
    ),
    "Callers and limits": ("Guard", "Limit", "Window", "SlidingWindow", "TokenBucket", "Month", "Idempotency"),
    "Webhooks": ("Webhooks", "DeliveryOutcome", "digest"),
    "Failures and answers of a test": ("Fault", "Delay", "Stub", "NextAnswer"),
    "Running it": ("create_app", "running", "MockApi", "MockApiFactory", "Exchange", "Options", "Unusable"),
}  # fmt: skip

ALIASES = {
    "Handler": "A function of `(call, state)` that returns a Response, or a JSON value as the body of the success that "
    "the document declares, or raises a Problem. What it wrote is taken back where it raises.",
    "Headers": 'A tuple of pairs of texts: `(("Retry-After", "30"),)`.',
    "Json": "Any JSON value: `dict`, `list`, `str`, `int`, `float`, `bool`, `None`.",
}  # fmt: skip
"""What is only another name for a type has no docstring."""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, names in GROUPS.items():
        parts.append(f"## {title}\n")
        parts += (entry(name) for name in names)
    return "\n".join(parts)


def entry(name: str) -> str:
    """One public name: its signature, what it is, its members and methods."""
    value = getattr(mockserver, name)
    if name in ALIASES:
        return f"### `{name}`\n\n{ALIASES[name]}\n"
    lines = [f"### `{name}`\n"]
    if callable(value) and not inspect.isclass(value):
        lines.append(f"```text\n{name}{signature(value)}\n```\n")
    lines.append(prose(value))
    if inspect.isclass(value):
        lines += [*members(value), *methods(value)]
    return "\n".join(lines)


def prose(value: Any) -> str:
    """The docstring as Markdown."""
    return f"{inspect.cleandoc(value.__doc__ or '')}\n"


def members(cls: type) -> Iterator[str]:
    """A table of the fields of a class that is data."""
    rows = []
    if dataclasses.is_dataclass(cls):
        rows = [(member.name, str(member.type), default_of(member)) for member in dataclasses.fields(cls)]
    elif issubclass(cls, tuple):
        defaults: dict[str, Any] = getattr(cls, "_field_defaults", {})
        rows = [
            (name, text(kind), repr(defaults[name]) if name in defaults else "")
            for name, kind in cls.__annotations__.items()
        ]
    elif issubclass(cls, Exception):
        rows = [
            (parameter.name, text(parameter.annotation), "" if is_needed(parameter) else repr(parameter.default))
            for parameter in list(inspect.signature(cls.__init__).parameters.values())[1:]
        ]
    if rows:
        yield "| member | type | default |\n|---|---|---|"
        for name, kind, default in rows:
            yield f"| `{name}` | `{kind.replace('|', chr(92) + '|')}` | {f'`{default}`' if default else ''} |"
        yield ""


def is_needed(parameter: inspect.Parameter) -> bool:
    """Whether it has no default."""
    return parameter.default is inspect.Parameter.empty


def default_of(member: dataclasses.Field[Any]) -> str:
    """How the default is written; empty where the member has to be given."""
    if member.default is not dataclasses.MISSING:
        return written(member.default)
    if member.default_factory is not dataclasses.MISSING:
        made = member.default_factory()
        return "" if made else written(made)
    return ""


def written(value: Any) -> str:
    """A default as one would write it, the same in every run."""
    if isinstance(value, frozenset):
        return f"{{{', '.join(map(repr, sorted(value)))}}}"
    return value.__name__ if inspect.isfunction(value) else repr(value)


def text(kind: Any) -> str:
    """An annotation as it was written."""
    return kind if isinstance(kind, str) else str(getattr(kind, "__forward_arg__", kind))


def methods(cls: type) -> Iterator[str]:
    """Each method and property that has a docstring: the others are for the engine alone."""
    found = False
    for name, value in vars(cls).items():
        is_subscript = name == "__getitem__"
        if name.startswith("_") and not is_subscript:
            continue
        if (inspect.isfunction(value) or isinstance(value, property)) and value.__doc__:
            said = " ".join(inspect.cleandoc(value.__doc__).split())
            call = name if isinstance(value, property) else f"{name}{signature(value)}"
            yield f"- `{call.replace('__getitem__(', '[').replace(')', ']', 1) if is_subscript else call}`: {said}"
            found = True
    if found:
        yield ""


def signature(value: Callable[..., Any]) -> str:
    """The parameters without `self`, and what is returned."""
    found = inspect.signature(value)
    kept = [parameter for name, parameter in found.parameters.items() if name != "self"]
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(found.replace(parameters=kept)))


if __name__ == "__main__":
    made = page()
    if not FILE.exists() or made != FILE.read_text():
        write_whole(FILE, made.encode())  # Tests may read it at the same time.
    print(f"wrote {FILE}")
