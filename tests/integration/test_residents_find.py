"""``fastkontakt residents find``, and the names that it searches: kept by a setting, and in no answer."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from contracts.clock import swedish_now
from listings import finding
from mapping.loads.pipeline import load
from mapping.sources.profile import load_profile
from register.database import Register
from register.folding import folded
from register.model import ListingType, Resident
from register.tables import import_change, resident
from tests.asking import ask, care_managers, get_listing
from tests.databases import audit_rows, keep
from tests.integration.contact_commands import audited, done, refused, run
from tests.integration.shipped import load_demo, samples, shipped
from tests.messages import actor, create_listing, envelope, path, person
from tests.producers import CENTRE, SMALL_REGION, SOURCE_SYSTEM, make_producer
from tests.records import (
    ANNA,
    BO,
    CLARA,
    COUNTY,
    DAN,
    EVA,
    FINN,
    NOW,
    OTHER_ID,
    REGION_TYPE,
    listing,
    unit,
)
from tests.wsgi import post

NORTH = unit("north", name="Norra hälsocentralen")
PEOPLE = (
    Resident(ANNA, COUNTY, given_name="Åsa-Märta", surname="Öberg"),
    Resident(BO, COUNTY, given_name="Asaf", surname="von Öbergsson"),
    Resident(CLARA, "01", given_name="Clara", surname="Asasson"),
    Resident(DAN, COUNTY, given_name=None, surname="D'Aøl"),
    Resident(EVA, COUNTY, protected=True, given_name="Åsa", surname="Öberg"),
    Resident(FINN, COUNTY),
)


@pytest.fixture
def region(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """Residents with names; names are kept. Anna and Eva are listed at the centre, Bo in the north."""
    keep(register, *SMALL_REGION, NORTH)
    keep(register, *PEOPLE, listing("L2", BO, NORTH), listing("L5", EVA, CENTRE))
    settle(register, tmp_path, monkeypatch, keep_names=True)
    return register


def settle(register: Register, folder: Path, patch: pytest.MonkeyPatch, *, keep_names: bool) -> None:
    """Write settings and let commands use them."""
    settings = folder / f"settings-{keep_names}.toml"
    url = register.engine.url.render_as_string(hide_password=False)
    settings.write_text(
        f'[database]\nurl = "{url}"\n[regions.{COUNTY}]\n'
        f"[residents]\nkeep_names = {str(keep_names).lower()}\n"
        f'[care_managers]\nsource_system_id = "{SOURCE_SYSTEM}"\n',
        "utf-8",
    )
    patch.setenv("FASTKONTAKT_CONFIG", str(settings))


def found(*arguments: str) -> list[str]:
    """Return the first cell of each row that the command prints."""
    lines = done("residents", "find", *arguments).splitlines()
    return [] if lines == ["Nobody is found."] else [line.split("  ")[0].strip() for line in lines[1:]]


PROTECTED = "Skyddad identitet"


@pytest.mark.parametrize(
    ("text", "people"),
    [
        pytest.param("öberg", [ANNA, PROTECTED], id="surname"),
        pytest.param("OBE", [ANNA, PROTECTED], id="case and accents"),
        pytest.param("asa", [CLARA, ANNA, BO, PROTECTED], id="one name or the other"),
        pytest.param("ÅSA MARTA", [ANNA], id="two given names"),
        pytest.param("asa ob", [ANNA, PROTECTED], id="both"),
        pytest.param("Öberg, Åsa", [ANNA, PROTECTED], id="both, the surname first"),
        pytest.param("von ö", [BO], id="a surname of two words"),
        pytest.param("asaf von öbergs", [BO], id="both, one of two words"),
        pytest.param("daol", [DAN], id="surname alone, without its signs"),
        pytest.param("bergsson", [], id="the middle of a name"),
        pytest.param("asa xy", [], id="nobody has both"),
    ],
)
def test_by_name(region: Register, text: str, people: list[str]) -> None:
    """By the beginnings of names; of somebody protected nothing but that."""
    # S000-003: by the beginnings of names
    # S000-007: the protected are not found by name
    assert found(text) == people


def test_by_number(region: Register) -> None:
    """Twelve digits hyphen or not; another number of the person does, too."""
    keep(region, replace(PEOPLE[0], other_ids=(OTHER_ID,)))
    for number in (ANNA, f"{ANNA[:8]}-{ANNA[8:]}", OTHER_ID):
        # S000-001, S000-002: by twelve digits, with or without hyphen
        assert found(number) == [ANNA]
    said = done("residents", "find", EVA)
    assert PROTECTED in said
    for private in (EVA, "Öberg", CENTRE.name, COUNTY):
        # S000-007: of the protected nothing but that
        assert private not in said
    # S000-002: not by ten
    assert run("residents", "find", ANNA[2:]).exit_code == 2


def test_by_unit(region: Register) -> None:
    assert found("--unit", str(CENTRE.hsa_id).lower()) == [ANNA, PROTECTED]
    assert found("--unit", "norra") == [BO]
    assert found("asa", "--unit", "norra") == [BO]
    assert found("ob as", "--unit", "centre") == [ANNA, PROTECTED]
    assert "no unit" in refused("residents", "find", "--unit", "södra")
    assert run("residents", "find", "--unit", "").exit_code == 2  # and not: nobody is found


def test_a_unit_is_named_once_whatever_types_the_resident_is_listed_for(region: Register) -> None:
    keep(region, ListingType(COUNTY, *REGION_TYPE, "Barnavård"))
    keep(region, listing("L9", ANNA, CENTRE, code=REGION_TYPE[0], code_system=REGION_TYPE[1]))
    assert done("residents", "find", ANNA).count(CENTRE.name) == 1


def test_every_search_is_audited(region: Register) -> None:
    """As a search by number is; with how many it found, and never with the name."""
    found("öberg", "--by", "Karin")
    found("nobody", "--by", "Karin")
    found(OTHER_ID, "--by", "Karin")
    what = "fastkontakt residents find"
    # S000-003, S000-005: by name or number, each search is logged
    assert sorted(audited(region)) == sorted(
        [(what, ANNA, "Karin"), (what, EVA, "Karin"), (what, "-", "Karin"), (what, OTHER_ID, "Karin")]
    )
    # S000-005: with the number found
    assert [row["hits"] for row in audit_rows(region)] == [2, 2, 0, 0]
    assert "berg" not in repr(audit_rows(region))


def test_fifty_are_shown_and_that_there_are_more_is_said(region: Register) -> None:
    numbers = [f"19{number:010d}" for number in range(51)]
    keep(region, *(Resident(one, COUNTY, given_name="Ulf", surname="Zetterlund") for one in numbers[:50]))
    assert found("zett") == found("zett ulf") == numbers[:50]
    keep(region, Resident(numbers[50], COUNTY, given_name="Ulf", surname="Zetterlund"))
    *shown, last = done("residents", "find", "ulf").splitlines()
    assert len(shown[1:]) == 50
    assert last == "There are more than 50: give more of the name, or --unit."


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((), id="nothing"),
        pytest.param(("-", "--unit", "norra"), id="no letter"),
        pytest.param(("å",), id="one letter"),
        pytest.param((ANNA, "--unit", "norra"), id="number and unit"),
    ],
)
def test_what_is_asked_wrongly(region: Register, arguments: tuple[str, ...]) -> None:
    assert run("residents", "find", *arguments).exit_code == 2


def test_where_names_are_not_kept(region: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of before the setting was turned off are neither searched nor shown."""
    settle(region, tmp_path, monkeypatch, keep_names=False)
    assert refused("residents", "find", "öberg").startswith("Names are not kept here")
    assert "berg" not in done("residents", "find", ANNA)
    assert found("--unit", "norra") == [BO]


