"""Loading again: the same files change nothing, and any run of loads gives what its rules give row by row.

The model knows nothing of what the loader remembers of a source: it looks at every row of every file each
time, and so does the loader with ``all_rows``. Both must come to the same register.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.identifiers import HsaId
from mapping.loads import pipeline
from mapping.sources.report import LoadState
from register.database import Register
from tests.databases import empty, keep
from tests.integration.test_loads_sources import EVERYTHING
from tests.records import ANNA, BO, CLARA, DAN, NOW, PROVIDER, hsa, residents, unit
from tests.sources import FIELDS, Source, dump, section
from tests.strength import sized

PEOPLE = (ANNA, BO, CLARA, DAN)
UNITS = (hsa("a"), hsa("b"), hsa("nowhere"))
"""Two that the register has, and one that it has not."""


@pytest.mark.parametrize("policy", ["delta", "full"])
class TestTheSameTwice:
    def test_changes_nothing(self, register: Register, tmp_path: Path, policy: str) -> None:
        source = Source(register, tmp_path / "source", list(EVERYTHING), policy=policy)
        source.loaded(EVERYTHING)
        before = dump(register, marks=True)
        assert [one["person_id"] for one in before["outgoing"]] == [ANNA]
        for _ in range(2):
            report = source.load(EVERYTHING)
            assert report.state is LoadState.LOADED
            assert [one.passed_over for one in report.files] == [one.rows for one in report.files]
            assert dump(register, marks=True) == before

    def test_nor_does_a_look_at_every_row(self, register: Register, tmp_path: Path, policy: str) -> None:
        source = Source(register, tmp_path / "source", list(EVERYTHING), policy=policy)
        source.loaded(EVERYTHING)
        before = dump(register, marks=True, origins=False)
        for counts in source.loaded(EVERYTHING, all_rows=True).values():
            assert counts == counts._replace(added=0, changed=0, ended=0, removed=0)
            assert counts.unchanged > 0
        assert dump(register, marks=True, origins=False) == before

    def test_nor_does_a_dry_run(self, register: Register, tmp_path: Path, policy: str) -> None:
        source = Source(register, tmp_path / "source", list(EVERYTHING), policy=policy)
        empty_handed = dump(register, marks=True, of_loads=True)
        assert source.load(EVERYTHING, dry_run=True).state is LoadState.CHECKED
        assert dump(register, marks=True, of_loads=True) == empty_handed
        source.loaded(EVERYTHING)
        before = dump(register, marks=True, of_loads=True)
        assert source.load({name: [] for name in EVERYTHING}, dry_run=True).state is LoadState.CHECKED
        assert dump(register, marks=True, of_loads=True) == before


class TestRowsAlike:
    """Rows of one file that are the same, or about the same record as one that has not changed."""

    def test_rows_that_no_section_is_for_may_be_alike(self, register: Register, tmp_path: Path) -> None:
        of_region = section(
            "resident", FIELDS["resident"], when='{ column = "home_county", values = ["14"] }'
        )
        source = Source(register, tmp_path / "source", sections=[of_region])
        own, other = (ANNA, "14", ""), ("", "x", "")
        source.loaded({"resident": [own, other]})
        for rows in ([own, other, other], [other, own, other], [other, other, other]):
            source.loaded({"resident": rows})
        assert [one["person_id"] for one in dump(register)["resident"]] == [ANNA]

    @pytest.mark.parametrize("policy", ["delta", "full"])
    @pytest.mark.parametrize("home", ["14", "01", " 14 "], ids=["same", "other", "reworded"])
    def test_a_second_row_about_a_record_is_refused(
        self, register: Register, tmp_path: Path, policy: str, home: str
    ) -> None:
        source = Source(register, tmp_path / "source", ["resident"], policy=policy)
        first, second = (ANNA, "14", ""), (ANNA, home, "")
        for all_rows in (False, True, False):
            source.loaded({"resident": [first]}, all_rows=all_rows)
            before = dump(register)
            for rows in ([first, second], [second, first]):
                assert source.load({"resident": rows}).state is LoadState.REFUSED
                assert dump(register) == before

    def test_a_second_row_after_a_change_of_words(self, register: Register, tmp_path: Path) -> None:
        source = Source(register, tmp_path / "source", ["resident"])
        source.loaded({"resident": [(ANNA, "14", "")]})
        source.loaded({"resident": [(ANNA, " 14 ", "")]})
        assert source.load({"resident": [(ANNA, " 14 ", ""), (ANNA, "01", "")]}).state is LoadState.REFUSED

    @pytest.mark.parametrize("policy", ["delta", "full"])
    def test_two_sections_may_name_a_record(self, register: Register, tmp_path: Path, policy: str) -> None:
        """Which of the rows was the last to speak of it must not matter to the next load."""
        sections = [section("resident", FIELDS["resident"], name=f'"resident-{one}.csv"') for one in (1, 2)]
        source = Source(register, tmp_path / "source", sections=sections, policy=policy)
        both = (BO, "17", "")
        for home in ("14", "01", "01"):
            changed = (ANNA, home, "")
            source.loaded({"resident-1": [changed, both], "resident-2": [both, changed]})
            homes = {one["person_id"]: one["home_county"] for one in dump(register)["resident"]}
            assert homes == {ANNA: home, BO: "17"}
        reworded = (BO, " 17 ", "")
        source.loaded({"resident-1": [changed, reworded], "resident-2": [both, changed]})
        assert source.loaded({"resident-1": [changed, reworded], "resident-2": [changed, both]})

    def test_files_that_share_a_section(self, register: Register, tmp_path: Path) -> None:
        """A pattern may fit the files of another; sections are taken in the order of the profile."""
        guardians = section("guardianship", (), name='"resident-2.csv"').replace(
            "[file.fields]", f'[file.fields]\nguardian_id = {{ constant = "{DAN}" }}\nperson_id = "person_id"'
        )
        sections = [guardians, section("resident", FIELDS["resident"], name='"resident-*.csv"')]
        source = Source(register, tmp_path / "source", sections=sections[::-1])
        counts = source.loaded({"resident-1": [(ANNA, "14", "")], "resident-2": [(BO, "14", "")]})
        assert {name: one.added for name, one in counts.items()} == {"resident": 2, "guardianship": 1}
        assert source.load({"resident-1": [(CLARA, "14", "")], "resident-2": [(CLARA, "14", "")]}).faulty == 1


@dataclass(frozen=True)
class Wanted:
    """A row of the file: a place of a queue.

    Attributes:
        days: The estimate of its wait; below 0 a text that is at fault.
        spaced: Whether the row says the same in other words.
    """

    person: str
    unit: HsaId
    days: int
    spaced: bool

    @property
    def key(self) -> tuple[str, HsaId]:
        """What tells the record from others."""
        return self.person, self.unit

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells of the row."""
        days = "soon" if self.days < 0 else f"{self.days}"
        return self.person, str(self.unit), "20250101" if self.spaced else "2025-01-01", days


