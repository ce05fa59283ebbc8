"""What a watcher keeps of a folder: that it is watched, and which files are still to be moved out of it.

It lies in a folder of our own, never in the watched one: whoever puts files there could write it, or put a
link in its place. What cannot be believed in it all the same is put aside, and the files are loaded again,
which changes nothing.
"""

import errno
import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = "fastkontakt-watch"
"""Name of the folder in which state is kept, in the one that the operator has for it."""


class FolderTaken(Exception):
    """Another process watches the folder."""


class StateBroken(Exception):
    """What is kept of a folder is not what we have written; it has been put aside."""


class Plan(NamedTuple):
    """What is to be moved.

    Attributes:
        place: The folder that the files go to.
        marker: Ending of the mark that goes with each file, or None.
        files: Name of each file -> its size, time of change and inode, as they were when it was read.
    """

    place: Path
    marker: str | None
    files: Mapping[str, tuple[int, int, int]]


class WatchState:
    """What is kept of one folder.

    Args:
        parent: Folder of the operator's for what is kept; one of our own is made in it.
        folder: The watched folder.

    Raises:
        OSError: It cannot be made, or others can write to it.
    """

    def __init__(self, parent: Path, folder: Path) -> None:
        own = parent / FOLDER
        with suppress(FileExistsError):
            own.mkdir(mode=0o700)
        found = own.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise OSError(errno.ENOTDIR, "is not a folder", str(own))
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o022:
            raise PermissionError(errno.EPERM, "others can write to it", str(own))
        name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
        self._folder = folder
        self._lock, self._plan = own / f"{name}.lock", own / f"{name}.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other watchers from the folder, until this process ends in whatever way.

        Raises:
            FolderTaken: There is one already.
        """
        with self._lock.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FolderTaken(f"{self._folder}: another process watches this folder") from None
            yield

    def write(self, plan: Plan) -> None:
        """Write down what is to be moved; it is durable when this returns."""
        content = {
            "folder": str(self._folder),
            "place": str(plan.place.absolute()),
            "marker": plan.marker,
            "files": plan.files,
        }
        draft = self._plan.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._plan)

    def read(self) -> Plan | None:
        """Return what is still to be moved, if anything is.

        Raises:
            StateBroken: What is kept is not what we have written.
        """
        try:
            return _plan(json.loads(self._plan.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise StateBroken(str(self.put_aside())) from None

    def put_aside(self) -> Path:
        """Keep what is to be moved for somebody to look at, and return where; nobody moves it any more."""
        aside = self._plan.with_suffix(".broken")
        self._plan.rename(aside)
        return aside

    def done(self) -> None:
        """Forget what was to be moved."""
        self._plan.unlink(missing_ok=True)


def _plan(content: Any) -> Plan:
    """Return the plan that a file says.

    Raises:
        ValueError: It is none, as also other errors of what is not of the kind it should be.
    """
    place, marker = Path(content["place"]), content["marker"]
    files = {}
    for name, signature in content["files"].items():
        size, modified, inode = map(int, signature)
        files[_name(name)] = (size, modified, inode)
    if not place.is_absolute() or ".." in place.parts:
        raise ValueError("no absolute path")
    return Plan(place, marker if marker is None else _name(marker), files)


def _name(text: Any) -> str:
    if not isinstance(text, str) or "/" in text or "\0" in text or text in ("", ".", ".."):
        raise ValueError("no name of a file")
    return text
