"""TLS 1.2 and 1.3 of the service, with certificates of its clients.

The files are read again when they have changed, so a new certificate needs no restart.
"""

import ssl
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import structlog

from producer.settings import ClientCertificate, TlsSettings

log = structlog.get_logger(__name__)

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2, which a platform at its defaults speaks: forward secrecy and authenticated encryption alone."""

_ASKED = {
    ClientCertificate.REQUIRED: ssl.CERT_REQUIRED,
    ClientCertificate.OPTIONAL: ssl.CERT_OPTIONAL,
    ClientCertificate.NONE: ssl.CERT_NONE,
}

FileState = tuple[int, int, int] | None


class TlsError(Exception):
    """A certificate or key that cannot be used. The text names the setting."""


class Certificates:
    """The certificates that connections are accepted with, as the files are now.

    Attributes:
        context: What the next connection is accepted with.
    """

    def __init__(self, settings: TlsSettings) -> None:
        self._settings = settings
        self._state = self._files()
        self.context = make_context(settings)

    def renew(self) -> None:
        """Read the files again if they have changed; those that cannot be used leave the ones in use."""
        state = self._files()
        if state == self._state:
            return
        self._state = state
        try:
            self.context = make_context(self._settings)
        except TlsError as error:
            log.error("certificate_not_read", problem=str(error))
        else:
            log.info("certificate_read", expires=expires(self._settings).isoformat())

    def _files(self) -> list[FileState]:
        return [_state(one) for one in _paths(self._settings)]


def make_context(settings: TlsSettings) -> ssl.SSLContext:
    """Return what connections are accepted with (RIV-TA Basic Profile 2.1 rule 6).

    Raises:
        TlsError: A file cannot be read, or holds something else.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    context.verify_mode = _ASKED[settings.client_certificate]
    try:
        context.load_cert_chain(settings.certificate, settings.key, password=_no_password)
        expires(settings)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        where = "server.tls.certificate and server.tls.key"
        raise TlsError(f"{where}: {settings.certificate}: {_said(error)}") from None
    if settings.client_ca is not None:
        try:
            context.load_verify_locations(settings.client_ca)
        except OSError as error:
            raise TlsError(f"server.tls.client_ca: {settings.client_ca}: {_said(error)}") from None
    return context


def expires(settings: TlsSettings) -> datetime:
    """Return when the service's own certificate expires, as its file is now, with time zone.

    Raises:
        OSError: The file cannot be read.
        ValueError: It does not begin with a certificate.
    """
    from cryptography import x509  # where it is needed: it takes long to load

    return x509.load_pem_x509_certificate(settings.certificate.read_bytes()).not_valid_after_utc


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"not a PEM file of what it must hold, or not a pair ({error.reason or 'no reason given'})"
    return str(getattr(error, "strerror", None) or error)


def _no_password() -> str:
    raise ValueError("the key is encrypted; keep it without a password in a file that only the service reads")


def _paths(settings: TlsSettings) -> Iterable[Path]:
    return (one for one in (settings.certificate, settings.key, settings.client_ca) if one is not None)


def _state(file: Path) -> FileState:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
