"""A folder in which a source puts its files: what is ready there, and where files go when they are done.

Files are moved after the load has been committed. What is to be moved is written down before, so that a
process that dies between the two goes on with it: half a set of files must not meet the next night's.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from mapping.sources import corrections
from mapping.sources.profile import Profile

_LOCK = ".fastkontakt.lock"
_MOVES = ".fastkontakt-moves.json"


class FolderTaken(Exception):
    """Another process watches the folder."""


class Signature(NamedTuple):
    """What tells that a file is being written, or is another one of the same name."""

    size: int
    modified: int
    inode: int


Seen = Mapping[str, Signature]
"""Name of a file -> what it looks like."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other watchers from the folder, until this process ends in whatever way.

    Raises:
        FolderTaken: There is one already.
        OSError: The folder cannot be used.
    """
    with (folder / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderTaken(f"{folder}: another process watches this folder") from None
        yield


def look(folder: Path, profile: Profile, marker: str | None) -> Seen:
    """Return the files of a folder that the profile has sections for; files of faulty rows are left alone.

    Args:
        folder: The folder.
        profile: The profile.
        marker: Ending of the empty file that a source puts beside each file that it has written in full, such
            as ``.ready``; files without one are passed over. None where the source does not.

    Raises:
        OSError: The folder cannot be read.
    """
    seen = {}
    for path in sorted(folder.iterdir()):
        if (
            not _is_for(profile, path)
            or corrections.has_name(path)
            or path.name.startswith(".")
            or not path.is_file()
        ):
            continue
        if marker is None or path.with_name(path.name + marker).exists():
            seen[path.name] = _signature(path)
    return seen


def of_faulty_rows(folder: Path, profile: Profile) -> list[str]:
    """Return the names of the files of faulty rows in a folder that the profile has sections for.

    Raises:
        OSError: The folder cannot be read.
    """
    found = (path for path in folder.iterdir() if corrections.has_name(path) and path.is_file())
    return sorted(path.name for path in found if _is_for(profile, path))


def _is_for(profile: Profile, path: Path) -> bool:
    return any(section.matches(path) for section in profile.file)


def lacking(profile: Profile, seen: Iterable[str]) -> list[str]:
    """Return the sections, by pattern, that a full load needs a file for and has none."""
    if profile.load.policy != "full":
        return []
    files = [Path(name) for name in seen]
    without = [one.name for one in profile.file if one.query is None and not any(map(one.matches, files))]
    return list(dict.fromkeys(without))


def new_place(parent: Path, now: datetime) -> Path:
    """Make the folder in which a load is kept, named by the time, and return it.

    Raises:
        OSError: It cannot be made.
    """
    name = f"{now:%Y%m%dT%H%M%SZ}"
    number = 1
    while True:
        place = parent / (name if number == 1 else f"{name}-{number}")
        try:
            place.mkdir(mode=0o700, parents=True)  # person numbers are in the files
        except FileExistsError:
            number += 1
        else:
            return place


def move(folder: Path, seen: Seen, place: Path, marker: str | None) -> None:
    """Move files that have been loaded, or refused.

    Args:
        folder: The watched folder.
        seen: The files as they were when they were read; one that is another now stays, to be loaded.
        place: Where to.
        marker: As for `look`; the marks go with their files.

    Raises:
        OSError: It cannot be done. `finish_moves` goes on with it.
    """
    plan = {"place": str(place.resolve()), "marker": marker, "files": seen}
    draft = folder / f"{_MOVES}.new"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(plan, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / _MOVES)
    finish_moves(folder)


def finish_moves(folder: Path) -> None:
    """Move what is still to be moved.

    Raises:
        OSError: It cannot be done.
    """
    try:
        plan = json.loads((folder / _MOVES).read_text("utf-8"))
    except FileNotFoundError:
        return
    for name, signature in plan["files"].items():
        path = folder / name
        if not path.exists() or _signature(path) != Signature(*signature):
            continue
        shutil.move(path, Path(plan["place"]) / name)
        if plan["marker"] is not None:
            mark = path.with_name(name + plan["marker"])
            if mark.exists():
                shutil.move(mark, Path(plan["place"]) / mark.name)
    (folder / _MOVES).unlink()


def _signature(path: Path) -> Signature:
    found = path.stat()
    return Signature(found.st_size, found.st_mtime_ns, found.st_ino)
