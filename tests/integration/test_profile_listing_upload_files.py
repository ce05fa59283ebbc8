"""The profile listing-upload: files in every layout, and faulty rows that come back corrected."""

from datetime import date
from itertools import product
from pathlib import Path

import pytest

from mapping.loads.report import LoadReport
from mapping.sources.profile import load_profile
from mapping.sources.rejects import write_faulty
from mapping.sources.report import LoadState
from register.database import Register
from tests.integration.shipped import load_with, shipped, told
from tests.integration.upload_world import (
    AT_CENTRE,
    CENTRE,
    DORA,
    ERIC,
    GUS,
    HEADER,
    NAME,
    NO_DOCTOR,
    STRANGER,
    contacts,
    key,
    prepare,
    row,
)
from tests.records import TODAY

pytestmark = pytest.mark.parametrize("register", ["sqlite"], indirect=True)

ENCODINGS = {"utf-8": "utf-8", "bom": "utf-8-sig", "windows-1252": "cp1252"}
DELIMITERS = {"semicolon": ";", "comma": ",", "tab": "\t"}


@pytest.fixture(autouse=True)
def world(register: Register) -> None:
    """A register that has what the rows refer to."""
    prepare(register)


def load_text(
    register: Register, folder: Path, *lines: str, name: str = "fil.csv", encoding: str = "utf-8"
) -> LoadReport:
    """Load a file of these lines."""
    (folder / name).write_bytes("\r\n".join(lines).encode(encoding))
    return load_with(NAME, register, [folder / name])


@pytest.mark.parametrize(
    ("encoding", "delimiter", "header"),
    [(*pair, place % 2 == 0) for place, pair in enumerate(product(ENCODINGS, DELIMITERS))],
)
def test_layouts(register: Register, tmp_path: Path, encoding: str, delimiter: str, header: bool) -> None:
    """Nothing is said about separator, header and encoding, so they are found out."""
    lines = [*[HEADER] * header, row(AT_CENTRE[0], day="2026-02-17"), row(AT_CENTRE[1], ERIC)]
    lines = [line.replace(";", DELIMITERS[delimiter]) for line in lines]
    report = load_text(register, tmp_path, *lines, encoding=ENCODINGS[encoding])
    assert (report.state, told(report), report.files[0].rows) == (LoadState.LOADED, [], 2)
    # S001-046: read with whatever separator, header and encoding
    assert [(staff, start) for _, staff, _, start, _ in contacts(register)] == [
        (key(DORA), date(2026, 2, 17)),
        (key(ERIC), TODAY),
    ]


@pytest.mark.parametrize(
    "day", ["2026-02-17", "20260217", "17/02/2026", "17.02.2026", "17-02-2026", "2026/02/17"]
)
def test_dates(register: Register, tmp_path: Path, day: str) -> None:
    assert load_text(register, tmp_path, HEADER, row(AT_CENTRE[0], day=day)).state is LoadState.LOADED
    # S001-046: the day of the link
    assert [one[3] for one in contacts(register)] == [date(2026, 2, 17)]


@pytest.mark.parametrize("header", [True, False], ids=["header", "no-header"])
def test_the_date_may_be_left_out(register: Register, tmp_path: Path, header: bool) -> None:
    """The date is optional, and so is its column."""
    lines = [*[HEADER] * header, row(AT_CENTRE[0]), row(AT_CENTRE[1])]
    report = load_text(register, tmp_path, *(line.rpartition(";")[0] for line in lines))
    assert (report.state, told(report)) == (LoadState.LOADED, [])
    # S001-046: which may be left out, with its column
    assert [one[3] for one in contacts(register)] == [TODAY, TODAY]


def test_columns_in_any_order(register: Register, tmp_path: Path) -> None:
    header = "HSA-id läkare,Namn,Datum,Personnummer,HSA-id enhet"
    line = f"{DORA.hsa_id},Någon,,{AT_CENTRE[0]},{CENTRE.hsa_id}"
    assert load_text(register, tmp_path, header, line).state is LoadState.LOADED
    # S001-046: person, doctor and unit, whatever the order of the columns
    assert [one[:3] for one in contacts(register)] == [(AT_CENTRE[0], key(DORA), key(CENTRE))]


@pytest.mark.parametrize(("name", "state"), [("fil.CSV", LoadState.LOADED), ("fil.txt", LoadState.REFUSED)])
def test_only_csv(register: Register, tmp_path: Path, name: str, state: LoadState) -> None:
    # S001-048: a file of another kind is refused
    assert load_text(register, tmp_path, HEADER, row(AT_CENTRE[0]), name=name).state is state


@pytest.mark.parametrize("header", [True, False], ids=["header", "no-header"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_faulty_rows_corrected_and_loaded_again(
    register: Register, tmp_path: Path, header: bool, encoding: str
) -> None:
    """As they came, with a header and the message behind; corrected, the file loads as it is."""
    lines = [*[HEADER] * header, row(AT_CENTRE[0]), row(AT_CENTRE[1], STRANGER), row(AT_CENTRE[2], GUS)]
    refused = load_text(register, tmp_path, *lines, encoding=ENCODINGS[encoding])
    assert refused.files[0].faulty == 2
    faulty = write_faulty(refused.files[0], load_profile(shipped(NAME)), tmp_path / "faulty")
    assert faulty is not None
    text = faulty.read_text(encoding="utf-8-sig")
    assert text.count(NO_DOCTOR) == 2
    # S001-054: the faulty rows as they came
    assert [line.split(";")[:4] for line in text.splitlines()] == [
        line.split(";") for line in (HEADER, row(AT_CENTRE[1], STRANGER), row(AT_CENTRE[2], GUS))
    ]
    corrected = text.replace(str(STRANGER.hsa_id), str(DORA.hsa_id)).replace(
        str(GUS.hsa_id), str(ERIC.hsa_id)
    )
    report = load_text(register, tmp_path, corrected, name="rättad.csv")
    assert (report.state, told(report)) == (LoadState.LOADED, [])
    # S001-054: corrected, they load
    assert [one[:2] for one in contacts(register)] == [
        (AT_CENTRE[1], key(DORA)),
        (AT_CENTRE[2], key(ERIC)),
    ]