@dataclass(frozen=True)
class Night:
    """A load: its rows, how the profile has it, and how many days after the first it is."""

    rows: tuple[Wanted, ...]
    policy: str
    faulty: str
    day: int = 0

    @property
    def now(self) -> datetime:
        """When it is."""
        return NOW + timedelta(days=self.day)


@dataclass
class Model:
    """The queue places that a source has brought, and the moment each has ended."""

    places: dict[tuple[str, HsaId], tuple[int, datetime | None]] = field(default_factory=dict)

    def load(self, night: Night) -> tuple[LoadState, int]:
        """Load as the documentation has it, and return what came of it and how many rows are faulty."""
        good: dict[tuple[str, HsaId], int] = {}
        faulty = 0
        for row in night.rows:
            if row.days < 0 or row.unit == UNITS[-1] or row.key in good:
                faulty += 1
            else:
                good[row.key] = row.days
        if faulty and night.faulty == "refuse":
            return LoadState.REFUSED, faulty
        full = night.policy == "full"
        for key, days in good.items():
            _, end = self.places.get(key, (0, None))
            self.places[key] = (days, None if full else end)
        if full and not faulty:
            for key, (days, end) in self.places.items():
                if key not in good and end is None:
                    self.places[key] = (days, night.now)
        return LoadState.LOADED, faulty


