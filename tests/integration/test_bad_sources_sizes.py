"""Sources that are large or have large values: memory, reports and answers keep within bounds."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.letters import nfc
from mapping.sources.cells import visible
from mapping.sources.report import KEPT_PROBLEMS
from register import tables
from tests.asking import care_managers, get_listing, values
from tests.integration.bad_sources import Place, errors, good, place
from tests.integration.contact_commands import done
from tests.integration.shipped import rows
from tests.producers import CENTRE, make_producer
from tests.records import ANNA, BO, COUNTY, PROVIDER
from tests.strength import QUICK, sized

SQLITE_ALONE = QUICK

__all__ = ["place"]

ROWS = sized(quick=30_000, full=60_000)

sqlite_only = pytest.mark.parametrize("register", ["sqlite"], indirect=True)

MEASURE = """
import resource, sys
from datetime import date
from pathlib import Path
from sqlalchemy import create_engine
from mapping.sources.feeds import plan
from mapping.sources.profile import load_profile
from mapping.sources.report import FileReport
from mapping.sources.row_mapper import row_mapper

profile, file = map(Path, sys.argv[1:])
(feed,) = plan(load_profile(profile), [file])
(report,) = feed.reports
records = 0
with feed.opened(report) as table:
    mapper = row_mapper(feed.sections[0], table, today=date(2026, 3, 10), check_digits=True, directory=None)
    for row in table.rows:
        records += sum(1 for _ in mapper.records(row, report))
