"""Names in the form they are sought in."""

import unicodedata

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})
"""Letters that Unicode does not take apart into a letter and an accent."""


def folded(name: str | None) -> str | None:
    """Return a name without letter case and accents, its words with single blanks; None where there is none.

    A hyphen is a blank and other signs are nothing: Åsa-Märta is found by asa marta, O'Brien by obrien.
    """
    if name is None:
        return None
    letters = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    spaced = "".join(" " if unicodedata.category(one) in ("Pd", "Zs", "Cc") else one for one in letters)
    kept = "".join(one for one in spaced if one.isalnum() or one == " ")
    return " ".join(kept.split()) or None
