"""Whatever is written, the kept figures are those of a count, at every moment (docs/adr/0021)."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, delete, insert, literal, select, table, text, update

from contracts.codes import PV
from listings import figures as unit_figures
from register import figures
from register.database import INSERT, Register
from register.model import Unit
from register.tables import (
    figure,
    fixed_contact,
    listing,
    listing_request,
    patient_period,
    patients_held,
    queue_place,
    resident,
)
from register.tables import unit as unit_table
from tests.databases import empty, keep
from tests.records import ANNA, BO, CLARA, NOW, PROVIDER, REGION_TYPE, contact, doctor, residents, unit
from tests.records import listing as listing_record
from tests.strength import sized

PEOPLE = (ANNA, BO, CLARA)
UNITS = (unit("ASKEN"), unit("BJÖRKEN"))
WARD = unit("AVDELNING", care_unit=UNITS[0].hsa_id, listable=False)
DOCTORS = (doctor("dora"), doctor("emil"))
TYPES = (PV.key, REGION_TYPE)
HALF_A_DAY = timedelta(hours=12)
MOMENTS = [NOW + number * HALF_A_DAY for number in range(-5, 6)]
ASKED = sorted({moment + late for moment in MOMENTS for late in (timedelta(0), timedelta(seconds=-1))})

PERIODS = {
    "listing": (listing, "valid_from", "valid_to", {"counts_as_change": False}),
    "queue_place": (queue_place, "queued_at", "left_at", {}),
}

moments = st.sampled_from(MOMENTS)
ids = st.sampled_from("abcd")


@st.composite
def rows(draw: Any, name: str) -> dict[str, Any]:
    """Draw a row of a table whose rows count for a time."""
    _, begins, ends, others = PERIODS[name]
    begin = draw(moments)
    code, code_system = draw(st.sampled_from(TYPES))
    return {
        "id": draw(ids),
        "person_id": draw(st.sampled_from(PEOPLE)),
        "unit_key": draw(st.sampled_from(UNITS)).hsa_id,
        "code": code,
        "code_system": code_system,
        begins: begin,
        ends: draw(st.none() | moments.filter(lambda end: end >= begin)),
        **others,
    }


@st.composite
def requests(draw: Any) -> dict[str, Any]:
    """Draw a listing request."""
    code, code_system = draw(st.sampled_from(TYPES))
    return {
        "id": draw(ids),
        "person_id": draw(st.sampled_from(PEOPLE)),
        "unit_key": draw(st.sampled_from(UNITS)).hsa_id,
        "code": code,
        "code_system": code_system,
        "queue_place_id": draw(st.none() | ids),
        "requested_at": NOW,
        "state": draw(st.sampled_from(("waiting", "done"))),
    }


@st.composite
def contacts(draw: Any) -> dict[str, Any]:
    """Draw a fixed contact."""
    begin = draw(moments).date()
    return {
        "id": draw(ids),
        "person_id": draw(st.sampled_from(PEOPLE)),
        "type_code": draw(st.sampled_from(("2", "2", "2", "1"))),
        "staff_key": draw(st.sampled_from(DOCTORS)).hsa_id,
        "unit_key": draw(st.sampled_from((*UNITS, WARD))).hsa_id,
        "valid_from": begin,
        "valid_to": draw(st.none() | moments.map(datetime.date).filter(lambda end: end >= begin)),
        "documented_at": NOW,
        "direct_number_visible": False,
        "life_threatening": False,
    }


def belong(connection: Connection, care_unit: Unit | None) -> None:
    """Let the ward belong to another care unit, or be one."""
    key = None if care_unit is None else care_unit.hsa_id
    connection.execute(
        update(unit_table).where(unit_table.c.hsa_key == WARD.hsa_id).values(care_unit_key=key)
    )


def upsert(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Write a row as a load does."""
    put = INSERT[connection.dialect.name](table)
    replaced = {name: put.excluded[name] for name in row if name != "id"}
    connection.execute(put.on_conflict_do_update(index_elements=["id"], set_=replaced), row)


