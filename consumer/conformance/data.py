"""The tester's data file: who and what the cases ask about, at one producer.

Every value may be left out: the cases that need it are then not tested, and the report says so. The word
``none`` says that the producer has nobody or nothing of the kind, so that the rule does not apply.
"""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from contracts.field_errors import in_words
from contracts.fields import Section
from contracts.messages import REQUESTS

NONE = "none"
"""Value that says that the producer has nobody or nothing of the kind."""


class DataError(ValueError):
    """A data file that cannot be used; the text says where and why."""


class ProducerData(Section):
    """Section ``[producer]``: what it is."""

    name: str = Field("", description="Name of the producer, for the report")
    contracts: tuple[str, ...] = Field((), description="Contracts it offers")


CONTRACT_ADDRESSES = "Contract = its address, where it is another than the producer's"


class LimitData(Section):
    """Section ``[limits]``: response times of the contract descriptions, and what is allowed here."""

    carelisting_seconds: float = Field(1.0, gt=0, description="Longest answer of a contract of carelisting")
    care_managers_seconds: float = Field(3.0, gt=0, description="Longest answer of GetCareManagers")
    share: float = Field(0.95, gt=0, le=1, description="Share of the answers that must keep it")
    max_changes: int = Field(3, ge=0, description="Re-listings that the region allows in 12 months")


class TechnicalErrorData(Section):
    """Section ``[technical_error]``: what brings a technical error about, as the suites ask for."""

    person: str = Field("", description="Person whose requests end in a technical error")
    header: str = Field("", description="HTTP header that brings one about, as NAME:VALUE")


class AccessData(Section):
    """Section ``[access]``: who may call."""

    denied_consumer: str = Field("", description="HSA-id of a consumer that may not call")


class CarelistingData(Section):
    """Section ``[carelisting]``: the region."""

    county: str = Field("", description="LogicalAddress: the two-digit county code")
    unserved_county: str = Field("", description="A county that the producer does not answer for")
    local_type: str = Field("", description="A listing type of the region's own, as CODE|SYSTEM")
    agreed_county: str = Field("", description="A county with which the region has agreed on types")
    agreed_type: str = Field("", description="A type that the two have agreed on, as CODE|SYSTEM")
    no_agreement_county: str = Field("", description="A county with which it has agreed on none")


class PersonData(Section):
    """Section ``[persons]``: residents, 12 characters each, of the region in ``[carelisting]``."""

    listed: str = Field("", description="Has an active PV listing in the county, and lives there")
    with_doctor: str = Field("", description="Listed, with a doctor")
    coordination_number: str = Field("", description="Listed, under a samordningsnummer")
    not_listed: str = Field("", description="Known, and listed nowhere")
    unknown: str = Field("", description="A number that nobody in the producer has")
    in_queue: str = Field("", description="Has a place in a queue")
    protected: str = Field("", description="Has protected identity")
    deceased: str = Field("", description="Has died, and was listed")
    ended: str = Field("", description="Had a listing that has ended")
    with_end: str = Field("", description="Has a listing that will end, with its date")
    without_doctor: str = Field("", description="Listed, without a doctor")
    two_types: str = Field("", description="Listed for PV and for a type of the region's own")
    child: str = Field("", description="A child with a listing")
    guardian: str = Field("", description="Guardian of the child")
    listed_elsewhere: str = Field("", description="Lives in the county, is listed in another")
    elsewhere_county: str = Field("", description="The county where that one is listed")
    listed_in_two: str = Field("", description="Lives in the county, has listings there and in another")
    two_counties: tuple[str, ...] = Field((), description="The counties where that one is listed")
    of_other_county: str = Field("", description="Lives in another county, is listed in this one")
    other_home_county: str = Field("", description="The county where that one lives")


class FacilityData(Section):
    """Section ``[facilities]``: HSA-ids of facilities in the spelling of the producer."""

    one: str = Field("", description="A facility where residents can be listed")
    another: str = Field("", description="Another one")
    with_room: str = Field("", description="Not full")
    full_with_queue: str = Field("", description="Full, and offers a queue")
    full_without_queue: str = Field("", description="Full, and offers none")
    with_doctors: str = Field("", description="Lets residents choose a doctor")
    without_doctors: str = Field("", description="Does not")
    several_types: str = Field("", description="Supports several listing types")
    without_types: str = Field("", description="Names no types, and so offers PV alone")
    unknown: str = Field("", description="An HSA-id that is no facility's")


class CaregiverData(Section):
    """Section ``[caregiver]``: a private care provider that asks about residents."""

    id: str = Field("", description="Its HSA-id")
    patient: str = Field("", description="Resident who is listed with it")
    not_patient: str = Field("", description="Resident who is listed with somebody else")


