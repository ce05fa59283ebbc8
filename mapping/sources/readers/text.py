"""Text files as a stream of blocks of whole lines, decoded, with the place of what cannot be decoded.

Letters come in composed form (`contracts.letters`).

All encodings here write a line break as the same single byte, so that lines can be counted before decoding.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from contracts.letters import nfc
from mapping.sources.readers.table import SourceError

LONGEST_LINE = 1_000_000
"""Bytes without a line break at which a file is refused: it has no line breaks, or is no text."""

_BLOCK = 1 << 18
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class SourceText:
    """An open text file.

    Attributes:
        blocks: Its text in blocks of whole lines; reading them may raise a `SourceError`.
        done: Returns the share of the file that has been read, 0 to 1; None when its size is not known.
    """

    blocks: Iterator[str]
    done: Callable[[], float | None]


@dataclass(frozen=True, slots=True)
class _Raw:
    """Whole lines as bytes: the number of the first, and the place of its first byte in the file from 0."""

    line: int
    start: int
    content: bytes


@contextmanager
def open_text(
    path: Path, encoding: str, *, errors: str = "strict", longest: int = LONGEST_LINE
) -> Iterator[SourceText]:
    """Open a text file.

    Args:
        path: The file.
        encoding: ``utf-8``, ``windows-1252``, ``iso-8859-1``, or ``auto`` for UTF-8 where all of the file is
            that, else windows-1252. A byte order mark before UTF-8 is passed over.
        errors: What to do about bytes that are not of the encoding, as for `bytes.decode`.
        longest: Bytes without a line break at which it is refused.

    Yields:
        The file.

    Raises:
        SourceError: The file cannot be opened, is UTF-16, or mixes encodings. While blocks are read: it holds
            NUL bytes, bytes that are not of the encoding, or no line breaks, or was changed meanwhile.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise SourceError(None, f"the file cannot be opened: {error.strerror}") from None
    with file:
        before = os.fstat(file.fileno())
        size = before.st_size
        start, encoding = _start(file, encoding)

        def done() -> float | None:
            return min(1.0, file.tell() / size) if size else None

        def blocks() -> Iterator[str]:
            for raw in _raw(file, start, longest):
                yield from _decoded(raw, encoding, errors)
            after = os.fstat(file.fileno())
            if size and (after.st_size, after.st_mtime_ns) != (size, before.st_mtime_ns):
                raise SourceError(None, "the file was changed while it was read; load it when it is complete")

        yield SourceText(blocks(), done)


def lines(text: SourceText) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file without their line breaks, each with its number from 1."""
    line = 1
    for block in text.blocks:
        several = block.removesuffix("\n").split("\n")
        yield from enumerate((one.removesuffix("\r") for one in several), line)
        line += len(several)


def _start(file: BufferedReader, encoding: str) -> tuple[int, str]:
    """Pass over the byte order mark; return where the text begins, and its encoding."""
    mark = file.peek(3)[:3]
    if mark.startswith(_UTF16_MARKS):
        raise SourceError(1, "the file is UTF-16; save it as UTF-8")
    if mark == _UTF8_MARK:
        if encoding not in ("auto", "utf-8"):
            raise SourceError(1, f"the file is marked as UTF-8, but the profile says encoding {encoding}")
        return len(file.read(3)), "utf-8"
    if encoding == "auto":
        if not file.seekable():
            raise SourceError(None, "to find the encoding the file is read twice, and this is a pipe; set it")
        encoding = _found_encoding(file)
        file.seek(0)
    return 0, encoding


def _found_encoding(file: BufferedReader) -> str:
    """Look at every line: a single letter late in a file may be the only one that tells.

    Raises:
        SourceError: Some lines can only be UTF-8 and others cannot be.
    """
    utf8 = other = 0  # the first line of each sort
    for raw in _raw(file, 0, LONGEST_LINE):
        if raw.content.isascii():
            continue
        if not other and _is_utf8(raw.content):
            utf8 = utf8 or _first_line(raw)
            continue
        for number, line in enumerate(raw.content.split(b"\n"), raw.line):
            if line.isascii():
                continue
            if _is_utf8(line):
                utf8 = utf8 or number
            else:
                other = other or number
        if utf8 and other:
            raise SourceError(
                max(utf8, other),
                f"the file mixes encodings: line {utf8} is utf-8, line {other} is not; save it all as UTF-8",
            )
    return "windows-1252" if other else "utf-8"


def _first_line(raw: _Raw) -> int:
    lines = enumerate(raw.content.split(b"\n"), raw.line)
    return next(number for number, line in lines if not line.isascii())


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _raw(file: BufferedReader, start: int, longest: int) -> Iterator[_Raw]:
    """Yield the file from its present place on in blocks of whole lines."""
    line, rest = 1, b""
    while True:
        try:
            chunk = file.read(_BLOCK)
        except OSError as error:
            raise SourceError(line, f"the file cannot be read on: {error.strerror}") from None
        if not chunk:
            break
        content = rest + chunk
        end = content.rfind(b"\n") + 1
        rest = content[end:]
        if end:
            yield _Raw(line, start, content[:end])
            line += content.count(b"\n")
            start += end
        if len(rest) > longest:
            raise SourceError(line, f"the line has over {longest} bytes; are the line breaks LF?")
    if rest:
        yield _Raw(line, start, rest)


def _decoded(raw: _Raw, encoding: str, errors: str) -> Iterator[str]:
    """Yield the text, or the lines before a fault and then raise."""
    content = raw.content
    fault = content.find(b"\0")
    reason = "there is a NUL byte; save the file as text in UTF-8"
    try:
        text = content.decode(encoding, errors)
    except UnicodeDecodeError as error:
        if fault < 0 or error.start < fault:
            fault, reason = error.start, _undecodable(raw, error, encoding)
    if fault < 0:
        yield nfc(text)
        return
    before = content[: content.rfind(b"\n", 0, fault) + 1]
    yield nfc(before.decode(encoding, errors))
    raise SourceError(raw.line + before.count(b"\n"), reason)


def _undecodable(raw: _Raw, error: UnicodeDecodeError, encoding: str) -> str:
    if error.reason == "unexpected end of data":  # cannot happen before a line break
        return "the file ends within a letter: it is cut off, or not utf-8; copy it again or set encoding"
    return (
        f"byte {raw.start + error.start + 1} of the file (hex {raw.content[error.start]:02x}) is not "
        f"{encoding}; set encoding in the profile to that of the file"
    )
