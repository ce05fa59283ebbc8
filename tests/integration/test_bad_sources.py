"""Bad sources of every kind, at the command line: file, line, column and message, and nothing is loaded."""

import gzip
import os
import subprocess
import sys
import threading
from datetime import date, timedelta

import pytest

from mapping.loads.pipeline import load
from mapping.loads.report import Progress
from mapping.sources.profile import load_profile
from mapping.sources.report import LoadState
from tests.integration.bad_sources import COLUMNS, KINDS, Place, errors, good, place
from tests.integration.contact_commands import EMIL
from tests.integration.shipped import contents
from tests.producers import CENTRE
from tests.records import BO, CLARA, DAN
from tests.strength import QUICK

SQLITE_ALONE = QUICK

__all__ = ["place"]

sqlite_only = pytest.mark.parametrize("register", ["sqlite"], indirect=True)

CELLS = {
    "no such day": ("DAY", "2026-02-30", "'2026-02-30': not a date that exists"),
    "month first": ("DAY", "12/31/2026", "'12/31/2026': not a date that exists"),
    "year before the contracts": ("DAY", "1899-12-31", "'1899-12-31': the year must be from 1900 to 2099"),
    "year 0": ("DAY", "0000-01-01", "'0000-01-01': not a date that exists"),
    "day with letters": ("DAY", "2026-O1-01", "'2026-O1-01': not a date that exists"),
    "person empty": ("PNR", "", "is empty, but every row needs its person_id"),
    "wrong check digit": ("PNR", BO[:11] + "9", "the check digit of the personnummer is wrong"),
    "no century": ("PNR", BO[2:], "the century is missing: write the year of birth with four digits"),
    "person is a sentence": ("PNR", "okänd", "a person's identity must be exactly 12 characters"),
    "unit in words": ("UNIT", "Vårdcentralen", "not an HSA-id: expected letters and digits"),
    "unit too long": ("UNIT", "SE2321000131-" + "x" * 50, "an HSA-id has at most 31 characters"),
    "neither yes nor no": ("SHOW", "kanske", "neither yes nor no; accepted are true, 1"),
    "formula": ("NOTE", "=1+1", "is a formula; save the sheet with values in place of formulas"),
    "formula that calls": ("NOTE", "=HYPERLINK(1)", "is a formula; save the sheet"),
    "formula with the mark": ("NOTE", "'=1+1", "is a formula; save the sheet"),
    "control character": ("NOTE", "a\x01b", "holds the control character U+0001, which no message can carry"),
    "escape sequence": ("NOTE", "\x1b[31m", "holds the control character U+001B"),
}
"""Column, text, and what is told about it."""


UNKNOWN = {
    "unit": ("UNIT", "SE2321000131-none", "the unit is not in the register; load units first"),
    "staff": ("STAFF", "SE2321000131-none", "the staff is not in the register; load staff first"),
    "person": ("PNR", "196812732391", "the person_id is not in the register; load residents first"),
}
"""The same where the register is asked."""


@sqlite_only
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cases", [CELLS, UNKNOWN], ids=["cells", "register"])
def test_a_bad_cell_is_told_with_line_and_column(
    place: Place, kind: str, cases: dict[str, tuple[str, str, str]]
) -> None:
    rows = [good(CLARA), *(good(DAN, **{column: text}) for column, text, _ in cases.values())]
    file = place.file(kind, rows)

    result = place.refuse(place.profile(kind), *([] if kind == "sql" else [file]))

    told = errors(result)
    assert len(told) == len(cases)
    for at, (column, _, message) in enumerate(cases.values(), 1):
        where = f"{KINDS[kind].file}, line {KINDS[kind].line(at)}, column {column}: "
        assert any(error.startswith(where + message) for error in told), (where, message, told)
    for text in ("Vårdcentralen", "okänd", "kanske", "\x1b", "HYPERLINK"):
        assert text not in result.output


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_twice_and_a_row_twice(place: Place, kind: str) -> None:
    rows = [good(BO), good(CLARA), good(BO), good(CLARA, DAY="2026-04-01")]
    file = place.file(kind, rows)

    result = place.refuse(place.profile(kind), *([] if kind == "sql" else [file]))

    line = KINDS[kind].line
    assert errors(result)[0] == (
        f"{KINDS[kind].file}, line {line(2)}: the load has this fixed_contact already, on line {line(0)}"
    )


