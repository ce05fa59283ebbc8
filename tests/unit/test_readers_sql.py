"""Queries: rows of databases to texts, read and never written."""

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from mapping.sources.readers import VALUES, Row, SourceError, open_query
from tests.databases import own_schema


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    path = tmp_path / "journal % #1.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE listning (pnr TEXT, antal)")
    connection.executemany("INSERT INTO listning VALUES (?, ?)", [("a%", 1), ("b:x", None)])
    connection.commit()
    connection.close()
    return f"sqlite:///{path}"


def read(url: str, query: str) -> tuple[tuple[str, ...], list[Row]]:
    with open_query(url, query) as table:
        assert table.done() is None
        return table.columns, list(table.rows)


def refused(url: str, query: str = "SELECT 1") -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(url, query)
    return caught.value


class TestSqlite:
    def test_rows(self, sqlite: str) -> None:
        assert read(sqlite, "SELECT pnr AS person, antal FROM listning ORDER BY 1") == (
            ("person", "antal"),
            [Row(1, ["a%", "1"]), Row(2, ["b:x", ""])],
        )

    def test_colons_and_percent_signs_are_no_parameters(self, sqlite: str) -> None:
        query = "SELECT pnr FROM listning WHERE pnr LIKE '%:x' OR pnr = ' :x' OR pnr LIKE 'a%'"
        assert len(read(sqlite, query)[1]) == 2

    def test_values(self, sqlite: str) -> None:
        assert read(sqlite, "SELECT 1.5, 2.0, 195709263080, 'Åsa', NULL, x'00'")[1] == [
            Row(1, [], "the row holds a bytes, which is no text, number or date")
        ]
        assert read(sqlite, "SELECT 1.5, 2.0, 195709263080, 'Åsa'")[1] == [
            Row(1, ["1.5", "2", "195709263080", "Åsa"])
        ]

    @pytest.mark.parametrize(
        "query",
        [
            "DELETE FROM listning",
            "INSERT INTO listning VALUES ('c', 3)",
            "DROP TABLE listning",
            "DELETE FROM listning RETURNING pnr",
        ],
    )
    def test_nothing_is_written(self, sqlite: str, query: str) -> None:
        assert "attempt to write a readonly database" in refused(sqlite, query).reason
        assert len(read(sqlite, "SELECT * FROM listning")[1]) == 2

    @pytest.mark.parametrize(
        ("query", "reason"),
        [
            ("SELECT * FROM okand", "the query failed: OperationalError: no such table: okand"),
            ("SELEKT 1", 'the query failed: OperationalError: near "SELEKT": syntax error'),
            ("PRAGMA user_version=0; SELECT 1", "the query failed: ProgrammingError"),
            ("ATTACH ':memory:' AS x", "the query gives no rows; it must be a SELECT"),
        ],
    )
    def test_a_query_that_fails(self, sqlite: str, query: str, reason: str) -> None:
        error = refused(sqlite, query)
        assert error.line is None
        assert error.reason.startswith(reason)

    def test_a_query_that_breaks_off_tells_the_row_and_no_value(self, sqlite: str) -> None:
        query = "SELECT pnr FROM listning UNION ALL SELECT CAST(x'6865ff' AS TEXT)"
        with open_query(sqlite, query) as table:
            assert [next(table.rows).line, next(table.rows).line] == [1, 2]
            with pytest.raises(SourceError) as caught:
                next(table.rows)
        assert str(caught.value) == "line 3: the database broke the query off: OperationalError"

    def test_no_such_file(self, tmp_path: Path) -> None:
        path = tmp_path / "no.sqlite3"
        assert refused(f"sqlite:///{path}").reason == f"database.url: there is no file {path}"
        assert not path.exists()

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        path = tmp_path / "file.sqlite3"
        path.write_bytes(b"A;B\n" * 1000)
        assert "file is not a database" in refused(f"sqlite:///{path}", "SELECT * FROM x").reason


def test_a_sqlite_query_that_does_not_end_is_given_up(sqlite: str) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with (
        pytest.raises(SourceError, match="interrupted|OperationalError"),
        open_query(sqlite, endless, 0.3) as table,
    ):
        list(table.rows)


