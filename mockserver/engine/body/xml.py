"""Decodes XML to values and encodes values as XML, by the `xml` objects of their schemas (`name`, `attribute`,
`wrapped`, `namespace`, `prefix`, and `nodeType` of 3.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from mockserver.json_text import MAX_DEPTH, Json, Malformed, NotReadHere
from mockserver.openapi.schema.schema_view import SchemaView

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_A_NAME = re.compile(r"[^\w.:-]")
XSI_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def node_type(kind: SchemaView) -> str:
    """Returns the node type of a member: `element`, `attribute`, `text`, or `none` for an array without an element of
    its own.
    """
    xml = _xml(kind)
    said = xml.get("nodeType")
    if isinstance(said, str):
        return "text" if said == "cdata" else said
    if xml.get("attribute") is True:
        return "attribute"
    return "none" if kind.is_array and xml.get("wrapped") is not True else "element"


def _xml(kind: SchemaView) -> Mapping[str, Json]:
    found = kind.keyword("xml")
    return found if isinstance(found, dict) else {}


def _name(kind: SchemaView, otherwise: str) -> str:
    name = _xml(kind).get("name")
    return name if isinstance(name, str) and name else otherwise


# Reading


class _Shallow(TreeBuilder):
    """Builds a tree that is not deeper than can be walked."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[Any, Any], /) -> Element:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NotReadHere(f"nested deeper than {MAX_DEPTH} levels")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def read(content: bytes, kind: SchemaView, charset: str = "") -> Json:
    """The value of an XML document, in the charset that its media type names (RFC 7303, 3), else in its own. Raises
    Malformed; NotReadHere for one with a DTD, whose entities could be endless.
    """
    root = _parsed(content, charset)
    expected = _xml(kind).get("name")
    if isinstance(expected, str) and expected and _local(root.tag) != expected:
        raise Malformed(f"its root is <{_local(root.tag)}>; expected <{expected}>")
    namespace = _xml(kind).get("namespace")
    if not _is_in(root.tag, namespace):
        seen = root.tag[1:].partition("}")[0] if root.tag.startswith("{") else "none"
        raise Malformed(f"its root is in the namespace {seen}; expected {namespace}")
    if kind.is_array:
        return [_read(child, kind.item) for child in root]
    return _read(root, kind)


def _parsed(content: bytes, charset: str) -> Element:
    try:
        parser = DefusedXMLParser(target=_Shallow(), forbid_dtd=True, encoding=charset or None)
        parser.feed(content)
        root: Element = parser.close()
    except DefusedXmlException:
        raise NotReadHere("it has a document type definition, which is not read") from None
    except Malformed:
        raise
    except ParseError as error:
        raise Malformed(str(error)) from None
    except (ValueError, LookupError) as error:
        raise NotReadHere(str(error)) from None
    return root


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _read(element: Element, kind: SchemaView) -> Json:
    if element.get(XSI_NIL) in ("true", "1"):
        return None
    if kind.is_object or (kind.is_any and (len(element) or element.attrib)):
        return _object(element, kind)
    if kind.is_array:
        return [_read(child, kind.item) for child in element]
    text = "".join(element.itertext())
    return kind.decode(text if "string" in kind.types else text.strip())


def _object(element: Element, kind: SchemaView) -> Json:
    found: dict[str, Json] = {}
    taken: set[int] = set()
    attributes: set[str] = set()
    for name, member in kind.properties.items():
        as_type, called = node_type(member), _name(member, name)
        if as_type == "none":
            called = _name(member.item, name)
        if as_type == "attribute":
            key = next((key for key in element.attrib if _local(key) == called), None)
            if key is not None:
                attributes.add(key)
                found[name] = member.decode(element.attrib[key])
        elif as_type == "text":
            found[name] = member.decode(element.text or "")
        else:
            value = _children(element, member, called, as_type, taken)
            if value is not None:
                found[name] = value[0]
    return {**dict(_others(element, kind, taken, attributes)), **found}


def _children(element: Element, kind: SchemaView, called: str, as_type: str, taken: set[int]) -> tuple[Json] | None:
    """The value of the children with this name, in a tuple; None where there are none."""
    wanted = _xml(kind if as_type == "element" else kind.item).get("namespace")
    children = [child for child in element if _fits(child.tag, called, wanted)]
    if not children:
        return None
    taken.update(map(id, children))
    if as_type == "none":
        return ([_read(child, kind.item) for child in children],)
    return (_read(children[-1], kind),)


