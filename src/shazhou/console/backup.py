"""Backup and restore of a deployment: ledger, documents, people's database, secret and telemetry in one archive.

The database is copied and the telemetry is held while the ledger's lock is: what the database says has been approved
is in the ledger of the same archive, and what the ledger has from machines is in its telemetry.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path, PurePosixPath

from shazhou.city.problem import Problem, Refused, Rule, Where
from shazhou.console import postgresql
from shazhou.console.deployment import Deployment
from shazhou.ledger.backup import Frozen, Gone, Progress, add, damaged, freeze, pack
from shazhou.ledger.ledger import Ledger
from shazhou.ledger.store import flush, flush_with_folder, make_folder, put
from shazhou.ledger.verification import Verification, verify
from shazhou.telemetry.certificate.signature import KEY
from shazhou.telemetry.store.backup import Holding, holding
from shazhou.telemetry.store.store import folder_of as telemetry_of

FORMAT = "shazhou backup 1"
CARD, RECORD = "backup.json", "last-backup.json"
DATABASES = {"sqlite": "people.sqlite3", "postgresql": "people.dump"}
"""The copy of the people's database, by what keeps it."""
PARTS = ("ledger", "telemetry", "console", *DATABASES.values())
"""What an archive has at its top, besides its card."""
TRIES = 5
"""How often packing begins again where files go meanwhile; it takes a compaction or an erasure each time."""

TAKEN = Rule(
    "backup-exists",
    "{found} is there already.",
    "{found} 已存在。",
    "Name a file that is not there yet; a backup never replaces another.",
    "请另取文件名；备份不会覆盖已有文件。",
)
INSIDE = Rule(
    "backup-inside",
    "{found} lies within what is to be backed up.",
    "{found} 位于被备份的文件夹之内。",
    "Name a file elsewhere, best on another disk.",
    "请改存到其他位置，最好在另一块磁盘上。",
)
NOT_A_BACKUP = Rule(
    "not-a-backup",
    "{found} is no backup made by shazhou backup, or it is damaged.",
    "{found} 不是 shazhou backup 生成的备份，或已损坏。",
    "Use another backup; nothing was restored.",
    "请使用其他备份；未恢复任何内容。",
)
NOT_EMPTY = Rule(
    "restore-not-empty",
    "{found} is there already, and a restore never overwrites.",
    "{found} 已存在，恢复操作不会覆盖已有内容。",
    "Restore to a new folder with --data, or move the old one away first.",
    "请用 --data 指定新文件夹，或先移走原有内容。",
)
DATABASE_NOT_EMPTY = Rule(
    "restore-database-not-empty",
    "The database {found} holds tables already, and a restore never overwrites.",
    "数据库 {found} 中已有数据表，恢复操作不会覆盖已有内容。",
    "Name an empty one with --database, such as one that createdb has just made.",
    "请用 --database 指定空数据库，例如用 createdb 新建一个。",
)
LOST_TELEMETRY = Rule(
    "backup-incomplete",
    "The telemetry had lost {found}, which is not in the backup; everything else is.",
    "联网数据已缺失 {found}，备份中没有该文件；其余内容均已备份。",
    "Take it from an older archive, where it lies in telemetry/ under the same name, and back up again.",
    "请从较早的备份中取出 telemetry/ 下的同名文件放回原处，然后重新备份。",
)
OTHER_DATABASE = Rule(
    "restore-other-database",
    "The people's database in {found} is of {kind}, and it was to be restored to another kind.",
    "{found} 中的用户数据库为 {kind}，与恢复目标的数据库类型不同。",
    "Name an empty PostgreSQL database with --database, or leave it out for SQLite; nothing was restored.",
    "请用 --database 指定空的 PostgreSQL 数据库；使用 SQLite 则不写。未恢复任何内容。",
)


@dataclass(frozen=True)
class Backup:
    """A backup that was made; ``database`` is sqlite, postgresql or empty (there is none yet), ``telemetry`` the number
    of its files, and in ``lost`` are those that were not there any more."""

    at: datetime
    file: str
    bytes: int
    head: str
    submissions: int
    database: str
    telemetry: int = 0
    lost: tuple[str, ...] = ()

    def problems(self) -> list[Problem]:
        """One for each file that was lost."""
        return [Problem(LOST_TELEMETRY, Where(self.file), each) for each in self.lost]


