"""The table of licences that goes with a release."""

from tests.licences import table


def test_every_part_is_there_with_its_licences() -> None:
    parts = {
        "components": [
            {"name": "zeep", "version": "4.3", "licenses": [{"license": {"id": "MIT"}}]},
            {"name": "Alembic", "version": "1.16", "licenses": [{"expression": "MIT OR Apache-2.0"}]},
            {
                "name": "long",
                "version": "1",
                "licenses": [{"license": {"name": "BSD\nand its whole text"}}] * 2,
            },
            {"name": "silent", "version": "1"},
        ]
    }
    assert table(parts).splitlines()[2:] == [
        "| Alembic | 1.16 | MIT OR Apache-2.0 |",
        "| long | 1 | BSD |",
        "| silent | 1 | not said |",
        "| zeep | 4.3 | MIT |",
    ]
