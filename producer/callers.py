"""Who calls: by client certificate, by what a proxy has seen of one, or by headers alone.

RIV-TA Basic Profile 2.1 rule 6: a consumer is identified by its TLS client certificate; in a SITHS function
certificate the HSA-id is the serialNumber of the subject (docs/access.md). Rules 23 and 24: a platform calls
for others, and names them in headers, which anybody else could write too.
"""

import hmac
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from contracts.identifiers import HsaId, IdentifierError
from producer.settings import ProxySettings

PEER_CERTIFICATE = "fastkontakt.peer_certificate"
"""Key of the WSGI environment that holds the client certificate of the connection, DER, or None."""

CONSUMER = "HTTP_X_RIVTA_ORIGINAL_SERVICECONSUMER_HSAID"
ON_BEHALF_OF = "HTTP_X_RIVTA_ACTING_ON_BEHALF_OF_HSAID"

_SHORTEST_SECRET = 32

_Network = IPv4Network | IPv6Network


class AccessError(Exception):
    """The rules of access cannot be used as they are set up; the text names the setting."""


class _Unknown(Exception):
    """It cannot be told who calls; the text says why, without what was sent."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        consumer: The first consumer of the chain: x-rivta-original-serviceconsumer-hsaid, where it counts,
            else the HSA-id of the certificate.
        on_behalf_of: x-rivta-acting-on-behalf-of-hsaid, whom the consumer acts for.
        sender: HSA-id of the certificate; without one x-vp-sender-id, or the network address of the peer.
        correlation_id: x-skltp-correlation-id.
        proven: Whether a certificate says who it is, and not headers alone.
        unknown: Why it cannot be told who calls, where a certificate is to say it and does not.
    """

    consumer: str | None = None
    on_behalf_of: str | None = None
    sender: str | None = None
    correlation_id: str | None = None
    proven: bool = False
    unknown: str | None = None


class Proxy:
    """The proxy that ends TLS, and what it says of the certificate that it has verified.

    Args:
        settings: How it is known.

    Raises:
        AccessError: The file with its secret cannot be used.
    """

    def __init__(self, settings: ProxySettings) -> None:
        self._networks = [ip_network(one) for one in settings.addresses]
        self._secret = _secret(settings)
        self._secret_header = _key(settings.secret_header)
        self._certificate_header = _key(settings.certificate_header)

    def peer(self, environ: Mapping[str, Any]) -> str:
        """Return the HSA-id in the certificate of whoever calls the proxy.

        The address is that of the connection. What headers say of addresses anybody can write.
        """
        sent = environ.get(self._secret_header, "").encode("utf-8", "surrogateescape")
        same = hmac.compare_digest(sent, self._secret)  # takes as long whatever is wrong
        if not same or not _is_among(environ.get("REMOTE_ADDR", ""), self._networks):
            raise _Unknown("the request does not come from the proxy")
        subject = environ.get(self._certificate_header, "").strip()
        if not subject:
            raise _Unknown("the proxy names no client certificate")
        return one_hsa_id(subject, "what the proxy says of the client certificate")


def _key(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


def _secret(settings: ProxySettings) -> bytes:
    try:
        secret = settings.secret_file.read_bytes().strip()
    except OSError as error:
        raise AccessError(f"access.proxy.secret_file: {settings.secret_file}: {error.strerror}") from None
    if not re.fullmatch(rb"[!-~]{%d,}" % _SHORTEST_SECRET, secret):
        raise AccessError(
            f"access.proxy.secret_file: {settings.secret_file}: must hold one line of {_SHORTEST_SECRET} or "
            "more printable characters without blanks; make it by: openssl rand -hex 32"
        )
    return secret


def _is_among(text: str, networks: list[_Network]) -> bool:
    try:
        address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)  # of a socket that takes both kinds
    return any((mapped or address) in network for network in networks)


def identified(
    environ: Mapping[str, Any],
    claimed: Caller,
    proxy: Proxy | None,
    platforms: Container[HsaId],
    *,
    tls: bool,
) -> Caller:
    """Return who calls.

    Args:
        environ: The WSGI environment of the request.
        claimed: Who calls by what the headers say; what is not fit for logs has been left out.
        proxy: The proxy that ends TLS, if one does; nobody else is believed then.
        platforms: Who may name others in headers.
        tls: Whether the service ends TLS itself, so that a certificate must be there.
    """
    certificate = environ.get(PEER_CERTIFICATE)
    if proxy is None and certificate is None and not tls:
        return claimed
    sender = environ.get("REMOTE_ADDR")
    try:
        peer = sender = proxy.peer(environ) if proxy is not None else hsa_id_of(certificate)
        known = replace(claimed, consumer=peer, on_behalf_of=None, sender=sender, proven=True)
        if HsaId(peer) not in platforms:
            return known
        consumer = _named(environ, CONSUMER, claimed.consumer)
        on_behalf_of = _named(environ, ON_BEHALF_OF, claimed.on_behalf_of)
        return replace(known, consumer=consumer or peer, on_behalf_of=on_behalf_of)
    except _Unknown as error:
        return Caller(sender=sender, correlation_id=claimed.correlation_id, unknown=str(error))


def _named(environ: Mapping[str, Any], header: str, claimed: str | None) -> str | None:
    """Return whom a platform names; one that is there and cannot be read is no reason to believe less."""
    if not environ.get(header, "").strip():
        return None
    return one_hsa_id(claimed or "", f"{header.removeprefix('HTTP_').replace('_', '-').lower()}")


def one_hsa_id(text: str, what: str) -> str:
    """Return the HSA-id that a text is.

    A server joins headers of one name with commas, so a comma means that there were several.
    """
    try:
        if "," in text:
            raise _Unknown(f"{what} is not one HSA-id")
        return str(HsaId.parse(text))
    except IdentifierError:
        raise _Unknown(f"{what} is not one HSA-id") from None


@lru_cache(maxsize=256)
def _subject(certificate: bytes) -> tuple[str, ...]:
    # Here, and not above: most installations have a proxy that ends TLS.
    from cryptography.x509 import load_der_x509_certificate
    from cryptography.x509.oid import NameOID

    numbers = load_der_x509_certificate(certificate).subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    return tuple(str(one.value) for one in numbers)


def hsa_id_of(certificate: bytes | None) -> str:
    """Return the HSA-id in the subject of a client certificate, DER."""
    if certificate is None:
        raise _Unknown("there is no client certificate")
    try:
        numbers = _subject(certificate)
    except ValueError:
        raise _Unknown("the client certificate cannot be read") from None
    if len(numbers) != 1:
        raise _Unknown("the client certificate's subject must have one serialNumber")
    return one_hsa_id(numbers[0], "the serialNumber in the client certificate's subject")
