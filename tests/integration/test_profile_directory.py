"""The profiles directory-ldif and directory-csv: what their samples become, night after night."""

import csv
import re
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.codes import is_fixed_doctor
from contracts.hours import parse_hours
from contracts.identifiers import HsaId
from fastkontakt.demo_data import FOLDER as DEMO
from mapping.loads.batches import RecordCounts
from mapping.loads.pipeline import load
from mapping.loads.report import LoadReport
from mapping.sources.profile import load_profile
from mapping.sources.report import LoadState
from register import tables
from register.database import Register
from register.model import Staff, Unit
from tests.asking import ask_ok, care_managers, outline, values
from tests.databases import keep, opened_copy
from tests.integration.shipped import contents, load_with, rows, samples, shipped, told
from tests.messages import person
from tests.producers import make_producer
from tests.records import ANNA, BO, TODAY, contact, listing, residents

SQLITE_ALONE = True

LDIF, CSV = "directory-ldif", "directory-csv"
(KATALOG,) = samples(LDIF)
DOCS = Path(__file__).parents[2] / "docs" / "sources" / "directory.md"

UNKNOWN = ("paTitleCode", "'298099': is not in the packaged list of KV_Befattning; it is kept")
"""Column and message of the one warning that the sample gives."""

Entry = dict[str, list[str]]
"""Attribute -> its values."""
Load = Callable[[str], LoadReport]
"""Loads a directory, as LDIF text."""


def hsa(short: str) -> str:
    return f"SE2321000131-DEMO{short}"


def key(short: str) -> str:
    return HsaId(hsa(short)).key


def entries(text: str) -> Iterator[Entry]:
    """Read the entries of LDIF that have an HSA-id, by another way than the profile takes."""
    for block in text.replace("\n ", "").split("\n\n"):
        entry: Entry = defaultdict(list)
        for line in block.splitlines():
            name, _, value = line.partition(":")
            entry[name].append(b64decode(value[1:]).decode() if value[:1] == ":" else value.strip())
        if "hsaIdentity" in entry:
            yield entry


def one(entry: Entry, name: str) -> str | None:
    return next(iter(entry.get(name, ())), None)


def dialled(number: str) -> str:
    """Return the digits of a Swedish number as they are dialled within the country."""
    return re.sub("[^0-9]", "", re.sub(r"^\+46 ?(\(0\))?", "0", number))


class Sample:
    """The sample as this test reads it."""

    def __init__(self) -> None:
        found = list(entries(KATALOG.read_text(encoding="ascii")))
        self.providers = [entry for entry in found if "hsaHealthCareProvider" in entry["objectClass"]]
        self.units = [
            entry
            for entry in found
            if "hsaResponsibleHealthCareProvider" in entry
            and "TRUE" not in (*entry.get("hsaArchivedObject", ()), *entry.get("hiddenObject", ()))
        ]
        self.care_unit = {
            member: entry["hsaIdentity"][0]
            for entry in found
            for member in entry.get("hsaHealthCareUnitMember", ())
        }
        at = {entry["dn"][0]: entry["hsaIdentity"][0] for entry in self.units}
        self.people = [
            (entry, at[place])
            for entry in found
            if "hsaPersonExtension" in entry["objectClass"]
            and "TRUE" not in entry.get("feignedPerson", ())
            and (place := entry["dn"][0].partition(",")[2]) in at
        ]


@pytest.fixture(scope="session")
def sample() -> Sample:
    return Sample()


@pytest.fixture(scope="module")
def loaded(sqlite_template: Path) -> Iterator[Register]:
    """A register with the LDIF sample, to look at."""
    with opened_copy(sqlite_template) as register:
        assert load_with(LDIF, register, [KATALOG]).state is LoadState.LOADED
        yield register


@pytest.fixture
def load_text(register: Register, tmp_path: Path) -> Load:
    """Load LDIF from a text, with the shipped profile."""

    def load_it(text: str, **options: Any) -> LoadReport:
        path = tmp_path / "katalog.ldif"
        path.write_text(text, encoding="utf-8")
        return load_with(LDIF, register, [path], **options)

    return load_it


@pytest.fixture
def text() -> str:
    return KATALOG.read_text(encoding="ascii")


def without(text: str, short: str) -> str:
    """Return the directory without one entry."""
    blocks = text.split("\n\n")
    kept = [block for block in blocks if f"\nhsaIdentity: {hsa(short)}\n" not in block]
    assert len(kept) == len(blocks) - 1
    return "\n\n".join(kept)


