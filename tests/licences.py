"""The licences of what a release is made of, as a table, from its list of parts (CycloneDX)."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def table(parts: dict[str, Any]) -> str:
    """Return a table in Markdown of every part with its licences."""
    rows = sorted(_rows(parts), key=lambda row: row[0].lower())
    lines = [
        "| Part | Version | Licence |",
        "|---|---|---|",
        *("| " + " | ".join(row) + " |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


def _rows(parts: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for part in parts["components"]:
        found = []
        for one in part.get("licenses", []):
            licence = one.get("license", {})
            found.append(one.get("expression") or licence.get("id") or licence.get("name", ""))
        texts = dict.fromkeys(text.splitlines()[0] for text in found if text)
        yield part["name"], part.get("version", ""), "; ".join(texts) or "not said"


if __name__ == "__main__":
    sys.stdout.write(table(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