@sqlite_only
@pytest.mark.parametrize("kind", ["delimited", "xlsx"])
def test_faults_of_all_rows_and_columns_are_told_at_once(place: Place, kind: str) -> None:
    rows = [good(BO), good(CLARA, DAY="x1", SHOW="z"), good(DAN), good(CLARA, UNIT="1")]
    result = place.refuse(place.profile(kind), place.file(kind, rows))

    line = KINDS[kind].line
    assert [error.split(": ")[0] for error in errors(result)] == [
        f"{KINDS[kind].file}, line {line(at)}, column {column}"
        for at, column in ((1, "DAY"), (1, "SHOW"), (3, "UNIT"))
    ]


_HEAD = ";".join(COLUMNS).encode()
_ROW = ";".join(good(CLARA).values()).encode()
_LINES = b"\n".join([_HEAD, _ROW, b""])

FILES = {
    "empty": ("delimited", b"", 1, "the line is empty; it must name the columns"),
    "blank lines only": ("delimited", b"\n\r\n \n;;;\n", 1, "the line is empty; it must name the columns"),
    "blank first line": ("delimited", b"\n" + _LINES, 1, "the line is empty; it must name the columns"),
    "no header": ("delimited", _ROW + b"\n", 1, "there is no column 'PNR', 'UNIT', 'STAFF', 'DAY'"),
    "wrong delimiter": ("delimited", _LINES.replace(b";", b","), 1, "there is no column 'PNR'"),
    "column gone": ("delimited", _LINES.replace(b"DAY", b"DAG"), 1, "there is no column 'DAY'; the file has"),
    "column twice": ("delimited", _LINES.replace(b"NOTE", b"DAY"), 1, "there is no column 'NOTE'"),
    "column twice as well": (
        "delimited",
        b"DAY;" + _LINES.replace(b"\n", b"\n;", 1),
        1,
        "there is more than one column 'DAY'",
    ),
    "ten thousand columns": (
        "delimited",
        b";".join(b"C%d" % number for number in range(10_000)),
        1,
        "there is no column 'PNR'",
    ),
    "cut in a row": ("delimited", _LINES + _ROW[:30], 3, "the row has 2 cells, the header 6"),
    "cell too many": ("delimited", _LINES + _ROW + b";x\n", 3, "the row has 7 cells, the header 6"),
    "cut in a letter": ("delimited", _LINES + "Å".encode()[:1], 3, "the file ends within a letter"),
    "cut in quotes": ("delimited", _LINES + b'"' + _ROW, 3, "the row cannot be split into cells"),
    "quote not closed": (
        "delimited",
        _LINES + _ROW.replace(b";", b';"', 1) + b"\n" + _ROW,
        3,
        "is a quotation mark not closed?",
    ),
    "letters after a quote": ("delimited", _LINES + b'"a"b' + _ROW, 3, "the row cannot be split into cells"),
    "latin letters": (
        "delimited",
        _LINES + "Å".encode("cp1252") + _ROW,
        3,
        "(hex c5) is not utf-8; set encoding",
    ),
    "NUL": ("delimited", _LINES + b"\0" + _ROW, 3, "there is a NUL byte; save the file as text in UTF-8"),
    "UTF-16": ("delimited", _LINES.decode().encode("utf-16"), 1, "the file is UTF-16; save it as UTF-8"),
    "UTF-16 without mark": ("delimited", _LINES.decode().encode("utf-16-le"), 1, "there is a NUL byte"),
    "UTF-32": ("delimited", _LINES.decode().encode("utf-32"), 1, "the file is UTF-16"),
    "gzip": ("delimited", gzip.compress(_LINES), None, "the file is packed (gzip); unpack it"),
    "zip": ("delimited", b"PK\x03\x04\x14\0\0\0" + _LINES, None, "the file is damaged, or was cut off"),
    "old xls": ("delimited", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None, "the file is an old workbook (.xls)"),
    "only CR": ("delimited", _LINES.replace(b"\n", b"\r"), 1, "the row cannot be split into cells"),
    "CR within LF": ("delimited", _LINES + _ROW + b"\r" + _ROW, 3, "the row cannot be split into cells"),
    "line of 2 MB": ("delimited", _LINES + b"x" * 2_000_000, 3, "the line has over 1000000 bytes"),
    "no JSON": ("json-lines", b"{}x\n", 1, "is no JSON object: Extra data, character 3"),
    "JSON cut": ("json-lines", b'{"PNR": "1912', 1, "is no JSON object: Unterminated string"),
    "JSON in one list": ("json-lines", b'[{"PNR": "x"}]', 1, "is no JSON object; each line must be one"),
    "JSON not a number": ("json-lines", b'{"PNR": NaN}', 1, "holds NaN or Infinity"),
    "JSON key twice": ("json-lines", b'{"PNR": 1, "PNR": 2}', 1, "has a key twice in one object"),
    "JSON too deep": ("json-lines", b'{"PNR":' + b"[" * 9000 + b"]" * 9000 + b"}", 1, "is nested too deeply"),
    "JSON object in place": ("json-lines", b'{"PNR": {"a": 1}}', 1, "has an object where a text is wanted"),
    "JSON other keys": ("json-lines", b'{"a": 1}\n', None, "no object of the file has the key 'PNR', 'UNIT'"),
    "JSON NUL": ("json-lines", b'{"PNR": "\0"}\n', 1, "there is a NUL byte"),
    "xlsx is noise": ("xlsx", b"\x01\0\x02", None, "the file is damaged, or no workbook"),
    "xlsx is old": (
        "xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        None,
        "the file is an old workbook (.xls)",
    ),
    "xlsx empty": ("xlsx", b"", None, "the file is damaged, or no workbook"),
    "LDIF no attribute": (
        "ldif",
        b"dn: cn=a\nPNR\n",
        1,
        "line 2 is no attribute; it must be a name, a colon",
    ),
    "LDIF without dn": ("ldif", b"PNR: 1\n", 1, "line 1: an entry must have one dn, in its first line"),
    "LDIF two dn": ("ldif", b"dn: a\ndn: b\n", 1, "line 2: an entry must have one dn"),
    "LDIF change": ("ldif", b"dn: a\nchangetype: modify\n", 1, "line 2: a change (modify)"),
    "LDIF base64": (
        "ldif",
        b"dn: a\nPNR:: MTk0\nUNIT:: x\n",
        1,
        "line 3: the value of unit is no text in base64",
    ),
    "LDIF elsewhere": (
        "ldif",
        b"dn: a\nNOTE:< file:///etc/passwd\n",
        1,
        "line 2: the value of note is in another",
    ),
    "LDIF in part": ("ldif", b"dn: a\n\nresult: 4 Size\n", 3, "the search ended with LDAP result 4"),
}
"""Kind, content, the line that is told, and what is told about it."""