class CareManagerData(Section):
    """Section ``[care_managers]``: GetCareManagers."""

    address: str = Field("", description="LogicalAddress: HSA-id of the source system")
    unserved_address: str = Field("", description="One that the producer does not answer for")
    patients: tuple[str, ...] = Field((), description="Patients with fixed contacts; every rule looks at all")
    several: str = Field("", description="Patient with contacts of more than one type")
    doctor: str = Field("", description="Patient with a fast läkarkontakt who is listed in the county")
    coordination_number: str = Field("", description="Patient with contacts, under a samordningsnummer")
    reserve_number: str = Field("", description="Patient with contacts, by a national reserve number")
    local_reserve_number: str = Field("", description="A local reserve number")
    none: str = Field("", description="Known, without contacts")
    unknown: str = Field("", description="A number that nobody in the producer has")
    protected: str = Field("", description="Has protected identity, and contacts")
    deceased: str = Field("", description="Has died, and had contacts")
    ended: str = Field("", description="All contacts have ended")
    protected_staff: str = Field("", description="Patient whose only contact has protected identity")
    care_giver: str = Field("", description="HSA-id of a care provider of several's contacts")
    care_unit: str = Field("", description="HSA-id of a care unit of several's contacts")
    unknown_unit: str = Field("", description="An HSA-id that is no care unit's or provider's")
    staff_only_numbers: tuple[str, ...] = Field((), description="Numbers that residents must not see")


class WriteData(Section):
    """Section ``[writes]``: used only when the tester may write; the producer's data are changed."""

    resident: str = Field("", description="Lives in the county, listed, and may re-list at least twice")
    facility: str = Field("", description="Where that one is not listed; has room")
    doctor: str = Field("", description="HSA-id of a doctor to choose at writes.doctor_facility")
    doctor_resident: str = Field("", description="Listed at writes.doctor_facility, without that doctor")
    doctor_facility: str = Field("", description="Facility with a choice of doctor")
    queuer: str = Field("", description="Lives in the county, not in the queue of facilities.full_with_queue")
    out_of_changes: str = Field("", description="Has used up the year's re-listings")
    minor: str = Field("", description="Child whose other guardian has not consented")
    minor_guardian: str = Field("", description="The guardian who asks")
    age_resident: str = Field("", description="Not of the age for writes.age_type")
    age_facility: str = Field("", description="Facility that supports writes.age_type")
    age_type: str = Field("", description="Listing type with a limit of age, as CODE|SYSTEM")
    given_county: str = Field("", description="Lives in the county, may re-list; asks with homeCounty given")
    given_facility: str = Field("", description="Where that one is not listed; has room")
    newcomer: str = Field("", description="Lives in another county, not listed here")
    newcomer_county: str = Field("", description="Home county of that one")
    leaver: str = Field("", description="Lives in the county, listed there for PV, may re-list")
    leaver_county: str = Field("", description="Another county, in which that one is listed now")
    passer_by: str = Field("", description="Lives in another county, is listed nowhere here")
    settled: str = Field(
        "", description="Lives in another county, is listed here; is to be listed in a third"
    )
    third_county: str = Field("", description="That third county")
    repeater: str = Field("", description="Lives in the county, listed, may re-list; asks twice")
    repeater_facility: str = Field("", description="Where that one is not listed; has room")
    twice: str = Field("", description="As writes.repeater; asks twice at the same time")
    twice_facility: str = Field("", description="Where that one is not listed; has room")
    homecomer: str = Field("", description="Lives in the county, noted as listed in another; that ends")


class CaseData(Section):
    """The whole file."""

    producer: ProducerData = ProducerData()
    limits: LimitData = LimitData()
    technical_error: TechnicalErrorData = TechnicalErrorData()
    access: AccessData = AccessData()
    carelisting: CarelistingData = CarelistingData()
    persons: PersonData = PersonData()
    facilities: FacilityData = FacilityData()
    caregiver: CaregiverData = CaregiverData()
    care_managers: CareManagerData = CareManagerData()
    writes: WriteData = WriteData()
    addresses: dict[str, str] = Field({}, description=CONTRACT_ADDRESSES)
    not_applicable: dict[str, str] = Field({}, description="Rule, or group of rules = why it does not apply")

    def value(self, key: str) -> Any:
        """Return the value of a key such as ``persons.listed``."""
        section, _, name = key.partition(".")
        return getattr(getattr(self, section), name)

    def offers(self, contract: str) -> bool:
        """Tell whether the producer offers a contract."""
        return contract in (self.producer.contracts or REQUESTS)


def read_data(path: Path) -> CaseData:
    """Read a data file.

    Raises:
        DataError: It cannot be read, or a value in it is wrong.
    """
    try:
        return CaseData.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"the data file {path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path} is not TOML: {error}") from None
    except ValidationError as error:
        one = error.errors()[0]
        where = ".".join(map(str, one["loc"]))
        raise DataError(f"{path}: {where}: {in_words(one)}") from None


def write_data(data: CaseData) -> str:
    """Return a data file with every key, each with what it is for."""
    lines = [
        "# Whom and what `fastkontakt conformance` asks about. An empty value: its cases are not tested."
    ]
    lines.append(f'# "{NONE}": the producer has nobody or nothing of the kind, and the rule does not apply.')
    for section, field in CaseData.model_fields.items():
        lines += ["", f"[{section}]"]
        part = getattr(data, section)
        if isinstance(part, dict):
            lines.append(f"# {field.description}")
            lines += [f"{_text(key)} = {_text(reason)}" for key, reason in part.items()]
            continue
        for name, one in type(part).model_fields.items():
            lines += [f"# {one.description}", f"{name} = {_toml(getattr(part, name))}"]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_text, value))}]"
    return _text(value) if isinstance(value, str) else str(value)


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
