"""The profile changes: drops of the feed of another register, one by one or all that lie there at once."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from fastkontakt.cli import app
from mapping.sources.report import LoadState
from register import tables
from register.database import Register
from register.residents import find_resident
from tests.databases import keep
from tests.integration.shipped import contents, load_demo, load_with, rows, samples, told
from tests.records import residents
from tests.sources import undo

SQLITE_ALONE = True

NAME = "changes"
LISTED, QUEUING, HIDDEN, MOVED, DEAD = (
    "196709192642",
    "197010632391",
    "191001309812",
    "195706012274",
    "191001279809",
)
ONE, FOUR = "SE2321000131-DEMOVC01", "SE2321000131-DEMOVC04"
"""Health centres of the demo data."""

HEADER = (
    "position,at,kind,person_id,record_id,unit,staff,code,code_system,county,valid_from,valid_to,cause,who"
)


@pytest.fixture
def world(register: Register) -> Register:
    """A register with the demo's units and staff, and residents whom no source has brought."""
    load_demo(
        register,
        *("vardgivare", "enheter", "listningstyper", "enheters_listningstyper", "personal", "anstallningar"),
    )
    keep(register, *residents(LISTED, QUEUING, HIDDEN, MOVED, DEAD))
    return register


def protected(register: Register, person: str) -> bool:
    with register.reading() as connection:
        found = find_resident(connection, person)
    assert found is not None
    return found.protected


def held(register: Register) -> dict[str, list[tuple[object, ...]]]:
    """Return what the lines are about."""
    return {
        "listing": rows(register, tables.listing, "person_id", "unit_key", "valid_from", "valid_to"),
        "queue": rows(register, tables.queue_place, "person_id", "unit_key", "queued_at", "left_at"),
        "contact": rows(register, tables.fixed_contact, "person_id", "staff_key", "valid_from", "valid_to"),
        "resident": rows(register, tables.resident, "person_id", "home_county", "protected", "deceased_on"),
    }


def line(position: int, kind: str, person: str, **values: str) -> str:
    given = {"position": str(position), "kind": kind, "person_id": person, **values}
    return ",".join(given.get(name, "") for name in HEADER.split(","))


def file(folder: Path, name: str, *lines: str) -> Path:
    path = folder / f"changes-{name}.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
    return path


def loaded(register: Register, files: Sequence[Path]) -> None:
    report = load_with(NAME, register, files)
    assert (report.state, told(report)) == (LoadState.LOADED, [])


def test_the_samples_together(world: Register) -> None:
    loaded(world, samples(NAME))
    changed = datetime(2026, 3, 2, 10, 14, 5)
    assert held(world) == {
        "listing": [
            (MOVED, ONE, datetime(2006, 1, 1), datetime(2026, 3, 2, 11, 41)),
            (LISTED, ONE, datetime(2021, 3, 15), changed),
            (LISTED, FOUR, changed, None),
        ],
        "queue": [
            (QUEUING, "SE2321000131-DEMOVC02", datetime(2026, 2, 10, 7, 55), datetime(2026, 3, 3, 9, 2, 30))
        ],
        "contact": [
            (HIDDEN, "SE2321000131-DEMOS01", date(2025, 5, 12), None),
            (LISTED, "SE2321000131-DEMOL01", date(2024, 3, 1), date(2026, 3, 2)),
            (LISTED, "SE2321000131-DEMOL05", date(2026, 3, 3), None),
        ],
        "resident": [
            (DEAD, "14", False, date(2026, 3, 1)),
            (HIDDEN, "14", False, None),
            (MOVED, "13", False, None),
            (LISTED, "14", False, None),
            (QUEUING, "14", False, None),
        ],
    }


def test_one_by_one_leads_to_the_same(world: Register) -> None:
    loaded(world, samples(NAME))
    together = held(world)
    undo(world, 2)
    for sample, hidden in zip(samples(NAME), (False, True, False), strict=True):
        loaded(world, [sample])
        assert protected(world, HIDDEN) is hidden
    assert held(world) == together


