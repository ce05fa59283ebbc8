"""LDIF: entries to rows, and entries that cannot be read."""

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ldif import LDIFWriter

from mapping.sources.readers import VALUES, Encoding, Row, SourceError, open_file
from mapping.sources.readers.ldif_entries import LONGEST_ENTRY, MOST_VALUES


def read(
    folder: Path, content: str | bytes, wanted: Sequence[str] = ("dn", "ou"), encoding: Encoding = "utf-8"
) -> list[Row]:
    path = folder / "katalog.ldif"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with open_file(path, wanted=wanted, encoding=encoding) as table:
        assert table.columns == tuple(wanted)
        return list(table.rows)


def test_entries(tmp_path: Path) -> None:
    content = (
        "version: 1\n# a comment\n#\n  that goes on\ndn: ou=Majorna,\n o=VGR\nOU: Majorna\nou:Väst \n\n\n"
        f"dn:: {b64encode('ou=Öbo'.encode()).decode()}\r\nou:: {b64encode('Öbo'.encode()).decode()}\r\n"
    )
    assert read(tmp_path, content) == [
        Row(5, ["ou=Majorna,o=VGR", f"Majorna{VALUES}Väst "]),
        Row(11, ["ou=Öbo", "Öbo"]),
    ]


def test_what_an_entry_lacks_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path, "version: 1\n\ndn: o=x\nou:\nl: Y\n") == [Row(3, ["o=x", ""])]


def test_options_make_another_attribute(tmp_path: Path) -> None:
    content = "dn: o=x\nou;lang-sv: Enheten\nou: The unit\nOU;LANG-EN: Unit\nou;binary:: //8=\n"
    assert read(tmp_path, content, ["ou", "ou;lang-sv", "ou;lang-en"]) == [
        Row(1, ["The unit", "Enheten", "Unit"])
    ]


def test_binary_values_that_are_not_wanted_do_not_matter(tmp_path: Path) -> None:
    content = "dn: o=x\nou: X\njpegPhoto:: /9j/4AA\n Q\nlabeledURI:< file:///photo\n"
    assert read(tmp_path, content) == [Row(1, ["o=x", "X"])]


def test_additions_are_entries(tmp_path: Path) -> None:
    content = "dn: o=x\ncontrol: 1.2.3 true\nchangetype: add\nou: X\n"
    assert read(tmp_path, content) == [Row(1, ["o=x", "X"])]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("dn: o=y\nou:: a*b=", "line 4: the value of ou is no text in base64"),
        ("dn: o=y\nou:: abc", "line 4: the value of ou is no text in base64"),
        ("dn: o=y\nou:: //8=", "line 4: the value of ou is no text in base64"),
        ("dn: o=y\nou:: å", "line 4: the value of ou is no text in base64"),
        ("dn: o=y\nou:< file:///x", "line 4: the value of ou is in another file; export it with its values"),
        (
            "dn: o=y\nou: X\nhej",
            "line 5 is no attribute; it must be a name, a colon and a value",
        ),
        (" dn: o=y", "line 3 is no attribute; it must be a name, a colon and a value"),
        (
            "ou: X\ndn: o=y",
            "line 3: an entry must have one dn, in its first line; is a blank line missing?",
        ),
        (
            "dn: o=y\nou: X\ndn: o=z",
            "line 5: an entry must have one dn, in its first line; is a blank line missing?",
        ),
        (
            "dn: o=y\nchangetype: modify\nreplace: ou\nou: X\n-",
            "line 4: a change (modify); only entries and additions can be read",
        ),
        (
            "dn: o=y\nchangetype: 195709263080",
            "line 4: a change (of an unknown type); only entries and additions can be read",
        ),
    ],
)
def test_a_broken_entry_is_only_its_own_fault(tmp_path: Path, entry: str, fault: str) -> None:
    assert read(tmp_path, f"dn: o=x\n\n{entry}\n\ndn: o=z\n", ["dn", "ou"]) == [
        Row(1, ["o=x", ""]),
        Row(3, [], fault),
        Row(3 + entry.count("\n") + 2, ["o=z", ""]),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        "å: X",
        "two words: X",
        "jpegPhoto: \xff\xd8\udcff",
        "description: one line\nand a line that is not folded",
        "description:: no base64!",
        "userCertificate;binary:< file:///cert",
        "member;range=0-1499: cn=1",
        "member;range=0-1499: cn=1\nmember;range=1500-*: cn=2",
        "x_y: X",
        "jpegPhoto:: " + "A" * 1_500_000,
    ],
    ids=range(10),
)
def test_what_is_not_read_makes_no_entry_faulty(tmp_path: Path, lines: str) -> None:
    content = f"dn: o=y\n{lines}\nou: X\n\ndn: o=z\nou: Z\n".encode("utf-8", "surrogateescape")
    assert [row.cells for row in read(tmp_path, content)] == [["o=y", "X"], ["o=z", "Z"]]


def test_a_group_of_very_many_members_is_not_kept(tmp_path: Path) -> None:
    """More than the longest entry that is read, in attributes that are not."""
    members = "member: cn=somebody,ou=Far away,ou=In the region,o=VGR,c=SE\n" * 350_000
    assert len(members) > LONGEST_ENTRY
    rows = read(tmp_path, f"dn: o=y\nou: X\n{members}")
    assert rows == [Row(1, ["o=y", "X"])]


