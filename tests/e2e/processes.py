"""Running fastkontakt as its own process, as an operator does."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 60


def environment() -> dict[str, str]:
    """The environment without settings of ours, so that a developer's do not decide a test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FASTKONTAKT_")}
    return kept | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "COLUMNS": "200"}


def run(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "fastkontakt", *arguments],
        cwd=cwd,
        env=environment() | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@dataclass
class Server:
    """A running service."""

    process: subprocess.Popen[str]
    base: str = ""
    output: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def stop(self) -> int:
        """Tell the service to stop and wait for it; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def serving(
    *arguments: str, cwd: Path, program: tuple[str, ...] = ("-m", "fastkontakt"), **variables: str
) -> Iterator[Server]:
    """Run ``fastkontakt serve`` on a free port until the block ends."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, *program, "serve", "--port", "0", *arguments],
        cwd=cwd,
        env=environment() | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Server(process)
    announced = threading.Event()

    def read_output() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            server.output.append(line)
            found = re.search(r"GetListing +(http://[^/]+)/", line)
            if found:
                server.base = found[1]
            if " call GetListing " in line or (found and "--demo" not in arguments):
                announced.set()

    def read_errors() -> None:
        assert process.stderr is not None
        server.errors.extend(process.stderr)

    readers = [threading.Thread(target=one, daemon=True) for one in (read_output, read_errors)]
    for reader in readers:
        reader.start()
    try:
        if not announced.wait(START_SECONDS):
            raise AssertionError(f"the service did not start:\n{''.join(server.output + server.errors)}")
        yield server
    finally:
        if process.poll() is None:
            server.stop()
        for reader in readers:
            reader.join(5)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
