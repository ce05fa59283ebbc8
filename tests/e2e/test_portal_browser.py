"""The portal in a real browser: read by everybody, worked by keyboard alone, on a phone and a wide screen."""

from collections.abc import Iterator
from itertools import product
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from fastkontakt import demo_data
from fastkontakt.portal import make_portal
from tests.browser import barriers, chromium, served
from tests.e2e.processes import Server
from tests.strength import sized

PAGES = ("/", "/vardcentral", "/kontakter", "/byt", "/byt/bekrafta?enhet=SE2321000131-DEMOVC01", "/borta")

SCREENS = sized(quick=[(390, "light"), (1280, "dark")], full=list(product((390, 1280), ("light", "dark"))))
"""Width and colours of the screens that the pages are looked at on."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def address(demo: Server) -> Iterator[str]:
    settings = demo_data.demo_settings(None)
    call = settings.call.model_copy(update={"endpoint": demo.base})
    with served(make_portal(settings, call)) as found:
        yield found


def _enter(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Vårdpersonal 194003189083").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Min vårdcentral")


def test_what_keeps_people_out_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang='sv'><title>Sida</title><main><input name='utan etikett'></main>")
    assert [one.partition(":")[0] for one in barriers(page)] == ["label"]
    page.close()


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_every_page_can_be_read_by_everybody(
    browser: Browser, address: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale="sv-SE"
    ) as context:
        page = context.new_page()
        loud: list[str] = []
        page.on("console", lambda message: loud.append(message.text))
        _enter(page, address)
        for path in PAGES:
            page.goto(address + path)
            for details in page.locator("summary").all():
                details.click()
            assert barriers(page) == [], path
            overflows = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            assert not overflows, f"{path} is wider than {width}"
        assert [one for one in loud if "404" not in one] == []


def test_a_doctor_is_looked_for_by_keyboard_alone(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        _tab_to(page, "Personen själv 195709263080")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Min vårdcentral")
        _tab_to(page, "Välj läkare på Vårdcentralen Ängsblomman")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Bekräfta valet")
        _tab_to(page, "")  # the doctors: one of several is chosen with the arrows
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.value") == "SE2321000131-DEMOL01"
        _tab_to(page, "Avbryt")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Byt vårdcentral")


def test_the_back_button_after_another_choice_shows_the_other(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        _enter(page, address)
        page.get_by_role("button", name="Byt person").click()
        page.get_by_role("button", name="Personen själv 195709263080").click()
        page.go_back()
        page.go_back()
        expect(page.locator("body")).not_to_contain_text("Vyn för vårdpersonal, om 194003189083")


def _tab_to(page: Page, text: str) -> None:
    """Press Tab until what has a text has the focus; "" is a choice of several."""
    for _ in range(80):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "document.activeElement.type === 'radio' ? '' : document.activeElement.innerText.trim()"
        )
        if " ".join(found.split()) == text:
            return
    raise AssertionError(f"nothing called {text} gets the focus")