def test_very_many_values_that_are_read(tmp_path: Path) -> None:
    rows = read(tmp_path, "dn: o=y\n" + "ou: X\n" * (MOST_VALUES + 10) + "\ndn: o=z\n")
    fault = f"the entry has over {MOST_VALUES} values in attributes that are read"
    assert rows == [Row(1, [], fault), Row(MOST_VALUES + 13, ["o=z", ""])]


@pytest.mark.parametrize(
    "block",
    [
        "# search reference\nref: ldap://kommun.example.org/ou=Kommun,c=SE",
        "ref: ldap://a/\nref: ldap://b/",
        "# only a comment",
        "# search result\nsearch: 2\nresult: 0 Success\ncontrol: 1.2.840.113556.1.4.319 false MAUCAQAEAA==\n"
        "pagedresults: cookie=",
        "version: 1",
        "# refldap://a/\n# a comment\n  that goes on",
    ],
)
def test_what_is_no_entry_is_no_fault(tmp_path: Path, block: str) -> None:
    rows = read(tmp_path, f"dn: o=x\nou: X\n\n{block}\n\ndn: o=z\nou: Z\n")
    assert [row.cells for row in rows] == [["o=x", "X"], ["o=z", "Z"]]


def test_an_entry_that_has_come_apart(tmp_path: Path) -> None:
    rows = read(tmp_path, "dn: o=x\ncn: X\n\nou: X\n")
    fault = "line 4: an entry must have one dn, in its first line; is a blank line missing?"
    assert rows == [Row(1, ["o=x", ""]), Row(4, [], fault)]


def test_values_in_ranges(tmp_path: Path) -> None:
    whole = "dn: o=x\nou;range=0-1: A\nou;range=0-1: B\nou;range=2-*: C\n"
    assert read(tmp_path, whole) == [Row(1, ["o=x", VALUES.join("ABC")])]
    fault = "line 3: there are more values of ou; have the export fetch them all"
    assert read(tmp_path, whole.replace("ou;range=2-*: C\n", "")) == [Row(1, [], fault)]


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        ("title;lang-sv: Läkare", "Läkare"),
        ("title;lang-en: Doctor", "Doctor"),
        ("title;lang-en: Doctor\ntitle;lang-sv: Läkare", "Läkare"),
        ("title;lang-en: Doctor\ntitle;lang-fi: X", ""),
        ("title: Överläkare\ntitle;lang-sv: Läkare", "Överläkare"),
    ],
)
def test_an_attribute_in_languages_alone(tmp_path: Path, lines: str, title: str) -> None:
    assert read(tmp_path, f"dn: o=x\n{lines}\n", ["title"]) == [Row(1, [title])]


def test_a_deleted_entry_is_passed_over_and_told(tmp_path: Path) -> None:
    said: list[object] = []
    path = tmp_path / "k.ldif"
    path.write_text("dn: o=x\nchangetype: delete\n\ndn: o=z\nchangetype: add\nou: Z\n", "utf-8")
    with open_file(path, wanted=["ou"], warn=lambda *told: said.append(told)) as table:
        assert list(table.rows) == [Row(4, ["Z"])]
    assert said == [(1, None, "the entry is marked as deleted, and is passed over")]


def test_encoding(tmp_path: Path) -> None:
    content = "dn: o=x\nou: Öbo\n".encode("latin-1")
    assert read(tmp_path, content, ["ou"], "iso-8859-1") == [Row(1, ["Öbo"])]
    fault = "line 2: the value of ou is not in the encoding of the profile; set encoding"
    assert read(tmp_path, content) == [Row(1, [], fault)]


def test_the_end_of_a_search(tmp_path: Path) -> None:
    content = "dn: o=x\n\n# search result\nsearch: 2\nresult: 0 Success\n\n# numEntries: 1\n"
    assert read(tmp_path, content) == [Row(1, ["o=x", ""])]


def test_a_search_that_broke_off(tmp_path: Path) -> None:
    content = "dn: o=x\n\nsearch: 2\nresult: 4 Size limit exceeded\n"
    with pytest.raises(
        SourceError, match="line 4: the search ended with LDAP result 4, so the export is not"
    ):
        read(tmp_path, content)


def test_an_entry_without_end(tmp_path: Path) -> None:
    line = "ou: " + "x" * 900_000 + "\n"
    with pytest.raises(SourceError, match=r"line 24: the entry has over .* are blank lines missing\?"):
        read(tmp_path, "dn: o=x\n" + line * (LONGEST_ENTRY // len(line) + 1))


@settings(max_examples=50)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1),
            max_size=3,
        ),
        max_size=4,
    ),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_reads_what_the_ldif_library_writes(
    tmp_path: Path, entries: list[list[str]], line_break: bytes
) -> None:
    file = BytesIO()
    writer = LDIFWriter(file, cols=20, line_sep=line_break)
    for number, values in enumerate(entries):
        writer.unparse(f"cn={number},o=a rather long name", {"description": values})
    rows = read(tmp_path, file.getvalue(), ["dn", "description"])
    assert [row.cells for row in rows] == [
        [f"cn={number},o=a rather long name", VALUES.join(values)] for number, values in enumerate(entries)
    ]
