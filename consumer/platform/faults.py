"""The platform's own Faults: its codes, what each says, how it is written (facts on RIV-TA, 2.6)."""

import csv
from functools import cache
from html import escape
from importlib.resources import files

from contracts.soap import NAMESPACE

STATUS = 500
"""HTTP status of each."""


class PlatformFault(Exception):
    """The platform answers with a Fault of its own.

    Attributes:
        code: Such as VP004.
        detail: What stands in detail; empty for none.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@cache
def _texts() -> dict[str, tuple[str, str]]:
    """Return code -> faultcode and sentence."""
    text = files("consumer.platform").joinpath("faults.csv").read_text("utf-8")
    return {row["code"]: (row["faultcode"], row["text"]) for row in csv.DictReader(text.splitlines())}


def written(code: str, instance: str, detail: str = "") -> bytes:
    """Return a Fault as bytes: code first in faultstring, then the instance, then the sentence.

    Args:
        code: Such as VP004.
        instance: Name of the installation.
        detail: Text of the one child of detail; none when it is empty.
    """
    kind, sentence = _texts()[code]
    inner = f"<detail><detailString>{escape(detail)}</detailString></detail>" if detail else ""
    return envelope(
        f"<soap:Fault><faultcode>soap:{kind}</faultcode>"
        f"<faultstring>{code} [{escape(instance)}] {escape(sentence)}</faultstring>{inner}</soap:Fault>"
    )


def envelope(content: str, header: str = "") -> bytes:
    """Return a SOAP 1.1 message with this in its Body, and this in its Header if there is any."""
    head = f"<soap:Header>{header}</soap:Header>" if header else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{NAMESPACE}">{head}'
        f"<soap:Body>{content}</soap:Body></soap:Envelope>"
    ).encode()
