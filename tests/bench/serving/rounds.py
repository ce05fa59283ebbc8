"""Rounds: the servers get calls one after the other, again and again, and medians of the rounds count.

What else happens on the machine meets all of them alike. Ratios are taken within a round.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from subprocess import Popen
from typing import NamedTuple

from tests.bench.serving.load import Result, finished, started
from tests.bench.serving.servers import Server, cpu_seconds, largest_mb

_WARM_CONNECTIONS = 64
"""More than there are threads: each of them has compiled its schemas when it is measured."""


@dataclass(frozen=True)
class Round:
    """What a server did in one round.

    Attributes:
        result: Of the calls.
        cpu: Microseconds of CPU time of the server's processes for each right answer.
        database_cpu: Likewise those of the database's own processes.
        largest_mb: Memory of the server's largest process, after it.
    """

    result: Result
    cpu: float
    database_cpu: float
    largest_mb: float


@dataclass
class Measured:
    """A server, and what it did in each round.

    Attributes:
        server: Name of the server.
        contract: Name of the contract called.
        connections: How many callers there were.
    """

    server: str
    contract: str
    connections: int
    rounds: list[Round] = field(default_factory=list)

    def middle(self, name: str) -> float:
        """Return the median of a figure of `Result` or `Round`."""
        return median(_figure(one, name) for one in self.rounds)

    def total(self, name: str) -> int:
        """Return the sum of a number of `Result`."""
        return sum(getattr(one.result, name) for one in self.rounds)

    @property
    def slowest(self) -> float:
        """Milliseconds of the slowest answer of all rounds."""
        return max(one.result.slowest for one in self.rounds)

    def wrong(self) -> dict[str, int]:
        """Return what was wrong with answers, and how often."""
        found: dict[str, int] = {}
        for one in self.rounds:
            for reason, number in one.result.wrong.items():
                found[reason] = found.get(reason, 0) + number
        return found

    def ratio(self, name: str, other: "Measured") -> float:
        """Return the median of the rounds' ratios of a figure to that of another server."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return median(_figure(one, name) / max(_figure(beside, name), 1e-9) for one, beside in pairs)


def _figure(one: Round, name: str) -> float:
    return float(getattr(one.result, name) if name in Result._fields else getattr(one, name))


class Case(NamedTuple):
    """A server, and by how many callers it is called."""

    server: Server
    connections: int


def measure(
    cases: Sequence[Case], *, rounds: int, seconds: float, warm_seconds: float = 0.0
) -> list[Measured]:
    """Call each server in turn, round after round.

    Args:
        cases: The servers, each as often as it is to be called in a round.
        rounds: How many rounds.
        seconds: For how long each case lasts.
        warm_seconds: For how long each server is called before that.
    """
    if warm_seconds:
        for server in dict.fromkeys(one.server for one in cases):
            _round(Case(server, _WARM_CONNECTIONS), warm_seconds)
    measured = [
        Measured(server.name, server.requests[0].contract, connections) for server, connections in cases
    ]
    for _ in range(rounds):
        for case, figures in zip(cases, measured, strict=True):
            figures.rounds.append(_round(case, seconds))
    return measured


def _round(case: Case, seconds: float) -> Round:
    server, connections = case
    callers = started(server.address, server.messages(), connections=connections, seconds=seconds)
    return watched(server, callers)


def watched(server: Server, callers: "Popen[str]") -> Round:
    """Return what a server did while callers made their calls, and what it took of the machine."""
    pids = [server.pid, *([server.database] if server.database else [])]
    before = [cpu_seconds(pid) for pid in pids]
    result = finished(callers)
    spent = [cpu_seconds(pid) - one for pid, one in zip(pids, before, strict=True)]
    each = [one / max(result.right, 1) * 1e6 for one in spent]
    return Round(result, each[0], each[1] if server.database else 0.0, largest_mb(server.pid))
