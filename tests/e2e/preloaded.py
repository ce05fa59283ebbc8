"""A process that has loaded the program and becomes it, in a copy of itself, as often as it is asked to.

Loading the program costs a second or two, more than what most commands then do. A copy is a process like any
other: with its own output, environment, working folder and exit code, open to signals, and it runs
``python -m fastkontakt`` from its first line on.

Run as a program it takes requests on its standard input, a socket: what is wanted as JSON, and the files for
output, for errors, and for what is told of the process: its id and, at its end, its status and the most
memory it has had.
"""

import gc
import json
import os
import runpy
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

MOST = 1 << 16
"""Bytes of a request."""

TOLD_BYTES = 12
"""Bytes of each number that is told."""


class Wanted(NamedTuple):
    """What a copy is to be.

    Attributes:
        script: Python to run instead of the program.
        leader: Whether it is the first of a session.
    """

    arguments: Sequence[str]
    cwd: str
    environment: dict[str, str]
    script: str | None
    leader: bool


def serve(requests: socket.socket) -> Wanted | None:
    """Start processes until nobody can ask for one any more.

    Returns:
        In each of them what it is to be; in this one nothing.
    """
    gc.freeze()  # the copies share what is there now
    while True:
        content, files, _, _ = socket.recv_fds(requests, MOST, 3)
        _reap()
        if not content:
            return None
        if os.fork() == 0:
            requests.close()
            _keep(*files)
            return Wanted(*json.loads(content))
        for file in files:
            os.close(file)


def _reap() -> None:
    """Take note of the keepers that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _keep(output: int, errors: int, told: int) -> None:
    """Start the process, tell of it until its end, and end with it; return in the process itself."""
    process = os.fork()
    if process == 0:
        for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), output, errors)):
            os.dup2(file, number)
            os.close(file)
        os.close(told)
        return
    os.close(output)
    os.close(errors)
    _tell(told, process)
    _, status, usage = os.wait4(process, 0)
    _tell(told, os.waitstatus_to_exitcode(status), usage.ru_maxrss)
    os._exit(0)


def _tell(told: int, *numbers: int) -> None:
    os.write(told, b"".join(b"%*d" % (TOLD_BYTES, number) for number in numbers))


def become(wanted: Wanted) -> None:
    """Be the program, or the script, as it is wanted."""
    if wanted.leader:
        os.setsid()
    os.chdir(wanted.cwd)
    os.environ.clear()
    os.environ.update(wanted.environment)
    sys.argv = ["-c", *wanted.arguments]
    if wanted.script is None:
        runpy.run_module("fastkontakt", run_name="__main__", alter_sys=True)
    else:
        exec(wanted.script, {"__name__": "__main__"})  # noqa: S102 - a test's own


if __name__ == "__main__":
    from fastkontakt import cli

    for name in cli.COMMANDS:  # what takes its time
        cli.loaded(name)

    if wanted := serve(socket.socket(fileno=os.dup(0))):
        become(wanted)
