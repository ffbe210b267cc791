"""Building the work report: figures, text, checks, and only then the files.

Each check stops the report with the sentence and the reason, before anything is written. The files are made whole in
memory first, and then put in place one by one, so that no half-written file is ever left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

from lxml import etree

from shazhou.city.model import City
from shazhou.city.problem import Problem, Refused
from shazhou.ledger.store import put
from shazhou.measure.measure import Measure
from shazhou.measure.quoted import Quoted
from shazhou.report.check import problems_of
from shazhou.report.checks import evidence, growth, known, marked, shares, typed
from shazhou.report.compose.composing import Draft, compose
from shazhou.report.template.markdown import read_template

Progress = Callable[[str], None]
Language = Literal["zh", "en"]


class Files(NamedTuple):
    """The files of a report: the inline XBRL page, for paper, for editing."""

    xhtml: Path
    pdf: Path
    docx: Path


def build(
    measure: Measure, year: int, language: Language, out: Path, today: date, progress: Progress = lambda step: None
) -> Files:
    """Writes the work report of a year.

    Args:
        measure: the city's figures at one head.
        year: the year reported on.
        language: ``zh`` or ``en``.
        out: folder to write to; made where it is missing.
        today: the day on which it is written; targets are not judged later than this.
        progress: told what is being done.

    Raises:
        Refused: a check failed; nothing was written.
    """
    draft = checked_draft(measure, year, language, today, progress)
    name = f"work_report_{year}.{language}"
    contents = write(draft, measure.city, name, progress)
    progress("keeping the figures quoted")
    Quoted(measure.ledger.folder).keep(draft.quotes.quoted)
    for file, content in contents.items():
        put(out / file, content)
    return Files(*(out / f"{name}.{ending}" for ending in Files._fields))


def checked_draft(
    measure: Measure, year: int, language: Language, today: date, progress: Progress = lambda step: None
) -> Draft:
    """The composed report, with every check passed; Refused otherwise."""
    progress("reading the template")
    template = read_template(measure.city.files, language)
    _stop_at([*known.check_settings(template.settings, measure.city), *problems_of(template, measure.city, language)])
    progress("computing figures")
    draft = compose(measure, template, year, language, today)
    progress("checking")
    _stop_at(check(draft, measure.city))
    return draft


def check(draft: Draft, city: City) -> Iterator[Problem]:
    """Every problem of a composed report."""
    yield from typed.check_document(draft.document)
    yield from evidence.check_document(draft.document)
    yield from growth.check_draft(draft, city)
    yield from shares.check_draft(draft)
    yield from marked.check_document(draft.document, city, draft.quotes.revised)


def write(draft: Draft, city: City, name: str, progress: Progress = lambda step: None) -> dict[str, bytes]:
    """The report's files by name, in memory: the page with its taxonomy, PDF, DOCX. The typesetter needs most of the
    time and works beside the others. The page is read back: every number must be there with its marks."""
    from shazhou.report.docx.docx import write_docx
    from shazhou.report.pdf.pdf import write_pdf
    from shazhou.report.xhtml.taxonomy import write_taxonomy
    from shazhou.report.xhtml.xhtml import write_xhtml

    document = draft.document
    with ThreadPoolExecutor(max_workers=1) as beside:
        pdf = beside.submit(write_pdf, document)
        progress("writing XHTML")
        page = write_xhtml(document, city)
        _stop_at(marked.check_text(document, _text_of(page), city, draft.quotes.revised))
        contents = {f"{name}.xhtml": page, **write_taxonomy(document, city)}
        progress("writing DOCX")
        contents[f"{name}.docx"] = write_docx(document)
        progress("writing PDF")
        contents[f"{name}.pdf"] = pdf.result()
    return contents


def _text_of(page: bytes) -> str:
    body = etree.fromstring(page).find("{http://www.w3.org/1999/xhtml}body")
    return " ".join(body.itertext())


def _stop_at(problems: Iterator[Problem] | list[Problem]) -> None:
    found = list(problems)
    if found:
        raise Refused(found)
