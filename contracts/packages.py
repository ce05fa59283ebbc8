"""Release packages as they are unpacked: which file in a folder is which contract's, told by what it holds.

Archives name their folders with dots, hyphens, underscores or hashes, and a folder may hold several domains
and several versions. So nothing goes by the names of folders: a WSDL is the one whose target namespace is the
contract's, and its schema the one with the namespace of the contract's messages (RIV-TA schema rules).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from contracts.catalogue import CONTRACTS, Contract

MOST_FILES = 20_000
"""Files below a folder that are looked at; a release package of one domain has some fifty."""

_VERSION = re.compile(r"_(\d+)\.(\d+)(?:\.\d+)?(?:_RIVTABP21)?\.(?:wsdl|xsd)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ContractFiles:
    """The files of a contract in a package.

    Attributes:
        folder: The folder that both lie below, with what they import: ``schemas`` in a release package.
        wsdl: Its WSDL.
        schema: The schema of its messages.
    """

    folder: Path
    wsdl: Path
    schema: Path

    @property
    def version(self) -> tuple[int, int]:
        """Version in the name of the schema's file; 0.0 where the name has none."""
        found = _VERSION.search(self.schema.name)
        return (int(found[1]), int(found[2])) if found else (0, 0)


class PackageError(ValueError):
    """A package that lacks a file of a contract it has. The text names the contract and what is there."""


def found_in(folder: Path) -> dict[str, list[ContractFiles]]:
    """Return by contract's name what a folder has of each: the version to use first, then those passed over.

    The newest version of the contract's major version is used; of two alike, the one whose path comes first.

    Args:
        folder: A folder with one or more unpacked packages.

    Raises:
        PackageError: There is a contract's WSDL and no schema of its messages.
    """
    wsdls, schemas = _by_namespace(folder, "*.wsdl"), _by_namespace(folder, "*.xsd")
    found: dict[str, list[ContractFiles]] = {}
    for contract in CONTRACTS:
        if contract.wsdl_namespace in wsdls and contract.namespace not in schemas:
            raise PackageError(
                f"{contract.name}: {wsdls[contract.wsdl_namespace][0]} is there, and no schema below {folder}"
                f" has the targetNamespace {contract.namespace}; unpack the whole package"
            )
        pairs = [
            ContractFiles(_common(wsdl, schema), wsdl, schema)
            for wsdl in wsdls.get(contract.wsdl_namespace, ())
            if (schema := _nearest(wsdl, schemas.get(contract.namespace, []), contract)) is not None
        ]
        if pairs:
            found[contract.name] = sorted(pairs, key=lambda one: (_negative(one.version), str(one.wsdl)))
    return found


def _by_namespace(folder: Path, pattern: str) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for file in _files(folder, pattern):
        namespace = _target_namespace(file)
        if namespace:
            found.setdefault(namespace, []).append(file)
    return found


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    for number, file in enumerate(sorted(folder.rglob(pattern))):
        if number == MOST_FILES:
            return
        if file.is_file():
            yield file


def _target_namespace(file: Path) -> str | None:
    """Return the targetNamespace of a document's root; None for a file that cannot be read as one."""
    try:
        with file.open("rb") as stream:
            for _, root in etree.iterparse(
                stream, events=("start",), resolve_entities=False, load_dtd=False, no_network=True
            ):
                return str(root.get("targetNamespace") or "") or None
    except (OSError, etree.XMLSyntaxError):
        return None
    return None


def _nearest(wsdl: Path, schemas: list[Path], contract: Contract) -> Path | None:
    """Return the schema that a WSDL goes with: the nearest, of its own version if there is one."""
    version = _VERSION.search(wsdl.name)
    return min(
        schemas,
        key=lambda schema: (
            -len(_common(wsdl, schema).parts),
            version is None or _version_text(schema) != (version[1], version[2]),
            schema.name != Path(contract.schema_file).name,
            str(schema),
        ),
        default=None,
    )


def _version_text(schema: Path) -> tuple[str, str] | None:
    found = _VERSION.search(schema.name)
    return (found[1], found[2]) if found else None


def _common(wsdl: Path, schema: Path) -> Path:
    """Return the folder that holds both, and what they import from ``core_components`` beside them."""
    folder = next(one for one in wsdl.parents if one in schema.parents)
    for one in (folder, *folder.parents[:3]):
        if (one / "core_components").is_dir():
            return one
    return folder


def _negative(version: tuple[int, int]) -> tuple[int, int]:
    return -version[0], -version[1]
