"""A register of the demo data, as ``fastkontakt serve --demo`` makes it, served without the demo mode."""

from pathlib import Path

from fastkontakt import demo_data
from fastkontakt.settings import Settings, load
from mapping.sources.report import LoadState

SETTINGS = "fastkontakt.toml"


def demo_register(folder: Path, url: str | None = None) -> Settings:
    """Make a register of the demo data; write the settings to serve it with, and return them.

    Args:
        folder: Where the settings are written.
        url: The database; a SQLite file in the folder when left out.
    """
    file = folder / SETTINGS
    file.write_text(
        f"[database]\nurl = '{url or f'sqlite:///{folder}/register.sqlite3'}'\n[regions.14]\n[regions.17]\n"
        "[care_managers]\nsource_system_id = 'SE2321000131-FASTKONTAKT'\n",
        "utf-8",
    )
    settings = load(file)
    report = demo_data.prepare(settings)
    assert report.state is LoadState.LOADED
    return settings