def changed(text: str, short: str, old: str, new: str) -> str:
    """Return the directory with a line of one entry changed, and those after it moved with it."""
    (block,) = (one for one in text.split("\n\n") if f"\nhsaIdentity: {hsa(short)}\n" in one)
    assert block.count(old) == 1
    return text.replace(block, block.replace(old, new))


def effect(counts: RecordCounts) -> tuple[int, int, int, int]:
    """Return how many records were added, changed, ended and removed."""
    return counts.added, counts.changed, counts.ended, counts.removed


def line_of(text: str, short: str) -> int:
    """Return the line where an entry begins."""
    (block,) = (one for one in text.split("\n\n") if f"\nhsaIdentity: {hsa(short)}\n" in one)
    return text[: text.index(block)].count("\n") + 1


def test_the_sample_is_a_directory_of_a_real_kind(sample: Sample) -> None:
    assert len(sample.units) == 16
    assert len({entry["hsaIdentity"][0] for entry, _ in sample.people}) == 60
    names = [(entry["givenName"][0], entry["sn"][0], unit) for entry, unit in sample.people]
    assert len(names) > len(set(names)), "two of one name at one unit"
    assert len({name[:2] for name in names}) < len(set(names)) - 2, "and at different units"


def test_the_samples_units_and_staff_are_those_of_the_demo_data(sample: Sample) -> None:
    """So that the samples of the other profiles, which refer to them, can be loaded after this one."""

    def demo(name: str) -> list[dict[str, str]]:
        with (DEMO / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter=";"))

    units = {entry["hsaIdentity"][0]: entry["ou"][0] for entry in sample.units}
    assert {(one["HSA-id"], one["Namn"]) for one in demo("enheter") if one["Län"] == "14"} <= units.items()
    names = {(entry["hsaIdentity"][0], entry["givenName"][0], entry["sn"][0]) for entry, _ in sample.people}
    staff = {(one["HSA-id"], one["Förnamn"], one["Efternamn"]) for one in demo("personal")}
    assert {one for one in staff if not one[0].startswith("SE2321000156")} <= names


def test_providers_units_and_staff_are_those_of_the_file(register: Register, sample: Sample) -> None:
    report = load_with(LDIF, register, [KATALOG])
    assert report.state is LoadState.LOADED
    assert [one[2:] for one in told(report)] == [UNKNOWN]
    assert rows(register, tables.care_provider, "hsa_id", "name", "organisation_number") == sorted(
        (
            (
                entry["hsaIdentity"][0],
                (entry.get("o") or entry["ou"])[0],
                "".join(re.findall("[0-9]", one(entry, "orgNo") or "")) or None,
            )
            for entry in sample.providers
        ),
        key=repr,
    )
    own = ("hsa_id", "name", "provider_key", "care_unit_key", "county", "listable")
    assert rows(register, tables.unit, *own) == sorted(
        (
            (
                entry["hsaIdentity"][0],
                entry["ou"][0],
                HsaId(entry["hsaResponsibleHealthCareProvider"][0]).key,
                HsaId(care_unit).key
                if (care_unit := sample.care_unit.get(entry["hsaIdentity"][0]))
                else None,
                "14",
                "vgrVardVal" in entry,
            )
            for entry in sample.units
        ),
        key=repr,
    )
    names = ("hsa_id", "given_name", "middle_name", "surname", "befattning", "title", "protected")
    assert rows(register, tables.staff, *names) == sorted(
        {
            (
                entry["hsaIdentity"][0],
                entry["givenName"][0],
                one(entry, "middleName"),
                entry["sn"][0],
                one(entry, "paTitleCode"),
                title.replace(",leg.", ", leg.") if (title := one(entry, "title")) else None,
                "TRUE" in entry.get("hsaConfidentialPerson", ()),
            )
            for entry, _ in sample.people
        },
        key=repr,
    )


