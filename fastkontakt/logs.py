"""Logging: one event per line, key=value or JSON, on standard error.

Events are named in snake_case and listed in docs/logging.md. None carries a person number, a name or a
message.
"""

import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict

from fastkontakt.log_fields import in_common_schema
from fastkontakt.settings import LogSettings


def _without_empty(_: Any, __: str, event: EventDict) -> EventDict:
    """Leave out keys without a value, such as headers that did not come."""
    return {key: value for key, value in event.items() if value is not None}


def _without_exception_text(_: Any, __: str, event: EventDict) -> EventDict:
    """Keep the type of an exception that a library logs, not its text: it may quote personal data."""
    error = event.pop("exc_info", None)
    if error:
        kind = error[0] if isinstance(error, tuple) else sys.exc_info()[0]
        event["error"] = kind.__name__ if kind else None
    return event


_count: Callable[[str, str], None] | None = None


def count_events(count: Callable[[str, str], None]) -> None:
    """Have each event of ours counted from now on: its name and level. Libraries' messages have no names."""
    global _count
    _count = count


def _counted(_: Any, __: str, event: EventDict) -> EventDict:
    if _count is not None and event["event"] != "request_answered":  # which has metrics of its own
        _count(event["event"], event["level"])
    return event


class _Lines:
    """Writes each event as a line, for structlog. One that cannot be written stops nobody's answer."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        """Write a line at once, whole also where several threads write."""
        with suppress(OSError, ValueError):  # ValueError: the stream is closed
            self._stream.write(f"{line}\n")
            self._stream.flush()

    debug = info = warning = error = critical = write


def _renderer(form: str) -> Any:
    as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    if form == "json":
        return as_json
    if form == "ecs":
        return lambda logger, name, event: "\n".join(
            str(as_json(logger, name, line)) for line in in_common_schema(event)
        )
    return structlog.processors.LogfmtRenderer(
        key_order=["timestamp", "level", "event", "log_id"], drop_missing=True
    )


def configure(settings: LogSettings) -> None:
    """Send our events, and those of libraries that use logging, to standard error in one form.

    Ours go there directly: by way of logging an event costs three times as much, and each call has one.
    """
    shared: list[Any] = [
        _without_exception_text,
        _without_empty,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = _renderer(settings.format)
    lines = _Lines(sys.stderr)
    structlog.configure(
        processors=[*shared, _counted, renderer],
        logger_factory=lambda *_: lines,
        wrapper_class=structlog.make_filtering_bound_logger(settings.level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    for library in ("alembic", "sqlalchemy", "zeep", "urllib3", "gunicorn.error"):
        logging.getLogger(library).setLevel(logging.WARNING)
