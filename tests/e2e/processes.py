"""Running fastkontakt as its own process, as an operator does.

At full strength each is an interpreter of its own that loads the program. In the quick tests it is a copy of
a process that has loaded it once (`tests.e2e.preloaded`), unless a test asks for a fresh one.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO

from tests.e2e.copies import Copy, copy, environment
from tests.e2e.preloaded import Wanted
from tests.strength import QUICK

START_SECONDS = 60
STOP_SECONDS = 60
RUN_SECONDS = 120

NO_VARIABLES: Mapping[str, str] = MappingProxyType({})

Process = subprocess.Popen[bytes] | Copy


def start(
    *arguments: str,
    cwd: Path,
    output: IO[bytes],
    errors: IO[bytes],
    script: str | None = None,
    fresh: bool = False,
    leader: bool = False,
    variables: Mapping[str, str] = NO_VARIABLES,
) -> Process:
    """Start a command, or a script.

    Args:
        arguments: Those of the command line.
        cwd: Its working folder.
        output: Where its standard output goes.
        errors: Where its standard error goes.
        script: Python to run instead of the command line.
        fresh: Whether it must be an interpreter of its own.
        leader: Whether it is the first of a session, so that it can be killed with its workers.
        variables: Of its environment, in place of those here.
    """
    if QUICK and not fresh:
        wanted = Wanted(arguments, str(cwd.absolute()), {**environment(), **variables}, script, leader)
        return copy(wanted, output, errors)
    program = ["-m", "fastkontakt"] if script is None else ["-c", script]
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, *program, *arguments],
        cwd=cwd,
        env={**environment(), **variables},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        start_new_session=leader,
    )


def peak_kib(process: Process) -> int:
    """Wait for the end of a process and return the most memory it has had, in KiB."""
    if isinstance(process, Copy):
        process.wait()
        return process.peak_kib
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss


def written(file: IO[bytes]) -> str:
    """Return what a process has written to a file so far."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode("utf-8")


def _text(file: IO[bytes] | str) -> str:
    return file if isinstance(file, str) else written(file)


def run(
    *arguments: str,
    cwd: Path,
    script: str | None = None,
    fresh: bool = False,
    variables: Mapping[str, str] = NO_VARIABLES,
) -> subprocess.CompletedProcess[str]:
    """Run a command, or a script, to its end; see `start`."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = start(
            *arguments,
            cwd=cwd,
            output=output,
            errors=errors,
            script=script,
            fresh=fresh,
            variables=variables,
        )
        try:
            code = process.wait(RUN_SECONDS)
        finally:
            process.kill()
            process.wait()
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
    script: str | None = None,
    fresh: bool = False,
    leader: bool = False,
    variables: Mapping[str, str] = NO_VARIABLES,
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
            script=script,
            fresh=fresh,
            leader=leader,
            variables=variables,
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
        found = re.search(r"GetListing +(https?://[^/]+)/", printed)
        if found and (not demo or re.search(r" call GetListing .*\n", printed)):
            server.base = found[1]
            return
        if server.process.poll() is not None or time.monotonic() > give_up:
            raise AssertionError(f"the service did not start:\n{printed}{_text(server.logged)}")
        time.sleep(0.01)