def write_request(connection: Connection, row: dict[str, Any]) -> None:
    """Write a request; one from a queue needs its place."""
    if connection.scalar(select(queue_place.c.id).where(queue_place.c.id == row["queue_place_id"])) is None:
        row = row | {"queue_place_id": None}
    upsert(connection, listing_request, row)


def remove(connection: Connection, name: str, id_: str) -> None:
    """Delete a row, a queue place with the requests that were made of it."""
    if name == "queue_place":
        connection.execute(delete(listing_request).where(listing_request.c.queue_place_id == id_))
    others = {"listing_request": listing_request, "fixed_contact": fixed_contact}
    table = others[name] if name in others else PERIODS[name][0]
    connection.execute(delete(table).where(table.c.id == id_))


def copy_all(connection: Connection, name: str) -> None:
    """Write many rows by one statement, as loads do: each again under another id."""
    table = PERIODS[name][0]
    others = [column for column in table.c if column.name != "id"]
    copies = select(table.c.id + literal("+"), *others).where(table.c.id.in_(list("abcd")))
    connection.execute(delete(table).where(table.c.id.in_([f"{id_}+" for id_ in "abcd"])))
    connection.execute(insert(table).from_select(["id", *(column.name for column in others)], copies))


def end_all(connection: Connection, name: str, moment: datetime) -> None:
    """End all rows that have begun by one statement."""
    table, begins, ends, _ = PERIODS[name]
    connection.execute(update(table).where(table.c[begins] <= moment).values({ends: moment}))


def die(connection: Connection, people: list[str], day: date | None) -> None:
    """Give residents a day of death, or take it back."""
    connection.execute(update(resident).where(resident.c.person_id.in_(people)).values(deceased_on=day))


names = st.sampled_from(sorted(PERIODS))
WRITES = st.one_of(
    *(st.tuples(st.just(upsert), st.just(PERIODS[name][0]), rows(name)) for name in PERIODS),
    st.tuples(st.just(write_request), requests()),
    st.tuples(st.just(upsert), st.just(fixed_contact), contacts()),
    st.tuples(st.just(belong), st.sampled_from((None, *UNITS))),
    st.tuples(st.just(remove), st.sampled_from((*sorted(PERIODS), "listing_request", "fixed_contact")), ids),
    st.tuples(st.just(copy_all), names),
    st.tuples(st.just(end_all), names, moments),
    st.tuples(
        st.just(die),
        st.lists(st.sampled_from(PEOPLE), min_size=1, unique=True),
        st.none() | moments.map(datetime.date),
    ),
    st.tuples(st.just(figures.fold), moments),
)


def counted(connection: Connection, now: datetime) -> Counter[tuple[Any, ...]]:
    """Count as somebody would who reads all rows, one after the other."""
    found: Counter[tuple[Any, ...]] = Counter()
    died = {row.person_id: row.deceased_on for row in connection.execute(select(resident))}
    for kind, (source, begins, ends, _) in zip(("listed", "queuing"), PERIODS.values(), strict=True):
        for row in connection.execute(select(source)).mappings():
            gone = died[row["person_id"]] is not None and died[row["person_id"]] <= now.date()
            if row[begins] <= now and (row[ends] is None or row[ends] > now) and not gone:
                found[row["unit_key"].key, row["code"], row["code_system"], kind] += 1
    for one in connection.execute(select(listing_request).where(listing_request.c.state == "waiting")):
        found[one.unit_key.key, one.code, one.code_system, "requested"] += 1
        if one.queue_place_id is not None:
            found[one.unit_key.key, one.code, one.code_system, "requested_from_queue"] += 1
    for doctor_key, unit_key, _ in set(_patients(connection, died, now)):
        found[unit_key, doctor_key, "2", "patients"] += 1
    return found


