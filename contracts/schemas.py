"""Where the schemas lie, and validation against them.

lxml validates in microseconds and carries every message, with what it lets through seen to in
`contracts.extensions`; xmlschema takes a hundred times longer and writes the report that a person reads. An
lxml schema object must not be shared between threads: its verdict is right, but its error log may be another
request's. Each thread compiles its own, and nothing reads that log.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from lxml import etree

from contracts.catalogue import CONTRACTS, Contract
from contracts.extensions import in_place

MAX_PROBLEMS = 20
"""Problems in one report; a message with more is broken as a whole and the rest would not help anybody."""

_BUILT_IN = Path(str(files("xsd")))


class SchemaError(ValueError):
    """The configured schema folder cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a message is not valid. Never carries a value from the message.

    Attributes:
        path: XPath of the element, with the prefixes of the message.
        line: Line in the message, from 1; None when unknown.
        reason: What is wrong there.
    """

    path: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        where = f"{self.path}, line {self.line}" if self.line else self.path
        return f"{where}: {self.reason}"


_COMPILING = threading.Lock()
"""libxml2 sets its schema types up when the first schema of a process is compiled, and not for two threads at
once: in one that comes too early the schema does not compile."""


class Schemas:
    """The schemas and WSDLs in use: the project's own, or an unpacked official release package.

    Args:
        path: Folder with one or more unpacked release packages. A contract that no package there carries
            keeps the project's own schemas.

    Raises:
        SchemaError: ``path`` is no folder, or holds none of the known contracts.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._folders = {contract.name: _BUILT_IN / contract.folder for contract in CONTRACTS}
        self._compiled = threading.local()
        if path is not None:
            self._folders |= _official_folders(path)

    def folder(self, contract: Contract) -> Path:
        """Folder with the contract's ``core_components`` and ``interactions``."""
        return self._folders[contract.name]

    def wsdl(self, contract: Contract) -> Path:
        """File of the contract's WSDL."""
        return self.folder(contract) / contract.wsdl_file

    def valid(self, contract: Contract, element: etree._Element) -> bool:
        """Tell whether a request or response element is valid. Safe to call from any thread."""
        compiled = self._compiled.__dict__
        schema = compiled.get(contract.name)
        if schema is None:
            with _COMPILING:
                schema = compiled[contract.name] = etree.XMLSchema(file=str(self._schema_file(contract)))
        return bool(schema.validate(element)) and in_place(contract, element)

    def problems(self, contract: Contract, element: etree._Element) -> list[Problem]:
        """Explain why an element is not valid: at most ``MAX_PROBLEMS`` problems, none when it is valid."""
        # Here, and not above: it brings xmlschema, 20 MB and a sixth of a second, and most processes that
        # check messages refuse none.
        from contracts.schema_report import report

        return report(self._schema_file(contract), element)

    def _schema_file(self, contract: Contract) -> Path:
        return self.folder(contract) / contract.schema_file


def _official_folders(path: Path) -> dict[str, Path]:
    """Find each contract's folder in one unpacked package, or in a folder with several."""
    if not path.is_dir():
        raise SchemaError(f"{path} is not a folder")
    found = {}
    for contract in CONTRACTS:
        for folder in _candidates(path, contract):
            if (folder / contract.wsdl_file).is_file():
                found[contract.name] = folder
                break
    if not found:
        raise SchemaError(
            f"{path} holds no release package with a known contract; expected for example "
            f"{path}/schemas/{CONTRACTS[0].wsdl_file}"
        )
    return found


def _candidates(path: Path, contract: Contract) -> Iterator[Path]:
    yield path
    yield path / "schemas"
    yield path / contract.folder
    for package in sorted(path.glob(f"*{contract.folder}*")):
        yield package / "schemas"
        yield package


@cache
def built_in() -> Schemas:
    """Return the project's own schemas."""
    return Schemas()
