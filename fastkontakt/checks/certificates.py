"""Checks of certificates: whose they are, how long they last, whether the key is theirs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from fastkontakt.checks.found import Found, Installation, look, mend, ok

SOON_DAYS = 30

_NAMES = {NameOID.SERIAL_NUMBER: "serialNumber"}
"""By which the subject's parts are called; this one has no name in RFC 4514."""


def certificates(installation: Installation) -> Iterator[Found]:
    """Our own certificates with their keys, and those of whom we trust."""
    call, served = installation.settings.call, installation.settings.server.tls
    own = {"call.client_certificate": (call.client_certificate, call.client_key)}
    trusted = {"call.ca_bundle": call.ca_bundle}
    if served is not None:
        own["server.tls.certificate"] = (served.certificate, served.key)
        trusted["server.tls.client_ca"] = served.client_ca
    for about, (file, key) in own.items():
        if file is not None:
            yield from _own(about, file, key or file)
    for about, file in trusted.items():
        if file is not None:
            yield from (_lasting(about, one) for one in _read(file))


def _own(about: str, file: Path, key: Path) -> Iterator[Found]:
    chain = _read(file)
    if not chain:
        yield mend(about, f"{file}: holds no certificate; name a PEM file")
        return
    yield from (_lasting(about, one) for one in chain)
    if about.startswith("call.") and not chain[0].subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER):
        yield look(about, "its subject has no serialNumber, by which the platform (VP) tells who calls")
    try:
        is_its = load_pem_private_key(key.read_bytes(), None).public_key() == chain[0].public_key()
    except (ValueError, TypeError):  # TypeError: of a key with a password
        yield mend(about, f"{key}: holds no key that can be read without a password")
        return
    if not is_its:
        yield mend(about, f"{key}: is the key of another certificate than the first in {file}")


def _read(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except ValueError:
        return []


def _lasting(about: str, certificate: x509.Certificate) -> Found:
    now = datetime.now(UTC)
    until = certificate.not_valid_after_utc
    days = (until - now).days
    whose = f"{certificate.subject.rfc4514_string(_NAMES)}, until {until:%Y-%m-%d}"
    if now < certificate.not_valid_before_utc:
        return mend(about, f"{whose}: is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}")
    if until <= now:
        return mend(about, f"{whose}: has expired")
    if days < SOON_DAYS:
        return look(about, f"{whose}: expires in {days} days")
    return ok(about, f"{whose}: {days} days")
