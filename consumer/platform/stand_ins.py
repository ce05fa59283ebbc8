"""Other regions and sources that a test meets: they answer well, slowly, wrongly, or not, by a switch."""

import time
from html import escape

from lxml import etree

from consumer.platform.faults import PlatformFault, envelope
from consumer.platform.passing import Answered
from consumer.platform.settings import Behaviour, PlatformSettings, StandIn
from contracts import oids
from contracts.catalogue import RESIDENTPARTICIPATION, Contract, by_name
from contracts.clock import swedish_now

ANSWERED = ("UpdateListing", "GetCareManagers")
"""Names of the contracts that stand-ins answer."""

_WRONG = {"UpdateListing": "<resultCode>DONE</resultCode>", "GetCareManagers": "<careManager/>"}
_ERROR = "<resultCode>ERROR</resultCode><resultText>Regionen kan inte ta emot ändringen.</resultText>"


def answer_of(
    peer: StandIn, contract: Contract, content: etree._Element, settings: PlatformSettings
) -> Answered:
    """Return what a stand-in answers.

    Args:
        peer: Says how it behaves.
        contract: One of those in `ANSWERED`.
        content: The request's element.
        settings: Say how long a producer is waited for.

    Raises:
        PlatformFault: It gives no answer while it is waited for.
    """
    behaviour = peer.answers
    if behaviour is Behaviour.NOT or (
        behaviour is Behaviour.SLOWLY and peer.seconds >= settings.producer_seconds
    ):
        time.sleep(settings.producer_seconds)
        raise PlatformFault("VP009", "ReadTimeoutException")
    if behaviour is Behaviour.SLOWLY:
        time.sleep(peer.seconds)
    if behaviour is Behaviour.FAULT or (behaviour is Behaviour.ERROR and contract.name == "GetCareManagers"):
        return Answered(
            500,
            envelope(
                "<soap:Fault><faultcode>soap:Server</faultcode>"
                "<faultstring>Tekniskt fel i systemet som frågas</faultstring></soap:Fault>"
            ),
        )
    if behaviour is Behaviour.WRONGLY:
        return _response(contract, _WRONG[contract.name])
    if contract.name == "GetCareManagers":
        return _response(contract, _contact(peer, content))
    return _response(contract, _ERROR if behaviour is Behaviour.ERROR else "<resultCode>OK</resultCode>")


def _response(contract: Contract, content: str) -> Answered:
    name = f"{contract.name}Response"
    return Answered(200, envelope(f'<{name} xmlns="{contract.namespace}">{content}</{name}>'))


def _contact(peer: StandIn, content: etree._Element) -> str:
    """Return a fixed contact of the resident who is asked about: an invented nurse of the stand-in's."""
    patient = next(one for one in content if etree.QName(one).localname == "patientId")
    root, extension = (escape((part.text or "").strip()) for part in list(patient)[:2])
    address, today = escape(peer.address), f"{swedish_now():%Y%m%d}"

    def identity(element: str, value: str, series: str = oids.HSA_ID) -> str:
        return f"<c:{element}><c:root>{series}</c:root><c:extension>{value}</c:extension></c:{element}>"

    return (
        f'<careManager xmlns:c="{by_name("GetCareManagers").domain_namespace}">'
        "<c:careManagerHeader><c:accessControlHeader>"
        f"{identity('accountableHealthcareProviderId', address)}{identity('accountableCareUnitId', address)}"
        f"{identity('patientId', extension, root)}"
        f"<c:blockComparisonTime>{today}000000</c:blockComparisonTime></c:accessControlHeader>"
        f"{identity('sourceSystemId', address)}</c:careManagerHeader>"
        f"<c:code><c:code>1</c:code><c:codeSystem>{oids.FIXED_CONTACT_TYPE}</c:codeSystem>"
        "<c:displayName>fast vårdkontakt</c:displayName></c:code>"
        f"<c:practitioner>{identity('hsaId', address)}<c:name>Svea Sandlåda</c:name></c:practitioner>"
        f"<c:period><c:start>{today}</c:start></c:period>"
        f"<c:managingCareGiver>{identity('hsaId', address)}<c:name>Påhittad vårdgivare</c:name>"
        "</c:managingCareGiver></careManager>"
    )


SERVICE_DOMAIN = f"riv:{RESIDENTPARTICIPATION}"
"""How GetCareManagers is named in the index (TKB of residentparticipation)."""