def _patients(
    connection: Connection, died: dict[str, date | None], now: datetime
) -> Iterator[tuple[str, str, str]]:
    """Yield doctor, unit and resident, for each contact with a doctor that a listing carries."""
    above = {one.hsa_key: one.care_unit_key for one in connection.execute(select(unit_table))}
    listings = connection.execute(select(listing)).all()
    for one in connection.execute(select(fixed_contact)):
        today, death = now.date(), died[one.person_id]
        carried = any(
            (of.person_id, of.code, of.code_system) == (one.person_id, *PV.key)
            and of.unit_key in (one.unit_key, above[one.unit_key])
            and of.valid_from <= now < (of.valid_to or datetime.max)
            for of in listings
        )
        valid = one.valid_from <= today <= (one.valid_to or date.max)
        if one.type_code == "2" and carried and valid and (death is None or death > today):
            yield one.staff_key.key, one.unit_key.key, one.person_id


def kept(connection: Connection, now: datetime) -> Counter[tuple[Any, ...]]:
    """Return the kept figures that are not 0."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in connection.execute(select(figure).where(figure.c.moment <= now)):
        found[row.unit_key.key, row.code, row.code_system, row.kind] += row.amount
    return Counter({key: amount for key, amount in found.items() if amount})


def check(connection: Connection) -> None:
    """See that figures are right at every moment, also at those that are not kept any more."""
    folded = connection.scalar(select(figures.FOLDED))
    for now in ASKED:
        expected = counted(connection, now)
        if folded is None or now >= folded:
            assert kept(connection, now) == expected, now
        answered = unit_figures.figures_of(connection, [one.hsa_id for one in UNITS], now)
        assert answered == unit_figures.figures_of_county(connection, UNITS[0].county, now)
        for one in UNITS:
            of_unit = answered.get(one.hsa_id, unit_figures.UnitFigures())
            assert of_unit._asdict() == {
                kind: expected[one.hsa_id.key, *PV.key, kind] for kind in of_unit._fields
            }, now
    assert figures.differences(connection) == []
    assert figures.wrong_patients(connection) == 0


@settings(max_examples=sized(quick=30, full=1000))
@given(writes=st.lists(WRITES, min_size=1, max_size=12))
def test_the_figures_are_those_of_a_count(register: Register, writes: list[tuple[Any, ...]]) -> None:
    empty(register)
    keep(register, PROVIDER, *UNITS, WARD, *DOCTORS, *residents(*PEOPLE))
    for write, *values in writes:
        with register.writing() as connection:
            write(connection, *values)
        with register.reading() as connection:
            check(connection)


def test_a_load_that_gives_a_contact_to_another_resident(register: Register) -> None:
    """On SQLite a load works out who are patients once for all its rows, those of before too."""
    keep(register, PROVIDER, *UNITS, *DOCTORS, *residents(*PEOPLE))
    keep(register, *(listing_record(who, who, UNITS[0]) for who in PEOPLE))
    keep(register, contact("F1", ANNA, DOCTORS[0], UNITS[0]), contact("F2", ANNA, DOCTORS[1], UNITS[1]))
    with register.writing() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE load_7 (person_id VARCHAR)")
        connection.execute(text("INSERT INTO load_7 VALUES (:bo)"), {"bo": BO})
        with figures.patients_at_once(connection, table("load_7"), [ANNA]):
            connection.execute(update(fixed_contact).where(fixed_contact.c.id == "F1").values(person_id=BO))
        connection.exec_driver_sql("DROP TABLE load_7")
    with register.reading() as connection:
        check(connection)
        assert kept(connection, NOW)[UNITS[0].hsa_id.key, DOCTORS[0].hsa_id.key, "2", "patients"] == 1
        assert connection.scalars(select(patient_period.c.person_id)).all() == [BO]
        assert connection.execute(select(patients_held)).all() == []
