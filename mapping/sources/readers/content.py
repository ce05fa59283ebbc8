"""What a file is, told by its content: names of files say what somebody once meant them to be."""

import re
from os import SEEK_END
from pathlib import Path
from typing import Literal
from zipfile import BadZipFile, ZipFile

from mapping.sources.readers.table import SourceError

FileKind = Literal["delimited", "json-lines", "xlsx", "ods", "ldif"]

KINDS: dict[str, FileKind] = {
    ".jsonl": "json-lines",
    ".ndjson": "json-lines",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xltx": "xlsx",
    ".xltm": "xlsx",
    ".ods": "ods",
    ".ldif": "ldif",
}
"""A file's ending in lower case -> its kind; all others are delimited."""

WORKBOOKS = frozenset({"xlsx", "ods"})
"""Kinds that are told by content alone."""

SAVE = "open it in a spreadsheet program and save it as .xlsx"

LARGEST_DIRECTORY = 5_000_000
"""Bytes in which a zip file names its parts: some 50 000 of them."""

_START = 8192
_ZIP_TAIL = 66_000
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
}
_OLD = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x08\x10\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00")
_PASSWORD = "EncryptedPackage".encode("utf-16-le")
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta|style)\b"
)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b")
_LDIF = re.compile(rb"(?:\xef\xbb\xbf)?(?:#.*\s+)*(?:version: *1\s+)?(?:#.*\s+)*dn::? ")


def kind_of(path: Path, kind: FileKind | None) -> FileKind:
    """Return what a file is, and so how it is read.

    Args:
        path: The file. Of what is no plain file, such as a pipe, nothing is read.
        kind: What the profile says of a text file; None: what its content says, else its ending.

    Raises:
        SourceError: It is nothing that can be read; the text says what it is, and how to save it.
    """
    named = kind or KINDS.get(path.suffix.lower(), "delimited")
    if not path.is_file():
        return named
    try:
        with path.open("rb") as file:
            start = file.read(_START)
    except OSError:  # told when it is opened to be read
        return named
    found = _told(path, start)
    if found is not None and kind in (None, *WORKBOOKS):
        return found
    if found is not None:
        raise SourceError(None, f"the file is a workbook, and the profile says kind {kind}; leave kind out")
    if kind in WORKBOOKS:
        raise SourceError(None, f"the file is no workbook but text, and the profile says kind {kind}")
    if kind is None and named in WORKBOOKS:
        if not start or b"\0" in start or b"\x1b" in start:
            raise SourceError(None, f"the file is damaged, or no workbook; {SAVE}")
        named = "delimited"  # text that was given the name of a workbook, so that it is opened as one
    if kind is None and path.suffix.lower() not in (".csv", ".ldif"):
        return _of_text(start) or named
    return named


def _told(path: Path, start: bytes) -> FileKind | None:
    """Return the kind of a workbook; None for what is text."""
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_zip(path)
    if start.startswith(_OLD):
        raise SourceError(None, _about_old(path))
    packed = next((name for mark, name in _PACKED.items() if start.startswith(mark)), None)
    if packed is not None:
        raise SourceError(None, f"the file is packed ({packed}); unpack it, and load what is in it")
    if start.startswith(b"%PDF"):
        raise SourceError(None, "the file is a PDF; have the table exported as .xlsx or text (CSV)")
    if start.startswith(b"SQLite format 3\0"):
        raise SourceError(None, "the file is a database (SQLite); name it in database.url, and put a query")
    lowered = start.lower()
    if _HTML.match(lowered):
        raise SourceError(None, f"the file is a web page (HTML), whatever its name; {SAVE}")
    if _XML.match(start):
        what = "an XML spreadsheet" if b"office:spreadsheet" in lowered else "XML"
        raise SourceError(None, f"the file is {what}, which cannot be read; {SAVE}")
    return None


def _of_zip(path: Path) -> FileKind:
    try:
        _check_directory(path)
        with ZipFile(path) as parts:
            names = frozenset(parts.namelist())
            mimetype = parts.open("mimetype").read(200) if "mimetype" in names else b""
    except (BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError):
        raise SourceError(None, f"the file is damaged, or was cut off; copy it again, or {SAVE}") from None
    if b"opendocument.spreadsheet" in mimetype:
        return "ods"
    if any(name.endswith("workbook.bin") for name in names):
        raise SourceError(None, f"the file is a binary workbook (.xlsb); {SAVE}")
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return "xlsx"
    if "[Content_Types].xml" in names or mimetype:
        raise SourceError(None, "the file is a document, not a workbook; save its table as .xlsx")
    raise SourceError(None, "the file is a zip archive; unpack it, and load what is in it")


def _check_directory(path: Path) -> None:
    """Refuse a zip file that names very many parts: all of them are held in memory when it is opened."""
    with path.open("rb") as file:
        file.seek(0, SEEK_END)
        file.seek(max(0, file.tell() - _ZIP_TAIL))
        tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    size = int.from_bytes(tail[place + 12 : place + 16], "little") if place >= 0 else 0
    if size > LARGEST_DIRECTORY:
        raise SourceError(None, "the file has too many parts for a workbook; save it as a text file (CSV)")


def _about_old(path: Path) -> str:
    """Say whether an OLE file is a workbook with a password or one of before 2007."""
    with path.open("rb") as file:
        before = b""
        while block := file.read(1 << 20):
            if _PASSWORD in before[-64:] + block:
                return f"the file is protected with a password; {SAVE} without one"
            before = block
    return f"the file is an old workbook (.xls); {SAVE}"


def _of_text(start: bytes) -> FileKind | None:
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b'{"'):
        return "json-lines"
    return "ldif" if _LDIF.match(start) else None
