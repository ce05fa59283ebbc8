"""A service in front of a region's listing system, which is another service: as an operator runs them."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests
from lxml import etree

from contracts.catalogue import by_element
from register.model import Resident
from tests.asking import result, values
from tests.databases import copy_register, keep, opened
from tests.e2e.processes import Server, serving
from tests.messages import actor, create_listing, envelope, person, request, update_listing
from tests.records import ANNA, COUNTY, OTHER_COUNTY, PROVIDER, hsa, listing, unit
from tests.soap import check_exchange
from tests.wsgi import TEXT_XML

OLD, NEW = hsa("old"), hsa("new")


def test_the_listing_system_decides_and_both_know(tmp_path: Path, sqlite_template: Path) -> None:
    with ExitStack() as stack:
        behind = stack.enter_context(_serving(tmp_path, sqlite_template, "behind"))
        forward = f"""
mode = "forward"
[regions.{COUNTY}.listing_system]
endpoint = {json.dumps(behind.base)}
"""
        front = stack.enter_context(_serving(tmp_path, sqlite_template, "front", forward))

        assert _ask(front, create_listing(ANNA, NEW)) == ("OK", None)
        assert [_listed(one) for one in (front, behind)] == [[str(NEW)], [str(NEW)]]
        code, said = _ask(front, create_listing(ANNA, hsa("unheard-of")))
        assert (code, bool(said)) == ("ERROR", True)
        assert _ask(front, update_listing(ANNA, OTHER_COUNTY, COUNTY)) == ("OK", None)
        assert [_listed(one) for one in (front, behind)] == [[], []]

        assert behind.stop() == 0
        fault = _send(front, create_listing(ANNA, OLD))
        assert fault.findtext("faultstring", "").startswith("FK505")
        assert _listed(front) == []
        assert front.stop() == 0
        events = "".join(front.errors)
        assert events.count("forward_failed") == 1
        assert not [line for line in front.errors if "Traceback" in line or ANNA in line]


@contextmanager
def _serving(folder: Path, template: Path, name: str, mode: str = "") -> Iterator[Server]:
    copy_register(template, folder / f"{name}.sqlite3")
    url = f"sqlite:///{folder}/{name}.sqlite3"
    old, new = unit("old"), unit("new")
    with opened(url) as register:
        keep(register, PROVIDER, old, new, Resident(ANNA, COUNTY), listing("L1", ANNA, old))
    settings = folder / f"{name}.toml"
    settings.write_text(
        f"[server]\nworkers = 1\n[database]\nurl = {json.dumps(url)}\n[outbox]\nrun_in_serve = false\n"
        f"[regions.{COUNTY}]\n{mode}"
    )
    with serving("--config", settings.name, cwd=folder) as server:
        yield server


def _send(server: Server, content: str) -> etree._Element:
    contract = by_element(etree.fromstring(content).tag)
    assert contract is not None
    body = envelope(content, COUNTY)
    headers = {"Content-Type": TEXT_XML, "SOAPAction": f'"{contract.soap_action}"'}
    answer = requests.post(server.base + contract.path, body, headers=headers, timeout=60)
    return check_exchange(body, answer.content)[1]


def _ask(server: Server, content: str) -> tuple[str | None, str | None]:
    return result(_send(server, content))


def _listed(server: Server) -> list[str]:
    content = request("GetListing", actor(), person("personId", ANNA))
    return values(_send(server, content), "listings/healthcareFacility/id")
