"""Code lists and OIDs: the constants agree with the packaged tables, and open lists stay open."""

from collections.abc import Iterable
from importlib.resources import files

import pytest
from lxml import etree

from contracts import codes, oids
from contracts.catalogue import CARELISTING, RESIDENTPARTICIPATION
from contracts.codes import ActorType, ResultCode, table


@pytest.mark.parametrize(
    ("oid", "name"),
    [
        (oids.PERSONNUMMER, "personnummer"),
        (oids.SAMORDNINGSNUMMER, "samordningsnummer"),
        (oids.NATIONAL_RESERVE_NUMBER, "nationellt reservid (NRID)"),
        (oids.HSA_ID, "HSA-id (RIV-TA)"),
        (oids.COUNTY, "kv/län"),
        (oids.LISTING_TYPE, "Kv nationella listningstyper"),
        (oids.FIXED_CONTACT_TYPE, "Kv typ av fast kontakt"),
        (oids.BEFATTNING, "KV_Befattning"),
        (oids.CONTACT_POINT_SYSTEM, "FHIR contact-point-system"),
        (oids.ADDRESS_TYPE, "FHIR address-type"),
    ],
)
def test_oid_stands_in_the_table(oid: str, name: str) -> None:
    assert {row["oid"]: row["name"] for row in table("oids.csv")}[oid] == name


@pytest.mark.parametrize(
    ("csv", "oid"),
    [("contact_point_system.csv", oids.CONTACT_POINT_SYSTEM), ("address_type.csv", oids.ADDRESS_TYPE)],
)
def test_tables_of_contact_codes_carry_the_same_oid(csv: str, oid: str) -> None:
    assert {row["codeSystem_oid"] for row in table(csv)} == {oid}


def test_actor_types_are_those_of_the_table_in_its_order() -> None:
    rows = table("actor_types.csv")
    assert [actor.value for actor in ActorType] == [row["value"] for row in rows]
    assert [actor.is_person for actor in ActorType] == ["HSA-id" not in row["actorId_root"] for row in rows]


def test_result_codes_are_those_of_the_table_in_its_order() -> None:
    assert [code.value for code in ResultCode] == [row["value"] for row in table("result_codes.csv")]


@pytest.mark.parametrize(
    ("domain", "version", "enum", "values"),
    [
        (CARELISTING, "2.1", "ActorTypeEnum", ActorType),
        (CARELISTING, "2.1", "ResultCodeEnum", ResultCode),
        (RESIDENTPARTICIPATION, "enum_1.0", "WeekDaysEnum", codes.WEEKDAYS),
        (RESIDENTPARTICIPATION, "enum_1.0", "MonthsEnum", codes.MONTHS),
    ],
)
def test_closed_lists_are_those_of_the_schema(
    domain: str, version: str, enum: str, values: Iterable[str]
) -> None:
    folder = domain.replace(":", "_")
    text = (files("xsd") / folder / "core_components" / f"{folder}_{version}.xsd").read_bytes()
    found = etree.XML(text).xpath("//*[@name=$enum]//*[local-name()='enumeration']/@value", enum=enum)
    assert found == list(values)


def test_pv_is_the_one_national_listing_type() -> None:
    national = [row for row in table("listningstyper.csv") if row["level"] == "national"]
    assert [codes.Code(row["code"], row["codeSystem"], row["display"]) for row in national] == [codes.PV]


@pytest.mark.parametrize(
    ("code", "display"),
    [
        ("201011", "Distriktsläkare/Specialist allmänmedicin"),
        ("203020", "Läkare legitimerad, bastjänstgöring"),
        ("999999", None),
        ("", None),
    ],
)
def test_befattning(code: str, display: str | None) -> None:
    assert codes.befattning_display(code) == display


def test_befattning_table_is_whole() -> None:
    rows = table("befattning.csv")
    assert len({row["code"] for row in rows}) == len(rows) == 210
    assert all(len(row["code"]) == 6 and row["code"].isdigit() and row["display"] for row in rows)


@pytest.mark.parametrize(
    ("code", "display"),
    [
        (codes.CARE_CONTACT, "fast vårdkontakt"),
        (codes.DOCTOR_CONTACT, "fast läkarkontakt i primärvård"),
        (codes.HOME_CARE_CONTACT, "fast omsorgskontakt i hemtjänsten"),
        (codes.COORDINATING_CONTACT, "fast vårdkontakt med övergripande samordningsansvar"),
    ],
)
def test_fixed_contact_type(code: str, display: str) -> None:
    assert codes.fixed_contact_type(code) == codes.Code(code, oids.FIXED_CONTACT_TYPE, display)


def test_fixed_contact_type_to_come_is_unknown_but_no_error() -> None:
    assert codes.fixed_contact_type("5") is None


def test_counties() -> None:
    counties = codes.counties()
    assert len(counties) == 21
    assert list(counties) == sorted(counties)
    assert counties["21"] == codes.CountyRow("21", "Gävleborgs län", "Region Gävleborg", "SE2321000198-")


def test_refused_codes_are_no_counties() -> None:
    assert not {row["value"] for row in table("lan_special.csv")} & set(codes.counties())


def test_contact_point_systems() -> None:
    assert codes.contact_point_systems() == {"phone", "fax", "email", "pager", "url", "sms", "other"}


def test_week_days_and_months_follow_the_calendar() -> None:
    assert " ".join(codes.WEEKDAYS) == "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
    assert (len(codes.MONTHS), codes.MONTHS[0], codes.MONTHS[-1]) == (12, "January", "December")
