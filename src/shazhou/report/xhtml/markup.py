"""XHTML elements: making them, and putting text and elements into them in reading order."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

XHTML = "http://www.w3.org/1999/xhtml"
XML = "http://www.w3.org/XML/1998/namespace"
_FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def allowed(text: str) -> str:
    """Text with every character that XML forbids shown as the replacement character."""
    return _FORBIDDEN.sub("\ufffd", text)


def element(name: str, shape: str = "", **attributes: str) -> Any:
    """An element of XHTML; ``shape`` is its class."""
    made = etree.Element(f"{{{XHTML}}}{name}", {key: allowed(text) for key, text in attributes.items()})
    if shape:
        made.set("class", shape)
    return made


def put(parent: Any, name: str, shape: str = "", **attributes: str) -> Any:
    """A new element at the end of another."""
    made = element(name, shape, **attributes)
    parent.append(made)
    return made


def say(parent: Any, text: str) -> None:
    """Puts text after everything that the element holds so far."""
    text = allowed(text)
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
