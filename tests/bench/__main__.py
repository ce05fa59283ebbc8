"""``python -m tests.bench``: measure loads of a whole region; docs/performance.md tells what and how.

``python -m tests.bench serving`` measures served calls beside servers that do less, and
``python -m tests.bench profile`` tells where the microseconds of a served call go.
"""

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text

from tests.bench import figures, profile, region, registers
from tests.bench.measuring import LoadFailed, measure_all, write_files
from tests.bench.serving import main as serving
from tests.databases import opened, postgresql_server


def main(arguments: Sequence[str] | None = None, *, copies: bool = False) -> int:
    """Measure, show the figures, and return 1 when something required was missed.

    Args:
        arguments: Those of the command line.
        copies: As with `measure_all`.
    """
    options = _options(arguments)
    try:
        with ExitStack() as stack:
            runs = _runs(stack, options, copies)
    except LoadFailed as failed:
        print(f"the load was refused:\n{failed}", file=sys.stderr)
        return 1
    figures.show(runs)
    if options.json:
        options.json.write_text(figures.as_json(runs), "utf-8")
    if options.write_docs:
        figures.write_docs(runs)
    return 0 if all(run.met for run in runs) else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_700_000, help="rows of the first file")
    parser.add_argument("--idle", type=float, default=30.0, help="seconds of calls before the load, twice")
    parser.add_argument("--per-second", type=float, default=20.0, help="calls of GetListing")
    parser.add_argument(
        "--postgresql",
        nargs="?",
        const="",
        metavar="URL",
        help="measure on PostgreSQL, too; without a URL on one that is started for it, with fsync off",
    )
    parser.add_argument("--folder", type=Path, help="where registers and files are kept meanwhile")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    parser.add_argument("--write-docs", action="store_true", help="write them to docs/performance.md")
    options = parser.parse_args(arguments)
    if not 200 <= options.rows <= region.MOST_ROWS:
        parser.error(f"--rows: 200 to {region.MOST_ROWS}, as there are no more fictional person numbers")
    return options


def _runs(stack: ExitStack, options: argparse.Namespace, copies: bool) -> list[figures.Run]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder)))
    files = write_files(folder, options.rows)

    def run(name: str, fresh: registers.Fresh) -> figures.Run:
        measures = measure_all(
            fresh,
            files,
            folder,
            idle_seconds=options.idle,
            per_second=options.per_second,
            copies=copies,
        )
        return figures.Run(name, options.rows, measures)

    runs = [run(f"SQLite {sqlite3.sqlite_version}", registers.on_sqlite(folder, options.rows))]
    if options.postgresql is not None:
        url = options.postgresql or stack.enter_context(postgresql_server())
        with opened(url) as register, register.reading() as connection:
            version = connection.execute(text("SHOW server_version")).scalar_one().split()[0]
            durable = connection.execute(text("SHOW fsync")).scalar_one()
        name = f"PostgreSQL {version} (fsync {durable})"
        runs.append(run(name, registers.on_postgresql(url, options.rows)))
    return runs


_OTHERS = {"profile": profile.main, "serving": serving.main}
"""What is measured beside loads, by the first word of the command line."""


def _chosen(arguments: Sequence[str]) -> int:
    """Measure what the first word names, loads where it is an option, and both where there is nothing."""
    if not arguments:
        return max(main([]), serving.main([]))
    if arguments[0] in _OTHERS:
        return _OTHERS[arguments[0]](arguments[1:])
    return main(arguments)


if __name__ == "__main__":
    sys.exit(_chosen(sys.argv[1:]))
