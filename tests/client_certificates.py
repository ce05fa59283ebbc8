"""Certificates made for a test: an authority, and what it vouches for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from producer.callers import PEER_CERTIFICATE


@cache
def _authority() -> tuple[x509.Name, ec.EllipticCurvePrivateKey]:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")]), ec.generate_private_key(
        ec.SECP256R1()
    )


def issued(
    serial_numbers: Sequence[str], *, days: int = 365, since: int = 1
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Return a certificate and its key.

    Args:
        serial_numbers: Those in its subject.
        days: How many it still lasts; less than nought for one that has expired.
        since: How many it has lasted.
    """
    issuer, signing_key = _authority()
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = [x509.NameAttribute(NameOID.COMMON_NAME, "consumer.example.se")]
    subject += [x509.NameAttribute(NameOID.SERIAL_NUMBER, one) for one in serial_numbers]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(subject))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=max(since, 1 - days)))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .sign(signing_key, hashes.SHA256())
    )
    return certificate, key


@cache
def certificate_of(*serial_numbers: str) -> bytes:
    """Return a client certificate, DER, with these in its subject."""
    return issued(serial_numbers)[0].public_bytes(serialization.Encoding.DER)


def presenting(*serial_numbers: str) -> dict[str, object]:
    """Return what the server says of a connection whose client has shown such a certificate."""
    return {PEER_CERTIFICATE: certificate_of(*serial_numbers)}
