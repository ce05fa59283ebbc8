"""The doctor extension: an element of our own after ``title`` in carelisting's HealthcarePersonnelType.

The national description of fixed contacts wants a doctor's direct phone, team and befattning in Listing. 2.1
has no elements for them; the open slot after ``title`` is the only place (requirement row S003-110, seed
conflict 7). The schema is in ``xsd/fastkontakt_carelisting_doctor``. Nothing to tell makes no element.
"""

from collections.abc import Sequence

from lxml import etree

from contacts.care_managers import CareManager
from contacts.visibility import split_routes
from contracts import oids
from contracts.codes import befattning_display
from mapping.answers.elements import add, add_optional
from register.model import Staff

NAMESPACE = "urn:fastkontakt:carelisting:doctor:1"
_N = f"{{{NAMESPACE}}}"


def of_link(personnel: etree._Element, link: CareManager) -> None:
    """Tell more of the doctor a resident has, with direct numbers the resident may see (S003-061).

    Args:
        personnel: The HealthcarePersonnelType to append to.
        link: The fixed contact that makes somebody the doctor.
    """
    shown, _ = split_routes(link.own_routes, direct_visible=link.contact.direct_number_visible)
    phones = [route.value for route in shown if route.system == "phone"]
    _write(personnel, link.staff, phones, link.team.name if link.team is not None else None)


def of_doctor(personnel: etree._Element, doctor: Staff) -> None:
    """Tell more of a doctor who can be chosen: the befattning alone, for the asker is no patient yet."""
    _write(personnel, doctor, (), None)


def _write(personnel: etree._Element, doctor: Staff, phones: Sequence[str], team: str | None) -> None:
    if not (phones or team or doctor.befattning):
        return
    element = etree.SubElement(personnel, f"{_N}doctor", nsmap={"doctor": NAMESPACE})
    for phone in phones:
        add(element, f"{_N}directPhone", phone)
    add_optional(element, f"{_N}team", team)
    if doctor.befattning:
        befattning = add(element, f"{_N}befattning")
        add(befattning, f"{_N}code", doctor.befattning)
        add(befattning, f"{_N}codeSystem", oids.BEFATTNING)
        add_optional(befattning, f"{_N}displayName", befattning_display(doctor.befattning))
