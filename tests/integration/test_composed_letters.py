"""Decomposed letters (NFD) are read as composed ones (NFC) at every door, and never served as they came."""

import json
import sqlite3
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from unicodedata import normalize

import pytest
from openpyxl import Workbook

from consumer.xml import parse
from contracts.fields import Section
from fastkontakt.cli import composed
from producer.gate import open_envelope
from register.database import Register
from register.tables import fixed_contact, staff
from tests.asking import get_listing, values
from tests.integration.contact_commands import run
from tests.integration.region_files import ASA, ONE, fill, kept, loaded
from tests.messages import envelope
from tests.producers import make_producer
from tests.records import ANNA

pytestmark = pytest.mark.parametrize("register", ["sqlite"], indirect=True)


def nfd(text: str) -> str:
    return normalize("NFD", text)


STAFF = """
[[file]]
name = "läkare*"
record = "staff"
[file.fields]
hsa_id = "HSA"
given_name = "Förnamn"
surname = "Efternamn"
title = { column = "TITEL", values = { "Läkare" = "Överläkare" } }
"""
CELLS = ("SE2321000131-X1", "Åsa", "Öberg", "Läkare")
COLUMNS = ("HSA", "Förnamn", "Efternamn", "TITEL")


def _delimited(folder: Path) -> tuple[str, bytes]:
    return nfd("läkare.csv"), nfd("\n".join(map(";".join, (COLUMNS, CELLS)))).encode()


def _json_lines(folder: Path) -> tuple[str, bytes]:
    row = dict(zip(map(nfd, COLUMNS), map(nfd, CELLS), strict=True))
    return nfd("läkare.jsonl"), json.dumps(row).encode()  # with escapes


def _workbook(folder: Path) -> tuple[str, bytes]:
    book = Workbook()
    for row in (COLUMNS, CELLS):
        book.worksheets[0].append([*map(nfd, row)])
    book.save(folder / "made.xlsx")
    return nfd("läkare.xlsx"), (folder / "made.xlsx").read_bytes()


@pytest.mark.parametrize("make", [_delimited, _json_lines, _workbook])
@pytest.mark.parametrize("profile", [STAFF, nfd(STAFF)], ids=["profile composed", "profile decomposed"])
def test_files(register: Register, tmp_path: Path, make: object, profile: str) -> None:
    name, content = make(tmp_path)  # type: ignore[operator]
    loaded(register, tmp_path, profile, {name: content})
    assert kept(register, staff, "given_name", "surname", "title") == [("Åsa", "Öberg", "Överläkare")]


def test_a_directory(register: Register, tmp_path: Path) -> None:
    profile = """
[[file]]
name = "*.ldif"
record = "staff"
fields = { hsa_id = "hsaIdentity", given_name = "givenName", surname = "sn" }
"""
    coded = b64encode(nfd("Öberg").encode()).decode()
    entry = f"dn: cn=1\nhsaIdentity: SE2321000131-X1\ngivenName: {nfd('Åsa')}\nsn:: {coded}\n"
    loaded(register, tmp_path, profile, {"k.ldif": entry})
    assert kept(register, staff, "given_name", "surname") == [("Åsa", "Öberg")]


def test_a_database(register: Register, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "d.sqlite3")) as database, database:
        database.execute(f'CREATE TABLE people (HSA, "{nfd("Förnamn")}", Efternamn)')
        database.execute("INSERT INTO people VALUES (?, ?, ?)", ("SE2321000131-X1", nfd("Åsa"), nfd("Öberg")))
    profile = f"""
[profile]
name = "t"
title = "T"
[database]
url = "sqlite:///{tmp_path / "d.sqlite3"}"
[[file]]
name = "people"
query = "TABLE"
record = "staff"
fields = {{ hsa_id = "HSA", given_name = "Förnamn", surname = "Efternamn" }}
""".replace("TABLE", "SELECT * FROM people")
    loaded(register, tmp_path, profile, {})
    assert kept(register, staff, "given_name", "surname") == [("Åsa", "Öberg")]


def test_staff_by_their_names(register: Register, tmp_path: Path) -> None:
    fill(register)
    profile = """
[[file]]
name = "k.csv"
record = "fixed_contact"
[file.fields]
person_id = "PNR"
type_code = { constant = "2" }
staff_given_name = "FN"
staff_surname = "EN"
unit = "ENHET"
valid_from = "FROM"
"""
    row = f"{ANNA};{nfd('Åsa')};{nfd('Öberg')};{ONE.hsa_id};2026-01-01"
    loaded(register, tmp_path, profile, {"k.csv": f"PNR;FN;EN;ENHET;FROM\n{row}\n"})
    assert kept(register, fixed_contact, "staff_key") == [(str(ASA.hsa_id),)]


def test_what_is_served_is_composed(register: Register, tmp_path: Path) -> None:
    fill(register)
    profile = """
[[file]]
name = "s.csv"
record = "unit"
fields = { hsa_id = "HSA", name = "NAMN", provider = "VG", county.constant = "14", listable.constant = "ja" }
"""
    name = "Vårdcentralen Ängö"
    rows = f"HSA;NAMN;VG\n{ONE.hsa_id};{nfd(name)};{ONE.provider}\n"
    loaded(register, tmp_path, profile, {"s.csv": rows})
    shown = values(get_listing(make_producer(register)), "listings/healthcareFacility/name")
    assert shown == [name]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "ascii"])
def test_requests_and_answers(register: Register, encoding: str) -> None:
    """At the doors of the service and the client; what is in ASCII has references to the letters."""
    sent = envelope(f'<a title="{nfd("Å")}">{nfd("Öberg")}<b/>{nfd("é")}</a>').decode()
    for root in (
        open_envelope(sent.encode(encoding, "xmlcharrefreplace")).content,
        parse(sent.encode(encoding, "xmlcharrefreplace")).find(".//a"),
    ):
        assert root is not None
        assert (root.text, root[0].tail, root.get("title")) == ("Öberg", "é", "Å")


def test_settings_are_composed_and_paths_stay(register: Register) -> None:
    class Sample(Section):
        name: str
        names: tuple[str, ...]
        folder: Path
        url: str

    letter = nfd("å")
    read = Sample(name=letter, names=(letter,), folder=Path(letter), url=letter)
    assert (read.name, read.names) == ("å", ("å",))
    assert (str(read.folder), read.url) == (letter, letter)


def test_words_of_a_command_line(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of files stay as they are, whatever their form."""
    monkeypatch.chdir(tmp_path)
    name = nfd("läkare.csv")
    (tmp_path / name).write_text(
        nfd("HSA;Förnamn;Efternamn;TITEL\nSE2321000131-X1;Åsa;Öberg;Läkare\n"), "utf-8"
    )
    (tmp_path / "p.toml").write_text(f'[profile]\nname = "t"\ntitle = "T"\n{STAFF}', "utf-8")
    shown = run("profile", "check", "p.toml", name)
    assert shown.exit_code == 0, shown.output
    assert "Överläkare" in shown.stdout
    assert composed(name) == name
    assert composed(f"--file={name}") == f"--file={name}"
    assert composed(f"{tmp_path}/{nfd('ny.csv')}") == f"{tmp_path}/{nfd('ny.csv')}"
    assert composed(nfd("Åsa Öberg")) == "Åsa Öberg"
    assert composed(f"--reason={nfd('Åsa')}") == "--reason=Åsa"
