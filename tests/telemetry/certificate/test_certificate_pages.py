"""The certificate on paper: both languages, marks that nobody overlooks, nothing over the edge of the page."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from certified import certificate, copy_of

from shazhou.city.problem import Refused
from shazhou.report.certificate.page import SHOWN
from shazhou.report.certificate.pdf import write_certificate
from shazhou.telemetry.certificate.embedded import attached
from shazhou.telemetry.certificate.signature import written

POINTS = 72 / 2.54
"""Points in a centimetre."""

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils (see .ci/run)")


@pytest.fixture
def made() -> dict[str, Any]:
    return certificate("")


def text_of(content: dict[str, Any], folder: Path) -> str:
    (folder / "certificate.pdf").write_bytes(write_certificate(content))
    done = subprocess.run(["pdftotext", "-layout", folder / "certificate.pdf", "-"], check=True, capture_output=True)
    return done.stdout.decode()


def crowded(content: dict[str, Any]) -> dict[str, Any]:
    """The certificate of a bad month: more of everything than a page takes, and long words."""
    full = copy_of(content)
    for name, count in (("gaps", 90), ("challenges", 60), ("doubts", 40), ("machines", 70)):
        full[name] = [copy_of(full[name][0]) for _ in range(count)]
    full["machines"][0]["device"] = "line-3/cell-12/" + "spindle" * 12
    full["doubts"][0]["evidence"] = {"same_as": [["e" * 60, "press"]], "digests": ["0123456789abcdef" * 12]}
    full["enterprise"]["name"] = {"zh": "张家港市沙洲特种钢铁精密轧制装备制造有限责任公司" * 2, "en": "Shazhou " * 20}
    return full


@needs_poppler
def test_both_languages_are_on_the_page(made: dict[str, Any], tmp_path: Path) -> None:
    told = text_of(made, tmp_path)
    for said in ("企业联网证明", "Connection certificate", "在线", "Online", "不能证明什么", "What it does not prove"):
        assert said in told
    assert "沙洲钢厂 Shazhou Steelworks" in told and "SIMULATED" not in told and "RECORDED" not in told


@needs_poppler
@pytest.mark.parametrize(("origin", "word"), [("simulated", "SIMULATED"), ("recorded", "RECORDED")])
def test_what_is_no_signal_of_a_real_machine_says_so_on_every_page(
    made: dict[str, Any], tmp_path: Path, origin: str, word: str
) -> None:
    pages = text_of({**made, "origin": origin}, tmp_path).split("\f")[:-1]
    assert len(pages) > 1 and all(page.count(word) >= 1 for page in pages)
    assert pages[0].count(word) == 2


@needs_poppler
def test_a_bad_month_says_how_much_more_there_is_and_stays_on_its_pages(made: dict[str, Any], tmp_path: Path) -> None:
    full = crowded(made)
    told = text_of(full, tmp_path)
    for name, count in (("gaps", 90), ("challenges", 60), ("doubts", 40), ("machines", 70)):
        assert f"{count - SHOWN[name]} more in the attached JSON" in told
    file = tmp_path / "certificate.pdf"
    boxes = subprocess.run(["pdftotext", "-bbox", file, "-"], check=True, capture_output=True).stdout.decode()
    rights = [float(each) for each in re.findall(r'xMax="([0-9.]+)"', boxes)]
    assert len(rights) > 1000 and max(rights) <= (21 - 1.8) * POINTS + 0.5


def test_the_same_certificate_is_the_same_pdf_and_carries_itself(made: dict[str, Any]) -> None:
    pdf = write_certificate(made)
    assert write_certificate(copy_of(made)) == pdf
    assert attached(pdf) == written(made)


def test_a_name_that_cannot_be_printed_is_refused_and_not_left_out(made: dict[str, Any]) -> None:
    odd = copy_of(made)
    odd["enterprise"]["name"]["zh"] = "沙洲🏭厂"
    with pytest.raises(Refused, match="report-missing-glyph"):
        write_certificate(odd)
