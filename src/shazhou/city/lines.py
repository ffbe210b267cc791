"""YAML that remembers its lines: plain data, and for every path in it the line it stands on.

Only what a definition needs is read: mappings with unique text keys, lists, texts, numbers and booleans. Anchors, aliases
and tags are refused, so that what stands in the file is what it means.
"""

from __future__ import annotations

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
    "{found} is defined twice.",
    "{found} 重复定义。",
    "Keep one of the two, or rename one.",
    "请保留其一，或改名。",
)
TOO_DEEP = Rule(
    "yaml-depth",
    "The file is nested too deeply.",
    "文件嵌套过深。",
    "A definition needs at most a few levels.",
    "定义只需几层结构。",
)


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
    text = text_of(file, content)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        row = mark.line + 1 if mark else 1
        raise Refused([Problem(YAML_SYNTAX, Where(file, row=row), str(error.problem))]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise Refused([Problem(YAML_SYNTAX, Where(file, row=1), str(error).splitlines()[0])]) from None
    except RecursionError:
        raise Refused([Problem(TOO_DEEP, Where(file, row=1))]) from None
    reader = _Reader(file)
    data = reader.data(node, ()) if node is not None else None
    if reader.problems:
        raise Refused(reader.problems)
    return Lined(file, data, reader.lines)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self._seen: set[int] = set()
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def data(self, node: yaml.Node, path: Path) -> Any:
        row = node.start_mark.line + 1
        self.lines.setdefault(path, row)
        if id(node) in self._seen:
            self.problems.append(Problem(YAML_FEATURE, Where(self._file, row=row), "an alias (*)"))
            return None
        self._seen.add(id(node))
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
            elif key in found:
                self.problems.append(Problem(DUPLICATE_KEY, Where(self._file, row=row, column=str(key)), str(key)))
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
                    number = Decimal(text.replace("_", ""))
                    return int(number) if kind == "int" and abs(number) < 10**18 else number
                case "timestamp":
                    return date.fromisoformat(text) if len(text) == 10 else text
                case "str":
                    return text
        except (InvalidOperation, ValueError):
            return text
        self.problems.append(Problem(YAML_FEATURE, Where(self._file, row=row), f"the tag {node.tag}"))
        return None
