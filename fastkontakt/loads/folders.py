"""A folder in which a source puts its files: what is ready there, and where files go when they are done.

Files are moved after the load has been committed. What is to be moved is written down before, so that a
process that dies between the two goes on with it: half a set of files must not meet the next night's.

Whoever can write to the folder is a stranger to this machine. Nothing in it is believed: what we keep of it
lies elsewhere (`fastkontakt.loads.watch_state`), and no link in it is followed. So everything in it is
reached from its open descriptor, one name at a time, and only plain files count.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from fastkontakt.loads.watch_state import Plan
from mapping.sources import corrections
from mapping.sources.profile import Profile

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NOT_FOLLOWED = _FOLDER | os.O_NOFOLLOW
_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""How a file of a source is opened; O_NONBLOCK, since a pipe without a writer would hold us up for ever."""


class Signature(NamedTuple):
    """What tells that a file is being written, or is another one of the same name."""

    size: int
    modified: int
    inode: int


Seen = Mapping[str, Signature]
"""Name of a file -> what it looks like."""


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
    there = _plain_files(folder)
    return {
        name: found
        for name, found in there.items()
        if _is_for(profile, name)
        and not corrections.has_name(Path(name))
        and not name.startswith(".")
        and (marker is None or name + marker in there)
    }


def of_faulty_rows(folder: Path, profile: Profile) -> list[str]:
    """Return the names of the files of faulty rows in a folder that the profile has sections for.

    Raises:
        OSError: The folder cannot be read.
    """
    return [
        name for name in _plain_files(folder) if corrections.has_name(Path(name)) and _is_for(profile, name)
    ]


def passed_over(folder: Path, profile: Profile) -> list[str]:
    """Return what has the name of a file that the profile wants, and is a link or anything but a file.

    Raises:
        OSError: The folder cannot be read.
    """
    with os.scandir(folder) as entries:
        return sorted(
            one.name
            for one in entries
            if _is_for(profile, one.name) and not one.is_file(follow_symlinks=False) and one.name[0] != "."
        )


def _plain_files(folder: Path) -> dict[str, Signature]:
    found = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # the source has just taken it back
                if entry.is_file(follow_symlinks=False):
                    found[entry.name] = _signature(entry.stat(follow_symlinks=False))
    return dict(sorted(found.items()))


def _is_for(profile: Profile, name: str) -> bool:
    return any(section.matches(Path(name)) for section in profile.file)


def lacking(profile: Profile, seen: Iterable[str]) -> list[str]:
    """Return the sections, by pattern, that a full load needs a file for and has none."""
    if profile.load.policy != "full":
        return []
    files = [Path(name) for name in seen]
    without = [one.name for one in profile.file if one.query is None and not any(map(one.matches, files))]
    return list(dict.fromkeys(without))


@contextmanager
def opened(folder: Path, seen: Seen) -> Iterator[list[Path]]:
    """Give paths that lead to the files as they were seen, whatever the source does to their names meanwhile.

    Raises:
        OSError: A file is gone, or its name is a link or another file's by now.
    """
    with TemporaryDirectory(prefix="fastkontakt-") as private:
        held: list[int] = []
        try:
            paths = []
            with _open(folder, _FOLDER) as inside:
                for name, signature in seen.items():
                    held.append(os.open(name, _PLAIN, dir_fd=inside))
                    if not _same(os.fstat(held[-1]), signature):
                        raise OSError(errno.ESTALE, "was changed before it could be read", name)
                    paths.append(Path(private, name))
                    paths[-1].symlink_to(f"/proc/self/fd/{held[-1]}")
            yield paths
        finally:
            for one in held:
                os.close(one)


class Place(NamedTuple):
    """The folder in which a load is kept.

    Attributes:
        path: Its path, to be told.
        inside: A path to it that leads there whatever becomes of the folders above it; as long as the
            context lasts that gave it.
    """

    path: Path
    inside: Path


