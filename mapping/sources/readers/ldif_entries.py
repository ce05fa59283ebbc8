"""The blocks of lines of an LDIF file: unfolded, with nothing kept but what somebody wants to read."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mapping.sources.readers.table import SourceError
from mapping.sources.readers.text import SourceText, lines

LONGEST_ENTRY = 20_000_000
"""Characters of what is read of an entry, at which the file is refused."""

MOST_VALUES = 50_000
"""Values that are read of an entry, beyond which it is at fault: no unit and no person has as many."""


@dataclass(slots=True)
class Entry:
    """What is kept of a block of lines between blank ones.

    Attributes:
        line: Number of its first line.
        first: Name at its beginning, in lower case: ``dn`` of an entry.
        kept: The lines that are read, unfolded.
        fault: Why it cannot be read.
    """

    line: int
    first: str
    kept: list[tuple[int, str]] = field(default_factory=list)
    fault: str | None = None


def entries(text: SourceText, wanted: frozenset[str]) -> Iterator[Entry]:
    """Yield what is between blank lines: comments and the line that tells the version are not.

    The lines of attributes that nobody wants are let go as they come: photos, certificates, members.
    """
    read = frozenset(name.partition(";")[0] for name in wanted) | {"dn", "changetype", "search", "result"}
    entry: Entry | None = None
    folded: list[str] = []  # a line that is kept, and what continues it
    passing = False  # over the continuation of a line that is not kept
    start = size = 0

    def close() -> None:
        if folded and entry is not None:
            entry.kept.append((start, "".join(folded)))
        folded.clear()

    for number, line in lines(text):
        if line.startswith(" ") and (folded or passing):
            if passing:
                continue
            folded.append(line[1:])
        else:
            close()
            if not line:
                if entry is not None:
                    yield entry
                entry, size, passing = None, 0, False
                continue
            name, colon, _ = line.partition(":")
            name = name.strip().lower()
            if line.startswith("#") or (entry is None and name == "version"):
                passing = True
                continue
            if entry is None:
                entry = Entry(number, name)
            if not colon and any("\udc80" <= one <= "\udcff" for one in line):
                reason = "the line is no text in the profile's encoding; set encoding, or copy the file again"
                raise SourceError(number, reason)
            # What has no colon may be the rest of the attribute before it, or may not: see _values.
            kept = name.partition(";")[0] in read if colon else not passing
            passing = not kept
            if passing:
                continue
            if len(entry.kept) > MOST_VALUES:
                entry.fault = f"the entry has over {MOST_VALUES} values in attributes that are read"
                passing = True
                continue
            folded.append(line)
            start = number
        size += len(line)
        if size > LONGEST_ENTRY:
            raise SourceError(
                number, f"the entry has over {LONGEST_ENTRY} characters; are blank lines missing?"
            )
    close()
    if entry is not None:
        yield entry
