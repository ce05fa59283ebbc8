"""Corrected files of faulty rows: additions, because of which nothing vanishes, loaded when asked alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from mapping.loads import pipeline
from mapping.loads.report import LoadReport
from mapping.sources.report import LoadState
from register.database import Register
from register.tables import fixed_contact
from tests.databases import keep
from tests.integration.bad_sources import EVERYBODY, Place, errors, good, place
from tests.integration.contact_commands import run
from tests.integration.shipped import contents, rows
from tests.records import ANNA, BO, CLARA, DAN, NOW, PROVIDER, hsa, residents, unit
from tests.sources import FIELDS, Source, dump, problems

__all__ = ["place"]

sqlite_only = pytest.mark.parametrize("register", ["sqlite"], indirect=True)

FULL = ('"refuse"', '"skip"\npolicy = "full"\nbrake = 10')


def active(place: Place) -> set[str]:
    found = rows(place.register, fixed_contact, "person_id", "valid_to", "loaded_from")
    return {person for person, end, file in found if end is None and file is not None}


def correct(file: Path) -> None:
    """Give the faulty row a date that exists."""
    if file.suffix == ".xlsx":
        book = load_workbook(file)
        for cell in (cell for row in book.worksheets[0].iter_rows() for cell in row):
            cell.value = "2026-02-28" if cell.value == "2026-02-30" else cell.value
        book.save(file)
    else:
        file.write_bytes(file.read_bytes().replace(b"2026-02-30;", b"2026-02-28;"))


def corrected(place: Place, kind: str) -> tuple[Path, Path, Path]:
    """Load a whole file with a faulty row, and return the profile, the file and the corrected rows."""
    profile = place.profile(kind, FULL)
    file = place.file(kind, [good(BO), good(CLARA), good(DAN, DAY="2026-02-30")])
    assert place.load(profile, file).exit_code == 3
    faulty = file.with_stem("contacts.faulty")
    correct(faulty)
    return profile, file, faulty


@sqlite_only
@pytest.mark.parametrize("kind", ["delimited", "xlsx"])
def test_with_policy_full_the_rows_are_added_and_nothing_ends(place: Place, kind: str) -> None:
    """As docs/loads.md says; it used to say that all others had vanished, and to end them when told to."""
    profile, _, faulty = corrected(place, kind)

    result = place.load(profile, faulty)

    assert result.exit_code == 0, result.output
    assert "allow-vanished" not in result.output
    assert active(place) == set(EVERYBODY)
    before = contents(place.register)
    assert place.load(profile, faulty).exit_code == 0
    assert contents(place.register) == before
    night = place.file(kind, [good(BO), good(CLARA), good(DAN, DAY="2026-02-28")])
    assert place.load(profile, night).exit_code == 0
    assert active(place) == set(EVERYBODY)


@sqlite_only
def test_even_when_told_to_let_vanish_nothing_does(place: Place) -> None:
    profile, _, faulty = corrected(place, "delimited")

    assert place.load(profile, faulty, options=["--allow-vanished"]).exit_code == 0

    assert active(place) == set(EVERYBODY)


@sqlite_only
def test_one_left_over_is_not_loaded_beside_whole_files(place: Place) -> None:
    """``exports/*.csv``, as the shell expands it, has the faulty rows of last night among its files."""
    profile, file, faulty = corrected(place, "delimited")
    place.file("delimited", [good(BO), good(CLARA)])

    result = place.load(profile, *sorted(place.folder.glob("*.csv")))

    assert result.exit_code == 3
    assert "warning: contacts.faulty.csv: is a file of faulty rows and is not loaded beside" in result.stderr
    assert active(place) == {BO, CLARA}
    assert faulty.exists()
    assert file.exists()


@sqlite_only
def test_what_has_only_the_name_is_refused(place: Place) -> None:
    """A whole file must not be taken for a few rows."""
    profile = place.profile("delimited", FULL)
    whole = place.file("delimited", [good(BO), good(CLARA)]).rename(place.folder / "contacts.faulty.csv")

    result = place.refuse(profile, whole)

    (error,) = errors(result)
    assert "the file has the name of a file of faulty rows, but no column Fel" in error


@sqlite_only
def test_what_has_only_the_column_is_not_let_through_by_advice(place: Place) -> None:
    profile, file, faulty = corrected(place, "delimited")
    faulty.rename(file)

    (error,) = errors(place.refuse(profile, file))

    assert "are in no row any more" in error
    assert "allow-vanished" not in error
    assert "contacts.csv has the column Fel" in error


@sqlite_only
@pytest.mark.parametrize(
    "name", ["contacts.faulty-2.csv", "Contacts.Faulty.CSV", "contacts.faulty.faulty.csv"]
)
def test_a_section_is_for_the_corrected_rows_of_its_file(place: Place, name: str) -> None:
    _, _, faulty = corrected(place, "delimited")
    profile = place.profile("delimited", FULL, ("*.csv", "contacts.csv"))

    assert place.load(profile, faulty.rename(place.folder / name)).exit_code == 0

    assert active(place) == set(EVERYBODY)


@sqlite_only
def test_a_query_of_the_profile_is_not_run_for_them(place: Place) -> None:
    profile, _, faulty = corrected(place, "delimited")
    text = profile.read_text("utf-8")
    more = text[text.index("[[file]]") :].replace('name = "*.csv"', 'name = "more"\nquery = "SELECT nothing"')
    profile.write_text(text + more, "utf-8")

    assert place.load(profile, faulty).exit_code == 0


@sqlite_only
def test_a_watched_folder_keeps_them_until_somebody_loads_them(place: Place) -> None:
    profile, file, faulty = corrected(place, "delimited")
    place.file("delimited", [good(BO), good(CLARA)])

    result = run("watch", str(profile), str(place.folder), "--once", "--every", "0.01")

    assert result.exit_code == 0, result.output
    assert not file.exists()
    assert faulty.exists()
    assert "files_left" in result.stderr
    assert active(place) == {BO, CLARA}
    assert "nothing is ready" in run("watch", str(profile), str(place.folder), "--once").stdout


A, B = (str(hsa(one)) for one in ("a", "b"))


@pytest.fixture
def source(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """A source with policy full that has been loaded once, so that its rows are known."""
    monkeypatch.setattr(pipeline, "swedish_now", lambda: NOW)
    keep(register, PROVIDER, unit("a"), unit("b"), *residents(ANNA, BO, CLARA))
    found = Source(register, tmp_path / "source", ["listing"], policy="full")
    found.loaded({"listing": [ANNA_AT_A, BO_AT_A]})
    return found


ANNA_AT_A = (ANNA, A, "2025-01-01", "")
BO_AT_A = (BO, A, "2025-02-01", "")
CLARA_AT_A = (CLARA, A, "2025-03-01", "")


def add(source: Source, *rows: Sequence[str]) -> LoadReport:
    report = source.load(
        {"listing.faulty": [(*row, "was wrong") for row in rows]}, header=(*FIELDS["listing"], "Fel")
    )
    assert report.state is LoadState.LOADED, problems(report)
    return report


def listed(source: Source) -> dict[str, Any]:
    """Return where residents are listed now."""
    return {
        one["person_id"]: str(one["unit_key"])
        for one in dump(source.register)["listing"]
        if one["valid_to"] is None or one["valid_to"] > NOW
    }


def counting(source: Source) -> list[str]:
    return [one["person_id"] for one in dump(source.register)["listing"] if one["counts_as_change"]]


EVERYBODY_AT_A = dict.fromkeys((ANNA, BO, CLARA), str(hsa("a").key))


def test_the_next_file_with_the_rows_ends_nothing(source: Source) -> None:
    add(source, CLARA_AT_A)
    assert listed(source) == EVERYBODY_AT_A

    night = source.load({"listing": [ANNA_AT_A, BO_AT_A, CLARA_AT_A]})

    assert night.state is LoadState.LOADED
    assert night.files[0].passed_over == 3  # the corrected row is known, as the source's own
    assert listed(source) == EVERYBODY_AT_A


def test_the_next_file_without_the_rows_ends_what_they_brought(source: Source) -> None:
    add(source, CLARA_AT_A)

    source.loaded({"listing": [ANNA_AT_A, BO_AT_A]})

    assert set(listed(source)) == {ANNA, BO}


def test_a_row_that_told_of_the_record_before_is_looked_at_again(source: Source) -> None:
    """It is in the next file as it was: what it says counts again, and has not vanished."""
    add(source, (BO, A, "2025-02-01", "ja"))
    assert counting(source) == [BO]

    source.loaded({"listing": [ANNA_AT_A, BO_AT_A]})

    assert counting(source) == []
    assert set(listed(source)) == {ANNA, BO}


def test_a_record_whose_row_was_corrected_and_is_gone_has_vanished(source: Source) -> None:
    add(source, (BO, A, "2025-02-01", "ja"))

    source.loaded({"listing": [ANNA_AT_A]})

    assert set(listed(source)) == {ANNA}


def test_a_corrected_move_ends_what_the_resident_had(source: Source) -> None:
    """As in a whole file, in which the old row would be lacking."""
    add(source, (ANNA, B, "2026-01-15", ""))

    assert listed(source)[ANNA] == str(hsa("b").key)


def test_a_row_older_than_the_register_replaces_nothing(source: Source) -> None:
    report = source.load(
        {"listing.faulty": [(ANNA, B, "2024-01-01", "", "old")]}, header=(*FIELDS["listing"], "Fel")
    )

    assert report.state is LoadState.REFUSED
    assert listed(source)[ANNA] == str(hsa("a").key)


def test_loading_them_twice_changes_nothing(source: Source) -> None:
    add(source, CLARA_AT_A)
    before = dump(source.register, origins=False)

    report = add(source, CLARA_AT_A)

    assert report.records["listing"].unchanged == 1
    assert dump(source.register, origins=False) == before