def back_up(deployment: Deployment, file: Path, progress: Progress = lambda step, done, total: None) -> Backup:
    """Packs a deployment into a new archive, which is on disk when this returns. Others may go on writing.

    Raises:
        Refused: the file is there, or lies within the deployment; the ledger is damaged; or the people's database or
            the telemetry cannot be copied.
    """
    file, ledger = file.absolute(), Ledger.open(deployment.data)
    _refuse_taken(file)
    telemetry = telemetry_of(deployment.data)
    if any(file.is_relative_to(each) for each in (deployment.data, deployment.folder, telemetry)):
        raise Refused([Problem(INSIDE, Where(str(file)), str(file))])
    make_folder(file.parent)
    with (
        tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder,
        holding(telemetry, Path(folder)) as held,
    ):
        # Before the ledger is locked, so that little is left to be held then.
        held.freeze()
        made = _packed(deployment, ledger, held, Path(folder), progress)
        flush(made.archive)
        _refuse_taken(file)
        made.archive.rename(file)
    flush_with_folder(file)
    database = _kind(deployment) if made.with_database else ""
    told = (file.stat().st_size, made.frozen.head, made.frozen.submissions, database, len(held.files), held.lost)
    done = Backup(made.at, str(file), *told)
    deployment.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    put(deployment.folder / RECORD, json.dumps(asdict(done), default=str).encode())
    return done


def last_backup(folder: Path) -> Backup | None:
    """The last backup of a deployment, from its console's folder; None where there has been none."""
    record = folder / RECORD
    if not record.is_file():
        return None
    told = json.loads(record.read_bytes())
    told |= {"at": datetime.fromisoformat(told["at"]), "lost": tuple(told.get("lost", ()))}
    return Backup(**told)


def restore(deployment: Deployment, file: Path, progress: Progress = lambda step, done, total: None) -> Verification:
    """Unpacks an archive to where nothing is, and verifies the ledger against the head that the archive names.

    Raises:
        Refused: something is there; or the file is no backup, or a damaged one, or one with a people's database of
            another kind. Nothing is left of it.
    """
    _refuse_what_is_there(deployment)
    make_folder(deployment.data.parent)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=deployment.data.parent) as folder:
        unpacked = Path(folder)
        head = _unpacked(file, unpacked, progress)
        make_folder(unpacked / "ledger" / "documents")
        _load_database(deployment, file, unpacked)
        _move(unpacked / "console", deployment.folder)
        if deployment.sqlite is not None:
            _move(unpacked / DATABASES["sqlite"], deployment.sqlite)
        _move(unpacked / "telemetry", telemetry_of(deployment.data))
        _move(unpacked / "ledger", deployment.data)
    if deployment.folder.is_dir():
        deployment.folder.chmod(0o700)
    return verify(Ledger.open(deployment.data), head, progress)


@dataclass(frozen=True)
class _Packed:
    archive: Path
    at: datetime
    frozen: Frozen
    with_database: bool


def _packed(deployment: Deployment, ledger: Ledger, held: Holding, folder: Path, progress: Progress) -> _Packed:
    archive, database = folder / "archive", folder / DATABASES[_kind(deployment)]
    gone = ""
    for _ in range(TRIES):
        database.unlink(missing_ok=True)
        frozen = freeze(ledger, lambda: _freeze_rest(deployment, database, held))
        at = datetime.now(UTC)
        card = {"format": FORMAT, "version": version("shazhou"), "at": at, "head": frozen.head}
        try:
            with _new_archive(archive) as tar:
                text = json.dumps(card, default=str).encode()
                add(tar, CARD, BytesIO(text), len(text))
                for path in _own_files(deployment):
                    _add_file(tar, f"console/{path.name}", path)
                if database.exists():
                    _add_file(tar, database.name, database)
                pack(ledger, frozen, tar, "ledger", progress)
                for number, (name, path) in enumerate(held.files.items()):
                    progress("packing telemetry", number, len(held.files))
                    _add_file(tar, f"telemetry/{name}", path)
            return _Packed(archive, at, frozen, database.exists())
        except Gone as missing:
            gone = missing.file
    raise damaged(ledger, gone)


@contextmanager
def _new_archive(file: Path) -> Iterator[tarfile.TarFile]:
    with (
        os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw,
        tarfile.open(fileobj=raw, mode="w:gz", compresslevel=3) as tar,
    ):
        yield tar


