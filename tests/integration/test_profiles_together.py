"""The samples of all shipped profiles fit together: what a region can try before it has data of its own."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mapping.sources.report import LoadState, Severity
from register.database import Register
from tests.integration.shipped import listed_doctors, load_with, samples, shown_contacts
from tests.strength import QUICK

SQLITE_ALONE = QUICK

AFTER_THE_DIRECTORY = ("population-register", "home-care", "patient-card", "listing-upload", "database")


@pytest.mark.parametrize("directory", ["directory-csv", "directory-ldif"])
def test_all_samples(
    register: Register, directory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as database:
        database.executescript(samples("database")[0].read_text("utf-8"))
    monkeypatch.setenv("EHR_DATABASE_URL", f"sqlite:///{tmp_path / 'journal.sqlite3'}")
    faults = {}
    for name in (directory, *AFTER_THE_DIRECTORY):
        report = load_with(name, register, [] if name == "database" else samples(name))
        assert report.state is LoadState.LOADED, name
        faults[name] = [
            (one.line, one.column)
            for file in report.files
            for one in file.problems
            if one.severity is Severity.ERROR
        ]
    assert {name: found for name, found in faults.items() if found} == {
        "patient-card": [(3, "ansvarig"), (4, "ansvarig")]
    }
    assert listed_doctors(register, "199002222397") == [("SE2321000131-DEMOVC01", "Åsa Öberg")]
    assert shown_contacts(register, "194003189083") == [
        ("1", "Jörgen Mårtensson"),
        ("2", "Åsa Öberg"),
        ("3", "Lovisa Hjärpe"),
    ]
