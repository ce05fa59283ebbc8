"""Running a sender in the foreground until the process is told to stop."""

import signal
from collections.abc import Callable
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
