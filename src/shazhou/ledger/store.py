"""Files on disk that are there after a power cut: every write is flushed to the device, and so is the folder."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def flush(path: Path) -> None:
    """Flushes a file's or folder's content to the device."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_with_folder(path: Path) -> None:
    """Flushes a file and the folder entry that names it."""
    flush(path)
    flush(path.parent)


def make_folder(path: Path) -> None:
    """Makes a folder and its parents, each flushed into its own parent."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        flush(folder.parent)


def put(path: Path, content: bytes) -> None:
    """Writes a whole file so that it is there completely or not at all."""
    make_folder(path.parent)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    write_flushed(partial, content)
    partial.replace(path)
    flush(path.parent)


def write_flushed(path: Path, content: bytes) -> None:
    """Writes a file and flushes its content, not yet the folder entry that names it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def append_line(path: Path, line: bytes) -> None:
    """Appends one line in a single write and flushes it."""
    with path.open("ab", buffering=0) as file:
        file.write(line + b"\n")
        os.fsync(file.fileno())


def sha256_of(path: Path) -> str:
    """The sha256 of a file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def writable(path: Path) -> bool:
    """Whether this user may write to a file or folder; where it is not there, to the nearest folder above that is."""
    return os.access(next(each for each in (path, *path.parents) if each.exists()), os.W_OK)


@contextmanager
def locked(path: Path, within: float | None = None) -> Iterator[None]:
    """Holds the exclusive lock of a folder, between processes and between threads; it falls with the process.

    Whoever may only read can hold it too, where the file is there.

    Raises:
        TimeoutError: another held it for all of ``within``, in seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT if writable(path) else os.O_RDONLY, 0o644)
    try:
        if within is None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        else:
            _lock_within(descriptor, within)
        yield
    finally:
        os.close(descriptor)


def _lock_within(descriptor: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise TimeoutError(f"locked for {seconds:g} s") from None
            time.sleep(0.05)


@contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Like `locked`, but does not wait; says whether the lock is held."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)
