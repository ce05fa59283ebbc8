"""What a load reads: the files that a profile's sections are for, and the queries of the others."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from mapping.sources import corrections
from mapping.sources.dates import RELATIVE
from mapping.sources.profile import Profile
from mapping.sources.readers import VALUES, Row, SourceError, Table, open_file, open_query
from mapping.sources.readers.sql import SILENCE_SECONDS
from mapping.sources.report import FileReport, LoadState
from mapping.sources.section import ProfileSection


@dataclass(frozen=True)
class Feed:
    """Files of one kind, or a query: what the same sections of a profile read.

    Attributes:
        sections: Position of each section in the profile -> the section, in their order.
        reports: One for each file, or the query.
    """

    profile: Profile
    sections: dict[int, ProfileSection]
    reports: list[FileReport]

    @property
    def name(self) -> str:
        """What tells the feed from the others of the profile."""
        return "|".join(f"{position}:{section.name}" for position, section in self.sections.items())

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        return tuple(dict.fromkeys(name for one in self.sections.values() for name in one.columns))

    @cached_property
    def optional(self) -> frozenset[str]:
        """Those of them that a file may lack."""
        needed = {name for one in self.sections.values() for name in set(one.columns) - one.optional}
        return frozenset(self.columns) - needed

    @property
    def separator(self) -> str:
        """What stands between the values of a cell with several, as the file has them."""
        return next(iter(self.sections.values())).format.several or " | "

    @cached_property
    def same_every_time(self) -> bool:
        """Whether a row makes the same records whenever it is read, so that once is enough."""
        for section in self.sections.values():
            dates = [section.format.dates, *(one.formats or () for one in section.fields.values())]
            if section.repeats or section.current or section.checks.wanted() or section.by_name:
                return False
            if any(RELATIVE in formats for formats in dates):
                return False
        return True

    @contextmanager
    def opened(self, report: FileReport) -> Iterator[Table]:
        """Open one of the files, or the query.

        Raises:
            SourceError: It cannot be read.
        """
        section = next(iter(self.sections.values()))
        form = section.format
        with ExitStack() as stack:
            if section.query is not None:
                table = stack.enter_context(open_query(self._url(), section.query, self._silence()))
            else:
                table = stack.enter_context(
                    open_file(
                        report.file,
                        kind=form.kind,
                        encoding=form.encoding,
                        delimiter=form.delimiter,
                        quote=form.quote,
                        header=form.header,
                        columns=form.columns,
                        sheet=form.sheet,
                        hidden=form.hidden,
                        wanted=self.columns,
                        optional=self.optional,
                        warn=report.warn,
                    )
                )
            table.positions(name for name in self.columns if name not in self.optional)
            if form.not_rows:
                table = replace(table, rows=_without_notes(table.rows, form.not_rows))
            lacking = [name for name in self.columns if name in self.optional and name not in table.columns]
            if lacking:
                rows = _filled_up(table.rows, len(lacking))
                table = replace(table, columns=(*table.columns, *lacking), rows=rows)
            yield replace(table, rows=_divided(table.rows, form.several)) if form.several else table

    def _silence(self) -> float:
        database = self.profile.database
        return SILENCE_SECONDS if database is None else database.silence_seconds

    def _url(self) -> str:
        database = self.profile.database
        if database is None or (database.url is None and database.url_from is None):
            raise SourceError(None, "the profile names no database")
        if database.url is not None:
            return database.url
        url = os.environ.get(str(database.url_from))
        if not url:
            raise SourceError(
                None,
                f"the environment variable {database.url_from} is not set; it must hold the database's URL",
            )
        return url


def _without_notes(rows: Iterator[Row], patterns: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows that are data: not totals, and not notes below them."""
    for row in rows:
        first = next((cell.strip().casefold() for cell in row.cells if cell.strip()), "")
        if not any(fnmatchcase(first, pattern.casefold()) for pattern in patterns):
            yield row


def _filled_up(rows: Iterator[Row], lacking: int) -> Iterator[Row]:
    for row in rows:
        row.cells = row.cells + [""] * lacking
        yield row


def _divided(rows: Iterator[Row], separator: str) -> Iterator[Row]:
    for row in rows:
        row.cells = [cell.replace(separator, VALUES) for cell in row.cells]
        yield row


def how_read(profile: Profile, *, check_digits: bool, keep_names: bool) -> str:
    """Return how the rows of a source are read: a text that is another one when they make other records."""
    described = [profile.model_dump(mode="json"), check_digits, keep_names, version("fastkontakt")]
    return sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def plan(profile: Profile, files: Sequence[Path]) -> list[Feed]:
    """Find out what a load reads, in the order of the profile's first section of each.

    Where the last of several rows counts, files come in the order of their names. A file that is for no
    section, or is given twice, is refused in its report; so is a load with policy full
    that lacks a file for a section. For corrected rows alone neither files nor queries are lacking.
    """
    adds = corrections.only(files)
    given = Counter(map(os.path.realpath, files))
    feeds: dict[tuple[int, ...], Feed] = {}

    def add(positions: tuple[int, ...], report: FileReport) -> None:
        sections = {position: profile.file[position] for position in positions}
        feeds.setdefault(positions, Feed(profile, sections, [])).reports.append(report)

    for file in dict.fromkeys(files):
        shown = "".join(letter if letter.isprintable() else "?" for letter in str(file))
        report = FileReport(Path(shown))
        if shown != str(file):  # a line break, a control of the terminal, bytes that are not UTF-8
            report.error(None, None, "the name or folder has characters that cannot be shown; rename it")
        positions = tuple(position for position, section in enumerate(profile.file) if section.matches(file))
        add(positions, report)
        if given[os.path.realpath(file)] > 1:
            report.error(None, None, "the file is given more than once")
        if not positions:
            names = ", ".join(dict.fromkeys(one.name for one in profile.file if one.query is None))
            report.error(None, None, f"the profile has no section for a file of this name; it has {names}")
        forms = [
            profile.file[position].format.model_dump(exclude={"dates", "nothing"}) for position in positions
        ]
        if any(form != forms[0] for form in forms):
            report.error(None, None, "the sections for this file read it in different ways; see their format")
        if report.errors:
            report.state = LoadState.REFUSED
    for position, section in enumerate(profile.file):
        if section.query is not None and not adds:
            add((position,), FileReport(Path(section.name)))
    ordered = [feeds[positions] for positions in sorted(feeds)]
    for feed in ordered:
        if any(section.repeats == "last" for section in feed.sections.values()):
            feed.reports.sort(key=lambda one: _by_number(one.file.name))
    if profile.load.policy == "full" and not adds:
        _check_all_there(profile, ordered)
    return ordered


def _by_number(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts names as a reader does: changes-9.csv comes before changes-10.csv."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", name)]


def _check_all_there(profile: Profile, feeds: list[Feed]) -> None:
    read = {position for feed in feeds for position in feed.sections}
    missing = [section.name for position, section in enumerate(profile.file) if position not in read]
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        report = feeds[0].reports[0] if feeds else FileReport(Path(missing[0]))
        report.error(
            None, None, f"with policy full every section needs a file, and there is none for {names}"
        )
        report.state = LoadState.REFUSED
        if not feeds:
            feeds.append(Feed(profile, {}, [report]))
