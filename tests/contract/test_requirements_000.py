"""What the manual of the regional population register asks of the answers, and no other test proves."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import select
from typer.testing import CliRunner

from contracts import oids
from contracts.clock import swedish_now
from contracts.codes import TREATING_ROLE
from fastkontakt.cli import app as fastkontakt
from register.database import Register
from register.model import Record, Staff, Unit
from register.tables import fixed_contact, listing_change
from tests.asking import ask, ask_ok, care_managers, get_listing, result, values
from tests.databases import keep
from tests.integration.contact_commands import STAFF, done, fill, refused
from tests.integration.contact_commands import shown as shown_now
from tests.messages import actor, create_listing, envelope, identity, path, person
from tests.producers import SOURCE_SYSTEM, make_producer
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    NOW,
    PROVIDER,
    TODAY,
    contact,
    doctor,
    listing,
    residents,
    unit,
    works_at,
)
from tests.wsgi import post

DAY = timedelta(days=1)
CENTRE = unit("centre", offers_choice_of_personnel=True)
WARD = unit("ward", listable=False)
DORA, DAVID, NORA = doctor("dahl"), doctor("david"), doctor("nora")
LISTED: tuple[Record, ...] = (
    *(PROVIDER, CENTRE, WARD, DORA, DAVID, NORA),
    *residents(ANNA, BO),
    listing("L1", ANNA, CENTRE),
)
"""Anna is listed at the centre, without contacts yet."""


def shown(register: Register, day: date = TODAY) -> list[tuple[str, ...]]:
    """Return type, HSA-id and first day of each contact of Anna's that GetCareManagers shows on a day."""
    app = make_producer(register, now=NOW.replace(year=day.year, month=day.month, day=day.day))
    return [
        (
            *values(one, "code/code"),
            *values(one, "practitioner/hsaId/extension"),
            *values(one, "period/start"),
        )
        for one in care_managers(app)
    ]


def listed_with(register: Register, day: date = TODAY) -> list[list[str]]:
    """Return unit, first moment and doctor of Anna's listing, in lists that are empty where there is none."""
    app = make_producer(register, now=NOW.replace(year=day.year, month=day.month, day=day.day))
    answer = get_listing(app)
    steps = ("healthcareFacility/id", "validFromDate", "healthcarePersonnel/id")
    return [values(answer, f"listings/{step}") for step in steps]


@pytest.mark.parametrize(
    ("number", "found"),
    [
        (ANNA, True),
        (ANNA[2:], False),
        (f"{ANNA[2:8]}-{ANNA[8:]}", False),
        (f"{ANNA[2:8]}+{ANNA[8:]}", False),
        (f"{ANNA[:8]}-{ANNA[8:]}", False),
    ],
    ids=["12 digits", "10 digits", "10 and hyphen", "10 and plus", "12 and hyphen"],
)
def test_a_number_is_whole_and_has_no_separator(sqlite_register: Register, number: str, found: bool) -> None:
    """In both contracts; a Fault where there is no resultCode (docs/adr/0004)."""
    keep(sqlite_register, *LISTED, contact("F1", ANNA, NORA, WARD, type_code="1"))
    app = make_producer(sqlite_register)
    listings = ask(app, "GetListing", actor(), identity("personId", oids.PERSONNUMMER, number))
    contacts = ask(
        app, "GetCareManagers", identity("patientId", oids.PERSONNUMMER, number), address=SOURCE_SYSTEM
    )
    if found:
        # S000-001: found by the personal number
        assert values(listings, "listings/healthcareFacility/id") == [str(CENTRE.hsa_id)]
        assert len(contacts) == 1
        return
    code, text = result(listings)
    # S000-002: GetListing refuses a number that is not whole
    assert code == "ERROR"
    assert text is not None
    assert "personnumret" in text
    assert number not in text
    fault = contacts.findtext("faultstring")
    # S000-002: and so does GetCareManagers
    assert fault.startswith("FK302")
    assert number not in fault


