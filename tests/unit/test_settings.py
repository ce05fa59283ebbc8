"""Settings: file and environment, and what a mistake in them looks like."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.codes import ActorType
from fastkontakt.cli import app
from fastkontakt.commands.config import effective
from fastkontakt.settings import SettingsError, load
from listings.settings import RegionSettings, Visibility, kept_up, led_elsewhere


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
    with pytest.raises(SettingsError, match="unknown setting; here there are: .*, host, keep_alive_seconds"):
        load(write(tmp_path, "[server]\nprot = 1\n"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FASTKONTAKT_SERVR__PORT", "1", "FASTKONTAKT_SERVR__PORT: no section 'servr'"),
        ("FASTKONTAKT_SERVER__PROT", "1", "server.prot: unknown setting"),
        ("FASTKONTAKT_ACCESS__CONSUMERS", "not json", "FASTKONTAKT_ACCESS or one below it cannot be read"),
        ("FASTKONTAKT_SERVER__PORT", "high", "server.port: expected a whole number"),
        ("FASTKONTAKT_SERVER__PORT", "70000", "server.port: must be at most 65535"),
        ("FASTKONTAKT_LOG__LEVEL", "loud", "log.level: expected 'debug', 'info', 'warning' or 'error'"),
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


_SYSTEM = "[regions.14.listing_system]\nendpoint = 'https://lista.example.se'\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[regions.14]\nmode = 'forward'\n", "mode is forward without listing_system.endpoint; set it"),
        (
            "[regions.14]\nmode = 'forward'\n[regions.14.listing_system]\n",
            ".listing_system.endpoint: must be set",
        ),
        (
            f"[regions.14]\nmode = 'forward'\n{_SYSTEM}answer_seconds = 26\n",
            ".listing_system.answer_seconds: must be at most 25",
        ),
        (f"[regions.14]\n{_SYSTEM}", "listing_system is set and mode is register; set mode to forward"),
        (f"[regions.14]\nmode = 'mirror'\n{_SYSTEM}", "listing_system is set and mode is mirror"),
        ("[regions.14]\nconfirm_days = 1\n", "confirm_days is set and mode is register; set mode to mirror"),
        (f"[regions.14]\nmode = 'forward'\nconfirm_days = 1\n{_SYSTEM}", "confirm_days is set and mode is f"),
        ("[regions.14]\nmode = 'mirror'\nupkeep = true\n", "upkeep is true and mode is mirror"),
        (f"[regions.14]\nmode = 'forward'\nupkeep = true\n{_SYSTEM}", "upkeep is true and mode is forward"),
        ("[regions.14]\nmode = 'both'\n", ".mode: expected 'register', 'forward' or 'mirror'"),
    ],
)
def test_what_contradicts_the_mode_is_refused_by_its_name(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(write(tmp_path, text))
    (line,) = str(error.value).splitlines()
    assert line.startswith("regions.14")
    assert said in line


@pytest.mark.parametrize(
    ("text", "led", "kept"),
    [
        ("[regions.14]\n", False, True),
        ("[regions.14]\nupkeep = false\n", False, False),  # as before there were modes
        ("[regions.14]\nmode = 'mirror'\n", True, False),
        ("[regions.14]\nmode = 'mirror'\nupkeep = false\nconfirm_days = 0\n", True, False),
        (f"[regions.14]\nmode = 'forward'\n{_SYSTEM}", True, False),
    ],
)
def test_the_mode_says_who_leads_and_who_does_upkeep(
    tmp_path: Path, text: str, led: bool, kept: bool
) -> None:
    regions = load(write(tmp_path, text)).regions
    assert (bool(led_elsewhere(regions)), bool(kept_up(regions))) == (led, kept)


def test_a_listing_system_can_be_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTKONTAKT_REGIONS__14__MODE", "forward")
    monkeypatch.setenv("FASTKONTAKT_REGIONS__14__LISTING_SYSTEM__ENDPOINT", "http://127.0.0.1:1")
    system = load().regions["14"].listing_system
    assert system is not None
    assert (system.endpoint, system.logical_address, system.answer_seconds) == (
        "http://127.0.0.1:1",
        None,
        20,
    )


@pytest.mark.parametrize("actor", list(ActorType))
def test_setting_one_actors_visibility_leaves_the_others_as_they_were(actor: ActorType) -> None:
    region = RegionSettings(visibility={ActorType.CITIZEN: Visibility.NONE})
    own = {ActorType.GUARDIAN: Visibility.OWN, ActorType.PRIVATE_CAREGIVER: Visibility.OWN}
    expected = {ActorType.CITIZEN: Visibility.NONE} | own
    assert region.sees(actor) is expected.get(actor, Visibility.ALL)


def test_what_config_prints_can_be_read_as_settings_again(tmp_path: Path) -> None:
    text = (
        "[access]\nplatforms = ['SE1-VP']\nhidden_units = {SE1-A = ['SE1-B']}\n"
        "[[access.rules]]\nconsumers = ['SE1-A']\ncontracts = ['GetListing', 'changes']\n"
        "[[access.rules]]\nconsumers = ['SE1-B', 'SE1-C']\ncontracts = ['UpdateListing']\n"
        "logical_addresses = ['14']\n[access.visibility.SE1-A]\nREGION = 'none'\n"
    )
    path = write(tmp_path, text)
    done = CliRunner().invoke(app, ["config", "--config", str(path)])
    assert done.exit_code == 0
    again = load(write(tmp_path, done.stdout))
    assert again.access.rules[1].logical_addresses == ("14",)
    path.write_text(text)
    assert again.model_dump() == load(path).model_dump()
