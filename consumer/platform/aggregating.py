"""The aggregating service of GetCareManagers: asks everybody who has something, and joins what comes.

Facts on RIV-TA, section 6.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from html import escape
from typing import NamedTuple

from lxml import etree

from consumer.envelope import body_content
from consumer.platform.faults import PlatformFault, envelope
from consumer.platform.index import StandInIndex
from consumer.platform.passing import Answered
from consumer.platform.stand_ins import SERVICE_DOMAIN
from consumer.xml import XmlError, parse
from contracts.catalogue import LOGICAL_ADDRESS, by_name
from contracts.clock import swedish_now
from contracts.schemas import Schemas
from contracts.soap import HEADER

CATEGORIZATION = "crr-gcm"
"""How posts of GetCareManagers are marked in the index (TKB of residentparticipation)."""

_GET_CARE_MANAGERS = by_name("GetCareManagers")
_STATUS = "urn:riv:interoperability:headers:1"

Ask = Callable[[str, bytes], Answered]
"""Passes a request on to an address, and returns what came; may raise `PlatformFault`."""


class _Source(NamedTuple):
    """What came of one address: its contacts, or why there are none."""

    address: str
    contacts: list[etree._Element]
    code: str = ""
    text: str = ""


def aggregate(
    content: etree._Element, body: bytes, index: StandInIndex, ask: Ask, schemas: Schemas, seconds: float
) -> Answered:
    """Answer GetCareManagers with the contacts of every source that the index names.

    HTTP 200 also when every source failed: the header ProcessingStatus says so.

    Args:
        content: The request's element.
        body: The request, which goes on as it is but for its LogicalAddress.
        index: Where the index says that there is something.
        ask: Passes the request on.
        schemas: What each answer is checked with.
        seconds: How long the sources are waited for together.
    """
    addresses = index.addresses(_patient(content), SERVICE_DOMAIN, CATEGORIZATION)
    pool = ThreadPoolExecutor(max(1, len(addresses)), thread_name_prefix="aggregating")
    try:
        asked = {
            address: pool.submit(_asked, address, _addressed(body, address), ask, schemas)
            for address in addresses
        }
        wait(asked.values(), seconds)
        sources = [_come(address, future) for address, future in asked.items()]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    joined = b"".join(etree.tostring(contact) for one in sources for contact in one.contacts).decode()
    element = f"{_GET_CARE_MANAGERS.name}Response"
    return Answered(
        200,
        envelope(
            f'<{element} xmlns="{_GET_CARE_MANAGERS.namespace}">{joined}</{element}>',
            _processing_status(sources, swedish_now()),
        ),
    )


def _patient(content: etree._Element) -> str:
    patient = next((one for one in content if etree.QName(one).localname == "patientId"), None)
    found = (
        [one.text for one in patient if etree.QName(one).localname == "extension"]
        if patient is not None
        else []
    )
    return (found[0] or "").strip() if found else ""


def _addressed(body: bytes, address: str) -> bytes:
    root = parse(body)
    root.find(f"{HEADER}/{LOGICAL_ADDRESS}").text = address
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _asked(address: str, body: bytes, ask: Ask, schemas: Schemas) -> _Source:
    try:
        answer = ask(address, body)
    except PlatformFault as fault:
        return _Source(
            address, [], "504" if "Timeout" in fault.detail else "500", f"{fault.code} {fault.detail}"
        )
    try:
        content = body_content(parse(answer.body))
    except XmlError as error:
        return _Source(address, [], "43000", f"the answer {error}")
    if content.tag != _GET_CARE_MANAGERS.response:
        return _Source(address, [], str(answer.status), "a SOAP Fault")
    if not schemas.valid(_GET_CARE_MANAGERS, content):
        return _Source(address, [], "43000", "the answer does not follow its schema")
    return _Source(address, list(content))


def _come(address: str, future: "Future[_Source]") -> _Source:
    return future.result() if future.done() else _Source(address, [], "504", "no answer in time")


def _processing_status(sources: list[_Source], now: datetime) -> str:
    """Return the header that says of each source whether its contacts are there (BP 2.1 rule 25)."""
    rows = "".join(
        f"<ProcessingStatusList><logicalAddress>{escape(one.address)}</logicalAddress>"
        f"<statusCode>{'NoDataSynchFailed' if one.code else 'DataFromSource'}</statusCode>"
        f"<isResponseFromCache>false</isResponseFromCache>"
        f"<isResponseInSynch>{'false' if one.code else 'true'}</isResponseInSynch>{_synch(one, now)}"
        "</ProcessingStatusList>"
        for one in sources
    )
    return f'<ProcessingStatus xmlns="{_STATUS}">{rows}</ProcessingStatus>'


def _synch(source: _Source, now: datetime) -> str:
    moment = f"{now:%Y%m%d%H%M%S}"
    if not source.code:
        return f"<lastSuccessfulSynch>{moment}</lastSuccessfulSynch>"
    return (
        f"<lastUnsuccessfulSynch>{moment}</lastUnsuccessfulSynch><lastUnsuccessfulSynchError>"
        f"<causingAgent>virtualization_platform</causingAgent><code>{source.code}</code>"
        f"<text>{escape(source.text)}</text></lastUnsuccessfulSynchError>"
    )
