"""SQLite: whether the file that is open is still the one at its path.

A file that is deleted or moved while it is open is written on as if nothing had happened, and what was
answered OK is lost. So whoever is about to answer looks, which takes a microsecond.
"""

import os
import sqlite3
from pathlib import Path

from sqlalchemy.exc import OperationalError


class OpenFile:
    """A file that connections are open to.

    Args:
        path: Its path.
    """

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._known: tuple[int, int] | None = None

    def note(self) -> None:
        """Remember the file that is there, if none is remembered: a connection to it has been opened."""
        if self._known is None:
            self._known = self._there()

    def forget(self) -> None:
        """Forget it: all connections have been closed."""
        self._known = None

    def is_there(self) -> bool:
        """Tell whether the file that is open is there; any will do before one is."""
        return self._known is None or self._there() == self._known

    def check(self) -> None:
        """Refuse to go on without it.

        Raises:
            sqlalchemy.exc.OperationalError: The file is gone, or another is in its place.
        """
        if not self.is_there():
            error = sqlite3.OperationalError(
                f"{self._path}: the file that was opened is no longer there; put it back, or restart what "
                "has it open"
            )
            raise OperationalError("SELECT", None, error, hide_parameters=True)

    def _there(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_dev, found.st_ino
