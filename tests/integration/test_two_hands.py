"""A source and a hand, a call or staff, on one register (docs/adr/0018, docs/loads.md, "Two hands").

No load is refused for what a call did, no change is undone in silence, and a source that takes a change in
ends up with it.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from contacts import staff as staff_rules
from contacts.contact_log import StaffEdit
from contacts.lists import of_resident
from mapping.loads.batches import RecordCounts
from mapping.loads.report import LoadReport
from mapping.sources import feeds
from mapping.sources.report import LoadState
from producer.wsgi import Producer
from register.columns import columns, record
from register.database import Register
from register.model import Employment
from register.tables import employment, listing, outgoing
from tests.asking import get_listing, values
from tests.integration import shipped as shipping
from tests.integration.shipped import load_demo, load_with, samples, shipped
from tests.messages import create_listing, envelope, path
from tests.producers import make_producer
from tests.records import COUNTY, NOW, TODAY
from tests.sources import dump, undo
from tests.wsgi import post

WHO = "196101182803"
ONE, TWO = "SE2321000131-DEMOVC01", "SE2321000131-DEMOVC02"
DAY = timedelta(days=1)


class Night:
    """The export of a population register, in the shipped layout, with rows that tests change."""

    def __init__(self, register: Register, folder: Path) -> None:
        self.register = register
        self.folder = folder
        self.rows = {one.stem: one.read_text("windows-1252").splitlines() for one in self.originals()}

    @staticmethod
    def originals() -> list[Path]:
        """Return the sample files."""
        return samples("population-register")

    def replace(self, name: str, old: str, *new: str) -> None:
        """Put rows in place of the one that begins in some way."""
        at = next(number for number, row in enumerate(self.rows[name]) if row.startswith(old))
        self.rows[name][at : at + 1] = new

    def load(self, day: date = TODAY, **options: bool) -> LoadReport:
        """Load the files as they are now."""
        files = []
        for name, rows in self.rows.items():
            file = self.folder / f"{name}.csv"
            file.write_text("\n".join(rows) + "\n", "windows-1252")
            files.append(file)
        return load_with("population-register", self.register, files, today=day, **options)

    def loaded(self, day: date = TODAY, **options: bool) -> dict[str, RecordCounts]:
        """Load the files, which nothing keeps out."""
        report = self.load(day, **options)
        assert report.state is LoadState.LOADED, [one.problems for one in report.files]
        return {name: counts for name, counts in report.records.items() if any(counts)}


@pytest.fixture
def night(register: Register, tmp_path: Path) -> Night:
    """The first night has been loaded."""
    load_demo(register, "vardgivare", "enheter", "personal")
    found = Night(register, tmp_path)
    found.loaded()
    return found


def producer(register: Register, now: datetime = NOW) -> Producer:
    return make_producer(register, now=now)


def create(
    register: Register, facility: str, *, doctor: str | None = None, now: datetime = NOW
) -> str | None:
    """Send a CreateListing for the resident, and return the resultCode."""
    asked = envelope(create_listing(WHO, facility, doctor=doctor), COUNTY)
    answer = post(producer(register, now), path("CreateListing"), asked)
    return answer.result[0]


def listed_at(register: Register, now: datetime = NOW) -> list[str]:
    """Return the facilities that GetListing answers."""
    return values(get_listing(producer(register, now), WHO), "listings/healthcareFacility/id")


class TestTheListingSystemTakesTheChangeIn:
    """Seen (a): the old row comes with an end, the new one with a day that is about that of the call."""

    @pytest.mark.parametrize("late", [0, 1, 3], ids=lambda days: f"{days} days later")
    def test_the_next_load_adopts_the_listing(self, night: Night, late: int) -> None:
        register = night.register
        create(register, ONE)
        begun = TODAY + late * DAY
        night.replace(
            "listningar",
            WHO,
            f"{WHO};{TWO};2024-08-12;{begun - DAY};Aktivt val",
            f"{WHO};{ONE};{begun};;Aktivt val",
        )
        counts = night.loaded(TODAY + DAY)["listing"]
        assert (counts.added, counts.ended, counts.adopted, counts.contradicted) == (0, 0, 2, 0)
        assert listed_at(register, NOW + DAY) == [ONE]
        with register.reading() as connection:
            own = select(listing).where(listing.c.person_id == WHO).order_by(listing.c.valid_from)
            old, new = connection.execute(own)
        assert (old.valid_to, new.valid_from, new.valid_to) == (NOW, NOW, None)
        assert None not in (old.loaded_from, new.loaded_from)

    def test_once_adopted_it_is_the_sources_to_end(self, night: Night) -> None:
        create(night.register, ONE)
        night.replace(
            "listningar",
            WHO,
            f"{WHO};{TWO};2024-08-12;{TODAY};Aktivt val",
            f"{WHO};{ONE};{TODAY};;Aktivt val",
        )
        night.loaded(TODAY + DAY)
        night.replace("listningar", f"{WHO};{ONE}", f"{WHO};{ONE};{TODAY};{TODAY + 30 * DAY};Aktivt val")
        assert night.loaded(TODAY + 40 * DAY)["listing"].changed == 1
        assert listed_at(night.register, NOW + 40 * DAY) == []

    def test_the_index_is_told_nothing_twice(self, night: Night) -> None:
        create(night.register, ONE)
        night.replace(
            "listningar",
            WHO,
            f"{WHO};{TWO};2024-08-12;{TODAY};Aktivt val",
            f"{WHO};{ONE};{TODAY};;Aktivt val",
        )
        messages = select(func.count()).select_from(outgoing).where(outgoing.c.kind == "message")
        with night.register.reading() as connection:
            before = connection.scalar(messages)
        night.loaded(TODAY + DAY)
        with night.register.reading() as connection:
            assert connection.scalar(messages) == before

    def test_an_undo_gives_the_calls_listing_back(self, night: Night) -> None:
        create(night.register, ONE)
        before = dump(night.register, origins=False)
        night.replace(
            "listningar",
            WHO,
            f"{WHO};{TWO};2024-08-12;{TODAY};Aktivt val",
            f"{WHO};{ONE};{TODAY};;Aktivt val",
        )
        batch = night.load(TODAY + DAY).batch
        assert batch is not None
        undo(night.register, batch)
        assert dump(night.register, origins=False) == before
        night.loaded(TODAY + DAY)
        assert listed_at(night.register, NOW + DAY) == [ONE]


class TestTheListingSystemHasNotHeardOfIt:
    """Seen (b): the same files, looked at in full."""

    def test_the_change_stands(self, night: Night) -> None:
        create(night.register, ONE)
        for days in (1, 2, 400):
            counts = night.loaded(TODAY + days * DAY, all_rows=True)["listing"]
            assert (counts.superseded, counts.changed, counts.added) == (1, 0, 0)
            assert listed_at(night.register, NOW + days * DAY) == [ONE]

    @pytest.mark.parametrize("cause", ["new version", "changed profile", "undo"])
    def test_whatever_makes_a_load_look_at_all_rows(
        self, night: Night, cause: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Seen: the same files were refused, with every file of the load."""
        create(night.register, ONE)
        if cause == "new version":
            monkeypatch.setattr(feeds, "version", lambda name: "0.0.0 of " + name)
        elif cause == "changed profile":
            text = shipped("population-register").read_text("utf-8")
            changed = night.folder / "changed.toml"
            changed.write_text(text.replace('title = "', 'title = "Another ', 1), "utf-8")
            monkeypatch.setattr(shipping, "shipped", lambda name: changed)
        else:
            night.replace("listningar", WHO, f"{WHO};{TWO};2024-08-12;;Inflyttning")
            batch = night.load(TODAY + DAY).batch
            assert batch is not None
            undo(night.register, batch)
            night.replace("listningar", WHO, f"{WHO};{TWO};2024-08-12;;Aktivt val")
        assert night.loaded(TODAY + 2 * DAY)["listing"].superseded == 1
        assert listed_at(night.register, NOW + 2 * DAY) == [ONE]

    def test_it_is_reported(self, night: Night) -> None:
        create(night.register, ONE)
        report = night.load(all_rows=True)
        told = [(one.file.name, one.line, one.message) for file in report.files for one in file.problems]
        assert told == [
            (
                "listningar.csv",
                4,
                "a call or staff have changed this later; the change stands, the row is set aside",
            )
        ]

    def test_a_doctor_chosen_by_call_stays(self, night: Night) -> None:
        doctors = night.rows["kontakter"]
        row = f"{WHO};Fast läkarkontakt;SE2321000131-DEMOL03;{TWO};2025-01-01;;2025-01-01 10:00;"
        doctors.append(row)
        night.loaded(all_rows=True)
        assert create(night.register, ONE, doctor="SE2321000131-DEMOL01") in ("OK", "INFO")
        counts = night.loaded(TODAY + DAY, all_rows=True)["fixed_contact"]
        assert (counts.superseded, counts.added, counts.ended) == (1, 0, 0)
        with night.register.reading() as connection:
            found = of_resident(connection, WHO)
        current = [str(one.staff) for one, *_ in found if one.valid_to is None]
        assert current == ["SE2321000131-DEMOL01"]