def test_who_works_where_and_can_be_chosen(register: Register, sample: Sample) -> None:
    """Doctors who can be a fast läkarkontakt, as the contracts package has them."""
    load_with(LDIF, register, [KATALOG])
    found = rows(register, tables.employment, "staff_key", "unit_key", "selectable_as_doctor")
    # S003-006: selectable as doctor by the befattningar that fit
    # S001-014: from the directory
    assert found == sorted(
        (
            (
                HsaId(entry["hsaIdentity"][0]).key,
                HsaId(unit).key,
                any(map(is_fixed_doctor, entry.get("paTitleCode", ()))),
            )
            for entry, unit in sample.people
        ),
    )
    own = (
        "staff_key",
        "selectable_as_doctor",
        "selectable_as_care_contact",
        "valid_from",
        "valid_to",
        "role",
    )
    employed = {row[0]: row[1:] for row in rows(register, tables.employment, *own)}
    begun = date(2020, 9, 1)
    assert employed[key("L06")] == (True, False, begun, date(2026, 1, 31), "Distriktsläkare")
    assert employed[key("S01")] == (False, True, begun, None, "Distriktssköterska")
    assert employed[key("P05")] == (False, False, begun, None, "Vårdadministratör")
    assert employed[key("P37")] == (False, False, begun, None, "Vårdutvecklare"), "an unknown befattning"


@pytest.mark.parametrize(
    ("short", "address"),
    [
        ("VC01", ("Blåbärsvägen 3", "Göteborg", "Box 1001", "41101", "Göteborg")),
        ("DS01", ("Blåbärsvägen 3, plan 2", "Göteborg", None, None, None)),
        ("VC02", ("Rönnbärsgränd 8", "Mölndal", "Box 88", "43122", "Mölndal")),
        ("VC03", ("Åkerbärsstigen 12", "Borås", "Åkerbärsstigen 12", "50233", "Borås")),
        ("VC04", ("Hjortronvägen 1", "Åmål", None, None, None)),
        ("VC07", ("Strandgatan 17", "Kungälv", "Box 210", "44223", "Kungälv")),
    ],
)
def test_addresses(loaded: Register, short: str, address: tuple[str | None, ...]) -> None:
    """Blank parts, stray carriage returns, name and postcode in front: the parts are found (HSA, KiV)."""
    own = ("visiting_address", "visiting_town", "postal_address", "postal_code", "postal_town")
    assert (hsa(short), *address) in rows(loaded, tables.unit, "hsa_id", *own)


def test_periods_are_swedish_days(loaded: Register) -> None:
    found = {
        short: period for short, *period in rows(loaded, tables.unit, "hsa_id", "valid_from", "valid_to")
    }
    assert found[hsa("VC01")] == [date(2016, 1, 1), None]
    assert found[hsa("VC05")] == [date(2016, 1, 1), date(2026, 1, 31)]
    assert found[hsa("VC06")] == [date(2029, 1, 1), None]


def test_every_number_and_page_has_its_owner_and_audience(register: Register, sample: Sample) -> None:
    load_with(LDIF, register, [KATALOG])
    expected: set[tuple[str | None, ...]] = set()
    own: tuple[str | None, ...]
    for entry in sample.providers:
        expected |= {
            (None, None, HsaId(entry["hsaIdentity"][0]).key, url, "patient") for url in entry["labeledURI"]
        }
    for entry in sample.units:
        own = (None, HsaId(entry["hsaIdentity"][0]).key, None)
        public = "03" in entry["hsaDestinationIndicator"]
        phones = entry["telephoneNumber"] or entry["hsaSwitchboardNumber"]
        expected |= {(*own, dialled(phone), "patient" if public else "staff") for phone in phones}
        expected |= {(*own, dialled(phone), "staff") for phone in entry["hsaTelephoneNumber"]}
        if public:
            expected |= {(*own, url, "patient") for url in entry["labeledURI"] + entry["hsaVpwWebPage"]}
    for entry, unit in sample.people:
        own = (HsaId(entry["hsaIdentity"][0]).key, HsaId(unit).key, None)
        public = "03" in entry["hsaDestinationIndicator"]
        audience = "by_choice" if public else "staff"
        expected |= {(*own, dialled(phone), audience) for phone in entry["telephoneNumber"]}
        expected |= {(*own, dialled(phone), "staff") for phone in entry["hsaTelephoneNumber"]}
    columns = ("staff_key", "unit_key", "provider_key", "value", "audience", "system")
    found = rows(register, tables.contact_route, *columns)
    assert len(found) == len(expected)
    assert {
        (*owner, value if system == "url" else dialled(value), audience)
        for *owner, value, audience, system in found
    } == expected
    assert all((system == "url") == value.startswith("https://") for *_, value, _, system in found)


