"""Broken in GetCareManagers."""

import re
from collections.abc import Callable, Iterator

from lxml import etree

from contracts import oids
from tests.conformance.broken import Ask, Mutation, When, a_fault, as_if, asks, edited, into
from tests.conformance.edits import both, doubled, each, gone, says, text_at
from tests.conformance.in_process import Asked
from tests.conformance.mutations.common import (
    CARE,
    CHILD,
    G,
    contacts,
    mutation,
    swapped,
)


def is_phone(one: etree._Element) -> bool:
    return text_at(one, "system/code") == "phone"


def _repeated(content: etree._Element) -> None:
    """Tell a contact that is no doctor twice."""
    for name, text in (
        ("code/code", "4"),
        ("code/displayName", "fast vårdkontakt med övergripande samordningsansvar"),
    ):
        says(f"careManager/{name}", text)(content)
    doubled("careManager")(content)
    says("code/code", "1")(content[0])
    says("code/displayName", "fast vårdkontakt")(content[0])
    says("code/code", "1")(content[1])
    says("code/displayName", "fast vårdkontakt")(content[1])


def _coordinators(content: etree._Element) -> None:
    """Tell two contacts with code 4, of different people."""
    for name, text in (
        ("code/code", "4"),
        ("code/displayName", "fast vårdkontakt med övergripande samordningsansvar"),
    ):
        says(f"careManager/{name}", text)(content)
    doubled("careManager", says("practitioner/hsaId/extension", "SE2321000131-OTHER"))(content)


