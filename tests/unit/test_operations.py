"""docs/operations.md, for a person on call: every metric, alert, part and serious event is there."""

import re
from pathlib import Path

import yaml

from producer.monitoring.metrics import COUNTED, READ

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def rows(pattern: str, text: str = PAGE) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = re.findall(pattern, text, re.MULTILINE)
    return found


def test_every_metric_is_there_with_what_it_is() -> None:
    table = rows(r"^\| `(fastkontakt_\w+)` \| .*? \| (.+) \|$")
    assert table == list({**COUNTED, **READ}.items())


def test_every_alert_is_there_with_its_severity_and_what_to_do() -> None:
    groups = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"]
    known = [(rule["alert"], rule["labels"]["severity"]) for group in groups for rule in group["rules"]]
    assert rows(r"^\| `(Fastkontakt\w+)` \| (page|ticket) \| [^|]+ \| [^|]+ \|$") == known


def test_every_event_of_level_warning_or_error_is_there_with_what_to_do() -> None:
    logging = (ROOT / "docs" / "logging.md").read_text("utf-8")
    serious = [name for name, _ in rows(r"^\| `(\w+)` \| (warning|error) \|", logging)]
    section = PAGE.partition("### Log events")[2].partition("\n### ")[0]
    assert sorted(name for name, _ in rows(r"^\| `(\w+)` \| ([^|]+) \|$", section)) == sorted(serious)


def test_every_part_that_readiness_looks_at_is_there() -> None:
    source = (ROOT / "fastkontakt" / "monitoring.py").read_text("utf-8")
    parts = re.findall(r'"(\w+)": self\._look_at_\w+', source)
    assert parts
    table = PAGE.partition("| Part |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == parts


def test_the_pages_it_stands_upon_are_linked() -> None:
    for page in ("logging.md", "faults.md", "load-messages.md", "outbox.md", "engagement-index.md"):
        assert f"({page})" in PAGE
