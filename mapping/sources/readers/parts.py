"""The parts of a packed workbook, read as a stream within budgets.

A workbook of some MB can unpack to some GB, in one cell, in millions of empty strings or of elements. A
library that builds a tree of a part has it all in memory before anybody can count. So parts are read with
expat, a block at a time, and nothing is kept that is not asked for. A workbook of Excel's own limits is far
below the budgets (Excel specifications and limits).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeVar
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError

from mapping.sources.readers.content import SAVE
from mapping.sources.readers.table import SourceError

LARGEST_PART = 2_000_000_000
"""Bytes of a part, unpacked: six times as many as a full sheet of short texts has."""
LARGEST_GAP = 50_000_000
"""Bytes of a sheet that are unpacked without a row coming of them."""
LONGEST_TEXT = 1_000_000
"""Characters of a text, or bytes of a tag; a cell of Excel has 32 767."""
MOST_STRINGS = 3_000_000
"""Different texts of a workbook, which are all held in memory."""
LARGEST_STRINGS = 100_000_000
"""Bytes of them."""
DEEPEST = 100
"""Elements within each other."""
DAMAGED = f"the file is damaged; {SAVE}"

T = TypeVar("T")

BLOCK = 1 << 14
"""Bytes that are unpacked at a time."""
DAMAGE = (
    BadZipFile,
    ZlibError,
    expat.ExpatError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    LookupError,
    ValueError,
    OverflowError,
)
"""What is raised about files that are damaged in one place or another."""


class TooLarge(SourceError):
    """A workbook beyond the budgets."""

    def __init__(self, what: str) -> None:
        super().__init__(None, f"the workbook is too large: {what}; save it as a text file (CSV)")


class Reader:
    """Handlers for the elements of a part; each kind of part has its own.

    Attributes:
        text: The text since `listen` was called; None where no text is wanted.
    """

    def __init__(self) -> None:
        self.text: list[str] | None = None
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element by its local name."""

    def end(self, name: str) -> None:
        """Take its end."""

    def listen(self) -> None:
        """Want the text that follows."""
        self.text, self._length = [], 0

    def said(self) -> str:
        """Return the text since `listen` was called, and want no more."""
        text, self.text = "".join(self.text or ()), None
        return text

    def characters(self, text: str) -> None:
        """Take some text."""
        if self.text is not None:
            self._length += len(text)
            if self._length > LONGEST_TEXT:
                raise TooLarge(f"a cell has over {LONGEST_TEXT} characters")
            self.text.append(text)


def local(name: str) -> str:
    """Return a name without its prefix; the kinds of workbooks differ in their namespaces only."""
    return name.rpartition(":")[2]


def read_part(file: IO[bytes], reader: Reader, *, largest: int | None = None) -> Iterator[None]:
    """Read a part, and stop for whoever asks after each block.

    Raises:
        TooLarge: It is beyond the budgets.
        SourceError: It has a document type, which may hold entities that grow without end.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:  # expat remembers every element that is open
            raise SourceError(None, DAMAGED)
        reader.start(local(name), attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        reader.end(local(name))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = _refuse
    size = gap = 0
    while block := file.read(BLOCK):
        size += len(block)
        if size > (largest or LARGEST_PART):
            raise TooLarge(f"a part of it has over {largest or LARGEST_PART} bytes when it is unpacked")
        gap = gap + len(block) if b"<" not in block else 0  # expat keeps a tag until it is whole
        if gap > LONGEST_TEXT + BLOCK:
            raise TooLarge(f"a cell has over {LONGEST_TEXT} characters")
        parser.Parse(block, False)
        yield
    parser.Parse(b"", True)


def _refuse(*_doctype: object) -> None:
    raise SourceError(None, DAMAGED)


def read_whole(archive: ZipFile, name: str, reader: Reader, *, largest: int) -> None:
    """Read a part to its end."""
    with archive.open(name) as file:
        for _ in read_part(file, reader, largest=largest):
            pass


def opened(path: Path) -> IO[bytes]:
    """Open a file."""
    try:
        return path.open("rb")
    except OSError as error:
        raise SourceError(None, f"the file cannot be opened: {error.strerror}") from None


def guarded(read: Callable[[], T]) -> T:
    """Read something, and tell of damage in words."""
    try:
        return read()
    except DAMAGE:
        raise SourceError(None, DAMAGED) from None
