"""What an operator sees of a running service, put together: what is looked at, and what is counted."""

import atexit
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lxml import etree
from pydantic import BaseModel

from contracts.catalogue import CONTRACTS
from contracts.clock import utc_now
from contracts.schemas import Schemas
from fastkontakt import logs
from fastkontakt.console import out
from fastkontakt.settings import Settings
from mapping.loads.batches import BatchState, LastLoad, last_loads
from producer.monitoring import metrics
from producer.monitoring.endpoint import Endpoint, base_of, listen
from producer.monitoring.metrics import Metrics
from producer.monitoring.readiness import FINE, Finding, Fitness, Readiness
from producer.wsgi import Producer
from register import vitals
from register.database import Register
from register.vitals import Queue

_LOADS_SECONDS = 30.0
"""How long what is known of loads is good for: they are nightly."""

_COUNTY = re.compile("[0-9]{2}")


class Monitoring:
    """Health and metrics of a service. Make it before the workers are forked, and `start` it in each.

    Args:
        settings: All settings.

    Raises:
        producer.monitoring.endpoint.MonitoringError: The address cannot be had.
    """

    def __init__(self, settings: Settings, port: int) -> None:
        self._settings = settings
        self._listener: socket.socket = listen(settings.monitoring.host, port)
        folder, owner = metrics.prepare(), os.getpid()
        atexit.register(lambda: metrics.clear_away(folder) if os.getpid() == owner else None)

    def announce(self) -> None:
        """Print where health and metrics are."""
        base = base_of(self._listener)
        out.print(f"\n  health and metrics               {base}/health/ready\n  {'':<33}{base}/metrics")

    def counting(self) -> Metrics:
        """Return what counts the calls of this process, and the events of its log."""
        counting = Metrics(known_consumers(self._settings))
        logs.count_events(counting.logged)
        return counting

    def start(self, producer: Producer, register: Register, schemas: Schemas, counting: Metrics) -> None:
        """Answer in this process from now on."""
        seen = _Seen(self._settings, register, schemas)
        ready = Readiness(seen.checks())
        endpoint = Endpoint(
            self._listener,
            ready.look,
            lambda: metrics.text_of(lambda: seen.readings(ready.look())),
            lambda: producer.stopping,
        )
        pool: Any = register.reading_engine.pool

        def count() -> None:
            counting.count()
            counting.pool(pool.checkedout())

        endpoint.often(count)
        endpoint.start()


