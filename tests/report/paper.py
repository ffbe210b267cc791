"""Printed reports as pages of ink and as text, through poppler's programs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

DPI = 60
PER_CM = DPI / 2.54

needs_poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs poppler-utils (see .ci/run)")


def pages(pdf: bytes, folder: Path) -> list[npt.NDArray[np.bool_]]:
    """Each page as an array of where there is ink: rows from the top, columns from the left."""
    (folder / "report.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-gray", "-r", str(DPI), folder / "report.pdf", folder / "page"], check=True)
    return [_ink(path) for path in sorted(folder.glob("page-*.pgm"))]


def read(pdf: bytes, folder: Path) -> str:
    """All text, lines as printed."""
    (folder / "report.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", folder / "report.pdf", "-"], check=True, capture_output=True)
    return done.stdout.decode()


def spilled(page: npt.NDArray[np.bool_], side_cm: float, top_cm: float, bottom_cm: float) -> bool:
    """Whether there is ink outside the given margins."""
    side, top, bottom = (round(each * PER_CM) for each in (side_cm, top_cm, bottom_cm))
    return bool(page[:top].any() or page[-bottom:].any() or page[:, :side].any() or page[:, -side:].any())


def _ink(path: Path) -> npt.NDArray[np.bool_]:
    kind, size, depth, pixels = path.read_bytes().split(b"\n", 3)
    assert (kind, depth) == (b"P5", b"255")
    width, height = map(int, size.split())
    return np.frombuffer(pixels, np.uint8).reshape(height, width) < 250
