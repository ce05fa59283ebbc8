"""Callers: connections that are kept, each with one call at a time, in a process of their own.

Everything that can be made before is made before, and an answer is only looked at as bytes, so that the
callers take little of the machine from the service that is measured. Nothing but the standard library is
imported here: ``python -m tests.bench.serving.load`` reads what to do as JSON and writes what came of it.
"""

import json
import select
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import cycle
from math import ceil
from typing import Any, NamedTuple

LATE_SECONDS = 1.0
"""The SLA of the contracts: what takes longer is late."""

_GIVE_UP_SECONDS = 30.0
_ENOUGH = 1 << 16
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Result(NamedTuple):
    """What came of calls.

    Attributes:
        per_second: Right answers a second, of those that came while calls were made.
        p50: Milliseconds that half of the answers took at most; likewise `p95` and `p99`.
        slowest: Milliseconds of the slowest answer.
        right: How many answers were right.
        refused: How many calls were refused, since there were too many: with HTTP 503, or our Fault FK506.
        late: How many answers, refusals too, took longer than `LATE_SECONDS`.
        wrong: What was wrong with other answers, and how often.
    """

    per_second: float
    p50: float
    p95: float
    p99: float
    slowest: float
    right: int
    refused: int
    late: int
    wrong: dict[str, int]


class _Connection:
    """A caller's connection.

    Attributes:
        began: When its call was due.
        got: What has come of the answer.
        wanted: Bytes of the whole answer, once its head is there; before that 0.
        contains: What the answer must hold.
    """

    __slots__ = ("address", "socket", "began", "got", "wanted", "contains", "closes")

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.began, self.got, self.wanted, self.contains, self.closes = 0.0, b"", 0, b"", False
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(self.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: tuple[bytes, bytes], due: float) -> None:
        message, self.contains = request
        self.began, self.got, self.wanted = due, b"", 0
        self.socket.sendall(message)


def started(
    address: tuple[str, int],
    requests: Sequence[tuple[bytes, bytes]],
    *,
    connections: int,
    seconds: float,
    per_second: float = 0.0,
) -> "subprocess.Popen[str]":
    """Start callers in a process of their own; `finished` waits for them.

    Args:
        address: Where the service listens.
        requests: Calls as they go over a connection, each with what its answer must hold; made in turn.
        connections: How many callers.
        seconds: For how long calls are made; answers are waited for after that.
        per_second: Calls a second of all callers together; 0 for as many as get answers.
    """
    wanted = {
        "address": address,
        "requests": [[one.decode("latin-1") for one in request] for request in requests],
        "connections": connections,
        "seconds": seconds,
        "per_second": per_second,
    }
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(wanted))
    process.stdin.close()
    return process


def finished(callers: "subprocess.Popen[str]") -> Result:
    """Wait for callers and return what came of their calls."""
    assert callers.stdout is not None
    with callers:
        output = callers.stdout.read()
    assert callers.returncode == 0, "the callers failed"
    return Result(**json.loads(output))


def call(
    address: tuple[str, int],
    requests: Sequence[tuple[bytes, bytes]],
    *,
    connections: int,
    seconds: float,
    per_second: float = 0.0,
) -> Result:
    """Make calls in this process; arguments as those of `started`."""
    began = time.perf_counter()
    calls = _Calls(began, seconds, per_second, cycle(requests))
    poll = select.epoll()
    callers: dict[int, _Connection] = {}
    idle: deque[_Connection] = deque()
    for _ in range(connections):
        one = _Connection(address)
        poll.register(one.socket.fileno(), select.EPOLLIN)
        callers[one.socket.fileno()] = one
        idle.append(one)
    while True:
        while idle and (due := calls.due()) is not None:
            one = idle.popleft()
            try:
                one.send(next(calls.requests), due)
            except OSError as error:
                calls.failed(one, f"no answer: {type(error).__name__}")
                _again(one, callers, poll)
                idle.append(one)
        if len(idle) == connections and time.perf_counter() >= calls.end:
            break
        if time.perf_counter() > calls.end + _GIVE_UP_SECONDS:
            calls.wrong["no answer within 30 s"] += connections - len(idle)
            break
        for number, _ in poll.poll(calls.wait(bool(idle))):
            one = callers[number]
            if _whole(one, calls):
                if one.closes:
                    _again(one, callers, poll)
                idle.append(one)
    for one in callers.values():
        one.socket.close()
    poll.close()
    return calls.result()


