"""Running fastkontakt as its own process, as an operator does.

At full strength each is an interpreter of its own that loads the program. In the quick tests it is a copy of
a process that has loaded it once (`tests.e2e.preloaded`), unless a test asks for one that is ``fresh``.
"""

import atexit
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from tests.strength import QUICK

START_SECONDS = 60
STOP_SECONDS = 60
RUN_SECONDS = 120

PROGRAM = ("-m", "fastkontakt")

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
    """

    def __init__(self, told: IO[str]) -> None:
        self._told = told
        self.pid = int(told.readline())
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return how it ended.

        Raises:
            subprocess.TimeoutExpired: It had not ended by then.
        """
        if self.returncode is None:
            ended, _, _ = select.select([self._told], [], [], timeout)
            if not ended:
                raise subprocess.TimeoutExpired("fastkontakt", timeout or 0.0)
            self.returncode = int(self._told.readline())
            self._told.close()
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


Process = subprocess.Popen[bytes] | Copy


class _Preloaded:
    """A process that has loaded the program, with variables that count then, and makes copies of itself."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._asking = threading.Lock()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.preloaded"],
                cwd=ROOT,
                env=environment() | variables,
                stdin=theirs,
                stdout=subprocess.DEVNULL,
            )
        atexit.register(self._close)

    def copy(self, wanted: dict[str, object], output: IO[bytes], errors: IO[bytes]) -> Copy:
        reading, writing = os.pipe()
        with self._asking:
            files = [output.fileno(), errors.fileno(), writing]
            socket.send_fds(self._socket, [json.dumps(wanted).encode()], files)
            os.close(writing)
            return Copy(os.fdopen(reading, encoding="ascii"))

    def _close(self) -> None:
        self._socket.close()
        self._process.wait()


@cache
def _preloaded(*variables: tuple[str, str]) -> _Preloaded:
    return _Preloaded(dict(variables))


def start(
    *arguments: str,
    cwd: Path,
    output: IO[bytes],
    errors: IO[bytes],
    fresh: bool = False,
    leader: bool = False,
    program: tuple[str, ...] = PROGRAM,
    **variables: str,
) -> Process:
    """Start a command.

    Args:
        arguments: Those of the command line.
        cwd: Its working folder.
        output: Where its standard output goes.
        errors: Where its standard error goes.
        fresh: Whether it must load the program itself.
        leader: Whether it is the first of a session, so that it can be killed with its workers.
        program: What the interpreter runs instead of the program.
        variables: Of its environment, in place of those here.
    """
    if QUICK and program == PROGRAM and not fresh:
        loaded = _preloaded(*((name, variables[name]) for name in READ_WHEN_LOADED if name in variables))
        wanted = {
            "arguments": arguments,
            "cwd": str(cwd.absolute()),
            "environment": environment() | variables,
            "leader": leader,
        }
        return loaded.copy(wanted, output, errors)
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, *program, *arguments],
        cwd=cwd,
        env=environment() | variables,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        start_new_session=leader,
    )


def written(file: IO[bytes]) -> str:
    """Return what a process has written to a file so far."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode("utf-8")


def _text(file: IO[bytes] | str) -> str:
    return file if isinstance(file, str) else written(file)


def run(
    *arguments: str, cwd: Path, fresh: bool = False, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = start(*arguments, cwd=cwd, output=output, errors=errors, fresh=fresh, **variables)
        try:
            code = process.wait(RUN_SECONDS)
        finally:
            process.kill()
        return subprocess.CompletedProcess(arguments, code, written(output), written(errors))


@dataclass
class Server:
    """A running service.

    Attributes:
        process: The process that the others are of.
        base: The address that it prints.
    """

    process: Process
    printed: IO[bytes] | str
    logged: IO[bytes] | str
    base: str = ""

    @property
    def output(self) -> list[str]:
        """The lines it has printed."""
        return _text(self.printed).splitlines(keepends=True)

    @property
    def errors(self) -> list[str]:
        """The lines it has logged."""
        return _text(self.logged).splitlines(keepends=True)

    def stop(self) -> int:
        """Tell the service to stop and wait for it; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def serving(
    *arguments: str,
    cwd: Path,
    fresh: bool = False,
    leader: bool = False,
    program: tuple[str, ...] = PROGRAM,
    **variables: str,
) -> Iterator[Server]:
    """Run ``fastkontakt serve`` on a free port until the block ends; see `start`."""
    with ExitStack() as stack:
        printed, logged = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(2))
        process = start(
            "serve",
            "--port",
            "0",
            *arguments,
            cwd=cwd,
            output=printed,
            errors=logged,
            fresh=fresh,
            leader=leader,
            program=program,
            **variables,
        )
        server = Server(process, printed, logged)
        try:
            _await(server, "--demo" in arguments)
            yield server
        finally:
            if process.poll() is None:
                server.stop()
            server.printed, server.logged = written(printed), written(logged)


def _await(server: Server, demo: bool) -> None:
    """Wait until a service has printed all it prints when it can be called."""
    give_up = time.monotonic() + START_SECONDS
    while True:
        printed = _text(server.printed)
        found = re.search(r"GetListing +(http://[^/]+)/", printed)
        if found and (not demo or re.search(r" call GetListing .*\n", printed)):
            server.base = found[1]
            return
        if server.process.poll() is not None or time.monotonic() > give_up:
            raise AssertionError(f"the service did not start:\n{printed}{_text(server.logged)}")
        time.sleep(0.01)
