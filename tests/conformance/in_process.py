"""The demo, asked in this process: a producer to test the tester on, quick enough to be broken often.

What a producer that changes nothing has answered is kept: a mutation alters answers, so a run against a
broken producer costs the altering and the looking alone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from consumer.conformance.carrier import Carrier
from consumer.conformance.data import CaseData, read_data
from consumer.conformance.session import Session
from consumer.conformance.writing import Writer
from consumer.results import Exchange, NoAnswer
from contracts.catalogue import Contract
from contracts.clock import swedish_now
from contracts.schemas import built_in
from fastkontakt.demo_data import FOLDER, PROFILE, demo_settings
from mapping.loads.pipeline import load
from mapping.sources.profile import load_profile
from producer.service import Service
from producer.wsgi import Producer
from register import schema
from register.database import Register
from tests.databases import opened, opened_copy

DATA = FOLDER / "conformance.toml"
ADDRESS = "http://producer.test"


class Asked(NamedTuple):
    """A request, as it came to a producer."""

    contract: Contract
    body: bytes
    headers: Mapping[str, str]
    method: str


@cache
def demo_data() -> CaseData:
    """Return the data file that ships for the demo."""
    return read_data(DATA)


@cache
def writer() -> Writer:
    """Return the one writer of requests: it reads the WSDLs once."""
    return Writer(built_in())


class WsgiCarrier:
    """Takes requests to a WSGI application in this process."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def send(
        self,
        contract: Contract,
        body: bytes,
        headers: Mapping[str, str],
        *,
        method: str = "POST",
        chunked: bool = False,
    ) -> Exchange | NoAnswer:
        """Call the application as a server does."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": contract.path,
            "QUERY_STRING": "",
            "SERVER_NAME": "producer.test",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        if chunked:
            environ |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        else:
            environ["CONTENT_LENGTH"] = str(len(body))
        started: list[Any] = []

        def start(status: str, response_headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            started.extend((int(status.split()[0]), dict(response_headers)))
            return lambda _: None

        answer = b"".join(self._app(environ, start))
        return Exchange(ADDRESS + contract.path, dict(headers), body, 0.01, started[0], started[1], answer)

    def another(self) -> Carrier:
        """Return itself: the application takes calls at the same time."""
        return self


class Remembering:
    """Asks a producer what it has not been asked before, where nothing changes it."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._kept: dict[object, Exchange | NoAnswer] = {}

    def send(
        self,
        contract: Contract,
        body: bytes,
        headers: Mapping[str, str],
        *,
        method: str = "POST",
        chunked: bool = False,
    ) -> Exchange | NoAnswer:
        """Return what was answered before, if it was asked."""
        key = (contract.name, body, tuple(headers.items()), method, chunked)
        if key not in self._kept:
            self._kept[key] = self._carrier.send(contract, body, headers, method=method, chunked=chunked)
        return self._kept[key]

    def another(self) -> Carrier:
        """Return itself."""
        return self


def make_template(path: Path) -> Path:
    """Load the demo into a SQLite file."""
    with opened(f"sqlite:///{path}") as register:
        schema.upgrade(register)
        load(register, load_profile(PROFILE), sorted(FOLDER.glob("*.csv")), today=swedish_now().date())
    return path


@contextmanager
def demo(template: Path) -> Iterator[WsgiCarrier]:
    """Open a copy of the demo, and yield what takes requests to it."""
    with opened_copy(template) as register:
        yield WsgiCarrier(demo_producer(register))


def demo_producer(register: Register, **changes: Any) -> Producer:
    """Return the demo's producer, with some settings changed."""
    settings = demo_settings(None).model_copy(update=changes)
    return Producer(Service(settings, register, version="1.2.3"))


def session(carrier: Carrier, *, data: CaseData | None = None, write: bool = False) -> Session:
    """Return a run to be made."""
    return Session(carrier, writer(), built_in(), data or demo_data(), write)


NOW = datetime(2026, 11, 27, 12, 0)
