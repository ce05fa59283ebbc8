"""The demo data: every situation that docs/demo-data.md promises holds, whatever the day it is loaded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.care_managers import CareManager, care_managers_of
from contacts.doctors import selectable_doctors
from contacts.visibility import is_shown, split_routes
from contracts.codes import PV, table
from contracts.hours import parse_hours
from contracts.identifiers import HsaId, PersonId
from fastkontakt.demo_data import FOLDER, PROFILE
from listings.current import listed_at, out_of_county, queued_at, relistings_since
from listings.facilities import facilities_of, find_facility
from mapping.loads.pipeline import load
from mapping.loads.report import LoadReport
from mapping.sources.profile import load_profile
from mapping.sources.report import LoadState
from register.database import Register
from register.directory import listing_types
from register.residents import find_resident
from register.tables import resident
from tests.databases import opened_copy

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "demo-data.md").read_text(encoding="utf-8")
IDENTITIES = ROOT / "tests" / "data" / "test_identities.csv"

ANGSBLOMMAN = "Vårdcentralen Ängsblomman"
SMORBLOMMAN = "Vårdcentralen Smörblomman"
BLAKLOCKAN = "Vårdcentralen Blåklockan"
FORGATMIGEJ = "Vårdcentralen Förgätmigej"
NACKROSEN = "Vårdcentralen Näckrosen"
VANERSTRAND = "Vårdcentralen Vänerstrand"
OBERG, SJOSTROM, LOOF, NASSTROM = "Åsa Öberg", "Göran Sjöström", "Anna Maria Lööf", "Håkan Näsström"

LISTED: dict[tuple[str, str], list[tuple[str, str, str | None]]] = {
    ("195709263080", "14"): [("PV", ANGSBLOMMAN, OBERG)],
    ("194003189083", "14"): [("PV", ANGSBLOMMAN, OBERG)],
    ("196101182803", "14"): [("PV", SMORBLOMMAN, None)],
    ("200302022389", "14"): [("PV", FORGATMIGEJ, LOOF)],
    ("189002029800", "14"): [("PV", ANGSBLOMMAN, None)],
    ("201702022383", "14"): [("PV", ANGSBLOMMAN, OBERG), ("BHV", ANGSBLOMMAN, None)],
    ("199406062381", "14"): [("PV", ANGSBLOMMAN, SJOSTROM)],
    ("199002222397", "14"): [("PV", ANGSBLOMMAN, None)],
    ("191001299807", "14"): [("PV", SMORBLOMMAN, None)],
    ("191001239803", "14"): [("PV", BLAKLOCKAN, None)],
    ("198703122385", "14"): [("PV", FORGATMIGEJ, None)],
    ("196709192642", "14"): [("PV", FORGATMIGEJ, None)],
    ("195009072553", "17"): [("PV", NACKROSEN, NASSTROM)],
    ("196711222940", "14"): [("FYS", FORGATMIGEJ, None)],
    ("196711222940", "17"): [("PV", VANERSTRAND, None)],
    ("199701092398", "14"): [("PV", FORGATMIGEJ, LOOF)],
    ("198901192396", "17"): [("PV", NACKROSEN, NASSTROM)],
    ("196812732391", "14"): [("PV", ANGSBLOMMAN, OBERG)],
    ("196109132396", "14"): [("PV", FORGATMIGEJ, None)],
    ("191001279809", "14"): [("PV", ANGSBLOMMAN, None)],
    ("199701052392", "14"): [("PV", ANGSBLOMMAN, None)],
}
"""Person and county -> type, facility and doctor of the active listings."""

QUEUED = {
    "197010632391": (1, 45),
    "199002222397": (2, 60),
    "191001309812": (3, 75),
}
"""Person -> position and wait in days in the queue of Smörblomman."""

ELSEWHERE = {
    "195009072553": ["17"],
    "195706012274": ["13"],
    "196711222940": ["17"],
    "199701092398": ["14"],
}
"""Person -> counties outside the home county that it is listed in."""

CHANGES = {"200302022389": 1, "191001299807": 1, "198703122385": 2, "196709192642": 3}
"""Person -> re-listings in 12 months; everybody else has made none."""

RESERVE_NUMBER_ONLY = "22950606FH20"
"""Has a contact in the register that no answer can carry."""

CONTACTS = {
    "195709263080": [("1", "Bengt-Åke Ljungström"), ("2", OBERG)],
    "194003189083": [
        ("1", "Fatima Håkanson"),
        ("1", "Jörgen Mårtensson"),
        ("2", OBERG),
        ("3", "Malin Östlund"),
        ("4", "Kerstin Ågren"),
    ],
    "200302022389": [("2", LOOF)],
    "201702022383": [("2", OBERG)],
    "199406062381": [("2", SJOSTROM)],
    "195009072553": [("2", NASSTROM)],
    "199701092398": [("2", LOOF)],
    "198901192396": [("2", NASSTROM)],
    "196812732391": [("2", OBERG)],
    "196109132396": [("1", "Fatima Håkanson")],
    RESERVE_NUMBER_ONLY: [("1", "Fatima Håkanson")],
}
"""Person -> type and name of the fixed contacts of today."""

HIDDEN = ("200001252386", "189602029812", "191001289816")
OTHER_IDS = {"196109732393", "00749852BZK0"}
ABSENT = {
    "189310229803",  # the unknown person
    "195206172339",  # provokes a technical error
    "191212129999",
    "197805232391",
    "190101010101",
    "20210325K069",
}
"""Numbers of the page that are not in the data."""


@dataclass(frozen=True)
class Demo:
    """The demo data in a register, and a moment to look at it."""

    register: Register
    now: datetime


def load_demo(register: Register, today: date) -> LoadReport:
    return load(register, load_profile(PROFILE), sorted(FOLDER.glob("*.csv")), today=today)


DAYS = (date(2026, 6, 15), date(2027, 12, 31), date(2028, 1, 1), date(2028, 2, 29))


@pytest.fixture(scope="module", params=DAYS, ids=str)
def loaded(request: pytest.FixtureRequest, sqlite_template: Path) -> Iterator[Demo]:
    with opened_copy(sqlite_template) as register:
        report = load_demo(register, request.param)
        assert report.state is LoadState.LOADED
        assert {(one.errors, one.warnings) for one in report.files} == {(0, 0)}
        yield Demo(register, datetime.combine(request.param, time()))


@pytest.fixture(params=[timedelta(), timedelta(days=31, hours=23)], ids=str)
def demo(request: pytest.FixtureRequest, loaded: Demo) -> Demo:
    """The demo data at the beginning of the day it was loaded, and a month later."""
    return Demo(loaded.register, loaded.now + request.param)


def contacts(demo: Demo, person: str) -> dict[str, CareManager]:
    with demo.register.reading() as connection:
        return {one.staff.name: one for one in care_managers_of(connection, person, demo.now)}


def shown_numbers(contact: CareManager) -> list[str]:
    visible, _ = split_routes(contact.own_routes, direct_visible=contact.contact.direct_number_visible)
    return [route.value for route in visible]


class TestSituations:
    def test_listings(self, demo: Demo) -> None:
        with demo.register.reading() as connection:
            people = [
                person for person in connection.scalars(select(resident.c.person_id)) if person not in HIDDEN
            ]
            found = {
                (person, county): [
                    (one.listing.code, one.facility.unit.name, one.doctor.name if one.doctor else None)
                    for one in sorted(
                        listed_at(connection, person, county, demo.now),
                        key=lambda one: one.listing.code,
                        reverse=True,
                    )
                ]
                for person in people
                for county in ("14", "17")
            }
        assert {key: listings for key, listings in found.items() if listings} == LISTED

    def test_listings_with_an_end(self, demo: Demo) -> None:
        with demo.register.reading() as connection:
            for person, days in (("200302022389", 120), ("189002029800", 89)):
                (listed,) = listed_at(connection, person, "14", demo.now)
                assert listed.listing.valid_to is not None
                assert demo.now < listed.listing.valid_to <= demo.now + timedelta(days=days + 1)

    def test_queue(self, demo: Demo) -> None:
        with demo.register.reading() as connection:
            found = {
                person: [
                    (one.facility.unit.name, one.position, one.place.estimated_wait_days)
                    for one in queued_at(connection, person, "14", demo.now)
                ]
                for person in (*QUEUED, "191001299807")
            }
        expected = {person: [(SMORBLOMMAN, *place)] for person, place in QUEUED.items()}
        assert found == expected | {"191001299807": []}

    def test_notes_of_other_counties(self, demo: Demo) -> None:
        with demo.register.reading() as connection:
            found = {
                person: [note.county for note in out_of_county(connection, person, demo.now)]
                for person in connection.scalars(select(resident.c.person_id))
            }
        assert {person: counties for person, counties in found.items() if counties} == ELSEWHERE

    def test_relistings(self, demo: Demo) -> None:
        a_year_ago = demo.now - timedelta(days=366)
        with demo.register.reading() as connection:
            found = {
                person: relistings_since(connection, person, PV.key, a_year_ago, demo.now)
                for person in connection.scalars(select(resident.c.person_id))
            }
        assert {person: count for person, count in found.items() if count} == CHANGES

    def test_contacts(self, demo: Demo) -> None:
        with demo.register.reading() as connection:
            people = [
                person for person in connection.scalars(select(resident.c.person_id)) if person not in HIDDEN
            ]
            found = {
                person: sorted(
                    (one.contact.type_code, one.staff.name)
                    for one in care_managers_of(connection, person, demo.now)
                )
                for person in people
            }
        assert {person: some for person, some in found.items() if some} == CONTACTS

    @pytest.mark.parametrize("person", HIDDEN)
    def test_hidden_people_have_something_to_hide(self, demo: Demo, person: str) -> None:
        with demo.register.reading() as connection:
            assert not is_shown(find_resident(connection, person), demo.now.date())
            assert listed_at(connection, person, "14", demo.now)
            assert care_managers_of(connection, person, demo.now)

    def test_other_numbers_lead_to_the_same_person(self, demo: Demo) -> None:
        with demo.register.reading() as connection:
            for number in OTHER_IDS:
                found = find_resident(connection, number)
                assert found is not None
                assert (found.person_id, is_shown(found, demo.now.date())) == ("196109132396", True)

    def test_a_number_of_no_one(self, demo: Demo) -> None:
        with demo.register.reading() as connection:
            assert [find_resident(connection, number) for number in ABSENT] == [None] * len(ABSENT)


class TestFacilities:
    def test_figures(self, demo: Demo) -> None:
        with demo.register.reading() as connection:
            found = [
                (
                    one.unit.name,
                    [code for code, _ in one.listing_types],
                    (one.full, one.has_queue, one.queue_length),
                    one.unit.offers_choice_of_personnel,
                )
                for county in ("14", "17")
                for one in facilities_of(connection, county, demo.now)
            ]
        assert found == [
            (BLAKLOCKAN, ["PV"], (True, False, 0), False),
            (FORGATMIGEJ, ["FYS", "PV"], (False, False, 0), False),
            (SMORBLOMMAN, [], (True, True, 3), False),
            (ANGSBLOMMAN, ["BHV", "PV"], (False, False, 0), True),
            (NACKROSEN, [], (False, False, 0), False),
            (VANERSTRAND, ["FYS", "PV"], (False, False, 0), True),
        ]

    @pytest.mark.parametrize("hsa_id", ["SE2321000131-DEMOVC04", "se2321000131-demovc04"])
    def test_letter_case_of_an_hsa_id(self, demo: Demo, hsa_id: str) -> None:
        with demo.register.reading() as connection:
            facility = find_facility(connection, HsaId(hsa_id), "14", demo.now)
        assert facility is not None
        assert str(facility.unit.hsa_id) == "SE2321000131-DEMOVC04"

    def test_doctors_to_choose(self, demo: Demo) -> None:
        with demo.register.reading() as connection:
            found = {
                unit: [one.name for one in selectable_doctors(connection, HsaId(unit), county, demo.now)]
                for unit, county in (
                    ("SE2321000131-DEMOVC01", "14"),
                    ("SE2321000131-DEMOVC02", "14"),
                    ("SE2321000156-DEMOVC02", "17"),
                )
            }
        assert list(found.values()) == [[OBERG], [], ["Ülkü Demirsjö"]]

    def test_listing_types(self, demo: Demo) -> None:
        with demo.register.reading() as connection:
            found = {
                county: [(one.display_name, one.agreed_counties) for one in listing_types(connection, county)]
                for county in ("14", "17", "13")
            }
        assert found == {
            "14": [("Barnhälsovård", ()), ("Fysioterapi", ("17",))],
            "17": [("Fysioterapi", ("14",))],
            "13": [],
        }


class TestContacts:
    def test_direct_number_is_visible_to_one_patient_of_a_doctor_and_not_to_another(self, demo: Demo) -> None:
        assert shown_numbers(contacts(demo, "195709263080")[OBERG]) == ["+46701740605"]
        assert shown_numbers(contacts(demo, "194003189083")[OBERG]) == []

    def test_a_working_unit_below_a_care_unit(self, demo: Demo) -> None:
        contact = contacts(demo, "195709263080")["Bengt-Åke Ljungström"]
        assert contact.unit.name == "Distriktssköterskorna Ängsblomman"
        assert contact.care_unit.name == ANGSBLOMMAN

    def test_two_members_of_one_team(self, demo: Demo) -> None:
        found = contacts(demo, "194003189083")
        teams = {found[name].team for name in ("Fatima Håkanson", "Jörgen Mårtensson")}
        assert [team.name for team in teams if team] == ["Hjärtsviktsteamet"]

    def test_home_care_with_hours(self, demo: Demo) -> None:
        contact = contacts(demo, "194003189083")["Malin Östlund"]
        assert str(contact.provider.hsa_id) == "SE2120001355-DEMOVG1"
        assert contact.team is not None
        assert {(route.system, route.hours) for route in contact.team_routes} == {
            ("phone", "Mon-Fri 07:00-22:00; Sat-Sun 08:00-20:00"),
            ("sms", None),
        }
        assert contact.contact.external_notes is not None
        assert contact.contact.external_notes.startswith("Jag är din fasta omsorgskontakt. Hör av dig")

    def test_routes_of_a_unit(self, demo: Demo) -> None:
        visible, staff = split_routes(
            contacts(demo, "195709263080")[OBERG].care_unit_routes, direct_visible=True
        )
        assert {route.system: route.value for route in visible} == {
            "phone": "+46313900601",
            "url": "https://e-tjanster.example.org/angsblomman",
            "email": "angsblomman@example.org",
        }
        assert [route.value for route in staff] == ["+46313900602"]

    @pytest.mark.parametrize(
        ("person", "doctor", "spans", "months"),
        [
            ("195709263080", OBERG, ["08-17"], 0),
            ("194003189083", "Fatima Håkanson", ["08-12", "13-16"], 0),
            ("200302022389", LOOF, ["08-16"], 11),
        ],
    )
    def test_hours(self, demo: Demo, person: str, doctor: str, spans: list[str], months: int) -> None:
        (hours,) = [
            parse_hours(route.hours)
            for route in contacts(demo, person)[doctor].care_unit_routes
            if route.hours and route.audience == "patient"
        ]
        assert [f"{one.start:%H}-{one.end:%H}" for one in hours] == spans
        assert {(len(one.week_days), len(one.months), "July" in one.months) for one in hours} == {
            (5, months, False)
        }

    def test_notes(self, demo: Demo) -> None:
        found = contacts(demo, "195709263080")[OBERG]
        assert found.contact.external_notes == "Åsa är din fasta läkare på vårdcentralen."
        assert found.contact.internal_notes == "Patienten önskar kontakt per telefon."
        assert found.team is not None
        assert found.team.external_notes == "Du kan alltid lämna meddelande till teamet."


class TestLoading:
    def test_on_every_database(self, register: Register) -> None:
        assert load_demo(register, date(2026, 2, 28)).state is LoadState.LOADED

    @pytest.mark.parametrize("register", ["sqlite"], indirect=True)
    def test_twice_changes_nothing_and_the_next_day_adds_nothing(self, register: Register) -> None:
        load_demo(register, date(2028, 2, 28))
        for day, moved in ((date(2028, 2, 28), False), (date(2028, 2, 29), True), (date(2029, 2, 28), True)):
            counts = load_demo(register, day).records.values()
            assert sum(count.added for count in counts) == 0
            assert any(count.changed for count in counts) is moved


def numbers(text: str) -> set[str]:
    """Return what looks like a person number: nothing else in the data or on the page has that form."""
    found = re.findall(r"(?<![\w+-])([0-9]{8})-?([0-9A-Z]{2}[0-9A-Z][0-9])(?!\w)", text)
    return {"".join(parts) for parts in found}


class TestPersonNumbers:
    def in_data(self) -> set[str]:
        found: set[str] = set()
        for section in load_profile(PROFILE).file:
            found |= numbers((FOLDER / section.name).read_text(encoding=section.format.encoding))
        return found

    def test_only_test_numbers(self) -> None:
        lines = IDENTITIES.read_text(encoding="utf-8").splitlines()[1:]
        published = {line.split(",")[0] for line in lines}
        for number in self.in_data():
            PersonId.from_number(number)
            assert number in published or re.search(r"(23[89]|98[0-9]).$", number), "no test number"

    def test_the_page_speaks_of_everybody_and_of_nobody_else(self) -> None:
        assert numbers(PAGE) == self.in_data() | ABSENT
        assert not self.in_data() & ABSENT

    def test_the_page_names_every_facility_and_contact(self) -> None:
        rows: dict[str, str] = {}
        person = ""
        for line in PAGE.splitlines():
            if line.startswith("| "):
                person = next(iter(numbers(line.split("|")[1])), person)
                rows[person] = rows.get(person, "") + line
        for (person, _), listings in LISTED.items():
            for _, facility, doctor in listings:
                assert facility in rows[person]
                assert (doctor or facility) in rows[person]
        for person, some in CONTACTS.items():
            expected = [] if person == RESERVE_NUMBER_ONLY else [name for _, name in some]
            assert [name for name in expected if name not in rows[person]] == []


def test_organisations_are_marked_as_made_up() -> None:
    prefixes = {row["hsa_prefix"] for row in table("lan_regioner.csv")} | {"SE2120001355-"}
    for path in FOLDER.glob("*.csv"):
        for prefix, suffix in re.findall(r"(?i)\b(se[0-9]{10}-)([^;,\s]*)", path.read_text("cp1252")):
            assert prefix.upper() in prefixes
            assert suffix.upper().startswith("DEMO")
