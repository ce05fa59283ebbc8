"""What the sandbox is made of: two producers with a register each, and the platform before them."""

from dataclasses import dataclass
from pathlib import Path

from fastkontakt import demo_data
from fastkontakt.settings import Settings, load
from mapping.sources.report import LoadState
from register.engine import RegisterError

REGION, MUNICIPALITY = "14", "17"
"""County codes of the two producers."""

_SOURCES = {REGION: "SE2321000131-FASTKONTAKT", MUNICIPALITY: "SE2321000156-FASTKONTAKT"}
_HOME_CARE = "hemtjanst_omsorgskontakter.csv"
_CONTACTS = "fasta_kontakter.csv"
_OTHERS_CONTACTS = {REGION: {_HOME_CARE}, MUNICIPALITY: {_CONTACTS}}
"""Files of the demo that a producer does not have: each has contacts of its own, of the same residents."""

_SETTINGS = """# A producer of the sandbox.
[server]
port = {port}
workers = 1

[database]
url = "sqlite:///{register}"

[regions.{county}]
name = "{name}"
guardian_consent = "required"

[care_managers]
source_system_id = "{source}"

[call]
endpoint = "{platform}/vp"

[index]
logical_address = "5565594230"
settle_seconds = 0

[portal]
contacts_address = "5565594230"

[demo]
enabled = true
technical_error_person = "195206172339"
"""

_PLATFORM = """# The stand-in platform of the sandbox (docs/platform.md).
port = {port}
producer_seconds = 8
aggregate_seconds = 6

{routes}
# Other regions: what UpdateListing meets there.
[[stand_in]]
address = "01"
answers = "slowly"
seconds = 3

[[stand_in]]
address = "12"
answers = "error"

[[stand_in]]
address = "13"
answers = "not"

# Sources of fixed contacts of a resident of the demo, beside the two producers.
[[stand_in]]
address = "SE165565594230-LANGSAM"
answers = "slowly"
seconds = 3
residents = ["195709263080"]

[[stand_in]]
address = "SE165565594230-LJUGER"
answers = "wrongly"
residents = ["195709263080"]
"""

_ROUTE = """[[route]]
address = "{address}"
endpoint = "{endpoint}"

"""


@dataclass(frozen=True, slots=True)
class SandboxProducer:
    """A producer of the sandbox.

    Attributes:
        config: Its settings file.
        endpoint: Where it will listen.
    """

    county: str
    source: str
    config: Path
    endpoint: str


def write_sandbox(folder: Path, first_port: int) -> tuple[list[SandboxProducer], Path, str]:
    """Write the files of a sandbox, and load each producer's part of the demo data.

    Args:
        folder: Where; made if need be.
        first_port: The platform's port; the producers have the next two.

    Returns:
        The producers, the platform's file, and the platform's address.

    Raises:
        RegisterError: A register in the folder is somebody else's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    platform = f"http://127.0.0.1:{first_port}"
    producers = []
    for number, (county, source) in enumerate(_SOURCES.items(), 1):
        port = first_port + number
        config = folder / f"region-{county}.toml"
        config.write_text(
            _SETTINGS.format(
                port=port,
                register=(folder / f"region-{county}.sqlite3").resolve(),
                county=county,
                name="Västra Götalandsregionen" if county == REGION else "Region Värmland",
                source=source,
                platform=platform,
            ),
            "utf-8",
        )
        producers.append(SandboxProducer(county, source, config, f"http://127.0.0.1:{port}"))
        _fill(load(config), _OTHERS_CONTACTS[county])
    routes = "".join(
        _ROUTE.format(address=address, endpoint=one.endpoint)
        for one in producers
        for address in (one.county, one.source)
    )
    file = folder / "platform.toml"
    file.write_text(_PLATFORM.format(port=first_port, routes=routes), "utf-8")
    return producers, file, platform


def _fill(settings: Settings, without: set[str]) -> None:
    report = demo_data.prepare(settings, without=without)
    if report.state is not LoadState.LOADED:
        raise RegisterError("the demo data do not load into the register of the sandbox; empty its folder")
