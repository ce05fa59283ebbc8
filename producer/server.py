"""Serving over HTTP with gunicorn: gthread workers, connections kept longer than the platform keeps them."""

import gc
import logging
import signal
from collections.abc import Callable
from typing import Any

import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http import wsgi
from gunicorn.http.errors import ParseException
from gunicorn.util import write_error
from gunicorn.workers.gthread import ThreadWorker

from producer.gate import check_parser
from producer.settings import ServerSettings
from producer.wsgi import Producer

log = structlog.get_logger(__name__)

# gunicorn has no setting for the Server header, which the platform passes on to callers.
wsgi.SERVER = "fastkontakt"


class _Logger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Hands gunicorn's messages to the application's logging instead of formatting them itself."""

    def setup(self, cfg: Any) -> None:
        self.error_log = logging.getLogger("gunicorn.error")
        self.error_log.propagate = True  # gunicorn has just set it to False
        self.access_log = logging.getLogger("gunicorn.access")


_STOPPING = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Lets no worker miss that it is told to stop.

    A forked worker has the arbiter's signal handlers until it has set its own, and they only note the signal
    for the arbiter. A stop that came then was lost, and the service took the whole graceful timeout to end.
    """

    def spawn_worker(self) -> Any:
        """Fork a worker that gets the signals to stop when it can act on them."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)


class _Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Quotes nothing of an HTTP request that cannot be read.

    gunicorn answers and logs the piece that is wrong, which is the whole message when it is said to come in
    chunks and does not.
    """

    def init_signals(self) -> None:
        """Set the worker's handlers, then let the signals in that were held back during the fork."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Take no more connections, and let nobody wait for what may not come: the stop waits for them."""
        super().handle_exit(sig, frame)
        producer = getattr(self, "wsgi", None)  # there is none before the worker has made it
        if isinstance(producer, Producer):
            producer.stop()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer and log that a request could not be read, or that the application failed."""
        log.warning("http_failed", error=type(exc).__name__)
        if isinstance(exc, ParseException):
            write_error(client, 400, "Bad Request", "")
        else:
            write_error(client, 500, "Internal Server Error", "")


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(
        self, settings: ServerSettings, make: Callable[[], Producer], ready: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._make = make
        self._ready = ready
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        options = {
            "bind": f"{settings.host}:{settings.port}",
            "worker_class": _Worker,
            "workers": settings.workers,
            "threads": settings.threads,
            "keepalive": settings.keep_alive_seconds,
            "logger_class": _Logger,
            "when_ready": lambda server: self._ready(str(server.LISTENERS[0])),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until told to stop."""
        _Arbiter(self).run()

    def load(self) -> Producer:
        """Make the application; runs in each worker, so that no connection is shared between processes."""
        return self._make()


def serve(settings: ServerSettings, make: Callable[[], Producer], ready: Callable[[str], None]) -> None:
    """Serve until told to stop. Does not return: gunicorn ends the process.

    Args:
        settings: Where to listen, and with how many workers.
        make: Makes the WSGI application of one worker process.
        ready: Called once with the base address when connections are accepted.

    Raises:
        UnsafeParserError: The XML parser lets through what it must not.
    """
    check_parser()
    # What is loaded by now is there for good. No collection of garbage needs to walk it again, which would
    # hold up every call of a worker for some 60 ms.
    gc.freeze()
    _Server(settings, make, ready).run()
