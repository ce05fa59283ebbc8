"""The table of commands, and that of foreseen errors: what they name is there."""

from importlib import import_module

import pytest

from fastkontakt.cli import _FORESEEN, COMMANDS, loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_with_the_beginning_of_its_own_help(name: str) -> None:
    first = loaded(name).help.partition("\n\n")[0].replace("\n", " ")

    assert COMMANDS[name].help == first


@pytest.mark.parametrize("name", _FORESEEN)
def test_a_foreseen_error_is_one(name: str) -> None:
    module, _, error = name.rpartition(".")

    assert issubclass(getattr(import_module(module), error), Exception)
