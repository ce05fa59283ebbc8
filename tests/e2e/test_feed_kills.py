"""The feed of changes under SIGKILL: of what was committed no line is lost, and none is out of order."""

import json
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from sqlalchemy import select

from contracts.clock import swedish_now
from register import schema
from register.tables import change_feed
from tests.databases import keep, opened
from tests.e2e.processes import Process, start, written
from tests.feed_consumer import Consumer, agrees
from tests.people import people
from tests.records import COUNTY, PROVIDER, doctor, residents, unit, works_at
from tests.strength import sized

KILLS = sized(quick=6, full=40)
WRITERS = 2
EACH = 3
SEED = 20260301
SECONDS = 60

UNITS = (unit("one"), unit("two"))
DORA = doctor("dora")

WRITER = """
import json, os, time
from contracts.clock import swedish_now
from contracts.codes import PV
from contracts.identifiers import HsaId
from listings.changes import ListingChanges
from listings.listing_log import Cause
from register.database import open_register
from register.directory import find_unit
from register.residents import find_resident
from register.settings import RegisterSettings

wanted = json.loads(os.environ["WANTED"])
register = open_register(RegisterSettings(url=wanted["url"], busy_timeout_seconds=60))
step = wanted["first"]
while True:
    for one in wanted["people"]:
        with register.writing() as connection:
            at = find_unit(connection, HsaId(wanted["units"][step % 2]))
            cause = Cause(source=f"step {step}")
            changes = ListingChanges(connection, swedish_now(), {wanted["county"]: 1000000}, cause)
            person = find_resident(connection, one)
            changes.list_resident(person, at, PV.key, doctor=HsaId(wanted["doctor"]))
            changes.finish()
        os.write(1, f"{one} {step}\\n".encode())
        time.sleep(0.005)  # SQLite lets the other writer in only when it happens to ask
    step += 1
"""
"""Lists its people here and there for ever, and says so after each commit."""


def test_of_what_was_committed_no_line_is_lost_or_out_of_order(tmp_path: Path, empty_database: str) -> None:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    everybody = people(WRITERS * EACH)
    own = [everybody[at : at + EACH] for at in range(0, len(everybody), EACH)]
    said: dict[str, list[int]] = {one: [] for one in everybody}
    with opened(empty_database) as register, ExitStack() as stack:
        schema.upgrade(register)
        keep(register, PROVIDER, *UNITS, DORA, *(works_at(DORA, at) for at in UNITS), *residents(*everybody))
        consumer = Consumer(register, swedish_now())
        nowhere = stack.enter_context(tempfile.TemporaryFile())
        for kill in range(KILLS):
            outputs = [stack.enter_context(tempfile.TemporaryFile()) for _ in own]
            writers = [
                _writer(tmp_path, empty_database, some, 1_000_000 * (kill + 1), output, nowhere)
                for some, output in zip(own, outputs, strict=True)
            ]
            try:
                _wait(outputs, chance.randrange(3, 20), consumer, nowhere)
                time.sleep(chance.random() / 50)  # so that it comes anywhere in a write
            finally:
                for one in writers:
                    one.kill()
                    one.wait()
            for line in "".join(map(written, outputs)).splitlines():
                who, _, step = line.partition(" ")
                said[who].append(int(step))
        with register.writing():  # after whatever the database still does for who was killed
            pass
        agrees(consumer, swedish_now())
        with register.reading() as connection:
            lines = connection.execute(select(change_feed).order_by(change_feed.c.position)).all()
    assert sum(map(len, said.values())) > KILLS
    for who, steps in said.items():
        found = [int(one.cause.partition(" ")[2]) for one in lines if one.person_id == who]
        assert found == sorted(found)
        assert set(steps) <= set(found)
        # What was committed and not said any more: one step for each kill at most.
        assert len(set(found) - set(steps)) <= KILLS


def _writer(
    folder: Path, url: str, some: list[str], first: int, output: IO[bytes], errors: IO[bytes]
) -> Process:
    wanted = {
        "url": url,
        "people": some,
        "units": [str(one.hsa_id) for one in UNITS],
        "doctor": str(DORA.hsa_id),
        "county": COUNTY,
        "first": first,
    }
    variables = {"WANTED": json.dumps(wanted)}
    return start(cwd=folder, output=output, errors=errors, script=WRITER, variables=variables)


def _wait(outputs: Sequence[IO[bytes]], more: int, consumer: Consumer, errors: IO[bytes]) -> None:
    """Follow the feed until every writer has said so much."""
    give_up = time.monotonic() + SECONDS
    while min(written(one).count("\n") for one in outputs) < more:
        consumer.read(most=5)
        assert time.monotonic() < give_up, written(errors)
