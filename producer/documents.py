"""What GET answers: a list of the contracts, their WSDLs with the real address, and the schemas these import.

A WSDL is the file from ``xsd/`` with two things changed: soap:address, and schema locations made absolute.
The schemas themselves are served as they lie, so their own relative imports lead from one to the next.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from contracts.catalogue import CARELISTING, CONTRACTS, RESIDENTPARTICIPATION, Contract
from contracts.schemas import Schemas
from producer.faults import to_bytes
from producer.operations import OPERATIONS
from producer.settings import ProducerSettings

_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ADDRESS = "{http://schemas.xmlsoap.org/wsdl/soap/}address"
_IMPORT = "{http://www.w3.org/2001/XMLSchema}import"

Response = tuple[str, str, bytes]
"""HTTP status, media type, body."""


class Documents:
    """Answers every request that is not a POST."""

    def __init__(self, schemas: Schemas, settings: ProducerSettings) -> None:
        self._schemas = schemas
        self._host = settings.server.host.lower()
        self._public_url = settings.server.public_url.rstrip("/")
        self._contracts = {contract.path: contract for contract in offered(settings)}
        self._files = dict(_schema_files(schemas, self._contracts.values()))

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one HTTP request that is not a POST."""
        method = environ["REQUEST_METHOD"]
        status, media_type, body = self._find(environ, method)
        headers = [("Content-Type", media_type), ("Content-Length", str(len(body)))]
        if status.startswith("405"):
            headers.append(("Allow", "POST" if method == "GET" else "GET, HEAD, POST"))
        start(status, headers)
        return [] if method == "HEAD" else [body]

    def _find(self, environ: dict[str, Any], method: str) -> Response:
        path = environ.get("PATH_INFO", "")
        if method not in ("GET", "HEAD"):
            return _text("405 Method Not Allowed", "Call a contract with POST.")
        if path in self._files:
            return "200 OK", "text/xml; charset=UTF-8", self._files[path].read_bytes()
        base = self._base(environ)
        if base is None:
            return _text(
                "421 Misdirected Request",
                "The Host header names no host that this service knows itself by. Its operator sets "
                "server.public_url to the address that callers use.",
            )
        if path == "/":
            return _text("200 OK", self._overview(base))
        if path in self._contracts:
            if environ.get("QUERY_STRING", "").partition("=")[0].lower() != "wsdl":
                return _text("405 Method Not Allowed", "Call the contract with POST, or get ?wsdl.")
            return "200 OK", "text/xml; charset=UTF-8", self._wsdl(self._contracts[path], base)
        return _text("404 Not Found", f"Nothing is served here. {base}/ lists what is.")

    def _base(self, environ: dict[str, Any]) -> str | None:
        """Return the address callers use, or None when the request's Host header is not one of ours.

        Without `server.public_url` the header is believed where it names this machine as it sees itself: a
        proxy that keeps answers would hand out the WSDL of whoever else was named (RFC 9110 section 7.2).
        """
        if self._public_url:
            return self._public_url
        listening = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        host = environ.get("HTTP_HOST") or listening
        found = _HOST.fullmatch(host)
        own = (*_LOOPBACK, self._host, environ["SERVER_NAME"])
        if found is None or found["name"].strip("[]").lower() not in own:
            return None
        return f"{environ['wsgi.url_scheme']}://{host}"

    def _overview(self, base: str) -> str:
        lines = ["fastkontakt serves these contracts. Call them with POST; add ?wsdl for the WSDL.", ""]
        lines += [f"{one.name} {one.version}: {base}{one.path}" for one in self._contracts.values()]
        return "\n".join(lines)

    def _wsdl(self, contract: Contract, base: str) -> bytes:
        document = etree.parse(str(self._schemas.wsdl(contract))).getroot()
        for address in document.iter(_ADDRESS):
            address.set("location", base + contract.path)
        here = f"{base}/schemas/{contract.folder}/{contract.interaction}/"
        for imported in document.iter(_IMPORT):
            if imported.get("schemaLocation"):
                imported.set("schemaLocation", urljoin(here, imported.get("schemaLocation")))
        return to_bytes(document)


def offered(settings: ProducerSettings) -> tuple[Contract, ...]:
    """Return the contracts that can be called: those that are answered here and whose domain is set up."""
    not_set_up = set()
    if not settings.regions:
        not_set_up.add(CARELISTING)
    if settings.care_managers is None:
        not_set_up.add(RESIDENTPARTICIPATION)
    return tuple(one for one in CONTRACTS if one.name in OPERATIONS and one.domain not in not_set_up)


def _schema_files(schemas: Schemas, contracts: Iterable[Contract]) -> Iterable[tuple[str, Path]]:
    """Yield the path part of the address and the file of every schema of the contracts."""
    for contract in contracts:
        folder = schemas.folder(contract)
        for part in ("core_components", contract.interaction):
            for file in sorted((folder / part).glob("*.xsd")):
                yield f"/schemas/{contract.folder}/{part}/{file.name}", file


def _text(status: str, text: str) -> Response:
    return status, "text/plain; charset=UTF-8", f"{text}\n".encode()