def _own_files(deployment: Deployment) -> list[Path]:
    """What the console keeps beside its database: its secret, above all; not what tells of the server that runs."""
    if not deployment.folder.is_dir():
        return []
    found = (each for each in sorted(deployment.folder.iterdir()) if each.is_file())
    passing = (RECORD, "site.pid", "site.log")
    return [
        each
        for each in found
        if each.name not in passing and each.suffix != ".lock" and ".sqlite3" not in each.name and each.name[0] != "."
    ]


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> None:
    with path.open("rb") as content:
        add(archive, name, content, os.fstat(content.fileno()).st_size)


def _kind(deployment: Deployment) -> str:
    return "postgresql" if deployment.sqlite is None else "sqlite"


def _freeze_rest(deployment: Deployment, copy: Path, held: Holding) -> None:
    _copy_database(deployment, copy)
    held.freeze()


def _copy_database(deployment: Deployment, copy: Path) -> None:
    """Copies a database as it stands, by its own means, while others use it."""
    source = deployment.sqlite
    if source is None:
        postgresql.dump(deployment.database_settings(), copy)
    elif source.is_file():
        with closing(sqlite3.connect(source, timeout=20)) as reading, closing(sqlite3.connect(copy)) as written:
            reading.backup(written)


def _refuse_taken(file: Path) -> None:
    if file.exists():
        raise Refused([Problem(TAKEN, Where(str(file)), str(file))])


def _refuse_what_is_there(deployment: Deployment) -> None:
    for path in (deployment.data, telemetry_of(deployment.data), deployment.folder, deployment.sqlite):
        if path is not None and (path.is_file() or (path.is_dir() and any(path.iterdir()))):
            raise Refused([Problem(NOT_EMPTY, Where(str(path)), str(path))])
    if deployment.sqlite is None and not postgresql.is_empty(deployment.database_settings()):
        raise Refused([Problem(DATABASE_NOT_EMPTY, Where(), deployment.shown_database)])


def _load_database(deployment: Deployment, file: Path, unpacked: Path) -> None:
    """Brings the copy into a database on a server, before anything is moved to its place."""
    for kind, name in DATABASES.items():
        if kind != _kind(deployment) and (unpacked / name).exists():
            raise Refused([Problem(OTHER_DATABASE, Where(str(file)), str(file), {"kind": kind})])
    if (unpacked / DATABASES["postgresql"]).exists():
        postgresql.load(deployment.database_settings(), unpacked / DATABASES["postgresql"])


def _unpacked(file: Path, folder: Path, progress: Progress) -> str:
    """Unpacks an archive, flushed, and returns its head."""
    refusal = Refused([Problem(NOT_A_BACKUP, Where(str(file)), str(file))])
    try:
        with tarfile.open(file, "r:gz") as tar:
            first = tar.next()
            content = tar.extractfile(first) if first is not None and first.name == CARD else None
            card = json.loads(content.read()) if content is not None else {}
            if card.get("format") != FORMAT:
                raise refusal
            for number, member in enumerate(iter(tar.next, None), 1):
                progress("unpacking", number, 0)
                _extract(tar, member, folder)
            # To the very end, where the checksum of the whole stands.
            while tar.fileobj is not None and tar.fileobj.read(1 << 20):
                continue
            return str(card["head"])
    except (tarfile.TarError, EOFError, zlib.error, ValueError, KeyError):
        raise refusal from None
    except OSError as error:
        if error.errno is None:
            raise refusal from None
        raise


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Writes one file of an archive; ValueError where it would lie anywhere but in the archive's own folders."""
    parts = PurePosixPath(member.name).parts
    content = archive.extractfile(member) if member.isreg() else None
    if content is None or ".." in parts or parts[:1] not in [(each,) for each in PARTS]:
        raise ValueError(member.name)
    path = folder.joinpath(*parts)
    make_folder(path.parent)
    secret = parts[0] not in ("ledger", "telemetry") or parts[-1].startswith(f"{Path(KEY).stem}.")
    mode = 0o600 if secret else 0o644
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as to:
        shutil.copyfileobj(content, to, 1 << 20)
        to.flush()
        os.fsync(to.fileno())


def _move(source: Path, target: Path) -> None:
    if not source.exists():
        return
    if source.is_dir():
        for folder in (source, *(each for each in source.rglob("*") if each.is_dir())):
            flush(folder)
    make_folder(target.parent)
    if target.is_dir():
        target.rmdir()
    shutil.move(source, target)
    flush_with_folder(target)
