"""Code lists of the contracts, read once from the packaged tables in ``contracts/data``.

Lists that the contracts' texts keep open (KV_Befattning, Kv typ av fast kontakt) answer None for a code they
do not hold: such a code is passed on, never refused.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from contracts import oids

CodeKey = tuple[str, str]
"""A code and its code system."""


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a packaged table, such as ``befattning.csv``, as dicts of column name to text."""
    text = (files("contracts") / "data" / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@dataclass(frozen=True, slots=True)
class Code:
    """A code as CVType carries it: code, OID (or URN) of the code system, display name."""

    code: str
    system: str
    display: str

    @property
    def key(self) -> CodeKey:
        """What tells it from other codes."""
        return self.code, self.system


PV = Code("PV", oids.LISTING_TYPE, "Primärvårdslistning")
"""The only national listing type; its display name is fixed (carelisting TKB, GetListing)."""

CARE_CONTACT = "1"
"""Fast vårdkontakt."""
DOCTOR_CONTACT = "2"
"""Fast läkarkontakt i primärvård: at most one per answer (GetCareManagers rule001)."""
HOME_CARE_CONTACT = "3"
"""Fast omsorgskontakt i hemtjänsten."""
COORDINATING_CONTACT = "4"
"""Fast vårdkontakt med övergripande samordningsansvar."""
FEWEST_TO_COORDINATE = 2
"""How many contacts with code 1 a patient has when one of them ought to coordinate (S003-036, S003-038)."""

CONTACT_NURSE = "contact-nurse"
"""Kontaktsjuksköterska: kept here, never sent (requirement row S003-051)."""
TREATING_ROLE = "treating-role"
"""Behandlande roll: kept here, never sent (requirement rows S000-047 to S000-050)."""

LOCAL_CONTACT_TYPES: Mapping[str, str] = {
    CONTACT_NURSE: "Kontaktsjuksköterska",
    TREATING_ROLE: "Behandlande roll",
}
"""Kinds of contact that the register keeps and no answer carries, with their names.

Kv typ av fast kontakt has no code for them, and other roles than the lawful ones are not sent (S003-002).
"""


@cache
def fixed_contact_types() -> Mapping[str, Code]:
    """Return Kv typ av fast kontakt by code, in its order."""
    return {
        row["code"]: Code(row["code"], row["codeSystem_oid"], row["display"])
        for row in table("typ_av_fast_kontakt.csv")
    }


def fixed_contact_type(code: str) -> Code | None:
    """Return the code of Kv typ av fast kontakt, or None: codes may be added without a new contract."""
    return fixed_contact_types().get(code)


_CONTACT_CODE = re.compile("[0-9]{1,4}")


def is_contact_code(code: str) -> bool:
    """Tell whether a text can be a code of Kv typ av fast kontakt, one added after the packaged list too.

    Any other is free text, or somebody's number, and never stands under the list's OID.
    """
    return _CONTACT_CODE.fullmatch(code) is not None


def contact_type_named(text: str) -> str | None:
    """Return the code of the type of contact that a text names, whatever its letter case; None if none.

    What stands after the name, as in "fast läkarkontakt i primärvård", may be left out where no other type is
    meant by the rest.
    """
    name = " ".join(text.casefold().split())
    names = {one.display: one.code for one in fixed_contact_types().values()}
    names |= {display.casefold(): code for code, display in LOCAL_CONTACT_TYPES.items()}
    short = {display.partition(" i ")[0]: code for display, code in names.items()}
    return names.get(name) or short.get(name)


@cache
def _befattningar() -> dict[str, str]:
    return {row["code"]: row["display"] for row in table("befattning.csv")}


def befattning_display(code: str) -> str | None:
    """Return the display name of a code of KV_Befattning, or None when the packaged list lacks it.

    The packaged list is older than the one in force (3.8), so a missing code is not a wrong code.
    """
    return _befattningar().get(code)


@cache
def _befattningar_for(use: str) -> frozenset[str]:
    return frozenset(
        row["code"] for row in table("befattning.csv") if use in row["fixed_contact_use_hint"].split()
    )


_FIXED_DOCTOR = ("flk-typical", "flk-if-speciality-fits", "flk-if-ST-allmanmedicin")


def is_licensed_doctor(befattning: str) -> bool:
    """Tell whether a code of KV_Befattning is a licensed doctor's; 204010 and 204090 are not (S003-022)."""
    return befattning in _befattningar_for("licensed-doctor")


def is_fixed_doctor(befattning: str) -> bool:
    """Tell whether a code of KV_Befattning can be a fast läkarkontakt's, the speciality apart (S003-006)."""
    return any(befattning in _befattningar_for(use) for use in _FIXED_DOCTOR)


def is_assistant_nurse(befattning: str) -> bool:
    """Tell whether a code of KV_Befattning is an undersköterska's (requirement row S003-008)."""
    return befattning in _befattningar_for("omsorgskontakt-title")


@dataclass(frozen=True, slots=True)
class CountyRow:
    """A county and the region that answers for its health care.

    Attributes:
        code: Two-digit county code.
        name: Name of the county (län).
        region: Name of the region.
        hsa_prefix: What the region's own HSA-ids start with, such as ``SE2321000198-``.
    """

    code: str
    name: str
    region: str
    hsa_prefix: str


@cache
def counties() -> Mapping[str, CountyRow]:
    """Return the 21 counties by code, in the order of code."""
    return {
        row["code"]: CountyRow(row["code"], row["lan"], row["region"], row["hsa_prefix"])
        for row in table("lan_regioner.csv")
    }


class ActorType(StrEnum):
    """On whose behalf carelisting is called, in the schema's order (``data/actor_types.csv``)."""

    CITIZEN = "CITIZEN"
    GUARDIAN = "GUARDIAN"
    REGION = "REGION"
    PRIVATE_CAREGIVER = "PRIVATE_CAREGIVER"
    SELF_OWNED_CAREGIVER = "SELF_OWNED_CAREGIVER"
    HEALTHCARE_ADVISER = "HEALTHCARE_ADVISER"

    @property
    def is_person(self) -> bool:
        """Whether actorId is a person id; otherwise it is an HSA-id (carelisting TKB, ActorType)."""
        return self in (ActorType.CITIZEN, ActorType.GUARDIAN)


class ResultCode(StrEnum):
    """Result codes of carelisting, in the schema's order (``data/result_codes.csv``).

    The Get contracts may answer only the first three (carelisting TKB, result codes).
    """

    OK = "OK"
    ERROR = "ERROR"
    INFO = "INFO"
    ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED = "ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED"
    ERROR_MAXIMUM_CITIZEN_REACHED_ON_CAREUNIT = "ERROR_MAXIMUM_CITIZEN_REACHED_ON_CAREUNIT"
    ERROR_GUARDIAN_CONSENT_NEEDED = "ERROR_GUARDIAN_CONSENT_NEEDED"
    ERROR_AGE_LIMIT = "ERROR_AGE_LIMIT"


@cache
def contact_point_systems() -> frozenset[str]:
    """Return the codes that telecom.system may have: phone, email, url and so on."""
    return frozenset(row["code"] for row in table("contact_point_system.csv"))


def _enum_values(kind: str) -> tuple[str, ...]:
    return tuple(row["value"] for row in table("weekday_month_enums.csv") if row["kind"] == kind)


WEEKDAYS = _enum_values("weekDay")
"""Values of GetCareManagers' WeekDaysEnum, Monday first."""
MONTHS = _enum_values("month")
"""Values of GetCareManagers' MonthsEnum, January first."""