@pytest.mark.parametrize("all_rows", [False, True])
def test_again_changes_nothing(world: Register, all_rows: bool) -> None:
    loaded(world, samples(NAME))
    before = contents(world)
    again = load_with(NAME, world, samples(NAME), all_rows=all_rows)
    assert (again.state, told(again), contents(world)) == (LoadState.LOADED, [], before)


def test_files_are_taken_in_the_order_of_their_names_whatever_order_they_are_given_in(
    world: Register, tmp_path: Path
) -> None:
    """Names that somebody gave by hand have no zeros before the number."""
    start = {"record_id": "L", "unit": ONE, "code": "PV", "code_system": "1.2.752.129.5.1.27"}
    begun = line(1, "listing_begun", LISTED, valid_from="2026-01-01T08:00:00.000000", **start)
    ends = [f"2026-02-0{day}T08:00:00.000000" for day in (1, 2)]
    files = [
        file(
            tmp_path, "10", line(11, "listing_ended", LISTED, **start, valid_from=ends[0], valid_to=ends[1])
        ),
        file(tmp_path, "9", line(10, "listing_ended", LISTED, **start, valid_from=ends[0], valid_to=ends[0])),
        file(tmp_path, "0", begun),
    ]
    loaded(world, files)
    assert held(world)["listing"] == [
        (LISTED, ONE, datetime(2026, 2, 1, 8), datetime(2026, 2, 2, 8)),
    ]


@pytest.mark.parametrize(
    ("kinds", "hidden"),
    [
        (["resident_hidden"], True),
        (["resident_hidden", "resident_shown"], False),
        (["resident_shown", "resident_hidden"], True),
        (["resident_hidden", "resident_shown", "resident_hidden"], True),
    ],
)
@pytest.mark.parametrize("files", [1, 3])
def test_the_last_word_on_who_is_protected_counts(
    world: Register, tmp_path: Path, kinds: list[str], hidden: bool, files: int
) -> None:
    lines = [line(number, kind, HIDDEN) for number, kind in enumerate(kinds)]
    parts = [lines] if files == 1 else [[one] for one in lines]
    loaded(world, [file(tmp_path, str(number), *part) for number, part in enumerate(parts)])
    assert protected(world, HIDDEN) is hidden


def test_a_day_of_death_is_taken_back(world: Register, tmp_path: Path) -> None:
    loaded(world, [file(tmp_path, "1", line(1, "resident_deceased", DEAD, valid_to="2026-03-01"))])
    loaded(world, [file(tmp_path, "2", line(2, "resident_deceased", DEAD))])
    with world.reading() as connection:
        assert connection.scalars(select(tables.resident.c.deceased_on)).all() == [None] * 5


def test_who_has_another_source_is_left_to_it_unless_it_says_the_same(
    register: Register, tmp_path: Path
) -> None:
    """The fault stays night after night until the residents' own source protects the person."""
    load_demo(register, "invanare")
    report = load_with(NAME, register, [file(tmp_path, "1", line(1, "resident_hidden", HIDDEN))])
    assert [(at, message.split(";")[0]) for _, at, _, message in told(report)] == [
        (2, "another source has brought this record")
    ]
    assert not protected(register, HIDDEN)
    known = line(2, "resident_moved", HIDDEN, county="14")
    loaded(register, [file(tmp_path, "2", known)])


def test_by_command_with_all_that_lies_in_the_folder(
    world: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.toml"
    url = world.engine.url.render_as_string(hide_password=False)
    settings.write_text(f'[database]\nurl = "{url}"\n[regions.14]\n', "utf-8")
    monkeypatch.setenv("FASTKONTAKT_CONFIG", str(settings))
    result = CliRunner().invoke(app, ["import", NAME, *reversed([str(one) for one in samples(NAME)])])
    assert result.exit_code == 0, result.output
    assert len(held(world)["listing"]) == 3
