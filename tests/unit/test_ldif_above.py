"""Columns of an LDIF file that are attributes of the entry above in the tree."""

from pathlib import Path

import pytest

from mapping.sources.readers import VALUES, open_file

UNIT = "dn: ou=Barn\\, unga,o=Region\nou: Barn, unga\nobjectClass: top\nobjectClass: unit\n"
PERSON = "dn: cn=Åsa,OU=Barn\\, unga,o=REGION\ncn: Åsa\n"
ELSEWHERE = "dn: cn=Bo,ou=Other,o=Region\ncn: Bo\n"
BROKEN = "dn: ou=Other,o=Region\nou Other\n"


def above(folder: Path, *entries: str, wanted: str = "../ou") -> list[tuple[str, str]]:
    """Return the cn and another column of each entry with a cn."""
    path = folder / "katalog.ldif"
    path.write_text("\n".join(entries), encoding="utf-8")
    with open_file(path, wanted=("cn", wanted)) as table:
        assert table.columns == ("cn", wanted)
        cells = [row.cells for row in table.rows if row.fault is None]
    return [(cn, other) for cn, other in cells if cn]


@pytest.mark.parametrize("entries", [(UNIT, PERSON), (PERSON, UNIT)], ids=["before", "after"])
def test_the_entry_above_may_stand_before_or_after(tmp_path: Path, entries: tuple[str, ...]) -> None:
    """Its name holds a comma, and is written in other letter case below it."""
    assert above(tmp_path, *entries) == [("Åsa", "Barn, unga")]


def test_several_values_are_kept_apart(tmp_path: Path) -> None:
    assert above(tmp_path, UNIT, PERSON, wanted="../OBJECTCLASS") == [("Åsa", f"top{VALUES}unit")]


@pytest.mark.parametrize("entries", [(ELSEWHERE, UNIT), (ELSEWHERE, BROKEN)], ids=["missing", "broken"])
def test_there_is_nothing_above(tmp_path: Path, entries: tuple[str, ...]) -> None:
    assert above(tmp_path, *entries) == [("Bo", "")]
