"""CreateListing: how many a second, and what reads beside it keep of their rate."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count, islice

from contracts.catalogue import by_name
from tests.bench import region
from tests.bench.serving.filled import asked, people
from tests.bench.serving.load import finished, started
from tests.bench.serving.request import Request
from tests.bench.serving.rounds import Measured, watched
from tests.bench.serving.servers import Server
from tests.messages import create_listing, envelope

CALLERS = 16
RESIDENTS = 20_000
PER_SECOND = {"sqlite": 100, "postgresql": 200}
"""CreateListings a second that are required, and that are made beside reads."""

_MOST_PER_SECOND = 600
_OF_AGE = "2005"
ALONE, WRITES, BESIDE, PACED = "reads alone", "writes alone", "reads beside writes", "writes beside reads"


def moves(number: int) -> list[Request]:
    """Return calls that each list another resident at another unit, and others for every number."""
    adults = (person for person in people(RESIDENTS) if person < _OF_AGE)
    units = len(region.UNITS)
    contract = by_name("CreateListing")
    return [
        Request(
            contract.name,
            contract.path,
            envelope(
                create_listing(person, region.UNITS[(place + 1 + number) % units].hsa_id), region.COUNTY
            ),
            b"resultCode>OK<",
        )
        for place, person in enumerate(adults)
    ]


def measure(server: Server, dialect: str, *, rounds: int, seconds: float) -> list[Measured]:
    """Measure, round after round: reads alone, writes alone, and both with as many writes as are required.

    Args:
        server: A service on a register of `RESIDENTS` without doctors, so that every change is answered OK
            and nothing else; its region allows any number of changes.
        dialect: Its database.
        rounds: How many rounds.
        seconds: For how long each part of a round lasts.
    """
    reading = replace(server, requests=asked("GetListing", RESIDENTS))
    found = {
        name: Measured(f"{server.name}: {name}", contract, CALLERS)
        for name, contract in (
            (ALONE, "GetListing"),
            (WRITES, "CreateListing"),
            (BESIDE, "GetListing"),
            (PACED, "CreateListing"),
        )
    }
    numbers = count()
    for _ in range(rounds):
        for name, one in ((ALONE, reading), (WRITES, _writing(server, next(numbers), seconds))):
            callers = started(one.address, one.messages(), connections=CALLERS, seconds=seconds)
            found[name].rounds.append(watched(one, callers))
        writing = _writing(server, next(numbers), seconds)
        pace = float(PER_SECOND[dialect])
        paced = started(
            writing.address, writing.messages(), connections=CALLERS, seconds=seconds, per_second=pace
        )
        callers = started(reading.address, reading.messages(), connections=CALLERS, seconds=seconds)
        found[BESIDE].rounds.append(watched(reading, callers))
        found[PACED].rounds.append(replace(found[BESIDE].rounds[-1], result=finished(paced)))
    return list(found.values())


def _writing(server: Server, number: int, seconds: float) -> Server:
    wanted: Sequence[Request] = moves(number)
    return replace(server, requests=tuple(islice(wanted, int(_MOST_PER_SECOND * seconds))))
