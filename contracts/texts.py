"""Sentences a resident may read as resultText, in plain Swedish (carelisting TKB 2.1, resultText)."""

import tomllib
from functools import cache
from importlib.resources import files


def sentence(name: str, **values: str) -> str:
    """Return a sentence of ``texts.toml`` with its values filled in.

    Args:
        name: Its key in the file.
        values: What its braces stand for; never personal data.
    """
    return _sentences()[name].format(**values)


@cache
def _sentences() -> dict[str, str]:
    return tomllib.loads(files("contracts").joinpath("texts.toml").read_text("utf-8"))
