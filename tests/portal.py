"""The portal as tests open it: a browser without scripts, that reads what stands on a page."""

from typing import Any, Self

from flask import Flask
from lxml import html

from consumer.portal.app import portal
from consumer.portal.settings import Persona, PortalSettings
from consumer.settings import CallSettings
from contracts.schemas import built_in
from tests.producers import SOURCE_SYSTEM
from tests.records import ANNA

PERSONAS = (Persona(person=ANNA, county="14", text="Listad"),)


def peer_portal(**options: Any) -> Flask:
    """Return a portal whose calls go to whoever answers at the default address."""
    return portal(
        PortalSettings(), PERSONAS, CallSettings(), built_in(), contacts_address=SOURCE_SYSTEM, **options
    )


class Visit:
    """Somebody who goes from page to page by links and forms.

    Attributes:
        page: The page that is open.
        status: HTTP status it came with.
    """

    def __init__(self, app: Flask) -> None:
        self._browser = app.test_client()
        self.page: html.HtmlElement = html.fromstring("<html></html>")
        self.status = 0

    def open(self, path: str) -> Self:
        """Open a page by its address."""
        return self._keep(self._browser.get(path, follow_redirects=True))

    def follow(self, text: str) -> Self:
        """Follow the link with a text."""
        (link,) = (one for one in self.page.iter("a") if self._words(one) == text)
        return self.open(link.get("href"))

    def send(self, button: str, **values: str) -> Self:
        """Send the form with a button: what is chosen or typed in it, and some other values."""
        form = next(one for one in self.page.iter("form") if button in map(self._words, one.iter("button")))
        sent = dict(form.fields) | values
        answer = self._browser.post(
            form.get("action"),
            data={name: value for name, value in sent.items() if value is not None},
            follow_redirects=True,
        )
        return self._keep(answer)

    def choose(self, person: str, button: str = "Personen själv") -> Self:
        """Choose somebody on the first page."""
        return self.open("/").send(f"{button} {person}")

    @property
    def main(self) -> str:
        """The words of the page for the resident, without the panel for testers."""
        return self._words(self.page.get_element_by_id("innehall"))

    @property
    def verdicts(self) -> list[str]:
        """What the panel says of each call."""
        return [self._words(one) for one in self.page.xpath("//aside//section/p[1]")]

    @property
    def wrong(self) -> list[str]:
        """The lines of messages that the panel says something is wrong with."""
        return [self._words(one) for one in self.page.xpath("//aside//li[@class='wrong']")]

    def _keep(self, answer: Any) -> Self:
        self.page, self.status = html.fromstring(answer.text), answer.status_code
        return self

    @staticmethod
    def _words(element: html.HtmlElement) -> str:
        return " ".join(element.text_content().split())
