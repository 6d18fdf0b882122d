"""Writes the tables of errors and assumptions into the pages of the bundled APIs: `python -m tools.vendor_pages`.

Errors come from the examples of refusals in `specs/{api}.yaml`, assumptions from `specs/{api}.assumptions.yaml`. The
rest of `docs/{api}.md` is written by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from mockserver.json_pointer import tokens, value_at
from mockserver.server.whole_file import write_whole
from mockserver.vendors import APIS

ROOT = Path(__file__).parent.parent


def page_of(api: str) -> Path:
    """The page of an API."""
    return ROOT / "docs" / f"{api}.md"


def page(api: str) -> str:
    """The page as it is, with both tables made anew."""
    text = page_of(api).read_text()
    document = yaml.safe_load((ROOT / "specs" / f"{api}.yaml").read_text())
    for name, lines in (("errors", errors(document)), ("assumptions", assumptions(api))):
        before, begin, rest = text.partition(f"<!-- {name}: made by tools/vendor_pages.py -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->\n")
        text = "".join((before, begin, "\n", *(f"{line}\n" for line in lines), "\n", end, after))
    return text


def assumptions(api: str) -> Iterator[str]:
    """A row for each assumption: its name, the question, its options with the default first."""
    yield "| assumption | question | options, the default first |"
    yield "|---|---|---|"
    for assumption in APIS[api].assumptions:
        ordered = sorted(assumption.options.items(), key=lambda option: option[0] != assumption.default)
        options = " · ".join(f"`{name}`: {cell(meaning)}" for name, meaning in ordered)
        yield f"| `{assumption.name}` | {cell(assumption.question)} | {options} |"


def errors(document: dict[str, Any]) -> Iterator[str]:
    """A row for each code that an example of a refusal has: status, code, and what its message may say."""
    found: dict[tuple[str, str], str] = {}
    for status, body in refusals(document):
        code, message = told(body)
        if code:
            found.setdefault((status, code), message)
    yield "| status | code | for example |"
    yield "|---|---|---|"
    for (status, code), message in sorted(found.items()):
        yield f"| {status} | `{code}` | {cell(message)} |"


def refusals(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The examples of all answers that may refuse, each with its status."""
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                for status, response in operation.get("responses", {}).items():
                    for body in examples(followed(document, response)):
                        yield status, body


def examples(response: dict[str, Any]) -> Iterator[Any]:
    """The examples of an answer."""
    for media in response.get("content", {}).values():
        named: Iterable[dict[str, Any]] = media.get("examples", {}).values()
        yield from (example["value"] for example in named if "value" in example)
        if "example" in media:
            yield media["example"]


def followed(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """What a reference within the document refers to."""
    while "$ref" in value:
        value = value_at(document, tokens(value["$ref"].removeprefix("#")))
    return value


def told(body: Any) -> tuple[str, str]:
    """The code and the message of an error; nothing where it is none."""
    if not isinstance(body, dict) or body.get("ok") is True:
        return "", ""
    error = body.get("error")
    if isinstance(error, dict):
        return str(error.get("error_code") or error.get("code") or ""), str(error.get("message", ""))
    if body.get("status") == "error" or body.get("code") not in (None, 0, 200):
        return str(body.get("code", "")), str(body.get("message", ""))
    return "", ""


def cell(text: str) -> str:
    """A text as it may stand in a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    for name in APIS:
        file, made = page_of(name), page(name)
        if not file.exists() or made != file.read_text():
            write_whole(file, made.encode())  # Tests may read it at the same time.
        print(file.relative_to(ROOT))
