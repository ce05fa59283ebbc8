"""The profile listing-upload: one row per patient, and all rows right or nothing loaded."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.clock import utc_now
from mapping.loads.batches import batches
from mapping.loads.report import LoadReport
from mapping.sources.report import LoadState
from register.database import Register
from tests.databases import keep
from tests.integration.shipped import (
    contents,
    listed_doctors,
    load_demo,
    load_with,
    samples,
    shown_contacts,
    told,
)
from tests.integration.upload_world import (
    AT_CENTRE,
    AT_CLINIC,
    CENTRE,
    CLINIC,
    DAY,
    DORA,
    ERIC,
    FRIDA,
    GUS,
    HEADER,
    NAME,
    NO_DOCTOR,
    NORA,
    NOT_LISTED,
    NOT_THERE,
    STRANGER,
    contacts,
    key,
    prepare,
    row,
)
from tests.records import OTHER_ID, TODAY, contact, listing, residents, works_at
from tests.strength import QUICK

SQLITE_ALONE = QUICK

Upload = Callable[..., LoadReport]


@pytest.fixture
def upload(register: Register, tmp_path: Path) -> Upload:
    """Load rows, as text, into a register that has what they refer to."""
    prepare(register)

    def load_rows(*lines: str, **options: Any) -> LoadReport:
        path = tmp_path / "fil.csv"
        path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
        return load_with(NAME, register, [path], **options)

    return load_rows


class TestSample:
    @pytest.fixture
    def loaded(self, register: Register) -> LoadReport:
        load_demo(
            register,
            *("vardgivare", "enheter", "listningstyper", "enheters_listningstyper", "personal"),
            *("anstallningar", "invanare", "listningar"),
        )
        return load_with(NAME, register, samples(NAME))

    def test_the_doctors_are_shown(self, loaded: LoadReport, register: Register) -> None:
        """In GetListing and GetCareManagers, from the day of the row or of the load."""
        assert (loaded.state, told(loaded)) == (LoadState.LOADED, [])
        # S001-020, S001-046: from the day of the row, or of the load
        assert [(person, start) for person, _, _, start, _ in contacts(register)] == [
            ("191001299807", TODAY),
            ("196101182803", TODAY),
            ("198703122385", TODAY),
            ("199002222397", date(2025, 11, 5)),
        ]
        # S001-021: shown with the listing
        assert listed_doctors(register, "199002222397") == [("SE2321000131-DEMOVC01", "Åsa Öberg")]
        assert shown_contacts(register, "199002222397") == [("2", "Åsa Öberg")]
        assert listed_doctors(register, "198703122385") == [("SE2321000131-DEMOVC04", "Anna Maria Lööf")]

    @pytest.mark.parametrize("all_rows", [False, True])
    def test_again_changes_nothing(self, loaded: LoadReport, register: Register, all_rows: bool) -> None:
        before = contents(register)
        again = load_with(NAME, register, samples(NAME), today=TODAY + DAY, all_rows=all_rows)
        assert (again.state, told(again), again.files[0].updated) == (LoadState.LOADED, [], 0)
        assert contents(register) == before


class TestAllOrNothing:
    def test_one_faulty_row_keeps_all_out(self, upload: Upload, register: Register) -> None:
        before = contents(register)
        report = upload(*map(row, AT_CENTRE[:3]), row(AT_CLINIC[0]))
        # S001-043: many rows are one load
        assert (report.state, report.records) == (LoadState.REFUSED, {})
        assert told(report) == [("fil.csv", 5, "Personnummer", NOT_LISTED)]
        # S001-049: of which nothing is stored when a row is faulty
        assert contents(register) == before

    def test_the_counts_of_each_unit(self, upload: Upload) -> None:
        """Totalt, Godkända, Felaktiga and Uppdaterade."""
        right = [*map(row, AT_CENTRE[:3]), *(row(one, at=CLINIC) for one in AT_CLINIC[:2])]
        refused = upload(
            *right, row(AT_CLINIC[2]), row(AT_CENTRE[4], STRANGER, CLINIC), row(AT_CENTRE[5], GUS)
        )
        # S001-052: total, approved, faulty and updated of each unit
        assert counts(refused) == {key(CENTRE): (5, 3, 2, 0), key(CLINIC): (3, 2, 1, 0)}
        loaded = upload(*right)
        assert counts(loaded) == {key(CENTRE): (3, 3, 0, 3), key(CLINIC): (2, 2, 0, 2)}
        changed = upload(*right[:2], row(AT_CENTRE[2], ERIC), *right[3:], all_rows=True)
        assert counts(changed) == {key(CENTRE): (3, 3, 0, 1), key(CLINIC): (2, 2, 0, 0)}

    def test_faults_by_message(self, upload: Upload) -> None:
        """The example of the source document, 3 and 9, sum 12."""
        report = upload(
            *map(row, AT_CENTRE[:5]),
            row(AT_CENTRE[5], STRANGER),
            row(AT_CENTRE[6], GUS),
            row(AT_CENTRE[7], NORA),
            *map(row, AT_CLINIC[:8]),
            row(NOT_THERE),
        )
        (file,) = report.files
        assert (file.rows, file.approved, file.faulty, file.updated) == (17, 5, 12, 0)
        # S001-053, S001-055, S001-056: the example of the source document, 3 of one message and 9 of the
        # other
        assert {group.message: count for group, count in file.groups.items()} == {NO_DOCTOR: 3, NOT_LISTED: 9}

    def test_who_loaded_and_when(self, upload: Upload, register: Register) -> None:
        before = utc_now()
        report = upload(row(AT_CENTRE[0]), by="John Doe Smith Karlsson")
        with register.reading() as connection:
            (latest,) = batches(connection, source=NAME)
        # S001-051: who loaded
        assert (latest.id, latest.loaded_by) == (report.batch, "John Doe Smith Karlsson")
        # S001-051: and when
        assert before <= latest.finished_at <= utc_now()

    def test_no_message_holds_a_person_number(self, upload: Upload) -> None:
        report = upload(row(NOT_THERE), row(AT_CLINIC[0]), row(OTHER_ID), row("x", STRANGER))
        messages = [message for _, _, _, message in told(report)]
        assert len(messages) == 4
        assert [
            one for one in messages if any(number[:8] in one for number in (*AT_CENTRE, *AT_CLINIC, OTHER_ID))
        ] == []


def counts(report: LoadReport) -> dict[str, tuple[int, ...]]:
    (file,) = report.files
    return {id: (one.total, one.approved, one.faulty, one.updated) for id, one in file.units.items()}


class TestRules:
    def test_the_doctor_before_ends_the_day_before(self, upload: Upload, register: Register) -> None:
        """A row says who the doctor is now."""
        keep(register, contact("before", AT_CENTRE[0], DORA, CENTRE, valid_from=date(2025, 1, 1)))
        report = upload(row(AT_CENTRE[0], ERIC, day="2026-02-16"))
        assert (report.state, told(report)) == (LoadState.LOADED, [])
        assert contacts(register) == [
            (AT_CENTRE[0], key(DORA), key(CENTRE), date(2025, 1, 1), date(2026, 2, 15)),
            (AT_CENTRE[0], key(ERIC), key(CENTRE), date(2026, 2, 16), None),
        ]
        # S001-044: a row says who the doctor is now
        assert listed_doctors(register, AT_CENTRE[0]) == [(str(CENTRE.hsa_id), "Dora Eric")]

    def test_a_row_older_than_the_contact_there_is(self, upload: Upload, register: Register) -> None:
        keep(register, contact("now", AT_CENTRE[0], ERIC, CENTRE, valid_from=date(2026, 3, 2)))
        before = contents(register)
        report = upload(row(AT_CENTRE[0], day="2026-02-16"))
        assert [(line, column) for _, line, column, _ in told(report)] == [(2, "Datum")]
        assert contents(register) == before

    def test_a_file_of_one_group_leaves_the_others(self, upload: Upload, register: Register) -> None:
        upload(*map(row, AT_CENTRE[:4]))
        report = upload(row(AT_CENTRE[1], ERIC, day=str(TODAY + DAY)), today=TODAY + DAY)
        assert report.files[0].updated == 1
        now = [staff for _, staff, _, _, end in contacts(register) if end is None]
        # S001-045: a file of one group leaves the others
        assert now == [key(DORA), key(ERIC), key(DORA), key(DORA)]

    def test_one_row_for_each_patient(self, upload: Upload) -> None:
        person = AT_CENTRE[0]
        report = upload(row(person), row(f"{person[:8]}-{person[8:]}", ERIC))
        assert report.state is LoadState.REFUSED
        ((_, line, _, message),) = told(report)
        # S001-047: a second row about a patient is refused
        assert (line, "on line 2" in message) == (3, True)

    def test_only_a_personnummer(self, upload: Upload) -> None:
        """Patients with a samordningsnummer are not in the upload."""
        report = upload(row(OTHER_ID), row("98240301AA06"), row("20210325K069"))
        # S001-061: a row with a samordningsnummer is refused
        assert [(line, column) for _, line, column, _ in told(report)] == [
            (2, "Personnummer"),
            (3, "Personnummer"),
            (4, "Personnummer"),
        ]

    def test_a_patient_with_protected_identity(self, upload: Upload, register: Register) -> None:
        """Not in the listing system, and told like others that are not."""
        (patient,) = residents(AT_CENTRE[0])
        keep(register, replace(patient, protected=True))
        # S001-061: a row about a protected person is refused as if not listed
        assert told(upload(row(AT_CENTRE[0]))) == [("fil.csv", 2, "Personnummer", NOT_LISTED)]

    def test_the_day_that_counts(self, upload: Upload, register: Register) -> None:
        """A link that began before today is one of today; one to come must hold on its first day."""
        soon = TODAY + 10 * DAY
        keep(
            register,
            STRANGER,
            works_at(STRANGER, CENTRE, valid_from=soon),
            listing("L2", AT_CENTRE[2], CENTRE, valid_to=datetime(2026, 3, 15)),
        )
        assert upload(row(AT_CENTRE[0], day="2023-12-31")).state is LoadState.LOADED  # listed since 2024
        assert told(upload(row(AT_CENTRE[2], day=str(soon)))) == [("fil.csv", 2, "Personnummer", NOT_LISTED)]
        assert told(upload(row(AT_CENTRE[1], GUS, day=str(TODAY - DAY)))) == [
            ("fil.csv", 2, "HSA-id läkare", NO_DOCTOR)
        ]
        assert told(upload(row(AT_CENTRE[1], STRANGER))) == [("fil.csv", 2, "HSA-id läkare", NO_DOCTOR)]
        assert upload(row(AT_CENTRE[1], STRANGER, day=str(soon))).state is LoadState.LOADED

    def test_a_doctor_at_the_cap(self, upload: Upload, register: Register) -> None:
        assert upload(row(AT_CENTRE[0], ERIC)).state is LoadState.LOADED
        full = upload(*(row(one, ERIC) for one in AT_CENTRE[:3]))
        assert (full.state, full.files[0].updated) == (LoadState.REFUSED, 0)
        assert {(line, column) for _, line, column, _ in told(full)} == {(4, "HSA-id läkare")}
        assert upload(*(row(one, ERIC) for one in AT_CENTRE[:2])).state is LoadState.LOADED
        assert len(contacts(register)) == 2

    def test_a_paused_doctor_keeps_her_patients_and_takes_no_new(
        self, upload: Upload, register: Register
    ) -> None:
        keep(register, contact("old", AT_CENTRE[0], FRIDA, CENTRE))
        assert upload(row(AT_CENTRE[0], FRIDA)).state is LoadState.LOADED
        report = upload(row(AT_CENTRE[0], FRIDA), row(AT_CENTRE[1], FRIDA))
        assert [(line, column) for _, line, column, _ in told(report)] == [(3, "HSA-id läkare")]

    def test_a_day_that_does_not_exist(self, upload: Upload) -> None:
        report = upload(row(AT_CENTRE[0], day="2026-02-30"))
        ((_, line, column, message),) = told(report)
        assert (line, column, message[:14]) == (2, "Datum", "'2026-02-30': ")
