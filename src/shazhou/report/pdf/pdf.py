"""The report on paper: PDF/A, tagged, with a contents list, every number linked to its entry in the appendix."""

from __future__ import annotations

import json
from pathlib import Path

import typst

from shazhou.report.document import Document
from shazhou.report.pdf.typesetting import passages, typeset
from shazhou.report.typeface.fonts import FAMILY, typesetter_fonts
from shazhou.report.typeface.glyphs import check_glyphs
from shazhou.report.words.printed import made_at

STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]
"""Kept for archives (PDF/A-2a) and read aloud (PDF/UA-1)."""

_TEMPLATE = Path(__file__).with_name("work_report.typ")


def write_pdf(document: Document) -> bytes:
    """The document as a PDF; the same document always gives the same bytes.

    Raises `Refused` where a character has no glyph.
    """
    data = typeset(document)
    check_glyphs(document.cover.title, passages(data))
    made = made_at(document.cover)
    data["date"] = {each: getattr(made, each) for each in ("year", "month", "day", "hour", "minute", "second")}
    pdf = typst.compile(
        _TEMPLATE.read_bytes(),
        font_paths=typesetter_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"report": json.dumps(data, ensure_ascii=False), "family": FAMILY},
        pdf_standards=STANDARDS,
        timestamp=made.replace(microsecond=0),
    )
    if not isinstance(pdf, bytes):
        raise TypeError(f"the typesetter gave {type(pdf).__name__}, not a PDF")
    return pdf