def care_managers() -> Iterator[Mutation]:
    child = contacts(CHILD)

    def edit(name: str, caught: str, edit: Callable[[etree._Element], None], when: When = child) -> Mutation:
        return mutation(name, " ".join(f"{CARE}{one}" for one in caught.split()), edited(when, edit))

    def make(name: str, caught: str, make: Callable[[Ask], Ask]) -> Mutation:
        return mutation(name, " ".join(f"{CARE}{one}" for one in caught.split()), make)

    def mistaken(number: str, root: str = "") -> Callable[[Ask], Ask]:
        def other(asked: Asked) -> Asked:
            text = asked.body.decode().replace(f">{number}<", f">{G.doctor}<")
            return asked._replace(
                body=re.sub(
                    r"(patientId>.*?root[^>]*>)[\d.]+(</)", rf"\g<1>{oids.PERSONNUMMER}\2", text
                ).encode()
            )

        return as_if(asks("GetCareManagers", f">{number}<"), other)

    yield make(
        "GetCareManagers: no person numbers",
        "person_number",
        a_fault(asks("GetCareManagers", f">{G.several}<", f">{G.address}<", without="careManagerType")),
    )
    yield make(
        "GetCareManagers: no co-ordination numbers",
        "coordination_number",
        a_fault(contacts(G.coordination_number)),
    )
    yield make("GetCareManagers: no reserve numbers", "reserve_number", a_fault(contacts(G.reserve_number)))
    yield make(
        "GetCareManagers: local reserve numbers", "local_reserve_number", mistaken(G.local_reserve_number)
    )
    yield make(
        "GetCareManagers: guesses the century",
        "ten_digits",
        into(asks("GetCareManagers", f">{G.several[2:]}<"), swapped(f">{G.several[2:]}<", f">{G.several}<")),
    )
    yield make(
        "GetCareManagers: a Fault for an unknown patient",
        "unknown",
        a_fault(lambda asked: contacts(G.unknown)(asked) or contacts(G.protected)(asked)),
    )
    yield make("GetCareManagers: a Fault for no contacts", "no_contacts", a_fault(contacts(G.none)))
    yield make("GetCareManagers: shows protected identity", "protected", mistaken(G.protected))
    yield make("GetCareManagers: a Fault for protected identity", "protected", a_fault(contacts(G.protected)))
    yield make("GetCareManagers: shows the dead", "deceased", mistaken(G.deceased))
    yield make("GetCareManagers: shows what has ended", "ended", mistaken(G.ended))
    yield make("GetCareManagers: shows protected staff", "protected_staff", mistaken(G.protected_staff))
    other_doctor = says("practitioner/hsaId/extension", "SE2321000131-OTHER")
    yield edit("two doctors", "one_doctor", doubled("careManager", other_doctor))
    yield edit(
        "no doctor",
        "doctor",
        gone("careManager", lambda one: text_at(one, "code/code") == "2"),
        contacts(G.doctor),
    )
    yield edit("another code system of types", "code_system", says("careManager/code/codeSystem", "1.2.3"))
    yield edit("a role without a code", "code_system", says("careManager/code/code", "kontaktsjuksköterska"))
    yield edit("another name of the type", "code_name", says("careManager/code/displayName", "husläkare"))
    yield edit(
        "staff under their person numbers",
        "practitioner_id",
        says("careManager/practitioner/hsaId/root", oids.PERSONNUMMER),
    )
    yield edit("nameless", "practitioner_name", gone("careManager/practitioner/name"))
    yield edit("no befattning", "qualification", gone("careManager/practitioner/qualification"))
    yield edit(
        "a befattning of four digits",
        "qualification_code",
        says("careManager/practitioner/qualification/code", "2010"),
    )
    yield edit(
        "a befattning of another list",
        "qualification_code",
        says("careManager/practitioner/qualification/codeSystem", "1.2.3"),
    )
    yield edit("30 February", "dates", says("careManager/period/start", "20240230"))
    yield edit("begins in 2041", "begun", says("careManager/period/start", "20410101"))

    def ended(one: etree._Element) -> None:
        says("period/start", "20190101")(one)
        period = one.find("{*}period")
        end = etree.SubElement(period, period[0].tag.replace("start", "end"))
        end.text = "20200101"
        period[0].addnext(end)

    yield edit("ended in 2020", "not_ended", each("careManager", ended))
    yield edit(
        "a provider by its organisation number",
        "organisations",
        says("careManager/managingCareGiver/hsaId/root", "2.5.4.97"),
    )
    yield edit("a unit without a name", "unit_name", gone("careManager/managingCareUnit/name"))
    header = "careManager/careManagerHeader"
    yield edit(
        "an accountable provider without HSA-id",
        "accountable_provider",
        says(f"{header}/accessControlHeader/accountableHealthcareProviderId/root", "2.5.4.97"),
    )
    yield edit(
        "no accountable unit", "accountable_unit", gone(f"{header}/accessControlHeader/accountableCareUnitId")
    )
    yield edit(
        "another patient in the header",
        "header_patient",
        says(f"{header}/accessControlHeader/patientId/extension", "199406062381"),
    )
    yield edit(
        "a patient under another root",
        "header_patient_root",
        says(f"{header}/accessControlHeader/patientId/root", oids.SAMORDNINGSNUMMER),
    )
    yield edit(
        "a source system without HSA-id", "source_system", says(f"{header}/sourceSystemId/root", "1.2.3")
    )

    def another_system(content: etree._Element) -> None:
        for one in content[:1]:
            says("careManagerHeader/sourceSystemId/extension", "SE2321000131-OTHER")(one)

    yield edit("contacts of two systems", "source_system_addressed", another_system, contacts(G.several))
    yield edit(
        "documented in 2041",
        "block_comparison_time",
        says(f"{header}/accessControlHeader/blockComparisonTime", "20410101000000"),
    )
    yield edit("a doctor without a unit", "doctor_at_a_unit", gone("careManager/managingCareUnit"))
    doctors = each("careManager", lambda one: other_doctor(one) if text_at(one, "code/code") == "2" else None)
    yield edit("another doctor than the listing's", "doctor_where_listed", doctors, contacts(G.doctor))

    def unitless(one: etree._Element) -> None:
        if text_at(one, "code/code") == "3":
            both(gone("managingCareUnit"), gone("careProvidingCareUnit"))(one)

    yield edit(
        "home care without its unit", "home_care_unit", each("careManager", unitless), contacts(G.several)
    )

    def unreachable(one: etree._Element) -> None:
        if text_at(one, "code/code") == "4":
            for contact in list(one.iter("{*}contact")):
                contact.getparent().remove(contact)

    yield edit("no way to reach", "a_way_to_reach", each("careManager", unreachable), contacts(G.several))
    yield edit(
        "no telephone of the unit",
        "unit_phone",
        gone("careManager/managingCareUnit/contact/telecom", is_phone),
    )
    yield edit("no visiting address", "unit_address", gone("careManager/managingCareUnit/contact/address"))
    yield edit("no town", "unit_address", gone("careManager/managingCareUnit/contact/address/city"))
    yield edit(
        "no e-services",
        "unit_e_services",
        gone(
            "careManager/managingCareUnit/contact/telecom", lambda one: text_at(one, "system/code") == "url"
        ),
        contacts(G.doctor),
    )
    phones = each(
        "careManager/contact/telecom",
        lambda one: says("value", G.staff_only_numbers[0])(one) if is_phone(one) else None,
    )
    yield edit(
        "a number for staff where the patient sees it", "staff_only_numbers", phones, contacts(G.doctor)
    )
    yield edit(
        "a number for staff in the note for the patient",
        "staff_only_numbers",
        says("careManager/externalNotes", "Ring 031-390 06 02 (vård till vård)"),
        contacts(G.doctor),
    )
    telecom = "careManager/managingCareUnit/contact/telecom"
    fax = each(
        telecom,
        lambda one: says("system/code", "telephone")(one) if text_at(one, "system/code") == "email" else None,
    )
    yield edit("telephone is no code", "telecom_system", fax)
    yield edit("no code system of telecom", "telecom_system", gone(f"{telecom}/system/codeSystem"))
    yield edit(
        "a telecom that says nothing of what it is",
        "telecom_system",
        each(telecom, lambda one: gone("system")(one) if text_at(one, "system/code") == "email" else None),
    )
    yield edit(
        "a telephone number in words",
        "telecom_value",
        each(telecom, lambda one: says("value", "ring växeln")(one) if is_phone(one) else None),
    )
    yield edit(
        "an address of type visit",
        "address_type",
        each(
            "careManager/managingCareUnit/contact/address",
            lambda one: says("type/code", "visit")(one) if text_at(one, "type/code") == "postal" else None,
        ),
    )
    yield edit("opens after it closes", "hours", says(f"{telecom}/period/time/start", "235900"))
    yield edit("a team without an id", "team", gone("careManager/careTeam/id/extension"), contacts(G.several))
    yield edit("a contact twice", "each_once", _repeated)
    yield edit("two coordinators", "one_coordinator", _coordinators)
