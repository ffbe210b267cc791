"""Spreadsheets at the desk: a filled-in template comes back, and what is none is refused with a sentence."""

from __future__ import annotations

import io
import resource
import zipfile
from typing import Any

from desk_site import HERE, Desk, act, desk, desk_evidence, hidden, moment, page, said, typed
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from shazhou.console.access.models import Happening
from shazhou.console.desk import upload
from shazhou.console.desk.models import Return, Upload

__all__ = ["desk", "desk_evidence", "moment"]

NAME = "yearly.xlsx"


def template(desk: Desk) -> Workbook:
    """The template as it is downloaded."""
    answer = desk.reporter.get(f"{HERE}template/")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    return load_workbook(io.BytesIO(answer.content))


def filled(desk: Desk, **values: object) -> Workbook:
    """The template with values by variable."""
    workbook = template(desk)
    sheet = workbook["data"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row in range(3, sheet.max_row + 1):
        variable = sheet.cell(row, columns["variable"]).value
        if variable in values:
            sheet.cell(row, columns["value"]).value = values[variable]
    return workbook


def saved(workbook: Workbook) -> bytes:
    """A workbook's bytes."""
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def send(desk: Desk, content: bytes, name: str = NAME) -> Any:
    """Uploads a file on the page of the return."""
    form = {**hidden(page(desk.reporter)), "file": SimpleUploadedFile(name, content)}
    return desk.reporter.post(f"{HERE}upload/", form, follow=True)


def test_a_filled_template_comes_into_the_grid_and_can_be_handed_in(desk: Desk) -> None:
    text = said(send(desk, saved(filled(desk, output=88, rd="约7", size="large"))))
    assert "read into the grid" in text
    assert typed(text) == {"output": "88", "rd": "约7", "staff": "42", "size": "large"}
    act(desk.reporter, "submit")
    assert Return.objects.get().state == "submitted"
    assert Return.objects.get().cells.get(variable="staff").prefilled
    assert Happening.objects.filter(what="exported", subject="enterprise:e1").count() == 1


def test_errors_of_a_file_are_shown_in_the_grid_and_marked_in_the_file(desk: Desk) -> None:
    text = said(send(desk, saved(filled(desk, output="many", rd=3))))
    assert "“many” is not a number" in text and typed(text)["output"] == "many" and "row 3:" in text
    marked = load_workbook(io.BytesIO(desk.reporter.get(f"{HERE}marked/").content))
    comments = [cell.comment.text for row in marked["data"].iter_rows() for cell in row if cell.comment is not None]
    assert any("不是数字" in each and "is not a number" in each for each in comments)
    assert act(desk.reporter, "save", output="3").status_code == 200
    assert typed(page(desk.reporter))["output"] == "3"


def test_the_template_of_another_return_says_so(desk: Desk) -> None:
    workbook = filled(desk, output=1)
    workbook["data"].cell(3, 1).value = "enterprise:e2"
    assert "this return is about enterprise:e1" in said(send(desk, saved(workbook)))


def zipped(**parts: bytes) -> bytes:
    """An archive of parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def with_parts(content: bytes, **parts: bytes) -> bytes:
    """A workbook with further parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return zipped(**({name: archive.read(name) for name in archive.namelist()} | parts))


def formula(desk: Desk) -> bytes:
    return saved(filled(desk, output="=1+1"))


def stray(desk: Desk) -> bytes:
    workbook = filled(desk, output=1)
    workbook["data"].cell(9_000, 900).value = "x"
    return saved(workbook)


BAD = {
    "nothing": (lambda desk: b"", NAME, "is empty"),
    "a text": (lambda desk: b"output,100\n", "output.csv", "output.csv is no XLSX workbook. Download the template"),
    "no archive": (lambda desk: b"%PDF-1.7 of old", NAME, "is no XLSX workbook"),
    "an archive of something else": (lambda desk: zipped(a=b"a"), NAME, "cannot be read"),
    "half a file": (lambda desk: saved(filled(desk))[:3000], NAME, "is no XLSX workbook"),
    "a macro's name": (lambda desk: saved(filled(desk)), "yearly.xlsm", "macros"),
    "a macro": (lambda desk: with_parts(saved(filled(desk)), **{"xl/vbaProject.bin": b"x"}), NAME, "macros"),
    "a formula": (formula, NAME, "holds a formula"),
    "a stray cell": (stray, NAME, "far more cells"),
    "a bomb": (lambda desk: with_parts(saved(filled(desk)), **{"xl/media/a": bytes(40_000_000)}), NAME, "unpacked"),
}


def test_what_is_no_filled_template_is_refused_with_a_sentence(desk: Desk) -> None:
    for what, (make, name, sentence) in BAD.items():
        answer = send(desk, make(desk), name)
        assert answer.status_code == 400 and 'role="alert"' in said(answer) and sentence in said(answer), what
    assert not Return.objects.exists() and not Upload.objects.exists()


def test_a_form_without_a_file_is_refused(desk: Desk) -> None:
    answer = desk.reporter.post(f"{HERE}upload/", hidden(page(desk.reporter)))
    assert answer.status_code == 400 and "No file was chosen" in said(answer)


class Endless(io.RawIOBase):
    """A body of zeros that notes how much was read at once."""

    def __init__(self, size: int) -> None:
        self.left, self.most = size, 0

    def read(self, size: int = -1) -> bytes:
        taken = min(self.left, size if size >= 0 else self.left)
        self.left, self.most = self.left - taken, max(self.most, taken)
        return bytes(taken)


def test_two_hundred_megabytes_are_refused_before_they_are_parsed(desk: Desk) -> None:
    body = Endless(200_000_000)
    desk.reporter.get(HERE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = desk.reporter.generic(
        "POST",
        f"{HERE}upload/",
        b"",
        "multipart/form-data; boundary=x",
        **{"wsgi.input": body, "CONTENT_LENGTH": str(body.left)},
    )
    assert answer.status_code == 413 and "at most 10 MB" in said(answer)
    assert body.left == 0 and body.most <= 1 << 16
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_file_within_the_form_is_refused_for_its_size(desk: Desk) -> None:
    answer = send(desk, bytes(upload.LARGEST + 1))
    assert answer.status_code == 400 and "at most 10 MB" in said(answer)


def test_the_token_of_an_upload_is_checked(desk: Desk) -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    strict.cookies = desk.reporter.cookies
    answer = strict.post(f"{HERE}upload/", {"file": SimpleUploadedFile(NAME, b"x")})
    assert answer.status_code == 403 and not Return.objects.exists()


def test_what_is_typed_into_a_template_is_no_formula_there(desk: Desk) -> None:
    act(desk.reporter, "save", output="=HYPERLINK(1)", size="@x")
    cells = [cell for row in template(desk)["data"].iter_rows() for cell in row if cell.value is not None]
    assert any(cell.value == "=HYPERLINK(1)" for cell in cells) and all(cell.data_type != "f" for cell in cells)
