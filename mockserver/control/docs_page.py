"""The control API's documentation as one page of HTML, made of its document; it loads nothing from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from mockserver.json_text import Json, encode
from mockserver.openapi.model.document import Document, Resolver
from mockserver.openapi.model.operation import Operation

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem;color:#222;background:#fff}
h2{margin-top:2rem;border-bottom:1px solid #ccc}details{border:1px solid #ddd;border-radius:4px;margin:.3rem 0}
summary{cursor:pointer;padding:.4rem .6rem}details>div{padding:0 .8rem .6rem}
code,pre{font:13px/1.45 ui-monospace,monospace}
pre{background:#f5f5f5;padding:.6rem;overflow:auto}b.m{display:inline-block;width:4.5rem}td{padding:.1rem .8rem .1rem 0;
vertical-align:top}@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}pre{background:#242424}
details{border-color:#444}}
"""


def docs_page(spec: Document, root: str) -> bytes:
    """The page: every operation by its tag, with parameters, an example of its body, and its answers. `root` is the
    address of the control API.
    """
    document = spec.document
    info = document["info"]
    return "\n".join(
        [
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
            f"<title>{escape(info['title'])}</title><style>{_STYLE}</style>",
            f"<h1>{escape(info['title'])}</h1><p>{escape(info['description'])}",
            f"<p>Address: <code>{escape(root)}</code> · <a href='openapi.json'>openapi.json</a>",
            *_sections(spec, root),
            "</html>",
        ]
    ).encode()


def _sections(spec: Document, root: str) -> Iterator[str]:
    resolve = Resolver(spec.document)
    for tag in spec.document["tags"]:
        yield f"<h2>{escape(tag['name'])}</h2><p>{escape(tag['description'])}"
        for operation in spec.operations:
            if operation.node["tags"][0] == tag["name"]:
                yield _operation(operation, resolve, root)


def _operation(operation: Operation, resolve: Resolver, root: str) -> str:
    node = operation.node
    head = f"<b class=m>{operation.method}</b><code>{escape(operation.path)}</code> — {escape(node['summary'])}"
    parts = [f"<p>{escape(node['description'])}"] if "description" in node else []
    if operation.parameters:
        rows = "".join(
            f"<tr><td><code>{escape(parameter.name)}</code><td>{parameter.place}<td>"
            f"{'required' if parameter.required else 'optional'}"
            for parameter in operation.parameters
        )
        parts.append(f"<h4>Parameters</h4><table>{rows}</table>")
    example = _example(operation, resolve)
    if example is not None:
        parts.append(f"<h4>Body</h4><pre>{escape(encode(example).decode())}</pre>")
        parts.append(f"<h4>In the shell</h4><pre>{escape(_curl(operation, root, encode(example).decode()))}</pre>")
    rows = "".join(
        f"<tr><td>{status}<td>{escape(resolve(answer, '')[0].get('description', ''))}"
        for status, answer in node["responses"].items()
    )
    inner = f"{''.join(parts)}<h4>Answers</h4><table>{rows}</table>"
    return f"<details id={operation.id}><summary>{head}</summary><div>{inner}</div></details>"


def _curl(operation: Operation, root: str, body: str) -> str:
    quoted = body.replace("'", "'\\''")
    address = f"'{root}{operation.path}'"
    return f"curl -X {operation.method} {address} -H 'Content-Type: application/json' -d '{quoted}'"


def _example(operation: Operation, resolve: Resolver) -> Json:
    body = operation.node.get("requestBody")
    if body is None:
        return None
    media: Mapping[str, Json] = resolve(body, "")[0]["content"].get("application/json", {})
    named = [example.get("value") for example in media.get("examples", {}).values()]
    return media.get("example", named[0] if named else None)
