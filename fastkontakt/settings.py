"""All settings: one TOML file, with environment variables going before it.

Every section is declared where it is used; here they meet. `FASTKONTAKT_` plus the key in capitals, with two
underscores for each dot, overrides the file: ``server.port`` is ``FASTKONTAKT_SERVER__PORT``.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError as SourceError

from consumer.portal.settings import PortalSettings
from consumer.settings import CallSettings, IndexSettings, OutboxSettings
from contracts.field_errors import in_words
from contracts.fields import Section
from producer.monitoring.settings import MonitoringSettings
from producer.settings import ProducerSettings
from register.settings import AuditSettings, RegisterSettings, ResidentSettings

PREFIX = "FASTKONTAKT_"
CONFIG_VARIABLE = "FASTKONTAKT_CONFIG"
"""Environment variable with the path of the settings file, for when --config is not given."""

DEFAULT_FILE = Path("fastkontakt.toml")
"""The settings file that is read when no other is named and it exists."""

_DEMO = Path(__file__).parent / "demo"

SHIPPED = {"demo": _DEMO / "fastkontakt.toml", "demo-suites": _DEMO / "suites.toml"}
"""Settings files that come with the program, by the name that stands for the path (docs/demo-data.md)."""

_NOT_SETTINGS = frozenset({CONFIG_VARIABLE, "FASTKONTAKT_TEST_PG_URL"})


class SettingsError(Exception):
    """Settings that cannot be used. The text has one line per problem, each naming the key."""


class SchemaSettings(Section):
    """Section ``[schemas]``: which schemas messages are checked against."""

    path: Path | None = Field(
        None,
        description="Folder with unpacked official release packages to use instead of our own schemas.",
    )


class LogSettings(Section):
    """Section ``[log]``: what is logged and how."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level to log.")
    format: Literal["keyvalue", "json", "ecs"] = Field(
        "keyvalue",
        description="One line per event in this form: key=value, JSON with the same keys, or JSON with the "
        "names that the national platform (VP) gives its fields, Elastic Common Schema (docs/logging.md).",
    )


class Settings(ProducerSettings, BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    database: RegisterSettings = RegisterSettings()
    residents: ResidentSettings = ResidentSettings()
    audit: AuditSettings = AuditSettings()
    schemas: SchemaSettings = SchemaSettings()
    call: CallSettings = CallSettings()
    outbox: OutboxSettings = OutboxSettings()
    index: IndexSettings = IndexSettings()
    portal: PortalSettings = PortalSettings()
    log: LogSettings = LogSettings()
    monitoring: MonitoringSettings = MonitoringSettings()


def load(path: Path | None = None) -> Settings:
    """Read the settings.

    Args:
        path: The file; None means the one in FASTKONTAKT_CONFIG, else ``fastkontakt.toml`` where there is
            one, else none at all.

    Raises:
        SettingsError: The file cannot be read or a setting is wrong.
    """
    path = file_in_use(path)
    if path is not None and not path.is_file():
        raise SettingsError(f"there is no settings file {path}; the demo's is named demo")
    _check_variables()

    class Sources(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path))

    try:
        return Sources()
    except ValidationError as error:
        where = f" (from {path} and the environment)" if path else " (from the environment)"
        raise SettingsError("\n".join(_line(one) + where for one in error.errors())) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}") from None
    except SourceError as error:
        raise SettingsError(f"environment: {_unread(error)}") from None


def file_in_use(path: Path | None) -> Path | None:
    """Return the settings file: the one given, or the one that `load` finds; None where there is none.

    A name of `SHIPPED` stands for that file, unless a file is called so.
    """
    named = path or os.environ.get(CONFIG_VARIABLE)
    if named:
        file = Path(named)
        return file if file.is_file() else SHIPPED.get(str(named), file)
    return DEFAULT_FILE if DEFAULT_FILE.is_file() else None


def _check_variables() -> None:
    """Refuse a variable that means to set something and does not, as a misspelt one."""
    for name in os.environ:
        if not name.startswith(PREFIX) or name in _NOT_SETTINGS:
            continue
        section = name.removeprefix(PREFIX).split("__")[0].lower()
        if section not in Settings.model_fields:
            known = ", ".join(sorted(Settings.model_fields))
            raise SettingsError(f"environment variable {name}: no section {section!r}; there are: {known}")


def _line(error: ErrorDetails) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = ", ".join(_known_keys(error["loc"][:-1]))
        return f"{key}: unknown setting; here there are: {known}"
    return f"{key}: {in_words(error)}"


def _unread(error: SourceError) -> str:
    """Say which variable holds something else than the JSON that a list or a section is written in."""
    field = re.search(r'field "([^"]+)"', str(error))
    name = f"{PREFIX}{field[1].upper()}" if field else "a variable"
    return f"{name} or one below it cannot be read: a list or a section is written as JSON"


def _known_keys(section: tuple[int | str, ...]) -> list[str]:
    """Return the keys of a section, found by walking the models from the top."""
    model: type[BaseModel] = Settings
    for part in section:
        field = model.model_fields.get(str(part))
        if field is None:  # a key of a mapping, such as a county: the model is already the mapping's
            continue
        kinds = [field.annotation, *get_args(field.annotation)]
        model = next(one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel))
    return sorted(model.model_fields)
