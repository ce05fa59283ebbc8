"""The audit log under SIGKILL: each row that was acknowledged is there once, in the order of its process."""

import json
import random
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from pathlib import Path

from register import schema
from register.engine import audit_file
from tests.databases import audit_rows, file_of, opened
from tests.e2e.processes import Process, start, written
from tests.strength import sized

KILLS = sized(quick=3, full=40)
PROCESSES, THREADS = 2, 16
AT_LEAST = sized(quick=100, full=400)
SEED = 20261127
SECONDS = 60

WRITER = """
import json, os, threading
from register import audit
from register.audit import AuditEntry
from register.database import open_register
from register.settings import RegisterSettings

wanted = json.loads(os.environ["WANTED"])
register = open_register(RegisterSettings(url=wanted["url"]))

def work(thread):
    number = 0
    while True:
        name = f"{wanted['name']} {thread} {number}"
        audit.write(register, AuditEntry(name, "nobody", "GetListing", wanted["name"], "OK", hits=number))
        os.write(1, f"{name}\\n".encode())
        number += 1

for thread in range(wanted["threads"]):
    threading.Thread(target=work, args=(thread,)).start()
"""
"""Writes rows for ever in many threads, and says of each that it has been told that it is durable."""


def test_of_what_was_acknowledged_no_row_is_lost_or_there_twice(tmp_path: Path, empty_database: str) -> None:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    said: list[str] = []
    with opened(empty_database) as register, ExitStack() as stack:
        schema.upgrade(register)
        nowhere = stack.enter_context(tempfile.TemporaryFile())
        for kill in range(KILLS):
            outputs = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(PROCESSES)]
            writers: list[Process] = []
            try:
                for number, output in enumerate(outputs):
                    wanted = {"url": empty_database, "name": f"{kill} {number}", "threads": THREADS}
                    variables = {"WANTED": json.dumps(wanted)}
                    writers.append(
                        start(cwd=tmp_path, output=output, errors=nowhere, script=WRITER, variables=variables)
                    )
                give_up = time.monotonic() + SECONDS
                while min(written(one).count("\n") for one in outputs) < AT_LEAST:
                    assert time.monotonic() < give_up, written(nowhere)
                    time.sleep(0.01)
                time.sleep(chance.random() / 50)  # so that it comes anywhere in a write
            finally:
                for one in writers:
                    one.kill()
                    one.wait()
            # The last line may have been cut; then nobody has been told.
            said += [line for one in outputs for line in written(one).split("\n")[:-1]]
        if register.audit_files is not None:
            there = [audit_file(file_of(register), number).exists() for number in range(10)]
            assert sum(there) == PROCESSES  # however many have been started
        rows = audit_rows(register)
    times = Counter(row["log_id"] for row in rows)
    assert set(times.values()) == {1}
    assert set(said) <= set(times)
    # Whoever is killed leaves at most one row for each thread that nobody has been told of.
    assert len(rows) - len(said) <= KILLS * PROCESSES * THREADS
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        numbers[row["log_id"].rpartition(" ")[0]].append(row["hits"])
    assert len(numbers) == KILLS * PROCESSES * THREADS
    assert all(one == list(range(len(one))) for one in numbers.values())
    for process in {row["logical_address"] for row in rows}:
        own = [row["id"] for row in rows if row["logical_address"] == process]
        assert own == sorted(own)
