"""How the Word document looks: page, typefaces and styles.

Chinese stands in 宋体 and 黑体, which Word and WPS have under a Chinese and an English name; the font table gives both,
so that a machine which knows only one of them finds it.
"""

from __future__ import annotations

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from shazhou.city.problem import Language
from shazhou.report.typeface.drawing import WIDTH_CM

ACCENT, QUIET, GAP_FILL, GAP_RULE = "1F4E79", "5F5F5F", "F6F3EA", "B08A2E"
BODY, HEADLINE = "宋体", "黑体"
LATIN, LATIN_HEADLINE = "Times New Roman", "Arial"
TEXT_WIDTH = Cm(WIDTH_CM)
CELLS = (("Table Cell", 9.0, 6), ("Table Cell Small", 8.0, 8), ("Table Cell Tiny", 7.0, 99))
"""Styles of a table's cells: name, size in points, and for up to how many columns."""

_OTHER_NAMES = {BODY: "SimSun", HEADLINE: "SimHei"}
_SIZES = {1: 15.0, 2: 12.5, 3: 11.0, 4: 10.5}


def prepare(document: Any, language: Language) -> None:
    """Give an empty document the report's page and styles."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.5), Cm(2.4)
    section.different_first_page_header_footer = True
    _defaults(document, language)
    _name_fonts(document)
    _drop_thumbnail(document)
    normal = document.styles["Normal"]
    _typeface(normal, LATIN, BODY, 10.5)
    _spacing(normal, before=0, after=6, line=1.35)
    for level, size in _SIZES.items():
        heading = document.styles[f"Heading {level}"]
        _typeface(heading, LATIN_HEADLINE, HEADLINE, size, ACCENT)
        _spacing(heading, before=20 - 3 * level, after=6, line=1.2)
        heading.paragraph_format.keep_with_next = True
    _paragraph_styles(document, language)
    mark = document.styles.add_style("Trail Mark", WD_STYLE_TYPE.CHARACTER)
    mark.font.superscript = True
    mark.font.color.rgb = RGBColor.from_string(ACCENT)


def _paragraph_styles(document: Any, language: Language) -> None:
    footer = document.styles["Footer"]
    footer.font.size, footer.font.color.rgb = Pt(8), RGBColor.from_string(QUIET)
    # Its own stops would catch the page number on its way to the right.
    _drop(footer.element.pPr, "w:tabs")
    title = document.styles["Title"]
    _typeface(title, LATIN_HEADLINE, HEADLINE, 26, ACCENT)
    _drop(title.element.pPr, "w:pBdr")
    body = _style(document, "Report Text", 10.5)
    if language == "zh":
        body.paragraph_format.first_line_indent = Pt(21)
        # Two characters, whatever their size, for programs that know this.
        body.element.pPr.ind.set(qn("w:firstLineChars"), "200")
        body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    caption = document.styles["Caption"]
    _typeface(caption, LATIN_HEADLINE, HEADLINE, 9.5)
    _spacing(caption, before=12, after=4, line=1.15)
    caption.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption.paragraph_format.keep_with_next = True
    source = _style(document, "Source Line", 8.5, QUIET)
    _spacing(source, before=4, after=12, line=1.15)
    for name, size, _ in CELLS:
        _spacing(_style(document, name, size), before=1.5, after=1.5, line=1.1)
    _style(document, "Cover Line", 10, QUIET)
    entry = _style(document, "Trail Entry", 8.5)
    _spacing(entry, before=0, after=5, line=1.1)
    entry.paragraph_format.left_indent, entry.paragraph_format.first_line_indent = Cm(1), Cm(-1)
    entry.paragraph_format.tab_stops.add_tab_stop(Cm(1))
    _set_apart(_style(document, "Gap", 10.5))


def _style(document: Any, name: str, size: float, color: str = "") -> Any:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.font.size = Pt(size)
    if color:
        style.font.color.rgb = RGBColor.from_string(color)
    return style


def _typeface(style: Any, latin: str, chinese: str, size: float, color: str = "") -> None:
    style.font.size = Pt(size)
    style.font.color.rgb = RGBColor.from_string(color or "000000")
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for script, name in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", chinese)):
        fonts.set(qn(f"w:{script}"), name)


def _spacing(style: Any, before: float, after: float, line: float) -> None:
    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), line


def _set_apart(style: Any) -> None:
    """A tinted paragraph with a bar on its left."""
    properties = style.element.get_or_add_pPr()
    border = f'<w:pBdr {nsdecls("w")}><w:left w:val="single" w:sz="24" w:space="6" w:color="{GAP_RULE}"/></w:pBdr>'
    shade = f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{GAP_FILL}"/>'
    # The schema wants borders and shading before spacing and indents.
    properties.insert(0, parse_xml(border))
    properties.insert(1, parse_xml(shade))
    style.paragraph_format.left_indent = Cm(0.3)
    _spacing(style, before=6, after=8, line=1.3)


def _defaults(document: Any, language: Language) -> None:
    """Typefaces and languages of everything that has no style, and today's way of laying out (not Word 2010's)."""
    defaults = document.styles.element.find(qn("w:docDefaults")).find(f"{qn('w:rPrDefault')}/{qn('w:rPr')}")
    fonts, tongue = defaults.find(qn("w:rFonts")), defaults.find(qn("w:lang"))
    fonts.attrib.clear()
    for script, name in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", BODY)):
        fonts.set(qn(f"w:{script}"), name)
    tongue.set(qn("w:val"), "en-US" if language == "zh" else "en-GB")
    tongue.set(qn("w:eastAsia"), "zh-CN")
    settings = document.settings.element
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")
    for theme in settings.iter(qn("w:themeFontLang")):
        theme.set(qn("w:eastAsia"), "zh-CN")


def _name_fonts(document: Any) -> None:
    part = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    table = parse_xml(part.blob)
    for font in list(table):
        if font.get(qn("w:name")) in _OTHER_NAMES:
            table.remove(font)
    for name, other in _OTHER_NAMES.items():
        font = OxmlElement("w:font")
        font.set(qn("w:name"), name)
        for tag, value in (("altName", other), ("charset", "86"), ("family", "auto"), ("pitch", "variable")):
            child = OxmlElement(f"w:{tag}")
            child.set(qn("w:val"), value)
            font.append(child)
        table.append(font)
    part._blob = serialize_part_xml(table)


def _drop_thumbnail(document: Any) -> None:
    """Take out the picture of another document that the empty one comes with."""
    relations = document.part.package.rels
    for id in [id for id, each in relations.items() if each.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del relations[id]


def _drop(properties: Any, tag: str) -> None:
    for element in properties.findall(qn(tag)):
        properties.remove(element)