@sqlite_only
@pytest.mark.parametrize("kind", dict.fromkeys(kind for kind, _, _, _ in FILES.values()))
def test_a_bad_file_is_told_with_line(place: Place, kind: str) -> None:
    profile, file = place.profile(kind), place.folder / KINDS[kind].file
    for case, (its_kind, content, line, message) in FILES.items():
        if its_kind != kind:
            continue
        file.write_bytes(content)

        told = errors(place.refuse(profile, file))

        where = file.name if line is None else f"{file.name}, line {line}"
        assert any(one.startswith(f"{where}: ") and message in one for one in told), (case, told)
        assert all(len(one) < 2000 for one in told)


@sqlite_only
def test_a_file_that_mixes_encodings(place: Place) -> None:
    profile = place.profile("delimited", ("[[file]]", '[format]\nencoding = "auto"\n[[file]]'))
    file = place.folder / "contacts.csv"
    file.write_bytes(_LINES + "Åsa\n".encode() + "Åke\n".encode("cp1252"))

    (error,) = errors(place.refuse(profile, file))

    assert error == (
        "contacts.csv, line 4: the file mixes encodings: line 3 is utf-8, line 4 is not; save it all as UTF-8"
    )


@sqlite_only
def test_a_spreadsheet_that_is_cut(place: Place) -> None:
    file = place.file("xlsx", [good(CLARA), good(BO)])
    content = file.read_bytes()
    for share in (0.3, 0.6, 0.9, 0.99):
        file.write_bytes(content[: int(len(content) * share)])
        (error,) = errors(place.refuse(place.profile("xlsx"), file))
        assert error.startswith("contacts.xlsx: the file is damaged")


@sqlite_only
@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "SELECT PNR FROM contacts",
            "contacts, line 1: there is no column 'UNIT', 'STAFF', 'DAY', 'SHOW', 'NOTE'",
        ),
        ("SELECT x FROM contacts", "contacts: the query failed: OperationalError: no such column: x"),
        ("SELECT 1; SELECT 2", "contacts: the query failed: "),
        ("DELETE FROM contacts", "contacts: the query failed: OperationalError: attempt to write a readonly"),
        (
            "SELECT x'00' AS PNR, UNIT, STAFF, DAY, SHOW, NOTE FROM contacts",
            "contacts, line 1: the row holds a bytes",
        ),
        (
            "SELECT PNR || CAST(x'ff' AS TEXT) AS PNR, UNIT, STAFF, DAY, SHOW, NOTE FROM contacts",
            "contacts, line 1: the database broke the query off: OperationalError",
        ),
    ],
)
def test_a_query_that_fails(place: Place, query: str, message: str) -> None:
    file = place.file("sql", [good(CLARA)])
    before = file.read_bytes()

    (error,) = errors(place.refuse(place.profile("sql", ("SELECT * FROM contacts", query))))

    assert error.startswith(message)
    assert file.read_bytes() == before