class _Seen:
    """Looks at the parts of the service, and keeps what it has seen for the metrics."""

    def __init__(self, settings: Settings, register: Register, schemas: Schemas) -> None:
        self._settings, self._register, self._schemas = settings, register, schemas
        self._posts = settings.index.logical_address is not None  # else nobody posts them
        self._certificates = certificate_files(settings)
        self._expiry: dict[str, datetime] = {}
        self._queue: Queue | None = None
        self._leases: Mapping[str, datetime] = {}
        self._loads: list[LastLoad] = []
        self._loads_read = -_LOADS_SECONDS
        self._revision = ""

    def checks(self) -> dict[str, Callable[[], Finding]]:
        """Return the parts, those of the database last: a frozen one would hide the others."""
        return {
            "schemas": self._look_at_schemas,
            "certificates": self._look_at_certificates,
            "tables": self._look_at_tables,
            "audit": self._look_at_audit,
            "outgoing": self._look_at_outgoing,
        }

    def _look_at_tables(self) -> Finding:
        self._queue = None  # what was seen before says nothing of now
        self._revision = vitals.check_tables(self._register)
        return FINE

    def _look_at_audit(self) -> Finding:
        vitals.check_audit(self._register)
        return FINE

    def _look_at_schemas(self) -> Finding:
        for contract in CONTRACTS:
            if not self._schemas.wsdl(contract).is_file():
                return Finding(Fitness.FAILED, f"schemas.path: the files of {contract.name} are gone")
        self._schemas.valid(CONTRACTS[0], etree.Element("x"))  # compiled, once for the thread
        return FINE

    def _look_at_certificates(self) -> Finding:
        self._expiry = {name: expiry(file) for name, file in self._certificates.items()}
        now = datetime.now(UTC)
        soon = now + timedelta(days=self._settings.monitoring.certificate_days)
        for fitness, limit in ((Fitness.FAILED, now), (Fitness.LATE, soon)):
            for name, end in self._expiry.items():
                if end <= limit:
                    return Finding(
                        fitness, f"{name}: the certificate is valid until {end:%Y-%m-%d %H:%M} UTC"
                    )
        return FINE

    def _look_at_outgoing(self) -> Finding:
        read_loads = time.monotonic() - self._loads_read >= _LOADS_SECONDS
        with self._register.reading() as connection:
            queue, leases = vitals.queue(connection), vitals.leases(connection)
            loads = last_loads(connection) if read_loads else self._loads
        if read_loads:
            self._loads, self._loads_read = loads, time.monotonic()
        self._queue, self._leases = queue, leases
        late = utc_now() - timedelta(minutes=self._settings.monitoring.late_minutes)
        if queue.parked and any(queue.parked.values()):
            return Finding(Fitness.LATE, "something is parked; see: fastkontakt outbox list, index status")
        if any(written < late for written in queue.oldest_message.values()):
            return Finding(Fitness.LATE, "a message to another region is late; see: fastkontakt outbox list")
        if self._posts and queue.post_due is not None and queue.post_due < late:
            return Finding(Fitness.LATE, "posts to the index are late; see: fastkontakt index status")
        return FINE

    def readings(self, found: Mapping[str, Finding]) -> Iterator[metrics.Reading]:
        """Yield what is read rather than counted."""
        yield "fastkontakt_info", {"version": version("fastkontakt"), "tables": self._revision}, 1
        for part, finding in found.items():
            yield "fastkontakt_part_ready", {"part": part}, finding.fitness is not Fitness.FAILED
            yield "fastkontakt_part_late", {"part": part}, finding.fitness is Fitness.LATE
        now = datetime.now(UTC)
        for name, end in self._expiry.items():
            yield "fastkontakt_certificate_days", {"setting": name}, (end - now) / timedelta(days=1)
        if found["outgoing"].fitness is not Fitness.FAILED and self._queue is not None:
            yield from self._outgoing(self._queue)
            yield from self._last_loads()

    def _outgoing(self, queue: Queue) -> Iterator[metrics.Reading]:
        now = utc_now()
        waiting = {"message": queue.messages} | ({"post": queue.posts} if self._posts else {})
        since = {"message": min(queue.oldest_message.values(), default=now), "post": queue.post_due or now}
        for kind in waiting:
            yield "fastkontakt_outgoing_age_seconds", {"kind": kind}, _seconds(now - since[kind])
            yield "fastkontakt_outgoing_waiting", {"kind": kind}, waiting[kind]
            yield "fastkontakt_outgoing_parked", {"kind": kind}, queue.parked.get(kind, 0)
        for address, written in queue.oldest_message.items():
            county = address if _COUNTY.fullmatch(address) else metrics.OTHER
            yield "fastkontakt_outgoing_region_age_seconds", {"county": county}, _seconds(now - written)
        for work in _works(self._settings):
            left = self._leases.get(work, now) - now
            yield "fastkontakt_lease_seconds", {"work": work}, left.total_seconds()

    def _last_loads(self) -> Iterator[metrics.Reading]:
        for load in self._loads:
            labels = {"source": load.source}
            ended = load.finished_at.replace(tzinfo=UTC).timestamp()
            yield "fastkontakt_load_end_timestamp_seconds", labels, ended
            yield "fastkontakt_load_refused", labels, load.state is BatchState.REFUSED
            yield "fastkontakt_load_rows", labels, load.rows
            yield "fastkontakt_load_faulty_rows", labels, load.faulty


def _seconds(age: timedelta) -> float:
    return max(0.0, age.total_seconds())  # clocks of several machines may differ


def known_consumers(settings: Settings) -> frozenset[str]:
    """Return the HSA-ids of the consumers that the settings name: each is a label of its own in metrics."""

    def named(section: Any) -> Iterator[str]:
        if isinstance(section, Mapping):
            for key, value in section.items():
                if str(key).endswith("consumers"):
                    yield from map(str, value)
                else:
                    yield from named(value)
        elif isinstance(section, list | tuple):
            for one in section:
                yield from named(one)

    return frozenset(named(settings.access.model_dump()))


def certificate_files(settings: BaseModel, prefix: str = "") -> dict[str, Path]:
    """Return the file of every certificate that the settings name, by the setting's key."""
    found: dict[str, Path] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, Path) and name.endswith("certificate"):
            found[prefix + name] = value
        elif isinstance(value, BaseModel):
            found |= certificate_files(value, f"{prefix}{name}.")
    return found


def expiry(file: Path) -> datetime:
    """Return when the first certificate of a PEM file ends, UTC.

    Raises:
        register.vitals.UnfitError: It cannot be read, or holds none.
    """
    # Here, and not above: most installations let a proxy end TLS.
    from cryptography.x509 import load_pem_x509_certificate

    try:
        return load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    except OSError as error:
        raise vitals.UnfitError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise vitals.UnfitError(f"{file}: holds no certificate in PEM") from None


def _works(settings: Settings) -> list[str]:
    """Return the pieces of work that one of the processes must do, by the names of their leases."""
    works = ["messages"] if settings.regions else []
    return works + (["posts"] if settings.index.logical_address is not None else [])
