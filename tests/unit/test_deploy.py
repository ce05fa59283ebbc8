"""The files of deploy/: what can be told of them without the machines they are for."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fastkontakt.settings import Settings, load
from producer.monitoring.metrics import COUNTED, READ
from tests.unit.test_docs import commands, log_events, settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PROGRAM = "/opt/fastkontakt/bin/fastkontakt"

PUT_THERE = {"secrets", "certificates"}
"""What is mounted and not looked at here: the operator's secrets and certificates."""


def tool(name: str, package: str) -> str:
    """Return the path of a program of a Debian package; without it the test is skipped, but never in CI."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing; install Debian's package {package}")
        pytest.skip(f"{name} is missing; install Debian's package {package}")
    return found


def ran(program: str, *arguments: str, cwd: Path) -> str:
    done = subprocess.run(  # noqa: S603 - Debian's own programs
        [program, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# Settings and commands -------------------------------------------------------------------------------


def test_the_settings_can_be_used() -> None:
    found = load(DEPLOY / "fastkontakt.toml")
    assert found.monitoring.port == 9108
    assert found.log.format == "ecs"


def variables() -> Iterator[str]:
    """Yield every variable of ours that a file of deploy/ sets."""
    for file in (path for path in DEPLOY.rglob("*") if path.is_file()):
        yield from re.findall(r"\b(FASTKONTAKT_[A-Z_]+)\s*[=:]", file.read_text("utf-8"))


def test_every_variable_is_a_setting() -> None:
    known = {"FASTKONTAKT_" + key.replace(".", "__").upper() for key, _ in settings()} | {
        "FASTKONTAKT_CONFIG"
    }
    used = set(variables())
    assert "FASTKONTAKT_DATABASE__URL" in used
    assert used <= known


def run_by_units() -> Iterator[tuple[str, list[str]]]:
    for unit in UNITS:
        for line in re.findall(rf"^ExecStart={PROGRAM} (.+)$", unit.read_text("utf-8"), re.MULTILINE):
            yield unit.name, line.split()


def run_by_containers() -> Iterator[tuple[str, list[str]]]:
    for name, service in COMPOSE["services"].items():
        if str(service["image"]).startswith("fastkontakt:"):
            yield name, service.get("command", ["serve"])


@pytest.mark.parametrize(
    ("where", "words"), [pytest.param(*one, id=one[0]) for one in (*run_by_units(), *run_by_containers())]
)
def test_every_command_exists_with_its_options(where: str, words: list[str]) -> None:
    known = commands()
    name = next(name for name in known if words[: len(name.split())] == name.split())
    options = {option for one in known[name].params for option in one.opts}
    assert {word for word in words if word.startswith("--")} <= options, where


def test_every_unit_is_there() -> None:
    started = {words[0] for _, words in run_by_units()}
    assert started == {"serve", "outbox", "index", "watch", "backup"}


# systemd ---------------------------------------------------------------------------------------------


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with a program that is here."""
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text("utf-8").replace(PROGRAM, sys.executable)
        (tmp_path / unit.name.replace("@.", "@source.")).write_text(text)
    return tmp_path


def test_systemd_understands_them(units: Path) -> None:
    names = sorted(one.name for one in units.iterdir())
    told = ran(tool("systemd-analyze", "systemd"), "verify", *names, cwd=units)
    assert [line for line in told.splitlines() if any(name in line for name in names)] == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_they_may_do_no_more_than_they_need(unit: Path, units: Path) -> None:
    program = tool("systemd-analyze", "systemd")
    name = unit.name.replace("@.", "@source.")
    told = ran(program, "security", "--offline=yes", "--threshold=25", f"./{name}", cwd=units)
    (exposure,) = re.findall(r"Overall exposure level for \S+ ([\d.]+)", told)
    assert float(exposure) <= 2.0


# Containers ------------------------------------------------------------------------------------------


