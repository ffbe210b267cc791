"""YAML that remembers its lines: plain data, and for every path in it the line it stands on.

Only what a definition needs is read: mappings with unique text keys, lists, texts, numbers and booleans. Anchors,
aliases and tags are refused, so that what stands in the file is what it means.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from shazhou.city.problem import Problem, Refused, Rule, Where

Path = tuple[str | int, ...]

NOT_TEXT = Rule(
    "file-encoding",
    "The file is not UTF-8 text.",
    "文件不是 UTF-8 文本。",
    "Save it as UTF-8.",
    "请以 UTF-8 编码保存。",
)
YAML_SYNTAX = Rule(
    "yaml-syntax",
    "This is not YAML: {found}.",
    "YAML 语法有误：{found}。",
    "Mend the line; check indentation, colons and quotes.",
    "请检查该行的缩进、冒号和引号。",
)
YAML_FEATURE = Rule(
    "yaml-feature",
    "{found} is not allowed in a definition file.",
    "定义文件中不允许使用 {found}。",
    "Write the value out where it is meant.",
    "请在需要之处直接写出内容。",
)
DUPLICATE_KEY = Rule(
    "duplicate-key",
    "{found} is defined twice; the first stands in line {first}.",
    "{found} 重复定义，首次定义在第 {first} 行。",
    "Keep one of the two, or rename one.",
    "请保留其一，或改名。",
)
TOO_DEEP = Rule(
    "yaml-depth",
    "The file is nested more than {deepest} levels deep.",
    "文件嵌套超过 {deepest} 层。",
    "A definition needs a few levels only.",
    "定义只需几层结构。",
)
HUGE_NUMBER = Rule(
    "number-too-large",
    "The number {found} is out of all proportion.",
    "数字 {found} 过大。",
    "Definitions hold numbers of at most 38 digits.",
    "定义中的数字最多 38 位。",
)

DEEPEST = 24
"""Levels of a definition file; the deepest mapping of the cities here has eight."""

MOST_DIGITS = 38

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Lined:
    """The data of a YAML file, with the line of every path."""

    def __init__(self, file: str, data: Any, lines: dict[Path, int]) -> None:
        self.file = file
        self.data = data
        self._lines = lines

    def where(self, path: Path = (), text: str = "") -> Where:
        """The place of a path, or of the nearest that exists above it."""
        while path not in self._lines and path:
            path = path[:-1]
        column = ".".join(str(part) for part in path)
        return Where(self.file, row=self._lines.get(path, 1), column=column, text=text)

    def known(self, path: Path) -> Path:
        """The parts of a path that stand in the file; others, such as names of types, are left out."""
        found: Path = ()
        for part in path:
            if (*found, part) in self._lines:
                found = (*found, part)
        return found


def text_of(file: str, content: bytes) -> str:
    """A file's text; Refused where it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise Refused([Problem(NOT_TEXT, Where(file, row=row))]) from None


def read_yaml(file: str, content: bytes) -> Lined:
    """The data of a YAML file with its lines.

    Raises:
        Refused: with every duplicate key and unsupported feature, or the first syntax error.
    """
    lined, problems = lined_yaml(file, content)
    if problems:
        raise Refused(problems)
    return lined


def lined_yaml(file: str, content: bytes) -> tuple[Lined, list[Problem]]:
    """What can be read of a YAML file, and its duplicate keys and numbers out of all proportion.

    Raises:
        Refused: nothing can be read: with the unsupported features, or the first syntax error.
    """
    text = text_of(file, content)
    try:
        features = list(_features(file, text))
        if features:
            raise Refused(features)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        row = min(mark.line, text.count("\n")) + 1 if mark else 1
        raise Refused([Problem(YAML_SYNTAX, Where(file, row=row), str(error.problem))]) from None
    except (yaml.YAMLError, ValueError) as error:
        position = getattr(error, "position", 0)
        row = text[: position if isinstance(position, int) else 0].count("\n") + 1
        why = str(getattr(error, "reason", error)).splitlines()[0]
        raise Refused([Problem(YAML_SYNTAX, Where(file, row=row), why)]) from None
    reader = _Reader(file)
    data = reader.data(node, ()) if node is not None else None
    return Lined(file, data, reader.lines), reader.problems


def _features(file: str, text: str) -> Iterator[Problem]:
    """What YAML can do and a definition file must not, found without building anything of it."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.NodeEvent):
            for found in _used(event):
                yield Problem(YAML_FEATURE, _place(file, event), found)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                yield Problem(TOO_DEEP, _place(file, event), "", {"deepest": str(DEEPEST)})
                return
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _used(event: yaml.NodeEvent) -> Iterator[str]:
    if isinstance(event, yaml.AliasEvent):
        yield f"*{event.anchor}"
        return
    if event.anchor:
        yield f"&{event.anchor}"
    if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag:
        yield f"the tag {event.tag}"


def _place(file: str, event: yaml.Event) -> Where:
    return Where(file, row=event.start_mark.line + 1 if event.start_mark else 1)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def data(self, node: yaml.Node, path: Path) -> Any:
        row = node.start_mark.line + 1
        self.lines.setdefault(path, row)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.data(item, (*path, number)) for number, item in enumerate(node.value)]
        return self._scalar(node, row)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            row = key_node.start_mark.line + 1
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
            if not isinstance(key_node, yaml.ScalarNode) or key == "<<":
                self.problems.append(Problem(YAML_FEATURE, Where(self._file, row=row), "a key that is no plain text"))
                continue
            if key in found:
                first = {"first": str(self.lines[(*path, key)])}
                self.problems.append(Problem(DUPLICATE_KEY, Where(self._file, row=row, column=key), key, first))
                continue
            self.lines[(*path, key)] = row
            found[key] = self.data(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.Node, row: int) -> Any:
        kind, text = node.tag.rpartition(":")[2], str(node.value)
        try:
            match kind:
                case "null":
                    return None
                case "bool":
                    return text.lower() in ("true", "yes", "on")
                case "int" | "float":
                    return self._number(Decimal(text.replace("_", "")), text, row)
                case "timestamp" if len(text) == 10:
                    return date.fromisoformat(text)
        except (InvalidOperation, ValueError):
            return text
        return text

    def _number(self, number: Decimal, text: str, row: int) -> int | Decimal:
        if len(number.as_tuple().digits) > MOST_DIGITS or abs(number.adjusted()) > MOST_DIGITS:
            shown = text if len(text) <= MOST_DIGITS else text[:MOST_DIGITS] + "…"
            self.problems.append(Problem(HUGE_NUMBER, Where(self._file, row=row), shown))
            return 0
        return int(number) if number == number.to_integral_value() and "." not in text else number