ROWS = st.builds(
    Wanted,
    st.sampled_from(PEOPLE),
    st.sampled_from(UNITS[:2]),
    st.sampled_from((1, 2)),
    st.booleans(),
)
FAULTY_ROWS = st.one_of(
    st.builds(Wanted, st.sampled_from(PEOPLE), st.sampled_from(UNITS), st.just(-1), st.booleans()),
    st.builds(Wanted, st.sampled_from(PEOPLE), st.just(UNITS[-1]), st.just(1), st.booleans()),
)


@st.composite
def nights(draw: st.DrawFn) -> list[Night]:
    """Return loads of one file, whose rows are added, changed, removed, moved and repeated.

    Rows of one file that contradict each other are left out: with faulty rows skipped, the row that the
    source had before is taken, and without a memory of it the first one.
    """
    policies, what_of_faults = st.sampled_from(("delta", "full")), st.sampled_from(("refuse", "skip"))
    policy, faulty = draw(policies), draw(what_of_faults)
    changed_at = draw(st.integers(1, 12))
    rows: list[Wanted] = []
    found = []
    for day in range(draw(st.integers(2, 5))):
        if day == changed_at:
            policy, faulty = (
                draw(st.sampled_from(("delta", "full"))),
                draw(st.sampled_from(("refuse", "skip"))),
            )
        if draw(st.integers(0, 4)) > 0:
            new = draw(st.lists(ROWS, max_size=3, unique_by=lambda one: one.key))
            gone = draw(st.sets(st.sampled_from(rows), max_size=2)) if rows else set()
            kept = [one for one in rows if one not in gone and one.key not in {other.key for other in new}]
            rows = draw(st.permutations(kept + new)) if draw(st.booleans()) else kept + new
        file = list(rows)
        if draw(st.integers(0, 3)) == 0:
            file.insert(draw(st.integers(0, len(file))), draw(FAULTY_ROWS))
        if file and draw(st.integers(0, 3)) == 0:
            again = draw(st.sampled_from(file))
            other = Wanted(again.person, again.unit, again.days, draw(st.booleans()))
            file.insert(draw(st.integers(0, len(file))), other)
        found.append(Night(tuple(file), policy, faulty, day))
    return found


def results(source: Source, run: list[Night], patch: pytest.MonkeyPatch) -> Iterator[tuple[LoadState, int]]:
    for night in run:
        patch.setattr(pipeline, "swedish_now", lambda now=night.now: now)
        source = source.with_(policy=night.policy, faulty=night.faulty)
        report = source.load({"queue_place": [one.cells for one in night.rows]})
        yield report.state, report.faulty


def places(register: Register) -> dict[tuple[str, HsaId], tuple[int, datetime | None]]:
    return {
        (one["person_id"], one["unit_key"]): (one["estimated_wait_days"], one["left_at"])
        for one in dump(register)["queue_place"]
    }


@settings(max_examples=sized(quick=5, full=12))
@given(run=nights())
def test_any_run_of_loads_is_as_its_rules_have_it(
    register: Register, tmp_path_factory: pytest.TempPathFactory, run: list[Night]
) -> None:
    folder = tmp_path_factory.mktemp("source")
    model = Model()
    expected = [model.load(night) for night in run]
    for all_rows in (False, True):
        empty(register)
        keep(register, PROVIDER, unit("a"), unit("b"), *residents(*PEOPLE))
        source = Source(register, folder, ["queue_place"], all_rows=all_rows)
        with pytest.MonkeyPatch.context() as patch:
            assert list(results(source, run, patch)) == expected
        assert places(register) == model.places