@sqlite_only
@pytest.mark.parametrize("content", [None, b"", b"PNR;UNIT\n" * 500])
def test_a_database_that_is_none(place: Place, content: bytes | None) -> None:
    if content is not None:
        (place.folder / "contacts").write_bytes(content)

    (error,) = errors(place.refuse(place.profile("sql")))

    assert error.startswith("contacts: ")


@sqlite_only
def test_what_is_no_file(place: Place) -> None:
    profile = place.profile("delimited")
    folder, loop, dangling = (place.folder / name for name in ("folder.csv", "loop.csv", "dangling.csv"))
    folder.mkdir()
    loop.symlink_to(loop)
    dangling.symlink_to(place.folder / "nothing")

    for path, reason in ((folder, "Is a directory"), (loop, "Too many levels"), (dangling, "No such file")):
        (error,) = errors(place.refuse(profile, path))
        assert error.startswith(f"{path.name}: the file cannot be opened: {reason}")


@sqlite_only
def test_a_name_that_cannot_be_shown(place: Place) -> None:
    names = ("line\nbreak.csv", "\x1b[31mred.csv", os.fsdecode(b"byte\xff.csv"), "tab\t.csv", "\u202ertl.csv")
    for name in names:
        file = place.folder / name
        file.write_bytes(_LINES)

        (error,) = errors(place.refuse(place.profile("delimited"), file))

        assert error.endswith("the name or folder has characters that cannot be shown; rename it")
        assert error.isprintable()


@sqlite_only
def test_an_odd_name_is_no_fault(place: Place) -> None:
    for name in ("[bold]x[bold].csv", "å ä ö.csv", "a;b,c'd.csv", "%s{0}.CSV", "-x.csv"):
        file, link = place.folder / name, place.folder / f"link{name}"
        file.write_bytes(_LINES)
        link.symlink_to(file)

        results = [place.load(place.profile("delimited"), path) for path in (file, link)]

        assert [result.exit_code for result in results] == [0, 0], name
        assert name in results[0].stdout


@sqlite_only
def test_a_pipe_is_read_once(place: Place) -> None:
    pipe = place.folder / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(_LINES + _ROW.replace(b"2026", b"x026"),))
    writer.start()

    (error,) = errors(place.refuse(place.profile("delimited"), pipe))
    writer.join()

    assert error.startswith("pipe.csv, line 3, column DAY: ")
    assert not list(place.folder.glob("*.faulty.*"))


@sqlite_only
@pytest.mark.parametrize("grown", [False, True])
def test_a_file_that_is_changed_while_it_is_read(place: Place, grown: bool) -> None:
    days = (date(1950, 1, 1) + timedelta(number) for number in range(8000))
    file = place.file("delimited", [good(DAY=day.isoformat(), NOTE="x" * 200) for day in days])
    before, content = contents(place.register), file.read_bytes()

    def change(step: Progress) -> None:
        if step.rows == 5000:
            os.truncate(file, 1_200_000)
            if grown:
                file.write_bytes(content + b"\n")

    report = load(
        place.register,
        load_profile(place.profile("delimited")),
        [file],
        on_progress=change,
    )

    assert report.state is LoadState.REFUSED
    assert "was changed while it was read" in report.files[0].problems[-1].message
    assert contents(place.register) == before


@sqlite_only
def test_as_a_process_of_its_own(place: Place) -> None:
    """The whole program: what the interpreter would print of a fault shows here and nowhere else."""
    profile = place.profile("delimited")
    file = place.file(
        "delimited", [good(CLARA, DAY="2026-02-30"), good(BO, UNIT=DAN, NOTE=f"{EMIL.surname} 2")]
    )

    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "fastkontakt", "import", profile, file, "--by", "test"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"},
    )

    assert done.returncode == 1
    assert "contacts.csv, line 2, column DAY: '2026-02-30': not a date that exists" in done.stderr
    assert "contacts.csv, line 3, column UNIT: not an HSA-id" in done.stderr
    assert "Traceback" not in done.stderr
    assert all(person not in done.stdout + done.stderr for person in (BO, CLARA, DAN))
    assert str(CENTRE.hsa_id) not in done.stderr
