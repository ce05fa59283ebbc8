"""Metrics of the calls, by Prometheus' own client, of all worker processes together.

The client keeps the figures of several processes in files of one folder, which it finds by an environment
variable when it is loaded. So this module is loaded in the worker that uses it, after `prepare`.

No label holds what a caller has sent: a contract or consumer that is not known here is ``other``.
"""

import os
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.catalogue import CONTRACTS
from producer.service import ServedRequest

if TYPE_CHECKING:
    pass

_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

OTHER = "other"
"""Label of what is not known here."""

NONE = "none"
"""Label of what did not come."""

_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 30)
"""Seconds. The contracts' own limits are among them: 1 s in carelisting, 3 s in GetCareManagers (SLA)."""

_MOST_NOTED = 100_000
"""Requests that are noted and not yet counted: far more than come in the half second between two counts."""

_CONTRACTS = frozenset(contract.name for contract in CONTRACTS) | {"changes"}


COUNTED = {
    "fastkontakt_requests_total": "Requests answered, by contract, consumer and outcome.",
    "fastkontakt_request_seconds": "How long answering took, from when the request was read, by contract.",
    "fastkontakt_refusals_total": "Requests answered with a Fault, by its code.",
    "fastkontakt_log_events_total": "Events in the log, by name and level.",
    "fastkontakt_database_connections": "Connections to the database in use, of all worker processes.",
    "fastkontakt_workers": "Worker processes that have been ready to answer.",
}
"""Metrics that the processes count, and what each is."""

READ = {
    "fastkontakt_info": "1; the labels are the versions of the program and of the register's tables.",
    "fastkontakt_part_ready": "Whether a part of the service is fit to answer calls (1), or not (0).",
    "fastkontakt_part_late": "Whether somebody must see to a part that is fit all the same (1).",
    "fastkontakt_certificate_days": "Days that a certificate is still valid, by the setting that names it.",
    "fastkontakt_outgoing_age_seconds": "How long the oldest of what goes out has waited: a message since it "
    "was written, a post since it could have gone.",
    "fastkontakt_outgoing_waiting": "How much waits to go out; counted up to 10 000.",
    "fastkontakt_outgoing_parked": "How much waits for somebody to repair something; up to 10 000.",
    "fastkontakt_outgoing_region_age_seconds": "How long the oldest message to a region has waited.",
    "fastkontakt_lease_seconds": "How long a piece of work is still somebody's if nothing more is heard of "
    "who does it; 0 or less: nobody does it.",
    "fastkontakt_load_end_timestamp_seconds": "When the last load of a source ended.",
    "fastkontakt_load_refused": "Whether the last load of a source was refused (1).",
    "fastkontakt_load_rows": "Rows of the files of a source's last load.",
    "fastkontakt_load_faulty_rows": "Rows of a source's last load that were faulty.",
}
"""Metrics that are read when they are asked for, and what each is."""

Reading = tuple[str, dict[str, str], float]
"""Name, labels and value of one of `READ`."""


def prepare() -> Path:
    """Make the folder for the figures of this process and those it forks; it goes when this process ends.

    Where systemd has a folder for it (RuntimeDirectory), rather than where old files are cleared away.
    """
    folder = Path(tempfile.mkdtemp(prefix="fastkontakt-metrics-", dir=os.environ.get("RUNTIME_DIRECTORY")))
    os.environ[_VARIABLE] = str(folder)
    if (values := sys.modules.get("prometheus_client.values")) is not None:
        # The client was loaded before, and counts for one process alone.
        vars(values)["ValueClass"] = values.get_value_class()
    return folder


def clear_away(folder: Path) -> None:
    """Remove the folder of `prepare`."""
    shutil.rmtree(folder, ignore_errors=True)


class Metrics:
    """The figures of this process; make one per process, after any fork.

    Args:
        consumers: HSA-ids of the consumers that have a label of their own.
    """

    def __init__(self, consumers: Collection[str]) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._consumers = {consumer.lower(): consumer for consumer in consumers}
        own = CollectorRegistry()
        self._requests = Counter(
            "fastkontakt_requests",
            COUNTED["fastkontakt_requests_total"],
            ("contract", "consumer", "outcome"),
            registry=own,
        )
        self._seconds = Histogram(
            "fastkontakt_request_seconds",
            COUNTED["fastkontakt_request_seconds"],
            ("contract",),
            buckets=_BUCKETS,
            registry=own,
        )
        self._refusals = Counter(
            "fastkontakt_refusals", COUNTED["fastkontakt_refusals_total"], ("code",), registry=own
        )
        self._events = Counter(
            "fastkontakt_log_events",
            COUNTED["fastkontakt_log_events_total"],
            ("event", "level"),
            registry=own,
        )
        self._pool = Gauge(
            "fastkontakt_database_connections",
            COUNTED["fastkontakt_database_connections"],
            registry=own,
            multiprocess_mode="livesum",
        )
        self._workers = Gauge(
            "fastkontakt_workers", COUNTED["fastkontakt_workers"], registry=own, multiprocess_mode="livesum"
        )
        self._workers.set(1)
        self._answered: deque[tuple[str | None, str | None, str, float]] = deque(maxlen=_MOST_NOTED)
        self._bound: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}

    def answered(self, exchange: ServedRequest, seconds: float) -> None:
        """Note a request that has been answered, for `count`: in the midst of a call that costs tenfold."""
        self._answered.append((exchange.contract, exchange.caller.consumer, exchange.outcome, seconds))

    def count(self) -> None:
        """Count what has been answered since; for one thread, several times a second."""
        while self._answered:
            self._count(*self._answered.popleft())

    def _count(self, contract: str | None, consumer: str | None, outcome: str, seconds: float) -> None:
        label = NONE if consumer is None else self._consumers.get(consumer.lower(), OTHER)
        known = contract if contract in _CONTRACTS else NONE
        key = (known, label, outcome)
        bound = self._bound.get(key)
        if bound is None:
            bound = self._bound[key] = (self._requests.labels(*key), self._seconds.labels(known))
        bound[0].inc()
        bound[1].observe(seconds)
        if outcome.startswith("FK"):
            self._refusals.labels(outcome).inc()

    def logged(self, event: str, level: str) -> None:
        """Count an event of ours in the log."""
        self._events.labels(event, level).inc()

    def pool(self, in_use: int) -> None:
        """Note how many connections to the database this process has in use."""
        self._pool.set(in_use)


def text_of(read: Callable[[], Iterator[Reading]]) -> bytes:
    """Return all metrics as Prometheus reads them.

    Args:
        read: Yields what is read rather than counted.
    """
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily
    from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

    for file in Path(os.environ[_VARIABLE]).glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not Path(f"/proc/{pid}").exists():
            mark_process_dead(pid)  # type: ignore[no-untyped-call]

    class Read:
        def collect(self) -> Iterator[GaugeMetricFamily]:
            families: dict[str, GaugeMetricFamily] = {}
            for name, labels, value in read():
                family = families.setdefault(name, GaugeMetricFamily(name, READ[name], labels=list(labels)))
                family.add_metric(list(labels.values()), value)
            yield from families.values()

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(Read())
    return generate_latest(registry)
