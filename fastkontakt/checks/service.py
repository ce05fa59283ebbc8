"""Checks of what is served: contracts, schemas, where it listens, and what is not for production."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from contracts.catalogue import CONTRACTS
from contracts.schemas import SchemaError
from fastkontakt.checks.found import Found, Installation, look, mend, ok
from fastkontakt.schema_checks import check_schemas
from fastkontakt.schemas import open_schemas
from fastkontakt.settings import Settings
from producer.documents import offered


def contracts(installation: Installation) -> Iterator[Found]:
    """What is offered, and at which LogicalAddresses."""
    settings = installation.settings
    if not settings.regions and settings.care_managers is None:
        yield mend("settings", "nothing to serve: set up [regions.NN] for carelisting, or [care_managers]")
        return
    where = str(installation.file) if installation.file else "the environment alone"
    yield ok("settings", f"from {where}; served are {', '.join(one.name for one in offered(settings))}")
    yield ok("LogicalAddresses", ", ".join(served_addresses(settings)))


def served_addresses(settings: Settings) -> list[str]:
    """Return the LogicalAddresses that are answered for."""
    own = settings.care_managers
    addresses = [] if own is None else [own.source_system_id, *own.logical_addresses]
    return [*settings.regions, *dict.fromkeys(addresses)]


def schemas(installation: Installation) -> Iterator[Found]:
    """Whether every schema compiles."""
    path = installation.settings.schemas.path
    about = "schemas" if path is None else "schemas.path"
    try:
        opened, broken = open_schemas(installation.settings), False
    except SchemaError as error:
        yield mend(about, str(error).removeprefix("schemas.path: "))
        return
    for contract in CONTRACTS:
        try:
            opened.compile(contract)
        except SchemaError as error:
            broken = True
            yield mend(about, str(error))
    if broken:
        return
    try:
        check_schemas(opened)
    except SchemaError as error:
        yield mend(about, str(error).removeprefix("schemas.path: "))
    else:
        yield ok(about, f"those of all contracts compile and take our answers ({path or 'our own'})")


def proves_callers(settings: Settings) -> bool:
    """Tell whether certificates say who calls, and not headers alone."""
    return settings.server.tls is not None or settings.access.proxy is not None


def listening(installation: Installation) -> Iterator[Found]:
    """How callers come in."""
    settings = installation.settings
    host, proxy = settings.server.host, settings.access.proxy
    if settings.server.tls is not None:
        asked = str(settings.server.tls.client_certificate)
        if asked == "none" and proxy is None:
            yield mend(
                "server.tls.client_certificate", "none is asked for, so nobody can be let in: say required"
            )
        else:
            yield ok("server.tls", f"the service ends TLS itself; client certificates: {asked}")
    elif proxy is not None:
        yield ok("access.proxy", f"TLS is ended by a proxy that calls from {', '.join(proxy.addresses)}")
        if any(ip_network(one).prefixlen == 0 for one in proxy.addresses):
            yield mend("access.proxy.addresses", "hold every address: name those of the proxy")
        if not _is_loopback(host):
            yield look("server.host", f"{host}: what goes between proxy and service can be read on its way")
    elif _is_loopback(host):
        yield look(
            "server.host",
            f"{host}, plain HTTP: headers say who calls, and whoever is on this machine can write them; "
            "before others call set up [server.tls], or a proxy and [access.proxy] (docs/access.md)",
        )
    else:
        yield mend(
            "server.host",
            f"{host}, plain HTTP: whoever reaches the port is believed, and residents' data can be read on "
            "their way; set up [server.tls], or a proxy and [access.proxy] (docs/access.md)",
        )
    if not settings.server.public_url:
        yield look(
            "server.public_url", "is not set: WSDLs have the address in the Host header of whoever asks"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def strictness(installation: Installation) -> Iterator[Found]:
    """What is for trying out."""
    settings = installation.settings
    if settings.demo.enabled:
        yield mend("demo.enabled", "callers can ask for Faults; switch it off before others call")
    if not settings.identifiers.check_digits:
        yield look("identifiers.check_digits", "person ids with a wrong check digit are accepted")
