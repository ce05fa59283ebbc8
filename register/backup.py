"""Copies of a register on SQLite with its whole audit log, of one moment, while it is being used.

A copy is a folder: the files, and ``backup.json`` with what they are and their checksums. All writers are
held up for the moment it takes to open a view of each file; what is then copied is what these views see,
however long it takes and whatever is written meanwhile.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from register import schema
from register.database import Register
from register.engine import audit_file

MANIFEST = "backup.json"
_REGISTER = "register.sqlite3"
"""What the register is called in a copy, whatever its own name."""

_PARTLY = ".partly"
_CHUNK = 1 << 20


class BackupError(Exception):
    """The copy cannot be made or put back; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy is.

    Attributes:
        made_at: When, UTC, ISO 8601.
        revision: Of the register's tables.
        sha256: Checksum of each file, by its name in the copy.
    """

    made_at: str
    revision: str
    sha256: Mapping[str, str]


def file_of(register: Register) -> Path:
    """Return the file of a register on SQLite.

    Raises:
        BackupError: It is on PostgreSQL.
    """
    if register.audit_files is None:
        raise BackupError(
            "the register is on PostgreSQL, which has tools of its own: pg_dump, or base backups with the "
            "write-ahead log; see docs/install.md, Backup"
        )
    return Path(str(register.engine.url.database)).absolute()


def make(register: Register, parent: Path, now: datetime, wait_seconds: float) -> Path:
    """Copy the register and its audit log into a new folder, named by the time, and return the folder.

    Args:
        register: The register; it may be in use.
        parent: Where the new folder is made.
        now: The time, UTC.
        wait_seconds: How long to wait for whoever is writing.

    Raises:
        BackupError: It cannot be made.
        OSError: The folder cannot be written to.
    """
    file = file_of(register)
    if register.audit_files is None or not file.is_file():
        raise BackupError(f"{file}: there is no register to copy")
    missing = register.audit_files.missing()
    if missing:
        raise BackupError(f"{missing[0]}: the audit log is not whole; see: fastkontakt db status")
    sources = {_REGISTER: file}
    for number in register.audit_files.numbers():
        sources[audit_file(Path(_REGISTER), number).name] = register.audit_files.file(number)
    place = parent / f"fastkontakt-{now:%Y%m%dT%H%M%SZ}"
    draft = place.with_name(place.name + _PARTLY)
    if place.exists():
        raise BackupError(f"{place} is there already; try again in a second")
    draft.mkdir(mode=0o700, parents=True)  # person numbers are in it
    try:
        revision = _copy(sources, draft, wait_seconds)
        manifest = Manifest(
            f"{now:%Y-%m-%dT%H:%M:%SZ}", revision, {name: _sum(draft / name) for name in sources}
        )
        with _made(draft / MANIFEST) as writing:
            writing.write(json.dumps(asdict(manifest), indent=1).encode() + b"\n")
        _sync(draft / MANIFEST)
        draft.rename(place)
        _sync(parent)
    except sqlite3.Error as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise BackupError(f"{parent}: the copy could not be written or read: {error}") from None
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return place


def _copy(sources: Mapping[str, Path], draft: Path, wait_seconds: float) -> str:
    """Copy the files as they all are at one moment, and return the revision of the tables."""
    with _views(sources, wait_seconds) as views:
        for name, view in views.items():
            os.close(os.open(draft / name, os.O_CREAT | os.O_EXCL, 0o600))
            with closing(sqlite3.connect(draft / name, isolation_level=None)) as copy:
                view.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, which needs no other beside it
                found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
                if found != "ok":
                    raise BackupError(f"{sources[name]}: is damaged, and so would its copy be: {found}")
            _sync(draft / name)
        return str(views[_REGISTER].execute("SELECT version_num FROM alembic_version").fetchone()[0])


@contextmanager
def _views(sources: Mapping[str, Path], wait_seconds: float) -> Iterator[dict[str, sqlite3.Connection]]:
    """Open a view of each file, all of one moment: nobody writes while they are opened."""
    with ExitStack() as stack:

        def connect(file: Path) -> sqlite3.Connection:
            connection = sqlite3.connect(
                f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=wait_seconds, isolation_level=None
            )
            return stack.enter_context(closing(connection))

        try:
            views = {name: connect(file) for name, file in sources.items()}
            writers = [connect(file) for file in sources.values()]
            for writer in writers:
                writer.execute("BEGIN IMMEDIATE")
            for view in views.values():
                view.execute("BEGIN")
                view.execute("SELECT count(*) FROM sqlite_master").fetchone()
            for writer in writers:
                writer.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise BackupError(
                f"writers could not be held up for a moment within {wait_seconds:g} s, or a file cannot be "
                f"read ({error}); try again when no load is being stored"
            ) from None
        yield views


def read_manifest(place: Path) -> Manifest:
    """Return what a copy is, after checking that each of its files is as it was made.

    Raises:
        BackupError: It is no copy, or not as it was made.
    """
    try:
        found = json.loads((place / MANIFEST).read_text("utf-8"))
        manifest = Manifest(str(found["made_at"]), str(found["revision"]), dict(found["sha256"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupError(f"{place}: holds no backup; it must have a file {MANIFEST}") from None
    if _REGISTER not in manifest.sha256 or any("/" in name for name in manifest.sha256):
        raise BackupError(f"{place / MANIFEST}: is not as it was made")
    for name, expected in manifest.sha256.items():
        if not (place / name).is_file() or _sum(place / name) != expected:
            raise BackupError(f"{place / name}: is gone, or not as it was made; use another backup")
    return manifest


def put_back(
    place: Path, register: Register, now: datetime, *, overwrite: bool, with_audit: bool
) -> list[Path]:
    """Put a copy in the place of the register, and return the files that were moved aside for it.

    An audit log that is there stays, unless told otherwise: it has what was asked since the copy was made.

    Args:
        place: The copy.
        register: Where to put it. Nobody may be using it.
        now: The time, UTC, for the names of what is moved aside.
        overwrite: Put it in the place of a register that is there.
        with_audit: Put back the audit log, too, in the place of one that is there.

    Raises:
        BackupError: The copy cannot be used, or there is a register and nobody said to overwrite it, or it is
            in use.
        OSError: The files cannot be written.
    """
    file = file_of(register)
    manifest = read_manifest(place)
    if manifest.revision not in schema.revisions():
        raise BackupError(
            f"{place}: its tables are at {manifest.revision}, which this version does not know; "
            "install the version that was in use, or a later one"
        )
    targets = {name: _target(name, file) for name in manifest.sha256}
    there = [one for one in targets.values() if one.exists()]
    if file.exists() and not overwrite:
        raise BackupError(
            f"{file}: there is a register; say --overwrite to put the backup in its place (it is moved aside)"
        )
    for one in there:
        _check_unused(one)
    aside = []
    owner = (file if file.exists() else file.parent).stat()
    for name, target in targets.items():
        if target.exists():
            if target != file and not with_audit:
                continue
            aside.append(target.with_name(f"{target.name}.before-{now:%Y%m%dT%H%M%SZ}"))
            target.rename(aside[-1])
            for ending in ("-wal", "-shm"):  # of one that is damaged; they would be taken for the copy's
                with suppress(FileNotFoundError):
                    target.with_name(target.name + ending).rename(f"{aside[-1]}{ending}")
        _put(place / name, target, owner)
    _sync(file.parent)
    return aside


def _target(name: str, file: Path) -> Path:
    ending = name.removeprefix(Path(_REGISTER).stem)
    return file.with_name(file.stem + ending.removesuffix(Path(_REGISTER).suffix) + file.suffix)


def _check_unused(file: Path) -> None:
    """See that no process has a file open, and bring what lies in the file beside it into it."""
    try:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=1)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # only who is alone with it can have this
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            raise BackupError(f"{file}: is in use; stop the service and what else uses it first") from None
        # It is damaged, which is what a backup is for.


def _put(source: Path, target: Path, owner: os.stat_result) -> None:
    """Put a file in its place, for the user that the register's files are for, also when root does it."""
    draft = target.with_name(target.name + _PARTLY)
    draft.unlink(missing_ok=True)
    try:
        with open(source, "rb") as reading, _made(draft) as writing:
            shutil.copyfileobj(reading, writing, _CHUNK)
            if os.geteuid() == 0:  # nobody else may give files away
                os.fchown(writing.fileno(), owner.st_uid, owner.st_gid)
        _sync(draft)
        draft.rename(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def _made(file: Path) -> BinaryIO:
    """Open a new file for its owner alone, whatever the umask."""
    return open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")  # noqa: SIM115 - the caller's


def _sum(file: Path) -> str:
    with open(file, "rb") as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
