"""A test CA of one's own, with certificates of a server and of clients: for trying TLS out, never for more.

They look like those of SITHS where it matters here: a client's HSA-id is the serialNumber of the subject
(RIV-TA; VP reads it there).
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ORGANIZATION = "TEST - never for production"

_SERVER_HSA_ID = "SE2321000131-FASTKONTAKT"
_NAMES = ("localhost",)
_ADDRESSES = ("127.0.0.1", "::1")
_BACKWARDS = timedelta(minutes=5)
"""So long ago a certificate begins to be good: clocks of two machines differ."""


class Authority:
    """A test CA.

    Args:
        days: How long it, and what it issues, is good.
    """

    def __init__(self, days: int) -> None:
        self._days = days
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("fastkontakt test CA")
        self.certificate = (
            self._builder(self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def issue(self, common_name: str, hsa_id: str, *, server: bool = False) -> tuple[bytes, bytes]:
        """Return a new certificate and its key, both as PEM.

        Args:
            common_name: Whom it names.
            hsa_id: The serialNumber of its subject.
            server: Whether it is one of a server on this machine, and not of a client.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = (
            self._builder(_name(common_name, hsa_id), key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        )
        if server:
            names = [x509.DNSName(one) for one in _NAMES]
            addresses = [x509.IPAddress(ip_address(one)) for one in _ADDRESSES]
            builder = builder.add_extension(x509.SubjectAlternativeName([*names, *addresses]), critical=False)
        return _pem(builder.sign(self._key, hashes.SHA256())), _key_pem(key)

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        above = self._key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _BACKWARDS)
            .not_valid_after(now + timedelta(days=self._days))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above), critical=False)
        )


def write_demo(
    folder: Path,
    hsa_ids: tuple[str, ...],
    days: int,
    common_names: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write a test CA, a server's certificate and one of each client; return the files.

    Args:
        folder: Where they are written; it is made if need be, and files that are there stay.
        hsa_ids: The clients.
        days: How long the certificates are good.
        common_names: What clients are called, by HSA-id, where they are not called by that.

    Raises:
        FileExistsError: One of the files is there.
    """
    authority = Authority(days)
    server, server_key = authority.issue("localhost", _SERVER_HSA_ID, server=True)
    contents = {"ca.pem": _pem(authority.certificate), "server.pem": server, "server.key": server_key}
    for hsa_id in hsa_ids:
        name = (common_names or {}).get(hsa_id, f"TEST {hsa_id}")
        certificate, key = authority.issue(name, hsa_id)
        contents |= {f"{hsa_id}.pem": certificate, f"{hsa_id}.key": key}
    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / name: content for name, content in contents.items()}
    there = next((one for one in files if one.exists()), None)
    if there is not None:
        raise FileExistsError(f"{there} is there already; name an empty folder")
    for file, content in files.items():
        mode = 0o600 if file.suffix == ".key" else 0o644
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            stream.write(content)
    return list(files)


def _name(common_name: str, hsa_id: str | None = None) -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
        x509.NameAttribute(NameOID.COMMON_NAME, common_name),
    ]
    if hsa_id is not None:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, hsa_id))
    return x509.Name(parts)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
