"""Nothing is answered, and nothing changed, that the audit log does not tell of (docs/adr/0025)."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text

from contracts.codes import PV
from producer import auditing
from producer.wsgi import Producer
from register.database import Register, is_answering
from register.engine import audit_file
from register.model import UnitListingType
from register.tables import audit as audit_table
from register.tables import listing as listing_table
from register.tables import listing_change
from tests.asking import get_listing
from tests.contract.listing_cases.case import create_body
from tests.databases import audit_rows, file_of, keep
from tests.frozen import served_impatiently
from tests.messages import actor, envelope, path, person, request
from tests.producers import CENTRE, SMALL_REGION, make_producer
from tests.records import ANNA, COUNTY, hsa, unit
from tests.wsgi import Response, post

OTHER = unit("other")
NOWHERE = hsa("nowhere")
READ = envelope(request("GetListing", actor(), person("personId", ANNA)), COUNTY)
WISH = create_body({"resident": ANNA, "facility": OTHER.hsa_id})
ON_SQLITE = pytest.mark.parametrize("register", ["sqlite"], indirect=True)
A_FAULT_SECONDS = 15
"""Far more than a call waits for its row, for a busy machine, and less than the 20 s of before."""


@pytest.fixture
def served(register: Register) -> Iterator[Register]:
    """A register as it is served, with a resident who is listed and a unit to choose."""
    keep(register, *SMALL_REGION, OTHER, UnitListingType(OTHER.hsa_id, PV.code, PV.system))
    with served_impatiently(register) as calls:
        yield calls


def create(app: Producer) -> Response:
    return post(app, path("CreateListing"), WISH)


def fault(response: Response) -> str:
    assert response.status == 500, response.body
    return response.fault[1][:5]


def listed_at(register: Register) -> list[str]:
    current = select(listing_table.c.unit_key).where(listing_table.c.valid_to.is_(None))
    with register.reading() as connection:
        return [one.text.lower() for one in connection.scalars(current)]


def outcomes(register: Register) -> list[str]:
    return [row["outcome"] for row in audit_rows(register)]


@contextmanager
def audit_locked(register: Register) -> Iterator[None]:
    """Have another program hold the audit log, as one that copies it does."""
    with ExitStack() as stack:
        if register.audit_files is None:
            connection = stack.enter_context(register.engine.connect())
            connection.execute(text("LOCK TABLE audit IN ACCESS EXCLUSIVE MODE"))
        else:
            other = sqlite3.connect(audit_file(file_of(register)), isolation_level=None)
            stack.enter_context(closing(other))
            other.execute("BEGIN IMMEDIATE")
        yield


def test_a_change_and_its_row_are_one(register: Register, served: Register) -> None:
    app = make_producer(served)
    assert create(app).result[0] == "INFO"  # it tells that the doctor went with the listing
    expected = ["INFO"] if served.audit_files is None else ["INTENDED", "INFO"]
    # S000-005: on PostgreSQL one row in the change's own commit; on SQLite one before it, and one after
    assert outcomes(register) == expected
    assert len({row["log_id"] for row in audit_rows(register)}) == 1
    get_listing(app)
    assert outcomes(register) == [*expected, "OK"]


def test_what_is_refused_has_the_row_of_its_outcome(register: Register, served: Register) -> None:
    nowhere = create_body({"resident": ANNA, "facility": NOWHERE})
    code, _ = post(make_producer(served), path("CreateListing"), nowhere).result
    assert code == "ERROR"
    assert outcomes(register)[-1] == "ERROR"


def test_no_change_without_a_log_to_write_to(register: Register, served: Register) -> None:
    app = make_producer(served)
    get_listing(app)
    with audit_locked(register):
        began = time.monotonic()
        assert fault(create(app)) == "FK504"
        assert time.monotonic() - began < A_FAULT_SECONDS
        assert fault(post(app, path("GetListing"), READ)) == "FK504"
        assert not is_answering(served)
    assert listed_at(register) == [str(CENTRE.hsa_id).lower()]
    with register.reading() as connection:
        assert connection.execute(select(listing_change)).all() == []
    assert is_answering(served)
    assert create(app).result[0] == "INFO"  # it tells that the doctor went with the listing
    assert listed_at(register) == [str(OTHER.hsa_id).lower()]


def test_who_is_killed_between_leaves_what_was_intended(
    register: Register, served: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a signal: no handler runs that could write more."""

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(auditing, "changed", killed)
        with pytest.raises(SystemExit):
            create(make_producer(served))
    assert listed_at(register) == [str(CENTRE.hsa_id).lower()]
    assert outcomes(register) == ([] if served.audit_files is None else ["INTENDED"])


