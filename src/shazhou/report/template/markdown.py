"""Templates: a report's Markdown with references, parsed into blocks that hold no figures yet.

A city folder holds ``report/work_report.zh.md`` and ``report/work_report.en.md`` and, for both, ``report/report.yaml``:

    terms:                      fixed expressions with a numeral in them that is part of a name, never a value
      zh: ["“十四五”"]
      en: []
    shares:                     groups of indicators that make up a whole: quoted together they must add up to 100
      - [primary_share, secondary_share, tertiary_share]
    parts:                      a stated share and what it is a share of: they must agree
      - {share: primary_share, part: primary_value_added, whole: gdp}
    promises:                   targets whose promised value is stated of another indicator than the one they watch
      industrial_enterprises_to_cloud_2021: industrial_enterprises_to_cloud

Markdown is CommonMark with tables; of it a report uses headings, paragraphs, lists, tables and emphasis. Anything else
(links, pictures, code, HTML) is refused, so that nothing leaves the document model. References are described in
`shazhou.report.template.reference`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shazhou.city.field import field_problems
from shazhou.city.lines import read_yaml, text_of
from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.report.template.reference import BLOCKS, Reference, parse_reference

NO_TEMPLATE = Rule(
    "report-template-missing",
    "The city has no template {found}.",
    "城市文件夹中没有模板 {found}。",
    "Write the report's text in that file of the city folder and load the city again.",
    "请在城市文件夹中写好该文件，再重新载入。",
)
NOT_SUPPORTED = Rule(
    "report-markdown",
    "A report's template may not hold {found}.",
    "报告模板中不能使用 {found}。",
    "Use headings, paragraphs, lists, tables and emphasis only.",
    "只能使用标题、段落、列表、表格和强调。",
)
NOT_ALONE = Rule(
    "report-block-alone",
    "{found} must stand alone in a paragraph.",
    "{found} 须单独成段。",
    "Put an empty line before and after it.",
    "请在其前后各留一空行。",
)
Piece = str | Reference | tuple["Piece", ...]
"""Template text, a reference, or pieces that are emphasised."""


@dataclass(frozen=True)
class Part:
    """A block of the template. ``kind`` is heading, paragraph, item, row or block; ``level`` a heading's level or 1
    for items of an ordered list; ``cells`` holds one sequence of pieces, or one for each cell of a table's row."""

    kind: str
    cells: tuple[tuple[Piece, ...], ...]
    level: int
    where: Where

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return self.cells[0]


class Parts(BaseModel):
    """A stated share, and the part and whole that it must agree with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: str
    part: str
    whole: str


class Settings(BaseModel):
    """What a report's checks know of the city's indicators and names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    terms: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    shares: tuple[tuple[str, ...], ...] = ()
    parts: tuple[Parts, ...] = ()
    promises: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Template:
    """A parsed template with its settings."""

    file: str
    parts: tuple[Part, ...]
    settings: Settings
    terms: tuple[str, ...]

    def references(self) -> Iterator[Reference]:
        """Every reference, in order."""
        for part in self.parts:
            for cell in part.cells:
                yield from references_in(cell)


def read_template(files: Mapping[str, bytes], language: str) -> Template:
    """The city's work report in a language.

    Raises:
        Refused: no such file, or everything in it that is not understood.
    """
    name = f"report/work_report.{language}.md"
    if name not in files:
        raise Refused([Problem(NO_TEMPLATE, Where(name), name)])
    settings = _settings(files)
    parts = parse_template(text_of(name, files[name]), name)
    return Template(name, parts, settings, settings.terms.get(language, ()))


