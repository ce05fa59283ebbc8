"""Running in the foreground until the process is told to stop."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

_STOPPING = {signal.SIGTERM, signal.SIGINT}


def run_until_stopped(run: Callable[[Event], None]) -> None:
    """Run until SIGTERM or Ctrl-C, and return when what runs has finished.

    Args:
        run: Takes an event that is set when it is to stop.
    """
    # Waited for here, and not handled: a handler could come at a moment when it may not set an event.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    stop = Event()
    thread = Thread(target=run, args=(stop,))
    thread.start()
    signal.sigwait(_STOPPING)
    stop.set()
    thread.join()


@contextmanager
def stopped_between() -> Iterator[Callable[[float], bool]]:
    """Hold SIGTERM and Ctrl-C back but where they are waited for, so that they cut no work short.

    Yields:
        What waits for so many seconds, and tells whether the process was told to stop, before or meanwhile.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield lambda seconds: signal.sigtimedwait(_STOPPING, seconds) is not None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
