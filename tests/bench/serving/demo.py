"""A register of the demo data, as ``fastkontakt serve --demo`` makes it, without the demo mode."""

from pathlib import Path

from fastkontakt import demo_data
from fastkontakt.settings import Settings, load
from mapping.sources.report import LoadState


def demo_settings(folder: Path, url: str | None = None) -> Path:
    """Write settings of a service on a register of the demo data, and return their file."""
    file = folder / "fastkontakt.toml"
    url = url or f"sqlite:///{folder / 'register.sqlite3'}"
    file.write_text(
        f"[database]\nurl = '{url}'\n[regions.14]\n[regions.17]\n"
        "[care_managers]\nsource_system_id = 'SE2321000131-FASTKONTAKT'\n",
        "utf-8",
    )
    return file


def demo_register(folder: Path, url: str | None = None) -> Settings:
    """Make a register of the demo data and return the settings to serve it with."""
    settings = load(demo_settings(folder, url))
    report = demo_data.prepare(settings)
    assert report.state is LoadState.LOADED
    return settings
