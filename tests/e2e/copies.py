"""Copies of a process that has loaded the program: what asks `tests.e2e.preloaded` for them."""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from typing import IO

from tests.e2e.preloaded import TOLD_BYTES, Wanted

ROOT = Path(__file__).parents[2]

READ_WHEN_LOADED = ("SQLITE_TMPDIR", "TMPDIR")
"""Variables that SQLite reads as it is loaded, and not again."""


def environment() -> dict[str, str]:
    """The environment without settings of ours, so that a developer's do not decide a test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FASTKONTAKT_")}
    return kept | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "COLUMNS": "200"}


class Copy:
    """A process that a preloaded one has become. What there is of it is as with `subprocess.Popen`.

    Attributes:
        pid: Its id.
        returncode: How it ended, once that has been asked for; a signal counts below 0.
        peak_kib: The most memory it has had, then, in KiB.
    """

    def __init__(self, told: int) -> None:
        self._told = told
        self.pid = int(os.read(told, TOLD_BYTES))
        self.returncode: int | None = None
        self.peak_kib = 0

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return how it ended.

        Raises:
            subprocess.TimeoutExpired: It had not ended by then.
        """
        if self.returncode is None:
            ended, _, _ = select.select([self._told], [], [], timeout)
            if not ended:
                raise subprocess.TimeoutExpired("fastkontakt", timeout or 0.0)
            self.returncode, self.peak_kib = (int(os.read(self._told, TOLD_BYTES)) for _ in range(2))
            os.close(self._told)
        return self.returncode

    def poll(self) -> int | None:
        """Return how it ended, or nothing."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        self.send_signal(signal.SIGKILL)


class _Preloaded:
    """A process that has loaded the program, with variables that count then, and makes copies of itself."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._asking = threading.Lock()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "tests.e2e.preloaded"],
                cwd=ROOT,
                env=environment() | variables,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
            )
        atexit.register(self._close)

    def copy(self, wanted: Wanted, output: IO[bytes], errors: IO[bytes]) -> Copy:
        reading, writing = os.pipe()
        with self._asking:
            files = [output.fileno(), errors.fileno(), writing]
            socket.send_fds(self._socket, [json.dumps(wanted).encode()], files)
            os.close(writing)
            return Copy(reading)

    def _close(self) -> None:
        self._socket.close()
        self._process.wait()


@cache
def _preloaded(*variables: tuple[str, str]) -> _Preloaded:
    return _Preloaded(dict(variables))


_LOADING = threading.Lock()


def copy(wanted: Wanted, output: IO[bytes], errors: IO[bytes]) -> Copy:
    """Start a process in a copy of one that has loaded the program; see `tests.e2e.processes.start`."""
    loaded_with = {name: wanted.environment[name] for name in READ_WHEN_LOADED if name in wanted.environment}
    with _LOADING:
        preloaded = _preloaded(*loaded_with.items())
    return preloaded.copy(wanted, output, errors)
