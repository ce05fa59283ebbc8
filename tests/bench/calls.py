"""GetListing asked at a steady rate over one kept connection: how quick answers are, and whether right."""

import http.client
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from urllib.parse import urlsplit

from lxml import etree

from tests.asking import result, values
from tests.bench.region import COUNTY, Row
from tests.messages import actor, envelope, path, person, request
from tests.wsgi import TEXT_XML

BEFORE, AFTER = "before", "after"
"""What an answer can be: of the register before the load, or after it."""


@dataclass
class Calls:
    """What became of calls.

    Attributes:
        milliseconds: From when each call was due until its answer was there: a late answer makes those after
            it late, too, as it would for callers who do not wait for one another.
        seen: `BEFORE` or `AFTER` of each call, or what was wrong with its answer.
    """

    milliseconds: list[float] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """Return the milliseconds that this share of the answers took at most."""
        return sorted(self.milliseconds)[ceil(len(self.milliseconds) * percent / 100) - 1]

    def wrong(self) -> list[str]:
        """Return what was wrong with answers, such as one of before the load that follows one of after it."""
        turned = self.seen.index(AFTER) if AFTER in self.seen else len(self.seen)
        return [one for one in self.seen if one not in (BEFORE, AFTER)] + [
            "an answer of before the load followed one of after it"
            for one in self.seen[turned:]
            if one == BEFORE
        ]


def call(base: str, rows: Sequence[Row], per_second: float, stop: Callable[[], bool]) -> Calls:
    """Call until told to stop, at least once.

    Args:
        base: Address of the service.
        rows: Current listings; their residents are asked about in turn.
        per_second: Calls to make each second.
        stop: Asked after every call.
    """
    calls = Calls()
    bodies = [
        envelope(
            request("GetListing", actor("CITIZEN", row.Personnummer), person("personId", row.Personnummer)),
            COUNTY,
        )
        for row in rows
    ]
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
    due = time.perf_counter()
    while True:
        number = len(calls.seen) % len(rows)
        time.sleep(max(0.0, due - time.perf_counter()))
        try:
            connection.request("POST", path("GetListing"), bodies[number], {"Content-Type": TEXT_XML})
            answer = connection.getresponse().read()
            calls.milliseconds.append((time.perf_counter() - due) * 1000)
            calls.seen.append(_seen(answer, rows[number]))
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            calls.milliseconds.append((time.perf_counter() - due) * 1000)
            calls.seen.append(f"no answer: {type(error).__name__}")
        due += 1 / per_second
        if stop():
            connection.close()
            return calls


def _seen(answer: bytes, row: Row) -> str:
    content = etree.fromstring(answer).find("{*}Body/*")
    assert content is not None
    code, _ = result(content)
    if code != "OK":
        return f"{etree.QName(content).localname} {code or content.findtext('faultstring')}"
    units, starts = (
        values(content, "listings/healthcareFacility/id"),
        values(content, "listings/validFromDate"),
    )
    if (units, starts) == ([], []):
        return BEFORE
    if (units, starts) == ([row.Enhet], [f"{row.Från}T00:00:00"]):
        return AFTER
    return "a listing that is not of the file"
