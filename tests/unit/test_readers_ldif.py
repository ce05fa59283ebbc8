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
from mapping.sources.readers.ldif import LONGEST_ENTRY


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
        ("dn: o=y\nå: X", "line 4 is no attribute; it must be a name, a colon and a value"),
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


def test_encoding(tmp_path: Path) -> None:
    content = "dn: o=x\nou: Öbo\n".encode("latin-1")
    assert read(tmp_path, content, ["ou"], "iso-8859-1") == [Row(1, ["Öbo"])]
    with pytest.raises(SourceError, match="line 2: byte 13 of the file"):
        read(tmp_path, content)


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
    line = "a: " + "x" * 900_000 + "\n"
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
