"""Settings: file and environment, and what a mistake in them looks like."""

from pathlib import Path

import pytest

from contracts.codes import ActorType
from fastkontakt.commands.config import effective
from fastkontakt.settings import SettingsError, load
from listings.settings import RegionSettings, Visibility


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FASTKONTAKT_CONFIG", raising=False)


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "[server]\nport = 9000\nhost = '0.0.0.0'\n[regions.14]\nname = 'fil'\n")
    monkeypatch.setenv("FASTKONTAKT_SERVER__PORT", "9001")
    monkeypatch.setenv("FASTKONTAKT_REGIONS__14__NAME", "Västra Götaland")
    monkeypatch.setenv("FASTKONTAKT_ACCESS__CONSUMERS", '["SE2321000131-1177"]')

    settings = load(path)

    assert (settings.server.port, settings.server.host) == (9001, "0.0.0.0")  # noqa: S104 - a setting, not a bind
    assert settings.regions["14"].name == "Västra Götaland"
    assert settings.access.consumers == ("SE2321000131-1177",)


def test_file_is_found_by_variable_and_by_its_usual_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fastkontakt.toml").write_text("[server]\nport = 1111\n")
    assert load().server.port == 1111

    monkeypatch.setenv("FASTKONTAKT_CONFIG", str(write(tmp_path, "[server]\nport = 2222\n")))
    assert load().server.port == 2222


def test_without_file_the_defaults_hold() -> None:
    assert load().server.port == 8080


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[server]\nprot = 1\n", "server.prot"),
        ("[server]\nport = 'many'\n", "server.port"),
        ("[server]\nport = 70000\n", "server.port"),
        ("[srever]\nport = 1\n", "srever"),
        ("[regions.15]\n", "regions.15"),
        ("[regions.14]\nnam = 'x'\n", "regions.14.nam"),
        ("[regions.14.visibility]\nDOG = 'all'\n", "regions.14.visibility.DOG"),
        ("[regions.14.visibility]\nCITIZEN = 'some'\n", "regions.14.visibility.CITIZEN"),
        ("[care_managers]\n", "care_managers.source_system_id"),
        ("[care_managers]\nsource_system_id = 'x'\n", "care_managers.source_system_id"),
        ("[demo]\ntechnical_error_person = '191212129999'\n", "demo.technical_error_person"),
        ("[call]\nendpoint = 'ftp://x'\n", "call.endpoint"),
    ],
)
def test_a_mistake_in_the_file_is_one_line_that_names_the_key(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(write(tmp_path, text))
    lines = str(error.value).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(key)


def test_an_unknown_key_is_told_its_neighbours(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="unknown setting; here there are: host, keep_alive_seconds"):
        load(write(tmp_path, "[server]\nprot = 1\n"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FASTKONTAKT_SERVR__PORT", "1", "FASTKONTAKT_SERVR__PORT: no section 'servr'"),
        ("FASTKONTAKT_SERVER__PROT", "1", "server.prot: unknown setting"),
        ("FASTKONTAKT_ACCESS__CONSUMERS", "not json", "access"),
    ],
)
def test_a_mistake_in_the_environment_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=said):
        load()


def test_a_file_that_is_missing_or_no_toml_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no settings file"):
        load(tmp_path / "nowhere.toml")
    with pytest.raises(SettingsError, match="is not TOML"):
        load(write(tmp_path, "port ="))


def test_passwords_are_masked(tmp_path: Path) -> None:
    settings = load(write(tmp_path, "[database]\nurl = 'postgresql://fk:hemligt@db/fk'\n"))

    assert effective(settings)["database"]["url"] == "postgresql://fk:***@db/fk"
    assert "hemligt" not in repr(settings)


@pytest.mark.parametrize("actor", list(ActorType))
def test_setting_one_actors_visibility_leaves_the_others_as_they_were(actor: ActorType) -> None:
    region = RegionSettings(visibility={ActorType.CITIZEN: Visibility.NONE})
    expected = {ActorType.CITIZEN: Visibility.NONE, ActorType.PRIVATE_CAREGIVER: Visibility.OWN}
    assert region.sees(actor) is expected.get(actor, Visibility.ALL)
