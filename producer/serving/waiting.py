"""Waiting for others inside a call, long and by design: a long poll, another system's answer.

Whoever waits so tells it, and another thread answers calls meanwhile.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

Job = TypeVar("Job")

_here = threading.local()


@contextmanager
def waits_long() -> Iterator[bool]:
    """Wait within the block without holding up calls.

    Yields:
        Whether there is room for one more that waits; where there is not, do without the wait, or refuse.
        Outside the server there always is.
    """
    waiters: Threads[Any] | None = getattr(_here, "waiters", None)
    if waiters is None:
        yield True
    elif not waiters.away():
        yield False
    else:
        try:
            yield True
        finally:
            waiters.back()


class Threads(Generic[Job]):
    """Threads that do jobs in the order they came.

    So many do jobs at a time. One that is away, in `waits_long`, does not count: another takes its place, and
    rests when it is back. A thread that has come to be is kept, since it costs to make: its schemas.

    Args:
        number: How many do jobs at a time.
        most_away: How many may be away.
        do: Does a job; raises nothing.

    Attributes:
        used: How many threads have done a job. The first of each takes longest.
    """

    def __init__(self, number: int, most_away: int, do: Callable[[Job], None]) -> None:
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._resting: SimpleQueue[None] = SimpleQueue()
        self._lock = threading.Lock()
        self._most_away, self._do = most_away, do
        self._away = self._at_rest = self._too_many = 0
        self.used = 0
        for _ in range(number):
            self._start()

    def put(self, job: Job) -> None:
        """Have a job done."""
        self._jobs.put(job)

    def away(self) -> bool:
        """Have another thread take the place of this one, if that may be."""
        with self._lock:
            if self._away == self._most_away:
                return False
            self._away += 1
            if self._too_many:  # one that was to rest goes on instead
                self._too_many -= 1
                return True
            if self._at_rest:
                self._at_rest -= 1
                self._resting.put(None)
                return True
        self._start()
        return True

    def back(self) -> None:
        """One thread is too many: whichever is done with its job first rests."""
        with self._lock:
            self._away -= 1
            self._too_many += 1

    def _start(self) -> None:
        # As a daemon: one that is stuck must not keep a process alive that has no more time.
        threading.Thread(target=self._work, name="answers", daemon=True).start()

    def _work(self) -> None:
        _here.waiters = self
        self._do(self._jobs.get())
        with self._lock:
            self.used += 1
        while True:
            if self._too_many and self._is_to_rest():
                self._resting.get()
            self._do(self._jobs.get())

    def _is_to_rest(self) -> bool:
        with self._lock:
            if not self._too_many:
                return False
            self._too_many -= 1
            self._at_rest += 1
            return True