class TestTheListingSystemSaysOtherwise:
    """Its row is of the same day as the call, and is of another unit."""

    THREE = "SE2321000131-DEMOVC04"

    def contradict(self, night: Night) -> None:
        create(night.register, ONE)
        night.replace(
            "listningar",
            WHO,
            f"{WHO};{TWO};2024-08-12;{TODAY - DAY};Aktivt val",
            f"{WHO};{self.THREE};{TODAY};;Aktivt val",
        )

    def test_the_change_stands_for_some_days_and_then_the_source(self, night: Night) -> None:
        self.contradict(night)
        for days in (1, 13):
            assert night.loaded(TODAY + days * DAY)["listing"].contradicted == 1
            assert listed_at(night.register, NOW + days * DAY) == [ONE]
        assert night.loaded(TODAY + 15 * DAY)["listing"].contradicted == 1
        assert listed_at(night.register, NOW + 15 * DAY) == [self.THREE]
        assert "contradicted" not in str(night.loaded(TODAY + 16 * DAY))

    def test_a_row_of_a_later_day_is_news(self, night: Night) -> None:
        create(night.register, ONE)
        night.replace(
            "listningar",
            WHO,
            f"{WHO};{TWO};2024-08-12;{TODAY};Aktivt val",
            f"{WHO};{ONE};{TODAY};{TODAY + 2 * DAY};Aktivt val",
            f"{WHO};{self.THREE};{TODAY + 3 * DAY};;Aktivt val",
        )
        counts = night.loaded(TODAY + 4 * DAY)["listing"]
        assert (counts.added, counts.adopted, counts.contradicted) == (1, 2, 0)
        assert listed_at(night.register, NOW + 4 * DAY) == [self.THREE]


