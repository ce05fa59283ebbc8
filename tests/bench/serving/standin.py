"""Servers that do less than ours for the same answer: what ours is compared with.

Each serves until it is told to stop, and prints its address. A folder holds the answer, as ours gave it.

* ``canned``: the bytes of the answer, whatever is asked. What is left is HTTP.
* ``bare``: reads the request with lxml and checks it against its schema, builds the answer element by
  element, checks it and writes it. No database, no audit, no log.
* ``mock``: works like the usual mock of such a contract: two reads from SQLite on connections of their own,
  an answer of strings, and no check of anything; on gunicorn's sync workers, as such mocks are run. It has
  three listings.

``canned`` and ``bare`` run on our own server with its usual settings.
"""

import sqlite3
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from lxml import etree

from contracts.catalogue import by_element
from contracts.schemas import Schemas
from contracts.soap import BODY, ENVELOPE, NAMESPACE, hardened_parser
from producer import server
from producer.settings import ServerSettings

ANSWER = "answer.xml"
MOCK_REGISTER = "mock.sqlite3"
KINDS = ("canned", "bare", "mock")
_MOCKS_LISTINGS = 3
MOCKS_MARK = b"<ns:resultCode>OK<"
"""Bytes of the answer that the mock gives, and of nothing else it says."""

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
Steps = list[tuple[int, str, str | None, dict[str, str]]]
"""How a document is built: parent (its number in the order they are made), tag, text, attributes."""


def canned(folder: Path) -> Application:
    """Return the application that answers canned bytes."""
    answer = (folder / ANSWER).read_bytes()

    def application(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"].read()
        return _send(answer, start)

    return application


def bare(folder: Path) -> Application:
    """Return the application that does what a schema-checking service cannot do without."""
    wanted = etree.fromstring((folder / ANSWER).read_bytes())[-1][0]
    steps, names = _steps(wanted), wanted.nsmap
    contract = by_element(wanted.tag)
    assert contract is not None
    file = str(Schemas().schema(contract))
    kept = threading.local()
    compiling = threading.Lock()

    def application(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        own = kept.__dict__
        if not own:
            with compiling:
                own["schema"] = etree.XMLSchema(file=file)
            own["parser"] = hardened_parser()
        schema = own["schema"]
        request = etree.fromstring(environ["wsgi.input"].read(), own["parser"])[-1][0]
        if not schema.validate(request):
            raise ValueError("the request is not valid")
        answer = _build(steps, names)
        if not schema.validate(answer):
            raise ValueError("the answer is not valid")
        envelope = etree.Element(ENVELOPE, nsmap={"soap": NAMESPACE})
        etree.SubElement(envelope, BODY).append(answer)
        return _send(etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"), start)

    return application


def _steps(root: etree._Element) -> Steps:
    places: dict[etree._Element, int] = {}
    steps: Steps = []
    for element in root.iter():
        places[element] = len(places)
        above = -1 if element is root else places[element.getparent()]
        steps.append((above, element.tag, element.text, dict(element.attrib)))
    return steps


def _build(steps: Steps, names: dict[str | None, str]) -> etree._Element:
    made: list[etree._Element] = []
    for above, tag, text, attributes in steps:
        if above < 0:
            element = etree.Element(tag, attributes, nsmap=names)
        else:
            element = etree.SubElement(made[above], tag, attributes)
        element.text = text
        made.append(element)
    return made[0]


def mock_register(file: Path, person_id: str) -> None:
    """Make what the mock reads: a person and three listings."""
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE person (person_id TEXT PRIMARY KEY, name TEXT)")
    connection.execute("CREATE TABLE listing (person_id TEXT, facility TEXT, name TEXT, since TEXT)")
    connection.execute("INSERT INTO person VALUES (?, ?)", (person_id, "Test"))
    for number in range(_MOCKS_LISTINGS):
        row = (person_id, f"SE2321000131-E{number:012}", f"Vårdcentral {number}", "2024-01-01T00:00:00")
        connection.execute("INSERT INTO listing VALUES (?, ?, ?, ?)", row)
    connection.commit()
    connection.close()


def mock(folder: Path) -> Application:
    """Return the application that works like the usual mock."""
    file = folder / MOCK_REGISTER

    def read(statement: str, person_id: str) -> list[sqlite3.Row]:
        connection = sqlite3.connect(file)
        connection.row_factory = sqlite3.Row
        rows = connection.execute(statement, (person_id,)).fetchall()
        connection.close()
        return rows

    def application(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        root = ElementTree.fromstring(environ["wsgi.input"].read().decode())  # noqa: S314 - what mocks do
        person_id = root.findtext(".//{*}personId/{*}extension") or root.findtext(
            ".//{*}patientId/{*}extension"
        )
        people = read("SELECT * FROM person WHERE person_id = ?", str(person_id))
        found = read("SELECT * FROM listing WHERE person_id = ?", people[0]["person_id"])
        listings = "".join(_MOCKS_LISTING.format(**dict(one)) for one in found)
        return _send(_MOCKS_ANSWER.format(listings=listings).encode(), start)

    return application


_MOCKS_LISTING = """
      <ns:listings><core:validFromDate>{since}</core:validFromDate>
        <core:listingType><core:code>PV</core:code></core:listingType>
        <core:healthcareFacility><core:id>{facility}</core:id><core:name>{name}</core:name>
        </core:healthcareFacility><core:careManager>true</core:careManager>
        <core:isInQueue>false</core:isInQueue></ns:listings>"""
_MOCKS_ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
  <soap:Body>
    <ns:GetListingResponse xmlns:ns="urn:mock" xmlns:core="urn:mock:core">{listings}
      <ns:resultCode>OK</ns:resultCode>
    </ns:GetListingResponse>
  </soap:Body>
</soap:Envelope>"""


def _send(answer: bytes, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/xml; charset=UTF-8"), ("Content-Length", str(len(answer)))])
    return [answer]


class _Sync(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with sync workers."""

    def __init__(self, make: Callable[[], Application], workers: int) -> None:
        self._make, self._workers = make, workers
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": "127.0.0.1:0",
            "worker_class": "sync",
            "workers": self._workers,
            "loglevel": "warning",
            "when_ready": lambda arbiter: _say(str(arbiter.LISTENERS[0])),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Application:
        return self._make()


def _say(base: str) -> None:
    print(base, flush=True)


def main(kind: str, folder: Path) -> None:
    """Serve until told to stop."""
    settings = ServerSettings(port=0)
    make: dict[str, Callable[[Path], Application]] = {"canned": canned, "bare": bare, "mock": mock}
    if kind == "mock":
        _Sync(lambda: mock(folder), settings.workers).run()
    else:
        application: Any = make[kind]  # the server takes any WSGI application
        server.serve(settings, lambda: application(folder), _say)
