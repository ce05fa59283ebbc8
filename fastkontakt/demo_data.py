"""Demo mode: its settings, and its data loaded through the importer operators use."""

import csv
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import delete, func, select

from contracts.clock import swedish_now
from contracts.identifiers import HsaId
from fastkontakt.settings import SHIPPED, Settings, file_in_use, load
from mapping.loads.pipeline import load as load_files
from mapping.loads.report import LoadReport
from mapping.sources.profile import load_profile
from register import schema
from register.database import Register, open_register
from register.engine import RegisterError
from register.tables import content_tables, resident, unit

FOLDER = Path(__file__).parent / "demo"
"""The data set: CSV files, their profile, and the settings they are served with."""

PROFILE = FOLDER / "demo.toml"
PORTAL_PATH = "/portal"
"""Where the portal is beside the demo's producer."""

PERSONAS = FOLDER / "portal.toml"
"""Who can be chosen in the portal."""

LISTED_PERSON = "195709263080"
"""Resident of the demo who is listed and has a doctor, for the call that ``serve --demo`` prints."""


def settings_file(path: Path | None) -> Path:
    """Return the settings file of demo mode: the one given, or the demo's own."""
    return (path and file_in_use(path)) or SHIPPED["demo"]


def demo_settings(path: Path | None) -> Settings:
    """Return the settings of demo mode.

    Raises:
        SettingsError: They cannot be used.
    """
    return load(settings_file(path))


def prepare(settings: Settings, *, without: Collection[str] = ()) -> LoadReport:
    """Create the register if need be and load the demo data set into it; return what came of it.

    What was changed in the demo before is forgotten, but for the audit log.

    Args:
        settings: Name the register.
        without: Names of files that are left out.

    Raises:
        RegisterError: The register cannot be opened, or holds units that are not the demo's.
        ProfileError: The profile cannot be used.
    """
    register = open_register(settings.database)
    try:
        if schema.status(register).current is not None:
            _refuse_others(register)  # before anything of it is changed, its tables included
        schema.upgrade(register)
        _empty(register)
        files = [file for file in sorted(FOLDER.glob("*.csv")) if file.name not in without]
        return load_files(register, load_profile(PROFILE), files, today=swedish_now().date())
    finally:
        register.dispose()


def _refuse_others(register: Register) -> None:
    """Keep invented people out of a register that somebody works with; residents come and go in the demo."""
    with (FOLDER / "enheter.csv").open(encoding="utf-8-sig", newline="") as file:
        own = {HsaId(row["HSA-id"]) for row in csv.DictReader(file, delimiter=";")}
    with register.reading() as connection:
        found = connection.scalars(select(unit.c.hsa_key).limit(len(own) + 1)).all()
        strangers = connection.scalar(select(func.count()).select_from(resident)) if not found else 0
    if strangers or not own.issuperset(found):
        raise RegisterError(
            "database.url: this register holds units or residents that are not of the demo; "
            "give the demo a register of its own"
        )


def _empty(register: Register) -> None:
    with register.writing() as connection:
        for table in reversed(content_tables()):
            connection.execute(delete(table))
