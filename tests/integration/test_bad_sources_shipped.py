"""The samples of the shipped profiles, damaged: the file is named, and what is refused changes nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mapping.sources.profile import load_profile
from tests.integration.bad_sources import Place, errors, place
from tests.integration.shipped import contents, samples, shipped

__all__ = ["place"]


def _nul(content: bytes) -> bytes:
    at = content.index(b"\n", len(content) // 2)
    return content[:at] + b"\0" + content[at:]


def _noise(content: bytes) -> bytes:
    at = content.index(b"\n", len(content) // 2) + 1
    return content[:at] + b"\x81\xfe noise \xc3\n" + content[at:]


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _other_columns(content: bytes) -> bytes:
    header, _, rows = content.partition(b"\n")
    return header[::-1] + b"\n" + rows


Damage = Callable[[bytes], bytes]

TEXT: dict[str, Damage] = {"nul": _nul, "noise": _noise}
DAMAGES: dict[str, dict[str, Damage]] = {
    ".csv": {**TEXT, "columns": _other_columns},
    ".jsonl": TEXT,
    ".xlsx": {"cut": _cut, "emptied": lambda _content: b""},
    ".ldif": TEXT,
}
"""Ending of a file -> what is done to it."""

PROFILES = (
    "changes",
    "directory-csv",
    "directory-ldif",
    "home-care",
    "listing-upload",
    "patient-card",
    "population-register",
)
CASES = [
    (profile, file.name, damage)
    for profile in PROFILES
    for file in samples(profile)
    for damage in DAMAGES[file.suffix]
]


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_damaged_sample(place: Place, profile: str) -> None:
    for its_profile, name, damage in CASES:
        if its_profile != profile:
            continue
        files = [Path(shutil.copy(file, place.folder)) for file in samples(profile)]
        if load_profile(shipped(profile)).load.policy == "delta":
            files = [file for file in files if file.name == name]
        damaged = place.folder / name
        damaged.write_bytes(DAMAGES[damaged.suffix][damage](damaged.read_bytes()))
        before = contents(place.register)

        result = place.load(Path(profile), *files)

        case = f"{name}, {damage}: {result.output}"
        assert result.exit_code == 1, case
        assert any(error.startswith(name) for error in errors(result)), case
        assert contents(place.register) == before, case