def test_somebody_from_outside_the_unit_is_shown_like_its_own_staff(sqlite_register: Register) -> None:
    """An external doctor can be chosen, and is shown in all three contracts."""
    keep(sqlite_register, *LISTED, works_at(DORA, CENTRE, external=True), contact("F1", ANNA, DORA, CENTRE))
    app = make_producer(sqlite_register)
    choice = ask_ok(
        app,
        "GetAvailableHealthcarePersonnel",
        person("personId", ANNA),
        f"<healthcareFacilityHSAId>{CENTRE.hsa_id}</healthcareFacilityHSAId>",
    )
    # S000-026: who was added from outside can be chosen
    assert values(choice, "healthcarePersonnel/id") == [str(DORA.hsa_id)]
    assert listed_with(sqlite_register)[2] == [str(DORA.hsa_id)]
    # S000-026: and is sent as any doctor
    assert shown(sqlite_register) == [("2", str(DORA.hsa_id), "20250101")]


def test_a_patient_taken_from_the_doctors_list_stays_listed(sqlite_register: Register) -> None:
    """The doctor is gone from both answers, the listing is as before."""
    link = contact("F1", ANNA, DORA, CENTRE)
    keep(sqlite_register, *LISTED, link)
    at, since, doctors = listed_with(sqlite_register)
    assert (at, doctors) == ([str(CENTRE.hsa_id)], [str(DORA.hsa_id)])
    keep(sqlite_register, replace(link, valid_to=TODAY - DAY))
    # S000-030: still listed, since the same day, without doctor
    assert listed_with(sqlite_register) == [at, since, []]
    # S000-037: the doctor is gone from GetCareManagers
    assert shown(sqlite_register) == []


def test_a_care_contact_that_is_removed_is_gone_and_the_others_stay(sqlite_register: Register) -> None:
    """Whoever else Anna has, and whoever else has Nora."""
    removed = contact("F1", ANNA, NORA, WARD, type_code="1")
    keep(
        sqlite_register,
        *LISTED,
        removed,
        contact("F2", ANNA, DORA, CENTRE),
        contact("F3", ANNA, DAVID, WARD, type_code="1"),
        contact("F4", BO, NORA, WARD, type_code="1"),
    )
    assert [id for _, id, _ in shown(sqlite_register)] == [
        str(NORA.hsa_id),
        str(DAVID.hsa_id),
        str(DORA.hsa_id),
    ]
    keep(sqlite_register, replace(removed, valid_to=TODAY - DAY))
    # S000-031, S000-046: gone, and the other contacts of the patient stay
    assert [id for _, id, _ in shown(sqlite_register)] == [str(DAVID.hsa_id), str(DORA.hsa_id)]
    assert len(care_managers(make_producer(sqlite_register), BO)) == 1


def test_a_patient_moved_to_another_doctor_has_one_on_every_day(sqlite_register: Register) -> None:
    """One until the day of the change, the other from it, in both contracts."""
    keep(
        sqlite_register,
        *LISTED,
        contact("F1", ANNA, DORA, CENTRE, valid_to=TODAY),
        contact("F2", ANNA, DAVID, CENTRE, valid_from=TODAY),
    )
    for day, who, since in (
        (TODAY - DAY, DORA, "20250101"),
        (TODAY, DAVID, "20260310"),
        (TODAY + DAY, DAVID, "20260310"),
    ):
        # S000-032, S003-116: the old one until the day of the change, the new one from it
        assert shown(sqlite_register, day) == [("2", str(who.hsa_id), since)]
        # S000-019: one on every day, in GetListing too
        assert listed_with(sqlite_register, day)[2] == [str(who.hsa_id)]


