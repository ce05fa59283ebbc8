"""``python -m tests.screenshots``: the pictures of docs/portal.md, on a phone and a wide screen."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page

from fastkontakt import demo_data
from fastkontakt.portal import make_portal
from tests.browser import chromium, served
from tests.e2e.processes import serving

FOLDER = Path(__file__).parents[1] / "docs" / "portal"
WIDTHS = {"phone": 390, "wide": 1280}


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    settings = demo_data.demo_settings(None)
    with tempfile.TemporaryDirectory() as folder, serving("--demo", cwd=Path(folder)) as server:
        call = settings.call.model_copy(update={"endpoint": server.base})
        with served(make_portal(settings, call)) as address, chromium() as browser:
            for name, width in WIDTHS.items():
                page = browser.new_page(viewport={"width": width, "height": 844}, locale="sv-SE")
                _take(page, address, name)
                page.close()


def _take(page: Page, address: str, screen: str) -> None:
    def shot(name: str) -> None:
        page.screenshot(path=str(FOLDER / f"{name}-{screen}.png"))

    page.goto(address)
    shot("choose")
    page.get_by_role("button", name="Personen själv 199002222397").click()
    shot("listing")
    page.goto(address)
    page.get_by_role("button", name="Personen själv 194003189083").click()
    page.get_by_role("link", name="Mina fasta kontakter").click()
    shot("contacts")
    page.get_by_role("link", name="Byt vårdcentral").click()
    shot("facilities")
    page.get_by_role("link", name="Välj Vårdcentralen Ängsblomman").click()
    shot("confirm")


if __name__ == "__main__":
    main()