def _fits(tag: str, called: str, namespace: Json) -> bool:
    if _local(tag) != called.rpartition(":")[2]:
        return False
    return _is_in(tag, namespace)


def _is_in(tag: str, namespace: Json) -> bool:
    """Whether the tag is in the namespace; in any where none is declared."""
    return not isinstance(namespace, str) or not namespace or tag.startswith(f"{{{namespace}}}")


def _others(element: Element, kind: SchemaView, taken: set[int], attributes: set[str]) -> Iterator[tuple[str, Json]]:
    """What the schema does not name, each once; what stands there several times is an array. What has a known name in
    another namespace is something else, and keeps the namespace.
    """
    found: dict[str, list[Json]] = {}
    for child in element:
        if id(child) not in taken:
            name = _local(child.tag)
            name = child.tag if name in kind.properties else name
            found.setdefault(name, []).append(_read(child, kind.member(name)))
    for key, text in element.attrib.items():
        if key not in attributes and not key.startswith("{http://www.w3.org/2001/XMLSchema-instance}"):
            found.setdefault(_local(key), []).append(kind.member(_local(key)).decode(text))
    for name, values in found.items():
        yield name, values if len(values) > 1 else values[0]


# Writing


def write(value: Json, kind: SchemaView) -> bytes:
    """The XML document of a value, in UTF-8. The root is called by the schema's `xml.name`, else like its component."""
    name = _name(kind, kind.name or "root")
    if isinstance(value, list):
        body = "".join(_element(item, kind.item, _name(kind.item, kind.item.name or "item")) for item in value)
        text = _tagged(name, kind, "", body)
    else:
        text = _element(value, kind, name)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()


def _element(value: Json, kind: SchemaView, name: str) -> str:
    if isinstance(value, dict):
        attributes, body = _inside(value, kind)
        return _tagged(name, kind, attributes, body)
    if isinstance(value, list):
        inner = _name(kind.item, name)
        return _tagged(name, kind, "", "".join(_element(item, kind.item, inner) for item in value))
    return _tagged(name, kind, "", escape(_text(value), quote=False))


def _inside(value: dict[str, Json], kind: SchemaView) -> tuple[str, str]:
    """The attributes and the content of an object's element."""
    attributes, body = "", ""
    for name, held in value.items():
        member = kind.member(name)
        as_type, called = node_type(member), _name(member, name)
        if as_type == "attribute":
            attributes += f" {_legal(_prefixed(called, member))}={_quoted(_text(held))}"
        elif as_type == "text":
            body += escape(_text(held), quote=False)
        elif isinstance(held, list) and (as_type == "none" or member.is_any):
            inner = _name(member.item, name)
            body += "".join(_element(item, member.item, inner) for item in held)
        elif isinstance(held, list):
            inner = _name(member.item, called)
            body += _tagged(called, member, "", "".join(_element(item, member.item, inner) for item in held))
        else:
            body += _element(held, member, called)
    return attributes, body


def _tagged(name: str, kind: SchemaView, attributes: str, body: str) -> str:
    xml = _xml(kind)
    namespace, prefix = xml.get("namespace"), xml.get("prefix")
    if isinstance(namespace, str) and namespace:
        bound = f":{_legal(prefix)}" if isinstance(prefix, str) and prefix else ""
        attributes = f" xmlns{bound}={_quoted(namespace)}{attributes}"
    tag = _legal(_prefixed(name, kind))
    return f"<{tag}{attributes}>{body}</{tag}>" if body else f"<{tag}{attributes}/>"


def _prefixed(name: str, kind: SchemaView) -> str:
    """The name behind its prefix, where that is bound to a namespace."""
    xml = _xml(kind)
    prefix = xml.get("prefix")
    bound = isinstance(prefix, str) and prefix and isinstance(xml.get("namespace"), str) and ":" not in name
    return f"{prefix}:{name}" if bound else name.rpartition(":")[2]


def _legal(name: str) -> str:
    """The name as XML takes it."""
    name = _NOT_IN_A_NAME.sub("_", name)
    return name if name[:1].isalpha() or name[:1] == "_" else f"_{name}"


def _quoted(text: str) -> str:
    """The value of an attribute; what a reader would take for a space stays what it is."""
    return f'"{escape(text).translate(_BREAKS)}"'


_BREAKS = {ord(mark): f"&#{ord(mark)};" for mark in "\t\n\r"}


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else _NOT_IN_XML.sub("", str(value))
