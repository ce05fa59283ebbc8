"""Letters in one spelling: Unicode's composed form, NFC (Unicode Standard Annex 15).

An å may also be written as an a and a ring, as some systems and file names have it (NFD). The two look alike
and are different texts, so everything that comes in is brought into the one form at its door.
"""

from typing import Any
from unicodedata import normalize


def nfc(text: str) -> str:
    """Return a text in composed form."""
    return text if text.isascii() else normalize("NFC", text)


def nfc_all(data: Any) -> Any:
    """Return tables, lists and texts as TOML and JSON have them, all texts and keys in composed form."""
    match data:
        case str():
            return nfc(data)
        case dict():
            return {nfc_all(key): nfc_all(value) for key, value in data.items()}
        case list() | tuple():
            return [nfc_all(one) for one in data]
    return data
