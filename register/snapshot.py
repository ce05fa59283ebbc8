"""What a process keeps in memory of one version of the directory."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

MOST_KEPT = 100_000
"""Pieces that a process keeps at most: the directory of a large region; some 60 MB."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a process has read of one version. Threads share it: a piece that two read at once is the same."""

    version: str
    kept: dict[Hashable, Any]


class SnapshotKeeper:
    """Holds the snapshot that a process used last."""

    def __init__(self) -> None:
        self._last = Snapshot("", {})

    def of(self, version: str) -> Snapshot:
        """Return the snapshot of a version."""
        last = self._last
        if last.version != version or len(last.kept) > MOST_KEPT:
            last = self._last = Snapshot(version, {})
        return last
