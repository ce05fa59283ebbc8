"""`fastkontakt changes follow` as its own process: lines come as they are written, until it is stopped."""

import json
import signal
import tempfile
import time
from pathlib import Path

from contracts.clock import swedish_now
from contracts.codes import PV
from listings.changes import ListingChanges
from listings.listing_log import Cause
from register import schema
from tests.databases import keep, opened
from tests.e2e.processes import start, written
from tests.records import ANNA, BO, COUNTY, PROVIDER, residents, unit

AT = unit("one")
SECONDS = 60


def test_lines_come_as_they_are_written_until_it_is_stopped(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'register.sqlite3'}"
    with (
        opened(url) as register,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
    ):
        schema.upgrade(register)
        keep(register, PROVIDER, AT, *residents(ANNA, BO))
        variables = {"FASTKONTAKT_DATABASE__URL": url}
        command = ("changes", "follow", "--since", "0", "--every", "0.05")
        process = start(*command, cwd=tmp_path, output=output, errors=errors, variables=variables)
        try:
            for number, one in enumerate((ANNA, BO), 1):
                with register.writing() as connection:
                    cause = Cause(source="CreateListing")
                    ListingChanges(connection, swedish_now(), {COUNTY: 3}, cause).join_queue(one, AT, PV.key)
                give_up = time.monotonic() + SECONDS
                while written(output).count("\n") < number:
                    assert time.monotonic() < give_up, written(errors)
                    time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
        finally:
            process.kill()
            process.wait()
        lines = [json.loads(line) for line in written(output).splitlines()]
    assert [(one["kind"], one["person_id"]) for one in lines] == [("queue_taken", ANNA), ("queue_taken", BO)]