def test_a_name_is_in_no_answer(region: Register) -> None:
    """Nor in what a record looks like in a log."""
    app = make_producer(region)
    parts = (actor(), person("personId", ANNA))
    answers = [get_listing(app), ask(app, "GetListingCounty", *parts), *care_managers(app)]
    told = post(app, path("CreateListing"), envelope(create_listing(ANNA, NORTH.hsa_id)))
    assert told.result[0] in ("OK", "INFO", "ERROR")
    texts = ["".join(one.itertext()) for one in answers] + [told.body.decode()]
    for text in (*texts, repr(PEOPLE[0])):
        assert "berg" not in text
        assert "Märta" not in text


class TestLoading:
    """Names come with the population register, and go with the setting."""

    @pytest.fixture
    def files(self, register: Register, tmp_path: Path) -> list[Path]:
        """The sample of population-register, with names, over the demo's units and staff."""
        load_demo(register, "vardgivare", "enheter", "personal")
        copies = []
        for sample in samples("population-register"):
            copies.append(tmp_path / sample.name)
            text = sample.read_text("cp1252")
            if sample.stem == "personer":
                head, *lines = text.splitlines()
                rows = [f"{line};Förnamn {place};Svensson" for place, line in enumerate(lines)]
                text = "\n".join([f"{head};Förnamn;Efternamn", *rows, ""])
            copies[-1].write_text(text, "cp1252")
        return copies

    def kept(self, register: Register, files: list[Path], *, names: bool) -> set[tuple[str | None, ...]]:
        """Load the files and return the names that are in the register then."""
        profile = load_profile(shipped("population-register"))
        report = load(register, profile, files, now=NOW, today=NOW.date(), keep_names=names)
        assert not report.faulty
        with register.reading() as connection:
            found = select(resident.c.surname, resident.c.folded_surname, resident.c.folded_given_name)
            return {tuple(row) for row in connection.execute(found.where(resident.c.person_id == ANNA))}

    def test_names_are_kept_where_the_setting_is_on_and_go_when_it_is_turned_off(
        self, register: Register, files: list[Path]
    ) -> None:
        assert self.kept(register, files, names=False) == {(None, None, None)}
        assert self.kept(register, files, names=True) == {("Svensson", "svensson", "fornamn 0")}
        with register.reading() as connection:
            people = finding.by_name(connection, "sven fornamn 1", swedish_now())
        assert {one.given_name for one in people if not one.protected} >= {"Förnamn 1", "Förnamn 10"}
        assert self.kept(register, files, names=False) == {(None, None, None)}

    def test_without_the_setting_nothing_has_them(self, register: Register, files: list[Path]) -> None:
        self.kept(register, files, names=False)
        with register.reading() as connection:
            for table in (resident, import_change):
                assert "vensson" not in repr(connection.execute(select(table)).all())

    def test_a_file_without_names_says_nothing_wrong(self, register: Register) -> None:
        load_demo(register, "vardgivare", "enheter", "personal")
        plain = samples("population-register")
        assert self.kept(register, plain, names=True) == {(None, None, None)}


@pytest.mark.parametrize(
    ("name", "sought"),
    [
        ("Åsa-Märta", "asa marta"),
        ("  von   Essen ", "von essen"),
        ("O’Brien", "obrien"),
        ("Łukasz Ærø", "lukasz aero"),
        ("Strauß", "strauss"),
        ("Nguyễn\u00a0Đức", "nguyen duc"),
        ("...", None),
        (None, None),
    ],
)
def test_folding(name: str | None, sought: str | None) -> None:
    """Letter case, accents and signs make no difference, and folding twice changes nothing."""
    assert folded(name) == folded(folded(name)) == sought