def _whole(one: _Connection, calls: "_Calls") -> bool:
    """Take in what has come on a connection, and tell whether its call has come to an end."""
    try:
        got = one.socket.recv(_ENOUGH)
    except OSError as error:
        got, failure = b"", type(error).__name__
    else:
        failure = "closed"
    if not got:
        calls.failed(one, f"no answer: {failure}")
        one.closes = True
        return True
    one.got = one.got + got if one.got else got
    if not one.wanted:
        end = one.got.find(_HEAD_END)
        if end < 0:
            return False
        head = one.got[:end].lower()
        begin = head.find(_LENGTH)
        if begin < 0:
            calls.failed(one, "an answer without Content-Length")
            one.closes = True
            return True
        one.wanted = end + len(_HEAD_END) + int(head[begin + len(_LENGTH) :].split(b"\r\n", 1)[0])
        one.closes = b"connection: close" in head
    if len(one.got) < one.wanted:
        return False
    calls.answered(one)
    return True


def _again(one: _Connection, callers: dict[int, _Connection], poll: select.epoll) -> None:
    """Open a connection anew."""
    callers.pop(one.socket.fileno())
    one.socket.close()
    one.open()
    callers[one.socket.fileno()] = one
    poll.register(one.socket.fileno(), select.EPOLLIN)


class _Calls:
    """The calls of a run: what is due, and what has come of those made."""

    def __init__(
        self, began: float, seconds: float, per_second: float, requests: Iterator[tuple[bytes, bytes]]
    ) -> None:
        self.requests = requests
        self.seconds = seconds
        self.end = began + seconds
        self.milliseconds: list[float] = []
        self.wrong: Counter[str] = Counter()
        self.right = self.in_time = self.refused = 0
        self._next = began
        self._step = 1 / per_second if per_second else 0.0

    def due(self) -> float | None:
        """Return when the next call is due, if that is now."""
        now = time.perf_counter()
        if now >= self.end:
            return None
        if not self._step:
            return now
        if self._next > now:
            return None
        due = self._next
        self._next += self._step
        return due

    def wait(self, idle: bool) -> float:
        """Return the seconds to wait for an answer: until a call is due, where a caller is idle."""
        now = time.perf_counter()
        if now >= self.end:
            return 1.0
        until = self._next if idle and self._step else self.end
        return max(0.0, until - now)

    def answered(self, one: _Connection) -> None:
        """Take note of an answer."""
        now = time.perf_counter()
        self.milliseconds.append((now - one.began) * 1000)
        if one.got.startswith(b"HTTP/1.1 200 ") and one.contains in one.got:
            self.right += 1
            self.in_time += now <= self.end
        elif one.got.startswith(b"HTTP/1.1 503 ") or b">FK506 " in one.got:
            self.refused += 1
        else:
            self.wrong[f"HTTP {one.got[9:12].decode('latin-1')}, and not the answer wanted"] += 1

    def failed(self, one: _Connection, reason: str) -> None:
        """Take note of a call without an answer."""
        self.milliseconds.append((time.perf_counter() - one.began) * 1000)
        self.wrong[reason] += 1

    def result(self) -> Result:
        """Return what came of the calls."""
        ordered = sorted(self.milliseconds) or [0.0]

        def percentile(percent: int) -> float:
            return ordered[ceil(len(ordered) * percent / 100) - 1]

        return Result(
            per_second=self.in_time / self.seconds,
            p50=percentile(50),
            p95=percentile(95),
            p99=percentile(99),
            slowest=ordered[-1],
            right=self.right,
            refused=self.refused,
            late=sum(one > LATE_SECONDS * 1000 for one in ordered),
            wrong=dict(self.wrong),
        )


def _main() -> None:
    wanted: dict[str, Any] = json.load(sys.stdin)
    host, port = wanted.pop("address")
    requests = [
        (message.encode("latin-1"), contains.encode("latin-1"))
        for message, contains in wanted.pop("requests")
    ]
    print(json.dumps(call((host, port), requests, **wanted)._asdict()))


if __name__ == "__main__":
    _main()
