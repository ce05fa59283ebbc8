"""A small region in the register, and files with a profile that a test writes for them."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from contracts.identifiers import HsaId
from mapping.loads.pipeline import load
from mapping.loads.report import LoadReport
from mapping.sources.profile import load_profile
from mapping.sources.report import LoadState
from register.database import Register
from register.model import Employment, Staff
from tests.databases import keep
from tests.records import ANNA, BO, DAN, NOW, PROVIDER, TODAY, listing, residents, unit

ONE = unit("one", name="Vårdcentralen Ett", offers_choice_of_personnel=True)
TWO = unit("two", name="Vårdcentralen Två")
ASA = Staff(HsaId("SE2321000131-L1"), "Åsa", "Öberg", title="Läkare")
GORAN = Staff(HsaId("SE2321000131-L2"), "Göran", "Sjöström", title="Läkare")

ABOUT = '[profile]\nname = "t"\ntitle = "T"\n[load]\nfaulty = "skip"\n'


def fill(register: Register) -> None:
    """Keep two units, two doctors at the first, and three residents who are listed there."""
    keep(
        register,
        PROVIDER,
        ONE,
        TWO,
        ASA,
        GORAN,
        *(Employment(one.hsa_id, ONE.hsa_id, selectable_as_doctor=True) for one in (ASA, GORAN)),
        *residents(ANNA, BO, DAN),
        *(listing(f"at one {one}", one, ONE) for one in (ANNA, BO, DAN)),
    )


def load_files(
    register: Register,
    folder: Path,
    profile: str,
    files: Mapping[str, str | bytes],
    *,
    today: date = TODAY,
    now: datetime = NOW,
    **options: Any,
) -> LoadReport:
    """Write a profile (what follows its head) and files, and load them."""
    path = folder / "p.toml"
    path.write_text(profile if "[profile]" in profile else ABOUT + profile, "utf-8")
    paths = []
    for name, content in files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(register, load_profile(path), paths, today=today, now=now, **options)


def loaded(*arguments: Any, **options: Any) -> LoadReport:
    """Load files that have no faulty row."""
    report = load_files(*arguments, **options)
    assert report.state is LoadState.LOADED, told(report)
    assert not any(file.errors for file in report.files), told(report)
    return report


def told(report: LoadReport) -> list[tuple[int | None, str | None, str]]:
    """Return line, column and message of everything that is reported."""
    return [(one.line, one.column, one.message) for file in report.files for one in file.problems]


def kept(register: Register, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns of all rows, in their order, HSA-ids as texts."""
    with register.reading() as connection:
        found = connection.execute(select(*(table.c[name] for name in columns))).all()
    rows = [tuple(str(one) if isinstance(one, HsaId) else one for one in row) for row in found]
    return sorted(rows, key=repr)
