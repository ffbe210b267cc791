"""The texts of a room of the console, from its code and templates, and those that have no Chinese."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po

CONSOLE = Path(__file__).parents[2] / "src" / "shazhou" / "console"
MARKS = {"_", "gettext", "gettext_lazy"}
TRANSLATE = re.compile(r"""\{%-?\s*translate\s+(?:"([^"]*)"|'([^']*)')""")
BLOCK = re.compile(r"\{%\s*blocktranslate\b([^%]*)%\}(.*?)\{%\s*endblocktranslate\s*%\}", re.DOTALL)


def texts(room: str) -> set[str]:
    """What the room's code and templates give to be translated."""
    found: set[str] = set()
    for file in (CONSOLE / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                found |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
    for file in (CONSOLE / room / "templates").rglob("*.html"):
        page = file.read_text(encoding="utf-8")
        found |= {first or second for first, second in TRANSLATE.findall(page)}
        for options, body in BLOCK.findall(page):
            text = " ".join(line.strip() for line in body.strip().splitlines()) if "trimmed" in options else body
            found.add(re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", re.split(r"\{%\s*plural", text)[0].replace("%", "%%")))
    return found


def without_chinese(room: str) -> list[str]:
    """The texts of a room that its file of Chinese texts lacks."""
    file = CONSOLE / room / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    with file.open("rb") as content:
        messages = [each for each in read_po(content) if each.string]
    known = {each.id if isinstance(each.id, str) else each.id[0] for each in messages}
    return sorted(text for text in texts(room) if text not in known)