@pytest.mark.parametrize(("type_code", "at"), [("1", WARD), ("2", CENTRE)], ids=["care contact", "doctor"])
def test_a_contact_that_starts_later_is_shown_from_its_day(
    sqlite_register: Register, type_code: str, at: Unit
) -> None:
    """Not before its first day, whichever kind it is."""
    begins = TODAY + 2 * DAY
    keep(sqlite_register, *LISTED, contact("F1", ANNA, DORA, at, type_code=type_code, valid_from=begins))
    for day in (TODAY, begins - DAY):
        # S000-034: not before its first day
        assert shown(sqlite_register, day) == []
        assert listed_with(sqlite_register, day)[2] == []
    # S000-034: and from it on, with that day
    assert shown(sqlite_register, begins) == [(type_code, str(DORA.hsa_id), "20260312")]
    assert listed_with(sqlite_register, begins)[2] == ([str(DORA.hsa_id)] if type_code == "2" else [])


@pytest.mark.parametrize(
    ("befattning", "display"),
    [
        ("201010", "Överläkare"),
        ("206011", "Distriktssköterska"),
        ("204510", "Psykolog"),
        ("152018", "Administratör, vård"),
    ],
    ids=["doctor", "nurse", "psychologist", "administrator"],
)
def test_anybody_can_be_care_contact(sqlite_register: Register, befattning: str, display: str) -> None:
    """Of every profession, and a named person."""
    keep(sqlite_register, *LISTED, contact("F1", ANNA, NORA, WARD, type_code="1"))
    keep(sqlite_register, replace(NORA, befattning=befattning))
    (item,) = care_managers(make_producer(sqlite_register))
    assert values(item, "practitioner/name") == ["Dora Nora"]
    # S000-039, S003-007: whatever the profession
    assert values(item, "practitioner/qualification/code") == [befattning]
    assert values(item, "practitioner/qualification/displayName") == [display]


@pytest.mark.parametrize(
    ("limit", "found"),
    [(None, [NORA, DAVID]), (1, [DAVID]), (2, [NORA, DAVID])],
)
def test_a_region_may_allow_one_care_contact(
    sqlite_register: Register, limit: int | None, found: list[Staff]
) -> None:
    """By setting, as the contract allows several (seed conflict 1)."""
    keep(
        sqlite_register,
        *LISTED,
        contact("F1", ANNA, NORA, WARD, type_code="1"),
        contact("F2", ANNA, DAVID, CENTRE, type_code="1", valid_from=TODAY),
    )
    settings = {"source_system_id": SOURCE_SYSTEM, "max_care_contacts": limit}
    app = make_producer(sqlite_register, care_managers=settings)
    ids = [id for one in care_managers(app) for id in values(one, "practitioner/hsaId/extension")]
    # S000-041: one by setting
    # S003-036: several without it
    assert ids == [str(one.hsa_id) for one in found]


