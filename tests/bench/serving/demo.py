"""A register of the demo data, as ``fastkontakt serve --demo`` makes it, and the application of a worker."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import structlog

from fastkontakt import demo_data, logs
from fastkontakt.commands.serve import make_producer
from fastkontakt.settings import Settings, load
from fastkontakt.wiring import make_sender
from mapping.sources.report import LoadState
from producer.wsgi import Producer
from register.database import Register
from tests.bench.serving.request import MEDIA_TYPE, Request

SETTINGS = "fastkontakt.toml"


def demo_register(folder: Path, url: str | None = None) -> Settings:
    """Make a register of the demo data; write the settings to serve it with, and return them.

    Args:
        folder: Where the settings are written.
        url: The database; a SQLite file in the folder when left out.
    """
    file = folder / SETTINGS
    file.write_text(
        f"[database]\nurl = '{url or f'sqlite:///{folder}/register.sqlite3'}'\n[regions.14]\n[regions.17]\n"
        "[care_managers]\nsource_system_id = 'SE2321000131-FASTKONTAKT'\n",
        "utf-8",
    )
    settings = load(file)
    report = demo_data.prepare(settings)
    assert report.state is LoadState.LOADED
    return settings


@contextmanager
def application_of(settings: Settings) -> Iterator[tuple[Producer, Register]]:
    """Give the application of a worker, and its register; its log goes where a log costs what it must."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with Path(os.devnull).open("w") as nowhere:
        before, sys.stderr = sys.stderr, nowhere
        try:
            logs.configure(settings.log)
        finally:
            sys.stderr = before
        sender = make_sender(settings)
        try:
            yield make_producer(settings, sender), sender.register
        finally:
            sender.register.dispose()
            root.handlers = handlers  # what is logged after this goes where it went before
            root.setLevel(level)
            structlog.reset_defaults()


def call(application: Producer, request: Request) -> bytes:
    """Call an application as the server does, and return its answer."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": request.path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": MEDIA_TYPE,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
    }
    answered = application(environ, lambda status, headers: None)
    answer = b"".join(answered)
    close = getattr(answered, "close", None)
    if close is not None:
        close()
    return answer
