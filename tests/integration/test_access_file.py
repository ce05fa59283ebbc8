"""When `[access]` is read again: what has changed, once it is whole, and nothing that cannot be used."""

import os
import time
from pathlib import Path

import pytest

from fastkontakt.access_file import SETTLED_SECONDS, rereader
from fastkontakt.settings import load
from producer.access import Reread
from producer.callers import AccessError

SECRET = "0123456789abcdef" * 4


def write(file: Path, text: str, *, seconds_ago: float = 60) -> None:
    """Write a file as if some time ago."""
    file.write_text(text, "utf-8")
    when = time.time() - seconds_ago
    os.utime(file, (when, when))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    write(path, "[access]\nconsumers = ['SE1-A']\n", seconds_ago=120)
    return path


@pytest.fixture
def reread(file: Path) -> Reread:
    return rereader(file, load(file).access)


def test_what_has_not_changed_is_not_read(reread: Reread) -> None:
    assert [reread() for _ in range(3)] == [None] * 3


def test_what_has_changed_is_read_once(file: Path, reread: Reread) -> None:
    write(file, "[access]\nconsumers = ['SE1-B']\n[server]\nport = 1\n")
    found = reread()
    assert found is not None
    assert found.consumers == ("SE1-B",)
    assert reread() is None


def test_a_file_put_in_its_place(file: Path, reread: Reread) -> None:
    other = file.with_name("new")
    write(other, "[access]\nconsumers = ['SE1-B']\n", seconds_ago=120)
    other.rename(file)
    assert reread() is not None


def test_one_that_was_written_this_moment_waits_until_it_stays_as_it_is(file: Path, reread: Reread) -> None:
    write(file, "[access]\n", seconds_ago=-SETTLED_SECONDS)
    assert reread() is None
    write(file, "[access]\nconsumers = ['SE1-B']\nhidden_units = {SE1-B = ['SE1-C']}\n", seconds_ago=-2)
    assert reread() is None
    found = reread()
    assert found is not None
    assert found.hidden_units == {"SE1-B": ("SE1-C",)}


@pytest.mark.parametrize("text", ["[access]\nconsumer = 1\n", "[access", "[regions.99]\n"])
def test_what_cannot_be_used_is_told_once_and_mended(file: Path, reread: Reread, text: str) -> None:
    write(file, text)
    with pytest.raises(AccessError, match=str(file)):
        reread()
    assert reread() is None
    write(file, "[access]\nconsumers = ['SE1-B']\n", seconds_ago=30)
    assert reread() is not None


def test_a_file_that_is_gone(file: Path, reread: Reread) -> None:
    file.unlink()
    with pytest.raises(AccessError, match="there is no settings file"):
        reread()
    write(file, "[access]\nconsumers = ['SE1-B']\n")
    assert reread() is not None


def test_another_secret_is_a_change(file: Path) -> None:
    secret, other = file.with_name("secret"), file.with_name("other")
    write(secret, SECRET, seconds_ago=120)
    write(other, SECRET, seconds_ago=120)
    text = "[access.proxy]\naddresses = ['::1']\nsecret_file = '{}'\n"
    write(file, text.format(secret), seconds_ago=120)
    reread = rereader(file, load(file).access)
    write(secret, SECRET[::-1])
    assert reread() is not None
    write(file, text.format(other))
    assert reread() is not None
    write(secret, SECRET)
    assert reread() is None  # it is no longer the one
    write(other, SECRET[::-1])
    assert reread() is not None


def test_without_a_file_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FASTKONTAKT_CONFIG", raising=False)
    assert rereader(None, load().access)() is None
