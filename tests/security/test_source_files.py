"""Sources that are hostile or mixed up: no person in what is told, no traceback, nothing half loaded."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import select

from mapping.loads.pipeline import load
from mapping.sources.profile import load_profile
from mapping.sources.readers import FileKind, SourceError, open_file
from mapping.sources.rejects import write_faulty
from mapping.sources.report import LoadState
from mapping.sources.values import CODE, quoted
from register.tables import import_batch
from tests.integration.bad_sources import COLUMNS, KINDS, Place, good, place
from tests.integration.shipped import contents
from tests.records import BO, CLARA, DAN
from tests.strength import sized

__all__ = ["place"]

sqlite_only = pytest.mark.parametrize("register", ["sqlite"], indirect=True)

SECRETS = {
    "number": DAN,
    "number with hyphen": f"{DAN[:8]}-{DAN[8:]}",
    "number without century": f"{DAN[2:8]}-{DAN[8:]}",
    "number with a dash": f"{DAN[:8]}\u2013{DAN[8:]}",
    "number with blanks": f" {DAN[:8]} - {DAN[8:]}",
    "number as a spreadsheet has it": f"{DAN[0]}.{DAN[1:]}E11",
    "number as a decimal": f"{DAN}.0",
    "number behind letters": f"PNR{DAN}",
    "number in a sentence": f"patienten {DAN} har bytt",
    "number in wide digits": "".join(chr(ord(digit) + 0xFEE0) for digit in DAN),
    "number with a joiner": f"{DAN[:8]}\u200b{DAN[8:]}",
    "formula": f"={DAN}+1",
    "name": "Hemlig Hemligsson",
    "name with a hyphen": "Hemlig-Hemligsson",
    "name and digit": "Hemlig Hemligsson 2",
    "note": "Ring Hemlig före kl 17, dörr 2",
    "note over lines": "Rum 3\nHemlig",
    "note and control character": "Hemlig\x01 3",
}
"""What may stand in any column by mistake."""


def _leaks(text: str) -> list[str]:
    """Return what of the secrets a text tells, however it is written."""
    plain = "".join(letter for letter in text.casefold() if letter.isalnum())
    narrow = "".join(chr(ord(one) - 0xFEE0) if 0xFF10 <= ord(one) <= 0xFF19 else one for one in plain)
    return [secret for secret in (DAN[2:], "hemlig") if secret in narrow]


@sqlite_only
@pytest.mark.parametrize(("kind", "faulty"), [*((kind, "skip") for kind in KINDS), ("delimited", "refuse")])
def test_nobody_is_told_of_whatever_column_they_stand_in(place: Place, kind: str, faulty: str) -> None:
    """On the terminal, in the report, in the log and in the list of loads."""
    rows = []
    for text in SECRETS.values():
        for column in COLUMNS:
            rows.append(good(CLARA, **{column: text}))
    source = place.file(kind, rows)
    profile = place.profile(kind, ('"refuse"', f'"{faulty}"'), ("[[file]]", "[[file]]\ncurrent = true"))
    report = place.folder / "report.json"

    result = place.load(
        profile, *([] if kind == "sql" else [source]), options=["--report", str(report), "--by", "test"]
    )

    assert result.exit_code in (1, 3)
    assert json.loads(report.read_text("utf-8"))["files"][0]["faulty"] >= len(SECRETS)
    with place.register.reading() as connection:
        batches = repr(connection.execute(select(import_batch)).all())
    for told in (result.stdout, result.stderr, report.read_text("utf-8"), batches):
        assert _leaks(told) == []
    for made in place.folder.glob("*.faulty.*"):
        assert made.stat().st_mode & 0o077 == 0


@sqlite_only
@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_told_of_when_all_columns_are_mixed_up(place: Place, kind: str) -> None:
    rows = []
    for shift in range(1, len(COLUMNS)):
        values = list(good(DAN, NOTE="Hemlig 2").values())
        rows.append(dict(zip(COLUMNS, values[shift:] + values[:shift], strict=True)))
    source = place.file(kind, rows)

    result = place.refuse(place.profile(kind), *([] if kind == "sql" else [source]))

    assert _leaks(result.output) == []


@sqlite_only
@pytest.mark.parametrize("first", [DAN, "Hemlig", "a"], ids=["number", "name", "letter"])
def test_a_row_in_place_of_the_header_is_not_told(place: Place, first: str) -> None:
    for kind in ("delimited", "xlsx"):
        source = place.file(kind, [good()])
        if kind == "delimited":
            source.write_text(f"{first};Hemlig;Hemligsson;x\n", "utf-8")
        else:
            book = Workbook()
            book.worksheets[0].append([first, "Hemlig", "Hemligsson"])
            book.save(source)
        assert _leaks(place.refuse(place.profile(kind), source).output) == []


@given(
    st.sampled_from([BO, CLARA, DAN]),
    st.text(st.characters(exclude_categories=["Nd", "L"]), max_size=2),
    st.sampled_from([4, 6, 8]),
    st.text(max_size=8),
    st.text(max_size=8),
)
def test_no_message_quotes_a_person_number(
    number: str, between: str, at: int, before: str, after: str
) -> None:
    text = f"{before} {number[:at]}{between.replace(':', '')}{number[at:]} {after}"
    assert quoted(CODE, text) == ""


NASTY = st.sampled_from(
    [
        "",
        " ",
        "=1+1",
        "'",
        "'=",
        '"',
        '""',
        "\x00",
        "\x1f",
        "a\x1fb",
        "\ufeff",
        "\u202e",
        "\u2028",
        "\r",
        "\n",
        "\r\n",
        ";",
        "2026-02-30",
        "9999-12-31",
        "0001-01-01T00:00:00+23:59",
        "99991231235959Z",
        "24:00",
        "-1",
        "1e999",
        "NaN",
        "٣",
        "²",
        "\U0001f600",
        "e\u0301" * 40,
        "x" * 5000,
        "<a>&amp;]]>",
        "../../etc/passwd",
        "%s%n{0}",
        "'; DROP TABLE unit; --",
        "null",
        "\\",
        "\ud800",
    ]
)

Damage = Callable[[bytes, random.Random], bytes]


def _flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def _cut_out(content: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(content)) for _ in range(2))
    return content[:start] + content[end:]


def _insert(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    added = chance.choice(
        [b"\0", b"\xff", b'"', b"\r", b"\n\n", b";", b"\xef\xbb\xbf", b"\x1f", b"{", b"]", b"=", b":: "]
    )
    return content[:at] + added * chance.randint(1, 3) + content[at:]


def _double(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return b"".join([*lines[: at + 1], *lines[at : at + 3], *lines[at + 1 :]])


def _noise(content: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(chance.randint(0, 300))


DAMAGES: tuple[Damage, ...] = (_flip, _cut, _cut_out, _insert, _double, _noise)

FILES = [kind for kind in KINDS if kind != "sql"]


def _check_load(place: Place, kind: str, path: Path, *, faulty: str = "refuse") -> None:
    """Load, and see that all or nothing of it is in the register; then take it back."""
    profile = load_profile(place.profile(kind, ('"refuse"', f'"{faulty}"')))
    before = contents(place.register)
    report = load(place.register, profile, [] if kind == "sql" else [path], dry_run=faulty == "skip")
    if report.state is not LoadState.LOADED:
        assert contents(place.register) == before
    assert (report.state is LoadState.REFUSED) == (
        any(one.stopped for one in report.files)
        or (faulty == "refuse" and any(one.errors for one in report.files))
    )
    for one in report.files:
        assert one.rows >= one.faulty
        for problem in one.problems:
            assert problem.message.isprintable()
        write_faulty(one, profile, place.folder / "faulty")


@sqlite_only
@pytest.mark.parametrize("kind", FILES)
def test_damaged_files(place: Place, kind: str) -> None:
    """Damages of a good file, the same in every run: never an exception, never a part of it."""
    path = place.file(kind, [good(BO), good(CLARA, NOTE="å \u00e9"), good(DAN)])
    content = path.read_bytes()
    chance = random.Random(20260310)  # noqa: S311 - to damage files
    for _ in range(sized(quick=2, full=5)):
        for damage in DAMAGES:
            path.write_bytes(damage(content, chance))
            _check_load(place, kind, path, faulty=chance.choice(["refuse", "skip"]))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path to write to."""
    return tmp_path_factory.mktemp("fuzz") / "file"