@pytest.mark.parametrize(
    ("short", "hours"),
    [
        ("VC01", "Mon-Fri 08:00-17:00"),
        ("VC02", "Mon-Fri 08:00-12:00,13:00-17:00"),
        ("VC03", "Mon-Thu 08:00-17:00; Fri 08:00-15:00"),
        (
            "VC04",
            "2026-01-01/2026-06-30 Mon-Fri 08:00-16:00; 2026-07-01/2026-07-31 Mon-Fri 09:00-12:00; "
            "2026-08-01/2029-12-31 Mon-Fri 08:00-16:00",
        ),
        ("DS01", "Mon 08:00-10:00; Wed 08:00-10:00; Fri 08:00-10:00"),
        ("RE01", "Mon-Thu 08:00-09:30"),
        ("JR01", "Mon-Fri 17:00-22:00; Sat-Sun 10:00-22:00"),
        ("VC05", None),
    ],
)
def test_telephone_hours(loaded: Register, short: str, hours: str | None) -> None:
    found = {
        tuple(parse_hours(text)) if text else None
        for unit, staff, text in rows(loaded, tables.contact_route, "unit_key", "staff_key", "hours")
        if unit == key(short) and staff is None
    }
    assert (parse_hours(hours) if hours else None) in found


def test_csv_brings_the_same_as_ldif(register: Register, loaded: Register) -> None:
    """KiV's names and lists, from files with carriage returns and several values in cells."""
    report = load_with(CSV, register, samples(CSV))
    assert report.state is LoadState.LOADED
    assert [one[2] for one in told(report)] == ["patitlecode"]
    assert contents(register) == contents(loaded)


@pytest.mark.parametrize("name", [LDIF, CSV])
def test_the_same_again_changes_nothing(register: Register, name: str) -> None:
    load_with(name, register, samples(name))
    before = contents(register)
    for all_rows in (False, True):
        report = load_with(name, register, samples(name), all_rows=all_rows)
        assert report.state is LoadState.LOADED
        assert set(map(effect, report.records.values())) == {(0, 0, 0, 0)}
        assert contents(register) == before


def test_the_next_night(register: Register, load_text: Load, text: str) -> None:
    """A unit closes, somebody has left, a title has changed; all else stays."""
    load_text(text)
    before = contents(register)
    next_night = changed(text, "VC08", "\ncountyCode: 14", "\ncountyCode: 14\nendDate: 20260331215959Z")
    next_night = changed(without(next_night, "P32"), "P17", "paTitleCode: 201011", "paTitleCode: 201010")
    report = load_text(next_night)
    assert report.state is LoadState.LOADED
    assert {name: effect(counts) for name, counts in report.records.items()} == {
        "care_provider": (0, 0, 0, 0),
        "unit": (0, 1, 0, 0),
        "staff": (0, 1, 0, 0),
        "employment": (0, 0, 1, 0),
        "contact_route": (0, 0, 0, 2),
    }
    yesterday = TODAY - timedelta(days=1)
    assert (hsa("VC08"), date(2026, 3, 31)) in rows(register, tables.unit, "hsa_id", "valid_to")
    assert (hsa("P17"), "201010") in rows(register, tables.staff, "hsa_id", "befattning")
    assert (key("P32"), yesterday) in rows(register, tables.employment, "staff_key", "valid_to")
    assert key("P32") not in {owner for (owner,) in rows(register, tables.contact_route, "staff_key")}
    after = contents(register)
    differing = {name: len(set(before[name]) - set(after[name])) for name in before}
    assert {name: number for name, number in differing.items() if number} == {
        "unit": 1,
        "staff": 1,
        "employment": 1,
        "contact_route": 2,
    }
    load_text(text)
    assert contents(register) == before, "who comes back works again"


def test_a_unit_that_is_gone_is_closed_and_a_person_who_moved_works_elsewhere(
    register: Register, load_text: Load, text: str
) -> None:
    load_text(text)
    gone = without(without(without(text, "BM01"), "P40"), "P41")
    moved = next(entry for entry in entries(text) if one(entry, "hsaIdentity") == hsa("P33"))
    (place,) = (entry["dn"][0] for entry in entries(text) if one(entry, "hsaIdentity") == hsa("VC01"))
    dn = b64encode(f"{moved['dn'][0].partition(',')[0]},{place}".encode()).decode()
    (block,) = (one for one in text.split("\n\n") if f"\nhsaIdentity: {hsa('P33')}\n" in one)
    rest = block[block.index("\nobjectClass") :]
    assert load_text(gone.replace(block, f"dn:: {dn}{rest}")).state is LoadState.LOADED
    yesterday = TODAY - timedelta(days=1)
    assert (hsa("BM01"), yesterday) in rows(register, tables.unit, "hsa_id", "valid_to")
    employed = rows(register, tables.employment, "staff_key", "unit_key", "valid_to")
    assert (key("P33"), key("VC07"), yesterday) in employed
    assert (key("P33"), key("VC01"), None) in employed


