"""What the log shows, and what it leaves out."""

import json
import logging

import pytest
import structlog

from fastkontakt.logs import configure
from fastkontakt.settings import LogSettings
from tests.messages import CITIZEN


def test_an_event_is_one_line_of_keys_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings())
    structlog.get_logger("x").info("request_answered", log_id="1", consumer=None, contract="GetListing")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("level=info event=request_answered log_id=1 contract=GetListing")
    assert line.startswith("timestamp=")


def test_json_is_to_be_had(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json"))
    structlog.get_logger("x").warning("register_failed", log_id="å")
    event = json.loads(capsys.readouterr().err)
    assert (event["event"], event["level"], event["log_id"]) == ("register_failed", "warning", "å")


def test_the_level_decides_what_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(level="error"))
    structlog.get_logger("x").warning("register_failed")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("style", ["keyvalue", "json"])
def test_an_exception_a_library_logs_is_named_and_not_quoted(
    capsys: pytest.CaptureFixture[str], style: str
) -> None:
    configure(LogSettings.model_validate({"format": style}))
    try:
        raise ValueError(CITIZEN)
    except ValueError:
        logging.getLogger("gunicorn.error").exception("it broke")
        structlog.get_logger("x").exception("request_failed")
    logged = capsys.readouterr().err
    assert logged.count("ValueError") == 2
    assert CITIZEN not in logged
    assert "Traceback" not in logged