@given(content=st.binary(max_size=400), kind=st.sampled_from(["delimited", "json-lines", "xlsx", "ldif"]))
@settings(max_examples=150)
def test_any_bytes_are_rows_or_a_source_error(file: Path, content: bytes, kind: FileKind) -> None:
    file.write_bytes(content)
    for encoding in ("auto", "windows-1252"):
        reason = ""
        try:
            with open_file(
                file, kind=kind, encoding=encoding, delimiter="auto", wanted=["a", "../b"]
            ) as table:
                lines = [row.line for row in table.rows]
                assert lines == sorted(lines)
        except SourceError as error:
            reason = error.reason
        assert reason == "" or reason.isprintable()


@sqlite_only
@given(
    cells=st.lists(st.tuples(st.sampled_from(COLUMNS), NASTY), min_size=1, max_size=6),
    kind=st.sampled_from(list(KINDS)),
)
@settings(max_examples=sized(quick=20, full=40), derandomize=True)
def test_nasty_cells(place: Place, cells: list[tuple[str, str]], kind: str) -> None:
    rows = [good(CLARA), *(good(DAN, **{column: text}) for column, text in cells)]
    if kind != "json-lines":  # others cannot hold halves of letters
        rows = [{name: cell.replace("\ud800", "") for name, cell in row.items()} for row in rows]
    _check_load(place, kind, place.file(kind, rows))


@sqlite_only
@pytest.mark.parametrize("kind", KINDS)
def test_without_damage_it_is_loaded(place: Place, kind: str) -> None:
    """Otherwise the tests above would see refusals only."""
    source = place.file(kind, [good(BO), good(CLARA, NOTE="å é"), good(DAN)])
    assert place.load(place.profile(kind), *([] if kind == "sql" else [source])).exit_code == 0