def parse_template(text: str, file: str) -> tuple[Part, ...]:
    """Blocks of a template's text.

    Raises:
        Refused: every unknown reference and every piece of Markdown that a report has no use for.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.inline.ruler.before("emphasis", "reference", _reference_rule)
    reader = _Reader(file)
    for token in markdown.parse(text):
        reader.take(token)
    if reader.problems:
        raise Refused(reader.problems)
    return tuple(reader.parts)


def references_in(pieces: tuple[Piece, ...]) -> Iterator[Reference]:
    """References among pieces, emphasised ones too."""
    for piece in pieces:
        if isinstance(piece, Reference):
            yield piece
        elif isinstance(piece, tuple):
            yield from references_in(piece)


def _settings(files: Mapping[str, bytes]) -> Settings:
    name = "report/report.yaml"
    if name not in files:
        return Settings()
    lined = read_yaml(name, files[name])
    try:
        return Settings.model_validate(lined.data or {})
    except ValidationError as error:
        raise Refused(field_problems(error, lined, (), Settings.model_fields)) from None


def _reference_rule(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("{{", state.pos):
        return False
    end = state.src.find("}}", state.pos)
    if end < 0:
        return False
    if not silent:
        token = state.push("reference", "", 0)
        token.content = state.src[state.pos + 2 : end]
    state.pos = end + 2
    return True


_SILENT = frozenset(
    [
        "heading_close",
        "paragraph_open",
        "paragraph_close",
        "bullet_list_close",
        "list_item_open",
        "list_item_close",
        "ordered_list_close",
        "table_open",
        "table_close",
        "thead_open",
        "thead_close",
        "tbody_open",
        "tbody_close",
        "tr_open",
        "td_close",
        "th_close",
        "th_open",
        "td_open",
        "strong_close",
        "em_close",
    ]
)


class _Reader:
    """Turns Markdown's tokens into parts, one after the other."""

    def __init__(self, file: str) -> None:
        self.parts: list[Part] = []
        self.problems: list[Problem] = []
        self._file = file
        self._kind, self._level = "paragraph", 0
        self._lists: list[int] = []
        self._row: list[tuple[Piece, ...]] = []
        self._line = 1

    def take(self, token: Token) -> None:
        if token.map:
            self._line = token.map[0] + 1
        match token.type:
            case "heading_open":
                self._kind, self._level = "heading", int(token.tag[1:])
            case "bullet_list_open" | "ordered_list_open":
                self._lists.append(int(token.type.startswith("ordered")))
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "paragraph_open":
                self._kind, self._level = ("item", self._lists[-1]) if self._lists else ("paragraph", 0)
            case "tr_open":
                self._kind, self._row = "row", []
            case "tr_close":
                self.parts.append(Part("row", tuple(self._row), 0, Where(self._file, row=self._line)))
            case "inline":
                self._inline(token)
            case _ if token.type not in _SILENT:
                self._refuse(token.type)

    def _inline(self, token: Token) -> None:
        pieces = self._pieces(iter(token.children or ()))
        where = Where(self._file, row=self._line)
        blocks = [each for each in references_in(pieces) if each.verb in BLOCKS]
        if self._kind == "row" and not blocks:
            self._row.append(pieces)
        elif not blocks:
            self.parts.append(Part(self._kind, (pieces,), self._level, where))
        elif len(pieces) == 1 and self._kind == "paragraph":
            self.parts.append(Part("block", (pieces,), 0, where))
        else:
            self.problems += [Problem(NOT_ALONE, each.where, "{{" + each.text + "}}") for each in blocks]

    def _pieces(self, tokens: Iterator[Token], until: str = "") -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        for token in tokens:
            match token.type:
                case "text":
                    if "**" in token.content:
                        self._refuse("** beside a letter (put a space or a punctuation mark before it)")
                    if token.content:
                        pieces.append(token.content)
                case "softbreak" | "hardbreak":
                    pieces.append("\n")
                    self._line += 1
                case "reference":
                    pieces += self._reference(token.content)
                case "strong_open" | "em_open":
                    pieces.append(self._pieces(tokens, token.type.replace("open", "close")))
                case closing if closing == until:
                    break
                case _:
                    self._refuse(token.type)
        return tuple(pieces)

    def _reference(self, content: str) -> list[Piece]:
        try:
            return [parse_reference(content, Where(self._file, row=self._line, text="{{" + content + "}}", offset=0))]
        except Refused as refused:
            self.problems += refused.problems
            return []

    def _refuse(self, kind: str) -> None:
        name = kind.removesuffix("_open").removesuffix("_close").replace("_", " ")
        self.problems.append(Problem(NOT_SUPPORTED, Where(self._file, row=self._line), name))
