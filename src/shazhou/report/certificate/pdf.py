"""The certificate as PDF/A-3 with its JSON attached; the same certificate always gives the same bytes."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from shazhou.report.certificate.labels import TITLE
from shazhou.report.certificate.page import page, texts
from shazhou.report.typeface.fonts import FAMILY, typesetter_fonts
from shazhou.report.typeface.glyphs import Passage, check_glyphs
from shazhou.telemetry.certificate.signature import written

STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]
"""Kept for archives, with files attached (PDF/A-3a), and read aloud (PDF/UA-1)."""

_TEMPLATE = Path(__file__).with_name("certificate.typ")


def write_certificate(certificate: dict[str, Any]) -> bytes:
    """The signed certificate as a PDF.

    Raises:
        Refused: a character in it has no glyph.
    """
    data = page(certificate)
    check_glyphs(TITLE, (Passage("", text) for text in texts(data)))
    made = datetime.fromisoformat(certificate["made"])
    data["date"] = {each: getattr(made, each) for each in ("year", "month", "day", "hour", "minute", "second")}
    pdf = typst.compile(
        _TEMPLATE.read_bytes(),
        font_paths=typesetter_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={
            "page": json.dumps(data, ensure_ascii=False),
            "certificate": written(certificate).decode(),
            "name": f"certificate-{certificate['enterprise']['node']}-{certificate['month']}.json",
            "family": FAMILY,
        },
        pdf_standards=STANDARDS,
        timestamp=made,
    )
    if not isinstance(pdf, bytes):
        raise TypeError(f"the typesetter gave {type(pdf).__name__}, not a PDF")
    return pdf
