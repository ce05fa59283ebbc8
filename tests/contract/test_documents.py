"""What GET answers: WSDLs with the real address, the schemas they lead to, and the list of contracts."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from lxml import etree
from zeep import Client

from contracts.catalogue import CONTRACTS, Contract, by_name
from producer.operations import OPERATIONS
from producer.wsgi import Producer
from register.database import Register
from tests.databases import keep
from tests.messages import CITIZEN
from tests.producers import CENTRE, SMALL_REGION, SOURCE_SYSTEM, make_producer
from tests.records import ANNA
from tests.wsgi import get

XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
ADDRESS = f"{WSDL}service/{WSDL}port/{{http://schemas.xmlsoap.org/wsdl/soap/}}address"
HOST = {"Host": "localhost:8443"}
BASE = "http://localhost:8443"
OFFERED = tuple(contract for contract in CONTRACTS if contract.name in OPERATIONS)
TRAVERSALS = (
    "/schemas/../pyproject.toml",
    "/schemas/../../../../etc/passwd",
    "/schemas/%2e%2e/%2e%2e/pyproject.toml",
    "/schemas//etc/passwd",
    "/schemas/supportprocess_logistics_carelisting/core_components/../../../pyproject.toml",
    "/schemas/supportprocess_logistics_carelisting/core_components/",
    "/schemas/supportprocess_logistics_carelisting/core_components/\0",
    "/schemas/C:\\Windows\\win.ini",
    "/schemas",
    "/favicon.ico",
    "",
)


@pytest.fixture
def app(sqlite_register: Register) -> Producer:
    return make_producer(sqlite_register)


def wsdl(app: Producer, contract: Contract, query: str = "wsdl", **headers: str) -> etree._Element:
    """Return the WSDL of a contract."""
    response = get(app, f"{contract.path}?{query}", headers=HOST | headers)
    assert (response.status, response.headers["Content-Type"]) == (200, "text/xml; charset=UTF-8")
    return etree.fromstring(response.body)


@pytest.mark.parametrize("contract", OFFERED, ids=lambda contract: contract.name)
@pytest.mark.parametrize("query", ["wsdl", "WSDL", "wsdl="])
def test_a_wsdl_has_the_real_address(app: Producer, contract: Contract, query: str) -> None:
    document = wsdl(app, contract, query)
    assert document.get("targetNamespace") == contract.wsdl_namespace
    assert [one.get("location") for one in document.iterfind(ADDRESS)] == [BASE + contract.path]


def test_over_https(app: Producer) -> None:
    def over_https(environ: dict[str, Any], start: Any) -> Any:
        return app(environ | {"wsgi.url_scheme": "https"}, start)

    document = wsdl(over_https, by_name("GetListing"))  # type: ignore[arg-type]
    assert document.find(ADDRESS).get("location").startswith("https://localhost:8443/")


def test_behind_a_proxy(sqlite_register: Register) -> None:
    """Where the Host header is not what callers use, the operator says what is; a slash at its end is one."""
    app = make_producer(sqlite_register, server={"public_url": "https://lista.example/rivta/"})
    contract = by_name("GetListing")
    document = wsdl(app, contract, Host="inner: nonsense")
    assert document.find(ADDRESS).get("location") == f"https://lista.example/rivta{contract.path}"
    for imported in document.iter(f"{XS}import"):
        assert imported.get("schemaLocation").startswith("https://lista.example/rivta/schemas/")


@pytest.mark.parametrize("contract", OFFERED, ids=lambda contract: contract.name)
def test_every_schema_can_be_fetched_and_all_compile(
    app: Producer, contract: Contract, tmp_path: Path
) -> None:
    found = {}
    imported = [one.get("schemaLocation") for one in wsdl(app, contract).iter(f"{XS}import")]
    assert all(location.startswith(f"{BASE}/schemas/") for location in imported)
    to_fetch = list(imported)
    while to_fetch:
        url = to_fetch.pop()
        path = urlsplit(url).path
        response = get(app, path, headers=HOST)
        assert (response.status, response.headers["Content-Type"]) == (200, "text/xml; charset=UTF-8"), url
        file = tmp_path / path.removeprefix("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(response.body)
        found[url] = file
        inner = etree.fromstring(response.body).iter(f"{XS}import", f"{XS}include")
        to_fetch += {urljoin(url, one.get("schemaLocation")) for one in inner} - found.keys()
    assert len(found) >= 2
    for url in imported:
        etree.XMLSchema(file=str(found[url]))


@pytest.mark.parametrize("contract", OFFERED, ids=lambda contract: contract.name)
def test_head_says_the_same_without_saying_it(app: Producer, contract: Contract) -> None:
    url = f"{contract.path}?wsdl"
    whole, head = (get(app, url, method=method, headers=HOST) for method in ("GET", "HEAD"))
    assert (head.status, head.headers, head.body) == (whole.status, whole.headers, b"")
    assert head.headers["Content-Length"] == str(len(whole.body))


@pytest.mark.parametrize("path", TRAVERSALS)
def test_nothing_else_is_served(app: Producer, path: str) -> None:
    response = get(app, path, headers=HOST)
    assert (response.status, response.headers["Content-Type"]) == (404, "text/plain; charset=UTF-8")
    assert response.body.decode() == f"Nothing is served here. {BASE}/ lists what is.\n"


@pytest.mark.parametrize("query", ["", "?xsd", "?wsdl2", "?singleWsdl"])
def test_a_contract_is_not_for_get(app: Producer, query: str) -> None:
    response = get(app, by_name("GetListing").path + query, headers=HOST)
    assert (response.status, response.headers["Allow"]) == (405, "POST")
    assert "?wsdl" in response.body.decode()


@pytest.mark.parametrize(
    "host",
    [
        "a b",
        "x/../y",
        'x"><script>',
        "x:y",
        "evil.example/?",
        "å",
        "[::1",
        "u@h",
        "x\ny",
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1,evil.example",
        "127.0.0.1:123456",
        "[fe80::1]",
    ],
)
def test_a_host_that_is_not_ours(app: Producer, host: str) -> None:
    """It would end up in the WSDL as the address to call."""
    for path in ("/", f"{by_name('GetListing').path}?wsdl", "/nothing"):
        response = get(app, path, headers={"Host": host})
        assert response.status == 421
        assert host not in response.body.decode()
        assert "server.public_url" in response.body.decode()


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080", "Inner.example:8080"]
)
def test_a_host_that_is_ours(sqlite_register: Register, host: str) -> None:
    app = make_producer(sqlite_register, server={"host": "inner.example"})
    assert f": http://{host}/" in get(app, "/", headers={"Host": host}).body.decode()


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, set()),
        ({"care_managers": None}, {"GetCareManagers"}),
        ({"regions": {}}, {contract.name for contract in OFFERED if "carelisting" in contract.domain}),
    ],
)
def test_the_list_names_what_is_offered(
    sqlite_register: Register, settings: dict[str, Any], missing: set[str]
) -> None:
    app = make_producer(sqlite_register, **settings)
    response = get(app, "/", headers=HOST)
    assert (response.status, response.headers["Content-Type"]) == (200, "text/plain; charset=UTF-8")
    expected = {contract for contract in OFFERED if contract.name not in missing}
    listed = set(response.body.decode().splitlines()[2:])
    assert listed == {f"{one.name} {one.version}: {BASE}{one.path}" for one in expected}
    for contract in CONTRACTS:
        status = get(app, f"{contract.path}?wsdl", headers=HOST).status
        assert (status == 200) == (contract in expected), contract.name


# A client that knows nothing but the address ---------------------------------------------------------


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(app: Producer) -> Iterator[str]:
    """Serve over HTTP on a free port, and give the base address."""
    with make_server("127.0.0.1", 0, app, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def client(base: str, name: str, address: str) -> Iterator[Callable[..., Any]]:
    """Load a contract's WSDL as it is served, and give its operation."""
    loaded = Client(f"{base}{by_name(name).path}?wsdl")
    with loaded.transport.session:
        yield lambda **arguments: loaded.service[name](**arguments, _soapheaders={"LogicalAddress": address})


def test_a_client_calls_what_the_wsdl_says(sqlite_register: Register) -> None:
    keep(sqlite_register, *SMALL_REGION)
    identity = {"root": "1.2.752.129.2.1.3.1", "extension": ANNA}
    actor = {"actorId": identity | {"extension": CITIZEN}, "actorType": "CITIZEN"}
    with served(make_producer(sqlite_register)) as base:
        with client(base, "GetListing", "14") as call:
            answer = call(actor=actor, personId=identity)
            assert answer.resultCode == "OK"
            assert answer.listings[0].healthcareFacility.id == str(CENTRE.hsa_id)
        with client(base, "GetCareManagers", SOURCE_SYSTEM) as call:
            assert call(patientId=identity).careManager[0].practitioner.name.startswith("Dora ")


@pytest.mark.parametrize("contract", OFFERED, ids=lambda contract: contract.name)
def test_a_client_can_load_each(sqlite_register: Register, contract: Contract) -> None:
    with (
        served(make_producer(sqlite_register)) as base,
        client(base, contract.name, "14") as call,
    ):
        assert callable(call)
