"""Digits on the XHTML page that nothing explains: a number that somebody typed would be one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from shazhou.report.document import Shape

X = "{http://www.w3.org/1999/xhtml}"
IX = "{http://www.xbrl.org/2013/inlineXBRL}"


def loose_digits(root: Any) -> list[str]:
    """Visible texts with digits that are neither a fact nor say what else they are."""
    shapes = frozenset(get_args(Shape))
    header = root.find(f".//{IX}header")
    unseen = frozenset(header.iter())

    def explained(element: Any) -> bool:
        around = [element, *element.iterancestors()]
        return any(each.tag == f"{IX}nonFraction" or each.get("class") in shapes for each in around)

    def texts() -> Iterator[tuple[Any, str]]:
        for element in root.find(f"{X}body").iter():
            if element not in unseen:
                yield element, element.text or ""
            if element is not header and element in unseen:
                continue
            yield element.getparent(), element.tail or ""

    return [text for element, text in texts() if re.search(r"\d", text) and not explained(element)]
