"""``fastkontakt sandbox``: resident, portal, platform, two producers, one answer; also when one is slow."""

import re
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from lxml import etree, html

from consumer.platform.settings import INERA
from contracts.catalogue import by_name
from tests.e2e.processes import start, written
from tests.messages import create_listing, envelope, person, request
from tests.soap import check_exchange

MANY_CONTACTS, LISTED, WANTS_TO_MOVE = "194003189083", "195709263080", "200008012395"
_PORTS = 4
_START_SECONDS = 60.0


def _free_ports() -> int:
    """Return the first of some ports in a row that nobody has."""
    for first in range(21_000, 31_000, _PORTS):
        try:
            for port in range(first, first + _PORTS):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no ports are free")


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A sandbox: the addresses of portal, platform and producers, as it prints them."""
    folder = tmp_path_factory.mktemp("sandbox")
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = start(
            "sandbox",
            "box",
            "--port",
            str(_free_ports()),
            cwd=folder,
            output=output,
            errors=errors,
            fresh=True,
        )
        give_up = time.monotonic() + _START_SECONDS
        try:
            while "Try it" not in (printed := written(output)):
                assert process.poll() is None, written(errors) + _logs(folder)
                assert time.monotonic() < give_up, printed + written(errors) + _logs(folder)
                time.sleep(0.1)
            yield dict(re.findall(r"^ +(portal|platform) +(http://\S+?)/", printed, re.MULTILINE))
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, written(errors)


def _logs(folder: Path) -> str:
    return "\n".join(f"{file.name}: {file.read_text('utf-8')}" for file in folder.rglob("*.log"))


def _ask(addresses: dict[str, str], body: bytes) -> tuple[etree._Element, etree._Element]:
    answer = requests.post(
        f"{addresses['platform']}/vp", body, headers={"Content-Type": "text/xml"}, timeout=30
    )
    _, content = check_exchange(body, answer.content)
    return content, etree.fromstring(answer.content)


def _contacts_of(addresses: dict[str, str], resident: str) -> tuple[list[str], dict[str, str]]:
    """Return the source systems of the contacts that the aggregating service has, and the status of each."""
    body = envelope(request("GetCareManagers", person("patientId", resident)), INERA)
    content, message = _ask(addresses, body)
    core = by_name("GetCareManagers").domain_namespace
    systems = [one.findtext(f"{{{core}}}extension") for one in content.iter(f"{{{core}}}sourceSystemId")]
    rows = message.iter("{urn:riv:interoperability:headers:1}ProcessingStatusList")
    return systems, {one[0].text: one[1].text for one in rows}


def test_two_producers_are_one_answer(addresses: dict[str, str]) -> None:
    give_up = time.monotonic() + _START_SECONDS
    wanted = {"SE2321000131-FASTKONTAKT", "SE2321000156-FASTKONTAKT"}
    while set((found := _contacts_of(addresses, MANY_CONTACTS))[0]) != wanted:  # until both have posted
        assert time.monotonic() < give_up, found
        time.sleep(0.5)
    assert set(found[1].values()) == {"DataFromSource"}


def test_a_source_that_is_slow_and_one_that_lies_leave_the_others_answer(addresses: dict[str, str]) -> None:
    systems, status = _contacts_of(addresses, LISTED)
    assert "SE165565594230-LANGSAM" in systems
    assert status["SE165565594230-LJUGER"] == "NoDataSynchFailed"


def test_a_resident_moves_her_listing_to_another_region_by_way_of_both(addresses: dict[str, str]) -> None:
    body = envelope(create_listing(WANTS_TO_MOVE, "SE2321000131-DEMOVC01", home="17", new="14"), "14")
    content, _ = _ask(addresses, body)
    assert content[0].text == "OK"
    passed = requests.get(f"{addresses['platform']}/passed", timeout=10)
    assert ("UpdateListing", "17", 200) in {
        (one["contract"], one["address"], one["status"]) for one in passed.json()
    }
    assert WANTS_TO_MOVE not in passed.text


def test_the_portal_shows_what_both_producers_have(addresses: dict[str, str]) -> None:
    with requests.Session() as browser:
        page = html.fromstring(browser.get(f"{addresses['portal']}/", timeout=10).text)
        form = next(one for one in page.iter("form") if one.fields.get("person") == MANY_CONTACTS)
        browser.post(f"{addresses['portal']}/valj", data=dict(form.fields), timeout=30)
        shown = browser.get(f"{addresses['portal']}/kontakter", timeout=30).text
    assert "Fatima Håkanson" in shown
    assert "Malin Östlund" in shown