class TestTheSourceHasHeardOfSomeCalls:
    """What it says late of one listing must not cost the resident another."""

    @pytest.fixture
    def calls(self, night: Night) -> None:
        """She has gone from TWO to ONE, back, and long after that to ONE again."""
        for days, facility in ((0, ONE), (4, TWO), (25, ONE)):
            assert create(night.register, facility, now=NOW + days * DAY) in ("OK", "INFO")

    @pytest.mark.usefixtures("calls")
    def test_a_late_end_of_the_old_row_leaves_the_new_listing(self, night: Night) -> None:
        end = TODAY + 26 * DAY
        night.replace("listningar", WHO, f"{WHO};{TWO};2024-08-12;{end};Aktivt val")
        night.loaded(end + DAY)
        assert listed_at(night.register, NOW + 27 * DAY) == [ONE]

    @pytest.mark.usefixtures("calls")
    def test_the_last_call_stands_though_the_first_is_long_ago(self, night: Night) -> None:
        end = TODAY + 60 * DAY
        night.replace("listningar", WHO, f"{WHO};{TWO};2024-08-12;{end};Aktivt val")
        assert night.loaded(TODAY + 27 * DAY)["listing"].contradicted == 1
        assert listed_at(night.register, NOW + 27 * DAY) == [ONE]

    def test_a_listing_that_ended_before_the_calls_began_is_another(self, night: Night) -> None:
        for days, facility in ((0, ONE), (3, TWO)):
            create(night.register, facility, now=NOW + days * DAY)
        night.replace(
            "listningar",
            WHO,
            f"{WHO};{ONE};{TODAY};{TODAY};Aktivt val",
            f"{WHO};{TWO};{TODAY + DAY};{TODAY + 2 * DAY};Aktivt val",
        )
        night.loaded(TODAY + 4 * DAY)
        assert listed_at(night.register, NOW + 4 * DAY) == [TWO]

    def test_a_listing_that_calls_have_ended_does_not_last_longer(self, night: Night) -> None:
        for days, facility in ((0, ONE), (1, TWO), (20, ONE)):
            create(night.register, facility, now=NOW + days * DAY)
        night.replace(
            "listningar",
            WHO,
            f"{WHO};{TWO};2024-08-12;{TODAY + 2 * DAY};Aktivt val",
            f"{WHO};{ONE};{TODAY + 3 * DAY};{TODAY + 19 * DAY};Aktivt val",
        )
        assert night.loaded(TODAY + 20 * DAY)["listing"].superseded == 1
        assert listed_at(night.register, NOW + 20 * DAY) == [ONE]


class TestStaff:
    def test_a_cap_and_a_pause_stand(self, night: Night) -> None:
        register = night.register
        with register.writing() as connection:
            row = connection.execute(
                select(*columns(Employment)).where(employment.c.selectable_as_doctor)
            ).first()
            assert row is not None
            job = record(Employment, iter(row))
            edit = StaffEdit(connection, NOW, "somebody")
            staff_rules.set_up(edit, job, paused=True, max_patients=7, selectable_as_care_contact=True)
        counts = night.loaded(all_rows=True)["employment"]
        assert counts.changed == 0
        with register.reading() as connection:
            kept = connection.execute(
                select(
                    employment.c.paused, employment.c.max_patients, employment.c.selectable_as_care_contact
                ).where(employment.c.staff_key == job.staff, employment.c.unit_key == job.unit)
            ).one()
        assert tuple(kept) == (True, 7, True)