@contextmanager
def new_place(folder: Path, parent: Path, now: datetime) -> Iterator[Place]:
    """Make the folder in which a load is kept, named by the time.

    Args:
        folder: The watched folder.
        parent: Where the new one is to be.
        now: The time.

    Raises:
        OSError: It cannot be made, or ``parent`` lies in the watched folder and is a link.
    """
    name = f"{now:%Y%m%dT%H%M%SZ}"
    number = 1
    with _parent(folder, parent) as above:
        while True:
            chosen = name if number == 1 else f"{name}-{number}"
            try:
                os.mkdir(chosen, 0o700, dir_fd=above)  # person numbers are in the files
                break
            except FileExistsError:
                number += 1
        with _place(parent / chosen, above) as inside:
            yield Place(parent / chosen, Path(f"/proc/self/fd/{inside}"))


def carry_out(folder: Path, plan: Plan) -> None:
    """Move the files of a plan that are still to be moved.

    A file that is another by now than the one that was read stays, to be loaded.

    Raises:
        OSError: It cannot be done.
    """
    with (
        _open(folder, _FOLDER) as inside,
        _parent(folder, plan.place.parent) as above,
        _place(plan.place, above) as place,
    ):
        for name, (size, modified, inode) in plan.files.items():
            try:
                found = os.stat(name, dir_fd=inside, follow_symlinks=False)
            except FileNotFoundError:
                continue
            if not _same(found, Signature(size, modified, inode)):
                continue
            _move(name, inside, place)
            if plan.marker is not None:
                mark = name + plan.marker
                with suppress(FileNotFoundError):
                    if stat.S_ISREG(os.stat(mark, dir_fd=inside, follow_symlinks=False).st_mode):
                        _move(mark, inside, place)


def _move(name: str, inside: int, place: int) -> None:
    """Move a plain file, also to another disk."""
    try:
        os.rename(name, name, src_dir_fd=inside, dst_dir_fd=place)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    source = os.open(name, _PLAIN, dir_fd=inside)
    with open(source, "rb") as reading:
        if not stat.S_ISREG(os.fstat(source).st_mode):
            raise OSError(errno.EINVAL, "is no plain file", name)
        copy = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600, dir_fd=place)
        with open(copy, "wb") as writing:
            shutil.copyfileobj(reading, writing)
            writing.flush()
            os.fsync(copy)
    os.unlink(name, dir_fd=inside)


@contextmanager
def _open(path: Path | str, flags: int, dir_fd: int | None = None) -> Iterator[int]:
    number = os.open(path, flags, dir_fd=dir_fd)
    try:
        yield number
    finally:
        os.close(number)


@contextmanager
def _parent(folder: Path, parent: Path) -> Iterator[int]:
    """Open the folder that loads are kept in, and make it where it is missing.

    Where an operator has put it elsewhere, the path is the operator's. What lies in the watched folder may be
    the source's, so that no link is followed there.
    """
    parent = parent.absolute()
    watched = next((one for one in reversed(parent.parents) if one.exists() and one.samefile(folder)), None)
    if watched is None:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _open(parent, _FOLDER) as found:
            yield found
        return
    steps = parent.relative_to(watched).parts
    found = os.open(folder, _FOLDER)
    try:
        for step in steps:
            with suppress(FileExistsError):
                os.mkdir(step, 0o700, dir_fd=found)
            below = _not_followed(step, found, parent)
            os.close(found)
            found = below
        yield found
    finally:
        os.close(found)


@contextmanager
def _place(path: Path, above: int) -> Iterator[int]:
    """Open the folder of a load, which must be ours: files with person numbers are put there."""
    found = _not_followed(path.name, above, path)
    try:
        if os.fstat(found).st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "is another user's folder", str(path))
        yield found
    finally:
        os.close(found)


def _not_followed(name: str, above: int, path: Path) -> int:
    try:
        return os.open(name, _NOT_FOLLOWED, dir_fd=above)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _same(found: os.stat_result, signature: Signature) -> bool:
    return stat.S_ISREG(found.st_mode) and _signature(found) == signature


def _signature(found: os.stat_result) -> Signature:
    return Signature(found.st_size, found.st_mtime_ns, found.st_ino)