def test_a_choice_is_kept_with_the_way_it_came(
    sqlite_register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signed form and 1177 lead to the same listing, and the log tells one from the other."""
    keep(sqlite_register, *LISTED)
    settings = tmp_path / "settings.toml"
    url = sqlite_register.engine.url.render_as_string(hide_password=False)
    settings.write_text(f'[database]\nurl = "{url}"\n[regions.{COUNTY}]\n', "utf-8")
    monkeypatch.setenv("FASTKONTAKT_CONFIG", str(settings))
    form = CliRunner().invoke(fastkontakt, ["listings", "create", BO, str(CENTRE.hsa_id), "--by", "Karin"])
    assert form.exit_code == 0, form.output
    keep(sqlite_register, *residents(CLARA))
    app = make_producer(sqlite_register, now=NOW.replace(year=2100))  # the command has the machine's clock
    chosen = post(app, path("CreateListing"), envelope(create_listing(CLARA, CENTRE.hsa_id), COUNTY))
    assert chosen.result == ("OK", None)
    by = actor("REGION", PROVIDER.hsa_id)
    ways = []
    for who in (BO, CLARA):
        answer = get_listing(app, who, by=by)
        assert values(answer, "listings/healthcareFacility/id") == [str(CENTRE.hsa_id)]
        with sqlite_register.reading() as connection:
            log = select(listing_change).where(
                listing_change.c.person_id == who, listing_change.c.kind == "listed"
            )
            row = connection.execute(log).one()
        ways.append((row.source, row.actor_type, row.actor_id))
    # S000-036: a signed form and 1177 lead to the same listing, and the log tells them apart
    assert ways == [("fastkontakt listings", None, "Karin"), ("CreateListing", "CITIZEN", CLARA)]


def test_why_and_by_whom_somebody_was_appointed_is_kept_and_not_sent(sqlite_register: Register) -> None:
    """Who appointed, and the reason, such as a need or the law on discharge."""
    kept = {"appointed_by": "Verksamhetschef Lind", "reason": "Utskrivning", "life_threatening": True}
    keep(sqlite_register, *LISTED, contact("F1", ANNA, NORA, WARD, type_code="1", **kept))
    (item,) = care_managers(make_producer(sqlite_register))
    text = etree.tostring(item.getroottree(), encoding="unicode")
    assert str(NORA.hsa_id) in text
    # S000-040: who appointed the contact is not sent
    assert "Lind" not in text
    assert "Utskrivning" not in text
    with sqlite_register.reading() as connection:
        row = connection.execute(select(fixed_contact)).one()
    # S000-040, S003-017, S003-025: it is kept, with the reason to appoint somebody
    assert (row.appointed_by, row.reason, row.life_threatening) == tuple(kept.values())


def test_treating_roles_are_appointed_and_put_away(
    sqlite_register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several for one patient, open-ended, kept when ended and never sent."""
    fill(sqlite_register, tmp_path, monkeypatch)
    at, *roles = STAFF
    for who in roles:
        done("doctors", "set", str(at), str(who), "--treating-role")
        done("contacts", "add", BO, "--type", TREATING_ROLE, "--staff", str(who), "--unit", str(at))
    # S000-047: several for one patient, and none is sent
    assert shown_now(sqlite_register, BO) == ([], [])

    def kept() -> list[tuple[str, date, date | None]]:
        of_bo = (
            select(fixed_contact).where(fixed_contact.c.person_id == BO).order_by(fixed_contact.c.staff_key)
        )
        with sqlite_register.reading() as connection:
            return [(row.id, row.valid_from, row.valid_to) for row in connection.execute(of_bo)]

    (first, begun, _), second = kept()
    # S000-054: by unit, person and role, from today, open-ended; there is no role for Min Vård
    assert (begun, second[1:]) == (swedish_now().date(), (begun, None))
    done("contacts", "end", first, "--on", begun.isoformat())
    # S000-055: put away with its last day, and kept
    assert kept() == [(first, begun, begun), second]


def test_a_unit_is_found_by_its_name_and_the_contact_appointed_there(
    sqlite_register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part of the name is enough where it is one unit's; else the units are told."""
    fill(sqlite_register, tmp_path, monkeypatch)
    lake = unit("west", name="Hälsocentralen Östersjön")
    bay = unit("east", name="Hälsocentralen Viken")
    keep(sqlite_register, lake, bay, NORA, works_at(NORA, lake, selectable_as_care_contact=True))
    appoint = ("contacts", "add", BO, "--type", "1", "--staff", str(NORA.hsa_id), "--unit")
    told = refused(*appoint, "hälsocentralen")
    assert f"{lake.hsa_id} {lake.name}" in told
    # S000-043: where a part of a name is several units', they are shown to choose from
    assert f"{bay.hsa_id} {bay.name}" in told
    assert "no unit" in refused(*appoint, "sjukhuset")
    done(*appoint, "östersjö")
    app = make_producer(sqlite_register, now=swedish_now())
    (found,) = care_managers(app, BO)
    # S000-043: where it is one's, the contact is appointed there
    assert values(found, "managingCareUnit/hsaId/extension") == [str(lake.hsa_id)]
    assert values(found, "managingCareUnit/name") == [lake.name]
