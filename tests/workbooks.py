"""Workbooks put together by hand, so that they can be as no program would make them."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELATED = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def write_workbook(
    path: Path,
    rows: Iterable[str],
    *,
    strings: Iterable[str] = (),
    main: str = MAIN,
    related: str = _RELATED,
) -> Path:
    """Write a workbook of one sheet.

    Args:
        path: Where to.
        rows: Its rows as XML, in pieces.
        strings: The elements of the texts that cells share, in pieces.
        main: Namespace of its elements.
        related: Namespace of its relations.
    """
    relation = f'<Relationship Id="{{}}" Type="{related}/{{}}" Target="{{}}"/>'
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    small = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{relations}">'
        f"{relation.format('r1', 'officeDocument', 'xl/workbook.xml')}</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{related}"><sheets>'
        '<sheet name="Blad1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}">'
        f"{relation.format('r1', 'worksheet', 'worksheets/sheet1.xml')}"
        f"{relation.format('r2', 'sharedStrings', 'sharedStrings.xml')}</Relationships>",
    }
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as parts:
        for name, text in small.items():
            parts.writestr(name, text)
        _write(parts, "xl/sharedStrings.xml", f'<sst xmlns="{main}">', strings, "</sst>")
        begin = f'<worksheet xmlns="{main}"><sheetData>'
        _write(parts, "xl/worksheets/sheet1.xml", begin, rows, "</sheetData></worksheet>")
    return path


def strict_workbook(path: Path, rows: Iterable[str]) -> Path:
    """Write a workbook in the strict form (ISO/IEC 29500-1)."""
    return write_workbook(path, rows, main=STRICT, related=_STRICT_RELATED)


def _write(parts: ZipFile, name: str, begin: str, pieces: Iterable[str], end: str) -> None:
    with parts.open(name, "w", force_zip64=True) as part:
        part.write(begin.encode())
        for piece in pieces:
            part.write(piece.encode())
        part.write(end.encode())


def row(number: int, *texts: str) -> str:
    """Return a row of texts as XML."""
    cells = "".join(f'<c t="str"><v>{text}</v></c>' for text in texts)
    return f'<row r="{number}">{cells}</row>'


def many(piece: str, times: int) -> Iterator[str]:
    """Yield a piece many times, some at once."""
    together = 10_000
    for _ in range(times // together):
        yield piece * together
    yield piece * (times % together)
