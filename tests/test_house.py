"""The order of the house: an import never points up, and the base install stays small."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "shazhou"
MAY_IMPORT = {
    "city": set(),
    "methods": set(),
    "ledger": {"city"},
    "intake": {"city", "ledger"},
    "telemetry": {"city", "ledger", "methods"},
    "measure": {"city", "ledger"},
    "programme": {"city", "ledger", "measure"},
    "report": {"city", "ledger", "telemetry", "measure", "programme"},
    "console": {"city", "ledger", "intake", "telemetry", "measure", "methods", "programme", "report"},
    "cli": {"city", "ledger", "intake", "telemetry", "measure", "methods", "programme", "report", "console"},
}
FILES = sorted(SOURCE.rglob("*.py"))


def imported(file: Path) -> set[str]:
    """The modules of this package that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are written out in full"
            found.add(node.module or "")
    return {name for name in found if name.split(".")[0] == "shazhou"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(SOURCE).as_posix())
def test_imports_point_down(file: Path) -> None:
    room = file.relative_to(SOURCE).parts[0]
    if room.endswith(".py"):
        assert not imported(file), "what stands beside the rooms knows none of them"
        return
    rooms = {name.split(".")[1] for name in imported(file) if "." in name}
    assert rooms <= MAY_IMPORT[room] | {room}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(SOURCE).as_posix())
def test_files_are_read_in_one_sitting(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 400


def test_the_command_and_the_city_folder_work_in_the_base_install() -> None:
    heavy = ("duckdb", "ibis", "pyarrow", "deltalake", "numpy", "openpyxl", "typst", "docx", "matplotlib", "django")
    code = f"""
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {heavy!r}:
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
import shazhou.cli
from pathlib import Path
from shazhou.city.check import check
assert check(Path("cities/zhangjiagang")) == ()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=SOURCE.parents[1], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