def test_an_export_that_was_cut_short_ends_nothing(register: Register, load_text: Load, text: str) -> None:
    load_text(text)
    before = contents(register)
    half = text[: text.index("\n\n", len(text) // 2)]
    for cut in (half, text.replace("result: 0 Success", "result: 4 Size limit exceeded"), ""):
        assert load_text(cut).state is LoadState.REFUSED
        assert contents(register) == before


CONFIDENTIAL = ("\nstartDate", "\nhsaConfidentialPerson: kanske\nstartDate")
FAULTS = [
    ("BM01", "1-5#08:00#09:30", "25-5#08:00#09:30", "telephoneHours", "not hours of a directory"),
    ("VC08", "+46 980 319 215", "ring växeln", "telephoneNumber", "not a phone number"),
    ("VC03", "countyCode: 14", "countyCode: 1480", "countyCode", "1480"),
    ("P40", "20200831220000Z", "20200231220000Z", "startDate", "not a date"),
    ("P41", "205011", "Barnmorska", "paTitleCode", "not a code of KV_Befattning"),
    ("P36", "\ntitle:: ", "\ntitle:: ?", None, "the value of title is no text in base64"),
    ("P34", *CONFIDENTIAL, "hsaConfidentialPerson", "neither yes nor no"),
]
"""HSA-id of an entry, what stands in it, what shall stand there, the attribute at fault, and the message."""


def test_faults_keep_their_entries_out_and_everybody_from_being_ended(
    register: Register, load_text: Load, text: str
) -> None:
    load_text(text)
    before = contents(register)
    faulty = changed(without(text, "P33"), "P17", "paTitleCode: 201011", "paTitleCode: 201010")
    for short, old, new, *_ in FAULTS:
        faulty = changed(faulty, short, old, new)
    report = load_text(faulty)
    assert report.state is LoadState.LOADED
    problems = [found for found in told(report) if found[2:] != UNKNOWN]
    assert {(line, column) for _, line, column, _ in problems} == {
        (line_of(faulty, short), column) for short, _, _, column, _ in FAULTS
    }
    for short, *_, message in FAULTS:
        words = [words for _, line, _, words in problems if line == line_of(faulty, short)]
        assert all(message in one for one in words)
    after = contents(register)
    lost = {table: len(set(before[table]) - set(after[table])) for table in before}
    assert {table: number for table, number in lost.items() if number} == {"staff": 1}


def test_two_entries_of_one_person_must_agree(register: Register, load_text: Load, text: str) -> None:
    """Lovisa Hammarlund works at two units; the directory must say the same of her in both entries."""
    first, second = (block for block in text.split("\n\n") if f"\nhsaIdentity: {hsa('P18')}\n" in block)
    report = load_text(text.replace(second, second.replace("sn: Hammarlund", "sn: Lind")))
    (problem,) = (found for found in told(report) if found[2:] != UNKNOWN)
    lines = [text[: text.index(block)].count("\n") + 1 for block in (first, second)]
    assert problem[1] == lines[1]
    assert f"line {lines[0]}" in problem[3]
    assert "Hammarlund" not in problem[3]


def test_a_file_that_does_not_say_who_is_protected_is_refused(register: Register, tmp_path: Path) -> None:
    """KiV does not know; what it exports must be completed."""
    files = []
    for path in samples(CSV):
        files.append(tmp_path / path.name)
        files[-1].write_text(path.read_text("utf-8").replace("hsaconfidentialperson", "other"), "utf-8")
    report = load_with(CSV, register, files)
    assert report.state is LoadState.REFUSED
    assert any("hsaconfidentialperson" in message for *_, message in told(report))
    assert rows(register, tables.staff, "hsa_id") == []


def test_patients_can_choose_the_doctors_of_a_unit(register: Register, tmp_path: Path) -> None:
    """With the region's decision that residents choose digitally, made in a copy of the profile."""
    decision = 'offers_choice_of_personnel = { column = "vgrVardVal", filled = "true" }'
    assert decision in DOCS.read_text(encoding="utf-8")
    profile = tmp_path / "own.toml"
    listable = 'listable = { column = "vgrVardVal", filled = "true" }'
    own = shipped(LDIF).read_text(encoding="utf-8").replace(listable, f"{listable}\n{decision}")
    profile.write_text(own, encoding="utf-8")
    assert load(register, load_profile(profile), [KATALOG], today=TODAY).state is LoadState.LOADED
    keep(register, *residents(ANNA))

    def choices(unit: str) -> list[tuple[str, str | None, str | None]]:
        asked = f"<healthcareFacilityHSAId>{hsa(unit)}</healthcareFacilityHSAId>"
        app = make_producer(register)
        answer = ask_ok(app, "GetAvailableHealthcarePersonnel", person("personId", ANNA), asked)
        return [
            (one.findtext("{*}id"), one.findtext("{*}name"), one.findtext("{*}title"))
            for one in answer.iterfind("{*}healthcarePersonnel")
        ]

    assert choices("VC01") == [
        (hsa("L03"), "Märta Håkansson", "ST-läkare"),
        (hsa("L02"), "Göran Sjöström", "Distriktsläkare/Specialist allmänmedicin"),
        (hsa("L01"), "Åsa Öberg", "Specialist i allmänmedicin"),
    ], "the protected one, the one who has left and the feigned one are not there"
    assert [name for _, name, _ in choices("VC04")] == [
        "Karin Lindqvist",
        "Karin Lindqvist",
        "Anna Maria Lööf",
    ]
    assert choices("VC05") == [], "the unit is closed"
    assert choices("VC06") == [], "and this one not open yet"


def test_the_routes_of_a_patients_doctor(register: Register) -> None:
    """Public number with hours, direct number by choice, care to care for staff only."""
    load_with(LDIF, register, [KATALOG])
    centre = Unit(HsaId(hsa("VC01")), "", HsaId(""), "14")
    doctor = Staff(HsaId(hsa("L01")), "", "")
    keep(register, *residents(ANNA, BO))
    for patient, visible in ((ANNA, False), (BO, True)):
        keep(register, listing(f"L{visible}", patient, centre))
        keep(register, contact(f"F{visible}", patient, doctor, centre, direct_number_visible=visible))
    (item,) = care_managers(make_producer(register), ANNA)
    unit = item.find("{*}managingCareUnit")
    assert values(item, "practitioner/name") == ["Åsa Öberg"]
    assert values(item, "managingCareGiver/name") == ["Västkustens primärvård"]
    telephone, *pages = sorted(unit.iterfind("{*}contact/{*}telecom"), key=lambda one: one[1].text)
    assert values(telephone, "value") == ["031-390 06 01"]
    assert [page.findtext("{*}value") for page in pages] == [
        "https://e-tjanster.example.org/angsblomman",
        "https://www.example.org/1177/angsblomman",
    ]
    assert values(telephone, "period/weekDay") == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    assert values(telephone, "period/time/*") == ["080000", "170000"]
    assert values(unit, "contact/address/line") == ["Blåbärsvägen 3", "Box 1001"]
    assert values(item, "contact/telecom/value") == []
    (notes,) = values(item, "internalNotes")
    # S003-060, S003-070: direct and care-to-care numbers are for staff
    assert all(number in notes for number in ("070-174 06 05", "031-390 06 02", "031-390 06 30"))
    (allowed,) = care_managers(make_producer(register), BO)
    # S003-061: the direct number is shown to whom it is allowed
    assert values(allowed, "contact/telecom/value") == ["070-174 06 05"]
    (notes,) = values(allowed, "internalNotes")
    assert "070-174 06 05" not in notes
    assert not any("070-174 06 80" in line for line in outline(item)), "the mobile phone is for nobody"


def test_the_export_command_fetches_what_the_profile_reads() -> None:
    """A directory asked for less would lose what the profile maps, and for more would give away too much."""
    (command,) = re.findall(r"\nldapsearch.*?> katalog", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    asked = (
        command.partition('hsaPersonExtension))" \\')[2]
        .replace("\\\n", " ")
        .removesuffix("> katalog")
        .split()
    )
    read = {
        column.removeprefix("../")
        for section in load_profile(shipped(LDIF)).file
        for column in section.columns
    }
    assert sorted(asked) == sorted(read)
