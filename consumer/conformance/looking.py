"""What cases look at in answers: items of a contract, identities, codes, times."""

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from consumer.conformance.case import Blocked, NotApplicable
from consumer.conformance.probe import Probe
from consumer.conformance.seen import FALSE, TRUE, Seen, found, text_of
from consumer.conformance.writing import citizen, county, kind, person
from contracts.catalogue import Contract
from contracts.codes import PV
from contracts.messages import CreateListing, UpdateListing

_HSA_ROOT = "1.2.752.129.2.1.4.1"
_NUMBER = re.compile(rb">\s*((?:18|19|20)\d{10})\s*<")


def answers(probe: Probe, *contracts: str, domain: str = "") -> list[tuple[Contract, Seen]]:
    """Return the answers of the run with their contracts, of some contracts or of a domain.

    Raises:
        NotApplicable: The producer offers none of them.
        Blocked: None has been answered.
    """
    chosen = _asked(probe, contracts, domain)
    if not chosen:
        probe.look_around()
        chosen = _asked(probe, contracts, domain)
    if not chosen:
        raise NotApplicable("no call of the run was of a contract that the rule is about")
    answered = [(contract, seen) for contract, seen in chosen if seen.answered]
    if not answered:
        raise Blocked("no call of the run was answered")
    return answered


def _asked(probe: Probe, contracts: tuple[str, ...], domain: str) -> list[tuple[Contract, Seen]]:
    return [
        (seen.contract, seen)
        for seen in probe.everything()
        if seen.contract is not None
        and (not contracts or seen.contract.name in contracts)
        and (not domain or seen.contract.domain == domain)
    ]


def faults(probe: Probe) -> list[Seen]:
    """Return the Faults of the run; when there is none yet, ask for one by a request without a body.

    Raises:
        NotApplicable: There is none.
    """
    came = [seen for seen in probe.everything() if seen.fault is not None]
    if not came:
        probe.raw(probe.plain().contract, b"")
        came = [seen for seen in probe.everything() if seen.fault is not None]
    if not came:
        raise NotApplicable("no call of the run got a Fault")
    return came


def parts(probe: Probe, contract: str, path: str) -> list[tuple[Seen, etree._Element]]:
    """Return the elements at a path in every answer of a contract in the run, each with its answer.

    Raises:
        NotApplicable: There is none.
    """
    some = [(seen, one) for _, seen in answers(probe, contract) for one in seen.all(path)]
    if not some:
        raise NotApplicable(f"no answer of {contract} has {path}")
    return some


def numbers_in(request: bytes) -> set[str]:
    """Return the person numbers in a request."""
    return {number.decode() for number in _NUMBER.findall(request)}


def hsa_ids(seen: Seen) -> Iterator[str]:
    """Yield every HSA-id in an answer: of facilities, staff and organisations."""
    if seen.content is None:
        return
    for path in ("healthcareFacility/{*}id", "healthcarePersonnel/{*}id", "healthcareFacilities/{*}id"):
        for one in seen.content.iterfind(f".//{{*}}{path}"):
            yield one.text or ""
    for one in seen.content.iter("{*}extension"):
        parent = one.getparent()
        if parent is not None and text_of(parent, "root") == _HSA_ROOT:
            yield one.text or ""


def codes_of(element: etree._Element, path: str) -> list[tuple[str, str]]:
    """Return code and code system of the coded values at a path."""
    return [(text_of(one, "code"), text_of(one, "codeSystem")) for one in found(element, path)]


def routes(contact: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Yield every element contact of a fixed contact, with the name of whose it is."""
    for one in contact.iter("{*}contact"):
        parent = one.getparent()
        yield str(etree.QName(contact if parent is None else parent).localname), one


def moment(text: str) -> datetime | None:
    """Return the time that YYYYMMDDhhmmss or YYYY-MM-DDThh:mm:ss says; None when there is none such."""
    digits = re.sub(r"[-:T]", "", text)
    if len(digits) < 14 or not digits[:14].isdecimal():
        return None
    try:
        return datetime.strptime(digits[:14], "%Y%m%d%H%M%S")
    except ValueError:
        return None


def wish(number: str, facility: str) -> CreateListing:
    """Return a CreateListing of a resident for primary care, of the resident itself."""
    return CreateListing(citizen(number), person(number), facility, kind(PV.code))


def notice(number: str, new: str, home: str) -> UpdateListing:
    """Return an UpdateListing for primary care."""
    return UpdateListing(person(number), county(new), county(home))


def listed_at(probe: Probe, number: str, *, queue: bool = False) -> set[str]:
    """Return where a resident is listed now, or queues, as HSA-ids in capitals."""
    wanted = TRUE if queue else FALSE
    return {
        text_of(one, "healthcareFacility/id").upper()
        for one in probe.listing(number, anew=True).all("listings")
        if text_of(one, "isInQueue") in wanted
    }