def test_the_container_runs_as_nobody_from_the_lock_files() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert "--require-hashes --no-build-isolation -r requirements.lock" in text
    left = (DEPLOY / "Containerfile.dockerignore").read_text("utf-8")
    rooms = {one.parent.name for one in ROOT.glob("*/__init__.py")} - {"tests"}
    assert rooms <= set(re.findall(r"^!(\w+)$", left, re.MULTILINE))
    assert "/health/ready" in text
    assert not re.search(r"^(?:FROM |ARG PYTHON=)\S+/", text, re.MULTILINE), "no registry is named"


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_nothing_is_written_but_where_it_must_be(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert not re.search(r":latest$|^[^:]+$", service["image"])
    if service["image"].startswith("fastkontakt:"):
        assert service["cap_drop"] == ["ALL"]
        assert not any(mount.startswith("./") and not mount.endswith(":ro") for mount in service["volumes"])


def test_what_is_mounted_and_waited_for_is_there() -> None:
    services: dict[str, Any] = COMPOSE["services"]
    for name, service in services.items():
        for mount in service.get("volumes", []):
            source = mount.partition(":")[0]
            if source.startswith("./"):
                first = Path(source).parts[0]
                assert first in PUT_THERE or (DEPLOY / source).exists(), f"{name}: {source}"
            else:
                assert source in COMPOSE["volumes"], f"{name}: {source}"
        assert set(service.get("depends_on", {})) <= set(services)
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        if "healthcheck" not in service and "build" in service:
            assert "HEALTHCHECK" in (DEPLOY / "Containerfile").read_text("utf-8")


def test_nothing_but_the_proxy_is_open_to_others() -> None:
    for name, service in COMPOSE["services"].items():
        for port in service.get("ports", []):
            assert name == "nginx" or port.startswith("127.0.0.1:"), f"{name}: {port}"


@pytest.mark.parametrize("script", sorted((DEPLOY / "postgresql").glob("*.sh")), ids=lambda path: path.name)
def test_the_scripts_can_be_read_by_their_shell(script: Path) -> None:
    ran(tool("bash", "bash"), "-n", str(script), cwd=DEPLOY)
    assert "set -euo pipefail" in script.read_text("utf-8")


# Prometheus and Grafana ------------------------------------------------------------------------------


def test_prometheus_understands_its_rules_and_each_alert_fires_when_it_should() -> None:
    program = tool("promtool", "prometheus")
    folder = DEPLOY / "prometheus"
    ran(program, "check", "config", "prometheus.yml", cwd=folder)
    told = ran(program, "check", "rules", "alerts.yml", cwd=folder)
    assert f"{len(alerts())} rules found" in told
    ran(program, "test", "rules", "alerts_test.yml", cwd=folder)


def alerts() -> dict[str, dict[str, Any]]:
    """Return every alert by its name."""
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def expressions() -> Iterator[tuple[str, str]]:
    """Yield what alerts and the board ask Prometheus for."""
    for name, rule in alerts().items():
        yield name, rule["expr"]
    for panel in json.loads((DEPLOY / "grafana" / "board.json").read_text("utf-8"))["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def test_every_metric_that_is_asked_for_exists_and_every_one_is_on_the_board() -> None:
    known = {*COUNTED, *READ, "fastkontakt_request_seconds_bucket"}
    board = ""
    for where, expression in expressions():
        asked = set(re.findall(r"\bfastkontakt_[a-z_]+", expression))
        assert asked <= known, where
        if where not in alerts():
            board += expression
    assert [name for name in (*COUNTED, *READ) if name not in board] == []


def test_every_event_that_an_alert_is_about_exists() -> None:
    asked = {event for _, expression in expressions() for event in re.findall(r'event="(\w+)"', expression)}
    assert asked
    assert asked <= log_events()


def test_every_alert_is_tried_and_says_how_urgent_it_is() -> None:
    tried = (DEPLOY / "prometheus" / "alerts_test.yml").read_text("utf-8")
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert f"alertname: {name}\n" in tried, f"{name} has no case in alerts_test.yml"


def test_prometheus_asks_the_producers_where_they_answer() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    (targets,) = [one["static_configs"][0]["targets"] for one in config["scrape_configs"]]
    port = tomllib.loads((DEPLOY / "fastkontakt.toml").read_text("utf-8"))["monitoring"]["port"]
    producers = [name for name in COMPOSE["services"] if name.startswith("producer-")]
    assert targets == [f"{name}:{port}" for name in producers]
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    assert f"FASTKONTAKT_MONITORING__PORT={port}" in text
    assert f"http://127.0.0.1:{port}/health/ready" in text
    assert "monitoring" in Settings.model_fields


def test_the_board_is_provisioned_where_it_is_mounted() -> None:
    folder = DEPLOY / "grafana" / "provisioning"
    provider = yaml.safe_load((folder / "dashboards" / "fastkontakt.yaml").read_text("utf-8"))["providers"][0]
    source = yaml.safe_load((folder / "datasources" / "prometheus.yaml").read_text("utf-8"))["datasources"][0]
    mounts = COMPOSE["services"]["grafana"]["volumes"]
    assert f"./grafana/board.json:{provider['options']['path']}/board.json:ro" in mounts
    board = json.loads((DEPLOY / "grafana" / "board.json").read_text("utf-8"))
    assert {one["datasource"]["uid"] for one in board["panels"] if one["type"] != "row"} == {source["uid"]}
