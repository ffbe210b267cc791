"""What processes take of the machine, from /proc, and small facts of the machine itself."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and its living descendants."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += family(int(child))
    return found


def processor(pid: int) -> float:
    """Seconds of processor time that a process and its descendants have taken; ended children count once waited for."""
    total = 0.0
    for each in family(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += sum(int(fields[place]) for place in ((11, 12, 13, 14) if each == pid else (11, 12))) / _TICKS
    return total


def memory(pid: int) -> int:
    """Bytes of memory that a process and its descendants hold."""
    total = 0
    for each in family(pid):
        try:
            lines = Path(f"/proc/{each}/status").read_text().splitlines()
        except FileNotFoundError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
    return total


def size_of(folder: Path) -> int:
    """Bytes that a folder's files take on the disk; files with holes take less than they seem to."""
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())
