"""JSON lines: objects to rows, and lines that are none."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from mapping.sources.readers import VALUES, Encoding, Row, SourceError, open_file


def read(
    folder: Path, content: str | bytes, wanted: Sequence[str] = ("a",), encoding: Encoding = "utf-8"
) -> list[Row]:
    path = folder / "källa.jsonl"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with open_file(path, wanted=wanted, encoding=encoding) as table:
        assert table.columns == tuple(wanted)
        return list(table.rows)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('"Åsa"', "Åsa"),
        ('"\\u00c5sa"', "Åsa"),
        ("0", "0"),
        ("195709263080", "195709263080"),
        ("1.50", "1.50"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("true", "true"),
        ("false", "false"),
        ("null", ""),
        ('""', ""),
        ("[]", ""),
        ('["x", 1, null, "", true]', VALUES.join(["x", "1", "true"])),
        ('[["x"], ["y"]]', VALUES.join(["x", "y"])),
    ],
)
def test_values(tmp_path: Path, value: str, text: str) -> None:
    assert read(tmp_path, f'{{"a": {value}}}\n') == [Row(1, [text])]


def test_keys_of_nested_objects_and_lists(tmp_path: Path) -> None:
    content = '{"enhet": {"namn": "Majorna", "tel": [{"nr": "1"}, {}, {"nr": "2"}]}, "b": 1}\n'
    wanted = ["enhet.namn", "b", "enhet.tel.nr"]
    assert read(tmp_path, content, wanted) == [Row(1, ["Majorna", "1", VALUES.join("12")])]


def test_lines_are_counted_and_blank_ones_passed_over(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"a": 1}\r\n\r\n {"a": 2} \r\n{"b": 3}'
    assert read(tmp_path, content) == [Row(1, ["1"]), Row(3, ["2"]), Row(4, [""])]


def test_encoding(tmp_path: Path) -> None:
    content = '{"a": "Åsa"}\n'.encode("cp1252")
    assert read(tmp_path, content, encoding="windows-1252") == [Row(1, ["Åsa"])]
    assert read(tmp_path, content, encoding="auto") == [Row(1, ["Åsa"])]
    with pytest.raises(SourceError, match=r"line 1: byte 8 of the file \(hex c5\) is not utf-8"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"a": 1', "is no JSON object: Expecting ',' delimiter, character 8"),
        ("hej", "is no JSON object: Expecting value, character 1"),
        ('{"a": 1} {"a": 2}', "is no JSON object: Extra data, character 10"),
        ('["a"]', "is no JSON object; each line must be one"),
        ("1", "is no JSON object; each line must be one"),
        ('{"a": 1, "a": 2}', "has a key twice in one object"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "has a key twice in one object"),
        ('{"a": NaN}', "holds NaN or Infinity, which JSON does not have"),
        ('{"a": {"b": 1}}', "has an object where a text is wanted; name the key within, as in unit.name"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "is nested too deeply"),
    ],
    ids=lambda value: value[:30],
)
def test_a_line_that_is_no_object_is_only_its_own_fault(tmp_path: Path, line: str, fault: str) -> None:
    assert read(tmp_path, f'{{"a": 1}}\n{line}\n{{"a": 2}}\n') == [
        Row(1, ["1"]),
        Row(2, [], fault),
        Row(3, ["2"]),
    ]


def test_a_key_that_no_object_has(tmp_path: Path) -> None:
    content = '{"a": null, "x": {}}\n{"b": [{"c": 1}]}\n'
    assert len(read(tmp_path, content, ["a", "b.c"])) == 2
    with pytest.raises(SourceError) as caught:
        read(tmp_path, content, ["a", "x.y", "B"])
    assert str(caught.value) == "no object of the file has the key 'x.y', 'B'"


@pytest.mark.parametrize("content", ["", "\n", "fel\n"])
def test_a_file_without_objects_lacks_no_key(tmp_path: Path, content: str) -> None:
    assert [row.fault is None for row in read(tmp_path, content)] == [False] * content.count("fel")


def test_missing_file(tmp_path: Path) -> None:
    with (
        pytest.raises(SourceError, match="cannot be opened: No such file"),
        open_file(tmp_path / "no.ndjson", wanted=["a"]),
    ):
        pass