def test_a_change_that_fails_at_its_commit_says_so(
    register: Register, served: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def failing() -> Iterator[object]:
        with served.engine.connect() as connection:
            yield connection
            raise OSError("disk full")

    app = make_producer(served)
    with monkeypatch.context() as patch:
        patch.setattr(served, "writing", failing)
        assert fault(create(app)) == "FK501"
    assert outcomes(register)[-1:] == ["FAULT"]
    assert listed_at(register) == [str(CENTRE.hsa_id).lower()]


@ON_SQLITE
@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
def test_a_file_of_the_log_that_goes_while_it_is_served(
    register: Register, served: Register, how: str, tmp_path: Path
) -> None:
    app = make_producer(served)
    get_listing(app)
    file = audit_file(file_of(register))
    kept = tmp_path / "kept.sqlite3"
    file.rename(kept) if how == "moved" else file.unlink()
    if how == "replaced":
        sqlite3.connect(file).close()
        file.touch()
    for _ in range(5):
        assert fault(post(app, path("GetListing"), READ)) == "FK504"
        assert fault(create(app)) == "FK504"
    assert not is_answering(served)
    assert listed_at(register) == [str(CENTRE.hsa_id).lower()]
    assert file.exists() == (how == "replaced")  # nobody has made an empty one in its place
    if how == "moved":
        kept.rename(file)
        get_listing(app)
        assert is_answering(served)
        assert outcomes(register) == ["OK", "OK"]


@ON_SQLITE
@pytest.mark.parametrize("how", ["deleted", "replaced"])
@pytest.mark.breaks_the_register
def test_a_register_that_goes_while_it_is_served(
    register: Register, served: Register, how: str, tmp_path: Path
) -> None:
    app = make_producer(served)
    get_listing(app)
    file = file_of(register)
    kept = tmp_path / "kept.sqlite3"
    file.rename(kept)
    if how == "replaced":
        file.write_bytes(kept.read_bytes())
    for _ in range(3):
        assert fault(post(app, path("GetListing"), READ)) == "FK502"
        assert fault(create(app)) in ("FK502", "FK504")
    assert not is_answering(served)
    assert file.exists() == (how == "replaced")
    kept.rename(file)
    get_listing(app)
    assert is_answering(served)
    assert create(app).result[0] == "INFO"  # it tells that the doctor went with the listing


@ON_SQLITE
@pytest.mark.breaks_the_register
def test_a_register_that_goes_while_a_call_reads_it(register: Register, served: Register) -> None:
    """What was read of it is not told, as the audit row is looked after at the same time."""
    app = make_producer(served)
    get_listing(app)
    before = len(outcomes(register))
    with served.reading() as connection:
        connection.execute(text("SELECT 1 FROM resident"))
        file_of(register).rename(file_of(register).with_name("elsewhere"))
        assert fault(post(app, path("GetListing"), READ)) == "FK502"
    file_of(register).with_name("elsewhere").rename(file_of(register))
    assert len(outcomes(register)) == before


def test_the_row_of_a_read_is_what_it_was(register: Register, served: Register) -> None:
    get_listing(make_producer(served))
    with register.reading_audit() as connection:
        assert connection.execute(select(audit_table.c.outcome, audit_table.c.hits)).all() == [("OK", 1)]
