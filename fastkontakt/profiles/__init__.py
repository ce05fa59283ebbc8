"""The profiles that ship: for sources that regions commonly have, to be used as they are or copied."""

from pathlib import Path

from mapping.sources.profile import ProfileError

_FOLDER = Path(__file__).parent


def shipped() -> list[Path]:
    """Return the profiles that ship, by name."""
    return sorted(_FOLDER.glob("*.toml"))


def find(text: str) -> Path:
    """Return the profile that a command line names.

    Args:
        text: Path of a profile, or the name of one that ships. A file goes before a name.

    Raises:
        ProfileError: There is neither.
    """
    path, own = Path(text), _FOLDER / f"{text}.toml"
    if path.exists():
        return path
    if path.name == text and own.is_file():
        return own
    raise ProfileError(path, "", "there is no such file, nor does a profile of this name ship")
