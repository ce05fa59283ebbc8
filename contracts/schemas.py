"""Where the schemas lie, and validation against them.

lxml validates in microseconds and carries every message, with what it lets through seen to in
`contracts.extensions`; xmlschema takes a hundred times longer and writes the report that a person reads. An
lxml schema object must not be shared between threads: its verdict is right, but its error log may be another
request's. Each thread compiles its own, and nothing reads that log.
"""

import threading
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from lxml import etree

from contracts.catalogue import CONTRACTS, Contract
from contracts.extensions import in_place
from contracts.packages import ContractFiles, PackageError, found_in

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
        self._files = {contract.name: _built_in_files(contract) for contract in CONTRACTS}
        self._compiled = threading.local()
        self.passed_over: tuple[Path, ...] = ()
        """Schemas under ``path`` that are not used, since it has a newer version."""
        if path is not None:
            found = _official(path)
            self._files |= {name: files[0] for name, files in found.items()}
            self.passed_over = tuple(one.schema for files in found.values() for one in files[1:])

    def folder(self, contract: Contract) -> Path:
        """Folder with the contract's ``core_components`` and ``interactions``."""
        return self._files[contract.name].folder

    def wsdl(self, contract: Contract) -> Path:
        """File of the contract's WSDL."""
        return self._files[contract.name].wsdl

    def schema(self, contract: Contract) -> Path:
        """File of the schema of the contract's messages."""
        return self._files[contract.name].schema

    def is_built_in(self, contract: Contract) -> bool:
        """Tell whether the project's own schema is used."""
        return _BUILT_IN in self.schema(contract).parents

    def compile(self, contract: Contract) -> None:
        """Compile a contract's schema for this thread.

        Raises:
            SchemaError: It does not compile, or what it imports is not there; the text names file and line.
        """
        file = self.schema(contract)
        try:
            with _COMPILING:
                self._compiled.__dict__[contract.name] = etree.XMLSchema(file=str(file))
        except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
            entry = error.error_log.last_error if len(error.error_log) else None
            where = f"{entry.filename}, line {entry.line}" if entry and entry.line else str(file)
            reason = entry.message if entry else str(error)
            raise SchemaError(f"{contract.name}: {where}: does not compile: {reason}") from None

    def valid(self, contract: Contract, element: etree._Element) -> bool:
        """Tell whether a request or response element is valid. Safe to call from any thread."""
        compiled = self._compiled.__dict__
        if contract.name not in compiled:
            self.compile(contract)
        return bool(compiled[contract.name].validate(element)) and in_place(contract, element)

    def problems(self, contract: Contract, element: etree._Element) -> list[Problem]:
        """Explain why an element is not valid: at most ``MAX_PROBLEMS`` problems, none when it is valid."""
        # Here, and not above: it brings xmlschema, 20 MB and a sixth of a second, and most processes that
        # check messages refuse none.
        from contracts.schema_report import report

        return report(self.schema(contract), element)


def _built_in_files(contract: Contract) -> ContractFiles:
    folder = _BUILT_IN / contract.folder
    return ContractFiles(folder, folder / contract.wsdl_file, folder / contract.schema_file)


def _official(path: Path) -> dict[str, list[ContractFiles]]:
    """Find the contracts that the packages in a folder carry."""
    if not path.is_dir():
        raise SchemaError(f"{path} is not a folder")
    try:
        found = found_in(path)
    except PackageError as error:
        raise SchemaError(str(error)) from None
    if not found:
        raise SchemaError(
            f"{path} holds no release package with a known contract; expected for example "
            f"{path}/schemas/{CONTRACTS[0].wsdl_file}"
        )
    return found


@cache
def built_in() -> Schemas:
    """Return the project's own schemas."""
    return Schemas()
