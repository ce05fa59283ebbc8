"""What the headers of an HTTP request may hold: who calls, in what form, and how the body is said to come.

What they say ends up in logs, in the audit and in rules of access. A header that comes twice reaches us as
one value with a comma in it, and a value that is not what it should be may hold anything, also a person's
number.
"""

from functools import lru_cache
from typing import Any

from contracts.identifiers import HsaId, IdentifierError
from contracts.person_numbers import holds_person_number
from producer.faults import SoapFault

CONSUMER = "HTTP_X_RIVTA_ORIGINAL_SERVICECONSUMER_HSAID"
ON_BEHALF_OF = "HTTP_X_RIVTA_ACTING_ON_BEHALF_OF_HSAID"
SENDER = "HTTP_X_VP_SENDER_ID"
CORRELATION_ID = "HTTP_X_SKLTP_CORRELATION_ID"

_MOST_CHARACTERS = 128

_SEPARATORS = frozenset(',;"')
"""What stands between values of a header; HSA-ids of others may otherwise be of any characters."""

_IDENTITIES = {
    CONSUMER: "x-rivta-original-serviceconsumer-hsaid",
    ON_BEHALF_OF: "x-rivta-acting-on-behalf-of-hsaid",
}
"""Headers that say for whom a call is made (RIV-TA Basic Profile 2.1 rules 23 and 24), and their names."""


def hsa_id(environ: dict[str, Any], header: str) -> str | None:
    """Return the HSA-id that a header holds; None when there is none, or something else."""
    value: str = environ.get(header, "").strip()
    return value if value and _is_hsa_id(value) else None


def plain(environ: dict[str, Any], header: str) -> str | None:
    """Return the value of a header if it may be logged: plain text without a person's number."""
    value: str = environ.get(header, "").strip()
    may = value.isascii() and value.isprintable() and " " not in value and len(value) <= _MOST_CHARACTERS
    return value if value and may and not holds_person_number(value) else None


def check(environ: dict[str, Any]) -> None:
    """Refuse a request whose headers leave open who calls, or what its body is.

    Raises:
        SoapFault: FK107, the body is coded on its way in another way than in chunks; FK112, a header is
            missing, there twice, contradicts another or is not what it should be.
    """
    for header, name in _IDENTITIES.items():
        if environ.get(header, "").strip() and hsa_id(environ, header) is None:
            raise SoapFault("FK112", f"{name} is not one HSA-id such as SE2321000016-1A2B")
    if environ.get("SERVER_PROTOCOL") == "HTTP/1.1" and not environ.get("HTTP_HOST", "").strip():
        raise SoapFault("FK112", "HTTP/1.1 needs Host")
    if "," in environ.get("HTTP_HOST", ""):
        raise SoapFault("FK112", "Host is there more than once")
    coding = environ.get("HTTP_TRANSFER_ENCODING", "").strip().lower()
    length = environ.get("CONTENT_LENGTH") or ""
    if coding not in ("", "identity", "chunked"):
        raise SoapFault("FK107")
    if coding and length:
        raise SoapFault("FK112", "there are both Content-Length and Transfer-Encoding")
    if length and not (length.isascii() and length.isdecimal()):
        raise SoapFault("FK112", "Content-Length is not one number")


@lru_cache(maxsize=1024)
def _is_hsa_id(value: str) -> bool:
    try:
        HsaId.parse(value)
    except IdentifierError:
        return False
    return _SEPARATORS.isdisjoint(value) and value.isascii() and not holds_person_number(value)
