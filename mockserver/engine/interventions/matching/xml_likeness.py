"""Brings XML documents to a canonical form, in which order of attributes, prefixes and outer space do not differ."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

_DEEPEST = 100


def canonical(text: str) -> Any:
    """The document as a value that equals that of a like document; None for what is no XML, or nested too deep."""
    try:
        return _value(fromstring(text), _DEEPEST)
    except (ParseError, DefusedXmlException, ValueError):
        return None


def _value(element: Element, levels: int) -> Any:
    if not levels:
        raise ValueError(element.tag)
    texts = (element.text or "").strip()
    children = tuple((_value(child, levels - 1), (child.tail or "").strip()) for child in element)
    return element.tag, tuple(sorted(element.attrib.items())), texts, children