print(records, report.errors, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
"""Reads and maps a file, and prints records, errors and the most memory it had, in KiB."""

_PROFILE = """
[profile]
name = "many"
title = "Many"
[[file]]
name = "many*"
record = "listing"
[file.fields]
id = "ID"
person_id = "PNR"
unit = "UNIT"
code = { constant = "PV" }
code_system = { constant = "1.2.752.129.5.1.27" }
valid_from = "FROM"
"""


def _peak(profile: Path, file: Path) -> tuple[int, int, int]:
    printed = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", MEASURE, str(profile), str(file)], capture_output=True, text=True, check=True
    )
    records, faults, memory = map(int, printed.stdout.split())
    return records, faults, memory


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Of many more rows less than 40 bytes each stay, while a row and its record take a thousand."""
    profile = tmp_path / "many.toml"
    profile.write_text(_PROFILE, "utf-8")
    peaks = []
    for number in (ROWS, 3 * ROWS):
        file = tmp_path / f"many{number}.csv"
        with file.open("w", encoding="utf-8") as out:
            out.write("ID;PNR;UNIT;FROM\n")
            for row in range(number):
                out.write(f"L{row};{BO};{CENTRE.hsa_id};2020-01-{row % 28 + 1:02}\n")
        records, faults, memory = _peak(profile, file)
        assert (records, faults) == (number, 0)
        peaks.append(memory)

    assert (peaks[1] - peaks[0]) * 1024 < 2 * ROWS * 40


@sqlite_only
def test_thousands_of_faulty_rows(place: Place) -> None:
    """The report keeps the first of them and counts the others; the file of faulty rows has them all."""
    number = sized(quick=5_000, full=30_000)
    file = place.folder / "contacts.csv"
    head, row = (";".join(cells) for cells in (good(), good(BO, DAY="2026-02-30").values()))
    file.write_text(f"{head}\n" + f"{row}\n" * number, "utf-8")
    report = place.folder / "report.json"

    result = place.load(place.profile("delimited"), file, options=["--report", str(report)])

    assert result.exit_code == 1
    content = json.loads(report.read_text("utf-8"))["files"][0]
    assert (content["rows"], content["faulty"], content["errors"]) == (number, number, number)
    assert len(content["problems"]) == KEPT_PROBLEMS
    assert [group["number"] for group in content["groups"]] == [number]
    assert report.stat().st_size < 300_000
    assert len(errors(result)) == 20
    assert len(result.output) < 10_000
    with (place.folder / "contacts.faulty.csv").open(encoding="utf-8") as faulty:
        assert sum(1 for _ in faulty) == number + 1


@sqlite_only
def test_a_cell_with_thousands_of_faulty_values(place: Place) -> None:
    """What is written about one row can be read again: cells have at most 131 072 characters there."""
    profile = place.profile(
        "delimited",
        ('name = "*.csv"', 'name = "*.csv"\neach = { column = "STAFF", separator = "|" }'),
    )
    file = place.file("delimited", [good(STAFF="|".join(f"x{number}" for number in range(5000)))])

    place.refuse(profile, file)
    again = place.refuse(profile, place.folder / "contacts.faulty.csv")

    assert errors(again)[0].startswith("contacts.faulty.csv, line 2, column STAFF: 'x0': not an HSA-id")


NAMES = {
    "long": "Lång" * 2500,
    "astral": "\U0001f600\U00020000",
    "combining": "e" + "\u0301" * 300,
    "right to left": "\u202eאבג\u202c",
    "markup": "<b>&amp; ]]> <!-- \"'",
    "tab and break": "a\tb\nc",
    "last letters": "\ufffd\U0010fffd",
    "marks": "x\ufeff\u200d\u00ad",
}

STAFF = """
[profile]
name = "names"
title = "Names"
[[file]]
name = "units*"
record = "unit"
fields = { hsa_id = "ID", name = "NAME", provider = "PROVIDER", county = "COUNTY", visiting_address = "NAME" }
[[file]]
name = "staff*"
record = "staff"
fields = { hsa_id = "ID", given_name = "NAME", surname = "NAME", title = "NAME" }
[[file]]
name = "contacts*"
record = "fixed_contact"
[file.fields]
person_id = "PNR"
type_code = "TYPE"
staff = "STAFF"
unit = "UNIT"
valid_from = "DAY"
external_notes = "NAME"
reason = "NAME"
appointed_by = "NAME"
"""


def test_answers_stay_valid_whatever_texts_a_source_brings(place: Place) -> None:
    """`tests.wsgi.post` holds every answer against its schema."""
    profile = place.folder / "names.toml"
    profile.write_text(STAFF, "utf-8")
    tables_of: dict[str, list[tuple[str, ...]]] = {
        "units": [("ID", "NAME", "PROVIDER", "COUNTY")],
        "staff": [("ID", "NAME")],
        "contacts": [("PNR", "TYPE", "STAFF", "UNIT", "DAY", "NAME")],
    }
    for number, name in enumerate(NAMES.values()):
        unit, nurse = f"SE2321000131-u{number}", f"SE2321000131-n{number}"
        tables_of["units"].append((unit, name, str(PROVIDER.hsa_id), COUNTY))
        tables_of["staff"].append((nurse, name))
        tables_of["contacts"].append((ANNA, "1", nurse, unit, "2026-01-01", name))
    files = []
    for stem, lines in tables_of.items():
        files.append(place.folder / f"{stem}.csv")
        with files[-1].open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows(lines)

    done("import", str(profile), *map(str, files))

    app = make_producer(place.register)
    found = [value for one in care_managers(app, ANNA) for value in values(one, "practitioner/name")]
    stored = {surname for (surname,) in rows(place.register, tables.staff, "surname")}
    for name in NAMES.values():
        expected = " ".join(visible(nfc(name)).split())
        assert any(expected in one for one in found)
        assert expected in stored
    get_listing(app, ANNA)


@pytest.mark.parametrize("column", ["id", "code"])
def test_a_code_that_is_too_long_for_a_key_is_refused(place: Place, column: str) -> None:
    """PostgreSQL takes some 2700 bytes in a key, and would end the load without a line."""
    profile = place.folder / "types.toml"
    profile.write_text(
        '[profile]\nname = "t"\ntitle = "T"\n[[file]]\nname = "t*"\nrecord = "team"\n'
        'fields = { id = "ID", id_root = "ROOT", name = "NAME", unit = "UNIT" }\n',
        "utf-8",
    )
    longest, beyond = "Å" * 255, "Å" * 256
    file = place.folder / "t.csv"
    for text, code in ((longest, 0), (beyond, 1)):
        cells = (text, "1.2") if column == "id" else ("1", text)
        file.write_text(f"ID;ROOT;NAME;UNIT\n{';'.join(cells)};Team;{CENTRE.hsa_id}\n", "utf-8")
        result = place.load(profile, file)
        assert result.exit_code == code, result.output
    assert "a code or id has at most 255 characters" in errors(result)[0]
    assert beyond not in result.output
