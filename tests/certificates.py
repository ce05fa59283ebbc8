"""Certificates for tests: a test CA, a server on this machine, and clients."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from fastkontakt.certificates import write_demo

CALLER = "SE2321000131-1177"
ANOTHER = "SE2321000131-OTHER"
"""Its common name looks as if it were followed by the serialNumber of the first."""


@dataclass(frozen=True)
class Certs:
    """A folder as ``fastkontakt certs demo`` writes it."""

    folder: Path

    def variables(self) -> dict[str, str]:
        """Return the environment variables with which the server uses them."""
        return {
            "FASTKONTAKT_SERVER__TLS__CERTIFICATE": str(self.folder / "server.pem"),
            "FASTKONTAKT_SERVER__TLS__KEY": str(self.folder / "server.key"),
            "FASTKONTAKT_SERVER__TLS__CLIENT_CA": str(self.folder / "ca.pem"),
            "FASTKONTAKT_ACCESS__CONSUMERS": f'["{CALLER}", "{ANOTHER}"]',
        }

    def client(self, hsa_id: str | None = CALLER) -> ssl.SSLContext:
        """Return the context of a client that trusts the CA, with the certificate of an HSA-id, if any."""
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        if hsa_id is not None:
            context.load_cert_chain(self.folder / f"{hsa_id}.pem", self.folder / f"{hsa_id}.key")
        return context


def make_certs(folder: Path, days: int = 30) -> Certs:
    """Write certificates to a folder that has none."""
    write_demo(folder, (CALLER, ANOTHER), days, {ANOTHER: f"x,serialNumber={CALLER},y"})
    return Certs(folder)