class TestPostgresql:
    @pytest.fixture
    def database(self, postgresql: str) -> Iterator[str]:
        with own_schema(postgresql) as url:
            yield url

    def test_values(self, database: str) -> None:
        query = """
            SELECT true, 5.00::numeric, 1.5::numeric, date '2026-02-03',
                timestamp '2026-02-03 08:05:06.7', timestamptz '2026-02-03 08:05+00', time '08:05',
                array['a', NULL, 'b'], NULL, 'infinity'::float8
        """
        assert read(database, query)[1] == [
            Row(
                1,
                [
                    "true",
                    "5",
                    "1.5",
                    "2026-02-03",
                    "2026-02-03T08:05:06",
                    "2026-02-03T09:05:00",
                    "08:05:00",
                    f"a{VALUES}b",
                    "",
                    "inf",
                ],
            )
        ]

    def test_a_server_that_is_silent_is_given_up(self, database: str) -> None:
        with (
            pytest.raises(SourceError, match="OperationalError"),
            open_query(database, "SELECT pg_sleep(60)", 0.5) as table,
        ):
            list(table.rows)

    def test_what_takes_longer_in_all_is_not(self, database: str) -> None:
        query = "SELECT pg_sleep(0.4)::text FROM generate_series(1, 2)"
        with open_query(database, query, 30) as table:
            assert len(list(table.rows)) == 2

    def test_a_document_is_no_text(self, database: str) -> None:
        assert read(database, """SELECT '{"a": 1}'::jsonb""")[1][0].fault == (
            "the row holds a dict, which is no text, number or date"
        )

    def test_rows_come_as_a_stream(self, database: str) -> None:
        # As a whole, the result would be some 100 GB.
        query = "SELECT generate_series(1, 100000000), repeat('x', 1000)"
        with open_query(database, query) as table:
            assert [next(table.rows).cells[0] for _ in range(2500)] == [str(n + 1) for n in range(2500)]

    @pytest.mark.parametrize(
        "query",
        [
            "DELETE FROM listning",
            "DELETE FROM listning RETURNING *",
            "WITH gone AS (DELETE FROM listning RETURNING *) SELECT * FROM gone",
            "SELECT nextval('raknare')",
        ],
    )
    def test_nothing_is_written(self, database: str, query: str) -> None:
        engine = create_engine(make_url(database))
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE listning AS SELECT 1 AS a"))
            connection.execute(text("CREATE SEQUENCE raknare"))
        engine.dispose()
        refused(database, query)
        assert len(read(database, "SELECT * FROM listning")[1]) == 1

    def test_a_message_repeats_no_value(self, database: str) -> None:
        error = refused(database, "SELECT pnr::int FROM (VALUES ('1'), ('Lööf')) AS r(pnr)")
        assert "Lööf" not in str(error)
        assert "InvalidTextRepresentation" in error.reason

    def test_a_query_that_fails(self, database: str) -> None:
        assert refused(database, "SELECT * FROM okand").reason == (
            'the query failed: UndefinedTable: relation "okand" does not exist'
        )

    def test_no_answer(self, database: str) -> None:
        error = refused("postgresql://anna:hemligt@127.0.0.1:1/journal?connect_timeout=2")
        assert "the database does not answer: OperationalError" in error.reason
        assert "hemligt" not in str(error)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("hemligt", "database.url is no URL of a database, such as postgresql://host/name"),
        ("postgresql://anna:hemligt@host:port/x", "database.url is no URL of a database"),
        (
            "mysql://anna:hemligt@host/x",
            "database.url: mysql cannot be read; there are sqlite, postgresql, mssql, oracle",
        ),
        ("sqlite://", "database.url: name a file, as in sqlite:////srv/ehr.sqlite3"),
    ],
)
def test_databases_that_cannot_be_read(url: str, reason: str) -> None:
    error = refused(url)
    assert reason in error.reason
    assert "hemligt" not in str(error)


@pytest.mark.parametrize(
    ("url", "driver", "extra"),
    [("mssql", "pyodbc", "sqlserver"), ("oracle", "oracledb", "oracle")],
)
def test_a_driver_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, url: str, driver: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, driver, None)
    error = refused(f"{url}://anna:hemligt@host/x")
    assert f"the driver of {url} is not installed; install fastkontakt[{extra}]" in error.reason
    assert "hemligt" not in str(error)
