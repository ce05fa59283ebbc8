"""Three regions as operators run them, each a service with its own register and sender, and the platform."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from register.model import Resident
from tests.asking import result, values
from tests.databases import copy_register, keep, opened
from tests.e2e.processes import Server, serving
from tests.messages import actor, create_listing, person, request
from tests.platform import Platform
from tests.records import ANNA, PROVIDER, hsa, listing, unit
from tests.regions import A, B, C, ask_through

VARIANTS = {A: "later", B: "later", C: "first"}
"""The regions, and when each asks the home region about a listing."""

DEADLINE_SECONDS = 30


def test_a_resident_is_listed_in_one_region_after_another(tmp_path: Path, sqlite_template: Path) -> None:
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        platform = stack.enter_context(Platform())
        starting = []
        for county in VARIANTS:
            copy_register(sqlite_template, tmp_path / f"{county}.sqlite3")
            starting.append(_serving(county, tmp_path, platform))
        servers = list(pool.map(stack.enter_context, starting))
        platform.routes |= {county: one.base for county, one in zip(VARIANTS, servers, strict=True)}
        assert _where(platform) == ([A], [A])

        for county in (B, C, A):
            assert _choose(platform, county) == "OK"
            _wait_until_listed(platform, county)

        assert list(pool.map(Server.stop, servers)) == [0, 0, 0]  # when they have ended the calls they make
        told = [one.address for one in platform.calls(contract="UpdateListing")]
        assert told == [A, A, B, C]
        for server in servers:
            assert not [line for line in server.errors if "Traceback" in line or ANNA in line]


@contextmanager
def _serving(county: str, folder: Path, platform: Platform) -> Iterator[Server]:
    """Run the service of a region with one facility; the resident is one of A and is listed there."""
    facility = unit(f"centre-{county}", county=county)
    url = f"sqlite:///{folder}/{county}.sqlite3"
    with opened(url) as register:
        keep(register, PROVIDER, facility)
        if county == A:
            keep(register, Resident(ANNA, A), listing("L1", ANNA, facility))
    settings = folder / f"{county}.toml"
    settings.write_text(
        f"""
[server]
workers = 1
[database]
url = {json.dumps(url)}
[regions.{county}]
home_region = "{VARIANTS[county]}"
[call]
endpoint = {json.dumps(platform.base)}
[outbox]
poll_seconds = 0.1
"""
    )
    with serving("--config", settings.name, cwd=folder) as server:
        yield server


def _choose(platform: Platform, county: str) -> str | None:
    content = create_listing(ANNA, hsa(f"centre-{county}"), home=A, new=county)
    return result(ask_through(platform, content, county))[0]


def _where(platform: Platform) -> tuple[list[str], list[str]]:
    """Return where the resident is listed: as the home region knows, and as each region itself says."""
    about = (actor(), person("personId", ANNA))
    counties = ask_through(platform, request("GetListingCounty", *about), A)
    entries = {one: ask_through(platform, request("GetListing", *about), one) for one in VARIANTS}
    return (
        values(counties, "listingCounties/extension"),
        [one for one, found in entries.items() if values(found, "listings/isInQueue") == ["false"]],
    )


def _wait_until_listed(platform: Platform, county: str) -> None:
    give_up = time.monotonic() + DEADLINE_SECONDS
    while (found := _where(platform)) != ([county], [county]):
        assert time.monotonic() < give_up, found
        time.sleep(0.05)
