"""``fastkontakt config``: the settings in force."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import make_url

from fastkontakt.commands.options import Config
from fastkontakt.settings import Settings, load
from fastkontakt.showing import fact


def config(config: Config = None) -> None:
    """Print the settings in force, file and environment together, with secrets masked.

    Each line is a key and its value as TOML; a key that is not set stands as a comment.
    """
    for key, value in _flat(effective(load(config))):
        line = f"# {key} is not set" if value is None else f"{key} = {_toml(value)}"
        fact(key, value, line)


def effective(settings: Settings) -> dict[str, Any]:
    """Return the settings as a dict of plain values, with secrets masked."""
    values = settings.model_dump(mode="json")
    url = make_url(settings.database.url)
    values["database"]["url"] = url.render_as_string(hide_password=True)
    return values


def _toml(value: Any) -> str:
    """Write a value as TOML does: as JSON does, but for tables."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(name)} = {_toml(one)}' for name, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
