"""HSA-ids in columns: what is kept of them, what comes back, what they are compared with (register.types)."""

from dataclasses import replace

import pytest
from sqlalchemy import (
    BindParameter,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    tuple_,
    update,
)

from contracts.identifiers import HsaId
from register.database import Register
from register.tables import care_provider, contact_route, employment, outgoing, staff, unit
from tests.databases import keep
from tests.records import ANNA, COUNTY, PROVIDER, contact, doctor, phone, residents, upper, works_at
from tests.records import unit as a_unit

SPELLED = HsaId("se2321000131-Mixed")
KEPT = {"hsa_key": "SE2321000131-MIXED", "hsa_id": "se2321000131-Mixed"}
SPELLINGS = ["se2321000131-Mixed", "SE2321000131-MIXED", "se2321000131-mixed", " se2321000131-MIXED\n"]


@pytest.fixture
def filled(register: Register) -> Register:
    """A register with one care provider, written by statement."""
    with register.writing() as connection:
        values = {"hsa_key": SPELLED, "hsa_id": SPELLED, "name": "Blandat"}
        connection.execute(insert(care_provider), values)
    return register


def raw(connection: Connection) -> list[dict[str, str]]:
    """Return keys and spellings as the database has them."""
    rows = connection.execute(text("SELECT hsa_key, hsa_id FROM care_provider"))
    return [dict(one) for one in rows.mappings()]


def test_a_key_is_kept_as_it_is_compared_and_the_spelling_as_it_is(filled: Register) -> None:
    with filled.reading() as connection:
        assert raw(connection) == [KEPT]


def test_a_text_is_taken_for_an_hsa_id(register: Register) -> None:
    with register.writing() as connection:
        connection.execute(
            insert(care_provider), {"hsa_key": str(SPELLED), "hsa_id": str(SPELLED), "name": "x"}
        )
        assert raw(connection) == [KEPT]


def test_both_columns_give_hsa_ids(filled: Register) -> None:
    with filled.reading() as connection:
        row = connection.execute(select(care_provider)).one()
        top = connection.execute(select(func.max(care_provider.c.hsa_id))).scalar_one()
    assert (row.hsa_key, row.hsa_id) == (SPELLED, SPELLED)
    assert (str(row.hsa_key), str(row.hsa_id)) == (KEPT["hsa_key"], KEPT["hsa_id"])
    assert (type(top), str(top)) == (HsaId, KEPT["hsa_id"])


@pytest.mark.parametrize("as_text", [True, False], ids=["text", "HSA-id"])
@pytest.mark.parametrize("spelling", SPELLINGS, ids=["as kept", "upper", "lower", "blanks"])
def test_a_key_is_found_in_every_spelling(filled: Register, spelling: str, as_text: bool) -> None:
    asked = spelling if as_text else HsaId(spelling)
    key, other = care_provider.c.hsa_key, "SE2321000131-OTHER"
    several: BindParameter[HsaId | str] = bindparam("several", expanding=True)
    with filled.reading() as connection:
        for condition in (
            key == asked,
            key.in_([other, asked]),
            key.in_(several),
            key == bindparam("one"),
            tuple_(key, care_provider.c.name).in_([(asked, "Blandat")]),
        ):
            found = select(care_provider.c.hsa_id).where(condition)
            values = {"several": [asked], "one": asked}
            assert [str(one) for one in connection.scalars(found, values)] == [KEPT["hsa_id"]]
        for condition in (key != asked, key == other, key.not_in([asked])):
            assert connection.scalars(select(key).where(condition)).all() == []


def test_a_changed_spelling_is_kept(filled: Register) -> None:
    with filled.writing() as connection:
        connection.execute(update(care_provider).values(hsa_id=HsaId("SE2321000131-mIXED")))
        assert raw(connection) == [KEPT | {"hsa_id": "SE2321000131-mIXED"}]


def test_a_record_that_is_spelled_otherwise_is_written_anew(register: Register) -> None:
    """What refers to it needs no change, and nobody's posts in the engagement index are others for it."""
    at, dora = a_unit("Alfa"), doctor("Dora")
    link = contact("1", ANNA, dora, at)
    keep(register, PROVIDER, at, dora, works_at(dora, at), *residents(ANNA), link)
    with register.writing() as connection:
        connection.execute(delete(outgoing))
    respelled = replace(dora, hsa_id=upper(dora.hsa_id))
    keep(register, respelled, works_at(respelled, at), replace(link, staff=dora.hsa_id))
    with register.reading() as connection:
        row = connection.execute(select(staff)).one()
        assert connection.scalar(select(func.count()).select_from(outgoing)) == 0
    assert (str(row.hsa_id), str(row.hsa_key)) == (str(respelled.hsa_id), respelled.hsa_id.key)


def test_keys_meet_in_joins_whatever_the_spelling_of_the_reference(register: Register) -> None:
    at, dora = a_unit("Alfa"), doctor("Dora")
    keep(register, PROVIDER, at, dora, works_at(dora, at))  # the employment is spelled in upper case
    query = (
        select(staff.c.hsa_id, unit.c.hsa_id, employment.c.staff_key, unit.c.care_unit_key)
        .join_from(employment, staff, staff.c.hsa_key == employment.c.staff_key)
        .join(unit, unit.c.hsa_key == employment.c.unit_key)
        .where(unit.c.county == COUNTY)
    )
    with register.reading() as connection:
        who, where, key, care_unit = connection.execute(query).one()
    assert (str(who), str(where), str(key)) == (str(dora.hsa_id), str(at.hsa_id), dora.hsa_id.key)
    assert care_unit is None


def test_no_hsa_id_is_kept_as_none(register: Register) -> None:
    at = a_unit("Alfa")
    keep(register, PROVIDER, at, phone("1", unit=at.hsa_id))
    with register.reading() as connection:
        row = connection.execute(select(contact_route)).one()
        alone = select(func.count()).where(contact_route.c.staff_key.is_(None))
        assert connection.scalar(alone) == 1
    assert (row.unit_key, row.staff_key, row.provider_key) == (at.hsa_id, None, None)


def test_keys_are_in_the_order_of_their_form(register: Register) -> None:
    """By code point, on both databases: of keys letter case does not count, of spellings it does."""
    with register.writing() as connection:
        for name in ("b", "A-2", "a", "B1"):
            one = HsaId(f"SE1-{name}")
            connection.execute(insert(care_provider), {"hsa_key": one, "hsa_id": one, "name": name})
        found = connection.scalars(select(care_provider.c.name).order_by(care_provider.c.hsa_key)).all()
        spelled = connection.scalars(select(care_provider.c.name).order_by(care_provider.c.hsa_id)).all()
    assert found == ["a", "A-2", "b", "B1"]
    assert spelled == ["A-2", "B1", "a", "b"]
